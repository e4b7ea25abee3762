"""Where the car ahead has to stop: before a light, or at a sign until it finds a gap."""

from typing import TYPE_CHECKING, Final

from guiderail.maps.network import Conflict, Control, Link, RoadNetwork, Turn
from guiderail.sim.contract.messages import Light
from guiderail.sim.world.motion import CAR_LENGTH_MM
from guiderail.sim.world.traffic.actors import EASY_BRAKING_MM_S2, LATEST_BRAKING_MM_S2, Leader
from guiderail.sim.world.traffic.conflict_zone import LINGER_MS
from guiderail.sim.world.traffic.critical_gaps import driver_gap_ms

if TYPE_CHECKING:
    from guiderail.sim.world.world import World

GAP_SEEN_MM: Final = 4_500
"""A car at a sign decides from here on (SUMO's visibility distance before a minor road's line)."""


def yielding_turn(network: RoadNetwork, link: Link) -> Turn | None:
    """Turn that makes a car stop or slow at the sign of a link; None without a sign."""
    if link.control not in (Control.STOP, Control.GIVE_WAY):
        return None
    turns = network.turns_from(link.id)
    return next((turn for turn in turns if turn.conflict is not Conflict.NONE), None)


def line_ahead_of(world: "World", leader: Leader) -> int:
    """Road between the leader's front and the line it must stop at [mm]; -1 for none."""
    if world.plan is None and world.gives_way is None:
        return -1
    road_mm = _road_to_line(world, leader)
    if road_mm < 0 or leader.goes or _may_pass(world, leader, road_mm):
        return -1
    return road_mm


def spare_a_late_stop(world: "World") -> None:
    """Whoever ahead would have seen the line from the last link has braked there, or left."""
    leader = world.neighbors.leader
    if leader is None or (world.plan is None and world.gives_way is None):
        return
    if world.plan is not None and world.plan.light(world.time_ms) is Light.GREEN:
        return
    road_mm = _road_to_line(world, leader)
    if road_mm >= 0 and leader.braking_for(road_mm) > EASY_BRAKING_MM_S2:
        world.neighbors.leader = None


def _road_to_line(world: "World", leader: Leader) -> int:
    return world.link.stop_line_mm - world.s_mm - leader.gap_mm - CAR_LENGTH_MM


def _may_pass(world: "World", leader: Leader, road_mm: int) -> bool:
    if world.plan is None:
        return _takes_gap(world, leader, road_mm)
    # Too late to stop: it goes on through the yellow.
    is_late = leader.braking_for(road_mm) > LATEST_BRAKING_MM_S2
    return is_late or world.plan.light(world.time_ms) is Light.GREEN


def _takes_gap(world: "World", leader: Leader, road_mm: int) -> bool:
    """Whether the car ahead, at a sign, now goes into the stream with priority."""
    turn, now = world.gives_way, world.time_ms
    is_standing = leader.speed_mm_s == 0 or world.link.control is Control.GIVE_WAY
    if turn is None or road_mm > GAP_SEEN_MM or not is_standing:
        return False
    needed = driver_gap_ms(turn.conflict, turn.major_lanes, world.trip.seed, leader.key)
    leader.goes = not world.streams.priority_arrivals(turn, now - LINGER_MS, now + needed)
    return leader.goes
