"""What ego did across lanes: gore areas cut, and lane changes into gaps that were too small."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from guiderail.maps.network import LinkId, TurnKind
from guiderail.sim.contract.trace import LaneChange, Passing
from guiderail.sim.judge.conflict import (
    RSS_EGO,
    RSS_OTHER,
    Rss,
    is_required_deceleration_above,
    rss_longitudinal_distance,
)
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.ride import Ride

GORE_MM: Final = 15_000
"""
Length of the physical gore before a fork [mm].

The solid line that leads up to it is rarely shorter than 50 ft = 15 m; the exact length is this
project's choice, as no map holds it.
"""
FOLLOWER_BRAKING_MM_S2: Final = 3_000
"""What a lane change may at most demand of the car behind (SUMO, UN R157)."""


def gore_cut(ride: Ride) -> Iterator[Infraction]:
    """R6: moving over in the last 15 m before a fork, or turning out of a lane not made for it."""
    flags = ride.is_changing & (ride.length - ride.s_mm < GORE_MM)
    if flags.any():
        forks = [link for link in np.unique(ride.link[flags]).tolist() if _is_fork(ride, link)]
        flags &= np.isin(ride.link, forks)
    for passing in ride.events(Passing):
        if _lanes_cut(ride, passing):
            flags[max(ride.row_at(passing.time_ms) - 1, 0)] = True
    for rows in ride.episodes(flags):
        k = int(rows[0])
        yield ride.infraction(
            "R6",
            k,
            (
                ("road_left_mm", int(ride.length[k] - ride.s_mm[k])),
                ("lane", int(ride.column("lane")[k])),
                ("target_lane", int(ride.column("target_lane")[k])),
            ),
        )


def unsafe_lane_change(ride: Ride) -> Iterator[Infraction]:
    """R7: begun inside the RSS distance of the target lane, or making the car behind brake hard."""
    flags = np.zeros(len(ride.time_ms), np.bool_)
    worst: dict[int, LaneChange] = {}
    for change in ride.events(LaneChange):
        k = ride.row_at(change.time_ms)
        if _is_unsafe(ride, change, k):
            flags[k] = True
            worst.setdefault(k, change)
    for rows in ride.episodes(flags):
        change = worst[int(rows[0])]
        yield ride.infraction(
            "R7",
            int(rows[0]),
            (
                ("to_lane", change.to_lane),
                ("lead_gap_mm", change.lead_gap_mm),
                ("lag_gap_mm", change.lag_gap_mm),
                ("lag_speed_mm_s", change.lag_speed_mm_s),
            ),
        )


def _is_fork(ride: Ride, link: int) -> bool:
    """Whether lanes can part at the end of a link; turning round there parts nothing."""
    turns = ride.network.turns_from(LinkId(link))
    return sum(turn.kind is not TurnKind.U_TURN for turn in turns) > 1


def _lanes_cut(ride: Ride, passing: Passing) -> bool:
    turn = ride.network.turn(passing.from_link, passing.to_link)
    return turn is not None and not turn.first_lane <= passing.from_lane <= turn.last_lane


def _is_unsafe(ride: Ride, change: LaneChange, k: int) -> bool:
    if min(change.lead_gap_mm, change.lag_gap_mm) <= 0:
        return True  # alongside, where the RSS distance to a faster car may be 0
    speed = int(ride.speed[k])
    limit = float(ride.network.links.speed_mm_s[change.link])
    ahead = _distance(ride, speed, change.lead_speed_mm_s, RSS_EGO, limit)
    behind = _distance(ride, change.lag_speed_mm_s, speed, RSS_OTHER, limit)
    if change.lead_gap_mm < ahead or change.lag_gap_mm < behind:
        return True
    gap, closing = np.array(change.lag_gap_mm), np.array(change.lag_speed_mm_s - speed)
    return bool(is_required_deceleration_above(gap, closing, FOLLOWER_BRAKING_MM_S2))


def _distance(ride: Ride, rear: int, front: int, rss: Rss, limit: float) -> float:
    distance = rss_longitudinal_distance(
        np.array(rear),
        np.array(front),
        rss,
        limit_mm_s=limit,
        friction_permille=ride.trace.friction_permille,
    )
    return float(distance)
