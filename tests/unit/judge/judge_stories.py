"""A tiny town and tiny stories on it: traces made by hand, one act at a time."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from guiderail.maps.network import Ban, Conflict, Control, LinkId, RoadNetwork, TurnKind
from guiderail.maps.tables import LinkTable, NodeTable, PlaceTable, TurnTable
from guiderail.sim.contract.lattice import NOTHING, TICK_MS
from guiderail.sim.contract.messages import (
    Advice,
    Ask,
    Decision,
    Light,
    Proposal,
    Reason,
    Verdict,
)
from guiderail.sim.contract.trace import (
    Event,
    Heard,
    Outcome,
    Passing,
    Sample,
    SirenSample,
    Trace,
)
from guiderail.sim.judge.infraction import Infraction, Judgement
from guiderail.sim.judge.referee import judge
from guiderail.sim.judge.severity import BREACHES

MAIN: Final = LinkId(0)
"""500 m, two lanes, a signal at 490 m, then EAST, NORTH, SOUTH or ONE_WAY against its direction."""
EAST: Final = LinkId(1)
"""500 m straight on, two lanes, one way through."""
NORTH: Final = LinkId(2)
"""500 m to the left, must let oncoming traffic pass."""
SOUTH: Final = LinkId(3)
"""500 m to the right; banned by a sign."""
SIDE: Final = LinkId(4)
"""200 m to a stop sign at 195 m, then EAST."""
WRONG: Final = LinkId(5)
"""The phantom of a one-way street, 300 m."""
BACK: Final = LinkId(6)
"""EAST the other way."""
ALLEY: Final = LinkId(7)
"""200 m to a give-way line at 195 m, then EAST, crossing nobody's way."""
WEST: Final = LinkId(8)
"""MAIN the other way; turning round onto it at the node is banned."""

LIMIT_MM_S: Final = 13_880
"""50 km/h, rounded down to the lattice."""

_LENGTH_MM: Final = (
    500_000,
    500_000,
    500_000,
    500_000,
    200_000,
    300_000,
    500_000,
    200_000,
    500_000,
)
_STOP_LINE_MM: Final = (
    490_000,
    500_000,
    500_000,
    500_000,
    195_000,
    300_000,
    500_000,
    195_000,
    500_000,
)
_CONTROL: Final = {MAIN: Control.SIGNAL, SIDE: Control.STOP, ALLEY: Control.GIVE_WAY}
_LANES: Final = (2, 2, 1, 1, 1, 1, 1, 1, 2)
_REVERSE: Final = {EAST: BACK, BACK: EAST, MAIN: WEST, WEST: MAIN}
_SHAPE: Final = (
    ((0, 0), (500_000, 0)),
    ((500_000, 0), (1_000_000, 0)),
    ((500_000, 0), (500_000, 500_000)),
    ((500_000, 0), (500_000, -500_000)),
    ((500_000, -200_000), (500_000, 0)),
    ((500_000, 0), (800_000, 0)),
    ((1_000_000, 0), (500_000, 0)),
    ((500_000, 200_000), (500_000, 0)),
    ((500_000, 0), (0, 0)),
)


@dataclass(frozen=True, kw_only=True)
class Way:
    """One turn of the town."""

    from_link: LinkId
    to_link: LinkId
    kind: TurnKind = TurnKind.STRAIGHT
    conflict: Conflict = Conflict.NONE
    ban: Ban | None = None
    lanes: tuple[int, int] = (0, 1)


LEGAL: Final = (
    Way(from_link=MAIN, to_link=EAST),
    Way(
        from_link=MAIN,
        to_link=NORTH,
        kind=TurnKind.LEFT,
        conflict=Conflict.LEFT_FROM_MAJOR,
        lanes=(1, 1),
    ),
    Way(from_link=EAST, to_link=BACK, kind=TurnKind.U_TURN),
    Way(from_link=SIDE, to_link=EAST, conflict=Conflict.LEFT_FROM_MINOR),
    Way(from_link=ALLEY, to_link=EAST),
)
ILLEGAL: Final = (
    Way(from_link=MAIN, to_link=SOUTH, ban=Ban.RESTRICTION),
    Way(from_link=MAIN, to_link=WRONG, ban=Ban.WRONG_WAY),
    Way(from_link=MAIN, to_link=WEST, kind=TurnKind.U_TURN, ban=Ban.U_TURN),
)


def _ints(values: Iterable[int]) -> Any:
    return np.array(list(values), dtype=np.int32)


