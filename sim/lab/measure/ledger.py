"""
The ledger of a trip: every millisecond of it booked to one cause; the books balance exactly.

While the car follows its plan, the free-flow time that is left shrinks with the clock. What the
clock takes beyond that is *excess*, booked to what the trace shows around the car: a light, others
with priority, a car ahead, a barrier, or else the driving itself (starting, curves, lanes). When
the plan changes, the time that is left *jumps*, and the jump is booked to who changed it. Planned
time, jumps and excess together are the trip, to the millisecond, because the sum telescopes.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from guiderail.maps.network import Conflict, Control, LinkId, RoadNetwork
from guiderail.sim.contract.messages import Light
from guiderail.sim.contract.trace import (
    COLUMN,
    Missed,
    Outcome,
    RerouteCause,
    Rerouted,
    SirenSample,
    Trace,
)

Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Account(StrEnum):
    """To what a part of a trip's time is booked; see :data:`MEANING`."""

    PLAN = "plan"
    GUIDE = "guide"
    MISSED_GUIDED = "missed_guided"
    MISSED_OWN = "missed_own"
    CLOSURE = "closure"
    SIGNAL = "signal"
    PRIORITY = "priority"
    TRAFFIC = "traffic"
    DRIVING = "driving"


MEANING: Final = {
    Account.PLAN: "The first plan at free flow, when nothing intervenes.",
    Account.GUIDE: "Route changes adopted from the guide; below zero where it saved time.",
    Account.MISSED_GUIDED: "Adopted turns of the guide that could not be made safely any more.",
    Account.MISSED_OWN: "Own turns that could not be made safely, and a goal passed.",
    Account.CLOSURE: "Roads closed unlike in the map: new routes, standing before a barrier.",
    Account.SIGNAL: "Lights: braking, waiting, and getting under way again.",
    Account.PRIORITY: "Stop signs, and others who go first, emergency vehicles too.",
    Account.TRAFFIC: "The car ahead, and the queue of an incident.",
    Account.DRIVING: "The rest: speeding up, curves, changing lanes.",
}
"""What each account stands for."""
ACCOUNTS: Final = tuple(Account)
DETOUR_ACCOUNTS: Final = tuple(account for account in Account if account is not Account.PLAN)
"""Where two runs of one trip can differ: the first plan is the same for all."""
Ledger = Mapping[Account, int]
"""Milliseconds by account; the sum is the time of the trip."""

NEAR_MM: Final = 25_000
"""This close before a node or a barrier a car is slow because of it; this project's choice."""
QUEUE_MM: Final = 10_000
QUEUE_MS: Final = 2_000
"""A car ahead within 10 m and 2 s that is slower than the limit holds ego up; the 2 s of the
usual rule of the road, and two cars for standing."""
_WAITS: Final = (Account.CLOSURE, Account.SIGNAL, Account.PRIORITY, Account.TRAFFIC)
"""Causes that the trace shows around a car, the first that fits wins."""
_OF_JUMPS: Final = {
    RerouteCause.START: Account.PLAN,
    RerouteCause.GUIDE: Account.GUIDE,
    RerouteCause.CLOSURE: Account.CLOSURE,
}


def ledger(trace: Trace, network: RoadNetwork) -> Ledger | None:
    """
    Book the time of a trip; None for one that did not arrive: it has no whole time to book.

    Returns
    -------
    Ledger
        Whole milliseconds for every account; they add up to ``trace.end_ms``.
    """
    if trace.outcome is not Outcome.ARRIVED:
        return None
    books = dict.fromkeys(ACCOUNTS, 0)
    time = _TimeAccounting(trace, network)
    for account, jump_ms in time.walk():
        books[account] += jump_ms
    for account, excess_ms in time.excess_by_cause():
        books[account] += excess_ms
    return books


