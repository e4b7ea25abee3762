"""
Why a car may brake or stand: what the trace and the map show at each row.

A reason to brake is something that a comfortable stop (1 s of thought, then 2 m/s^2) would no
longer reach, or a slower leader inside the RSS distance. Goals and turns are no reason: a late
change of plan is what the rules about braking are there to find.
"""

from functools import cached_property
from typing import Final

import numpy as np

from guiderail.maps.network import Conflict, Control, LinkId
from guiderail.sim.contract.lattice import NOTHING, TICK_MS
from guiderail.sim.contract.messages import Light
from guiderail.sim.contract.trace import Passing, Rerouted, Yielding
from guiderail.sim.judge.conflict import (
    RSS_OTHER,
    Flags,
    Longs,
    is_required_deceleration_above,
    rss_longitudinal_distance,
)
from guiderail.sim.judge.judged_trip import JudgedTrip

COMFORT_BRAKING_MM_S2: Final = 2_000
"""IDM's comfortable braking [mm/s^2]."""
CLOSING_MM_S2: Final = 1_000
"""A leader that demands this deceleration is a reason to brake; this project's choice."""
LEADER_BRAKES_MM_S2: Final = 2_000
"""So is a leader that itself brakes this hard [mm/s^2]; this project's choice."""
MEMORY_MS: Final = 1_000
"""A reason lasts this long: braking ends later than what caused it; this project's choice."""
PRIORITY_MS: Final = 8_000
"""Traffic with priority that comes this soon is a reason; the longest HCM headway is 7.5 s."""
NEAR_MM: Final = 15_000
"""What a standing car waits for is at most this far ahead: three cars; this project's choice."""
WALKERS_NEAR_MM: Final = 35_000
"""People at the crossing beyond a junction are waited for before it: its width and three cars;
this project's choice."""
SIRENS_NEAR_MM: Final = 60_000
"""An emergency vehicle that crosses a junction is waited for before the first of several nodes that
lie too close together to wait between them; this project's choice."""
QUEUE_SPEED_MM_S: Final = 2_000
"""A leader no faster than this is a queue [mm/s]; this project's choice."""


