"""
What a late word does: one turn, asked for so many seconds before the junction.

World, drivers and judge are those of every other run. Each trip is driven once without the word:
that gives the moment of the junction, from which the lead time is counted back, and whatever the
judge finds there is not the word's doing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing import RouteOracle
from guiderail.maps.synthetic.networks import arm_link
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.contract.messages import Advice, Ask, Observation, Proposal
from guiderail.sim.contract.ports import Guide
from guiderail.sim.contract.trace import Passing, Trace
from guiderail.sim.contract.trip import Trip
from guiderail.sim.driver.arms import find_arm, make_driver
from guiderail.sim.driver.guard.budget import Budget
from guiderail.sim.driver.people import PEOPLE, Person
from guiderail.sim.judge.articles.hard_brake import HARD_BRAKE
from guiderail.sim.judge.articles.run_off import RUN_OFF
from guiderail.sim.judge.articles.turn_over_speed import TURN_OVER_SPEED
from guiderail.sim.judge.attribution import guide_induced
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.referee import judge
from guiderail.sim.judge.severity import Severity
from guiderail.sim.lab.studies.late.cases import CASES
from guiderail.sim.world.clock import simulate

APPROACH_MM: Final = 330_000
"""Road before the junction: enough to reach 70 km/h before the guide is asked."""
AFTER_MS: Final = 36_000
"""Time that is left when a car at the limit would be through with the approach."""
EXCESS: Final = (TURN_OVER_SPEED.kind, RUN_OFF.kind)
GRADES: Final = (Severity.S4, Severity.S3, Severity.S2)
"""Serious ones, the gravest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What came of one lead time in one arm; counts of runs."""

    case: str
    arm: str
    lead_s: float
    runs: int
    tried: int
    """Turned, or left the road while turning."""
    s2: int
    """Did something serious: S2 or graver."""
    s3: int
    """S3 or graver."""
    s4: int
    hard: int
    """Braked harder than 3 m/s^2 for 0.2 s."""
    hard_tried: int
    """Of those, the ones that turned."""
    excess: int
    """Turned with more than 4.89 m/s^2 to the side, or left the road."""
    slipped: int
    """Left the road."""
    serious: dict[str, int]
    """Runs with each serious kind, the most frequent first."""


class _Came(NamedTuple):
    """What came of one run."""

    tried: bool
    found: tuple[Infraction, ...]
    """What the word led to."""

    @property
    def kinds(self) -> set[str]:
        return {one.kind for one in self.found}

    @property
    def serious(self) -> set[str]:
        return {one.kind for one in self.found if one.severity in GRADES}

    def reaches(self, grade: Severity) -> bool:
        """Whether anything was as grave as this, or graver."""
        grave = GRADES[: GRADES.index(grade) + 1]
        return any(one.severity in grave for one in self.found)


class _Twin(NamedTuple):
    """The trip in which nobody speaks."""

    occasions_ms: tuple[int, ...]
    """When the guide was asked on the approach."""
    junction_ms: int
    """When the car passed the junction; the end of the trip if it never did."""
    found: tuple[Infraction, ...]


class _Listener:
    """Says nothing and takes note of when it could have."""

    name = "silent"

    def __init__(self, at: LinkId) -> None:
        self._at = at
        self.occasions_ms: list[int] = []

    def advise(self, seen: Observation) -> None:
        """Take note."""
        if seen.link == self._at:
            self.occasions_ms.append(seen.time_ms)


class _Late:
    """Asks once for the turn, at the last occasion before its words are due."""

    name = "late"

    def __init__(self, at: LinkId, onto: LinkId, due_ms: int, asked_ms: int) -> None:
        self._at, self._onto, self._due_ms, self._asked_ms = at, onto, due_ms, asked_ms

    def advise(self, seen: Observation) -> Advice | None:
        """Speak so that the last word falls when it is due."""
        if seen.link != self._at or seen.time_ms != self._asked_ms:
            return None
        proposal = Proposal(ask=Ask.TURN, seen_ms=seen.time_ms, at=self._at, onto=self._onto)
        latency_ms = max(0, self._due_ms - seen.time_ms)
        return Advice(words="Turn here.", proposal=proposal, latency_ms=latency_ms)


class LateTurn:
    """
    One case at one speed and friction.

    Parameters
    ----------
    case
        Name of one of :data:`guiderail.sim.lab.studies.late.cases.CASES`.
    speed_kmh
        Limit and speed [km/h].
    friction
        Friction coefficient; None for that of the case.
    person
        Who is at the wheel in the arms with people.

    Raises
    ------
    ScenarioError
        When there is no such case.
    """

    def __init__(
        self,
        case: str = "in_lane",
        *,
        speed_kmh: int = 50,
        friction: float | None = None,
        person: Person = PEOPLE["ordinary"],
    ) -> None:
        if case not in CASES:
            raise ScenarioError(f"no case named {case!r}; there are: {', '.join(CASES)}")
        self.name, self.case = case, CASES[case]
        self._speed_kmh = speed_kmh
        self._conditions = self.case.conditions(friction)
        self._person = person
        self._twins: dict[tuple[str, int], _Twin] = {}

    @cached_property
    def network(self) -> RoadNetwork:
        """Map of the case at this speed."""
        return self.case.network(self._speed_kmh)

    @cached_property
    def _routes(self) -> RouteOracle:
        return RouteOracle(self.network)

    @cached_property
    def _start(self) -> LinkId:
        return arm_link(self.network, "west", inward=True)

    @cached_property
    def _asked(self) -> LinkId:
        return self.case.asked(self.network)

    def cell(self, arm: str, lead_s: float, runs: int) -> Cell:
        """
        Run one arm with one lead time, so many people or seeds.

        A machine alone on the road does the same whatever the seed: it runs once.
        """
        if not find_arm(arm).is_person and not self._conditions.flow_per_hour:
            runs = 1
        came = [self._came(arm, lead_s, k) for k in range(runs)]
        hard = [HARD_BRAKE.kind in one.kinds for one in came]
        s4, s3, s2 = (sum(one.reaches(grade) for one in came) for grade in GRADES)
        return Cell(
            case=self.name,
            arm=arm,
            lead_s=lead_s,
            runs=runs,
            tried=sum(one.tried for one in came),
            s2=s2,
            s3=s3,
            s4=s4,
            hard=sum(hard),
            hard_tried=sum(one.tried and braked for one, braked in zip(came, hard, strict=True)),
            excess=sum(one.tried and not one.kinds.isdisjoint(EXCESS) for one in came),
            slipped=sum(RUN_OFF.kind in one.kinds for one in came),
            serious=_counted(came),
        )

    def _came(self, arm: str, lead_s: float, k: int) -> _Came:
        trace = self.trace(arm, lead_s, k)
        found = judge(trace, self.network).infractions
        induced = guide_induced(found, self._twin(arm, k).found)
        off = any(one.kind == RUN_OFF.kind for one in found)
        return _Came(off or _first_passing(trace, self._start, self._asked) is not None, induced)

    def trace(self, arm: str, lead_s: float, k: int) -> Trace:
        """Drive one run: person or seed ``k`` hears the word so long before the junction."""
        twin = self._twin(arm, k)
        due_ms = twin.junction_ms - round(lead_s * 1_000)
        in_time = [at for at in twin.occasions_ms if at <= due_ms]
        asked_ms = max(in_time, default=twin.occasions_ms[0])
        return self._drive(arm, k, _Late(self._start, self._asked, due_ms, asked_ms))

    def _twin(self, arm: str, k: int) -> _Twin:
        if (arm, k) not in self._twins:
            listener = _Listener(self._start)
            trace = self._drive(arm, k, listener)
            passed = _first_passing(trace, self._start)
            self._twins[arm, k] = _Twin(
                tuple(listener.occasions_ms),
                trace.end_ms if passed is None else passed,
                judge(trace, self.network).infractions,
            )
        return self._twins[arm, k]

    def _drive(self, arm: str, k: int, guide: Guide) -> Trace:
        trip = self._trip(k)
        driver = make_driver(arm, self.network, self._routes, trip, Budget(), self._person)
        return simulate(self.network, trip, driver, guide)

    def _trip(self, k: int) -> Trip:
        link = self.network.link(self._start)
        return Trip(
            seed=TripSeed(k, 1_000),
            origin=self._start,
            origin_mm=max(0, link.length_mm - APPROACH_MM),
            goal=arm_link(self.network, "east", inward=False),
            goal_mm=100_000,
            goal_name="straight on",
            conditions=self._conditions,
            closed=frozenset({self._asked} if self.case.is_closed else ()),
            time_limit_ms=APPROACH_MM * 1_000 // link.speed_mm_s + AFTER_MS,
        )


def _first_passing(trace: Trace, at: LinkId, onto: LinkId | None = None) -> int | None:
    """When the car first left a link [ms], for another one if that is named."""
    return next(
        (
            event.time_ms
            for event in trace.events
            if isinstance(event, Passing)
            and event.from_link == at
            and onto in (None, event.to_link)
        ),
        None,
    )


def _counted(came: Sequence[_Came]) -> dict[str, int]:
    counts = Counter(kind for one in came for kind in one.serious)
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
