"""
The conflict zone of one turn that must yield, while the ego is in it.

The next vehicle with priority becomes an actor: it sees the ego, reacts late and brakes as hard as
it must. Whether it touches the ego follows from the motion of both.
"""

from dataclasses import dataclass
from typing import Any, Final

from guiderail.maps.network import Control, Link, Turn
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.trace import Yielding
from guiderail.sim.world.background.flow import TrafficFlow
from guiderail.sim.world.motion import CAR_LENGTH_MM
from guiderail.sim.world.traffic.actors import CrossTraffic

ZONE_MM: Final = 8_000
"""Road beyond the node that belongs to the zone; the car's own length comes on top."""
STORAGE_MM: Final = 4_000
"""Cars wait this far before the end of a link without a line, and half of it before a line."""
LINGER_MS: Final = 800
"""How long a vehicle with priority is in the zone: 8.5 m at 10 m/s."""
NEAR_MS: Final = 8_000
"""Vehicles that pass earlier or later than this do not matter to the ego's passage."""


def zone_mm(link: Link) -> int:
    """
    Road on a link until the car has left the conflict zone at its start [mm].

    A short link between two carriageways is a place to wait: its end is not part of the zone.
    """
    waiting = link.length_mm - STORAGE_MM
    if link.control is not Control.NONE:
        waiting = link.stop_line_mm - STORAGE_MM // 2
    return min(ZONE_MM + CAR_LENGTH_MM, max(CAR_LENGTH_MM, waiting))


@dataclass(slots=True)
class ConflictZone:
    """One passage of the ego through a conflict zone."""

    turn: Turn
    near: list[int]
    """Times at which vehicles with priority come to the zone if nobody is in their way [ms]."""
    enter_ms: int
    left_mm: int
    """Road until the ego is clear of it."""
    before_ms: int
    """When the last vehicle with priority had left it before the ego came; -NOTHING for none."""
    crossing: CrossTraffic | None
    """The vehicle with priority; its gap <= 0 while the ego is in the zone is contact."""

    def step(self, grip_mm_s2: int) -> None:
        """Let the vehicle with priority drive one tick."""
        if self.crossing:
            self.crossing.step(grip_mm_s2)

    def advance(self, moved_mm: int) -> bool:
        """Take note of the ego's own motion; whether it is clear now."""
        self.left_mm -= moved_mm
        return self.left_mm <= 0

    def account(self, time_ms: int) -> Yielding:
        """What the judge needs to know of this passage."""
        return Yielding(**self.facts(time_ms))

    def facts(self, time_ms: int) -> dict[str, Any]:
        """Fields of the event that this passage makes."""
        return {
            "time_ms": time_ms,
            "enter_ms": self.enter_ms,
            "leave_ms": time_ms,
            "from_link": self.turn.from_link,
            "to_link": self.turn.to_link,
            "arrival_ms": self._arrival_ms(time_ms),
            "before_ms": self.before_ms,
            "forced_braking_mm_s2": self.crossing.hardest_mm_s2 if self.crossing else 0,
        }

    def _arrival_ms(self, time_ms: int) -> int:
        if self.crossing is None:
            return NOTHING
        if self.crossing.gap_mm <= 0:
            return time_ms
        return time_ms + self.crossing.gap_mm * 1_000 // max(self.crossing.speed_mm_s, 1_000)


def conflict_zone(turn: Turn, flow: TrafficFlow, time_ms: int, inside_mm: int) -> ConflictZone:
    """Zone of a turn that must yield, as the ego comes into it, ``inside_mm`` beyond the node."""
    near = flow.priority_arrivals(turn, time_ms - NEAR_MS, time_ms + NEAR_MS)
    speed_mm_s = flow.major_link(turn).speed_mm_s
    return ConflictZone(
        turn=turn,
        near=near,
        enter_ms=time_ms,
        left_mm=zone_mm(flow.link(turn.to_link)) - inside_mm,
        before_ms=left_before_ms(near, time_ms, LINGER_MS),
        crossing=next_crossing(near, time_ms, LINGER_MS, speed_mm_s),
    )


def left_before_ms(near: list[int], time_ms: int, linger_ms: int) -> int:
    """When the last of those who came had left the zone again; -NOTHING for nobody [ms]."""
    gone = (at + linger_ms for at in near if at + linger_ms <= time_ms)
    return max(gone, default=-NOTHING)


def next_crossing(
    near: list[int], time_ms: int, linger_ms: int, speed_mm_s: int
) -> CrossTraffic | None:
    """Whoever is in the zone, or comes to it next."""
    if any(at <= time_ms < at + linger_ms for at in near):
        return CrossTraffic(0, speed_mm_s)
    ahead_ms = min((at for at in near if at > time_ms), default=None)
    if ahead_ms is None:
        return None
    return CrossTraffic(speed_mm_s * (ahead_ms - time_ms) // 1_000, speed_mm_s)
