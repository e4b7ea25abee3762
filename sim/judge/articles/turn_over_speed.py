"""R10 and R10m: too fast in a curve."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from guiderail.sim.contract.lattice import GRAVITY_MM_S2
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.judge.law import Article, Rule
from guiderail.sim.judge.severity import Severity

LATERAL_MM_S2: Final = 4_890
"""Lateral acceleration that is too much in any curve [mm/s^2] (nuPlan)."""
NEAR_SLIP_PERCENT: Final = 85
"""Share of the friction that is a serious breach; this project's choice."""
TURN_OVER_SPEED: Final = Article(
    id="R10",
    kind="turn_over_speed",
    severity=Severity.S2,
    weight=0.25,
    source="nuPlan lateral comfort bound",
    meaning="The car took a curve with more than 4.89 m/s^2 of lateral acceleration.",
)
TURN_OVER_SPEED_MAJOR: Final = Article(
    id="R10m",
    kind="turn_over_speed",
    severity=Severity.S3,
    weight=0.4,
    source="this project: 0.85 of the friction",
    meaning="The car took a curve with more than 0.85 of what the tires hold.",
)


def turn_over_speed(trip: JudgedTrip) -> Iterator[Infraction]:
    """R10: v^2 / R above 4.89 m/s^2 (S2), or above 0.85 of the friction (S3)."""
    squared = trip.speed_mm_s * trip.speed_mm_s
    # In whole numbers: v^2 > 0.85 * (permille / 1000) * g * R, both sides times 100,000.
    near_slip = NEAR_SLIP_PERCENT * trip.trace.friction_permille * GRAVITY_MM_S2
    major = (trip.radius_mm > 0) & (squared * 100_000 > near_slip * trip.radius_mm)
    minor = (trip.radius_mm > 0) & (squared > LATERAL_MM_S2 * trip.radius_mm)
    for rows in trip.episodes(major | minor):
        worst = rows[np.argmax(squared[rows] / trip.radius_mm[rows])]
        article = TURN_OVER_SPEED_MAJOR if major[rows].any() else TURN_OVER_SPEED
        yield article.broken_at(
            trip,
            int(rows[0]),
            (
                ("lateral_mm_s2", int(squared[worst] // trip.radius_mm[worst])),
                ("radius_mm", int(trip.radius_mm[worst])),
                ("speed_mm_s", int(trip.speed_mm_s[worst])),
            ),
        )


RULE: Final = Rule(find=turn_over_speed, articles=(TURN_OVER_SPEED, TURN_OVER_SPEED_MAJOR))
