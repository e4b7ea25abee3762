"""
The integer lattice on which everything moves.

With the tick and the two steps below, ``v += a * dt`` and ``s += v * dt + a * dt**2 / 2`` stay
whole numbers, so a run is bit-identical on every machine. Constants only: each side owns its
formulas.
"""

from typing import Final

TICK_MS: Final = 100
"""Length of one tick [ms]."""
SPEED_STEP_MM_S: Final = 20
"""Every speed is a multiple of this [mm/s]."""
ACCEL_STEP_MM_S2: Final = 200
"""Every acceleration is a multiple of this [mm/s^2]; one step changes speed by one step a tick."""
GRAVITY_MM_S2: Final = 9_810
"""Standard gravity, rounded down [mm/s^2]."""
NOTHING: Final = 1_000_000_000
"""Stands for "no such actor" in a gap column [mm]: farther than any sensor or street."""
