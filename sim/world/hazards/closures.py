"""
Which roads are closed at a moment: some all the time, some for a part of the trip.

Nobody closes a road in the face of a moving car: a closure that falls due there waits until the car
is farther than it sees a barrier from, or stands. What truly happened is in the trace.
"""

from collections.abc import Iterator
from typing import Final

from guiderail.maps.network import LinkId
from guiderail.sim.contract.lattice import TICK_MS
from guiderail.sim.contract.trace import Trace
from guiderail.sim.contract.trip import Closing
from guiderail.sim.world.approach import CLOSURE_SIGHT_MM, closed_ahead
from guiderail.sim.world.ego import Ego
from guiderail.sim.world.setting import Setting

NEVER: Final = 2**62
"""A time that no trip reaches [ms]."""


class Closures:
    """True closures of one trip, and those that the reports tell of."""

    def __init__(self, setting: Setting, trace: Trace) -> None:
        self._network = setting.network
        self._trip = setting.trip
        self._trace = trace
        self._open: dict[LinkId, int] = {}
        """Row of the trace of each link that is closed for a while."""
        self.now = setting.trip.closed
        """Links that are closed."""
        self.due_ms = 0 if setting.trip.closings else NEVER
        """When to look again."""

    def switch(self, ego: Ego, now_ms: int) -> bool:
        """Close and open what is due; whether anything changed."""
        lasting = (one.links for one in self._lasting(now_ms))
        wanted = frozenset[LinkId]().union(*lasting) - self._trip.closed
        ended, due = sorted(self._open.keys() - wanted), sorted(wanted - self._open.keys())
        in_the_way = self._in_the_way(ego) if due else frozenset[LinkId]()
        started = [link for link in due if link not in in_the_way]
        for link in ended:
            row = self._open.pop(link)
            self._trace.closed_between[row] = (*self._trace.closed_between[row][:2], now_ms)
        for link in started:
            self._open[link] = len(self._trace.closed_between)
            self._trace.closed_between.append((link, now_ms, NEVER))
        self.due_ms = now_ms + TICK_MS if len(started) < len(due) else self._next_ms(now_ms)
        self.now = self._trip.closed.union(self._open)
        return bool(started or ended)

    def _lasting(self, now_ms: int) -> Iterator[Closing]:
        return (one for one in self._trip.closings if one.from_ms <= now_ms < one.until_ms)

    def _in_the_way(self, ego: Ego) -> frozenset[LinkId]:
        """Links that a moving car is on, or that it would see to be closed from where it is."""
        if not ego.speed_mm_s:
            return frozenset()
        every = frozenset[LinkId]().union(*(one.links for one in self._trip.closings))
        ahead = closed_ahead(self._network, ego.link, every)
        seen = {link for at_mm, link in ahead if at_mm - ego.s_mm <= CLOSURE_SIGHT_MM}
        return frozenset({ego.link.id, *seen})

    def _next_ms(self, time_ms: int) -> int:
        times = (t for one in self._trip.closings for t in (one.from_ms, one.until_ms))
        return min((t for t in times if t > time_ms), default=NEVER)

    def reported(self, time_ms: int) -> frozenset[LinkId]:
        """Links that the reports say are closed at a moment, rightly or not."""
        told = self._trip.reported_closed
        for one in self._trip.closings:
            if one.reported_from_ms <= time_ms < one.reported_until_ms:
                told |= one.links
        return told
