"""
Background traffic as pure functions of place, time and trip seed.

A stream is a row of vehicles that pass a point with shifted-exponential headways. It exists whether
or not anybody looks, so every arm meets the same vehicles: common random numbers by construction.
"""

import math
from bisect import bisect_left
from functools import cache
from typing import Final

from guiderail.maps.network import Conflict, Link, LinkId, RoadClass, RoadNetwork, Turn
from guiderail.sim.contract.draw import Stream, TripSeed, below, draw
from guiderail.sim.contract.lattice import SPEED_STEP_MM_S

WINDOW_MS: Final = 60_000
"""Arrivals are drawn window by window, so that any time can be looked up without its past."""
SHORTEST_HEADWAY_MS: Final = 1_800
"""Two vehicles of one stream never pass closer (saturation flow about 1,900 per hour and lane)."""
_PAST_WINDOWS: Final = 64
"""The roads are not empty when a trip begins: vehicles passed for so many windows before."""
_TABLE_SIZE: Final = 1_024
_ENTITY_LANES: Final = 16
_CROSSES_THE_NODE: Final = (Conflict.THROUGH_FROM_MINOR, Conflict.LEFT_FROM_MINOR)
FLOW_PERMILLE: Final = {
    RoadClass.MOTORWAY: 4_000,
    RoadClass.TRUNK: 3_000,
    RoadClass.PRIMARY: 1_500,
    RoadClass.SECONDARY: 1_000,
    RoadClass.TERTIARY: 700,
    RoadClass.UNCLASSIFIED: 400,
    RoadClass.RESIDENTIAL: 200,
    RoadClass.LIVING_STREET: 100,
}
"""Traffic of each class against a secondary road (assumption; the flow itself is a scenario
knob)."""


PRIORITY_FLOW_MOST: Final = 900
"""Vehicles per hour in a stream with priority, all its lanes together: a busier road comes in
platoons from the lights upstream, with gaps as long between them (assumption). Without it, six
lanes of a primary road never leave a gap, and nobody arrives."""


@cache
def exponential_permille() -> tuple[int, ...]:
    """Quantiles of the unit exponential, in thousandths: a float is rounded here, once."""
    return tuple(round(-1000 * math.log1p(-(i + 0.5) / _TABLE_SIZE)) for i in range(_TABLE_SIZE))


class Streams:
    """All streams of one trip; remembers what it has drawn."""

    def __init__(self, network: RoadNetwork, seed: TripSeed, flow_per_hour: int) -> None:
        self._network = network
        self._links = network.all_links
        self._majors: dict[tuple[LinkId, LinkId], Link] = {}
        self._seed = seed
        self._flow = flow_per_hour
        self._windows: dict[tuple[int, int, int, int], tuple[int, ...]] = {}
        self._speeds: dict[int, int] = {}

    def link(self, link: LinkId) -> Link:
        """One link of the map."""
        return self._links[link]

    def speed_mm_s(self, link: LinkId, lane: int) -> int:
        """Speed that a lane keeps when nothing hinders it: 88 to 100 % of the limit."""
        key = link * _ENTITY_LANES + lane
        speed = self._speeds.get(key)
        if speed is None:
            share = 880 + below(draw(self._seed, Stream.LANE_SPEED, key, 0), 121)
            speed = self._links[link].speed_mm_s * share // 1000
            speed -= speed % SPEED_STEP_MM_S
            self._speeds[key] = speed
        return speed

    def lane_arrivals(self, link: LinkId, lane: int, window: int) -> tuple[int, ...]:
        """Times at which a lane's vehicles pass the start of the link, in one window [ms]."""
        flow = self._flow * FLOW_PERMILLE[self._links[link].road_class] // 1000
        return self._arrivals(Stream.LANE_ARRIVALS, link * _ENTITY_LANES + lane, flow, window)

    def around(self, link: LinkId, lane: int, time_ms: int) -> tuple[list[int], list[int]]:
        """Vehicles of a lane that passed its start by now, latest first, and those to come."""
        window = time_ms // WINDOW_MS
        now = self.lane_arrivals(link, lane, window)
        cut = bisect_left(now, time_ms + 1)
        before = self.lane_arrivals(link, lane, window - 1)
        after = self.lane_arrivals(link, lane, window + 1)
        return [*reversed(now[:cut]), *reversed(before)], [*now[cut:], *after]

    def priority_arrivals(self, turn: Turn, from_ms: int, to_ms: int) -> list[int]:
        """Times in a span at which vehicles with priority reach a turn's conflict point."""
        major = self.major_link(turn)
        flow = self._flow * FLOW_PERMILLE[major.road_class] * max(1, turn.major_lanes) // 1000
        flow = min(flow, PRIORITY_FLOW_MOST)
        entity = turn.from_link * _ENTITY_LANES + turn.conflict
        return [
            time_ms
            for window in range(max(0, from_ms // WINDOW_MS), max(0, to_ms) // WINDOW_MS + 1)
            for time_ms in self._arrivals(Stream.CONFLICT_ARRIVALS, entity, flow, window)
            if from_ms <= time_ms <= to_ms
        ]

    def major_link(self, turn: Turn) -> Link:
        """Return the link of the highest class: it stands for the road with priority."""
        major = self._majors.get((turn.from_link, turn.to_link))
        if major is None:
            roads = [self._links[turn.from_link], self._links[turn.to_link]]
            if turn.conflict in _CROSSES_THE_NODE:
                # Straight on across a road is neither from that road nor onto it.
                near = self._network.turns_from(turn.from_link)
                far = self._network.illegal_turns_from(turn.from_link)
                roads.extend(self._links[other.to_link] for other in (*near, *far))
            major = min(roads, key=lambda link: link.road_class)
            self._majors[turn.from_link, turn.to_link] = major
        return major

    def _arrivals(self, stream: Stream, entity: int, flow: int, window: int) -> tuple[int, ...]:
        key = (stream, entity, flow, window)
        times = self._windows.get(key)
        if times is None:
            times = self._windows[key] = self._draw_window(stream, entity, flow, window)
        return times

    def _draw_window(self, stream: Stream, entity: int, flow: int, window: int) -> tuple[int, ...]:
        if flow <= 0:
            return ()
        mean_extra = max(0, 3_600_000 // flow - SHORTEST_HEADWAY_MS)
        table = exponential_permille()
        # Half a headway at both ends keeps vehicles of neighboring windows apart.
        time_ms, end_ms = SHORTEST_HEADWAY_MS // 2, WINDOW_MS - SHORTEST_HEADWAY_MS // 2
        times: list[int] = []
        while True:
            k = (window + _PAST_WINDOWS) * 64 + len(times)
            word = draw(self._seed, stream, entity, k)
            time_ms += mean_extra * table[below(word, _TABLE_SIZE)] // 1000
            if time_ms > end_ms:
                return tuple(times)
            times.append(window * WINDOW_MS + time_ms)
            time_ms += SHORTEST_HEADWAY_MS
