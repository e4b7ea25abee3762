"""What ego did at the end of a link: lights, stop signs, right of way, turns."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from guiderail.maps.network import Ban, Conflict, Control, Turn
from guiderail.sim.contract.lattice import GRAVITY_MM_S2, NOTHING
from guiderail.sim.contract.messages import Light
from guiderail.sim.contract.trace import Passing, Yielding, YieldingToSiren
from guiderail.sim.judge.articles.contact import is_red
from guiderail.sim.judge.articles.emergency_vehicles import could_have_waited
from guiderail.sim.judge.conflict import post_encroachment_time
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.ride import Ride

YELLOW_THOUGHT_MS: Final = 1_000
"""Time to react to a yellow light (ITE)."""
YELLOW_BRAKING_MM_S2: Final = 3_050
"""Who needs more than this to stop may go on (ITE, 10 ft/s^2)."""
STOP_WITHIN_MM: Final = 4_000
"""A stop counts this close before the line (CARLA)."""
STOPPED_MM_S: Final = 100
"""Slower than this is stopped (CARLA)."""
CLEARANCE_MS: Final = 1_000
"""Time that must lie between ego clearing a zone and the arrival of traffic with priority."""
FORCED_BRAKING_MM_S2: Final = 3_400
"""Braking that may at most be forced on traffic with priority."""


def red_light(ride: Ride) -> Iterator[Infraction]:
    """R2: the stop line crossed on red, or on a yellow that could have been obeyed."""
    crossings = ride.line_crossings
    for tick in crossings[ride.light[crossings] >= Light.YELLOW].tolist():
        on_yellow = ride.light[tick] == Light.YELLOW
        if is_red(ride, tick) or (on_yellow and could_have_stopped(ride, tick)):
            yield ride.infraction("R2", tick, _crossing_evidence(ride, tick))


def could_have_stopped(ride: Ride, tick: int) -> bool:
    """
    Whether a car that crossed on yellow had, when yellow began, room to stop.

    Reaction 1 s, then 3.05 m/s^2 or what the road holds, whichever is less. If yellow was already
    shown when ego came onto the link, it counts from there: doubt speaks for ego.
    """
    onset = _yellow_onset(ride, tick)
    speed = int(ride.speed[onset])
    road = int(ride.line_ahead[onset]) - speed * YELLOW_THOUGHT_MS // 1000
    grip = ride.trace.friction_permille * GRAVITY_MM_S2 // 1000
    return road >= 0 and speed * speed <= 2 * min(YELLOW_BRAKING_MM_S2, grip) * road


def stop_sign(ride: Ride) -> Iterator[Infraction]:
    """R3: never below 0.1 m/s in the last 4 m before the line of a stop sign."""
    crossings = ride.line_crossings
    for tick in crossings[ride.control[crossings] == Control.STOP].tolist():
        rows = slice(ride.visit_start(tick), tick + 1)
        slowest = ride.speed[rows][ride.line_ahead[rows] <= STOP_WITHIN_MM]
        # No row in the last 4 m means faster than 40 m/s there.
        lowest = int(slowest.min()) if slowest.size else int(ride.speed[tick])
        if lowest >= STOPPED_MM_S:
            yield ride.infraction("R3", tick, (("lowest_mm_s", lowest),))


def failure_to_yield(ride: Ride) -> Iterator[Infraction]:
    """
    R4: traffic with priority came within 1 s of ego clearing the zone, or had to brake hard.

    Passing within 1 s behind it is no failure: it had gone first. That is a near miss only. An
    emergency vehicle with siren has priority everywhere, over who could hear it in time to wait.
    """
    for met in (*ride.events(Yielding), *ride.events(YieldingToSiren)):
        if not _has_to_yield(ride, met):
            continue
        arrives = met.arrival_ms < NOTHING
        spare = post_encroachment_time(met.leave_ms, met.arrival_ms)
        if (arrives and spare < CLEARANCE_MS) or met.forced_braking_mm_s2 > FORCED_BRAKING_MM_S2:
            yield ride.infraction(
                "R4",
                ride.row_at(met.enter_ms),
                (
                    ("spare_ms", spare if arrives else NOTHING),
                    ("forced_braking_mm_s2", met.forced_braking_mm_s2),
                    ("to_link", met.to_link),
                ),
            )


def _has_to_yield(ride: Ride, met: Yielding) -> bool:
    if isinstance(met, YieldingToSiren):
        return could_have_waited(ride, met)
    turn = ride.network.turn(met.from_link, met.to_link)
    return turn is None or turn.conflict is not Conflict.NONE


def illegal_turn(ride: Ride) -> Iterator[Infraction]:
    """R5: a turn that is banned or does not exist, or one onto a closed link."""
    for passing in ride.events(Passing):
        turn = ride.network.turn(passing.from_link, passing.to_link)
        closed = passing.to_link in ride.trace.closed or any(
            link == passing.to_link and begin_ms < passing.time_ms <= end_ms
            for link, begin_ms, end_ms in ride.trace.closed_between
        )
        if closed or _is_banned(turn):
            yield ride.infraction(
                "R5",
                max(ride.row_at(passing.time_ms) - 1, 0),
                (
                    ("from_link", passing.from_link),
                    ("to_link", passing.to_link),
                    ("ban", turn.ban or 0 if turn else -1),
                    ("closed", int(closed)),
                ),
            )


def _is_banned(turn: Turn | None) -> bool:
    """Turning against a one-way street is left to R1, which weighs how far it went."""
    return turn is None or turn.ban not in (None, Ban.WRONG_WAY)


def _yellow_onset(ride: Ride, tick: int) -> int:
    first = ride.visit_start(tick)
    other = np.flatnonzero(ride.light[first : tick + 1] != Light.YELLOW)
    return first + int(other[-1]) + 1 if other.size else first


def _crossing_evidence(ride: Ride, tick: int) -> tuple[tuple[str, int], ...]:
    onset = _yellow_onset(ride, tick)
    return (
        ("light", int(ride.light[tick])),
        ("speed_mm_s", int(ride.speed[tick])),
        ("onset_line_mm", int(ride.line_ahead[onset]) if onset <= tick else 0),
    )
