"""
A guarded car, opened up: what it makes of a word, and all that it holds before and after.

The guard is made as the arms make it; the trip says what is different.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from typing import Any, Final, NamedTuple

from guiderail.maps.network import LinkId
from guiderail.sim.contract.errors import KernelError
from guiderail.sim.contract.messages import Perception
from guiderail.sim.driver.guard.assessment import Assessment, CandidateRoute, GuardContext
from guiderail.sim.driver.guard.budget import Budget, BudgetAccount
from guiderail.sim.driver.guard.guard import Guard
from guiderail.sim.driver.guard.resolve import Meaning
from guiderail.sim.driver.guard.rules import RULES
from guiderail.sim.driver.guarded import Guarded
from guiderail.sim.driver.motion.style import DrivingStyle
from guiderail.sim.driver.pilot import Pilot
from guiderail.sim.proof.tables.benches import bench

Said = Any
"""A proposal, or anything else that could be said."""


class Trip(NamedTuple):
    """Where a car goes, and what it grants its guide."""

    bench: str
    origin: LinkId
    goal: LinkId
    origin_mm: int = 0
    goal_name: str = "the goal"
    budget: tuple[tuple[str, int], ...] = ()
    """Fields of a budget that are not the default's."""
    passenger: str = "trusting"
    """``trusting``, ``wary`` (says no) or ``torn`` (no, then yes, and so on)."""
    trusts_rules: bool = False
    """Whether the guard is made without the controller's word."""
    lacks: tuple[str, ...] = ()
    """Rules that this guard does not have."""
    missed_for: LinkId | None = None
    """Link that the car has to take at the end of the first one, instead of the planned."""


class Story(NamedTuple):
    """A trip, and what the car hears where."""

    trip: Trip
    steps: tuple[tuple[Said, Perception], ...]


class Car:
    """The guarded car of a trip, opened up."""

    def __init__(self, trip: Trip) -> None:
        """Make it as the arms do."""
        network, routes, gazetteer = bench(trip.bench)
        self.pilot = Pilot(
            network,
            routes,
            origin=(trip.origin, trip.origin_mm),
            goal=(trip.goal, network.link(trip.goal).length_mm // 2),
            goal_name=trip.goal_name,
            style=DrivingStyle(),
            friction_permille=800,
        )
        missed = None if trip.missed_for is None else network.turn(trip.origin, trip.missed_for)
        if missed is not None:
            self.pilot.planner.miss(missed, 0)
        rules = [rule for rule in RULES if rule.__name__ not in trip.lacks]
        asks: Any = {} if trip.trusts_rules else {"can_drive": self.pilot.can_drive}
        self.context = GuardContext(gazetteer=gazetteer, can_drive=self.pilot.can_drive)
        self.guard = Guard(gazetteer, rules, **asks)
        self.account = BudgetAccount(Budget(**dict(trip.budget)))
        self.asked = 0
        heard = () if trip.passenger == "trusting" else (self._answers(trip.passenger),)
        self.driver = Guarded("guarded", self.pilot, self.guard, self.account, *heard)

    def _answers(self, passenger: str) -> Callable[[object], bool]:
        def answer(_: object) -> bool:
            self.asked += 1
            return passenger == "torn" and self.asked % 2 == 0

        return answer

    def tell(self, said: Said, seen: Perception) -> Iterator[object]:
        """Everything before, at and after a word."""
        asked = self.assessment(said, seen)
        yield objections(asked)
        yield from _worked_out(asked)
        planner, account = self.pilot.planner, self.account
        verdict = self.driver.hear(said, seen)
        yield verdict.decision, verdict.reason, verdict.changes_route, verdict.extra_ms
        yield verdict.proposal is said, verdict.counter, self.asked
        yield planner.route, self.driver.news()
        yield planner.holds_wishes, sorted(planner.avoided), planner.remaining_ms()
        yield [planner.is_from_guide(step) for step in pairwise(planner.route)]
        yield (
            account.changes,
            account.extra_ms,
            account.last_ms,
            account.confirmed,
            account.confirmed_ms,
        )

    def assessment(self, said: Said, seen: Perception) -> Any:
        """The assessment as it is before the word is heard, or why there is none."""
        args = said, seen, self.pilot.planner, self.account, self.context
        return tried(partial(Assessment, *args))


def objections(asked: Any) -> list[object]:
    """What each rule says by itself."""
    return [tried(partial(rule, asked)) for rule in RULES]


def _worked_out(asked: Any) -> Iterator[object]:
    for name in ("resolved", "meaning", "entered", "changes_wishes", "changes_anything"):
        yield told(tried(partial(getattr, asked, name)))
    yield tried(partial(getattr, asked, "extra_ms"))
    candidate = tried(partial(getattr, asked, "candidate"))
    if isinstance(candidate, CandidateRoute):
        yield [tried(partial(getattr, candidate, name)) for name in _OF_CANDIDATE]
    elif not isinstance(asked, Assessment):
        yield asked


_OF_CANDIDATE: Final = (
    *("route", "is_new", "branch", "room_mm", "lanes_mm", "is_makeable"),
    *("is_in_time", "is_in_lane", "is_free_behind", "is_drivable"),
)


def tried(what: Callable[[], Any]) -> Any:
    """Result, or the error that it ends in."""
    try:
        return what()
    except KernelError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001  which one is told, where one is
        return type(error).__name__


def told(value: object) -> object:
    """The same text whatever order a set is in."""
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Meaning):
        return value.ask, value.turn, sorted(value.links), value.offset_mm, sorted(value.entered)
    return value
