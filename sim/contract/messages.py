"""
What the guide, the driver and the world say to each other: frozen values, nothing live.

A :class:`Proposal` carries no control field: the guide may only name places, roads and turns.
"""

from dataclasses import dataclass, fields
from enum import IntEnum, StrEnum
from operator import attrgetter
from typing import Any, Final, NamedTuple

from guiderail.maps.network import LinkId
from guiderail.sim.contract.lattice import NOTHING


class Ask(StrEnum):
    """What a proposal asks for."""

    TURN = "turn"
    """Make this turn at the end of this link."""
    TAKE_ROAD = "take_road"
    """Get onto the named road, then on to the goal."""
    VIA = "via"
    """Call at the named place, then on to the goal."""
    GO_TO = "go_to"
    """Like VIA until the passenger confirms a new goal; naming the goal itself changes nothing."""
    AVOID = "avoid"
    """Keep off the named road, or off one link, for the rest of the trip."""
    CANCEL = "cancel"
    """Drop what was accepted and not yet driven."""


class Direction(StrEnum):
    """Which way a turn goes, as spoken."""

    LEFT = "left"
    STRAIGHT = "straight"
    RIGHT = "right"
    BACK = "back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A route change that a guide asks for."""

    ask: Ask
    seen_ms: int
    """Time of the observation that it rests on [ms]."""
    at: LinkId | None = None
    """TURN: the link at whose end to turn."""
    direction: Direction | None = None
    """TURN: the way to turn; with ``onto`` both must fit."""
    onto: LinkId | None = None
    """TURN: the link to turn onto. AVOID: the link to keep off."""
    road: str | None = None
    """TAKE_ROAD, AVOID: name of the road."""
    place: str | None = None
    """VIA, GO_TO: name of the place."""


class Decision(StrEnum):
    """The two answers to a proposal."""

    ACCEPT = "accept"
    REFUSE = "refuse"


class Reason(StrEnum):
    """Why a proposal was answered so; the closed list."""

    ADMISSIBLE = "admissible"
    OBEYED = "obeyed"
    """Done without a check: only a car without a guard says so."""
    UNKNOWN_PLACE = "unknown_place"
    AMBIGUOUS_PLACE = "ambiguous_place"
    UNKNOWN_ROAD = "unknown_road"
    NO_SUCH_TURN = "no_such_turn"
    ILLEGAL_TURN = "illegal_turn"
    WRONG_WAY = "wrong_way"
    CLOSED = "closed"
    TOO_LATE = "too_late"
    WRONG_LANE = "wrong_lane"
    OUTSIDE_DOMAIN = "outside_domain"
    UNREACHABLE = "unreachable"
    OVER_BUDGET = "over_budget"
    TOO_FREQUENT = "too_frequent"
    STALE = "stale"
    MALFORMED = "malformed"
    GUARD_FAULT = "guard_fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer to one proposal."""

    proposal: Proposal
    decision: Decision
    reason: Reason
    changes_route: bool = False
    """Whether the route is another one than before."""
    extra_ms: int = 0
    """Predicted extra time of the accepted route against the route before, may be negative [ms]."""
    counter: Proposal | None = None
    """The nearest feasible thing, for a guide that wants to repair itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One utterance of a guide."""

    words: str
    """What the passenger hears; never parsed for commands."""
    proposal: Proposal | None = None
    """At most one; all that the driver is ever given."""
    latency_ms: int = 0
    """From the question to the last word [ms]; the car moves on meanwhile."""
    confidence: float = 1.0
    """The guide's own claim, in [0, 1]; kept for calibration, never shown to the driver."""
    label: str = ""
    """What a synthetic guide knows of its own error, for the log alone; empty for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What a guide is shown when there is an occasion to speak."""

    time_ms: int
    occasion: int
    """Ordinal of this occasion in the trip, from 0."""
    link: LinkId
    distance_to_node_mm: int
    """Road left on this link."""
    speed_mm_s: int
    lane: int
    route: tuple[LinkId, ...]
    """Planned links ahead, this link first, goal last."""
    goal: LinkId
    goal_name: str
    eta_ms: int
    """Predicted free-flow time to the goal."""
    reported_closed: frozenset[LinkId]
    """Links that the traffic reports call closed; may be stale in both directions."""
    verdicts: tuple[Verdict, ...] = ()
    """Answers to this guide's earlier proposals, oldest first, the last eight."""


