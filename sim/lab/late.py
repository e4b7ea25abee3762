"""
What a late word does: one turn in lane, asked for so many seconds before the junction.

Nothing else is on the road and the car is in the right lane, so that only the lead time counts. The
car comes at the limit; the turn right has a radius of 8 m. World, drivers and judge are those of
every other run.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing import RouteOracle
from guiderail.maps.synthetic import arm_link, crossing
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.messages import Advice, Ask, Observation, Proposal
from guiderail.sim.contract.trace import Passing, Trace
from guiderail.sim.contract.trip import Conditions, Trip
from guiderail.sim.driver.arms import make_driver
from guiderail.sim.driver.budget import Budget
from guiderail.sim.driver.people import PEOPLE, Person
from guiderail.sim.judge.referee import judge
from guiderail.sim.judge.taxonomy import Kind
from guiderail.sim.world.clock import simulate

LEADS_S: Final = (1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0)
"""Lead times of the table [s]."""
ASKED_MM: Final = 150_000
"""The guide is asked here and speaks later, so that its last word falls at the lead time."""
APPROACH_MM: Final = 330_000
"""Road before the junction: enough to reach 70 km/h before the guide is asked."""
LIMIT_MS: Final = 60_000
EXCESS: Final = (Kind.TURN_OVER_SPEED, Kind.RUN_OFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What came of one lead time in one arm; counts of runs."""

    arm: str
    lead_s: float
    runs: int
    tried: int
    """Turned, or left the road while turning."""
    hard: int
    """Braked harder than 3 m/s^2 for 0.2 s."""
    excess: int
    """Turned with more than 4.89 m/s^2 to the side, or left the road."""
    slipped: int
    """Left the road."""


class _Late:
    """Asks once for the turn right; its last word falls so long before the junction."""

    name = "late"

    def __init__(self, at: LinkId, onto: LinkId, lead_s: float) -> None:
        self._at, self._onto, self._lead_ms = at, onto, round(lead_s * 1_000)
        self._said = False

    def advise(self, seen: Observation) -> Advice | None:
        """Speak where the junction is less than 150 m away."""
        left_mm = seen.distance_to_node_mm
        if self._said or seen.link != self._at or left_mm > ASKED_MM:
            return None
        self._said = True
        until_ms = left_mm * 1_000 // max(seen.speed_mm_s, 1)
        proposal = Proposal(ask=Ask.TURN, seen_ms=seen.time_ms, at=self._at, onto=self._onto)
        latency_ms = max(0, until_ms - self._lead_ms)
        return Advice(words="Turn right here.", proposal=proposal, latency_ms=latency_ms)


class LateTurn:
    """The experiment at one speed and friction."""

    def __init__(
        self, speed_kmh: int = 50, friction: float = 0.8, person: Person = PEOPLE["ordinary"]
    ) -> None:
        self._speed_kmh = speed_kmh
        self._person = person
        self._conditions = Conditions(
            friction_permille=round(friction * 1_000), flow_per_hour=0, walkers_per_hour=0
        )

    @cached_property
    def _network(self) -> RoadNetwork:
        minor = {"north": "residential", "south": "residential"}
        return crossing(control="give_way", classes=minor, has_ring=True, speed_kmh=self._speed_kmh)

    @cached_property
    def _routes(self) -> RouteOracle:
        return RouteOracle(self._network)

    def cell(self, arm: str, lead_s: float, runs: int) -> Cell:
        """Run one arm with one lead time, so many people or seeds."""
        tried = hard = excess = slipped = 0
        for k in range(runs):
            trace = self._run(arm, lead_s, k)
            kinds = judge(trace, self._network).by_kind
            off = kinds[Kind.RUN_OFF] > 0
            tried += off or self._turned(trace)
            hard += kinds[Kind.HARD_BRAKE] > 0
            excess += any(kinds[kind] for kind in EXCESS)
            slipped += off
        return Cell(
            arm=arm,
            lead_s=lead_s,
            runs=runs,
            tried=tried,
            hard=hard,
            excess=excess,
            slipped=slipped,
        )

    def _run(self, arm: str, lead_s: float, k: int) -> Trace:
        network = self._network
        start, ahead = self._ends()
        link = network.link(start)
        trip = Trip(
            seed=TripSeed(k, 1_000),
            origin=start,
            origin_mm=max(0, link.length_mm - APPROACH_MM),
            goal=ahead,
            goal_mm=100_000,
            goal_name="straight on",
            conditions=self._conditions,
            time_limit_ms=LIMIT_MS,
        )
        driver = make_driver(arm, network, self._routes, trip, Budget(), self._person)
        return simulate(network, trip, driver, _Late(start, self._right(), lead_s))

    def _ends(self) -> tuple[LinkId, LinkId]:
        network = self._network
        return arm_link(network, "west", inward=True), arm_link(network, "east", inward=False)

    def _right(self) -> LinkId:
        return arm_link(self._network, "south", inward=False)

    def _turned(self, trace: Trace) -> bool:
        passed = (event for event in trace.events if isinstance(event, Passing))
        first = next(passed, None)
        return first is not None and first.to_link == self._right()
