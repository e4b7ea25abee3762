"""Which car touches the ego: contact is overlap that the motion led to, never a draw."""

from typing import Final

from guiderail.sim.world.ego import Ego
from guiderail.sim.world.traffic.actors import CrossTraffic
from guiderail.sim.world.traffic.neighbors import Neighbors

TOUCH_PERMILLE: Final = 450
"""Share of a lane change after which a 1.8 m wide car can touch one centered in a 3.25 m lane."""


def touches_beside(neighbors: Neighbors) -> bool:
    """Whether somebody in the target lane is alongside."""
    lead, lag = neighbors.side_lead, neighbors.side_lag
    return bool((lead and lead.gap_mm <= 0) or (lag and lag.gap_mm <= 0))


def touches_car(ego: Ego, neighbors: Neighbors, crossing: CrossTraffic | None) -> bool:
    """Whether the ego touches a car next to it, or the one that crosses its way."""
    leader, follower = neighbors.leader, neighbors.follower
    if not (ego.lateral_ms or crossing or neighbors.oncoming):  # nearly always
        return bool((leader and leader.gap_mm <= 0) or (follower and follower.gap_mm <= 0))
    share = ego.lateral_permille()
    if share >= TOUCH_PERMILLE and touches_beside(neighbors):
        return True
    in_lane = share <= 1_000 - TOUCH_PERMILLE
    near = (leader, follower) if in_lane else ()
    return any(actor and actor.gap_mm <= 0 for actor in (*near, neighbors.oncoming, crossing))
