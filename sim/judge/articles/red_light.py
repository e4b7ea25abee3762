"""R2: a stop line crossed on red, or on a yellow that could have been obeyed."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from guiderail.sim.contract.messages import Light
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.judge.law import Article, Rule
from guiderail.sim.judge.right_of_way import could_stop_within, is_red
from guiderail.sim.judge.severity import Severity

RED_LIGHT: Final = Article(
    id="R2",
    kind="red_light",
    severity=Severity.S3,
    weight=0.4,
    source="CARLA; ITE yellow, 3.05 m/s^2 after 1 s",
    meaning="The car crossed a stop line on red, or on a yellow that it could have obeyed.",
)


def red_light(trip: JudgedTrip) -> Iterator[Infraction]:
    """R2: the stop line crossed on red, or on a yellow that could have been obeyed."""
    crossings = trip.line_crossings
    for tick in crossings[trip.light[crossings] >= Light.YELLOW].tolist():
        on_yellow = trip.light[tick] == Light.YELLOW
        if is_red(trip, tick) or (on_yellow and could_have_stopped(trip, tick)):
            yield RED_LIGHT.broken_at(trip, tick, _crossing_evidence(trip, tick))


def could_have_stopped(trip: JudgedTrip, tick: int) -> bool:
    """
    Whether a car that crossed on yellow had, when yellow began, room to stop.

    If yellow was already shown when ego came onto the link, it counts from there: doubt speaks for
    ego.
    """
    onset = _yellow_onset(trip, tick)
    return could_stop_within(trip, int(trip.speed_mm_s[onset]), int(trip.line_ahead_mm[onset]))


def _yellow_onset(trip: JudgedTrip, tick: int) -> int:
    first = trip.visit_start(tick)
    other = np.flatnonzero(trip.light[first : tick + 1] != Light.YELLOW)
    return first + int(other[-1]) + 1 if other.size else first


def _crossing_evidence(trip: JudgedTrip, tick: int) -> tuple[tuple[str, int], ...]:
    onset = _yellow_onset(trip, tick)
    return (
        ("light", int(trip.light[tick])),
        ("speed_mm_s", int(trip.speed_mm_s[tick])),
        ("onset_line_mm", int(trip.line_ahead_mm[onset]) if onset <= tick else 0),
    )


RULE: Final = Rule(find=red_light, articles=(RED_LIGHT,))
