"""Braking and standing without a reason, and what that feels like."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from guiderail.sim.contract.lattice import TICK_MS
from guiderail.sim.judge.causes import Causes
from guiderail.sim.judge.conflict import Flags
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.ride import Ride

EMERGENCY_MM_S2: Final = 5_000
"""Emergency braking [mm/s^2] (UN R157)."""
HARD_MM_S2: Final = 3_000
"""A hard-brake event [mm/s^2]."""
HARD_MS: Final = 200
"""For at least this long [ms]."""
STANDING_MS: Final = 5_000
"""Standing for longer than this needs a reason [ms]."""
REVERSING_MM: Final = 500
"""Rolling back farther than this is no slip of the clutch [mm]."""

ACCEL_MOST_MM_S2: Final = 2_400
BRAKING_MOST_MM_S2: Final = 4_050
LATERAL_MOST_MM_S2: Final = 4_890
JERK_MOST_MM_S3: Final = 4_130
YAW_RATE_MOST_MRAD_S: Final = 950
"""Comfort bounds of nuPlan, from expert drivers; compared as published."""


def uncaused_emergency_braking(ride: Ride, causes: Causes) -> Iterator[Infraction]:
    """R11: harder than 5 m/s^2 with no leader, hazard, red light or stop sign."""
    flags = ride.accel < -EMERGENCY_MM_S2
    if flags.any():
        flags &= ~(causes.leader | causes.stop_line | causes.hazard)
    for rows in ride.episodes(flags):
        hardest = int(-ride.accel[rows].min())
        yield ride.infraction("R11", int(rows[0]), (("braking_mm_s2", hardest),))


def stop_in_live_lane(ride: Ride, causes: Causes) -> Iterator[Infraction]:
    """R12: standing for more than 5 s without a reason, or reversing more than 0.5 m."""
    for first, last in _runs((ride.speed == 0) & ~causes.standing):
        stood = _stood_ms(ride, first, last)
        if stood > STANDING_MS:
            yield ride.infraction("R12", first, (("stood_ms", stood), ("reversed_mm", 0)))
    back = np.where(ride.leaves, 0, -np.diff(ride.s_mm))
    for rows in ride.episodes(np.concatenate((back > 0, np.zeros(1, np.bool_)))):
        reversed_mm = int(back[rows].sum())
        if reversed_mm > REVERSING_MM:
            evidence = (("stood_ms", 0), ("reversed_mm", reversed_mm))
            yield ride.infraction("R12", int(rows[0]), evidence)


def hard_brake(ride: Ride) -> Iterator[Infraction]:
    """N3: harder than 3 m/s^2 for at least 0.2 s."""
    flags = ride.accel < -HARD_MM_S2
    for first, last in _runs(flags):
        lasted = int(ride.time_ms[last] - ride.time_ms[first]) + TICK_MS
        flags[first : last + 1] &= lasted >= HARD_MS
    for rows in ride.episodes(flags):
        hardest = int(-ride.accel[rows].min())
        yield ride.infraction("N3", int(rows[0]), (("braking_mm_s2", hardest),))


def discomfort(ride: Ride) -> Iterator[Infraction]:
    """
    N4: a comfort bound of nuPlan exceeded.

    Left out are the jerk of the ticks in which the car comes to rest or starts, and all that
    follows from the jump of the curvature where a curve begins (lateral jerk, yaw acceleration):
    roads have transition curves there, this map has none.
    """
    curve = ride.radius > 0
    radius = np.maximum(ride.radius, 1)
    lateral = curve & (ride.speed * ride.speed > LATERAL_MOST_MM_S2 * radius)
    yaw = curve & (ride.speed * 1000 > YAW_RATE_MOST_MRAD_S * radius)
    along = (ride.accel > ACCEL_MOST_MM_S2) | (ride.accel < -BRAKING_MOST_MM_S2)
    jerk = _jerky(ride)
    for rows in ride.episodes(lateral | yaw | along | jerk):
        bounds = {"lateral": lateral, "yaw_rate": yaw, "along": along, "jerk": jerk}
        evidence = tuple((f"{name}_rows", int(flag[rows].sum())) for name, flag in bounds.items())
        yield ride.infraction("N4", int(rows[0]), evidence)


def _jerky(ride: Ride) -> Flags:
    change = np.abs(np.diff(ride.accel)) * 1000
    moves = (ride.speed[1:] > 0) & (ride.speed[:-1] > 0)
    return np.concatenate((np.zeros(1, np.bool_), moves & (change > JERK_MOST_MM_S3 * TICK_MS)))


def _runs(flags: Flags) -> list[tuple[int, int]]:
    """First and last row of each unbroken run."""
    edges = np.diff(np.concatenate(([0], flags.view(np.int8), [0])))
    first, last = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    return list(zip(first.tolist(), last.tolist(), strict=True))


def _stood_ms(ride: Ride, first: int, last: int) -> int:
    """How long ego stood: the tick that ends the stop already moves it."""
    if last + 1 < len(ride.time_ms):
        end = int(ride.time_ms[last + 1]) - TICK_MS
    else:
        end = int(ride.time_ms[last] + ride.hold[last])
    return end - int(ride.time_ms[first])
