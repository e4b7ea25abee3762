"""
Emergency vehicles with siren: they cross junctions against lights and signs, or come from behind.

Both are Poisson processes keyed by place and time, so every arm meets the same ones: at each
junction one that crosses it, on each link one that comes up behind whoever drives there. Nobody
has priority over them. What comes of not giving way follows from the motion.
"""

from dataclasses import dataclass, field
from math import isqrt
from typing import Final

from guiderail.maps.network import Link, LinkId, Turn
from guiderail.sim.contract.draw import Stream, draw, happens
from guiderail.sim.contract.lattice import NOTHING, SPEED_STEP_MM_S, TICK_MS
from guiderail.sim.contract.messages import Command, Siren
from guiderail.sim.contract.trace import SirenSample, Trace, YieldingToSiren
from guiderail.sim.world.background.flow import TrafficFlow
from guiderail.sim.world.ego import Ego
from guiderail.sim.world.hazards.hazard import Hazard
from guiderail.sim.world.hazards.junctions import (
    HEARD_MM,
    crosses,
    junctions_ahead,
    junctions_of,
)
from guiderail.sim.world.motion import CAR_LENGTH_MM, advance
from guiderail.sim.world.setting import Setting
from guiderail.sim.world.traffic.actors import lattice
from guiderail.sim.world.traffic.conflict_zone import (
    NEAR_MS,
    ConflictZone,
    left_before_ms,
    next_crossing,
    zone_mm,
)
from guiderail.sim.world.traffic.neighbors import Neighbors

CROSSES_MM_S: Final = 10_000
"""Speed toward and through a junction against its rules (assumption; drivers of emergency vehicles
are taught to come down to 15 to 25 km/h at the line)."""
LINGER_MS: Final = 1_500
"""How long one is in the junction: 8.5 m and its own 6 m at that speed."""
HURRY_PERMILLE: Final = 1_250
"""What one that comes from behind wants to drive, of the limit (assumption)."""
THROTTLE_MM_S2: Final = 2_000
BRAKING_MM_S2: Final = 4_400
REACTION_MS: Final = 600
STANDSTILL_MM: Final = 2_000
STAYS_PPM: Final = 500_000
"""Chance that it takes the ego's turn (assumption)."""
ASIDE_MS: Final = 2_000
"""A car has moved to the kerb's side of its lane after this; one that stands does so within the gap
that it keeps to the car ahead (assumption)."""
IN_THE_WAY_PERMILLE: Final = 500
"""Less far aside than this, a car is touched by who passes it."""
LEAVES_PERMILLE: Final = 550
COMES_PERMILLE: Final = 450
"""Shares of a lane change up to which the old lane is still occupied, and from which the new one
is; see ``contact.py``."""
MADE_WAY_MM: Final = 15_000
"""Cars between it and the ego have made way before it is this close to them."""
PASSED_MM: Final = 2 * CAR_LENGTH_MM
"""So far ahead of the ego's rear it has passed."""


@dataclass(slots=True)
class EmergencyZone(ConflictZone):
    """One passage of the ego through a junction that an emergency vehicle may cross."""

    heard_ms: int
    """Since when the first of them could be heard."""

    def account(self, time_ms: int) -> YieldingToSiren:
        """What the judge needs to know of this passage."""
        return YieldingToSiren(**self.facts(time_ms), heard_ms=self.heard_ms)


def emergency_zone(
    flow: TrafficFlow, turn: Turn, time_ms: int, inside_mm: int, heard: dict[int, int]
) -> EmergencyZone | None:
    """
    Zone of a junction as the ego comes into it; None if no emergency vehicle is near at all.

    ``heard`` tells since when each that comes can be heard, by the time at which it comes [ms].
    """
    node = flow.link(turn.from_link).to_node
    near = flow.sirens_at(node, time_ms - NEAR_MS, time_ms + NEAR_MS)
    if not near:
        return None
    first = next((at for at in near if at + LINGER_MS > time_ms), NOTHING)
    return EmergencyZone(
        turn=turn,
        near=near,
        enter_ms=time_ms,
        left_mm=zone_mm(flow.link(turn.to_link)) - inside_mm,
        before_ms=left_before_ms(near, time_ms, LINGER_MS),
        crossing=next_crossing(near, time_ms, LINGER_MS, CROSSES_MM_S),
        heard_ms=heard.get(first, time_ms),
    )


