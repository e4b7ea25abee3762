"""R14: too fast for what can be seen."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from guiderail.sim.contract.lattice import GRAVITY_MM_S2, NOTHING
from guiderail.sim.judge.conflict import RSS_EGO
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.judge.law import Article, Rule
from guiderail.sim.judge.severity import Severity

SIGHT_OVERRUN: Final = Article(
    id="R14",
    kind="sight_overrun",
    severity=Severity.S2,
    weight=0.2,
    source="AASHTO sight distance; RSS occlusion",
    meaning="The car was too fast to stop within what it could see.",
)


def sight_overrun(trip: JudgedTrip) -> Iterator[Infraction]:
    """R14: too fast to stop within what can be seen: 0.5 s of response, then all the road holds."""
    sight = trip.column("sight_mm")
    grip = max(1, trip.trace.friction_permille * GRAVITY_MM_S2 // 1000)
    stop = trip.speed_mm_s * RSS_EGO.response_ms // 1000 + trip.speed_mm_s * trip.speed_mm_s // (
        2 * grip
    )
    for rows in trip.episodes((sight < NOTHING) & (stop > sight)):
        worst = int(rows[np.argmax(stop[rows])])
        evidence = (("stop_mm", int(stop[worst])), ("sight_mm", int(sight[worst])))
        yield SIGHT_OVERRUN.broken_at(trip, int(rows[0]), evidence)


RULE: Final = Rule(find=sight_overrun, articles=(SIGHT_OVERRUN,))