class Light(IntEnum):
    """What the signal ahead shows."""

    NONE = 0
    GREEN = 1
    YELLOW = 2
    RED = 3


class Siren(NamedTuple):
    """An emergency vehicle with siren on its way through a junction near by."""

    node: int
    """The junction, as the map numbers it."""
    from_ms: int
    """Time from now until it is there; negative while it is in the junction."""
    until_ms: int
    """Time from now until it is through."""


@dataclass(slots=True, unsafe_hash=True)
class Perception:
    """
    What the driver perceives in one tick.

    Not frozen, since one is made in every tick: whoever makes it fills it in by name, and nobody
    changes it afterwards; :meth:`but` makes another. Gaps are bumper to bumper [mm], ``NOTHING``
    where nobody is; speeds are those of the other [mm/s]. Side gaps are perceived only on the side
    where the driver looks (:attr:`Command.look`).
    """

    time_ms: int
    link: LinkId
    s_mm: int
    lane: int
    target_lane: int
    """The lane it is changing to; equals ``lane`` when it is not changing."""
    speed_mm_s: int
    accel_mm_s2: int
    light: Light
    """Shown to this link's stop line; NONE where no signal rules there or it is out of sight."""
    leader_gap_mm: int
    leader_speed_mm_s: int
    follower_gap_mm: int
    follower_speed_mm_s: int
    side_lead_gap_mm: int
    side_lead_speed_mm_s: int
    side_lag_gap_mm: int
    side_lag_speed_mm_s: int
    oncoming_gap_mm: int
    oncoming_speed_mm_s: int
    priority_ms: tuple[int, ...]
    """Times from now until the visible vehicles with priority reach the conflict point of the
    commanded turn."""
    barrier_mm: int
    """Road left to a barrier on this link; ``NOTHING`` if there is none in sight."""
    closed: frozenset[LinkId]
    """Links seen to be closed so far."""
    friction_permille: int
    """Perceived friction coefficient, in thousandths."""
    next_light: Light = Light.NONE
    """Shown to the stop line of the commanded next link; NONE where none rules or it is out of
    sight."""
    sight_mm: int = NOTHING
    """How far ahead the road can be sensed."""
    corner_ms: int = NOTHING
    """Where a corner hides the road with priority: ``priority_ms`` is complete up to here only."""
    walker_mm: int = NOTHING
    """Road left to the crossing of the commanded turn, if somebody on foot is on it or about to
    be."""
    walker_ms: int = NOTHING
    """Earliest time until one of them is in the way there."""
    sirens: tuple[Siren, ...] = ()
    """Emergency vehicles that cross junctions within hearing."""
    siren_gap_mm: int = NOTHING
    """To an emergency vehicle that comes up from behind; negative while it passes."""
    siren_lane: int = -1
    """Lane that it comes in."""

    def but(self, **changes: Any) -> "Perception":
        """Make the same perception with some fields changed."""
        other = Perception(*_perceived(self))
        for name, value in changes.items():
            setattr(other, name, value)
        return other


_perceived = attrgetter(*(one.name for one in fields(Perception)))


LANE_CHANGE_MS: Final = 5_000
"""A machine's lane change (studies: 5 to 6 s; Toledo and Zohar)."""


class Command(NamedTuple):
    """What the driver wants for the next tick; the world grants what physics allows."""

    accel_mm_s2: int
    next_link: LinkId
    """Where to go at the end of this link; -1 for nowhere yet."""
    lane_step: int = 0
    """+1 starts a change to the lane on the left of ``lane``, -1 to the right, 0 none."""
    look: int = 0
    """Side to look to next, like ``lane_step``."""
    minimal_risk: bool = False
    """Hazard lights on: the minimal risk maneuver is under way."""
    exit_lane: int = 0
    """Lane to end in on ``next_link``; the world takes the nearest that the turn leads to."""
    turn_back: bool = False
    """At a standstill before a barrier: turn round."""
    change_ms: int = LANE_CHANGE_MS
    """Time that the lane change begun by ``lane_step`` takes."""
    aside: bool = False
    """Keep to the kerb's side of the lane, so that somebody can pass."""
