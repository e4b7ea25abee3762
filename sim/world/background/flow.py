"""
Background traffic as pure functions of place, time and trip seed.

A stream is a row of vehicles that pass a point, some in platoons (Cowan 1975, model M3): a vehicle
follows the one before it at the shortest headway or drives freely behind an exponential gap. The
share that drives freely is 1 - flow * shortest headway (Tanner 1962): a busier road comes in
longer platoons. A stream exists whether or not anybody looks, so every arm meets the same vehicles:
common random numbers by construction.
"""

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from guiderail.maps.network import Conflict, Link, LinkId, RoadClass, RoadNetwork, Turn
from guiderail.sim.contract.draw import Stream, TripSeed, below, draw, happens
from guiderail.sim.contract.quantiles import exponential_permille
from guiderail.sim.world.background.capacity import bpr_speed_mm_s

if TYPE_CHECKING:
    from guiderail.sim.world.background.queues import Queues

WINDOW_MS: Final = 60_000
"""Arrivals are drawn window by window, so that any time can be looked up without its past."""
SHORTEST_HEADWAY_MS: Final = 1_800
"""Two vehicles of one stream never pass closer (saturation flow about 1,900 per hour and lane)."""
_PAST_WINDOWS: Final = 64
"""The roads are not empty when a trip begins: vehicles passed for so many windows before."""
DRY_PERMILLE: Final = 700
"""Friction from which a road is dry; asphalt: 0.70 to 0.80."""
WET_PERMILLE: Final = 400
"""Friction from which a road is wet, not snowed on; wet asphalt: 0.45 to 0.55."""
SNOW_PERMILLE: Final = 200
"""Friction from which it is snow, not ice; packed snow: 0.25 to 0.35."""
_ENTITY_LANES: Final = 16
MOST_IN_WINDOW: Final = 128
"""Vehicles of one stream in one window at most: draws of one window never reach the next one's."""
_WORD: Final = (1 << 64) - 1
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


def weather_pace_permille(friction_permille: int) -> int:
    """Share of the free speed that is kept: rain 0.94, snow 0.85 (HCM 11-21); ice is a guess."""
    paces = ((DRY_PERMILLE, 1_000), (WET_PERMILLE, 940), (SNOW_PERMILLE, 850), (0, 500))
    return next(pace for least, pace in paces if friction_permille >= least)


