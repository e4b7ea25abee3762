"""
The vehicles next to the ego: each moves by itself, on the same lattice, and none knows its plan.

Positions are gaps to the ego's bumpers, so that passing a node needs no bookkeeping. All behavior
is a process: what it comes to (contact or not) follows from the motion.
"""

from collections import deque
from dataclasses import dataclass
from math import isqrt
from typing import Final

from guiderail.sim.contract.draw import Stream, TripSeed, below, draw, happens
from guiderail.sim.contract.lattice import ACCEL_STEP_MM_S2, TICK_MS
from guiderail.sim.world.motion import advance

CALM_BRAKING_MM_S2: Final = 3_000
"""What others brake with when nothing is urgent."""
EASY_BRAKING_MM_S2: Final = 2_000
"""Comfortable braking b of the IDM; a car ahead brakes no harder for a slower road."""
LATEST_BRAKING_MM_S2: Final = 2_800
"""A car ahead that would have to brake harder for a yellow light goes on."""
CARELESS_BRAKING_MM_S2: Final = 6_000
"""Random hard braking of the car ahead."""
HARD_BRAKE_MS: Final = 1_400
HARD_BRAKE_PPM: Final = 60
"""Chance per second that the car ahead brakes hard without a visible cause (assumption)."""
THROTTLE_MM_S2: Final = 1_400
"""Acceleration a of the IDM (Treiber, Hennecke, Helbing 2000: 0.73, city values 1.0 to 2.0)."""
PACE_MS: Final = 5_000
"""The car ahead changes its pace a little every so often."""
PACE_PERMILLE: Final = 30
"""By how much at most, about its wish (assumption: half of SUMO's speed deviation)."""
STANDSTILL_GAP_MM: Final = 2_000
FOLLOWER_BRAKING_MM_S2: Final = 4_400
"""Braking that the driver behind plans with, or what the road holds if that is less."""
REACTION_TICKS: Final = 6
"""Delay of an attentive driver behind: 0.6 s (assumption)."""
LAPSE_TICKS: Final = 15
"""Additional delay of a lapse: 1.5 s."""
AT_LINE_MM: Final = 3_000
"""A car standing this close to the line does not creep on."""
STARTING_GAP_MM: Final = 1_500
"""A car standing in a queue moves on when so much more room has opened."""
CREEPING_MM_S: Final = 1_000
"""A car with priority that has come down to this speed waits where it is."""
NEAR_WISH_MM_S: Final = 400
"""So close below its wish a driver calls it reached; the IDM alone would only come near it."""
ONSET_MM_S2: Final = -1_000
"""Ego braking from which the driver behind has something to notice."""
ONCOMING_SIGHT_MM: Final = 60_000
"""From here on a driver who comes head-on sees the ego (assumption)."""
PATIENCE_MS: Final = 8_000
"""For so long it stands before the ego, then backs out of the way (assumption)."""


def lattice(accel_mm_s2: int) -> int:
    """Round an acceleration toward harder braking."""
    return accel_mm_s2 - accel_mm_s2 % ACCEL_STEP_MM_S2


