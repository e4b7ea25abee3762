"""The arms of the experiment: who drives, by name."""

from collections import deque
from typing import Final

from guiderail.maps.gazetteer import Gazetteer
from guiderail.maps.network import RoadNetwork
from guiderail.maps.routing import RouteOracle
from guiderail.sim.contract.draw import Stream, below, draw
from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.contract.ports import Driver
from guiderail.sim.contract.trip import Trip
from guiderail.sim.driver.baselines import ObeyingHuman, ObeyingMachine
from guiderail.sim.driver.budget import Budget, Purse
from guiderail.sim.driver.controller import Manner
from guiderail.sim.driver.guard import Guard
from guiderail.sim.driver.guarded import Guarded
from guiderail.sim.driver.pilot import Pilot

ARMS: Final = ("no_guide", "guarded", "obeying_machine", "obeying_human")
"""Who may drive. ``no_guide`` is the guarded driver; the lab gives it a silent guide."""
_CAREFUL: Final = Manner()
_OBEDIENT: Final = Manner(obeys=True)
_PERSON: Final = Manner(headway_ms=1_500, obeys=True, gap_before_ms=2_400, gap_after_ms=2_200)


def make_driver(
    arm: str, network: RoadNetwork, routes: RouteOracle, trip: Trip, budget: Budget
) -> Driver:
    """
    Make the driver of one trip.

    It is told where the trip starts and ends, and nothing of what is true of the world: closures,
    lights and traffic reach it by perception alone.
    """
    gazetteer = _gazetteer(network)
    if arm in ("no_guide", "guarded"):
        pilot = _pilot(network, routes, trip, _CAREFUL)
        return Guarded(arm, pilot, Guard(gazetteer, can_drive=pilot.can_drive), Purse(budget))
    if arm == "obeying_machine":
        return ObeyingMachine(arm, _pilot(network, routes, trip, _OBEDIENT), gazetteer)
    if arm == "obeying_human":
        pilot = _pilot(network, routes, trip, _PERSON, _taste_percent(trip))
        return ObeyingHuman(arm, pilot, gazetteer, trip.seed)
    raise ScenarioError(f"no arm named {arm!r}; there are: {', '.join(ARMS)}")


def _gazetteer(network: RoadNetwork) -> Gazetteer:
    """Gazetteer of a map; made once, since thousands of trips share the map."""
    for known, gazetteer in _GAZETTEERS:
        if known is network:
            return gazetteer
    gazetteer = Gazetteer(network)
    _GAZETTEERS.append((network, gazetteer))
    return gazetteer


_GAZETTEERS: Final[deque[tuple[RoadNetwork, Gazetteer]]] = deque(maxlen=4)


def _taste_percent(trip: Trip) -> int:
    """Speed in curves [%] of this person: lateral acceleration 1.7 .. 3.3 m/s^2, mean 2.5."""
    first = below(draw(trip.seed, Stream.HUMAN_STYLE, 0, 0), 19)
    return 93 + first + below(draw(trip.seed, Stream.HUMAN_STYLE, 0, 1), 19)


def _pilot(
    network: RoadNetwork,
    routes: RouteOracle,
    trip: Trip,
    manner: Manner,
    lateral_percent: int = 100,
) -> Pilot:
    return Pilot(
        network,
        routes,
        origin=(trip.origin, trip.origin_mm),
        goal=(trip.goal, trip.goal_mm),
        goal_name=trip.goal_name,
        manner=manner,
        friction_permille=trip.conditions.friction_permille,
        sight_mm=trip.conditions.sight_mm,
        lateral_percent=lateral_percent,
    )
