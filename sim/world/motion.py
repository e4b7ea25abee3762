"""
The physics of one car, exact on the lattice.

Braking distance exists three times on purpose: here it follows from the motion, the driver has its
own conservative envelope, and the judge its own check. None imports another.
"""

from typing import Final

from guiderail.sim.contract.lattice import ACCEL_STEP_MM_S2, GRAVITY_MM_S2

CAR_LENGTH_MM: Final = 4_500
"""Length of every car."""
FULL_THROTTLE_MM_S2: Final = 2_600
"""Hardest acceleration of a car (SUMO's default passenger car)."""
BRAKE_BUILD_UP_MM_S2: Final = 1_200
"""Change of acceleration in one tick: jerk 12 m/s^3 (UN R157 models: 12.65)."""
FIRST_BITE_MM_S2: Final = BRAKE_BUILD_UP_MM_S2 // 2
"""Brakes that begin to bite reach this on average in their first tick: a ramp starts from zero."""


def grip_mm_s2(friction_permille: int) -> int:
    """Hardest acceleration that the tires hold, rounded down to the lattice [mm/s^2]."""
    limit = friction_permille * GRAVITY_MM_S2 // 1000
    return limit - limit % ACCEL_STEP_MM_S2


def advance(speed_mm_s: int, accel_mm_s2: int) -> tuple[int, int, int]:
    """
    Move for one tick.

    Returns
    -------
    Distance covered [mm], speed after [mm/s] and the acceleration that really acted [mm/s^2]: a car
    does not roll backwards, so the last tick of braking is gentler and lands on zero.

    Examples
    --------
    >>> advance(10_000, -2_000)
    (990, 9800, -2000)
    """
    after = speed_mm_s + accel_mm_s2 // 10
    if after < 0:
        accel_mm_s2, after = -speed_mm_s * 10, 0
    return (speed_mm_s * 20 + accel_mm_s2) // 200, after, accel_mm_s2


def granted(asked_mm_s2: int, last_mm_s2: int, grip_mm_s2: int) -> int:
    """What pedals, brakes and tires make of a wish: bounded by grip, throttle and build-up."""
    if asked_mm_s2 == last_mm_s2 == 0:  # cruising, as most of the time
        return 0
    asked = max(-grip_mm_s2, min(asked_mm_s2, FULL_THROTTLE_MM_S2, grip_mm_s2))
    least = last_mm_s2 - BRAKE_BUILD_UP_MM_S2
    if last_mm_s2 >= 0:
        least = max(least, -FIRST_BITE_MM_S2)
    asked = max(least, min(asked, last_mm_s2 + BRAKE_BUILD_UP_MM_S2))
    return asked - asked % ACCEL_STEP_MM_S2 if asked >= 0 else -(-asked - -asked % ACCEL_STEP_MM_S2)
