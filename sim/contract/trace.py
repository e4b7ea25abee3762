"""
What happened in one trip: the only input of judge and metrics.

Motion is one row of integers per tick (:data:`COLUMNS`); rows of a standstill may be left out, so
the time between rows varies. What is not motion is a typed event. The digest of a trace names a run
bit for bit.
"""

import hashlib
from array import array
from dataclasses import dataclass, field, fields
from enum import StrEnum
from operator import attrgetter
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from guiderail.maps.network import LinkId
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Advice, Verdict


@dataclass(slots=True)
class Sample:
    """
    The true state at one time; gaps [mm] are ``NOTHING`` where nobody is.

    A recorder keeps one and fills it in by name in every tick; :meth:`Trace.add` takes its values.
    """

    time_ms: int
    link: int
    s_mm: int
    """Front bumper, from the start of the link."""
    lane: int
    target_lane: int
    """Equals ``lane`` unless a lane change is under way; then both lanes are occupied."""
    lateral_permille: int
    """How far the car has moved over to ``target_lane``, 0 .. 1000."""
    speed_mm_s: int
    accel_mm_s2: int
    """Acceleration over the tick that ends at ``time_ms``."""
    radius_mm: int
    """Radius of the curve driven at ``time_ms``; 0 for none."""
    light: int
    """Light shown to this link's stop line over the tick that starts at ``time_ms``."""
    leader_gap_mm: int
    """To the car ahead in ``lane``; <= 0 is contact."""
    leader_speed_mm_s: int
    follower_gap_mm: int
    """To the car behind in ``lane``; <= 0 is contact."""
    follower_speed_mm_s: int
    side_lead_gap_mm: int
    """To the car ahead in ``target_lane`` while changing."""
    side_lead_speed_mm_s: int
    side_lag_gap_mm: int
    """To the car behind in ``target_lane`` while changing."""
    side_lag_speed_mm_s: int
    crossing_gap_mm: int
    """Road between the nearest vehicle with priority and the conflict zone, while ego is in the
    zone; <= 0: it is in the zone."""
    crossing_speed_mm_s: int
    oncoming_gap_mm: int
    """To the vehicle head-on in the same lane; <= 0 is contact."""
    oncoming_speed_mm_s: int
    barrier_mm: int
    """Road left to a barrier on this link; < 0 is driven through."""
    minimal_risk: int
    """1 while the minimal risk maneuver is under way."""
    sight_mm: int = NOTHING
    """How far ahead the driver could sense the road, fog and darkness included."""
    walker_gap_mm: int = NOTHING
    """Road from the front bumper to the line on which somebody on foot crosses or is about to;
    <= 0 while the car is over it."""
    walker_aside_mm: int = 0
    """Way that this person still has to the side of the car; 0 is before it or under it."""


class SirenSample(NamedTuple):
    """Emergency vehicles that can be heard from the ego at one time."""

    time_ms: int
    """Of a row of the motion."""
    node_mm: int
    """Road from the front bumper to the nearest junction that one of them crosses; ``NOTHING`` if
    none does."""
    gap_mm: int
    """To the one that comes from behind, negative while it passes; ``NOTHING`` if none does."""
    speed_mm_s: int
    """Of that one."""
    wish_mm_s: int
    """What it would drive if nobody held it up."""
    lane: int
    """Lane that it drives in."""
    aside_permille: int
    """How far the ego has moved to the kerb's side of its lane, 0 .. 1000."""


COLUMNS: Final = tuple(one.name for one in fields(Sample))
COLUMN: Final = {name: i for i, name in enumerate(COLUMNS)}
_row = attrgetter(*COLUMNS)