class _TimeAccounting:
    """One trace against its plans; the time left is kept as ``left on this link + ahead``."""

    def __init__(self, trace: Trace, network: RoadNetwork) -> None:
        self._trace = trace
        self._network = network
        table = trace.table()
        self._time_ms: Longs = table[:, COLUMN["time_ms"]]
        self._link: Longs = table[:, COLUMN["link"]]
        self._s_mm: Longs = table[:, COLUMN["s_mm"]]
        self._table = table
        links = network.links
        length = links.length_mm[self._link].astype(np.int64)
        self._to_node_mm = length - self._s_mm
        self._limit_mm_s = links.speed_mm_s[self._link].astype(np.int64)
        self._left_ms: Longs = self._to_node_mm * 1_000 // self._limit_mm_s
        self._tick_ms: Longs = np.diff(self._time_ms)
        self._excess_ms: Longs = self._tick_ms + np.diff(self._left_ms)
        self._yields: Flags = np.zeros(len(self._time_ms), np.bool_)
        self._ahead_ms = 0
        self._held_ms: int | None = 0
        """Time left while no plan says it: kept as it was, so that all of the clock is excess."""
        self._held_from = 0
        self._plan: tuple[LinkId, ...] = ()

    # -- plans ------------------------------------------------------------------------------------

    def walk(self) -> Iterator[tuple[Account, int]]:
        """Follow car and plan through the trip; yield the first plan, each jump and the rest."""
        goal_tail = self._tail_ms()
        moves = [(int(j), None) for j in np.flatnonzero(np.diff(self._link)) + 1]
        changes = [(self._trace.row_at(one.time_ms), one) for one in self._changes()]
        # In one row the car has moved before the driver thinks again.
        story = sorted((*moves, *changes), key=lambda step: (step[0], step[1] is not None))
        guided = False
        for row, change in story:
            if change is None:
                self._move(row)
            elif isinstance(change, Missed):
                guided = change.from_guide
            else:
                jump = self._replan(row, change)
                is_first = change.cause is RerouteCause.START
                yield (
                    (Account.PLAN, jump - goal_tail)
                    if is_first
                    else (_booked(change, guided), jump)
                )
        self._release(len(self._tick_ms))
        yield Account.DRIVING, goal_tail - self._time_left_ms(-1)

    def _changes(self) -> list[Missed | Rerouted]:
        return [one for one in self._trace.events if isinstance(one, Missed | Rerouted)]

    def _tail_ms(self) -> int:
        """Free-flow time on the goal's link beyond the goal."""
        goal = self._network.link(self._trace.goal_link)
        return (goal.length_mm - self._trace.goal_mm) * 1_000 // goal.speed_mm_s

    def _time_left_ms(self, row: int) -> int:
        return int(self._left_ms[row]) + self._ahead_ms if self._held_ms is None else self._held_ms

    def _move(self, row: int) -> None:
        """The car came onto another link in this row."""
        left, link = LinkId(int(self._link[row - 1])), LinkId(int(self._link[row]))
        turn = self._network.turn(left, link)
        if turn is not None and turn.conflict is not Conflict.NONE:
            self._yields[self._visit_start(row - 1) : row] = True
        on_plan = turn is not None and link == _second(self._plan)
        if turn is None or self._held_ms is not None:
            self._hold(row - 1, row)
        elif on_plan:
            self._plan = self._plan[1:]
            self._ahead_ms -= turn.cost_ms
            self._excess_ms[row - 1] -= turn.cost_ms
        else:
            # It went as far as the plan goes with it; the rest is the jump to the next plan.
            self._excess_ms[row - 1] = self._tick_ms[row - 1] - self._left_ms[row - 1]
            self._held_ms, self._held_from = self._ahead_ms, row

    def _hold(self, row: int, since: int) -> None:
        """From this row on no plan says what is left."""
        if self._held_ms is None:
            self._held_ms, self._held_from = int(self._left_ms[row]) + self._ahead_ms, row
        self._excess_ms[row:since] = self._tick_ms[row:since]

    def _visit_start(self, row: int) -> int:
        while row and self._link[row - 1] == self._link[row]:
            row -= 1
        return row

    def _replan(self, row: int, change: Rerouted) -> int:
        """Take the new plan; return by how much the time left jumps [ms]."""
        before = self._time_left_ms(row)
        ahead = self._price_ms(change.route)
        self._plan = change.route
        if ahead is None or change.route[0] != self._link[row]:
            self._hold(row, row)
            return 0
        self._release(row)
        self._held_ms, self._ahead_ms = None, ahead
        return self._time_left_ms(row) - before

    def _release(self, row: int) -> None:
        """While no plan said what was left, all of the clock was excess."""
        if self._held_ms is not None:
            self._excess_ms[self._held_from : row] = self._tick_ms[self._held_from : row]

    def _price_ms(self, route: tuple[LinkId, ...]) -> int | None:
        """Free-flow time from the end of the first link to the end of the goal [ms]."""
        if route[-1] != self._trace.goal_link:
            return None
        turns = [self._network.turn(*step) for step in pairwise(route)]
        known = [turn.cost_ms for turn in turns if turn is not None]
        return sum(known) if len(known) == len(turns) else None

    # -- excess -----------------------------------------------------------------------------------

    def excess_by_cause(self) -> list[tuple[Account, int]]:
        """Sum the excess of all ticks by what the trace shows around the car."""
        own = np.full(len(self._time_ms), len(_WAITS))
        for code, flags in reversed(list(enumerate(self._around()))):
            own[flags] = code
        cause = _lasting(own, self._column("accel_mm_s2"))[: len(self._excess_ms)]
        booked = [
            (account, int(self._excess_ms[cause == code].sum()))
            for code, account in enumerate(_WAITS)
        ]
        return [*booked, (Account.DRIVING, int(self._excess_ms[cause == len(_WAITS)].sum()))]

    def _around(self) -> tuple[Flags, ...]:
        """Flags per row, in the order of :data:`_WAITS`."""
        line = self._network.links.stop_line_mm[self._link] - self._s_mm
        control = self._network.links.control[self._link]
        sign = (control == Control.STOP) | (control == Control.GIVE_WAY)
        gap, pace = self._column("leader_gap_mm"), self._column("leader_speed_mm_s")
        speed = self._column("speed_mm_s")
        follows = (gap <= QUEUE_MM + speed * QUEUE_MS // 1_000) & (pace < self._limit_mm_s)
        # In the queue of an incident it is the queue that costs time, lights and signs or not.
        free = ~(follows & self._is_queued())
        return (
            self._column("barrier_mm") <= NEAR_MM,
            (self._column("light") >= Light.YELLOW) & (line >= 0) & free,
            ((self._yields | sign) & (self._to_node_mm <= NEAR_MM) & free) | self._hears_siren(),
            follows,
        )

    def _is_queued(self) -> Flags:
        """Rows on links where the car met the queue of an incident."""
        flags = np.zeros(len(self._time_ms), np.bool_)
        for link, entered_ms in self._trace.queued:
            row = self._trace.row_at(entered_ms)
            away = np.flatnonzero(self._link[row:] != link)
            flags[row : row + int(away[0]) if away.size else None] = True
        return flags

    def _hears_siren(self) -> Flags:
        """Whether the car waits or makes way for an emergency vehicle."""
        return np.isin(
            self._time_ms, self._trace.siren_table()[:, SirenSample._fields.index("time_ms")]
        )

    def _column(self, name: str) -> Longs:
        return np.asarray(self._table[:, COLUMN[name]])


def _second(plan: tuple[LinkId, ...]) -> LinkId | None:
    return plan[1] if len(plan) > 1 else None


def _booked(change: Rerouted, guided: bool) -> Account:  # noqa: FBT001  a fact, not a switch
    missed = (
        Account.MISSED_GUIDED
        if guided and change.cause is RerouteCause.MISSED
        else Account.MISSED_OWN
    )
    return _OF_JUMPS.get(change.cause, missed)


def _lasting(own: Longs, accel: Longs) -> Longs:
    """Cause of each row; getting under way again belongs to what the car waited for."""
    ends = own < len(_WAITS)
    ends[:-1] |= accel[1:] <= 0
    rows = np.where(ends, np.arange(len(own)), 0)
    return np.asarray(own[np.maximum.accumulate(rows)])
