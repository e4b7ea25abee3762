"""People on foot: contact with somebody who crosses the way of the moving car."""

from collections.abc import Iterator
from typing import Final

from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.ride import Ride

EGO_LENGTH_MM: Final = 4_500
"""The car covers the line of the crossing until its rear has passed it."""
MOVES_MM_S: Final = 100
"""A car that does not move faster than this hits nobody (CARLA: 0.1 m/s)."""


def collision_vru(ride: Ride) -> Iterator[Infraction]:
    """
    C1: the moving car covers the line of a crossing while somebody is before its side or under it.

    Always the fault of who drives: a person on a crossing has the way.
    """
    gap, aside = ride.column("walker_gap_mm"), ride.column("walker_aside_mm")
    over = (gap <= 0) & (gap >= -EGO_LENGTH_MM)
    for rows in ride.episodes(over & (aside <= 0) & (ride.speed > MOVES_MM_S)):
        k = int(rows[0])
        evidence = (("speed_mm_s", int(ride.speed[k])), ("over_line_mm", -int(gap[k])))
        yield ride.infraction("C1", k, evidence)
