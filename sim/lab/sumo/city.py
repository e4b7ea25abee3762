"""
SUMO's city around our car: its traffic, and what it says of the ego.

One simulation per process. Nothing here decides how the ego drives or judges what it did.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.sim.contract.lattice import NOTHING, TICK_MS
from guiderail.sim.lab.sumo.lights import Lights
from guiderail.sim.lab.sumo.network import EGO_CLASS, edge_spans_mm, real_links
from guiderail.sim.lab.sumo.paths import Net, Way, meeting

OTHERS_MIN_GAP_MM: Final = 2_500
"""Kept off the gaps behind that SUMO tells."""
SIGHT_MM: Final = 100_000
CAR_M: Final = 4.5
EMERGENCY_M_S2: Final = 4.6
"""SUMO's cars brake with 4.5 m/s^2 at most; harder, up to 9, is its emergency braking."""
NEARLY_M: Final = 2.0
"""So close before another's way a moving car is as good as in it."""
ACROSS_S: Final = 1.0
"""A car that moves across is taken to be where it will have been within this time."""
ACROSS_MARGIN_MM: Final = 1_500
"""Kept to a car that stands across, beyond the half meter of the ways that touch."""
SPAWN_TICKS: Final = 3
NOBODY: Final = (NOTHING, 0)
"""Gap and speed of nobody."""