@dataclass(slots=True, init=False)
class VehicleBehind:
    """An emergency vehicle that comes up behind the ego."""

    key: int
    gap_mm: int
    """To the ego; negative while it passes."""
    speed_mm_s: int
    wish_mm_s: int
    lane: int
    accel_mm_s2: int

    def __init__(self, key: int, wish_mm_s: int, lane: int) -> None:
        self.key = key
        self.gap_mm = HEARD_MM
        self.speed_mm_s = self.wish_mm_s = wish_mm_s
        self.lane = lane
        self.accel_mm_s2 = 0

    def step(self, ego_speed_mm_s: int, grip_mm_s2: int, *, is_free: bool) -> None:
        """Drive one tick; the ego's own motion is added to the gap by the caller."""
        wish_mm_s = self.wish_mm_s if is_free else min(self.wish_mm_s, self._safe(ego_speed_mm_s))
        error = wish_mm_s - self.speed_mm_s
        accel_mm_s2 = min(THROTTLE_MM_S2, lattice(error * 2)) if error > 0 else lattice(error * 5)
        moved_mm, self.speed_mm_s, self.accel_mm_s2 = advance(
            self.speed_mm_s, max(-grip_mm_s2, accel_mm_s2)
        )
        self.gap_mm -= moved_mm

    def _safe(self, ego_speed_mm_s: int) -> int:
        """Speed from which it can stop behind the ego (Gipps)."""
        reach_mm_s = BRAKING_MM_S2 * REACTION_MS // 1_000
        room_mm = self.gap_mm - STANDSTILL_MM
        square = (
            reach_mm_s * reach_mm_s + ego_speed_mm_s * ego_speed_mm_s + 2 * BRAKING_MM_S2 * room_mm
        )
        return max(0, isqrt(square) - reach_mm_s) if square > 0 else 0


@dataclass(slots=True)
class EmergencyState:
    """The emergency vehicles near the ego."""

    ahead: tuple[tuple[int, int], ...] = ()
    """(place from the start of the link [mm], junction) within hearing."""
    since: dict[int, dict[int, int]] = field(default_factory=dict)
    """By junction, since when each that comes to it can be heard."""
    heard: tuple[Siren, ...] = ()
    node_mm: int = NOTHING
    """Road to the nearest junction that one is heard to cross."""
    last: LinkId | None = None
    """Link that the ego is on."""
    zone: EmergencyZone | None = None
    behind: VehicleBehind | None = None
    aside_ms: int = 0
    """For how long the ego has been moving to the kerb's side of its lane."""
    looked_until_ms: int = 0

    @property
    def aside_permille(self) -> int:
        """How far the ego has moved to the kerb's side of its lane."""
        return self.aside_ms * 1_000 // ASIDE_MS

    def gap_and_lane(self) -> tuple[int, int]:
        """Gap to the one from behind, and its lane."""
        return (self.behind.gap_mm, self.behind.lane) if self.behind else (NOTHING, -1)


