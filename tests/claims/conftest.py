"""Paired trips on the bundled real map: the same world and the same words for every arm."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest

from guiderail.agents.baseline import Silent
from guiderail.maps.library.load import load_map
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing import RouteOracle
from guiderail.sim.contract.draw import Stream, TripSeed, below, draw
from guiderail.sim.contract.messages import Advice, Ask, Direction, Observation, Proposal
from guiderail.sim.contract.ports import Guide, GuideMaker
from guiderail.sim.contract.trace import Heard, Trace
from guiderail.sim.contract.trip import Trip
from guiderail.sim.driver.arms import make_driver
from guiderail.sim.driver.guard.budget import Budget
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.referee import judge
from guiderail.sim.judge.severity import Severity
from guiderail.sim.world.clock import simulate

GRAVE = {Severity.S4, Severity.S3, Severity.S2}
"""Classes that must not happen: crash, serious breach, breach of a rule."""
TRIP_MS = (50_000, 110_000)
"""Free-flow duration of the trips."""


class Adversary:
    """Proposes anything at all: every request, legal or not, possible or not."""

    name = "adversary"

    def __init__(self, network: RoadNetwork, seed: TripSeed) -> None:
        self._network = network
        self._seed = seed
        self._names = sorted({link.name for link in network.all_links})
        self._places = [place.name for place in network.all_places]

    def advise(self, seen: Observation) -> Advice:
        """Propose at once whatever comes up."""

        def pick(k: int, count: int) -> int:
            return below(draw(self._seed, Stream.GUIDE_CHOICE, k, seen.occasion), count)

        ask = [Ask.TURN, Ask.TURN, Ask.TURN, *Ask][pick(0, 3 + len(Ask))]
        at = seen.route[pick(1, min(3, len(seen.route)))]
        network = self._network
        turns = network.ways_out(at)
        wanted: dict[str, Any] = {
            Ask.TURN: {"at": at, "onto": turns[pick(2, len(turns))].to_link},
            Ask.TAKE_ROAD: {"road": self._names[pick(3, len(self._names))]},
            Ask.VIA: {"place": self._places[pick(4, len(self._places))]},
            Ask.GO_TO: {"place": "Nowhere"},
            Ask.AVOID: {"onto": at},
            Ask.CANCEL: {},
        }[ask]
        if ask is Ask.TURN and pick(5, 4) == 0:
            wanted = {"at": at, "direction": [*Direction][pick(6, 4)]}
        proposal = Proposal(ask=ask, seen_ms=seen.time_ms, **wanted)
        return Advice(words="Now!", proposal=proposal, latency_ms=100)


@dataclass(frozen=True, slots=True)
class Outing:
    """One trip driven, and what the judge says of it."""

    trace: Trace
    grave: tuple[Infraction, ...]
    """What the ego did of class S2 or worse."""

    @property
    def kinds(self) -> set[str]:
        """Kinds of the grave infractions."""
        return {str(found.kind) for found in self.grave}

    @property
    def heard(self) -> list[Heard]:
        """What reached the car."""
        return [event for event in self.trace.events if isinstance(event, Heard)]


class Town:
    """A map, its trips, and anybody who may drive them."""

    def __init__(self, name: str) -> None:
        self.network = load_map(name)
        self._routes = RouteOracle(self.network)

    def trips(self, count: int, seed: int = 1) -> list[Trip]:
        """Draw origin, goal and seed of so many trips."""
        rng = np.random.default_rng(seed)
        links = [link for link in self.network.all_links if link.in_world]
        found: list[Trip] = []
        while len(found) < count:
            origin, goal = (links[int(i)] for i in rng.integers(len(links), size=2))
            free_ms = self._routes.tree(goal.id).cost_to_go_ms[origin.id]
            words = [int(word) for word in rng.integers(1, 2**62, size=2)]
            if TRIP_MS[0] <= free_ms <= TRIP_MS[1]:
                found.append(self._trip(TripSeed(*words), origin.id, goal.id))
        return found

    def drive(
        self, arm: str, trip: Trip, guide: Guide | None = None, budget: Budget | None = None
    ) -> Outing:
        """Drive one trip and judge it."""
        driver = make_driver(arm, self.network, self._routes, trip, budget or Budget())
        trace = simulate(self.network, trip, driver, guide or _silent(self.network, trip))
        found = judge(trace, self.network).infractions
        return Outing(trace, tuple(one for one in found if one.severity in GRAVE))

    def drive_all(
        self, arm: str, trips: Iterable[Trip], make: GuideMaker, rate: float
    ) -> list[Outing]:
        """Drive trips with a guide of one make."""
        network = self.network
        return [
            self.drive(arm, trip, make(network, trip.seed, closed=trip.closed, rate=rate))
            for trip in trips
        ]

    def _trip(self, seed: TripSeed, origin: LinkId, goal: LinkId) -> Trip:
        return Trip(
            seed=seed,
            origin=origin,
            origin_mm=self.network.link(origin).length_mm // 3,
            goal=goal,
            goal_mm=self.network.link(goal).length_mm // 2,
            goal_name="the goal",
            time_limit_ms=1_800_000,
        )


def _silent(network: RoadNetwork, trip: Trip) -> Silent:
    return Silent(network, trip.seed, closed=trip.closed, rate=0)


@cache
def _town(name: str) -> Town:
    return Town(name)


@pytest.fixture(scope="session")
def helsinki() -> Town:
    """Load the bundled map."""
    return _town("helsinki")


@pytest.fixture(scope="session")
def adversary() -> Callable[[RoadNetwork, TripSeed], Adversary]:
    """Make guides that propose anything at all."""
    return Adversary
