"""R6: lanes changed where they already part."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from guiderail.maps.network import LinkId, TurnKind
from guiderail.sim.contract.trace import Passing
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.judge.law import Article, Rule
from guiderail.sim.judge.severity import Severity

GORE_MM: Final = 15_000
"""
Length of the physical gore before a fork [mm].

The solid line that leads up to it is rarely shorter than 50 ft = 15 m; the exact length is this
project's choice, as no map holds it.
"""
GORE_CUT: Final = Article(
    id="R6",
    kind="gore_cut",
    severity=Severity.S3,
    weight=0.5,
    source="MUTCD gore; length chosen by this project",
    meaning="The car changed lanes within 15 m of a fork, or turned out of a wrong lane.",
)


def gore_cut(trip: JudgedTrip) -> Iterator[Infraction]:
    """R6: moving over in the last 15 m before a fork, or turning out of a lane not made for it."""
    flags = trip.is_changing & (trip.length_mm - trip.s_mm < GORE_MM)
    if flags.any():
        forks = [link for link in np.unique(trip.link[flags]).tolist() if _is_fork(trip, link)]
        flags &= np.isin(trip.link, forks)
    for passing in trip.events(Passing):
        if _lanes_cut(trip, passing):
            flags[max(trip.row_at(passing.time_ms) - 1, 0)] = True
    for rows in trip.episodes(flags):
        k = int(rows[0])
        yield GORE_CUT.broken_at(
            trip,
            k,
            (
                ("road_left_mm", int(trip.length_mm[k] - trip.s_mm[k])),
                ("lane", int(trip.column("lane")[k])),
                ("target_lane", int(trip.column("target_lane")[k])),
            ),
        )


def _is_fork(trip: JudgedTrip, link: int) -> bool:
    """Whether lanes can part at the end of a link; turning round there parts nothing."""
    turns = trip.network.turns_from(LinkId(link))
    return sum(turn.kind is not TurnKind.U_TURN for turn in turns) > 1


def _lanes_cut(trip: JudgedTrip, passing: Passing) -> bool:
    turn = trip.network.turn(passing.from_link, passing.to_link)
    return turn is not None and not turn.first_lane <= passing.from_lane <= turn.last_lane


RULE: Final = Rule(find=gore_cut, articles=(GORE_CUT,))
