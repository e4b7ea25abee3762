"""
Speed and lane, ten times a second: the tactical and operational half of the driver.

Each demand (a limit, a line, a car ahead) allows some speed after the next tick; the smallest wins.
Planned braking is comfortable; only what comfort can no longer meet is braked harder.
"""

from math import isqrt
from typing import Final

from guiderail.maps.network import LinkId
from guiderail.sim.contract.lattice import ACCEL_STEP_MM_S2, NOTHING, TICK_MS
from guiderail.sim.contract.messages import Light, Perception
from guiderail.sim.driver.motion.emergency_response import road_to_siren_mm, way_speed_mm_s
from guiderail.sim.driver.motion.envelope import (
    comfort_braking_mm_s2,
    follow_gap_mm,
    follow_speed_mm_s,
    hardest_braking_mm_s2,
    next_speed_mm_s,
    response_braking_mm_s2,
    sight_speed_mm_s,
    stop_distance_mm,
)
from guiderail.sim.driver.motion.gaps import (
    gap_is_long_enough,
    last_spot_mm,
    mouth_is_taken,
    oncoming_room_mm,
    waiting_point_mm,
    yields_to_walker,
)
from guiderail.sim.driver.motion.lanes import gaps_are_safe
from guiderail.sim.driver.motion.lookahead import CLEAR_AFTER_NODE_MM, LINE_MARGIN_MM, RoadAhead
from guiderail.sim.driver.motion.style import (
    BUILD_UP_MS,
    CALM_JERK_MM_S2,
    CALM_THROTTLE_MM_S2,
    SLACK_MS,
    DrivingStyle,
)

CALM_BRAKING_LIMIT_MM_S2: Final = 2_400
"""Hardest braking for anything that was foreseeable (comfort limit 2.5 m/s^2, rounded down)."""
YELLOW_BRAKING_MM_S2: Final = 3_000
"""At yellow the car stops if this is enough; the ITE formula counts on 3.05 m/s^2 after 1 s."""
REACH_MM: Final = 12_000
"""Beyond comfortable braking and this, a place does not matter yet."""
FAR_MM: Final = 60_000
"""A car ahead that is this much farther than a stop needs does not matter yet."""
SPARE_MM: Final = 500
"""Hard braking for a stop may end so much beyond it: half of what is kept before a line."""
WALKER_MARGIN_MM: Final = 1_500
"""The car stops this far before people who cross."""
CREEP_MM: Final = 500
CREEP_MM_S: Final = 100
"""A car this slow and this close to where it stops is as good as there."""
LEADER_STANDSTILL_MM: Final = 3_000
LEADER_BRAKING_MM_S2: Final = 2_000
"""Braking that the car ahead may begin at any time; harder braking is answered when seen."""
RESPONSE_MM: Final = 1_500
"""So far inside the gap that it keeps, and closing in, the car makes RSS's proper response: of the
2 m kept at a standstill, which RSS itself does not ask for, half a meter is left."""
SIGN_ZONE_MM: Final = 3_500
"""A stop counts within 4 m of the line (CARLA); half a meter is kept in hand."""


