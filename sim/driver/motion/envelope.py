"""
The driver's own, conservative model of the car: how far, how fast, how close.

Pure functions on whole numbers (mm, mm/s, mm/s^2, ms). World and judge have formulas of their own
on purpose: a property test compares them, nobody shares one. A braking car loses the same speed in
each tick and brakes gently in the last one, so as to land exactly on the speed it wants; all
distances count that tick.
"""

from functools import cache
from math import isqrt
from typing import Final

from guiderail.sim.contract.lattice import (
    ACCEL_STEP_MM_S2,
    GRAVITY_MM_S2,
    NOTHING,
    SPEED_STEP_MM_S,
)

COMFORT_BRAKING_MM_S2: Final = 2_000
"""Planned braking: the b of the IDM in the ad-rss documentation, 1.5 .. 2.5 m/s^2 typical."""
ADMISSION_BRAKING_MM_S2: Final = 2_400
"""Hardest braking that an accepted proposal may need: 2.5 m/s^2 rounded down to the lattice."""
COMFORT_LATERAL_MM_S2: Final = 2_000
"""Planned lateral acceleration, 2.0 .. 2.5 m/s^2 (a decision of this project)."""
HARDEST_SHARE_PERMILLE: Final = 900
"""Share of the perceived friction that emergency braking plans with; the rest is for its error."""

REACTION_MS: Final = 500
"""Time until this car acts on what it sees: "own system" in the RSS preset of this project."""
REACTION_ACCEL_MM_S2: Final = 2_000
"""Acceleration that RSS assumes during that time."""
RSS_BRAKING_MM_S2: Final = 4_000
"""RSS b_min on dry road: what the car behind brakes with at least."""
RSS_LEADER_BRAKING_MM_S2: Final = 8_000
"""RSS b_max on dry road: what the car in front brakes with at most."""
STANDSTILL_GAP_MM: Final = 2_000
"""Gap that is left when everybody has stopped (JRC-FSM, margins)."""
DRY_PERMILLE: Final = 800
"""Friction coefficient that the RSS values are for."""
FOLLOWER_REACTION_MS: Final = 1_250
"""Brake reaction of a person to an unexpected brake light (Green 2000)."""


