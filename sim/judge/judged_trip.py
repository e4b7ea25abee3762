"""
A trip as the judge sees it: the columns of the trace joined with the facts of the map.

Index ``k`` is a row of the trace; tick ``k`` is the time from row ``k`` to row ``k + 1``. Rows of
a standstill may be missing: the state of the row before is held, and only the last tick of such a
gap can move the car.
"""

from bisect import bisect_right
from collections import defaultdict
from functools import cached_property
from typing import Any, Final, TypeVar

import numpy as np

from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.lattice import NOTHING, TICK_MS
from guiderail.sim.contract.messages import Decision
from guiderail.sim.contract.trace import COLUMN, Event, Heard, SirenSample, Trace
from guiderail.sim.judge.conflict import Flags, Longs

SAME_EVENT_MS: Final = 5_000
"""Repeats within this time are one event [ms] (CARLA counts collisions so)."""
SAME_EVENT_MM: Final = 5_000
"""Repeats within this distance are one event [mm]; 1 s at 5 m/s, this project's choice."""

_SILENCE: Final = SirenSample(
    time_ms=0,
    node_mm=NOTHING,
    gap_mm=NOTHING,
    speed_mm_s=0,
    wish_mm_s=0,
    lane=-1,
    aside_permille=0,
)
"""What a row shows where there is nothing to hear."""

SomeEvent = TypeVar("SomeEvent", bound=Event)


