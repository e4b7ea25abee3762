"""Who touches whom: contact is overlap that the motion led to, never a draw."""

from typing import TYPE_CHECKING, Final

from guiderail.sim.world.motion import CAR_LENGTH_MM
from guiderail.sim.world.traffic.neighbors import Neighbors

if TYPE_CHECKING:
    from guiderail.sim.world.hazards.emergency_vehicles import Sirens
    from guiderail.sim.world.world import World

TOUCH_PERMILLE: Final = 450
"""Share of a lane change after which a 1.8 m wide car can touch one centered in a 3.25 m lane."""


def touches_beside(neighbors: Neighbors) -> bool:
    """Whether somebody in the target lane is alongside."""
    lead, lag = neighbors.side_lead, neighbors.side_lag
    return bool((lead and lead.gap_mm <= 0) or (lag and lag.gap_mm <= 0))


MOVES_MM_S: Final = 100
"""A car slower than this hits nobody: it stands."""


def touches_walker(world: "World") -> bool:
    """Whether somebody on foot is before the moving car or under it."""
    pavement = world.pavement
    is_over = -CAR_LENGTH_MM <= pavement.road_mm() <= 0
    return world.speed_mm_s > MOVES_MM_S and is_over and pavement.aside_mm() == 0


def touches_siren(sirens: "Sirens") -> bool:
    """Whether an emergency vehicle that crosses or comes from behind is touched."""
    crossing = sirens.zone.crossing if sirens.zone else None
    return sirens.touches() or bool(crossing and crossing.gap_mm <= 0)


def touches(world: "World") -> bool:
    """Whether the ego touches anybody now."""
    if world.pavement.people and touches_walker(world):
        return True
    if world.sirens and touches_siren(world.sirens):
        return True
    neighbors = world.neighbors
    leader, follower = neighbors.leader, neighbors.follower
    if not (world.lateral_ms or world.zone or neighbors.oncoming):  # nearly always
        return bool((leader and leader.gap_mm <= 0) or (follower and follower.gap_mm <= 0))
    share = world.lateral_permille()
    if share >= TOUCH_PERMILLE and touches_beside(neighbors):
        return True
    crossing = world.zone.crossing if world.zone else None
    in_lane = share <= 1_000 - TOUCH_PERMILLE
    near = (leader, follower) if in_lane else ()
    return any(actor and actor.gap_mm <= 0 for actor in (*near, neighbors.oncoming, crossing))
