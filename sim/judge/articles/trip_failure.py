"""
P1: the trip did not serve its purpose, to bring the passenger to the goal in time.

One limit holds for world and judge, the one that the trace states; who plans a trip sets it. The
lab grants 300 s and ten times the free drive of the shortest legal route (CARLA).
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.trace import Outcome
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.judge.law import Article, Rule
from guiderail.sim.judge.severity import Severity

AT_GOAL_MM: Final = 200_000
"""Ending farther from the goal than this, in a straight line, is not having arrived [mm];
this project's choice."""
TRIP_FAILURE: Final = Article(
    id="P1",
    kind="trip_failure",
    severity=Severity.PURPOSE,
    weight=0.4,
    source="CARLA route timeout",
    meaning="The trip did not arrive, arrived too late, or ended more than 200 m from the goal.",
)


def trip_failure(trip: JudgedTrip) -> Iterator[Infraction]:
    """P1: not arrived, too late, or over 200 m from the goal."""
    arrived = trip.trace.outcome is Outcome.ARRIVED
    taken, allowed = trip.duration_ms, trip.trace.time_limit_ms
    away = _away_mm(trip)
    if arrived and taken <= allowed and away <= AT_GOAL_MM:
        return
    evidence = (
        ("arrived", int(arrived)),
        ("taken_ms", taken),
        ("allowed_ms", allowed),
        ("away_mm", away),
    )
    yield TRIP_FAILURE.broken_at(trip, len(trip.time_ms) - 1, evidence)


def _away_mm(trip: JudgedTrip) -> int:
    trace = trip.trace
    last, end = int(trip.link[-1]), int(trip.s_mm[-1])
    if last == trace.goal_link:
        return abs(end - trace.goal_mm)
    here = position(trip.network, last, end)
    there = position(trip.network, trace.goal_link, trace.goal_mm)
    return int(np.hypot(here[0] - there[0], here[1] - there[1]))


def position(network: RoadNetwork, link: int, s_mm: int) -> tuple[float, float]:
    """Coordinates of a point on a link [mm]: its share of the link along the drawn line."""
    table = network.links
    points = slice(int(table.shape_start[link]), int(table.shape_start[link + 1]))
    x, y = table.shape_x_mm[points].astype(float), table.shape_y_mm[points].astype(float)
    along = np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))))
    here = along[-1] * s_mm / int(table.length_mm[link])
    return float(np.interp(here, along, x)), float(np.interp(here, along, y))


RULE: Final = Rule(find=trip_failure, articles=(TRIP_FAILURE,))
