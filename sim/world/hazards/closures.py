"""
Which roads are closed at a moment: some all the time, some for a part of the trip.

Nobody closes a road in the face of a moving car: a closure that falls due there waits until the car
is farther than it sees a barrier from, or stands. What truly happened is in the trace.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from guiderail.maps.network import LinkId
from guiderail.sim.contract.lattice import TICK_MS
from guiderail.sim.contract.trace import Trace
from guiderail.sim.contract.trip import Closing, Trip
from guiderail.sim.world.perception.senses import CLOSURE_SIGHT_MM, closed_ahead

if TYPE_CHECKING:
    from guiderail.sim.world.world import World

NEVER: Final = 2**62


class Closures:
    """True closures of one trip, and those that the reports tell of."""

    def __init__(self, trip: Trip, trace: Trace) -> None:
        self._trip = trip
        self._trace = trace
        self._open: dict[LinkId, int] = {}
        """Row of the trace of each link that is closed for a while."""
        self.now = trip.closed
        self.due_ms = 0 if trip.closings else NEVER
        """When to look again [ms]."""

    def switch(self, world: "World") -> bool:
        """Close and open what is due; whether anything changed."""
        now_ms = world.time_ms
        lasting = (one.links for one in self._lasting(now_ms))
        wanted = frozenset[LinkId]().union(*lasting) - self._trip.closed
        ended, due = sorted(self._open.keys() - wanted), sorted(wanted - self._open.keys())
        in_the_way = self._in_the_way(world) if due else frozenset[LinkId]()
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

    def _in_the_way(self, world: "World") -> frozenset[LinkId]:
        """Links that a moving car is on, or that it would see to be closed from where it is."""
        if not world.speed_mm_s:
            return frozenset()
        every = frozenset[LinkId]().union(*(one.links for one in self._trip.closings))
        ahead = closed_ahead(world.network, world.link, every)
        seen = {link for at_mm, link in ahead if at_mm - world.s_mm <= CLOSURE_SIGHT_MM}
        return frozenset({world.link.id, *seen})

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