class City:
    """A running SUMO simulation with random traffic."""

    def __init__(self, network: RoadNetwork, file: Path, seed: int, cars: int) -> None:
        with redirect_stdout(sys.stderr):  # it prints a warning about pyarrow into our JSON
            self.sumo: Any = import_module("libsumo")
        self.net = Net(file)
        self.spans = edge_spans_mm(network, self.net.lengths())
        self.network = network
        self.time_ms = 0
        self._cars, self._made, self._since = cars, 0, 0
        self._source = np.random.default_rng(np.random.SeedSequence(seed))
        links = real_links(network)
        self._ends = [link for link in links if link.in_world and link.length_mm > 25_000]  # noqa: PLR2004
        self.sumo.start(_options(file, seed))
        self.sumo.vehicletype.setMinGap("DEFAULT_VEHTYPE", OTHERS_MIN_GAP_MM / 1_000)
        self.sumo.vehicletype.setLength("DEFAULT_VEHTYPE", CAR_M)
        self.sumo.vehicletype.copy("DEFAULT_VEHTYPE", "ego")
        self.sumo.vehicletype.setMinGap("ego", 0.0)
        self.sumo.vehicletype.setSpeedFactor("ego", 1.0)
        self.sumo.vehicletype.setSpeedDeviation("ego", 0.0)
        if any(way.is_egos for way in self.net.ways):
            self.sumo.vehicletype.setVehicleClass("ego", EGO_CLASS)
        self.lights = Lights(self.sumo, network, self.net, seed)
        self.lights.set_to(self.time_ms)

    def close(self) -> None:
        """End the simulation."""
        self.sumo.close()

    def step(self) -> None:
        """Let one tick pass."""
        self._spawn()
        self.sumo.simulationStep()
        self.time_ms += TICK_MS
        self.lights.set_to(self.time_ms)

    # -- traffic ----------------------------------------------------------------------------------

    def _spawn(self) -> None:
        """Send another car on a random trip while there are too few."""
        self._since += 1
        if self._since < SPAWN_TICKS or self.sumo.vehicle.getIDCount() >= self._cars:
            return
        self._since = 0
        first, last = (self._ends[int(self._source.integers(len(self._ends)))] for _ in range(2))
        edges = self.sumo.simulation.findRoute(str(first.id), str(last.id)).edges
        if len(edges) > 1:
            name = f"car{self._made}"
            self._made += 1
            self.sumo.route.add(name, edges)
            self.sumo.vehicle.add(name, name, departLane="random", departSpeed="0")

    def arrivals_ms(self, link: LinkId, lane: int, onto: LinkId) -> tuple[int, ...]:
        """When those whom SUMO lets go first reach the way of a turn, from now [ms]."""
        ways = self.net.ways_of(link, onto)
        mine = [way for way in ways if way.lane == lane] or ways
        foes = {foe for way in mine if way.inside for foe in self.net.yields_to[way.inside[0]]}
        found: list[int] = []
        for foe in sorted(foes):
            for lane_id in foe.inside:
                found += [0 for _ in self.sumo.lane.getLastStepVehicleIDs(lane_id)]
            red_ms = self.lights.red_left_ms(foe.from_link, self.time_ms)
            found += [max(at, red_ms) for at in self._coming(foe)]
        return tuple(sorted(found))

    def _coming(self, foe: Way) -> Iterator[int]:
        for car, road in self.upstream(foe.from_link):
            if not car.startswith("ego") and self._goes(car, foe):
                yield _time_ms(road, self.sumo.vehicle.getSpeed(car))

    def upstream(self, link: LinkId) -> Iterator[tuple[str, float]]:
        """Cars on a link and on all ways to it, junctions too, by road to the link's end [m]."""
        places, seen = [(link, 0.0)], set()
        while places:
            here, beyond = places.pop()
            if here in seen or beyond * 1_000 > SIGHT_MM:
                continue
            seen.add(here)
            start = beyond + self._edge_m(here)
            for car in self.sumo.edge.getLastStepVehicleIDs(str(here)):
                yield car, start - self.sumo.vehicle.getLanePosition(car)
            for before in self.net.into.get(here, []):
                ways = self.net.by_step[before, here]
                for way in ways:
                    yield from ((car, start - at) for car, at in self._inside(way, -way.length_m))
                places.append((before, start + min(way.length_m for way in ways)))

    def _goes(self, car: str, foe: Way) -> bool:
        route = self.sumo.vehicle.getRoute(car)
        at = max(0, self.sumo.vehicle.getRouteIndex(car))
        ahead = route[at : at + 8]
        return (str(foe.from_link), str(foe.to_link)) in set(pairwise(ahead))

    # -- around the ego ---------------------------------------------------------------------------

    def across(self, ego: str, lane_id: str, lane: int, route: Sequence[LinkId]) -> tuple[int, int]:
        """Gap and speed of the nearest car that stands or moves across the ego's way."""
        place = float(self.sumo.vehicle.getLanePosition(ego))
        inside = self.net.inside.get(lane_id)
        road_m, found = 0.0, NOBODY
        for i, step in enumerate(pairwise(route)):
            ways = self.net.ways_of(*step)
            if i == 0 and inside is not None and step == (inside.from_link, inside.to_link):
                road_m = -(inside.before_m + place)
            elif i == 0:
                road_m = self._edge_m(step[0]) - place
                ways = [way for way in ways if way.lane == lane] or ways
            else:
                road_m += self._edge_m(step[0])
            if road_m > SIGHT_MM / 1_000 or not ways or not ways[0].inside:
                break
            if i == 0 and inside is not None:
                ways = [way for way in ways if lane_id in way.inside]
            found = min([found, *(self._blocked(ego, way, road_m) for way in ways)])
            road_m += ways[0].length_m
        return found

    def _blocked(self, ego: str, mine: Way, road_m: float) -> tuple[int, int]:
        """Nearest car across one way, whose beginning is so far ahead."""
        nearest = NOBODY
        for foe in self.net.foes.get(mine.inside[0], ()):
            met = meeting(mine, foe)
            if met is None:
                continue
            gap_mm = int((road_m + met.mine_from) * 1_000) - ACROSS_MARGIN_MM
            if gap_mm <= -ACROSS_MARGIN_MM:  # the ego is where they touch: it clears the place
                continue
            for car, front in self._cars_on(foe):
                speed = self.sumo.vehicle.getSpeed(car)
                reach = front + speed * ACROSS_S
                if car != ego and reach >= met.foe_from and front - CAR_M <= met.foe_to:
                    joins = foe.to_link == mine.to_link and front >= met.foe_from
                    nearest = min(nearest, (gap_mm, int(speed * 1_000) if joins else 0))
        return min([nearest, *self._parting(mine, road_m)])

    def _parting(self, mine: Way, road_m: float) -> Iterator[tuple[int, int]]:
        """Cars that came from the ego's lane, turn elsewhere and are not yet out of its way."""
        for other in self.net.from_lane[mine.from_link, mine.lane]:
            met = meeting(mine, other) if other != mine and other.inside else None
            for car, front in self._inside(other, 0.0) if met else ():
                if met and front - CAR_M <= met.foe_to and road_m + front > 0:
                    gap_mm = int((road_m + front - CAR_M) * 1_000)
                    yield gap_mm, int(self.sumo.vehicle.getSpeed(car) * 1_000)

    def forced_to_brake(self, ego: str, lane_id: str) -> str:
        """Car with priority that must brake hard while the ego is in its way; empty for none."""
        inside = self.net.inside[lane_id]
        at = inside.before_m + self.sumo.vehicle.getLanePosition(ego)
        steps = self.net.by_step[inside.from_link, inside.to_link]
        mine = next(way for way in steps if lane_id in way.inside)
        for foe in self.net.yields_to.get(mine.inside[0], ()):
            met = meeting(mine, foe)
            if met is None or not met.mine_from - NEARLY_M <= at <= met.mine_to + CAR_M:
                continue
            lane = f"{foe.from_link}_{foe.lane}"
            near = [
                car for car in self.sumo.lane.getLastStepVehicleIDs(lane) if self._goes(car, foe)
            ]
            for car in (*(car for car, _ in self._inside(foe, 0.0)), *near):
                if self.brakes_hard(car):
                    return str(car)
        return ""

    def comes_onto(self, car: str, link: LinkId) -> bool:
        """Whether a car is on a link, or next comes onto it."""
        at = max(0, self.sumo.vehicle.getRouteIndex(car))
        return str(link) in self.sumo.vehicle.getRoute(car)[at : at + 2]

    def brakes_hard(self, car: str) -> bool:
        """Whether a car brakes harder than SUMO's cars do unless they must."""
        return bool(self.sumo.vehicle.getAcceleration(car) < -EMERGENCY_M_S2)

    def _cars_on(self, way: Way) -> Iterator[tuple[str, float]]:
        """Cars on a way, or with their rear on it, and how far along it their front is [m]."""
        yield from self._inside(way, 0.0)
        for car in self.sumo.edge.getLastStepVehicleIDs(str(way.to_link)):
            place = self.sumo.vehicle.getLanePosition(car)
            at = self.sumo.vehicle.getRouteIndex(car)
            came = self.sumo.vehicle.getRoute(car)[at - 1] if at > 0 else ""
            if place < CAR_M and came == str(way.from_link):
                yield car, way.length_m + place

    def leader(self, ego: str) -> tuple[int, int]:
        """Gap and speed of the car ahead [mm, mm/s]."""
        found = self.sumo.vehicle.getLeader(ego, SIGHT_MM / 1_000)
        return self._other(found, 0)

    def follower(self, ego: str) -> tuple[int, int]:
        """Gap and speed of the car behind [mm, mm/s]."""
        found = self.sumo.vehicle.getFollower(ego, SIGHT_MM / 1_000)
        return self._other(found, OTHERS_MIN_GAP_MM)

    def oncoming(self, wrong: LinkId, s_mm: int, lane: int | None = None) -> tuple[int, int]:
        """
        Gap and speed of the nearest car that comes head-on along a one-way street.

        Seen from a place on its wrong way [mm]; in one of the lanes of that way, or in any.
        """
        near = (
            (int(gap_m * 1_000), int(self.sumo.vehicle.getSpeed(car) * 1_000))
            for car, gap_m in self._head_on(wrong, s_mm, lane)
        )
        return _in_sight(*min(near, default=NOBODY))

    def forced_head_on(self, wrong: LinkId, s_mm: int, lane: int) -> str:
        """Car that must brake hard for one on the wrong way; empty for none."""
        coming = sorted((gap_m, car) for car, gap_m in self._head_on(wrong, s_mm, lane))
        return next((car for _, car in coming[:1] if self.brakes_hard(car)), "")

    def _head_on(self, wrong: LinkId, s_mm: int, lane: int | None) -> Iterator[tuple[str, float]]:
        street = self.network.link(self.network.link(wrong).reverse)
        here_m = (street.length_mm - s_mm - self.spans[street.id][0]) / 1_000
        for number in range(street.lanes):
            if lane is None or number == street.lanes - 1 - lane:
                cars = self._on(f"{street.id}_{number}", 0.0)
                yield from ((car, here_m - at) for car, at in cars if at <= here_m)

    def beside(self, ego: str, link: LinkId, lane: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """
        Cars ahead and behind in a lane beside the ego's, on the lanes before and after it, too.

        Found here: SUMO's own list of neighbors leaves out who comes from behind.
        """
        place = self.sumo.vehicle.getLanePosition(ego)
        lead, lag = NOBODY, NOBODY
        for car, at in self._along(link, lane):
            speed = int(self.sumo.vehicle.getSpeed(car) * 1_000)
            if at >= place:
                lead = min(lead, (int((at - CAR_M - place) * 1_000), speed))
            else:
                lag = min(lag, (int((place - CAR_M - at) * 1_000), speed))
        return _in_sight(*lead), _in_sight(*lag)

    def _along(self, link: LinkId, lane: int) -> Iterator[tuple[str, float]]:
        """Cars on a lane, on those that lead into it and on those after it, by place on it [m]."""
        length = self._edge_m(link)
        yield from self._on(f"{link}_{lane}", 0.0)
        for way in self.net.from_lane.get((link, lane), ()):
            yield from self._inside(way, length)
            yield from self._on(f"{way.to_link}_{way.to_lane}", length + way.length_m)
        before = [(link, lane, 0.0)]
        while before:
            onto, number, start = before.pop()
            for way in self.net.onto_lane.get((onto, number), ()):
                yield from self._inside(way, start - way.length_m)
                first = start - way.length_m - self._edge_m(way.from_link)
                cars = self._on(f"{way.from_link}_{way.lane}", first)
                yield from ((car, at) for car, at in cars if self._goes(car, way))
                if first > -SIGHT_MM / 1_000:
                    before.append((way.from_link, way.lane, first))

    def _edge_m(self, link: LinkId) -> float:
        first, last = self.spans[link]
        return (last - first) / 1_000

    def _on(self, lane_id: str, start_m: float) -> Iterator[tuple[str, float]]:
        for car in self.sumo.lane.getLastStepVehicleIDs(lane_id):
            yield car, start_m + self.sumo.vehicle.getLanePosition(car)

    def _inside(self, way: Way, start_m: float) -> Iterator[tuple[str, float]]:
        for lane_id in way.inside:
            yield from self._on(lane_id, start_m + self.net.inside[lane_id].before_m)

    def _other(self, found: tuple[str, float] | None, extra_mm: int) -> tuple[int, int]:
        if not found or not found[0]:
            return NOBODY
        car, gap_m = found
        speed = int(self.sumo.vehicle.getSpeed(car) * 1_000)
        return _in_sight(int(gap_m * 1_000) + extra_mm, speed)


def _in_sight(gap_mm: int, speed_mm_s: int) -> tuple[int, int]:
    return (gap_mm, speed_mm_s) if gap_mm < SIGHT_MM else NOBODY


def _time_ms(road_m: float, speed_m_s: float) -> int:
    """Time to an arrival: at its speed, or setting off with 2.6 m/s^2 if that is sooner."""
    setting_off = (max(road_m, 0.0) * 2 / 2.6) ** 0.5
    rolling = max(road_m, 0.0) / speed_m_s if speed_m_s > 1 else setting_off
    return int(rolling * 1_000)


def _options(file: Path, seed: int) -> list[str]:
    options = {
        "net-file": str(file),
        "step-length": "0.1",
        "step-method.ballistic": "true",
        "seed": str(seed % 2**31),
        "collision.action": "warn",
        "collision.check-junctions": "true",
        "collision.mingap-factor": "0",
        "time-to-teleport": "300",
        "no-step-log": "true",
        "no-warnings": "true",
        "error-log": str(file.with_suffix(".log")),
    }
    return ["sumo", *(part for key, value in options.items() for part in (f"--{key}", value))]
