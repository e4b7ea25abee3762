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
from guiderail.sim.driver.motion.emergency_response import road_to_siren, way_speed_mm_s
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
ONCOMING_REACTION_MS: Final = 1_200
ONCOMING_BRAKING: Final = 6_000
"""What is expected of a car head-on [mm/s^2]."""
MOUTH_MS: Final = 4_000
"""Nobody drives into a street that somebody leaves within this time."""
SIGN_ZONE_MM: Final = 3_500
"""A stop counts within 4 m of the line (CARLA); half a meter is kept in hand."""


class Controller:
    """Turns demands into an acceleration."""

    def __init__(self, style: DrivingStyle, friction_permille: int) -> None:
        self.style = style
        self.comfort = comfort_braking_mm_s2(friction_permille)
        self.hardest = hardest_braking_mm_s2(friction_permille)
        self.calm = max(self.comfort, min(CALM_BRAKING_LIMIT_MM_S2, self.hardest))
        self.friction = friction_permille
        self.response = response_braking_mm_s2(friction_permille)
        self.gap_permille = 1_000
        """Share of their critical gap that people under time pressure put up with."""
        self._sight_mm = self._sight_mm_s = NOTHING
        self._stopped_at: LinkId | None = None
        """Link whose stop sign has been honored."""
        self._stops_for: dict[LinkId, bool] = {}
        """Whether the car stops for the light of a link, once that has left green."""
        self._leader_was = 0
        self._leader_braked = 0
        self._going: LinkId | None = None
        """Link at whose end the car has taken its gap and is past waiting."""
        self._took_gap = False
        """Whether it did so at the end of the last link."""

    def accel_mm_s2(self, seen: Perception, ahead: RoadAhead, curve_speed: int) -> int:
        """Acceleration for the next tick [mm/s^2]."""
        speed, s_mm, last = seen.speed_mm_s, seen.s_mm, seen.accel_mm_s2
        reach = speed * speed // (2 * self.comfort) + speed + REACH_MM
        # Speeding up has to end, step by step, before braking can begin.
        slack = SLACK_MS + last * TICK_MS // CALM_JERK_MM_S2 if last > 0 else SLACK_MS
        allowed, hard = self._limit(seen, ahead.link.speed_mm_s, curve_speed), 0
        if seen.siren_gap_mm < NOTHING and not self._is_clearing(seen, ahead):
            allowed = min(allowed, way_speed_mm_s(seen, ahead))
        for place, limit in ahead.limits:
            road = place - s_mm
            if road >= reach:
                break
            if limit < allowed:
                allowed = min(allowed, self._calm_speed(speed, road, limit, slack))
                if speed > limit:
                    hard = max(hard, self._hard_braking(speed, road, limit))
        road = self._nearest_stop(seen, ahead, reach)
        if road < reach:
            allowed = min(allowed, self._calm_stop(speed, road, slack - SLACK_MS // 2))
            spare = 0 if ahead.must_turn else SPARE_MM
            hard = max(hard, self._hard_braking(speed, road + spare, 0))
        if seen.oncoming_gap_mm < NOTHING:
            hard = max(hard, self._hard_braking(speed, self._oncoming_room(seen), 0))
        near = reach + FAR_MM
        if seen.leader_gap_mm < near or seen.side_lead_gap_mm < near:
            calm, needed = self._follow(seen, ahead.link.speed_mm_s)
            allowed, hard = min(allowed, calm), max(hard, needed)
        return self._toward(seen, allowed, hard)

    def _limit(self, seen: Perception, posted: int, curve_speed: int) -> int:
        """Speed that road, curve and sight allow here."""
        if seen.sight_mm != self._sight_mm:
            self._sight_mm = seen.sight_mm
            self._sight_mm_s = sight_speed_mm_s(seen.sight_mm, self.friction)
        return min(posted, curve_speed, self._sight_mm_s)

    def _calm_speed(self, speed: int, road: int, limit: int, slack_ms: int) -> int:
        """Speed after the next tick that leaves calm braking, some slack kept in hand."""
        return next_speed_mm_s(speed, road - speed * slack_ms // 1_000, limit, self.comfort)

    def _calm_stop(self, speed: int, road: int, slack_ms: int) -> int:
        """Like :meth:`_calm_speed` for a stop; a car that almost stands there does not creep."""
        if road < CREEP_MM and speed <= CREEP_MM_S:
            return 0
        return self._calm_speed(speed, road, 0, slack_ms)

    def _hard_braking(self, speed: int, road: int, limit: int) -> int:
        """Braking that a place still needs, where calm braking is no longer enough; else 0."""
        if speed <= limit:
            return 0
        return self._if_hard((speed * speed - limit * limit) // (2 * max(road, 1)))

    def _if_hard(self, needed: int) -> int:
        """Braking that is needed, rounded up, where calm braking is not enough; else 0."""
        return 0 if needed <= self.calm else needed + ACCEL_STEP_MM_S2

    def _oncoming_room(self, seen: Perception) -> int:
        """Road left to stop in if the car head-on reacts in 1.2 s and brakes hard [mm]."""
        other = seen.oncoming_speed_mm_s
        its_way = other * ONCOMING_REACTION_MS // 1_000 + other * other // (2 * ONCOMING_BRAKING)
        return seen.oncoming_gap_mm - its_way - LINE_MARGIN_MM

    def _toward(self, seen: Perception, allowed: int, hard: int) -> int:
        """Acceleration to the allowed speed: calm, unless more braking is needed."""
        gain, last = (allowed - seen.speed_mm_s) * 10, seen.accel_mm_s2
        if gain == last == hard == 0:  # cruising, as most of the time
            return 0
        accel = min(CALM_THROTTLE_MM_S2, gain)
        if accel > 0:
            accel = min(accel, _ramp_mm_s2(gain))
        elif accel < -self.calm:
            accel = -self.calm
        if last >= -self.calm and seen.speed_mm_s > CREEP_MM_S:
            accel = max(last - CALM_JERK_MM_S2, min(accel, last + CALM_JERK_MM_S2))
        if hard > 0:
            accel = min(accel, -min(hard, self.hardest))
        return accel - accel % ACCEL_STEP_MM_S2

    # -- places to stop at ------------------------------------------------------------------------

    def _nearest_stop(self, seen: Perception, ahead: RoadAhead, reach: int) -> int:
        """Road left to the first place at which the car has to be able to stop [mm]."""
        s_mm = seen.s_mm
        last_mm = s_mm + reach
        node = ahead.link.length_mm - LINE_MARGIN_MM - s_mm
        road = ahead.stop_mm - s_mm
        if ahead.turn is None:
            road = min(road, node if ahead.goal_mm == NOTHING else ahead.goal_mm - s_mm)
        if ahead.light_mm < last_mm or ahead.next_light_mm < last_mm:
            road = min(road, *self._roads_to_lights(seen, ahead), NOTHING)
        if ahead.yield_mm < last_mm:
            wait = waiting_point_mm(seen, ahead, self.calm) - s_mm
            if not self._may_enter(seen, ahead, wait) and wait < road:
                road = wait
        if ahead.sign_mm < last_mm and not self._honored(seen, ahead):
            road = min(road, ahead.sign_mm - LINE_MARGIN_MM - s_mm)
        if seen.oncoming_gap_mm < NOTHING and self._blocks_mouth(seen, ahead):
            road = min(road, node)
        if seen.walker_mm < NOTHING or seen.sirens:
            road = min(road, self._road_to_passers(seen, ahead))
        if seen.barrier_mm < NOTHING:
            road = min(road, seen.barrier_mm - 2 * LINE_MARGIN_MM)
        if node < road and not ahead.must_turn and not self._may_go_on(seen, ahead, node):
            return node
        return road

    def _road_to_passers(self, seen: Perception, ahead: RoadAhead) -> int:
        """Road left to where the car waits for people on foot and for sirens; NOTHING for none."""
        road = NOTHING
        if seen.walker_mm < NOTHING and yields_to_walker(seen, ahead):
            road = seen.walker_mm - WALKER_MARGIN_MM
        if not seen.sirens:
            return road
        return min(road, road_to_siren(seen, ahead, self.calm, self.hardest))

    def _may_go_on(self, seen: Perception, ahead: RoadAhead, node: int) -> bool:
        """Whether the car's lane leads on, or the gap beside one that ends is safe to join."""
        if not ahead.allows_turn_from(seen.target_lane):
            return False
        if not ahead.lane_ends(seen.target_lane) or gaps_are_safe(seen, ahead.link.speed_mm_s):
            return True
        return stop_distance_mm(seen.speed_mm_s, self.calm) > node

    def _blocks_mouth(self, seen: Perception, ahead: RoadAhead) -> bool:
        """Whether somebody is about to come out of the street that the car would enter head-on."""
        left_mm = ahead.link.length_mm - seen.s_mm
        near_mm = left_mm + seen.oncoming_speed_mm_s * MOUTH_MS // 1_000
        return not ahead.link.against_oneway and seen.oncoming_gap_mm < near_mm

    def _roads_to_lights(self, seen: Perception, ahead: RoadAhead) -> list[int]:
        """Road left to the lights of this link and the next, where the car stops for them."""
        s_mm, speed = seen.s_mm, seen.speed_mm_s
        lights = []
        if s_mm <= ahead.light_mm < NOTHING:
            lights.append((ahead.link.id, seen.light, ahead.light_mm - s_mm))
        if ahead.next_light_mm < NOTHING and ahead.turn is not None:
            lights.append((ahead.turn.to_link, seen.next_light, ahead.next_light_mm - s_mm))
        return [
            road - LINE_MARGIN_MM
            for link, light, road in lights
            if self._light_stops(link, light, road, speed)
        ]

    def _light_stops(self, link: LinkId, light: Light, road: int, speed: int) -> bool:
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
        needed = stop_distance_mm(speed, min(YELLOW_BRAKING_MM_S2, self.hardest))
        # The car stops short of the line; a slow one comes closer to it.
        margin = min(LINE_MARGIN_MM, speed * 6 // 10)
        can_stop = needed + speed * BUILD_UP_MS // 1_000 + margin <= road
        goes_on = light is Light.YELLOW or link in self._stops_for
        self._stops_for[link] = can_stop or not goes_on
        return self._stops_for[link]

    def _honored(self, seen: Perception, ahead: RoadAhead) -> bool:
        """Whether the stop sign of this link has had its full stop."""
        road = ahead.sign_mm - seen.s_mm
        if seen.speed_mm_s == 0 and 0 <= road <= SIGN_ZONE_MM:
            self._stopped_at = ahead.link.id
        return self._stopped_at == ahead.link.id or road < 0

    def enter(self, link: LinkId) -> None:
        """Take note that the car is on another link: what was decided for the last one is over."""
        self._took_gap = self._going is not None
        self._stopped_at = self._going = None
        self._stops_for = {at: stops for at, stops in self._stops_for.items() if at == link}

    # -- gaps -------------------------------------------------------------------------------------

    def _may_enter(self, seen: Perception, ahead: RoadAhead, road: int) -> bool:
        """Whether the gap in the stream with priority is long enough, or it is too late to wait."""
        if self._going == ahead.link.id:
            return True
        speed = seen.speed_mm_s
        last_spot = last_spot_mm(ahead) - seen.s_mm
        # Told late, a car without a guard brakes as hard as it takes, to the node if need be.
        braking, beyond = (self.hardest, SPARE_MM) if ahead.must_turn else (self.calm, 0)
        stop = stop_distance_mm(speed, braking) + speed * TICK_MS // 1_000
        if stop > max(road, last_spot) + beyond:
            self._going = ahead.link.id
            return True
        return gap_is_long_enough(seen, ahead, self.style, self.gap_permille)

    def _is_clearing(self, seen: Perception, ahead: RoadAhead) -> bool:
        """Whether the car has taken its gap, or is in the zone behind it: not the place to slow."""
        in_zone = self._took_gap and seen.s_mm <= CLEAR_AFTER_NODE_MM
        return in_zone or self._going == ahead.link.id

    # -- the car ahead ----------------------------------------------------------------------------

    def _follow(self, seen: Perception, limit: int) -> tuple[int, int]:
        """Calm speed behind the cars ahead, in both lanes while changing, and hard braking."""
        calm, hard = NOTHING, 0
        if seen.leader_gap_mm < NOTHING:
            braking = self._leader_brakes(seen.leader_speed_mm_s)
            gap, leader = seen.leader_gap_mm, seen.leader_speed_mm_s
            calm, hard = self._behind(seen.speed_mm_s, gap, leader, limit, braking)
        if seen.target_lane != seen.lane and seen.side_lead_gap_mm < NOTHING:
            gap, leader = seen.side_lead_gap_mm, seen.side_lead_speed_mm_s
            beside = self._behind(seen.speed_mm_s, gap, leader, limit, 0)
            return min(calm, beside[0]), max(hard, beside[1])
        return calm, hard

    def _leader_brakes(self, leader: int) -> int:
        """Braking of the car ahead over the last two ticks; another car's speed is no braking."""
        now = (self._leader_was - leader) * 10
        before, self._leader_braked, self._leader_was = self._leader_braked, now, leader
        return max(0, min(now, before))

    def _behind(
        self, speed: int, gap_mm: int, leader: int, limit: int, braking: int
    ) -> tuple[int, int]:
        """Calm speed behind one car, and hard braking if it is closer than RSS and brakes."""
        wanted = LEADER_STANDSTILL_MM + leader * self.style.headway_ms // 1_000
        rss_mm = wanted
        if self.style.keeps_rss:
            rss_mm = follow_gap_mm(speed, leader, self.friction, limit)
        square = leader * leader + 2 * 1_000 * (gap_mm - max(wanted, rss_mm))
        roomy = follow_speed_mm_s(gap_mm, leader, self.friction, limit)
        calm = min(isqrt(square) if square > 0 else 0, roomy)
        if rss_mm <= gap_mm:
            return calm, 0
        # Closer than wanted: calm braking opens the gap, unless what the other does needs more.
        room = max(1, gap_mm - LEADER_STANDSTILL_MM // 2 - speed * BUILD_UP_MS // 1_000)
        stops_in = leader * leader // (2 * max(braking, LEADER_BRAKING_MM_S2))
        needed = speed * speed // (2 * (room + stops_in))
        chase = braking + (speed - leader) ** 2 // (2 * room)
        if (
            speed > leader and speed * braking <= leader * chase
        ):  # equally fast before either stands
            needed = max(needed, chase)
        owed = self.response if speed > leader and gap_mm < rss_mm - RESPONSE_MM else 0
        return calm, max(owed, self._if_hard(needed))


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