def stop_distance_mm(speed_mm_s: int, braking_mm_s2: int) -> int:
    """
    Distance to a standstill [mm], the gentle last tick included.

    ``v**2 / (2 * b)`` is short by up to ``b * dt**2 / 8``, because a car cannot stop inside a tick.

    Examples
    --------
    >>> stop_distance_mm(10_000, 2_000)
    25000
    """
    ticks, rest = divmod(speed_mm_s, braking_mm_s2 // 10)
    return (ticks * (speed_mm_s + rest) + rest) // 20


def slow_distance_mm(speed_mm_s: int, to_speed_mm_s: int, braking_mm_s2: int) -> int:
    """
    Distance in which braking brings the speed down to ``to_speed_mm_s`` [mm]; 0 if it is no faster.

    Examples
    --------
    >>> slow_distance_mm(10_000, 6_000, 2_000)
    16000
    """
    to_speed = to_speed_mm_s - to_speed_mm_s % SPEED_STEP_MM_S
    if speed_mm_s <= to_speed:
        return 0
    ticks, rest = divmod(speed_mm_s - to_speed, braking_mm_s2 // 10)
    last = 2 * to_speed + rest if rest else 0  # a whole tick, however little is left to brake
    return (ticks * (speed_mm_s + to_speed + rest) + last) // 20


def fastest_speed_mm_s(distance_mm: int, to_speed_mm_s: int, braking_mm_s2: int) -> int:
    """
    Highest speed from which braking meets ``to_speed_mm_s`` within the distance [mm/s].

    The inverse of :func:`slow_distance_mm`, in closed form: the most full ticks, then what the
    gentle tick adds. Never below ``to_speed_mm_s``, even where the distance is negative.
    """
    to_speed = to_speed_mm_s - to_speed_mm_s % SPEED_STEP_MM_S
    if distance_mm <= 0:
        return to_speed
    step, room = braking_mm_s2 // 10, 20 * distance_mm
    ticks = (isqrt(to_speed**2 + step * room) - to_speed) // step
    room -= ticks * (2 * to_speed + ticks * step) + 2 * to_speed
    rest = room // (2 * ticks + 1)
    return to_speed + ticks * step + (rest - rest % SPEED_STEP_MM_S if rest > 0 else 0)


def next_speed_mm_s(
    speed_mm_s: int, distance_mm: int, to_speed_mm_s: int, braking_mm_s2: int
) -> int:
    """
    Highest speed after the next tick from which braking still meets the target [mm/s].

    Unlike :func:`fastest_speed_mm_s` it counts the road that the next tick uses up, so a car that
    takes this speed each tick never has to brake harder. Not bounded by what the car can do in one
    tick; ``to_speed_mm_s`` where even that is too fast for the road left.
    """
    to_speed = to_speed_mm_s - to_speed_mm_s % SPEED_STEP_MM_S
    step, room = braking_mm_s2 // 10, 20 * distance_mm - speed_mm_s - to_speed
    if room <= 0:
        return to_speed
    slope = 2 * to_speed + step
    ticks = (isqrt(slope**2 + 4 * step * room) - slope) // (2 * step)
    room -= ticks * (slope + ticks * step) + 2 * to_speed
    rest = room // (2 * ticks + 2)
    return to_speed + ticks * step + (rest - rest % SPEED_STEP_MM_S if rest > 0 else 0)


def sight_speed_mm_s(sight_mm: int, friction_permille: int) -> int:
    """
    Speed from which reaction and RSS braking stop the car within what it senses [mm/s].

    Examples
    --------
    >>> sight_speed_mm_s(40_000, 800)  # 15.5 * 0.5 + 15.5^2 / 8 = 37.8 m, 2 m are left
    15540
    """
    braking = _scaled_mm_s2(RSS_BRAKING_MM_S2, friction_permille)
    # v * t + v^2 / (2 * b) = room, solved for v
    lost = braking * REACTION_MS // 1_000
    room = max(0, sight_mm - STANDSTILL_GAP_MM)
    speed = isqrt(lost * lost + 2 * braking * room) - lost
    return max(SPEED_STEP_MM_S, speed - speed % SPEED_STEP_MM_S)


def turn_speed_mm_s(radius_mm: int, friction_permille: int) -> int:
    """Speed for a curve [mm/s]: comfort, at most half of the friction; ``NOTHING`` for radius 0."""
    if radius_mm == 0:
        return NOTHING
    speed = isqrt(min(COMFORT_LATERAL_MM_S2, _half_friction_mm_s2(friction_permille)) * radius_mm)
    # A speed of 0 would wait for ever before the curve; the slowest crawl is still a plan.
    return max(SPEED_STEP_MM_S, speed - speed % SPEED_STEP_MM_S)


def comfort_braking_mm_s2(friction_permille: int) -> int:
    """Braking to plan with [mm/s^2]: at most half of the friction, never below one step."""
    return _on_lattice_mm_s2(min(COMFORT_BRAKING_MM_S2, _half_friction_mm_s2(friction_permille)))


def admission_braking_mm_s2(friction_permille: int) -> int:
    """Hardest braking that an accepted proposal may need [mm/s^2]; bounded like comfort."""
    return _on_lattice_mm_s2(min(ADMISSION_BRAKING_MM_S2, _half_friction_mm_s2(friction_permille)))


def hardest_braking_mm_s2(friction_permille: int) -> int:
    """Emergency braking that the driver counts on [mm/s^2]; never below one step."""
    share = HARDEST_SHARE_PERMILLE * friction_permille * GRAVITY_MM_S2
    return _on_lattice_mm_s2(share // 1_000_000)


def response_braking_mm_s2(friction_permille: int) -> int:
    """Braking that RSS demands of who has come too close [mm/s^2]; on the lattice, rounded up."""
    scaled = RSS_BRAKING_MM_S2 * min(friction_permille, DRY_PERMILLE)
    return -(-scaled // (DRY_PERMILLE * ACCEL_STEP_MM_S2)) * ACCEL_STEP_MM_S2


def follow_gap_mm(
    own_speed_mm_s: int,
    leader_speed_mm_s: int,
    friction_permille: int,
    limit_mm_s: int = NOTHING,
) -> int:
    """
    Gap to keep to the car in front [mm]: RSS, longitudinal, same direction (arXiv:1708.06374).

    Speed gained during the reaction is capped at ``limit_mm_s``, the speed limit. Braking scales
    with friction; own braking is rounded down and the leader's up, so that ego never counts on
    braking harder than its leader: comparing end positions would not be sound then.

    Examples
    --------
    >>> follow_gap_mm(0, 0, 800)  # 0.25 m while it reacts, 0.13 m while it stops, 2 m left
    2380
    """
    gained = REACTION_ACCEL_MM_S2 * REACTION_MS // 1_000
    after = max(own_speed_mm_s, min(own_speed_mm_s + gained, limit_mm_s - limit_mm_s % 20))
    rolled = (own_speed_mm_s + after) * REACTION_MS // 2_000
    own = rolled + stop_distance_mm(after, _scaled_mm_s2(RSS_BRAKING_MM_S2, friction_permille))
    leader = leader_speed_mm_s**2 // (2 * _leader_braking_mm_s2(friction_permille))
    return max(0, own - leader) + STANDSTILL_GAP_MM


def follow_speed_mm_s(
    gap_mm: int, leader_speed_mm_s: int, friction_permille: int, limit_mm_s: int = NOTHING
) -> int:
    """
    Highest speed at which a gap is enough [mm/s], on the lattice: the inverse of `follow_gap_mm`.

    0 where no speed is slow enough.

    Examples
    --------
    >>> follow_speed_mm_s(20_000, 10_000, 800, 10_000)  # 7.5 m rolled, 12.5 m to stop less 6.25 m
    10000
    """
    if gap_mm < STANDSTILL_GAP_MM:
        return 0
    braking = _scaled_mm_s2(RSS_BRAKING_MM_S2, friction_permille)
    leader = leader_speed_mm_s**2 // (2 * _leader_braking_mm_s2(friction_permille))
    # The last tick of a stop adds up to b * dt^2 / 8.
    room = gap_mm - STANDSTILL_GAP_MM + leader - braking // 800 - 2
    gained = REACTION_ACCEL_MM_S2 * REACTION_MS // 1_000
    # Unbounded: (v + gained / 2) * t + (v + gained)^2 / 2b = room, solved for v + gained.
    lag = braking * REACTION_MS // 1_000
    square = lag * lag + 2 * braking * room + lag * gained
    after = isqrt(square) - lag if square > 0 else 0
    if after > limit_mm_s:
        at_limit = room - limit_mm_s**2 // (2 * braking)
        speed = min(limit_mm_s, 2_000 * at_limit // REACTION_MS - limit_mm_s)
        speed = max(speed, limit_mm_s - gained)
    else:
        speed = after - gained
    return max(0, speed - speed % SPEED_STEP_MM_S)


def rear_gap_is_enough(
    gap_mm: int,
    follower_speed_mm_s: int,
    own_speed_mm_s: int,
    own_braking_mm_s2: int,
    friction_permille: int = DRY_PERMILLE,
) -> bool:
    """
    Whether the car behind can answer own braking down to a standstill with no more than 4 m/s^2.

    It reacts after 1.25 s. Compared are the end positions and, where the follower brakes harder
    than ego, also the moment of equal speed, at which the gap is smallest.
    """
    if gap_mm >= NOTHING:
        return True
    braking = _scaled_mm_s2(RSS_BRAKING_MM_S2, friction_permille)
    reaction = follower_speed_mm_s * FOLLOWER_REACTION_MS // 1_000
    follower = reaction + stop_distance_mm(follower_speed_mm_s, braking)
    at_end = follower - own_speed_mm_s**2 // (2 * own_braking_mm_s2)
    closed = _closed_mm(follower_speed_mm_s, own_speed_mm_s, own_braking_mm_s2, braking)
    return gap_mm >= max(at_end, closed)


def _closed_mm(follower_mm_s: int, own_mm_s: int, own_mm_s2: int, braking_mm_s2: int) -> int:
    """Gap used up until both are equally fast [mm]; 0 if ego stands first or is never slower."""
    now = follower_mm_s - own_mm_s
    reacting = now + own_mm_s2 * FOLLOWER_REACTION_MS // 1_000
    harder = braking_mm_s2 - own_mm_s2
    # Speeds are equal reacting / harder after the reaction; ego is then slower by its braking.
    if reacting <= 0 or reacting * braking_mm_s2 >= follower_mm_s * harder:
        return 0
    return (now + reacting) * FOLLOWER_REACTION_MS // 2_000 - -(reacting**2) // (2 * harder)


def _half_friction_mm_s2(friction_permille: int) -> int:
    return friction_permille * GRAVITY_MM_S2 // 2_000


@cache
def _leader_braking_mm_s2(friction_permille: int) -> int:
    hard = -(-RSS_LEADER_BRAKING_MM_S2 * min(friction_permille, DRY_PERMILLE) // DRY_PERMILLE)
    return max(hard, ACCEL_STEP_MM_S2)


@cache
def _scaled_mm_s2(braking_mm_s2: int, friction_permille: int) -> int:
    return _on_lattice_mm_s2(braking_mm_s2 * min(friction_permille, DRY_PERMILLE) // DRY_PERMILLE)


def _on_lattice_mm_s2(accel_mm_s2: int) -> int:
    return max(ACCEL_STEP_MM_S2, accel_mm_s2 - accel_mm_s2 % ACCEL_STEP_MM_S2)