class TrafficFlow:
    """All streams of one trip; remembers what it has drawn."""

    def __init__(
        self,
        network: RoadNetwork,
        seed: TripSeed,
        flow_per_hour: int,
        walkers_per_hour: int = 0,
        pace_permille: int = 1_000,
        emergency_per_hour: int = 0,
    ) -> None:
        self._network = network
        self._links = network.all_links
        self._majors: dict[tuple[LinkId, LinkId], Link] = {}
        self._seed = seed
        self._flow = flow_per_hour
        self._walkers = walkers_per_hour
        self.pace_permille = pace_permille
        """Share of the free speed that the weather leaves."""
        self._emergency = emergency_per_hour
        self.queues: Queues | None = None
        """Those before incidents, if there are any."""
        self._entered_ms = 0
        self._windows: dict[tuple[int, int, int, int], tuple[int, ...]] = {}
        self._speeds: dict[int, int] = {}

    def link(self, link: LinkId) -> Link:
        """One link of the map."""
        return self._links[link]

    def speed_mm_s(self, link: LinkId, lane: int) -> int:
        """Speed that a lane keeps: 88 to 100 % of the limit, less what its flow takes (BPR)."""
        key = link * _ENTITY_LANES + lane
        speed_mm_s = self._speeds.get(key)
        if speed_mm_s is None:
            share = 880 + below(draw(self._seed, Stream.LANE_SPEED, key, 0), 121)
            free = self._links[link].speed_mm_s * share * self.pace_permille // 1_000_000
            speed_mm_s = bpr_speed_mm_s(free, self._lane_flow(link))
            if self.queues:
                speed_mm_s = min(speed_mm_s, self.queues.speed_mm_s(link, self._entered_ms, free))
            self._speeds[key] = speed_mm_s
        return speed_mm_s

    def enter(self, link: LinkId, time_ms: int) -> bool:
        """Take note that the ego comes onto a link; whether a queue stands there now."""
        if self.queues is None or not self.queues.affects(link):
            return False
        self._entered_ms = time_ms
        for lane in range(self._links[link].lanes):
            self._speeds.pop(link * _ENTITY_LANES + lane, None)
        return self.queues.stands_on(link, time_ms)

    def lane_arrivals(self, link: LinkId, lane: int, window: int) -> tuple[int, ...]:
        """Times at which a lane's vehicles pass the start of the link, in one window [ms]."""
        flow, entity = self._lane_flow(link), link * _ENTITY_LANES + lane
        return self._arrivals(Stream.LANE_ARRIVALS, entity, flow, window, SHORTEST_HEADWAY_MS)

    def _lane_flow(self, link: LinkId) -> int:
        return self._flow * FLOW_PERMILLE[self._links[link].road_class] // 1000

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
        lanes = max(1, turn.major_lanes)
        flow = min(self._lane_flow(major.id) * lanes, PRIORITY_FLOW_MOST)
        # Vehicles of one lane keep the shortest headway, those of two lanes need not.
        shortest = SHORTEST_HEADWAY_MS // lanes
        entity = turn.from_link * _ENTITY_LANES + turn.conflict
        return [
            time_ms
            for window in range(max(0, from_ms // WINDOW_MS), max(0, to_ms) // WINDOW_MS + 1)
            for time_ms in self._arrivals(Stream.CONFLICT_ARRIVALS, entity, flow, window, shortest)
            if from_ms <= time_ms <= to_ms
        ]

    def walker_arrivals(self, link: LinkId, from_ms: int, to_ms: int) -> list[int]:
        """Times in a span at which somebody on foot comes to cross a link; a Poisson process."""
        return self._poisson(Stream.WALKERS, link, self._walkers, from_ms, to_ms)

    def sirens_at(self, node: int, from_ms: int, to_ms: int) -> list[int]:
        """Times in a span at which an emergency vehicle comes to a junction."""
        return self._poisson(Stream.SIREN_CROSSES, node, self._emergency, from_ms, to_ms)

    def sirens_behind(self, link: LinkId, from_ms: int, to_ms: int) -> list[int]:
        """Times in a span at which one comes within hearing behind whoever is on a link."""
        return self._poisson(Stream.SIREN_BEHIND, link, self._emergency, from_ms, to_ms)

    def _poisson(
        self, stream: Stream, entity: int, flow: int, from_ms: int, to_ms: int
    ) -> list[int]:
        return [
            time_ms
            for window in range(from_ms // WINDOW_MS, to_ms // WINDOW_MS + 1)
            for time_ms in self._arrivals(stream, entity, flow, window, 0)
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

    def _arrivals(
        self, stream: Stream, entity: int, flow: int, window: int, shortest_ms: int
    ) -> tuple[int, ...]:
        key = (stream, entity, flow, window)
        times = self._windows.get(key)
        if times is None:
            ordinal = (window + _PAST_WINDOWS) * MOST_IN_WINDOW
            inside = self._platoons(stream, entity, ordinal, flow, shortest_ms)
            times = self._windows[key] = tuple(window * WINDOW_MS + at for at in inside)
        return times

    def _platoons(
        self, stream: Stream, entity: int, ordinal: int, flow: int, shortest_ms: int
    ) -> list[int]:
        """Passing times within one window, as if the stream had always been flowing."""
        if flow <= 0:
            return []
        # Half a headway at both ends keeps vehicles of neighboring windows apart; the rest of the
        # window carries their share of the flow as well.
        mean_ms = max(shortest_ms, (WINDOW_MS - shortest_ms) * 3_600_000 // (flow * WINDOW_MS))
        free_ppm = 1_000_000 - shortest_ms * 1_000_000 // mean_ms
        time_ms, end_ms = shortest_ms // 2, WINDOW_MS - shortest_ms // 2
        times: list[int] = []
        while len(times) < MOST_IN_WINDOW:
            word = draw(self._seed, stream, entity, ordinal + len(times))
            rest = (word << 20) & _WORD  # bits that the choice below has not looked at
            if happens(word, free_ppm):
                time_ms += shortest_ms + mean_ms * exponential_permille(rest) // 1_000
            else:
                # The first headway of a window is under way already when the window begins.
                time_ms += shortest_ms if times else below(rest, shortest_ms)
            if time_ms > end_ms:
                break
            times.append(time_ms)
        return times