def _nearest(accel_mm_s2: int) -> int:
    """Round an acceleration to the lattice."""
    return (accel_mm_s2 + ACCEL_STEP_MM_S2 // 2) // ACCEL_STEP_MM_S2 * ACCEL_STEP_MM_S2


def idm_free_mm_s2(speed_mm_s: int, wish_mm_s: int) -> int:
    """
    Acceleration of the Intelligent Driver Model on a free road, in whole numbers [mm/s^2].

    ``a * (1 - (v / v0)^4)``; above the wished speed it brakes with ``b`` at most. What the cars
    farther ahead do to this one is its random hard braking.

    Examples
    --------
    >>> idm_free_mm_s2(0, 13_880), idm_free_mm_s2(13_880, 13_880)
    (1400, 0)
    """
    square = speed_mm_s * speed_mm_s * 1_000 // max(wish_mm_s * wish_mm_s, 1)
    return max(-EASY_BRAKING_MM_S2, THROTTLE_MM_S2 - THROTTLE_MM_S2 * square * square // 1_000_000)


@dataclass(slots=True, init=False)
class Leader:
    """The car ahead: an IDM driver who stops at lines and rarely brakes hard."""

    key: int
    gap_mm: int
    speed_mm_s: int
    wish_mm_s: int
    pace_permille: int
    """What it drives, of its wish."""
    accel_mm_s2: int
    hard_until_ms: int
    """Until when it brakes hard for no visible cause."""
    goes: bool
    """Whether it has taken its gap at the line where it must let others pass."""

    def __init__(self, key: int, gap_mm: int, speed_mm_s: int) -> None:
        self.key = key
        self.gap_mm = gap_mm
        self.speed_mm_s = speed_mm_s
        self.wish_mm_s = speed_mm_s
        self.pace_permille = 1_000
        self.accel_mm_s2 = 0
        self.hard_until_ms = 0
        self.goes = False

    def step(self, time_ms: int, seed: TripSeed, red_at_mm: int, grip_mm_s2: int) -> int:
        """Drive one tick; ``red_at_mm`` is the road to a line to stop at, negative for none."""
        if time_ms % 1_000 == 0 and self.speed_mm_s:
            word = draw(seed, Stream.LEADER_BRAKES, self.key, time_ms // 1_000)
            if happens(word, HARD_BRAKE_PPM):
                self.hard_until_ms = time_ms + HARD_BRAKE_MS
            if time_ms % PACE_MS == 0:
                word = draw(seed, Stream.LEADER_PACE, self.key, time_ms // PACE_MS)
                offset = below(word, 2 * PACE_PERMILLE + 1) - PACE_PERMILLE
                # Half of the old pace stays: an Ornstein-Uhlenbeck process in steps.
                self.pace_permille = (self.pace_permille + 1_000) // 2 + offset
        accel_mm_s2 = self._wanted(time_ms, red_at_mm)
        moved_mm, self.speed_mm_s, self.accel_mm_s2 = advance(
            self.speed_mm_s, max(-grip_mm_s2, accel_mm_s2)
        )
        self.gap_mm += moved_mm
        return moved_mm

    def is_at_rest(self, time_ms: int) -> bool:
        """Whether it stands by its own choice, so that only a change of the light moves it."""
        return self.speed_mm_s == 0 and self.accel_mm_s2 == 0 and time_ms >= self.hard_until_ms

    def _wanted(self, time_ms: int, red_at_mm: int) -> int:
        if time_ms < self.hard_until_ms:
            return -CARELESS_BRAKING_MM_S2
        if red_at_mm >= 0:
            return self._stop_within(red_at_mm)
        return self._keep_pace()

    def _keep_pace(self) -> int:
        wish_mm_s = self.wish_mm_s * self.pace_permille // 1_000
        if 0 <= wish_mm_s - self.speed_mm_s < NEAR_WISH_MM_S:
            return 0
        return _nearest(idm_free_mm_s2(self.speed_mm_s, wish_mm_s))

    def braking_for(self, road_mm: int) -> int:
        """Braking that stops it a meter before a line so far ahead, or halfway [mm/s^2]."""
        return self.speed_mm_s * self.speed_mm_s // (2 * max(road_mm // 2, road_mm - 1_000, 1))

    def _stop_within(self, road_mm: int) -> int:
        if self.speed_mm_s == 0:
            return 0 if road_mm < AT_LINE_MM else 400
        needed = self.braking_for(road_mm)
        if needed < EASY_BRAKING_MM_S2 and self.accel_mm_s2 >= 0:
            return self._keep_pace()
        return -lattice(needed + ACCEL_STEP_MM_S2)


@dataclass(slots=True, init=False)
class Follower:
    """The car behind: sees the ego late, keeps a headway, sometimes lapses."""

    key: int
    gap_mm: int
    speed_mm_s: int
    wish_mm_s: int
    accel_mm_s2: int
    headway_ms: int
    lapse_ticks: int
    """Ticks for which it goes on looking away."""
    moved_mm: int
    """Road driven since it came into view."""
    seen: deque[tuple[int, int, int]]
    """Gap, ego speed and own road of the last ticks, latest last."""

    def __init__(self, key: int, gap_mm: int, speed_mm_s: int, seed: TripSeed) -> None:
        self.key = key
        self.gap_mm = gap_mm
        self.speed_mm_s = speed_mm_s
        self.wish_mm_s = speed_mm_s
        self.accel_mm_s2 = 0
        self.lapse_ticks = 0
        self.headway_ms = 1_000 + below(draw(seed, Stream.FOLLOWER_STYLE, key, 0), 1_001)
        self.moved_mm = 0
        self.seen = deque(maxlen=REACTION_TICKS + LAPSE_TICKS + 1)

    def step(self, ego_speed_mm_s: int, grip_mm_s2: int) -> int:
        """Drive one tick on what it saw a reaction time ago."""
        self.seen.append((self.gap_mm, ego_speed_mm_s, self.moved_mm))
        delay = REACTION_TICKS
        if self.lapse_ticks:
            # Looking away: what is known stays what was seen when the lapse began.
            delay += LAPSE_TICKS - self.lapse_ticks
            self.lapse_ticks -= 1
        accel_mm_s2 = max(
            -grip_mm_s2,
            self._wanted(*self._expected(delay), min(FOLLOWER_BRAKING_MM_S2, grip_mm_s2)),
        )
        moved_mm, self.speed_mm_s, self.accel_mm_s2 = advance(self.speed_mm_s, accel_mm_s2)
        self.moved_mm += moved_mm
        self.gap_mm -= moved_mm
        return moved_mm

    def is_at_rest(self) -> bool:
        """Whether it stands and has known for longer than any delay that there is no way on."""
        is_still = self.speed_mm_s == 0 and self.accel_mm_s2 == 0 and self.lapse_ticks == 0
        return is_still and len(self.seen) == self.seen.maxlen and len(set(self.seen)) == 1

    def _expected(self, delay: int) -> tuple[int, int]:
        """Gap and ego speed as they would be now had the ego kept the speed last seen."""
        since = min(delay, len(self.seen) - 1)
        gap_mm, speed_mm_s, moved_mm = self.seen[-1 - since]
        return gap_mm + speed_mm_s * since * TICK_MS // 1_000 - (
            self.moved_mm - moved_mm
        ), speed_mm_s

    def notice_braking(self, seed: TripSeed, time_ms: int, lapses_ppm: int) -> None:
        """Ego began to brake: maybe this driver, if not braking already, is not looking."""
        if self.accel_mm_s2 <= ONSET_MM_S2:
            return
        word = draw(seed, Stream.FOLLOWER_LAPSE, self.key, time_ms // TICK_MS)
        if happens(word, lapses_ppm):
            self.lapse_ticks = LAPSE_TICKS

    def _wanted(
        self, gap_mm: int, ego_speed_mm_s: int, braking_mm_s2: int = FOLLOWER_BRAKING_MM_S2
    ) -> int:
        """Safe speed (Krauss, Gipps): stop behind the ego even if it brakes like the follower."""
        room_mm = gap_mm - STANDSTILL_GAP_MM
        reach_mm_s, wish_mm_s = braking_mm_s2 * self.headway_ms // 1_000, self.wish_mm_s
        square = (
            reach_mm_s * reach_mm_s + ego_speed_mm_s * ego_speed_mm_s + 2 * braking_mm_s2 * room_mm
        )
        # The root itself is not needed where the wish is the smaller of the two.
        if square < (wish_mm_s + reach_mm_s) ** 2:
            wish_mm_s = max(0, isqrt(square) - reach_mm_s) if square > 0 else 0
        error = wish_mm_s - self.speed_mm_s
        if error == 0:
            return 0
        if error > 0:
            starts = self.speed_mm_s > 0 or gap_mm > STANDSTILL_GAP_MM + STARTING_GAP_MM
            return min(THROTTLE_MM_S2, lattice(error * 2)) if starts else 0
        return lattice(error * 5)


@dataclass(slots=True, init=False)
class CrossTraffic:
    """A vehicle with priority on its way to the conflict zone that the ego is in."""

    gap_mm: int
    speed_mm_s: int
    wait_ms: int
    """Time until its driver reacts."""
    hardest_mm_s2: int
    """Hardest braking so far."""

    def __init__(self, gap_mm: int, speed_mm_s: int) -> None:
        self.gap_mm = gap_mm
        self.speed_mm_s = speed_mm_s
        # An unexpected event takes 1.25 s; the ego's creeping gives a part of it away.
        self.wait_ms = 1_000
        self.hardest_mm_s2 = 0

    def step(self, grip_mm_s2: int) -> None:
        """Drive one tick: brake as hard as the ego in its way demands."""
        accel_mm_s2 = 0
        if self.wait_ms > 0:
            self.wait_ms -= TICK_MS
        elif self.gap_mm > 0:
            accel_mm_s2 = -min(grip_mm_s2, -lattice(-self._needed()))
        moved_mm, self.speed_mm_s, real = advance(self.speed_mm_s, accel_mm_s2)
        self.hardest_mm_s2 = max(self.hardest_mm_s2, -real)
        self.gap_mm -= moved_mm

    def _needed(self) -> int:
        """Braking that stops it a meter short, or halfway; the last bit is not crept along."""
        needed = (
            self.speed_mm_s * self.speed_mm_s // (2 * max(self.gap_mm // 2, self.gap_mm - 1_000, 1))
        )
        if self.speed_mm_s < CREEPING_MM_S:
            return max(needed, ACCEL_STEP_MM_S2 * 5)
        return needed if needed > ACCEL_STEP_MM_S2 else 0


@dataclass(slots=True, init=False)
class Oncoming:
    """A vehicle head-on: reacts when it sees the ego, brakes, waits, gives way at last."""

    key: int
    gap_mm: int
    speed_mm_s: int
    wait_ms: int
    """Time until its driver reacts; below 0 for how long it has stood."""

    def __init__(self, key: int, gap_mm: int, speed_mm_s: int) -> None:
        self.key = key
        self.gap_mm = gap_mm
        self.speed_mm_s = speed_mm_s
        self.wait_ms = 1_200

    def step(self, grip_mm_s2: int) -> None:
        """Drive one tick; the ego's own motion is taken off the gap by the caller."""
        if self.gap_mm > ONCOMING_SIGHT_MM:
            accel_mm_s2 = 0
        elif self.wait_ms > 0:
            self.wait_ms -= TICK_MS
            accel_mm_s2 = 0
        else:
            accel_mm_s2 = -min(grip_mm_s2, CARELESS_BRAKING_MM_S2)
        moved_mm, self.speed_mm_s, _ = advance(self.speed_mm_s, accel_mm_s2)
        self.gap_mm -= moved_mm
        if self.speed_mm_s == 0:
            self.wait_ms -= TICK_MS

    def has_gone(self) -> bool:
        """Whether it stood long enough and backed out of the way."""
        return self.speed_mm_s == 0 and self.wait_ms < -PATIENCE_MS
