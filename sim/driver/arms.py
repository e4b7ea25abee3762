"""The arms of the experiment: who drives, by name."""

from collections import deque
from math import isqrt
from typing import Final

from guiderail.maps.gazetteer import Gazetteer
from guiderail.maps.network import RoadNetwork
from guiderail.maps.routing import RouteOracle
from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.contract.ports import Driver
from guiderail.sim.contract.trip import Trip
from guiderail.sim.driver.guard.budget import Budget, BudgetAccount
from guiderail.sim.driver.guard.guard import Guard
from guiderail.sim.driver.guarded import Guarded
from guiderail.sim.driver.humans import JudgingHuman, ObeyingHuman
from guiderail.sim.driver.motion.envelope import COMFORT_LATERAL_MM_S2
from guiderail.sim.driver.motion.style import DrivingStyle
from guiderail.sim.driver.obeying import ObeyingMachine
from guiderail.sim.driver.people import PEOPLE, Person, Traits
from guiderail.sim.driver.pilot import Pilot

ARMS: Final = ("no_guide", "guarded", "obeying_machine", "obeying_human", "judging_human")
"""Who may drive. ``no_guide`` is the guarded driver; the lab gives it a silent guide."""
HUMANS: Final = {"obeying_human": ObeyingHuman, "judging_human": JudgingHuman}
"""Arms with a person at the wheel."""
_CAREFUL: Final = DrivingStyle()
_OBEDIENT: Final = DrivingStyle(obeys=True)


def make_driver(
    arm: str,
    network: RoadNetwork,
    routes: RouteOracle,
    trip: Trip,
    budget: Budget,
    person: Person = PEOPLE["ordinary"],
) -> Driver:
    """
    Make the driver of one trip.

    It is told where the trip starts and ends, and nothing of what is true of the world: closures,
    lights and traffic reach it by perception alone.
    """
    gazetteer = gazetteer_of(network)
    if arm in ("no_guide", "guarded"):
        pilot = _pilot(network, routes, trip, _CAREFUL)
        return Guarded(
            arm, pilot, Guard(gazetteer, can_drive=pilot.can_drive), BudgetAccount(budget)
        )
    if arm == "obeying_machine":
        return ObeyingMachine(arm, _pilot(network, routes, trip, _OBEDIENT), gazetteer)
    if arm in HUMANS:
        traits = Traits(person, trip.seed)
        style = DrivingStyle(
            headway_ms=traits.headway_ms(),
            obeys=True,
            keeps_rss=False,
            critical_gap_ms=traits.critical_gap_ms,
            change_ms=traits.change_ms,
        )
        # Speed in a curve goes with the root of the lateral acceleration.
        percent = isqrt(10_000 * traits.lateral_mm_s2() // COMFORT_LATERAL_MM_S2)
        pilot = _pilot(network, routes, trip, style, percent)
        return HUMANS[arm](arm, pilot, gazetteer, traits, trip.seed)
    raise ScenarioError(f"no arm named {arm!r}; there are: {', '.join(ARMS)}")


def gazetteer_of(network: RoadNetwork) -> Gazetteer:
    """Gazetteer of a map; made once, since thousands of trips share the map."""
    for known, gazetteer in _GAZETTEERS:
        if known is network:
            return gazetteer
    gazetteer = Gazetteer(network)
    _GAZETTEERS.append((network, gazetteer))
    return gazetteer


_GAZETTEERS: Final[deque[tuple[RoadNetwork, Gazetteer]]] = deque(maxlen=4)


def _pilot(
    network: RoadNetwork,
    routes: RouteOracle,
    trip: Trip,
    style: DrivingStyle,
    lateral_percent: int = 100,
) -> Pilot:
    return Pilot(
        network,
        routes,
        origin=(trip.origin, trip.origin_mm),
        goal=(trip.goal, trip.goal_mm),
        goal_name=trip.goal_name,
        style=style,
        friction_permille=trip.assumed_friction_permille,
        lateral_percent=lateral_percent,
    )
