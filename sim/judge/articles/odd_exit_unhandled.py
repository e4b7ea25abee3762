"""R13: driving on outside the operational design domain."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from guiderail.sim.judge.conflict import Flags
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.judge.law import Article, Rule
from guiderail.sim.judge.severity import Severity

DOMAIN_FRICTION_PERMILLE: Final = 100
"""Least grip of the domain: ice; this project's choice."""
DOMAIN_SIGHT_MM: Final = 20_000
"""Least sight of the domain; this project's choice."""
OUTSIDE_MS: Final = 10_000
"""A domain may be left for this long before the minimal risk maneuver is due (UN R157)."""
ODD_EXIT_UNHANDLED: Final = Article(
    id="R13",
    kind="odd_exit_unhandled",
    severity=Severity.S2,
    weight=0.25,
    source="SAE J3016; UN R157",
    meaning="The car drove on for more than 10 s outside its operational design domain.",
)


def odd_exit_unhandled(trip: JudgedTrip) -> Iterator[Infraction]:
    """
    R13: driving on for more than 10 s outside the domain, with no minimal risk maneuver.

    A closure that begins during the trip counts for who came onto the link after it began: who was
    there already has to leave.
    """
    closed = np.isin(trip.link, sorted(trip.trace.closed)) | _entered_closed(trip)
    slippery = trip.trace.friction_permille < DOMAIN_FRICTION_PERMILLE
    outside = closed | (trip.column("sight_mm") < DOMAIN_SIGHT_MM) | slippery
    drives = outside & (trip.speed_mm_s > 0) & (trip.column("minimal_risk") == 0)
    lasted = trip.time_ms - trip.since_ms(drives)
    for rows in trip.episodes(drives & (lasted > OUTSIDE_MS)):
        evidence = (("lasted_ms", int(lasted[rows].max())), ("closed", int(closed[rows].any())))
        yield ODD_EXIT_UNHANDLED.broken_at(trip, int(rows[0]), evidence)


def _entered_closed(trip: JudgedTrip) -> Flags:
    """Rows on a link that was entered while it was closed for a part of the trip, and still is."""
    flags = np.zeros(len(trip.time_ms), np.bool_)
    for link, begin_ms, end_ms in trip.trace.closed_between:
        for rows in trip.visits(trip.link == link):
            if begin_ms < trip.time_ms[rows.start]:
                flags[rows] |= trip.time_ms[rows] <= end_ms
    return flags


RULE: Final = Rule(find=odd_exit_unhandled, articles=(ODD_EXIT_UNHANDLED,))