class EmergencyVehicles(Hazard):
    """Emergency vehicles with siren, across the ego's way and from behind."""

    name = "emergency_vehicles"

    def __init__(self, setting: Setting, ego: Ego, neighbors: Neighbors, trace: Trace) -> None:
        super().__init__(setting, ego, neighbors, trace)
        self.state: EmergencyState = EmergencyState()
        self._junctions = junctions_of(setting.network)

    @classmethod
    def exists(cls, setting: Setting) -> bool:
        """Whether any is about."""
        return setting.trip.conditions.emergency_per_hour > 0

    # -- along the road ---------------------------------------------------------------------------

    def enter(self, time_ms: int, *, goes_on: bool) -> None:
        """Take note that the ego has come onto its link."""
        del time_ms
        state, link = self.state, self.ego.link
        state.ahead = junctions_ahead(self.setting.network, link, self._junctions)
        turned_round, state.last = link.reverse == state.last, link.id
        behind = state.behind
        if behind is None:
            return
        if link.against_oneway or turned_round or not (goes_on or self._stays(behind, link)):
            state.behind = None
            return
        behind.wish_mm_s = self._wish_mm_s(link)
        if not goes_on:
            behind.lane = self.ego.lane

    def _stays(self, behind: VehicleBehind, link: Link) -> bool:
        """Whether one that is still behind takes the ego's turn."""
        word = draw(self.setting.trip.seed, Stream.SIREN_STAYS, behind.key, link.id)
        return behind.gap_mm > 0 and happens(word, STAYS_PPM)

    def pass_node(self, turn: Turn, inside_mm: int, time_ms: int) -> None:
        """Take note that the ego has come into a junction, if it is one."""
        self.end(time_ms)
        network = self.setting.network
        node = network.link(turn.from_link).to_node
        if node in self._junctions and crosses(network, turn):
            heard = self.state.since.get(node, {})
            self.state.zone = emergency_zone(self.setting.flow, turn, time_ms, inside_mm, heard)

    def end(self, time_ms: int) -> None:
        """The ego is clear of the junction, or the trip has ended in it."""
        if self.state.zone:
            self.trace.events.append(self.state.zone.account(time_ms))
            self.state.zone = None

    # -- one tick ---------------------------------------------------------------------------------

    def rests(self) -> bool:
        """Somebody may come at any time."""
        return False

    def move(self, moved_mm: int, command: Command, time_ms: int) -> None:
        """Drive one tick; the ego has moved so far."""
        state, grip_mm_s2 = self.state, self.setting.grip_mm_s2
        change_ms = TICK_MS if command.aside else -TICK_MS
        state.aside_ms = max(0, min(ASIDE_MS, state.aside_ms + change_ms))
        if state.zone:
            state.zone.step(grip_mm_s2)
            if state.zone.advance(moved_mm):
                self.end(time_ms)
        behind = state.behind
        if behind:
            behind.gap_mm += moved_mm
            behind.step(self.ego.speed_mm_s, grip_mm_s2, is_free=self._may_pass(behind))
            self._make_others_way(behind)
            if behind.gap_mm < -PASSED_MM:
                state.behind = None

    def record(self, time_ms: int) -> tuple[int, ...]:
        """Hear who is near now; the trace has a table of its own for it."""
        state = self.state
        if state.behind is None:
            self._meet_behind(time_ms)
        state.looked_until_ms = time_ms
        found, state.node_mm = [], NOTHING
        for place_mm, node in state.ahead:
            road_mm = place_mm - self.ego.s_mm
            for at in self._coming(node, road_mm, time_ms):
                state.since.setdefault(node, {}).setdefault(at, time_ms)
                found.append(Siren(node, at - time_ms, at + LINGER_MS - time_ms))
                state.node_mm = min(state.node_mm, road_mm)
        state.heard = tuple(found)
        if found or state.behind:
            self.trace.sirens.extend(self._sample(time_ms))
        return ()

    def _sample(self, time_ms: int) -> SirenSample:
        state, behind = self.state, self.state.behind
        return SirenSample(
            time_ms=time_ms,
            node_mm=state.node_mm,
            gap_mm=behind.gap_mm if behind else NOTHING,
            speed_mm_s=behind.speed_mm_s if behind else 0,
            wish_mm_s=behind.wish_mm_s if behind else 0,
            lane=behind.lane if behind else -1,
            aside_permille=state.aside_permille,
        )

    def touches(self) -> bool:
        """Whether the ego touches one that crosses, or the one from behind."""
        state, behind = self.state, self.state.behind
        crossing = state.zone.crossing if state.zone else None
        if crossing and crossing.gap_mm <= 0:
            return True
        if behind is None or not -PASSED_MM <= behind.gap_mm <= 0:
            return False
        return self._holds_lane(behind) and state.aside_permille < IN_THE_WAY_PERMILLE

    def _coming(self, node: int, road_mm: int, time_ms: int) -> list[int]:
        """Times at which those come to a junction that can be heard from the ego now."""
        if not 0 <= road_mm <= HEARD_MM:
            return []
        way_mm = isqrt(HEARD_MM * HEARD_MM - road_mm * road_mm)  # as if it came at a right angle
        ahead_ms = way_mm * 1_000 // CROSSES_MM_S
        return self.setting.flow.sirens_at(node, time_ms - LINGER_MS + 1, time_ms + ahead_ms)

    # -- from behind ------------------------------------------------------------------------------

    def _wish_mm_s(self, link: Link) -> int:
        pace = self.setting.flow.pace_permille
        wish_mm_s = link.speed_mm_s * HURRY_PERMILLE * pace // 1_000_000
        return wish_mm_s - wish_mm_s % SPEED_STEP_MM_S

    def _meet_behind(self, time_ms: int) -> None:
        ego, state = self.ego, self.state
        link = ego.link
        if link.against_oneway:
            return
        times = self.setting.flow.sirens_behind(link.id, state.looked_until_ms + 1, time_ms)
        if times:
            key = (link.id << 20) + times[0] % (1 << 20)
            state.behind = VehicleBehind(key, self._wish_mm_s(link), ego.lane)

    def _holds_lane(self, behind: VehicleBehind) -> bool:
        """Whether the ego occupies the lane of the one from behind."""
        ego = self.ego
        share = ego.lateral_permille()
        if behind.lane == ego.target_lane:
            return ego.target_lane == ego.lane or share > COMES_PERMILLE
        return behind.lane == ego.lane and share < LEAVES_PERMILLE

    def _may_pass(self, behind: VehicleBehind) -> bool:
        """Whether the ego leaves room: another lane, or aside at half the limit or less."""
        ego = self.ego
        if not self._holds_lane(behind):
            return True
        is_slow = 2 * ego.speed_mm_s <= ego.link.speed_mm_s or behind.gap_mm <= 0
        return self.state.aside_ms == ASIDE_MS and is_slow

    def _make_others_way(self, behind: VehicleBehind) -> None:
        follower = self.neighbors.follower
        if follower and behind.gap_mm <= follower.gap_mm + MADE_WAY_MM:
            self.neighbors.follower = None