def comfortable_reach_mm(speed_mm_s: Longs) -> Longs:
    """
    Road of a comfortable stop [mm]: v * 1 s + v^2 / (2 * 2 m/s^2), rounded up.

    >>> comfortable_reach_mm(np.array([10_000]))  # 10 + 100 / 4 m
    array([35000])
    """
    return np.asarray(speed_mm_s - (-speed_mm_s * speed_mm_s) // (2 * COMFORT_BRAKING_MM_S2))


class Causes:
    """Reasons to brake or to stand, each a flag per row."""

    def __init__(self, trip: JudgedTrip) -> None:
        self._trip = trip

    @cached_property
    def leader(self) -> Flags:
        """A car ahead, in the lane or in the one ego moves into, demands braking."""
        return _remembered(self._trip, self._slower("leader") | self._slower("side_lead"))

    @cached_property
    def stop_line(self) -> Flags:
        """A red or yellow light or a stop sign demands braking."""
        trip = self._trip
        rules = (trip.light >= Light.YELLOW) | (trip.control == Control.STOP)
        within = (trip.line_ahead_mm >= 0) & (trip.line_ahead_mm <= self._reach_mm)
        return _remembered(trip, rules & within)

    @cached_property
    def hazard(self) -> Flags:
        """A barrier, somebody head-on or on foot, a siren or other priority demands braking."""
        trip = self._trip
        barrier, oncoming = trip.column("barrier_mm"), trip.column("oncoming_gap_mm")
        head_on = self._reach_mm + comfortable_reach_mm(trip.column("oncoming_speed_mm_s"))
        crossing = trip.column("crossing_gap_mm") < NOTHING
        blocked = (barrier <= self._reach_mm) | (oncoming <= head_on)
        blocked |= trip.column("walker_gap_mm") <= self._reach_mm
        blocked |= trip.siren("node_mm") <= self._reach_mm
        return _remembered(trip, blocked | crossing | self._priority)

    @cached_property
    def standing(self) -> Flags:
        """A reason to stand: queue, light, yielding, people, siren, barrier, head-on, goal, end."""
        trip = self._trip
        queue = (trip.column("leader_gap_mm") <= NEAR_MM) & (
            trip.column("leader_speed_mm_s") <= QUEUE_SPEED_MM_S
        )
        at_line = (trip.line_ahead_mm >= 0) & (trip.line_ahead_mm <= NEAR_MM)
        light = (trip.light >= Light.YELLOW) & at_line
        near = (trip.column("barrier_mm") <= NEAR_MM) | (trip.column("oncoming_gap_mm") <= NEAR_MM)
        near |= trip.column("walker_gap_mm") <= WALKERS_NEAR_MM
        near |= trip.siren("node_mm") <= SIRENS_NEAR_MM
        crossing = trip.column("crossing_gap_mm") < NOTHING
        goal = (trip.link == trip.trace.goal_link) & (
            np.abs(trip.trace.goal_mm - trip.s_mm) <= NEAR_MM
        )
        minimal_risk = trip.column("minimal_risk") == 1
        waits = queue | light | near | crossing | goal | minimal_risk | self._waits_to_yield
        return np.asarray(waits)

    @cached_property
    def _reach_mm(self) -> Longs:
        return comfortable_reach_mm(self._trip.speed_mm_s)

    def _slower(self, who: str) -> Flags:
        trip = self._trip
        gap, speed = trip.column(f"{who}_gap_mm"), trip.column(f"{who}_speed_mm_s")
        dangerous = gap < rss_longitudinal_distance(
            trip.speed_mm_s,
            speed,
            RSS_OTHER,
            limit_mm_s=trip.limit_mm_s,
            friction_permille=trip.trace.friction_permille,
        )
        closing = is_required_deceleration_above(gap, trip.speed_mm_s - speed, CLOSING_MM_S2)
        # A drop between two rows is braking only if somebody was there in both.
        drop = speed[:-1] - speed[1:] >= LEADER_BRAKES_MM_S2 * TICK_MS // 1000
        brakes = np.zeros_like(closing)
        brakes[1:] = drop & (gap[:-1] < NOTHING)
        return np.asarray((gap <= 0) | (dangerous & (closing | brakes)))

    @cached_property
    def _priority(self) -> Flags:
        """Rows on the way to a turn where traffic with priority came at most 8 s later."""
        trip = self._trip
        flags = np.zeros(len(trip.time_ms), np.bool_)
        for met in trip.events(Yielding):
            last = trip.row_at(met.enter_ms)
            for passes_ms in (met.before_ms, met.arrival_ms):
                if abs(passes_ms) < NOTHING:
                    rows = slice(trip.visit_start(last), last + 1)
                    wait = passes_ms - trip.time_ms[rows]
                    flags[rows] |= (wait >= 0) & (wait <= PRIORITY_MS)
        return flags

    @cached_property
    def _waits_to_yield(self) -> Flags:
        """Standing close to a line or node where ego has to let others pass."""
        trip = self._trip
        near = (trip.speed_mm_s == 0) & (trip.line_ahead_mm <= NEAR_MM)
        sign = (trip.control == Control.STOP) | (trip.control == Control.GIVE_WAY)
        flags = np.asarray(near & sign)
        unsigned = near & ~sign
        for rows in trip.visits(unsigned):
            flags[rows] |= unsigned[rows] & self._must_yield_after(rows.start)
        return flags

    def _must_yield_after(self, first: int) -> bool:
        """
        Whether the turn taken next must yield.

        Any turn may have been meant if none was taken, or if the route changed before it was.
        """
        trip = self._trip
        link, time_ms = LinkId(int(trip.link[first])), int(trip.time_ms[first])
        changes = [change.time_ms for change in trip.events(Rerouted)]
        for passing in trip.events(Passing):
            if passing.time_ms > time_ms:
                if any(time_ms < change <= passing.time_ms for change in changes):
                    break
                turn = trip.network.turn(passing.from_link, passing.to_link)
                return turn is None or turn.conflict is not Conflict.NONE
        return any(turn.conflict is not Conflict.NONE for turn in trip.network.turns_from(link))


def _remembered(trip: JudgedTrip, flags: Flags) -> Flags:
    """Flags of the row and of the second before it."""
    count: Longs = np.concatenate((np.zeros(1, np.int64), np.cumsum(flags)))
    first = np.searchsorted(trip.time_ms, trip.time_ms - MEMORY_MS, "left")
    return np.asarray(count[1:] > count[first])
