"""
SUMO's city around our car: its traffic, its lights set to our plans, and what it says of the ego.

One simulation per process. Nothing here decides how the ego drives or judges what it did.
"""

import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import redirect_stdout
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from guiderail.maps.network import Conflict, Link, LinkId, RoadNetwork
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.lattice import NOTHING, TICK_MS
from guiderail.sim.contract.messages import Light
from guiderail.sim.lab.sumo_net import edge_span_mm, real_links
from guiderail.sim.world.signals import Signals

OTHERS_MIN_GAP_MM: Final = 2_500
"""Kept off the gaps behind that SUMO tells."""
SIGHT_MM: Final = 100_000
SPAWN_TICKS: Final = 3
_LIGHTS: Final = {"r": Light.RED, "y": Light.YELLOW, "g": Light.GREEN, "G": Light.GREEN}
_SIGNS: Final = {Light.RED: "r", Light.YELLOW: "y"}


class Inside(NamedTuple):
    """An internal lane: a part of the way through a junction."""

    from_link: LinkId
    to_link: LinkId
    before_m: float
    total_m: float


class Way(NamedTuple):
    """A connection, by the lane that it begins on."""

    from_link: LinkId
    lane: int
    to_link: LinkId
    tl: str
    tl_index: int
    inside: tuple[str, ...]


class Net:
    """What the referee has to know of the built network."""

    def __init__(self, file: Path) -> None:
        root = ET.parse(file).getroot()  # noqa: S314  we wrote it ourselves
        rows = list(root.iter("connection"))
        onward = {f"{r.get('from')}_{r.get('fromLane')}": r.get("via", "") for r in rows}
        length = {r.get("id", ""): float(r.get("length", 0)) for r in root.iter("lane")}
        self.inside: dict[str, Inside] = {}
        self.ways: list[Way] = []
        for row in rows:
            if not row.get("from", ":").startswith(":"):
                self._add(row, onward, length)
        self.by_step: dict[tuple[LinkId, LinkId], list[Way]] = {}
        for way in self.ways:
            self.by_step.setdefault((way.from_link, way.to_link), []).append(way)
        self.into: dict[LinkId, list[LinkId]] = {}
        for before, after in self.by_step:
            self.into.setdefault(after, []).append(before)
        self.yields_to = dict(self._matrix(root))

    def _add(self, row: ET.Element, onward: dict[str, str], length: dict[str, float]) -> None:
        lanes, lane = [], row.get("via", "")
        while lane:
            lanes.append(lane)
            lane = onward.get(lane, "")
        link, onto = LinkId(int(row.get("from", 0))), LinkId(int(row.get("to", 0)))
        total, before = sum(length[each] for each in lanes), 0.0
        for each in lanes:
            self.inside[each] = Inside(link, onto, before, total)
            before += length[each]
        index = int(row.get("linkIndex", -1))
        lane_from = int(row.get("fromLane", 0))
        self.ways.append(Way(link, lane_from, onto, row.get("tl", ""), index, tuple(lanes)))

    def _matrix(self, root: ET.Element) -> Iterator[tuple[str, tuple[Way, ...]]]:
        """Whom each way lets pass, by its first internal lane."""
        first = {way.inside[0]: way for way in self.ways if way.inside}
        rows: dict[str, dict[int, str]] = {}
        for lane in first:
            edge, _, number = lane.rpartition("_")
            junction, _, index = edge[1:].rpartition("_")
            rows.setdefault(junction, {})[int(index) + int(number)] = lane
        for node in root.iter("junction"):
            lanes = rows.get(node.get("id", ""), {})
            for request in node.findall("request"):
                lane = lanes.get(int(request.get("index", 0)), "")
                bits = request.get("response", "")[::-1]
                foes = (first[lanes[i]] for i, bit in enumerate(bits) if bit == "1" and i in lanes)
                if lane:
                    yield lane, tuple(foes)


