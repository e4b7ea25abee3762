"""C1: people on foot, hit by the car."""

from collections.abc import Iterator
from typing import Final

from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.judge.law import Article, Rule
from guiderail.sim.judge.severity import Severity

EGO_LENGTH_MM: Final = 4_500
"""A passenger car of usual length covers the line of the crossing until its rear has passed."""
MOVES_MM_S: Final = 100
"""A car that does not move faster than this hits nobody (CARLA: 0.1 m/s)."""
COLLISION_VRU: Final = Article(
    id="C1",
    kind="collision_vru",
    severity=Severity.S4,
    weight=1.0,
    source="CARLA 2.1; nuPlan at-fault classes",
    meaning="The moving car hit a person on foot.",
    is_gate=True,
)


def collision_vru(trip: JudgedTrip) -> Iterator[Infraction]:
    """
    C1: the moving car covers the line of a crossing while somebody is before its side or under it.

    Always the fault of who drives: a person on a crossing has the way.
    """
    gap, aside = trip.column("walker_gap_mm"), trip.column("walker_aside_mm")
    over = (gap <= 0) & (gap >= -EGO_LENGTH_MM)
    for rows in trip.episodes(over & (aside <= 0) & (trip.speed_mm_s > MOVES_MM_S)):
        k = int(rows[0])
        evidence = (("speed_mm_s", int(trip.speed_mm_s[k])), ("over_line_mm", -int(gap[k])))
        yield COLLISION_VRU.broken_at(trip, k, evidence)


RULE: Final = Rule(find=collision_vru, articles=(COLLISION_VRU,))
