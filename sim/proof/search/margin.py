"""
States on the very edge: the car stands exactly where the rule still says yes, and drives on.

Over the reals the edge is safe; doubles and the last tick of a lattice lose it. Here the shipped
rule picks the edge, an own motion of the car brakes tick by tick, and a state is lost if the car
ends past its line, or faster than the turn allows.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from guiderail.sim.driver.motion.envelope import (
    fastest_speed_mm_s,
    next_speed_mm_s,
    slow_distance_mm,
    stop_distance_mm,
)

Longs = NDArray[np.int64]
BRAKINGS: Final = (800, 1_600, 2_000, 2_400, 2_800, 3_000, 4_000, 4_800, 7_000, 7_800)
"""Braking on the lattice from ice to dry road [mm/s^2]."""
FASTEST_MM_S: Final = 40_000
STATES: Final = 1_000_000


def boundary_states_lost(states: int = STATES) -> tuple[int, int]:
    """
    Drive boundary states to their end.

    Returns
    -------
    States looked at, and how many of them were lost.
    """
    looked = lost = 0
    for speed, to_speed, braking, road in _edges(states):
        looked += len(speed)
        lost += int(_is_lost(speed, to_speed, braking, road).sum())
    return looked, lost


def _edges(states: int) -> "list[tuple[Longs, Longs, int, Longs]]":
    """Speeds, targets and the least road that the shipped rule accepts for them."""
    per_braking, speeds = states // len(BRAKINGS), FASTEST_MM_S // 20 + 1
    made = []
    for braking in BRAKINGS:
        # Distinct pairs of speeds; where the second is no lower than the first, the car stops.
        pairs = np.random.default_rng(braking).permutation(speeds * speeds)[:per_braking]
        speed, to_speed = pairs // speeds * 20, pairs % speeds * 20
        to_speed = np.where(to_speed < speed, to_speed, 0)
        road = np.array(
            [
                _least_road(*pair, braking)
                for pair in zip(speed.tolist(), to_speed.tolist(), strict=True)
            ]
        )
        made.append((speed, to_speed, braking, road))
    return made


def _least_road(speed: int, to_speed: int, braking: int) -> int:
    if to_speed == 0:
        return stop_distance_mm(speed, braking)
    return slow_distance_mm(speed, to_speed, braking)


def _is_lost(speed: Longs, to_speed: Longs, braking: int, road: Longs) -> NDArray[np.bool_]:
    """Brake each car; it is lost if its road ends before it is as slow as it has to be."""
    left, step, index = road.copy(), braking // 10, np.arange(len(speed))
    while len(index):
        after = np.maximum(to_speed[index], speed - step)
        left[index] -= (speed + after) // 20  # half the sum of both speeds, a tenth of a second
        moves = after > to_speed[index]
        index, speed = index[moves], after[moves]
    return np.asarray(left < 0)


def controlled_states_lost(states: int, seed: int = 1) -> int:
    """
    Let the shipped speed rules drive cars up to their edge and beyond: how many pass their line.

    The driver takes, tick by tick, the fastest speed from which its rule says that it can still
    stop; a car is lost if it ends past the line.
    """
    rng = np.random.default_rng(seed)
    lost = 0
    for _ in range(states):
        braking = int(rng.choice(BRAKINGS))
        road = int(rng.integers(1_000, 200_000))
        speed = fastest_speed_mm_s(road, 0, braking)
        while speed > 0:
            after = min(speed, next_speed_mm_s(speed, road, 0, braking))
            after = max(after, speed - braking // 10)
            road -= (speed + after) // 20
            speed = after
        lost += road < 0
    return lost