class JudgedTrip:
    """One trip; nothing here changes the trace."""

    def __init__(self, trace: Trace, network: RoadNetwork) -> None:
        self.trace = trace
        self.network = network
        # One copy with the columns side by side: a column of the row-wise table is read ten times
        # slower.
        self._columns = np.ascontiguousarray(trace.table().T)
        # Keyed by type; Any, because no annotation ties a value to its key.
        self._events: dict[type, list[Any]] = defaultdict(list)
        for event in trace.events:
            self._events[type(event)].append(event)
        self.time_ms = self.column("time_ms")
        self.link = self.column("link")
        self.s_mm = self.column("s_mm")
        self.speed_mm_s = self.column("speed_mm_s")
        self.accel_mm_s2 = self.column("accel_mm_s2")
        self.radius_mm = self.column("radius_mm")
        self.light = self.column("light")
        self.lateral_permille = self.column("lateral_permille")

    def column(self, name: str) -> Longs:
        """One column, shape (n_rows,)."""
        return np.asarray(self._columns[COLUMN[name]])

    def events(self, kind: type[SomeEvent]) -> list[SomeEvent]:
        """Events of one type, in order of time."""
        filed: list[SomeEvent] = self._events.get(kind, [])
        return filed

    def siren(self, name: str) -> Longs:
        """One column of what can be heard of emergency vehicles, shape (n_rows,)."""
        column, silence = SirenSample._fields.index(name), getattr(_SILENCE, name)
        values = np.full(len(self.time_ms), silence, np.int64)
        heard = self.trace.siren_table()
        if heard.size:
            rows = np.searchsorted(heard[:, 0], self.time_ms).clip(max=len(heard) - 1)
            at = heard[rows, 0] == self.time_ms
            values[at] = heard[rows[at], column]
        return values

    # What the map says about each row.

    @cached_property
    def length_mm(self) -> Longs:
        """Length of the link [mm]."""
        return self.network.links.length_mm[self.link].astype(np.int64)

    @cached_property
    def limit_mm_s(self) -> Longs:
        """Speed limit of the link [mm/s]."""
        return self.network.links.speed_mm_s[self.link].astype(np.int64)

    @cached_property
    def control(self) -> Longs:
        """What rules at the end of the link."""
        return self.network.links.control[self.link].astype(np.int64)

    @cached_property
    def line_ahead_mm(self) -> Longs:
        """Road left to the stop line [mm]; < 0 behind it."""
        return self.network.links.stop_line_mm[self.link].astype(np.int64) - self.s_mm

    @cached_property
    def is_against(self) -> Flags:
        """Whether the row lies on a phantom link, against a one-way street."""
        return self.network.links.against_oneway[self.link].astype(np.bool_)

    # What the motion says.

    @cached_property
    def is_changing(self) -> Flags:
        """Whether a lane change is under way."""
        return np.asarray(self.column("lane") != self.column("target_lane"))

    @cached_property
    def tick_ms(self) -> Longs:
        """Time of each tick in which the car can have moved [ms], shape (n_rows - 1,)."""
        return np.minimum(np.diff(self.time_ms), TICK_MS)

    @cached_property
    def held_ms(self) -> Longs:
        """How long the state of each row was held [ms], shape (n_rows,)."""
        end = max(self.trace.end_ms, int(self.time_ms[-1]))
        return np.diff(self.time_ms, append=end)

    @cached_property
    def odometer_mm(self) -> Longs:
        """Road driven since the start [mm], shape (n_rows,); exact, for the lattice."""
        mean = self.speed_mm_s[1:] + self.speed_mm_s[:-1]
        return np.concatenate((np.zeros(1, np.int64), np.cumsum(mean * self.tick_ms) // 2000))

    @cached_property
    def duration_ms(self) -> int:
        """Time from the first row to the end of the trip."""
        return int(self.time_ms[-1] + self.held_ms[-1] - self.time_ms[0])

    @cached_property
    def turned_round(self) -> Flags:
        """Ticks in which the car, standing before a barrier, turned round on the spot."""
        reverse = self.network.links.reverse[self.link[:-1]] == self.link[1:]
        stood = (self.speed_mm_s[:-1] == 0) & (self.column("barrier_mm")[:-1] < NOTHING)
        return np.asarray(reverse & stood & self.leaves)

    @cached_property
    def leaves(self) -> Flags:
        """Ticks that end on another link than they began on."""
        return np.asarray(self.link[1:] != self.link[:-1])

    @cached_property
    def line_crossings(self) -> Longs:
        """Ticks in which the front bumper crossed the stop line, or the node behind it."""
        before = self.line_ahead_mm[:-1] >= 0
        beyond = ~self.leaves & (self.line_ahead_mm[1:] < 0)
        crossed = before & (beyond | (self.leaves & ~self.turned_round))
        return np.flatnonzero(crossed)

    @cached_property
    def _arrivals(self) -> Longs:
        return np.concatenate((np.zeros(1, np.int64), np.flatnonzero(self.leaves) + 1))

    def visit_start(self, k: int) -> int:
        """First row of the stay on the link of row ``k``."""
        return int(self._arrivals[np.searchsorted(self._arrivals, k, "right") - 1])

    def visits(self, flags: Flags) -> list[slice]:
        """Rows of each stay on a link with a flagged row in it."""
        ends = np.append(self._arrivals[1:], len(self.link))
        places = np.searchsorted(self._arrivals, np.flatnonzero(flags), "right") - 1
        return [slice(int(self._arrivals[i]), int(ends[i])) for i in np.unique(places)]

    def row_at(self, time_ms: int) -> int:
        """Last row at or before a time; the first row for any time before it."""
        return max(int(np.searchsorted(self.time_ms, time_ms, "right")) - 1, 0)

    def rows_back(self, k: int, span_ms: int) -> slice:
        """Rows within the time span that ends at row ``k``, both ends included."""
        first = int(np.searchsorted(self.time_ms, self.time_ms[k] - span_ms, "left"))
        return slice(first, k + 1)

    def since_ms(self, flags: Flags) -> Longs:
        """Time of the first row of the unbroken run that each flagged row belongs to [ms]."""
        rows = np.arange(len(flags))
        first = np.maximum.accumulate(np.where(flags, -1, rows)) + 1
        return np.asarray(self.time_ms[np.minimum(first, len(flags) - 1)])

    def episodes(self, flags: Flags) -> list[Longs]:
        """Flagged rows, those within 5 s or 5 m of each other together."""
        rows = np.flatnonzero(flags)
        if rows.size == 0:
            return []
        apart = np.diff(self.time_ms[rows]) > SAME_EVENT_MS
        apart &= np.diff(self.odometer_mm[rows]) > SAME_EVENT_MM
        return np.split(rows, np.flatnonzero(apart) + 1)

    # What was heard.

    @cached_property
    def _adopted_ms(self) -> list[int]:
        return [
            heard.time_ms
            for heard in self.events(Heard)
            if heard.verdict is not None and heard.verdict.decision is Decision.ACCEPT
        ]

    def lead_ms(self, time_ms: int) -> int | None:
        """Time since the last advice that the driver adopted [ms]; None if there was none."""
        place = bisect_right(self._adopted_ms, time_ms)
        return time_ms - self._adopted_ms[place - 1] if place else None


def unbroken_runs(flags: Flags) -> list[tuple[int, int]]:
    """First and last row of each unbroken run of flagged rows."""
    edges = np.diff(np.concatenate(([0], flags.view(np.int8), [0])))
    first, last = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    return list(zip(first.tolist(), last.tolist(), strict=True))
