"""
What ego owes to those ahead and to what it sees: RSS distance, operational domain, sight.

The formulas are the judge's own; the driver keeps distances and speeds by others.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from guiderail.sim.contract.lattice import GRAVITY_MM_S2, NOTHING
from guiderail.sim.judge.articles.contact import LEADER
from guiderail.sim.judge.conflict import (
    FULL_GRIP_PERMILLE,
    RSS_EGO,
    Flags,
    Longs,
    rss_longitudinal_distance,
)
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.ride import Ride
from guiderail.sim.judge.taxonomy import TAXONOMY

FULL_BREACH_MS: Final = 2_000
"""An RSS breach this long has the full weight; it grows up to there."""
CUT_IN_MM: Final = 500
"""A gap that shrinks by this much more than both speeds explain has another car in it."""
DOMAIN_FRICTION_PERMILLE: Final = 100
"""Least grip of the domain: ice; this project's choice."""
DOMAIN_SIGHT_MM: Final = 20_000
"""Least sight of the domain; this project's choice."""
OUTSIDE_MS: Final = 10_000
"""A domain may be left for this long before the minimal risk maneuver is due (UN R157)."""


def rss_breach(ride: Ride) -> Iterator[Infraction]:
    """
    R8: closer to the car ahead than RSS allows, with no proper response within rho.

    The proper response is braking with b_min at least, or standing, until the distance is safe
    again. Who was cut in on has no fault: a gap that jumps, or one too small from the first row
    that shows it, opens no case until it was safe once.
    """
    gap, ahead = LEADER.gap(ride), ride.column("leader_speed_mm_s")
    needed = rss_longitudinal_distance(
        ride.speed,
        ahead,
        RSS_EGO,
        limit_mm_s=ride.limit,
        friction_permille=ride.trace.friction_permille,
    )
    own = (gap < needed) & ~_after_cut_in(ride, gap, ahead, gap < needed)
    owed = own & (ride.time_ms - ride.since(own) >= RSS_EGO.response_ms)
    grip = min(FULL_GRIP_PERMILLE, ride.trace.friction_permille)
    braking = -ride.accel * FULL_GRIP_PERMILLE >= RSS_EGO.brake_min_mm_s2 * grip
    wrong = owed & ~braking & (ride.speed > 0)
    for rows in ride.episodes(wrong):
        lasted = int(ride.hold[rows].sum())
        evidence = (
            ("gap_mm", int(gap[rows].min())),
            ("short_of_mm", int((needed[rows] - gap[rows]).max())),
            ("lasted_ms", lasted),
        )
        weight = TAXONOMY["R8"].weight * min(1.0, lasted / FULL_BREACH_MS)
        yield ride.infraction("R8", int(rows[0]), evidence, weight=weight)


def odd_exit_unhandled(ride: Ride) -> Iterator[Infraction]:
    """
    R13: driving on for more than 10 s outside the domain, with no minimal risk maneuver.

    A closure that begins during the trip counts for who came onto the link after it began: who was
    there already has to leave.
    """
    closed = np.isin(ride.link, sorted(ride.trace.closed)) | _entered_closed(ride)
    slippery = ride.trace.friction_permille < DOMAIN_FRICTION_PERMILLE
    outside = closed | (ride.column("sight_mm") < DOMAIN_SIGHT_MM) | slippery
    drives = outside & (ride.speed > 0) & (ride.column("minimal_risk") == 0)
    lasted = ride.time_ms - ride.since(drives)
    for rows in ride.episodes(drives & (lasted > OUTSIDE_MS)):
        evidence = (("lasted_ms", int(lasted[rows].max())), ("closed", int(closed[rows].any())))
        yield ride.infraction("R13", int(rows[0]), evidence)


def sight_overrun(ride: Ride) -> Iterator[Infraction]:
    """R14: too fast to stop within what can be seen: 0.5 s of response, then all the road holds."""
    sight = ride.column("sight_mm")
    grip = max(1, ride.trace.friction_permille * GRAVITY_MM_S2 // 1000)
    stop = ride.speed * RSS_EGO.response_ms // 1000 + ride.speed * ride.speed // (2 * grip)
    for rows in ride.episodes((sight < NOTHING) & (stop > sight)):
        worst = int(rows[np.argmax(stop[rows])])
        evidence = (("stop_mm", int(stop[worst])), ("sight_mm", int(sight[worst])))
        yield ride.infraction("R14", int(rows[0]), evidence)


def _entered_closed(ride: Ride) -> Flags:
    """Rows on a link that was entered while it was closed for a part of the trip, and still is."""
    flags = np.zeros(len(ride.time_ms), np.bool_)
    for link, begin_ms, end_ms in ride.trace.closed_between:
        for rows in ride.visits(ride.link == link):
            if begin_ms < ride.time_ms[rows.start]:
                flags[rows] |= ride.time_ms[rows] <= end_ms
    return flags


def _after_cut_in(ride: Ride, gap: Longs, ahead: Longs, dangerous: Flags) -> Flags:
    """Rows since somebody came into the gap, as long as it has not been safe in between."""
    closing = (ride.speed[:-1] - ahead[:-1]) * np.diff(ride.time_ms) // 1000
    came = np.ones(len(gap), np.bool_)
    came[1:] = (gap[:-1] >= NOTHING) | (gap[1:] < gap[:-1] - closing - CUT_IN_MM)
    came[1:] |= ride.is_changing[1:] != ride.is_changing[:-1]
    rows = np.arange(len(gap))
    last = np.maximum.accumulate(np.where(came & dangerous, rows, -1))
    safe = np.maximum.accumulate(np.where(dangerous, -1, rows))
    return np.asarray(last > safe)