class City:
    """A running SUMO simulation with random traffic."""

    def __init__(self, network: RoadNetwork, file: Path, seed: int, cars: int) -> None:
        with redirect_stdout(sys.stderr):  # it prints a warning about pyarrow into our JSON
            self.sumo: Any = import_module("libsumo")
        self.net = Net(file)
        self.network = network
        self.time_ms = 0
        self._cars, self._made, self._since = cars, 0, 0
        self._source = np.random.default_rng(np.random.SeedSequence(seed))
        self._plans = Signals(network, TripSeed(seed, seed ^ 0x5DEECE66D))
        links = real_links(network)
        self._ends = [link for link in links if link.in_world and link.length_mm > 25_000]  # noqa: PLR2004
        self.sumo.start(_options(file, seed))
        self.sumo.vehicletype.setMinGap("DEFAULT_VEHTYPE", OTHERS_MIN_GAP_MM / 1_000)
        self.sumo.vehicletype.setLength("DEFAULT_VEHTYPE", 4.5)
        self.sumo.vehicletype.copy("DEFAULT_VEHTYPE", "ego")
        self.sumo.vehicletype.setMinGap("ego", 0.0)
        self.sumo.vehicletype.setSpeedFactor("ego", 1.0)
        self.sumo.vehicletype.setSpeedDeviation("ego", 0.0)
        self._states: dict[str, str] = {}
        self._due_ms: dict[str, int] = {}
        """When a controller's lights change next."""
        self._controlled = {
            tl: [
                group[0] if group else None
                for group in self.sumo.trafficlight.getControlledLinks(tl)
            ]
            for tl in self.sumo.trafficlight.getIDList()
        }
        self._set_lights()

    def close(self) -> None:
        """End the simulation."""
        self.sumo.close()

    def step(self) -> None:
        """Let one tick pass."""
        self._spawn()
        self.sumo.simulationStep()
        self.time_ms += TICK_MS
        self._set_lights()

    # -- lights -----------------------------------------------------------------------------------

    def _set_lights(self) -> None:
        for tl, groups in self._controlled.items():
            if self.time_ms < self._due_ms.get(tl, 0):
                continue
            self._due_ms[tl] = min(map(self._next_change_ms, groups), default=NOTHING)
            state = "".join(self._sign(group) for group in groups)
            if self._states.get(tl) != state:
                self._states[tl] = state
                self.sumo.trafficlight.setRedYellowGreenState(tl, state)

    def _next_change_ms(self, group: tuple[str, str, str] | None) -> int:
        plan = None if group is None else self._plans.plan(_link_of(group[0]))
        return NOTHING if plan is None else plan.next_change_ms(self.time_ms)

    def _sign(self, group: tuple[str, str, str] | None) -> str:
        if group is None:
            return "r"
        link, onto = _link_of(group[0]), _link_of(group[1])
        plan = self._plans.plan(link)
        light = Light.GREEN if plan is None else plan.light(self.time_ms)
        turns = self.network.turns_from(link)
        yields = any(t.to_link == onto and t.conflict is not Conflict.NONE for t in turns)
        return _SIGNS.get(light, "g" if yields else "G")

    def light_of(self, way: Way) -> Light:
        """What SUMO shows at the line where a way begins."""
        if not way.tl:
            return Light.NONE
        state = self.sumo.trafficlight.getRedYellowGreenState(way.tl)
        return _LIGHTS.get(state[way.tl_index], Light.NONE)

    def light(self, link: Link) -> Light:
        """What SUMO shows at the end of a link."""
        if self._plans.plan(link.id) is None:
            return Light.NONE
        ways = (w for t in self.network.turns_from(link.id) for w in self.way(link.id, t.to_link))
        return next((self.light_of(way) for way in ways), Light.NONE)

    def way(self, link: LinkId, onto: LinkId) -> list[Way]:
        """Connections that make up a turn."""
        return self.net.by_step.get((link, onto), [])

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
        mine = [way for way in self.way(link, onto) if way.lane == lane] or self.way(link, onto)
        foes = {foe for way in mine if way.inside for foe in self.net.yields_to[way.inside[0]]}
        found: list[int] = []
        for foe in sorted(foes):
            for lane_id in foe.inside:
                found += [0 for _ in self.sumo.lane.getLastStepVehicleIDs(lane_id)]
            if self.light_of(foe) is not Light.RED:
                found += self._coming(foe)
        return tuple(sorted(found))

    def _coming(self, foe: Way) -> Iterator[int]:
        places = [(foe.from_link, 0.0)]
        seen = set()
        while places:
            link, beyond = places.pop()
            if link in seen or beyond * 1_000 > SIGHT_MM:
                continue
            seen.add(link)
            first, last = edge_span_mm(self.network.link(link))
            length = (last - first) / 1_000
            for car in self.sumo.edge.getLastStepVehicleIDs(str(link)):
                road = length - self.sumo.vehicle.getLanePosition(car) + beyond
                if not car.startswith("ego") and self._goes(car, foe):
                    yield _time_ms(road, self.sumo.vehicle.getSpeed(car))
            places += [(before, beyond + length + 10) for before in self.net.into.get(link, [])]

    def _goes(self, car: str, foe: Way) -> bool:
        route = self.sumo.vehicle.getRoute(car)
        at = max(0, self.sumo.vehicle.getRouteIndex(car))
        ahead = route[at : at + 8]
        return (str(foe.from_link), str(foe.to_link)) in set(pairwise(ahead))

    # -- around the ego ---------------------------------------------------------------------------

    def leader(self, ego: str) -> tuple[int, int]:
        """Gap and speed of the car ahead [mm, mm/s]."""
        found = self.sumo.vehicle.getLeader(ego, SIGHT_MM / 1_000)
        return self._other(found, 0)

    def follower(self, ego: str) -> tuple[int, int]:
        """Gap and speed of the car behind [mm, mm/s]."""
        found = self.sumo.vehicle.getFollower(ego, SIGHT_MM / 1_000)
        return self._other(found, OTHERS_MIN_GAP_MM)

    def beside(self, ego: str, side: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """Cars ahead and behind in the lane to the left (+1) or to the right (-1)."""
        ask = self.sumo.vehicle
        ahead = ask.getLeftLeaders(ego) if side > 0 else ask.getRightLeaders(ego)
        behind = ask.getLeftFollowers(ego) if side > 0 else ask.getRightFollowers(ego)
        lead = min((self._other(each, 0) for each in ahead), default=(NOTHING, 0))
        lag = min((self._other(each, OTHERS_MIN_GAP_MM) for each in behind), default=(NOTHING, 0))
        return lead, lag

    def _other(self, found: tuple[str, float] | None, extra_mm: int) -> tuple[int, int]:
        if not found or not found[0]:
            return NOTHING, 0
        gap = int(found[1] * 1_000) + extra_mm
        return (
            (gap, int(self.sumo.vehicle.getSpeed(found[0]) * 1_000))
            if gap < SIGHT_MM
            else (
                NOTHING,
                0,
            )
        )


def _link_of(lane_id: str) -> LinkId:
    return LinkId(int(lane_id.rpartition("_")[0]))


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