def _turns(ways: tuple[Way, ...]) -> TurnTable:
    ordered = sorted(ways, key=lambda way: (way.from_link, way.to_link))
    count = len(_LENGTH_MM)
    starts = [sum(way.from_link < link for way in ordered) for link in range(count + 1)]
    zeros = _ints(0 for _ in ordered)
    return TurnTable(
        start=_ints(starts),
        to_link=_ints(way.to_link for way in ordered),
        cost_ms=_ints(1_000 for _ in ordered),
        angle_cdeg=zeros,
        radius_mm=zeros,
        arc_mm=zeros,
        kind=_ints(way.kind for way in ordered),
        first_lane=_ints(way.lanes[0] for way in ordered),
        last_lane=_ints(way.lanes[1] for way in ordered),
        conflict=_ints(way.conflict for way in ordered),
        major_lanes=_ints(2 if way.conflict else 0 for way in ordered),
        ban=_ints(way.ban or 0 for way in ordered),
        relation_id=np.zeros(len(ordered), dtype=np.int64),
    )


def town() -> RoadNetwork:
    """Make the town that all stories play in."""
    count = len(_LENGTH_MM)
    zeros = _ints([0] * count)
    points = [point for line in _SHAPE for point in line]
    links = LinkTable(
        from_node=zeros,
        to_node=zeros,
        way_id=np.zeros(count, dtype=np.int64),
        road_class=_ints([3] * count),
        length_mm=_ints(_LENGTH_MM),
        speed_mm_s=_ints([LIMIT_MM_S] * count),
        lanes=_ints(_LANES),
        is_oneway=zeros,
        is_roundabout=zeros,
        is_ramp=zeros,
        against_oneway=_ints(int(link == WRONG) for link in range(count)),
        in_world=_ints(int(link != WRONG) for link in range(count)),
        name=zeros,
        ref=zeros,
        destination=zeros,
        bearing_start_cdeg=zeros,
        bearing_end_cdeg=zeros,
        reverse=_ints(_REVERSE.get(LinkId(k), -1) for k in range(count)),
        control=_ints(_CONTROL.get(LinkId(k), Control.NONE) for k in range(count)),
        controller=_ints(0 if k == MAIN else -1 for k in range(count)),
        stop_line_mm=_ints(_STOP_LINE_MM),
        shape_start=_ints(range(0, 2 * count + 1, 2)),
        shape_x_mm=_ints(x for x, _ in points),
        shape_y_mm=_ints(y for _, y in points),
    )
    none, longs = _ints([]), np.zeros(0, dtype=np.int64)
    return RoadNetwork(
        nodes=NodeTable(osm_id=longs, lon_e7=none, lat_e7=none, x_mm=none, y_mm=none),
        links=links,
        turns=_turns(LEGAL),
        illegal_turns=_turns(ILLEGAL),
        places=PlaceTable(
            name=none, kind=none, link=none, offset_mm=none, is_right=none, x_mm=none, y_mm=none
        ),
        strings=("",),
        drives_on_left=False,
    )


TOWN: Final = town()

NOBODY: Final = {
    "lane": 0,
    "target_lane": 0,
    "lateral_permille": 0,
    "radius_mm": 0,
    "light": int(Light.NONE),
    "leader_gap_mm": NOTHING,
    "leader_speed_mm_s": 0,
    "follower_gap_mm": NOTHING,
    "follower_speed_mm_s": 0,
    "side_lead_gap_mm": NOTHING,
    "side_lead_speed_mm_s": 0,
    "side_lag_gap_mm": NOTHING,
    "side_lag_speed_mm_s": 0,
    "crossing_gap_mm": NOTHING,
    "crossing_speed_mm_s": 0,
    "oncoming_gap_mm": NOTHING,
    "oncoming_speed_mm_s": 0,
    "barrier_mm": NOTHING,
    "minimal_risk": 0,
    "sight_mm": 100_000,
}
"""An empty road, straight on, no signal."""
SILENCE: Final = {
    "node_mm": NOTHING,
    "gap_mm": NOTHING,
    "speed_mm_s": 0,
    "wish_mm_s": 0,
    "lane": -1,
    "aside_permille": 0,
}
"""No emergency vehicle to be heard."""


