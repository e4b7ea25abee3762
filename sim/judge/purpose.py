"""Whether the trip served its purpose: the passenger is there, and in time."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.trace import Outcome
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.ride import Ride

PATIENCE_MS: Final = 300_000
"""Any trip may take this long; on top comes the road driven at a tenth of its limits (CARLA)."""
AT_GOAL_MM: Final = 200_000
"""Ending farther from the goal than this, in a straight line, is not having arrived [mm]."""


def trip_failure(ride: Ride, *, crash_by_others: bool) -> Iterator[Infraction]:
    """P1: not arrived, too late, over 200 m from the goal; not by ego if others crashed into it."""
    arrived = ride.trace.outcome is Outcome.ARRIVED
    taken, allowed = _duration_ms(ride), allowed_ms(ride)
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


def allowed_ms(ride: Ride) -> int:
    """
    Time limit of the trip [ms]: 300 s and ten times what the driven road takes at its limits.

    The road driven stands in for the route, because the judge finds no routes; so this convicts
    standing about, and leaves detours to the measures of cost.
    """
    return PATIENCE_MS + int((np.diff(ride.odometer) * 10_000 / ride.limit[:-1]).sum())


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
