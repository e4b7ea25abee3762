"""The ego's own state: plain data, owned by the world, read by every process."""

from dataclasses import dataclass

from guiderail.maps.network import Link
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import LANE_CHANGE_MS


@dataclass(slots=True)
class Ego:
    """Where the car under study is, and how it moves."""

    link: Link
    s_mm: int
    """Front bumper, from the start of the link."""
    speed_mm_s: int = 0
    accel_mm_s2: int = 0
    """Acceleration over the last tick."""
    lane: int = 0
    target_lane: int = 0
    """Equals ``lane`` unless a lane change is under way."""
    lateral_ms: int = 0
    """Time that the lane change has taken so far."""
    change_ms: int = LANE_CHANGE_MS
    """Time that it takes in all."""
    radius_mm: int = 0
    """Radius of the curve that it is in, while ``arc_left_mm`` is above 0."""
    arc_left_mm: int = 0
    barrier_mm: int = NOTHING
    """Road left to a barrier on this link; below 0 is driven through."""
    minimal_risk: bool = False
    turning_back_ms: int = 0
    """Time that turning round on the spot has taken so far; 0 while it does not."""

    def lateral_permille(self) -> int:
        """How far the car has moved over to the lane it is changing to."""
        return self.lateral_ms * 1_000 // self.change_ms