@dataclass
class Story:
    """
    One car whose trace grows act by act; it starts where and as fast as it is told.

    ``around`` holds what the other columns show from now on.
    """

    link: LinkId = MAIN
    s_mm: int = 0
    speed: int = 10_000
    friction_permille: int = 800
    closed: frozenset[LinkId] = frozenset()
    goal: tuple[LinkId, int] = (EAST, 400_000)
    time_limit_ms: int = NOTHING
    time_ms: int = 0
    around: dict[str, int] = field(default_factory=lambda: dict(NOBODY))
    closed_between: list[tuple[LinkId, int, int]] = field(default_factory=list)
    sirens: list[SirenSample] = field(default_factory=list)
    heard: dict[str, int] | None = None
    """What can be heard of emergency vehicles from now on; None for nothing."""
    rows: list[Sample] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Record the start."""
        self.record()

    def record(self, accel: int = 0) -> "Story":
        """Write down the state as it is."""
        row = Sample(
            time_ms=self.time_ms,
            link=self.link,
            s_mm=self.s_mm,
            speed_mm_s=self.speed,
            accel_mm_s2=accel,
            **self.around,
        )
        self.rows.append(row)
        if self.heard is not None:
            self.sirens.append(SirenSample(time_ms=self.time_ms, **self.heard))
        return self

    def hear_siren(self, **columns: int) -> "Story":
        """Hear one from now on, the last row included; what is unsaid is as silent as before."""
        self.heard = (self.heard or SILENCE) | columns
        self.sirens = [one for one in self.sirens if one.time_ms != self.time_ms]
        self.sirens.append(SirenSample(time_ms=self.time_ms, **self.heard))
        return self

    def see(self, **columns: int) -> "Story":
        """Change what the last row and all later ones show beside the motion."""
        self.around |= columns
        self.rows[-1] = replace(self.rows[-1], **columns)
        return self

    def go(self, ticks: int, accel: int = 0, onto: LinkId | None = None) -> "Story":
        """Drive some ticks; ``onto`` is the next link if the end of this one comes."""
        for _ in range(ticks):
            self.time_ms += TICK_MS
            self.s_mm += (self.speed * 20 + accel) // 200
            self.speed += accel // 10
            if onto is not None and self.s_mm > TOWN.link(self.link).length_mm:
                self.turn(onto)
                onto = None
            self.record(accel)
        return self

    def turn(self, onto: LinkId) -> "Story":
        """Pass the node now."""
        self.s_mm -= TOWN.link(self.link).length_mm
        self.events.append(
            Passing(
                time_ms=self.time_ms,
                from_link=self.link,
                to_link=onto,
                from_lane=self.around["lane"],
                speed_mm_s=self.speed,
            )
        )
        self.link = onto
        return self

    def wait(self, duration_ms: int) -> "Story":
        """Stand for some time without a row in between."""
        assert self.speed == 0
        self.time_ms += duration_ms
        return self.record()

    def hear(self, decision: Decision) -> "Story":
        """Hear advice that the driver answers so."""
        proposal = Proposal(ask=Ask.CANCEL, seen_ms=self.time_ms)
        reason = Reason.ADMISSIBLE if decision is Decision.ACCEPT else Reason.TOO_LATE
        verdict = Verdict(proposal=proposal, decision=decision, reason=reason)
        self.events.append(
            Heard(
                time_ms=self.time_ms,
                asked_ms=self.time_ms,
                occasion=0,
                link=self.link,
                distance_to_node_mm=0,
                speed_mm_s=self.speed,
                advice=Advice(words="", proposal=proposal),
                verdict=verdict,
            )
        )
        return self

    def trace(self, outcome: Outcome = Outcome.ARRIVED) -> Trace:
        """Make the trace of it; the goal lies where the car ended unless the trip failed."""
        trace = Trace(
            map_digest="town",
            arm="test",
            start_link=LinkId(self.rows[0].link),
            start_mm=self.rows[0].s_mm,
            goal_link=self.goal[0],
            goal_mm=self.goal[1],
            friction_permille=self.friction_permille,
            closed=self.closed,
            closed_between=list(self.closed_between),
            time_limit_ms=self.time_limit_ms,
            events=list(self.events),
            outcome=outcome,
            end_ms=self.time_ms,
        )
        for row in self.rows:
            trace.add(row)
        for heard in self.sirens:
            trace.sirens.extend(heard)
        return trace

    def judged(self, outcome: Outcome = Outcome.ARRIVED) -> Judgement:
        """Let the judge judge it."""
        return judge(self.trace(outcome), TOWN)

    def found(self, kind: str) -> list[Infraction]:
        """Infractions of one kind, whoever caused them."""
        judgement = self.judged()
        every = (*judgement.infractions, *judgement.others)
        return [infraction for infraction in every if infraction.kind is kind]

    def breaches(self) -> list[str]:
        """Rules that ego broke."""
        return [infraction.kind for infraction in self.judged().breaches]


def crimes(story: Story) -> list[str]:
    """Articles of everything found that breaks a rule, caused by ego."""
    return [found.article for found in story.judged().infractions if found.severity in BREACHES]
