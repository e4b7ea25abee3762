"""
How close it was: time to collision, post-encroachment time, required deceleration, RSS distance.

The judge's own formulas. Braking distance exists three times in this project on purpose (the
physics of the world, the envelope of the driver, and here), so that no shared mistake can hide.
Limits are compared in whole numbers with the published value, never rounded to the lattice.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Longs = NDArray[np.int64]

FULL_GRIP_PERMILLE: Final = 800
"""Friction on which the braking values of the RSS presets rest: dry asphalt, in thousandths."""


def time_to_collision(gap_mm: Longs, closing_mm_s: Longs) -> Floats:
    """
    Time until contact if both keep their speed [ms]; ``inf`` where they do not close.

    >>> time_to_collision(np.array([20_000, 20_000]), np.array([10_000, -1_000]))
    array([2000.,   inf])
    """
    never = np.full(np.shape(gap_mm), np.inf)
    left_ms = np.divide(gap_mm * 1000.0, closing_mm_s, out=never, where=closing_mm_s > 0)
    return np.asarray(left_ms)


def is_time_to_collision_below(gap_mm: Longs, closing_mm_s: Longs, limit_ms: int) -> Flags:
    """Whether contact is ahead in less than the limit; exact, and false once there is contact."""
    return (gap_mm > 0) & (closing_mm_s > 0) & (gap_mm * 1000 < limit_ms * closing_mm_s)


def required_deceleration(gap_mm: Longs, closing_mm_s: Longs) -> Floats:
    """
    Deceleration that just avoids contact (DRAC), the other keeping its speed [mm/s^2].

    0 where they do not close, ``inf`` on contact.

    >>> required_deceleration(np.array([25_000]), np.array([10_000]))  # 10^2 / (2 * 25) m/s^2
    array([2000.])
    """
    squared = np.square(np.maximum(closing_mm_s, 0), dtype=np.float64)
    touching = np.where(squared > 0, np.inf, 0.0)
    needed = np.divide(squared, 2.0 * gap_mm, out=touching, where=np.asarray(gap_mm) > 0)
    return np.asarray(needed)


def is_required_deceleration_above(gap_mm: Longs, closing_mm_s: Longs, limit_mm_s2: int) -> Flags:
    """Whether more than the limit is needed; exact, and false once there is contact."""
    closing = np.maximum(closing_mm_s, 0)
    return (gap_mm > 0) & (closing * closing > 2 * limit_mm_s2 * gap_mm)


def post_encroachment_time(first_leaves_ms: int, second_enters_ms: int) -> int:
    """
    Time between one leaving a conflict zone and the other entering it [ms]; < 0 is both at once.

    >>> post_encroachment_time(4_000, 5_500)
    1500
    """
    return second_enters_ms - first_leaves_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Rss:
    """Parameters of the RSS distance; print them, published presets differ by a factor of 4.5."""

    response_ms: int
    """Response time rho of the rear car."""
    accel_mm_s2: int
    """What the rear car may still accelerate during its response."""
    brake_min_mm_s2: int
    """What the rear car then brakes at least, on dry asphalt."""
    brake_max_mm_s2: int
    """What the front car brakes at most, on dry asphalt."""


RSS_EGO: Final = Rss(
    response_ms=500, accel_mm_s2=2_000, brake_min_mm_s2=4_000, brake_max_mm_s2=8_000
)
"""Ego behind somebody: its own system answers within half a second."""
RSS_OTHER: Final = Rss(
    response_ms=1_000, accel_mm_s2=2_000, brake_min_mm_s2=4_000, brake_max_mm_s2=8_000
)
"""A person behind ego: the lower end of 1.0 to 2.0 s, so that doubt speaks for ego."""


def rss_longitudinal_distance(
    rear_mm_s: Longs,
    front_mm_s: Longs,
    rss: Rss,
    *,
    limit_mm_s: Longs | float = np.inf,
    friction_permille: int = FULL_GRIP_PERMILLE,
) -> Floats:
    """
    Gap below which the rear car could not stop if the front car braked as hard as it can [mm].

    The capped form: during its response the rear car accelerates at most to the speed limit.
    Braking scales with friction below that of dry asphalt.

    References
    ----------
    Shalev-Shwartz, Shammah, Shashua: On a formal model of safe and scalable self-driving cars,
    arXiv 1708.06374; the cap is advised by the documentation of the ad-rss library.

    Examples
    --------
    50 km/h behind 50 km/h, already at the limit: 13.89 * 1 + 13.89^2 / 8 - 13.89^2 / 16 = 25.9 m.

    >>> speed, rss = np.array([13_889]), RSS_OTHER
    >>> rss_longitudinal_distance(speed, speed, rss, limit_mm_s=13_889.0).round()
    array([25946.])
    """
    grip = min(1.0, friction_permille / FULL_GRIP_PERMILLE)
    response = rss.response_ms / 1000
    rear, front = np.asarray(rear_mm_s, np.float64), np.asarray(front_mm_s, np.float64)
    room = np.maximum(limit_mm_s - rear, 0.0)  # a car above the limit does not gain more
    gain = np.minimum(response * rss.accel_mm_s2, room)
    # Until the cap is reached the mean gain is half of it; then the car keeps the capped speed.
    reached = gain / rss.accel_mm_s2
    responding = rear * response + gain * (response - reached / 2)
    braking = np.square(rear + gain) / (2 * rss.brake_min_mm_s2 * grip)
    ahead = np.square(front) / (2 * rss.brake_max_mm_s2 * grip)
    return np.asarray(np.maximum(responding + braking - ahead, 0.0))
