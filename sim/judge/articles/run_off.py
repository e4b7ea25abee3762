"""C3: the car left the road."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from guiderail.sim.contract.lattice import GRAVITY_MM_S2
from guiderail.sim.judge.conflict import Flags
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.judge.law import Article, Rule
from guiderail.sim.judge.severity import Severity

RUN_OFF: Final = Article(
    id="C3",
    kind="run_off",
    severity=Severity.S4,
    weight=0.6,
    source="friction circle; CARLA static collision",
    meaning="The car left the road: too little grip in a curve, a barrier, or the end of the road.",
    is_gate=True,
)


def run_off(trip: JudgedTrip) -> Iterator[Infraction]:
    """C3: more asked of the tires than they hold, a barrier driven through, a road's end."""
    gone = trip.column("barrier_mm") < 0
    gone[-1] |= trip.s_mm[-1] > trip.length_mm[-1]
    for rows in trip.episodes(gone | _beyond_grip(trip)):
        k = int(rows[0])
        lateral = int(trip.speed_mm_s[k] ** 2 // max(int(trip.radius_mm[k]), 1))
        yield RUN_OFF.broken_at(
            trip,
            k,
            (
                ("barrier_mm", int(trip.column("barrier_mm")[k])),
                ("lateral_mm_s2", lateral if trip.radius_mm[k] else 0),
                ("speed_mm_s", int(trip.speed_mm_s[k])),
            ),
        )


def _beyond_grip(trip: JudgedTrip) -> Flags:
    """Rows in a curve that the friction circle does not hold."""
    curve = trip.radius_mm > 0
    if not curve.any():
        return curve
    grip = trip.trace.friction_permille * GRAVITY_MM_S2 / 1000
    lateral = np.square(trip.speed_mm_s, dtype=np.float64) / np.maximum(trip.radius_mm, 1)
    # An acceleration belongs to the tick before its row. A tick that only ends in the curve mixes
    # two states: there the lateral part alone counts, and doubt speaks for ego.
    along = np.zeros_like(lateral)
    along[:-1] = trip.accel_mm_s2[1:]
    return curve & (np.square(lateral) + np.square(along) > grip * grip)


RULE: Final = Rule(find=run_off, articles=(RUN_OFF,))
