"""What of a world's present state the trace keeps: a row of motion, a lane change that begins."""

from typing import TYPE_CHECKING, Final

from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.trace import LaneChange
from guiderail.sim.world.hazards.emergency_vehicles import nearest_crossing
from guiderail.sim.world.traffic.neighbors import gap_and_speed

if TYPE_CHECKING:
    from guiderail.sim.world.world import World

_NOBODY: Final = (NOTHING, 0)
_NO_WALKER: Final = (NOTHING, 0)
_NOBODY_ELSE: Final = _NOBODY * 4


def row_of(world: "World") -> tuple[int, ...]:
    """Columns in the order of ``Sample``; a plain tuple, since this runs every tick."""
    neighbors = world.neighbors
    leader, follower = neighbors.leader, neighbors.follower
    plan = world.plan
    is_alone = world.zone is None and neighbors.oncoming is None
    is_alone = is_alone and world.target_lane == world.lane
    is_alone = is_alone and (world.sirens is None or world.sirens.zone is None)
    return (
        world.time_ms,
        world.link.id,
        world.s_mm,
        world.lane,
        world.target_lane,
        world.lateral_permille() if world.lateral_ms else 0,
        world.speed_mm_s,
        world.accel_mm_s2,
        world.radius_mm if world.arc_left_mm else 0,
        plan.light(world.time_ms) if plan else 0,
        leader.gap_mm if leader else NOTHING,
        leader.speed_mm_s if leader else 0,
        follower.gap_mm if follower else NOTHING,
        follower.speed_mm_s if follower else 0,
        *(_NOBODY_ELSE if is_alone else _others(world)),
        world.barrier_mm,
        1 if world.minimal_risk else 0,
        world.sight_mm,
        *(_walkers(world) if world.pavement.people else _NO_WALKER),
    )


def lane_change_of(world: "World", lane: int) -> LaneChange:
    """Say which lane change begins now, and who is beside."""
    lead = gap_and_speed(world.neighbors.side_lead)
    lag = gap_and_speed(world.neighbors.side_lag)
    return LaneChange(
        time_ms=world.time_ms,
        link=world.link.id,
        from_lane=world.lane,
        to_lane=lane,
        lead_gap_mm=lead[0],
        lead_speed_mm_s=lead[1],
        lag_gap_mm=lag[0],
        lag_speed_mm_s=lag[1],
    )


def _others(world: "World") -> tuple[int, ...]:
    """Gaps and speeds of whoever is beside the ego, crosses its way or comes head-on."""
    neighbors = world.neighbors
    beside = _NOBODY * 2
    if world.target_lane != world.lane:
        beside = (*gap_and_speed(neighbors.side_lead), *gap_and_speed(neighbors.side_lag))
    crossing = gap_and_speed(nearest_crossing(world))
    return (*beside, *crossing, *gap_and_speed(neighbors.oncoming))


def _walkers(world: "World") -> tuple[int, int]:
    """Road to the crossing, and how far the nearest person on the road is from the ego's side."""
    aside_mm = world.pavement.aside_mm()
    return _NO_WALKER if aside_mm >= NOTHING else (world.pavement.road_mm(), aside_mm)
