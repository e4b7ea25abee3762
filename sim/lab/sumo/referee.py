"""
SUMO as an independent referee: a simulator that shares no line with ours judges our cars.

A *block* is one simulation of up to half an hour in a process of its own: the ego makes trip after
trip through SUMO's traffic. Mutants are the shipped driver with one check blinded from outside.
"""

import json
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from guiderail.maps.library.load import load_map
from guiderail.maps.network import RoadNetwork
from guiderail.maps.routing import RouteOracle
from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.contract.lattice import NOTHING, TICK_MS
from guiderail.sim.contract.messages import Command, Light, Perception, Proposal, Verdict
from guiderail.sim.contract.ports import Driver
from guiderail.sim.contract.trip import Trip
from guiderail.sim.driver.arms import find_arm, make_driver
from guiderail.sim.driver.motion.style import DrivingStyle
from guiderail.sim.driver.pilot import Pilot, RoutedDriver
from guiderail.sim.lab.experiment.registry import SILENT, find_guide
from guiderail.sim.lab.experiment.run import Supervised
from guiderail.sim.lab.experiment.scenario import Scenario, make_scenario
from guiderail.sim.lab.experiment.trips import TripMaker
from guiderail.sim.lab.report.screen import say, screen
from guiderail.sim.lab.results.sweep import usable_cores
from guiderail.sim.lab.sumo.city import City
from guiderail.sim.lab.sumo.drive import Findings, SumoDrive
from guiderail.sim.lab.sumo.network import build_net, netconvert

BLOCK_MS: Final = 1_800_000
WARM_UP_MS: Final = 60_000
CARS: Final = 100
"""Cars of SUMO at a time: enough that the ego seldom drives alone on the two bundled maps."""
MOST_HOURS: Final = 1_000
MOST_CARS: Final = 10_000
KINDS: Final = (
    "collision",
    "forced_braking",
    "red_light",
    "emergency_stop",
    "turn_speed",
    "blocked",
    "illegal_turn",
    "no_connection",
)
"""What the ego is convicted of."""
BY_MAP: Final = ("illegal_turn", "no_connection")
"""What our map says, not SUMO."""
REPORTED_CASES: Final = 20
_RED: Final = (Light.RED, Light.YELLOW)
Blind = Callable[[Perception], Perception]


def _no_red(seen: Perception) -> Perception:
    light = Light.GREEN if seen.light in _RED else seen.light
    after = Light.GREEN if seen.next_light in _RED else seen.next_light
    return seen.but(light=light, next_light=after)


def _no_lane(seen: Perception) -> Perception:
    return seen.but(side_lead_gap_mm=NOTHING, side_lag_gap_mm=NOTHING)


def _no_follow(seen: Perception) -> Perception:
    return seen.but(leader_gap_mm=NOTHING)


def _no_yield(seen: Perception) -> Perception:
    return seen.but(priority_ms=())


def _no_lane_sense(seen: Perception) -> Perception:
    return seen.but(lane=0, target_lane=0)


BLIND: Final[dict[str, Blind]] = {
    "no_red_check": _no_red,
    "no_lane_check": _no_lane,
    "no_follow_rule": _no_follow,
    "no_yield_check": _no_yield,
    "no_lane_sense": _no_lane_sense,
}
MUTANTS: Final = (*BLIND, "no_speed_check")


class Blinded:
    """The shipped driver, one check made blind from outside."""

    def __init__(self, driver: Driver, blind: Blind) -> None:
        self._driver, self._blind = driver, blind
        self.name = driver.name
        self.hear, self.route = driver.hear, driver.route
        self.remaining_ms, self.news = driver.remaining_ms, driver.news

    def command(self, seen: Perception) -> Command:
        """Drive by what is left to see."""
        return self._driver.command(self._blind(seen))


class Fearless(RoutedDriver):
    """The shipped pilot with three times the speed in curves, deaf to the guide."""

    def __init__(self, network: RoadNetwork, routes: RouteOracle, trip: Trip) -> None:
        pilot = Pilot(
            network,
            routes,
            origin=(trip.origin, trip.origin_mm),
            goal=(trip.goal, trip.goal_mm),
            goal_name=trip.goal_name,
            style=DrivingStyle(),
            friction_permille=trip.conditions.friction_permille,
            lateral_percent=300,
        )
        super().__init__("no_speed_check", pilot)

    def hear(self, proposal: Proposal, seen: Perception) -> Verdict:
        """Answer nothing: this car is driven without a guide."""
        raise NotImplementedError(f"{proposal} at {seen.time_ms} ms")


