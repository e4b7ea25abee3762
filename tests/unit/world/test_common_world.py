"""All arms meet the same world, on every machine."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from guiderail.maps.network import RoadNetwork
from guiderail.maps.routing import RouteOracle
from guiderail.maps.synthetic.networks import town
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.messages import Advice, Ask, Observation, Proposal
from guiderail.sim.contract.trace import Heard, Trace
from guiderail.sim.contract.trip import Trip
from guiderail.sim.driver.arms import make_driver
from guiderail.sim.driver.guard.budget import Budget
from guiderail.sim.world.clock import simulate
from guiderail.sim.world.world import World

TOWN = town(size=5)
ROUTES = RouteOracle(TOWN)
WORLD = [link.id for link in TOWN.all_links if link.in_world]
Place = Callable[..., World]

DIGESTS = """
from guiderail.maps.synthetic.networks import town
from guiderail.maps.routing import RouteOracle
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.trip import Trip
from guiderail.sim.driver.arms import make_driver
from guiderail.sim.driver.guard.budget import Budget
from guiderail.sim.world.clock import simulate

class Silent:
    name = "silent"
    def advise(self, seen):
        return None

network = town(size=5)
routes = RouteOracle(network)
world = [link.id for link in network.all_links if link.in_world]
for i in (3, 30):
    trip = Trip(seed=TripSeed(i, 8), origin=world[i], origin_mm=0, goal=world[-i], goal_mm=9_000,
                goal_name="goal", closed=frozenset(world[50:52]))
    driver = make_driver("guarded", network, routes, trip, Budget())
    print(simulate(network, trip, driver, Silent()).digest())
"""


class Silent:
    """Say nothing."""

    name = "silent"

    def advise(self, seen: Observation) -> None:
        """Stay silent."""


class Nonsense:
    """Ask at each occasion for a place that does not exist."""

    name = "nonsense"

    def advise(self, seen: Observation) -> Advice:
        """Ask for it."""
        wish = Proposal(ask=Ask.VIA, seen_ms=seen.time_ms, place="Atlantis Harbor Gate")
        return Advice(words="via Atlantis", proposal=wish, latency_ms=1_700)


def _trip(i: int) -> Trip:
    return Trip(
        seed=TripSeed(i, 8),
        origin=WORLD[i * 7],
        origin_mm=0,
        goal=WORLD[-1 - i * 11],
        goal_mm=9_000,
        goal_name="goal",
    )


def _drive(arm: str, i: int, guide: Silent | Nonsense) -> Trace:
    trip = _trip(i)
    return simulate(TOWN, trip, make_driver(arm, TOWN, ROUTES, trip, Budget()), guide)


@pytest.mark.parametrize("i", range(6))
def test_refused_nonsense_moves_the_car_as_silence_does(i: int) -> None:
    silent, refused = _drive("guarded", i, Silent()), _drive("guarded", i, Nonsense())
    assert any(isinstance(event, Heard) for event in refused.events)
    assert refused.motion.tobytes() == silent.motion.tobytes()


@pytest.mark.parametrize("i", range(6))
def test_arms_that_behave_alike_meet_the_same_neighbors(i: int) -> None:
    # Nobody speaks: then the guarded car, the one without a guide and the obedient one are one.
    traces = [_drive(arm, i, Silent()) for arm in ("no_guide", "guarded")]
    assert traces[0].motion.tobytes() == traces[1].motion.tobytes()


def test_who_comes_by_another_way_meets_the_same_vehicles(place: Place, road: RoadNetwork) -> None:
    knobs = {"flow_per_hour": 900}
    fresh = place(road, s_mm=500_000, conditions=knobs)
    wandering = place(road, s_mm=500_000, conditions=knobs)
    for s_mm in (10_000, 900_000, 300_000):
        wandering.traffic.beside(wandering.ego.link.id, 2, s_mm, 70_000)
    seen = [w.traffic.beside(w.ego.link.id, 1, 600_000, 45_000) for w in (fresh, wandering)]
    known = [(lead.key, lead.gap_mm, lag.key, lag.gap_mm) for lead, lag in seen if lead and lag]
    assert len(known) == 2
    assert known[0] == known[1]


def test_another_seed_is_another_world() -> None:
    trip = _trip(1)
    other = {name: getattr(trip, name) for name in trip.__dataclass_fields__}
    driver = make_driver("no_guide", TOWN, ROUTES, trip, Budget())
    moved = simulate(TOWN, Trip(**other | {"seed": TripSeed(99, 8)}), driver, Silent())
    assert moved.motion.tobytes() != _drive("no_guide", 1, Silent()).motion.tobytes()


def test_the_order_of_hashes_has_no_say() -> None:
    digests = set()
    for hash_seed in ("1", "2718"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        ran = subprocess.run(
            [sys.executable, "-c", DIGESTS],
            capture_output=True,
            check=True,
            env=environment,
            text=True,
        )
        digests.add(ran.stdout)
    assert len(digests) == 1
    assert len(next(iter(digests)).split()) == 2
