"""
The arms of the experiment: who drives, by name.

An arm is a name, what it is like, and a function that makes its driver. Another package adds one
with an entry point in the group ``guiderail.arms``, a script with :func:`register`; everything that
asks for an arm by name finds it then.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import entry_points
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

GROUP: Final = "guiderail.arms"
"""Entry-point group of the arms of other packages: each names an :class:`Arm`."""
_CAREFUL: Final = DrivingStyle()
_OBEDIENT: Final = DrivingStyle(obeys=True)


@dataclass(frozen=True, slots=True)
class Seat:
    """
    What a driver is made of.

    It is told where the trip starts and ends, and nothing of what is true of the world: closures,
    lights and traffic reach it by perception alone.
    """

    name: str
    """Name of the arm."""
    network: RoadNetwork
    """The driver's map."""
    routes: RouteOracle
    trip: Trip
    budget: Budget
    """What a guide is granted."""
    person: Person
    """What people at the wheel are like."""

    @property
    def gazetteer(self) -> Gazetteer:
        """Names of the driver's map."""
        return gazetteer_of(self.network)

    def pilot(self, style: DrivingStyle, lateral_percent: int = 100) -> Pilot:
        """Make the pilot that drives this trip in a style."""
        trip = self.trip
        return Pilot(
            self.network,
            self.routes,
            origin=(trip.origin, trip.origin_mm),
            goal=(trip.goal, trip.goal_mm),
            goal_name=trip.goal_name,
            style=style,
            friction_permille=trip.assumed_friction_permille,
            lateral_percent=lateral_percent,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """Who drives in one arm of the experiment."""

    name: str
    make: Callable[[Seat], Driver]
    """Makes the driver of one trip."""
    is_person: bool = False
    """Whether a person is at the wheel, and no sensor or map of a machine is at fault."""
    has_guard: bool = False
    """Whether proposals pass through the guard before anything is done about them."""
    hears_guide: bool = True
    """Whether a guide speaks at all; the lab gives the others a silent one."""
    by_default: bool = True
    """Whether it drives where a scenario names no arms."""


def _guarded(seat: Seat) -> Driver:
    pilot = seat.pilot(_CAREFUL)
    guard = Guard(seat.gazetteer, can_drive=pilot.can_drive)
    return Guarded(seat.name, pilot, guard, BudgetAccount(seat.budget))


def _machine(seat: Seat) -> Driver:
    return ObeyingMachine(seat.name, seat.pilot(_OBEDIENT), seat.gazetteer)


def _person(seat: Seat, kind: type[ObeyingHuman]) -> Driver:
    traits = Traits(seat.person, seat.trip.seed)
    style = DrivingStyle(
        headway_ms=traits.headway_ms(),
        obeys=True,
        keeps_rss=False,
        critical_gap_ms=traits.critical_gap_ms,
        change_ms=traits.change_ms,
    )
    # Speed in a curve goes with the root of the lateral acceleration.
    percent = isqrt(10_000 * traits.lateral_mm_s2() // COMFORT_LATERAL_MM_S2)
    return kind(seat.name, seat.pilot(style, percent), seat.gazetteer, traits, seat.trip.seed)


_BUILT_IN: Final = (
    Arm(name="no_guide", make=_guarded, has_guard=True, hears_guide=False),
    Arm(name="guarded", make=_guarded, has_guard=True),
    Arm(name="obeying_machine", make=_machine),
    Arm(name="obeying_human", make=lambda seat: _person(seat, ObeyingHuman), is_person=True),
    Arm(
        name="judging_human",
        make=lambda seat: _person(seat, JudgingHuman),
        is_person=True,
        by_default=False,
    ),
)
DEFAULT_ARMS: Final = tuple(arm.name for arm in _BUILT_IN if arm.by_default)
"""What drives where a scenario names no arms."""
_REGISTERED: Final[dict[str, Arm]] = {}


def arms() -> dict[str, Arm]:
    """Every arm there is, by name: the built-in ones, then those of others."""
    return {**{arm.name: arm for arm in _BUILT_IN}, **_installed(), **_REGISTERED}


def register(arm: Arm) -> None:
    """
    Add an arm to this process; an entry point adds one to every process, workers included.

    Raises
    ------
    ScenarioError
        When there is an arm of that name.
    """
    if arm.name in arms():
        raise ScenarioError(f"there is an arm named {arm.name!r} already: give it another name")
    _REGISTERED[arm.name] = arm


def find_arm(name: str) -> Arm:
    """
    One arm by its name.

    Raises
    ------
    ScenarioError
        When there is none; the message lists those there are.
    """
    known = arms()
    if name not in known:
        raise ScenarioError(f"no arm named {name!r}; there are: {', '.join(known)}")
    return known[name]


def make_driver(
    arm: str,
    network: RoadNetwork,
    routes: RouteOracle,
    trip: Trip,
    budget: Budget,
    person: Person = PEOPLE["ordinary"],
) -> Driver:
    """Make the driver of one trip: an arm, by name, in its :class:`Seat`."""
    return find_arm(arm).make(Seat(arm, network, routes, trip, budget, person))


@lru_cache(maxsize=4)
def gazetteer_of(network: RoadNetwork) -> Gazetteer:
    """Gazetteer of a map; made once, since thousands of trips share the map."""
    return Gazetteer(network)


@cache
def _installed() -> dict[str, Arm]:
    found: list[Arm] = [entry.load() for entry in entry_points(group=GROUP)]
    return {arm.name: arm for arm in found}
