"""
Emergency vehicles with siren: nobody goes before them through a junction, nobody holds them up.

What could not be heard in time is no fault: a second to react and the braking of the yellow light
must have been enough to wait.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from guiderail.sim.contract.lattice import GRAVITY_MM_S2
from guiderail.sim.contract.trace import YieldingToSiren
from guiderail.sim.judge.conflict import Flags, Longs
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.ride import Ride

REACTION_MS: Final = 1_000
"""Time to react to a siren; that of a yellow light (ITE)."""
WAITING_BRAKING_MM_S2: Final = 3_050
"""Who needs more than this to wait may go on (ITE, 10 ft/s^2)."""
HELD_MS: Final = 5_000
"""Longer than this nobody may hold one up: one lane change; this project's choice."""
HELD_PERCENT: Final = 90
"""One that drives slower than this share of what it wants is held up; this project's choice."""
BEHIND_MM: Final = 10_000
BEHIND_MS: Final = 2_000
"""By a car at most 10 m and 2 s ahead of it; this project's choice."""
ASIDE_PERMILLE: Final = 1_000
"""A car at the edge of its lane, at half the limit or less, has made way."""
BESIDE_PERMILLE: Final = 500
"""Farther aside than this, a car is passed without contact."""
LEAVES_PERMILLE: Final = 550
COMES_PERMILLE: Final = 450
"""Shares of a lane change up to which the old lane is still taken, and from which the new one is;
see ``contact.py``."""
PASSING_MM: Final = 9_000
"""Two car lengths: so long one is beside the ego."""
RECENT_MS: Final = 3_000
SIREN_CODE: Final = 7
"""How the evidence names it, beside the parties of ``contact.py``."""


def could_have_waited(ride: Ride, met: YieldingToSiren) -> bool:
    """Whether ego had, when the siren could first be heard, room to stop before the junction."""
    heard = ride.row_at(met.heard_ms)
    speed = int(ride.speed[heard])
    road = int(ride.odometer[ride.row_at(met.enter_ms)] - ride.odometer[heard])
    room = road - speed * REACTION_MS // 1000
    grip = ride.trace.friction_permille * GRAVITY_MM_S2 // 1000
    return room >= 0 and speed * speed <= 2 * min(WAITING_BRAKING_MM_S2, grip) * room


def yield_emergency_vehicle(ride: Ride) -> Iterator[Infraction]:
    """R15: one from behind held up for more than 5 s by a car that does not make way."""
    if not ride.trace.sirens:
        return
    held = _holds_up(ride)
    lasted = ride.time_ms - ride.since(held)
    for found in ride.episodes(held & (lasted > HELD_MS)):
        speed, wish = ride.siren("speed_mm_s")[found], ride.siren("wish_mm_s")[found]
        evidence = (("held_ms", int(lasted[found].max())), ("lost_mm_s", int((wish - speed).max())))
        yield ride.infraction("R15", int(found[0]), evidence)


def collisions(ride: Ride) -> Iterator[Infraction]:
    """C2: contact with one from behind; ego's fault if it moved into its way."""
    if not ride.trace.sirens:
        return
    gap = ride.siren("gap_mm")
    beside = (gap <= 0) & (gap >= -PASSING_MM) & _takes_lane(ride)
    for rows in ride.episodes(beside & (ride.siren("aside_permille") < BESIDE_PERMILLE)):
        k = int(rows[0])
        evidence = (
            ("party", SIREN_CODE),
            ("closing_mm_s", int(ride.siren("speed_mm_s")[k] - ride.speed[k])),
            ("speed_mm_s", int(ride.speed[k])),
        )
        yield ride.infraction("C2", k, evidence, at_fault=_moved_sideways(ride, k))


def _takes_lane(ride: Ride) -> Flags:
    """Whether ego is in the lane of the one from behind, or on its way into it."""
    lane = ride.siren("lane")
    stays = (ride.column("lane") == lane) & (ride.lateral < LEAVES_PERMILLE)
    comes = ride.is_changing & (ride.lateral > COMES_PERMILLE)
    return np.asarray(stays | (comes & (ride.column("target_lane") == lane)))


def _holds_up(ride: Ride) -> Flags:
    gap, speed = ride.siren("gap_mm"), ride.siren("speed_mm_s")
    is_close = (gap > 0) & (gap <= BEHIND_MM + speed * BEHIND_MS // 1000)
    is_slowed = speed * 100 < ride.siren("wish_mm_s") * HELD_PERCENT
    is_aside = ride.siren("aside_permille") >= ASIDE_PERMILLE
    made_way = is_aside & (2 * ride.speed <= ride.limit)
    return np.asarray(is_close & is_slowed & _takes_lane(ride) & ~made_way)


def _moved_sideways(ride: Ride, k: int) -> bool:
    """Whether ego changed lanes or left the edge of its lane within the last 3 s."""
    rows = ride.rows_back(k, RECENT_MS)
    aside: Longs = ride.siren("aside_permille")[rows]
    return bool(ride.is_changing[rows].any() or (np.diff(aside) < 0).any())
