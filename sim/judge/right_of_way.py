"""
Who had the way: red lights, priority in a conflict zone, emergency vehicles with siren.

What could not be heard in time is no fault: a second to react and the braking of the yellow light
must have been enough to wait.
"""

from typing import Final

from guiderail.maps.network import Conflict, LinkId
from guiderail.sim.contract.lattice import GRAVITY_MM_S2
from guiderail.sim.contract.messages import Light
from guiderail.sim.contract.trace import Passing, Yielding, YieldingToSiren
from guiderail.sim.judge.judged_trip import JudgedTrip

REACTION_MS: Final = 1_000
"""Time to react to a yellow light or a siren (ITE)."""
STOPPING_MM_S2: Final = 3_050
"""Who needs to brake harder than this to stop may go on (ITE, 10 ft/s^2)."""


def could_have_waited(trip: JudgedTrip, met: YieldingToSiren) -> bool:
    """Whether ego had, when the siren could first be heard, room to stop before the junction."""
    heard = trip.row_at(met.heard_ms)
    speed = int(trip.speed_mm_s[heard])
    road = int(trip.odometer_mm[trip.row_at(met.enter_ms)] - trip.odometer_mm[heard])
    return could_stop_within(trip, speed, road)


def could_stop_within(trip: JudgedTrip, speed_mm_s: int, road_mm: int) -> bool:
    """
    Whether a car at some speed had room to stop on the road before it.

    Reaction 1 s, then 3.05 m/s^2 or what the road holds, whichever is less (ITE).
    """
    room_mm = road_mm - speed_mm_s * REACTION_MS // 1000
    grip_mm_s2 = trip.trace.friction_permille * GRAVITY_MM_S2 // 1000
    braking_mm_s2 = min(STOPPING_MM_S2, grip_mm_s2)
    return room_mm >= 0 and speed_mm_s * speed_mm_s <= 2 * braking_mm_s2 * room_mm


def took_the_way(trip: JudgedTrip, k: int) -> bool:
    """Whether ego, hit in a conflict zone, had to let the other pass."""
    now_ms = int(trip.time_ms[k])
    for met in trip.events(YieldingToSiren):
        if met.enter_ms <= now_ms <= met.leave_ms and met.arrival_ms <= now_ms:
            return could_have_waited(trip, met)
    ways = _ways_at(trip, now_ms)
    if not ways:
        return False
    turn = trip.network.turn(*ways)
    lawful = turn is not None and turn.ban is None and turn.conflict is Conflict.NONE
    return not lawful or _ran_red(trip, k)


def _ways_at(trip: JudgedTrip, time_ms: int) -> tuple[LinkId, LinkId] | None:
    """Links of the turn whose zone ego is in."""
    for met in trip.events(Yielding):
        if met.enter_ms <= time_ms <= met.leave_ms:
            return met.from_link, met.to_link
    passed = [event for event in trip.events(Passing) if event.time_ms <= time_ms]
    return (passed[-1].from_link, passed[-1].to_link) if passed else None


def _ran_red(trip: JudgedTrip, k: int) -> bool:
    """Whether the last stop line before row ``k`` was crossed on red."""
    before = trip.line_crossings[trip.line_crossings < k]
    return before.size > 0 and is_red(trip, int(before[-1]))


def is_red(trip: JudgedTrip, tick: int) -> bool:
    """Whether the light of the link was red while the tick passed."""
    if trip.light[tick] != Light.RED:
        return False
    skipped = trip.time_ms[tick + 1] - trip.time_ms[tick] > trip.tick_ms[tick]
    # After rows left out the light of the one moving tick is not in the trace: without a red light
    # on this link at its end, too, doubt speaks for ego.
    return not skipped or bool(not trip.leaves[tick] and trip.light[tick + 1] == Light.RED)