class Controller:
    """Turns demands into an acceleration."""

    def __init__(self, style: DrivingStyle, friction_permille: int) -> None:
        self.style = style
        self.comfort_mm_s2 = comfort_braking_mm_s2(friction_permille)
        self.hardest_mm_s2 = hardest_braking_mm_s2(friction_permille)
        self.calm_mm_s2 = max(self.comfort_mm_s2, min(CALM_BRAKING_LIMIT_MM_S2, self.hardest_mm_s2))
        self.friction_permille = friction_permille
        self.response_mm_s2 = response_braking_mm_s2(friction_permille)
        self.gap_permille = 1_000
        """Share of their critical gap that people under time pressure put up with."""
        self._sight_mm = self._sight_mm_s = NOTHING
        self._stopped_at: LinkId | None = None
        """Link whose stop sign has been honored."""
        self._stops_for: dict[LinkId, bool] = {}
        """Whether the car stops for the light of a link, once that has left green."""
        self._leader_was_mm_s = 0
        self._leader_braked_mm_s2 = 0
        self._going: LinkId | None = None
        """Link at whose end the car has taken its gap and is past waiting."""
        self._took_gap = False
        """Whether it did so at the end of the last link."""

    def accel_mm_s2(self, seen: Perception, ahead: RoadAhead, curve_mm_s: int) -> int:
        """Acceleration for the next tick [mm/s^2]."""
        speed_mm_s, s_mm, last_mm_s2 = seen.speed_mm_s, seen.s_mm, seen.accel_mm_s2
        reach_mm = speed_mm_s * speed_mm_s // (2 * self.comfort_mm_s2) + speed_mm_s + REACH_MM
        # Speeding up has to end, step by step, before braking can begin.
        slack_ms = SLACK_MS + max(0, last_mm_s2) * TICK_MS // CALM_JERK_MM_S2
        allowed_mm_s, hard_mm_s2 = self._highest_mm_s(seen, ahead.link.speed_mm_s, curve_mm_s), 0
        if seen.siren_gap_mm < NOTHING and not self._is_clearing(seen, ahead):
            allowed_mm_s = min(allowed_mm_s, way_speed_mm_s(seen, ahead))
        for place_mm, limit_mm_s in ahead.limits:
            road_mm = place_mm - s_mm
            if road_mm >= reach_mm:
                break
            if limit_mm_s < allowed_mm_s:
                calm_mm_s = self._calm_mm_s(speed_mm_s, road_mm, limit_mm_s, slack_ms)
                allowed_mm_s = min(allowed_mm_s, calm_mm_s)
                if speed_mm_s > limit_mm_s:
                    hard_mm_s2 = max(hard_mm_s2, self._hard_mm_s2(speed_mm_s, road_mm, limit_mm_s))
        road_mm = self._nearest_stop_mm(seen, ahead, reach_mm)
        if road_mm < reach_mm:
            calm_mm_s = self._calm_stop_mm_s(speed_mm_s, road_mm, slack_ms - SLACK_MS // 2)
            allowed_mm_s = min(allowed_mm_s, calm_mm_s)
            spare_mm = 0 if ahead.must_turn else SPARE_MM
            hard_mm_s2 = max(hard_mm_s2, self._hard_mm_s2(speed_mm_s, road_mm + spare_mm, 0))
        if seen.oncoming_gap_mm < NOTHING:
            road_mm = oncoming_room_mm(seen)
            hard_mm_s2 = max(hard_mm_s2, self._hard_mm_s2(speed_mm_s, road_mm, 0))
        near_mm = reach_mm + FAR_MM
        if seen.leader_gap_mm < near_mm or seen.side_lead_gap_mm < near_mm:
            calm_mm_s, needed_mm_s2 = self._follow(seen, ahead.link.speed_mm_s)
            allowed_mm_s, hard_mm_s2 = min(allowed_mm_s, calm_mm_s), max(hard_mm_s2, needed_mm_s2)
        return self._toward_mm_s2(seen, allowed_mm_s, hard_mm_s2)

    def _highest_mm_s(self, seen: Perception, posted_mm_s: int, curve_mm_s: int) -> int:
        """Speed that road, curve and sight allow here."""
        if seen.sight_mm != self._sight_mm:
            self._sight_mm = seen.sight_mm
            self._sight_mm_s = sight_speed_mm_s(seen.sight_mm, self.friction_permille)
        return min(posted_mm_s, curve_mm_s, self._sight_mm_s)

    def _calm_mm_s(self, speed_mm_s: int, road_mm: int, limit_mm_s: int, slack_ms: int) -> int:
        """Speed after the next tick that leaves calm braking, some slack kept in hand."""
        road_mm -= speed_mm_s * slack_ms // 1_000
        return next_speed_mm_s(speed_mm_s, road_mm, limit_mm_s, self.comfort_mm_s2)

    def _calm_stop_mm_s(self, speed_mm_s: int, road_mm: int, slack_ms: int) -> int:
        """Like :meth:`_calm_mm_s` for a stop; a car that almost stands there does not creep."""
        if road_mm < CREEP_MM and speed_mm_s <= CREEP_MM_S:
            return 0
        return self._calm_mm_s(speed_mm_s, road_mm, 0, slack_ms)

    def _hard_mm_s2(self, speed_mm_s: int, road_mm: int, limit_mm_s: int) -> int:
        """Braking that a place still needs, where calm braking is no longer enough; else 0."""
        if speed_mm_s <= limit_mm_s:
            return 0
        return self._if_hard_mm_s2((speed_mm_s**2 - limit_mm_s**2) // (2 * max(road_mm, 1)))

    def _if_hard_mm_s2(self, needed_mm_s2: int) -> int:
        """Braking that is needed, rounded up, where calm braking is not enough; else 0."""
        return 0 if needed_mm_s2 <= self.calm_mm_s2 else needed_mm_s2 + ACCEL_STEP_MM_S2

    def _toward_mm_s2(self, seen: Perception, allowed_mm_s: int, hard_mm_s2: int) -> int:
        """Acceleration to the allowed speed: calm, unless more braking is needed."""
        gain_mm_s2, last_mm_s2 = (allowed_mm_s - seen.speed_mm_s) * 10, seen.accel_mm_s2
        if gain_mm_s2 == last_mm_s2 == hard_mm_s2 == 0:  # cruising, as most of the time
            return 0
        accel_mm_s2 = min(CALM_THROTTLE_MM_S2, gain_mm_s2)
        if accel_mm_s2 > 0:
            accel_mm_s2 = min(accel_mm_s2, _ramp_mm_s2(gain_mm_s2))
        elif accel_mm_s2 < -self.calm_mm_s2:
            accel_mm_s2 = -self.calm_mm_s2
        if last_mm_s2 >= -self.calm_mm_s2 and seen.speed_mm_s > CREEP_MM_S:
            accel_mm_s2 = max(
                last_mm_s2 - CALM_JERK_MM_S2, min(accel_mm_s2, last_mm_s2 + CALM_JERK_MM_S2)
            )
        if hard_mm_s2 > 0:
            accel_mm_s2 = min(accel_mm_s2, -min(hard_mm_s2, self.hardest_mm_s2))
        return accel_mm_s2 - accel_mm_s2 % ACCEL_STEP_MM_S2

    # -- places to stop at ------------------------------------------------------------------------

    def _nearest_stop_mm(self, seen: Perception, ahead: RoadAhead, reach_mm: int) -> int:
        """Road left to the first place at which the car has to be able to stop [mm]."""
        s_mm = seen.s_mm
        last_mm = s_mm + reach_mm
        node_mm = ahead.link.length_mm - LINE_MARGIN_MM - s_mm
        road_mm = ahead.stop_mm - s_mm
        if ahead.turn is None:
            road_mm = min(road_mm, node_mm if ahead.goal_mm == NOTHING else ahead.goal_mm - s_mm)
        if ahead.light_mm < last_mm or ahead.next_light_mm < last_mm:
            road_mm = min(road_mm, *self._roads_to_lights_mm(seen, ahead), NOTHING)
        if ahead.yield_mm < last_mm:
            wait_mm = waiting_point_mm(seen, ahead, self.calm_mm_s2) - s_mm
            if not self._may_enter(seen, ahead, wait_mm) and wait_mm < road_mm:
                road_mm = wait_mm
        if ahead.sign_mm < last_mm and not self._honored(seen, ahead):
            road_mm = min(road_mm, ahead.sign_mm - LINE_MARGIN_MM - s_mm)
        if seen.oncoming_gap_mm < NOTHING and mouth_is_taken(seen, ahead):
            road_mm = min(road_mm, node_mm)
        if seen.walker_mm < NOTHING or seen.sirens:
            road_mm = min(road_mm, self._road_to_passers_mm(seen, ahead))
        if seen.barrier_mm < NOTHING:
            road_mm = min(road_mm, seen.barrier_mm - 2 * LINE_MARGIN_MM)
        if node_mm < road_mm and not ahead.must_turn and not self._may_go_on(seen, ahead, node_mm):
            return node_mm
        return road_mm

    def _road_to_passers_mm(self, seen: Perception, ahead: RoadAhead) -> int:
        """Road left to where the car waits for people on foot and for sirens; NOTHING for none."""
        road_mm = NOTHING
        if seen.walker_mm < NOTHING and yields_to_walker(seen, ahead):
            road_mm = seen.walker_mm - WALKER_MARGIN_MM
        if not seen.sirens:
            return road_mm
        return min(road_mm, road_to_siren_mm(seen, ahead, self.calm_mm_s2, self.hardest_mm_s2))

    def _may_go_on(self, seen: Perception, ahead: RoadAhead, node_mm: int) -> bool:
        """Whether the car's lane leads on, or the gap beside one that ends is safe to join."""
        if not ahead.allows_turn_from(seen.target_lane):
            return False
        if not ahead.lane_ends(seen.target_lane) or gaps_are_safe(seen, ahead.link.speed_mm_s):
            return True
        return stop_distance_mm(seen.speed_mm_s, self.calm_mm_s2) > node_mm

    def _roads_to_lights_mm(self, seen: Perception, ahead: RoadAhead) -> list[int]:
        """Road left to the lights of this link and the next, where the car stops for them."""
        s_mm, speed_mm_s = seen.s_mm, seen.speed_mm_s
        lights = []
        if s_mm <= ahead.light_mm < NOTHING:
            lights.append((ahead.link.id, seen.light, ahead.light_mm - s_mm))
        if ahead.next_light_mm < NOTHING and ahead.turn is not None:
            lights.append((ahead.turn.to_link, seen.next_light, ahead.next_light_mm - s_mm))
        return [
            road_mm - LINE_MARGIN_MM
            for link, light, road_mm in lights
            if self._light_stops(link, light, road_mm, speed_mm_s)
        ]

    def _light_stops(self, link: LinkId, light: Light, road_mm: int, speed_mm_s: int) -> bool:
        """
        Whether the car stops for a light at the end of a link.

        Decided once, when the light leaves green; who decided to go on stops all the same if that
        has become easy, who decided to stop does not change his mind.
        """
        if light is Light.GREEN:
            self._stops_for.pop(link, None)
            return False
        if self._stops_for.get(link):
            return True
        stop_mm = stop_distance_mm(speed_mm_s, min(YELLOW_BRAKING_MM_S2, self.hardest_mm_s2))
        # The car stops short of the line; a slow one comes closer to it.
        margin_mm = min(LINE_MARGIN_MM, speed_mm_s * SLACK_MS // 1_000)
        can_stop = stop_mm + speed_mm_s * BUILD_UP_MS // 1_000 + margin_mm <= road_mm
        goes_on = light is Light.YELLOW or link in self._stops_for
        self._stops_for[link] = can_stop or not goes_on
        return self._stops_for[link]

    def _honored(self, seen: Perception, ahead: RoadAhead) -> bool:
        """Whether the stop sign of this link has had its full stop."""
        road_mm = ahead.sign_mm - seen.s_mm
        if seen.speed_mm_s == 0 and 0 <= road_mm <= SIGN_ZONE_MM:
            self._stopped_at = ahead.link.id
        return self._stopped_at == ahead.link.id or road_mm < 0

    def enter(self, link: LinkId) -> None:
        """Take note that the car is on another link: what was decided for the last one is over."""
        self._took_gap = self._going is not None
        self._stopped_at = self._going = None
        self._stops_for = {at: stops for at, stops in self._stops_for.items() if at == link}

    # -- gaps -------------------------------------------------------------------------------------

    def _may_enter(self, seen: Perception, ahead: RoadAhead, road_mm: int) -> bool:
        """Whether the gap in the stream with priority is long enough, or it is too late to wait."""
        if self._going == ahead.link.id:
            return True
        speed_mm_s = seen.speed_mm_s
        spot_mm = last_spot_mm(ahead) - seen.s_mm
        # Told late, a car without a guard brakes as hard as it takes, to the node if need be.
        braking_mm_s2 = self.hardest_mm_s2 if ahead.must_turn else self.calm_mm_s2
        stop_mm = stop_distance_mm(speed_mm_s, braking_mm_s2) + speed_mm_s * TICK_MS // 1_000
        if stop_mm > max(road_mm, spot_mm) + SPARE_MM * ahead.must_turn:
            self._going = ahead.link.id
            return True
        return gap_is_long_enough(seen, ahead, self.style, self.gap_permille)

    def _is_clearing(self, seen: Perception, ahead: RoadAhead) -> bool:
        """Whether the car has taken its gap, or is in the zone behind it: not the place to slow."""
        in_zone = self._took_gap and seen.s_mm <= CLEAR_AFTER_NODE_MM
        return in_zone or self._going == ahead.link.id

    # -- the car ahead ----------------------------------------------------------------------------

    def _follow(self, seen: Perception, limit_mm_s: int) -> tuple[int, int]:
        """Calm speed behind the cars ahead, in both lanes while changing, and hard braking."""
        calm_mm_s, hard_mm_s2 = NOTHING, 0
        if seen.leader_gap_mm < NOTHING:
            braking_mm_s2 = self._leader_braking_mm_s2(seen.leader_speed_mm_s)
            gap_mm, leader_mm_s = seen.leader_gap_mm, seen.leader_speed_mm_s
            calm_mm_s, hard_mm_s2 = self._behind(
                seen.speed_mm_s, gap_mm, leader_mm_s, limit_mm_s, braking_mm_s2
            )
        if seen.target_lane != seen.lane and seen.side_lead_gap_mm < NOTHING:
            gap_mm, leader_mm_s = seen.side_lead_gap_mm, seen.side_lead_speed_mm_s
            beside = self._behind(seen.speed_mm_s, gap_mm, leader_mm_s, limit_mm_s, 0)
            return min(calm_mm_s, beside[0]), max(hard_mm_s2, beside[1])
        return calm_mm_s, hard_mm_s2

    def _leader_braking_mm_s2(self, leader_mm_s: int) -> int:
        """Braking of the car ahead over the last two ticks; another car's speed is no braking."""
        now_mm_s2 = (self._leader_was_mm_s - leader_mm_s) * 10
        before_mm_s2, self._leader_braked_mm_s2 = self._leader_braked_mm_s2, now_mm_s2
        self._leader_was_mm_s = leader_mm_s
        return max(0, min(now_mm_s2, before_mm_s2))

    def _behind(
        self, speed_mm_s: int, gap_mm: int, leader_mm_s: int, limit_mm_s: int, braking_mm_s2: int
    ) -> tuple[int, int]:
        """Calm speed behind one car, and hard braking if it is closer than RSS and brakes."""
        wanted_mm = LEADER_STANDSTILL_MM + leader_mm_s * self.style.headway_ms // 1_000
        rss_mm = wanted_mm
        if self.style.keeps_rss:
            rss_mm = follow_gap_mm(speed_mm_s, leader_mm_s, self.friction_permille, limit_mm_s)
        square = leader_mm_s * leader_mm_s + 2 * 1_000 * (gap_mm - max(wanted_mm, rss_mm))
        rss_mm_s = follow_speed_mm_s(gap_mm, leader_mm_s, self.friction_permille, limit_mm_s)
        calm_mm_s = min(isqrt(square) if square > 0 else 0, rss_mm_s)
        if rss_mm <= gap_mm:
            return calm_mm_s, 0
        # Closer than wanted: calm braking opens the gap, unless what the other does needs more.
        room_mm = max(1, gap_mm - LEADER_STANDSTILL_MM // 2 - speed_mm_s * BUILD_UP_MS // 1_000)
        stops_in_mm = leader_mm_s * leader_mm_s // (2 * max(braking_mm_s2, LEADER_BRAKING_MM_S2))
        needed_mm_s2 = speed_mm_s * speed_mm_s // (2 * (room_mm + stops_in_mm))
        chase_mm_s2 = braking_mm_s2 + (speed_mm_s - leader_mm_s) ** 2 // (2 * room_mm)
        is_closing, owed_mm_s2 = speed_mm_s > leader_mm_s, 0
        # Both are equally fast before either stands: the gap is smallest then, not at the end.
        if is_closing and speed_mm_s * braking_mm_s2 <= leader_mm_s * chase_mm_s2:
            needed_mm_s2 = max(needed_mm_s2, chase_mm_s2)
        if is_closing and gap_mm < rss_mm - RESPONSE_MM:
            owed_mm_s2 = self.response_mm_s2
        return calm_mm_s, max(owed_mm_s2, self._if_hard_mm_s2(needed_mm_s2))


def _ramp_mm_s2(gain_mm_s2: int) -> int:
    """
    Acceleration that calm steps can take back to 0 before more than this is gained.

    Examples
    --------
    >>> _ramp_mm_s2(1_200)  # 800 now, 400 in the next tick, then none
    800
    """
    steps = (isqrt(1 + 8 * gain_mm_s2 // CALM_JERK_MM_S2) - 1) // 2
    return steps * CALM_JERK_MM_S2 if steps else gain_mm_s2