@dataclass(frozen=True, kw_only=True)
class Case:
    """What to try before SUMO."""

    map: str
    hours: float
    arm: str = "guarded"
    mutant: str = ""
    seed: int = 1
    rate: float = 0.5
    guide: str = "noisy"
    cars: int = CARS

    def check(self) -> None:
        """
        Refuse what does not exist.

        Raises
        ------
        ScenarioError
            When a value is unknown or out of bounds.
        """
        find_arm(self.arm)
        if self.mutant and self.mutant not in MUTANTS:
            raise ScenarioError(f"no mutant {self.mutant!r}; there are: {', '.join(MUTANTS)}")
        if not 0 < self.hours <= MOST_HOURS:
            raise ScenarioError(f"--hours {self.hours:g} is not above 0 and up to {MOST_HOURS}")
        find_guide(self.guide)
        if not 0 <= self.rate <= 1:
            raise ScenarioError(f"--rate {self.rate:g} is not between 0 and 1")
        if not 0 <= self.cars <= MOST_CARS:
            raise ScenarioError(f"--cars {self.cars} is not between 0 and {MOST_CARS}")

    @property
    def may_break_the_law(self) -> bool:
        """Whether the ego obeys a guide that may send it into a banned turn."""
        return not find_arm(self.arm).has_guard

    def blocks(self) -> list[tuple[int, int]]:
        """Number and end of each block [ms]."""
        total = int(self.hours * 3_600_000)
        starts = range(0, total, BLOCK_MS)
        return [(k, WARM_UP_MS + min(BLOCK_MS, total - at)) for k, at in enumerate(starts)]


def judged(case: Case, net: Path, block: int, until_ms: int) -> Findings:
    """Run one block; in a process of its own, for libsumo holds one simulation."""
    is_deaf = not find_arm(case.arm).hears_guide or case.mutant == "no_speed_check"
    maker = find_guide(SILENT if is_deaf else case.guide)
    network = load_map(case.map)
    routes = RouteOracle(network)
    scenario = _scenario(case)
    trips = TripMaker(network, routes, scenario)
    total = Findings()
    city = City(network, net, case.seed * 1_000 + block, case.cars)
    try:
        while city.time_ms < WARM_UP_MS:
            city.step()
        k = block * 10_000
        while city.time_ms < until_ms:
            trip = trips.planned(k).trip
            voice = maker(network, trip.seed, closed=frozenset(), rate=case.rate)
            driver = _driver(case, network, routes, trip, scenario)
            drive = SumoDrive(city, f"ego{k}", trip, driver, Supervised(voice))
            total.add(drive.run(until_ms))
            k += 1
    finally:
        city.close()
    return total


def _scenario(case: Case) -> Scenario:
    parts = {"closures": {"mean": 0.0}, "od": {"min_s": 30.0, "max_s": 300.0}}
    return make_scenario({"map": case.map, "seed": case.seed, "arms": [case.arm], **parts})


def _driver(
    case: Case, network: RoadNetwork, routes: RouteOracle, trip: Trip, scenario: Scenario
) -> Driver:
    if case.mutant == "no_speed_check":
        return Fearless(network, routes, trip)
    driver = make_driver(case.arm, network, routes, trip, scenario.budget.budget())
    return Blinded(driver, BLIND[case.mutant]) if case.mutant else driver


def referee(case: Case) -> dict[str, Any]:
    """
    Drive so many hours before SUMO.

    Raises
    ------
    GuiderailError
        When an option is wrong or the extra ``sumo`` is missing.
    """
    case.check()
    netconvert()
    network = load_map(case.map)
    begin = time.perf_counter()
    total = Findings()
    with tempfile.TemporaryDirectory() as folder:
        net = build_net(network, Path(folder), with_banned=case.may_break_the_law)
        pool = ProcessPoolExecutor(
            usable_cores(), mp_context=get_context("spawn"), max_tasks_per_child=1
        )
        with pool:
            blocks = [pool.submit(judged, case, net, *block) for block in case.blocks()]
            for block in blocks:
                total.add(block.result())
    return _summary(case, total, time.perf_counter() - begin)


def _summary(case: Case, total: Findings, wall_s: float) -> dict[str, Any]:
    return {
        "map": case.map,
        "arm": case.mutant or case.arm,
        "seed": case.seed,
        "cars": case.cars,
        "guide": case.guide,
        "rate": case.rate,
        "driven_h": round(total.ticks * TICK_MS / 3_600_000, 3),
        "driven_km": round(total.driven_mm / 1e6, 1),
        "by_sumo": sum(n for kind, n in total.breaches.items() if kind not in BY_MAP),
        "by_ego": {kind: total.breaches[kind] for kind in KINDS},
        "trips": dict(sorted(total.others.items())),
        "steps_per_s": round(total.ticks / wall_s),
        "cases": total.cases[:REPORTED_CASES],
    }


def print_referee(case: Case, *, as_json: bool) -> None:
    """Run a case and print what SUMO found."""
    found = referee(case)
    console = screen()
    if as_json:
        say(console, json.dumps(found, sort_keys=True))
        return
    count = sum(found["by_ego"].values())
    verdict = f"{count} breaches by ego" if count else "nothing by ego"
    say(console, f"SUMO on {found['arm']}, {found['map']}: {verdict}")
    for name, value in found.items():
        lines = value if name == "cases" else [f"{name}: {value}"]
        for line in lines:
            say(console, f"  {line}")
