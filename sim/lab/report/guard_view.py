"""
What the guard had to look at when a turn was asked for, from the trace and the driver's envelope.

Worked out afterwards with the driver's own public formulas; what a trace does not hold (the gaps of
a lane that nobody looked at) is left out, never guessed.
"""

from typing import Final

from guiderail.maps.network import LinkId, RoadNetwork, Turn
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import LANE_CHANGE_MS, Ask, Decision, Proposal
from guiderail.sim.contract.trace import Heard, Rerouted, Trace
from guiderail.sim.driver.guard.assessment import (
    GAP_SEARCH_MS,
    LANE_CHANGE_LEAST_MM,
    MARGIN_MM,
)
from guiderail.sim.driver.guard.resolve import fits
from guiderail.sim.driver.motion.envelope import (
    REACTION_MS,
    admission_braking_mm_s2,
    comfort_braking_mm_s2,
    hardest_braking_mm_s2,
    slow_distance_mm,
    turn_speed_mm_s,
)

View = list[tuple[str, str]]
"""Names and values in the order to show them."""

_ZONES: Final = (
    ("comfortable", comfort_braking_mm_s2),
    ("machine only", admission_braking_mm_s2),
    ("hard braking only", hardest_braking_mm_s2),
)


def decision_view(event: Heard, trace: Trace, network: RoadNetwork) -> View:
    """List what the guard saw at a message; empty where no single turn was asked for."""
    proposal = event.advice.proposal
    if proposal is None or event.verdict is None or proposal.ask is not Ask.TURN:
        return []
    if event.verdict.decision is Decision.ACCEPT and not event.verdict.changes_route:
        return []  # it was planned anyway: there was nothing to decide
    turn = _turn_asked(proposal, network)
    distance_mm = None if turn is None else _road_to(turn.from_link, event, trace, network)
    if turn is None or distance_mm is None:
        return []
    assumed = trace.assumed_friction_permille
    friction = trace.friction_permille if assumed is None else assumed
    limit = network.link(turn.to_link).speed_mm_s
    to_speed = min(limit, turn_speed_mm_s(turn.radius_mm, friction))
    row = trace.row_at(event.time_ms)
    lane = int(trace.column("target_lane")[row])
    lanes_mm = _lane_changes_mm(turn, lane, event, network)
    reaction_mm = event.speed_mm_s * REACTION_MS // 1_000
    room_mm = distance_mm - reaction_mm - MARGIN_MM - lanes_mm
    commit_mm = room_mm - slow_distance_mm(
        event.speed_mm_s, to_speed, admission_braking_mm_s2(friction)
    )
    gap_mm = int(trace.column("follower_gap_mm")[row])
    return [
        ("distance to the turn", f"{distance_mm / 1_000:.0f} m"),
        ("to the last point to decide", f"{commit_mm / 1_000:+.0f} m"),
        ("zone", zone(event.speed_mm_s, to_speed, room_mm, friction)),
        ("braking needed", _braking(event.speed_mm_s, to_speed, room_mm)),
        ("speed in the turn", f"{to_speed * 0.0036:.0f} km/h"),
        ("lane", str(lane)),
        ("lanes of the turn", _lanes(turn)),
        ("road for lane changes", f"{lanes_mm / 1_000:.0f} m"),
        ("gap behind", "nobody near" if gap_mm >= NOTHING else f"{gap_mm / 1_000:.0f} m"),
    ]


def zone(speed_mm_s: int, to_speed_mm_s: int, room_mm: int, friction_permille: int) -> str:
    """
    Name the gentlest way to slow down in the room that is left.

    >>> zone(10_000, 5_000, 100_000, 800), zone(10_000, 5_000, 1_000, 800)
    ('comfortable', 'must miss')
    """
    for name, braking in _ZONES:
        if slow_distance_mm(speed_mm_s, to_speed_mm_s, braking(friction_permille)) <= room_mm:
            return name
    return "must miss"


def _lane_changes_mm(turn: Turn, lane: int, event: Heard, network: RoadNetwork) -> int:
    """Road that the lane changes before a turn take [mm], as the guard reckons."""
    lane = min(lane, network.link(turn.from_link).lanes - 1)
    changes = turn.lanes_from(lane)
    each = event.speed_mm_s * (LANE_CHANGE_MS + GAP_SEARCH_MS) // 1_000
    return changes * max(each, LANE_CHANGE_LEAST_MM)


def _braking(speed_mm_s: int, to_speed_mm_s: int, room_mm: int) -> str:
    if speed_mm_s <= to_speed_mm_s:
        return "none"
    if room_mm <= 0:
        return "no room left"
    return f"{(speed_mm_s**2 - to_speed_mm_s**2) / (2_000 * room_mm):.1f} m/s²"


def _lanes(turn: Turn) -> str:
    one = turn.first_lane == turn.last_lane
    return f"{turn.first_lane}" if one else f"{turn.first_lane}-{turn.last_lane}"


def _turn_asked(proposal: Proposal, network: RoadNetwork) -> Turn | None:
    """Find the one turn that a proposal names; None if it is none or more than one."""
    at, onto, side = proposal.at, proposal.onto, proposal.direction
    if not isinstance(at, int) or not 0 <= at < network.link_count:
        return None
    turns = [
        turn
        for turn in network.ways_out(at)
        if onto in (None, turn.to_link) and (side is None or fits(turn, side))
    ]
    return turns[0] if len(turns) == 1 else None


def _road_to(link: LinkId, event: Heard, trace: Trace, network: RoadNetwork) -> int | None:
    """Road from the car to the end of a link of the route as it was before the answer [mm]."""
    routes = [
        one.route
        for one in trace.events[: trace.events.index(event)]
        if isinstance(one, Rerouted) and event.link in one.route
    ]
    route = routes[-1] if routes else (event.link,)
    ahead = route[route.index(event.link) :] if event.link in route else (event.link,)
    if link not in ahead:
        return None
    beyond = ahead[1 : ahead.index(link) + 1]
    return event.distance_to_node_mm + sum(network.link(one).length_mm for one in beyond)
