"""How fast, and which way: speed limit, speed in curves, driving against a one-way street."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from guiderail.sim.contract.lattice import GRAVITY_MM_S2
from guiderail.sim.judge.conflict import Flags, Longs
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.ride import Ride
from guiderail.sim.judge.taxonomy import TAXONOMY

OVER_SPEED_WINDOW_MS: Final = 15_000
"""Too much speed is averaged over this window: one nuPlan scenario. Print it."""
OVER_SPEED_FULL_MM_S: Final = 2_230
"""A mean excess of this over the window has the full weight [mm/s] (nuPlan)."""
MAJOR_KMH: Final = 20
"""More than this above the limit is a major excess [km/h]."""
MAJOR_MS: Final = 2_000
"""For at least this long [ms]."""
LATERAL_MM_S2: Final = 4_890
"""Lateral acceleration that is too much in any curve [mm/s^2] (nuPlan)."""
NEAR_SLIP_PERCENT: Final = 85
"""Share of the friction that is a serious breach."""
WRONG_WAY_WINDOW_MS: Final = 1_000
WRONG_WAY_FULL_MM: Final = 6_000
"""Driven against the direction within 1 s: the full weight (nuPlan)."""
WRONG_WAY_HALF_MM: Final = 2_000
"""The same: half the weight (nuPlan)."""


def over_speed(ride: Ride) -> Iterator[Infraction]:
    """R9: faster than the limit; the weight grows with the excess, averaged over 15 s."""
    excess = np.maximum(ride.speed - ride.limit, 0)
    if not excess.any():
        return
    within = _within_window(ride, excess * ride.hold)
    major = _lasting(ride, excess * 9 > MAJOR_KMH * 2_500)  # 9 km/h are exactly 2,500 mm/s
    for rows in ride.episodes(excess > 0):
        yield _over_speed(
            ride, rows, excess, int(within[rows].max()), is_major=bool(major[rows].any())
        )


def turn_over_speed(ride: Ride) -> Iterator[Infraction]:
    """R10: v^2 / R above 4.89 m/s^2 (S2), or above 0.85 of the friction (S3)."""
    squared = ride.speed * ride.speed
    # In whole numbers: v^2 > 0.85 * (permille / 1000) * g * R, both sides times 100,000.
    near_slip = NEAR_SLIP_PERCENT * ride.trace.friction_permille * GRAVITY_MM_S2
    major = (ride.radius > 0) & (squared * 100_000 > near_slip * ride.radius)
    minor = (ride.radius > 0) & (squared > LATERAL_MM_S2 * ride.radius)
    for rows in ride.episodes(major | minor):
        worst = rows[np.argmax(squared[rows] / ride.radius[rows])]
        yield ride.infraction(
            "R10m" if major[rows].any() else "R10",
            int(rows[0]),
            (
                ("lateral_mm_s2", int(squared[worst] // ride.radius[worst])),
                ("radius_mm", int(ride.radius[worst])),
                ("speed_mm_s", int(ride.speed[worst])),
            ),
        )


def wrong_way(ride: Ride) -> Iterator[Infraction]:
    """R1: over 2 m (half weight) or 6 m (full) within 1 s on a link against a one-way street."""
    if not ride.is_against.any():
        return
    driven = _driven_against(ride)
    first = np.searchsorted(ride.time_ms, ride.time_ms - WRONG_WAY_WINDOW_MS, "left")
    within = driven - driven[first]
    for rows in ride.episodes(within > WRONG_WAY_HALF_MM):
        most = int(within[rows].max())
        yield ride.infraction(
            "R1" if most > WRONG_WAY_FULL_MM else "R1h",
            int(rows[0]),
            (("most_in_1_s_mm", most), ("driven_mm", int(driven[rows[-1]] - driven[rows[0]]))),
        )


def _over_speed(
    ride: Ride, rows: Longs, excess: Longs, within: int, *, is_major: bool
) -> Infraction:
    full = OVER_SPEED_FULL_MM_S * OVER_SPEED_WINDOW_MS
    most = TAXONOMY["R9"].weight
    return ride.infraction(
        "R9m" if is_major else "R9",
        int(rows[0]),
        (
            ("most_excess_mm_s", int(excess[rows].max())),
            ("excess_in_window_mm", within // 1000),
            ("window_ms", OVER_SPEED_WINDOW_MS),
        ),
        weight=most if is_major else most * min(1.0, within / full),
    )


def _within_window(ride: Ride, area: Longs) -> Longs:
    """Sum over the window that ends with each row."""
    total = np.concatenate((np.zeros(1, np.int64), np.cumsum(area)))
    end = ride.time_ms + ride.hold
    first = np.searchsorted(ride.time_ms, end - OVER_SPEED_WINDOW_MS, "left")
    return np.asarray(total[1:] - total[np.minimum(first, np.arange(len(end)))])


def _lasting(ride: Ride, flags: Flags) -> Flags:
    """Rows by which the flag has stood for 2 s without a break."""
    broken = np.where(flags, -1, np.arange(len(flags)))
    last_break = np.maximum.accumulate(broken)
    since = ride.time_ms[np.minimum(last_break + 1, len(flags) - 1)]
    return np.asarray(flags & (ride.time_ms - since >= MAJOR_MS))


def _driven_against(ride: Ride) -> Longs:
    """Road driven on links against a one-way street since the start [mm], shape (n_rows,)."""
    against = ride.is_against
    on_link = np.where(~ride.leaves & against[:-1], np.diff(ride.s_mm), 0)
    # Turning round on the spot covers no road.
    passes = ride.leaves & ~ride.turned_round
    left = np.where(passes & against[:-1], ride.length[:-1] - ride.s_mm[:-1], 0)
    came = np.where(passes & against[1:], ride.s_mm[1:], 0)
    driven = np.cumsum(np.maximum(on_link, 0) + np.maximum(left, 0) + came)
    return np.concatenate((np.zeros(1, np.int64), driven))
