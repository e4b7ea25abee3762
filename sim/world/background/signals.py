"""
Traffic signals: a fixed plan per controller, made from the map and the trip seed.

OpenStreetMap has no timing, so the plan is ours: two phases by direction of approach, yellow by the
ITE formula and an all-red clearance (ITE, HCM).
"""

from dataclasses import dataclass
from typing import Final

from guiderail.maps.compile.controls import shares_phase
from guiderail.maps.network import Control, Link, LinkId, RoadNetwork
from guiderail.sim.contract.draw import Stream, TripSeed, below, draw
from guiderail.sim.contract.lattice import TICK_MS
from guiderail.sim.contract.messages import Light

GREEN_MS: Final = (24_000, 20_000)
"""Green of the first and of the second phase."""
CROSSED_MM: Final = 18_300
"""Way from the stop line to where the last conflict ends: 60 ft, the width of ITE's example."""
CAR_MM: Final = 6_100
"""Length of ITE's design vehicle: 20 ft."""


def yellow_ms(speed_mm_s: int) -> int:
    """
    Yellow after ITE: 1 s plus v / (2 * 3.05 m/s^2), at least 3 s, rounded up to the tick [ms].

    Examples
    --------
    >>> yellow_ms(19_440)  # 70 km/h
    4200
    """
    exact = 1_000 + speed_mm_s * 1_000 // 6_100
    return max(3_000, -(-exact // TICK_MS) * TICK_MS)


def all_red_ms(speed_mm_s: int) -> int:
    """
    Red clearance after ITE: (W + L) / v, rounded up to the tick [ms].

    Examples
    --------
    >>> all_red_ms(13_880)  # 50 km/h: 24.4 m / 13.9 m/s
    1800
    """
    exact = -(-(CROSSED_MM + CAR_MM) * 1_000 // speed_mm_s)
    return -(-exact // TICK_MS) * TICK_MS


@dataclass(frozen=True, slots=True)
class SignalPlan:
    """When one approach sees which light, counted from the start of its controller's cycle [ms]."""

    cycle_ms: int
    offset_ms: int
    green_from: int
    yellow_from: int
    red_from: int

    def light(self, time_ms: int) -> Light:
        """Light shown at a time."""
        phase = (time_ms + self.offset_ms) % self.cycle_ms
        if phase < self.green_from or phase >= self.red_from:
            return Light.RED
        return Light.GREEN if phase < self.yellow_from else Light.YELLOW

    def next_change_ms(self, time_ms: int) -> int:
        """Time of the next change of the light, > ``time_ms``."""
        phase = (time_ms + self.offset_ms) % self.cycle_ms
        for edge in (self.green_from, self.yellow_from, self.red_from):
            if phase < edge:
                return time_ms + edge - phase
        return time_ms + self.cycle_ms - phase + self.green_from


class Signals:
    """The plans of all signal-controlled approaches of one trip."""

    def __init__(self, network: RoadNetwork, seed: TripSeed) -> None:
        self._seed = seed
        self._plans: dict[LinkId, SignalPlan | None] = {}
        self._network = network

    def plan(self, link: LinkId) -> SignalPlan | None:
        """Plan of a link's signal; None where no signal rules."""
        if link not in self._plans:
            self._plans[link] = self._make(self._network.link(link))
        return self._plans[link]

    def _make(self, link: Link) -> SignalPlan | None:
        if link.control is not Control.SIGNAL:
            return None
        group = self._network.controller_groups[link.controller]
        speeds = [other.speed_mm_s for other in group]
        yellow, all_red = yellow_ms(max(speeds)), all_red_ms(min(speeds))
        second = not shares_phase(group[0].bearing_end_cdeg, link.bearing_end_cdeg)
        first_end = GREEN_MS[0] + yellow + all_red
        cycle = first_end + GREEN_MS[1] + yellow + all_red
        start = first_end if second else 0
        ticks = below(draw(self._seed, Stream.SIGNAL_OFFSET, link.controller, 0), cycle // TICK_MS)
        green = GREEN_MS[1] if second else GREEN_MS[0]
        return SignalPlan(cycle, ticks * TICK_MS, start, start + green, start + green + yellow)
