"""
Whether the trip served its purpose: the passenger is there, and in time.

One limit holds for world and judge, the one that the trace states; who plans a trip sets it. The
lab grants 300 s and ten times the free drive of the shortest legal route (CARLA).
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.trace import Outcome
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.ride import Ride

AT_GOAL_MM: Final = 200_000
"""Ending farther from the goal than this, in a straight line, is not having arrived [mm]."""


def trip_failure(ride: Ride, *, crash_by_others: bool) -> Iterator[Infraction]:
    """P1: not arrived, too late, over 200 m from the goal; not by ego if others crashed into it."""
    arrived = ride.trace.outcome is Outcome.ARRIVED
    taken, allowed = _duration_ms(ride), ride.trace.time_limit_ms
    away = _away_mm(ride)
    if arrived and taken <= allowed and away <= AT_GOAL_MM:
        return
    evidence = (
        ("arrived", int(arrived)),
        ("taken_ms", taken),
        ("allowed_ms", allowed),
        ("away_mm", away),
    )
    yield ride.infraction("P1", len(ride.time_ms) - 1, evidence, at_fault=not crash_by_others)


def _duration_ms(ride: Ride) -> int:
    return int(ride.time_ms[-1] + ride.hold[-1] - ride.time_ms[0])


def _away_mm(ride: Ride) -> int:
    trace = ride.trace
    last, end = int(ride.link[-1]), int(ride.s_mm[-1])
    if last == trace.goal_link:
        return abs(end - trace.goal_mm)
    here = position(ride.network, last, end)
    there = position(ride.network, trace.goal_link, trace.goal_mm)
    return int(np.hypot(here[0] - there[0], here[1] - there[1]))


def position(network: RoadNetwork, link: int, s_mm: int) -> tuple[float, float]:
    """Coordinates of a point on a link [mm]: its share of the link along the drawn line."""
    table = network.links
    points = slice(int(table.shape_start[link]), int(table.shape_start[link + 1]))
    x, y = table.shape_x_mm[points].astype(float), table.shape_y_mm[points].astype(float)
    along = np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))))
    here = along[-1] * s_mm / int(table.length_mm[link])
    return float(np.interp(here, along, x)), float(np.interp(here, along, y))