class Outcome(StrEnum):
    """How a trip ended."""

    ARRIVED = "arrived"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A piece of advice reached the car, and what the driver answered."""

    time_ms: int
    asked_ms: int
    """When the guide was asked."""
    occasion: int
    link: LinkId
    distance_to_node_mm: int
    speed_mm_s: int
    advice: Advice
    verdict: Verdict | None
    """None for words without a proposal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneChange:
    """A lane change began; the gaps of the target lane at that moment."""

    time_ms: int
    link: LinkId
    from_lane: int
    to_lane: int
    lead_gap_mm: int
    lead_speed_mm_s: int
    lag_gap_mm: int
    lag_speed_mm_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """Ego went from one link to the next."""

    time_ms: int
    """End of the tick in which the node was passed."""
    from_link: LinkId
    to_link: LinkId
    from_lane: int
    speed_mm_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Yielding:
    """Ego left the conflict zone of a turn that must yield, or hit somebody in it."""

    time_ms: int
    """When the event was noted: on leaving the zone, or at the end of the trip."""
    enter_ms: int
    """When ego came into the zone."""
    leave_ms: int
    from_link: LinkId
    to_link: LinkId
    arrival_ms: int
    """When the first vehicle with priority reached the zone after ``enter_ms``, braking included;
    ``NOTHING`` if none was near."""
    before_ms: int
    """When the last vehicle with priority had left the zone before ``enter_ms``; -``NOTHING`` if
    none was near."""
    forced_braking_mm_s2: int
    """Hardest braking that ego forced on it, >= 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class YieldingToSiren(Yielding):
    """The same of a junction that an emergency vehicle with siren crosses, whatever rules there."""

    heard_ms: int
    """Since when it could be heard; ``enter_ms`` if not before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A planned turn could not be made safely and was passed; the car goes on by another route."""

    time_ms: int
    link: LinkId
    wanted: LinkId
    taken: LinkId
    from_guide: bool
    """Whether the missed turn came from an accepted proposal."""


class RerouteCause(StrEnum):
    """Why the planned route changed."""

    START = "start"
    GUIDE = "guide"
    MISSED = "missed"
    CLOSURE = "closure"
    GOAL_PASSED = "goal_passed"

    # The digest of a trace is made of representations, and causes began as plain text.
    __repr__ = str.__repr__


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerouted:
    """The planned route changed."""

    time_ms: int
    route: tuple[LinkId, ...]
    cause: RerouteCause


Event = Heard | LaneChange | Passing | Yielding | YieldingToSiren | Missed | Rerouted


@dataclass(kw_only=True, slots=True)
class Trace:
    """Everything that happened in one trip."""

    map_digest: str
    arm: str
    start_link: LinkId
    start_mm: int
    goal_link: LinkId
    goal_mm: int
    friction_permille: int
    """True friction coefficient, in thousandths."""
    assumed_friction_permille: int | None = None
    """What the driver took it for; None where that was not noted."""
    closed: frozenset[LinkId]
    """Links that truly are closed, all the time."""
    closed_between: list[tuple[LinkId, int, int]] = field(default_factory=list)
    """Links that were closed for a part of the trip, with that part [ms]."""
    time_limit_ms: int = NOTHING
    """When the trip had to be over."""
    motion: "array[int]" = field(default_factory=lambda: array("q"))
    """Rows of :class:`Sample`, one after the other."""
    queued: list[tuple[LinkId, int]] = field(default_factory=list)
    """Links on which ego met the queue of an incident, and when it came onto them [ms]."""
    sirens: "array[int]" = field(default_factory=lambda: array("q"))
    """Rows of :class:`SirenSample`, where there was anything to hear."""
    hazards: dict[str, list[tuple[int, ...]]] = field(default_factory=dict)
    """Rows of what other hazards recorded, by their name; the first number is the time [ms]."""
    events: list[Event] = field(default_factory=list)
    """In order of time."""
    outcome: Outcome = Outcome.TIMED_OUT
    end_ms: int = 0

    def add(self, sample: Sample) -> None:
        """Add one row of motion."""
        self.motion.extend(_row(sample))

    def table(self) -> NDArray[np.int64]:
        """Motion as an array, shape (n_samples, len(COLUMNS))."""
        return np.frombuffer(self.motion, dtype=np.int64).reshape(-1, len(COLUMNS))

    def column(self, name: str) -> NDArray[np.int64]:
        """One column of the motion, shape (n_samples,)."""
        return self.table()[:, COLUMN[name]]

    def siren_table(self) -> NDArray[np.int64]:
        """What could be heard of emergency vehicles, shape (n_rows, len(SirenSample._fields))."""
        return np.array(self.sirens, np.int64).reshape(-1, len(SirenSample._fields))

    def row_at(self, time_ms: int) -> int:
        """Last row of the motion that is not later than a time; the first if all are."""
        times = self.column("time_ms")
        return max(0, int(np.searchsorted(times, time_ms, side="right")) - 1)

    def digest(self) -> str:
        """Name of what happened: SHA-256 over motion, events and outcome."""
        text = repr((self.closed and sorted(self.closed), self.events, self.outcome, self.end_ms))
        if self.closed_between:
            text += repr(self.closed_between)
        if self.queued:
            text += repr(self.queued)
        if self.sirens:
            text += repr(self.sirens)
        if self.hazards:
            text += repr(sorted(self.hazards.items()))
        return hashlib.sha256(self.motion.tobytes() + text.encode()).hexdigest()
