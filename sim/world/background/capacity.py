"""How much traffic a lane carries, and how fast it is at a flow."""

from typing import Final

from guiderail.sim.contract.lattice import SPEED_STEP_MM_S

CAPACITY_PER_HOUR: Final = 1_800
"""Vehicles that one lane carries at most (HCM saturation flow)."""


def bpr_speed_mm_s(
    free_mm_s: int, flow_per_hour: int, capacity_per_hour: int = CAPACITY_PER_HOUR
) -> int:
    """
    Speed at a flow, after the Bureau of Public Roads: free speed / (1 + 0.15 * (flow/capacity)^4).

    Examples
    --------
    >>> bpr_speed_mm_s(11_500, CAPACITY_PER_HOUR)
    10000
    """
    full = 100 * capacity_per_hour**4
    speed_mm_s = free_mm_s * full // (full + 15 * flow_per_hour**4)
    return speed_mm_s - speed_mm_s % SPEED_STEP_MM_S
