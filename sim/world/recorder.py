"""The row of the trace that a world's present state makes."""

from typing import TYPE_CHECKING, Final

from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.world.neighbors import gap_and_speed

if TYPE_CHECKING:
    from guiderail.sim.world.world import World

_NOBODY: Final = (NOTHING, 0)
_NOBODY_BESIDE: Final = (NOTHING, 0, NOTHING, 0)


def row_of(world: "World") -> tuple[int, ...]:
    """Columns in the order of ``Sample``; a plain tuple, since this runs every tick."""
    neighbors = world.neighbors
    leader, follower = neighbors.leader, neighbors.follower
    beside = _NOBODY_BESIDE
    if world.target_lane != world.lane:
        beside = (*gap_and_speed(neighbors.side_lead), *gap_and_speed(neighbors.side_lag))
    return (
        world.time_ms,
        world.link.id,
        world.s_mm,
        world.lane,
        world.target_lane,
        world.lateral_permille(),
        world.speed,
        world.accel,
        world.radius_mm if world.arc_left_mm else 0,
        world.plan.light(world.time_ms) if world.plan else 0,
        leader.gap_mm if leader else NOTHING,
        leader.speed if leader else 0,
        follower.gap_mm if follower else NOTHING,
        follower.speed if follower else 0,
        *beside,
        *(gap_and_speed(world.zone.crossing) if world.zone else _NOBODY),
        *(gap_and_speed(neighbors.oncoming) if neighbors.oncoming else _NOBODY),
        world.barrier_mm,
        1 if world.minimal_risk else 0,
    )
