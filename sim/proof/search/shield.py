"""
The maximal shield: everything that could be accepted without harm, and how much of it the guard is.

A guard that refuses everything is safe and worthless. The approach to a turn is a game by the
stated rules of the driver: it acts half a second later, brakes by no more than comfort allows,
keeps a margin, and changes lanes one after the other. The greatest fixpoint of the game starts with
every state and takes away, until nothing changes, each from which no braking leads to one that is
left. No formula of the guard is used.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isqrt
from typing import Final

from guiderail.maps.network import Conflict, Control, Link, RoadNetwork, Turn
from guiderail.sim.contract.messages import Command, Decision, Proposal
from guiderail.sim.proof.search.arena import Arena, State
from guiderail.sim.proof.search.explorer import Driving, guarded
from guiderail.sim.proof.search.memory import Mind
from guiderail.sim.proof.search.sites import Site

BRAKING_MM_S2: Final = 2_400
"""Hardest braking of a turn that was accepted: 2.5 m/s^2 on the lattice."""
LATERAL_MM_S2: Final = 2_000
REACTION_MS: Final = 500
MARGIN_MM: Final = 3_000
BUILD_UP_MS: Final = 300
"""Before a place to stop at, the brakes need this long to hold."""
SPOT_MM: Final = 4_000
"""Without a line the car waits for a gap so far before the node."""
LINE_MM: Final = 1_000
LANE_MS: Final = 8_000
"""A lane change and the search for its gap."""
LANE_LEAST_MM: Final = 20_000
FASTEST_MM_S: Final = 40_000
GRID_MM: Final = 500
SPEED_GRID: Final = 400


@dataclass(frozen=True, kw_only=True)
class Permissiveness:
    """What the guard accepts, beside all that could be accepted."""

    shield: int
    """(state, turn) pairs of the maximal shield."""
    guard: int
    """Of those, accepted by the guard."""
    outside: int
    """Accepted by the guard though the shield says no."""

    @property
    def share(self) -> float:
        """Share of the shield that the guard accepts [1]."""
        return self.guard / self.shield if self.shield else 0.0


def least_roads(to_speed: int, fastest: int) -> list[int]:
    """
    Least road from which each speed, in steps of 20 mm/s, can still be brought down [mm].

    The set of safe states, held as its edge: more road is never worse. Starting with no road at all
    for anybody, each round asks for the cheapest next tick, until nothing changes.
    """
    steps, target, step = fastest // 20, to_speed // 20, BRAKING_MM_S2 // 200
    edge = [0] * (steps + 1)
    while True:
        after = [
            0
            if v <= target
            else min(edge[u] + v + u for u in range(max(target, v - step), v + 1) if u < v)
            for v in range(steps + 1)
        ]
        if after == edge:
            return edge
        edge = after


class Shield:
    """The maximal shield of one map."""

    def __init__(self, network: RoadNetwork) -> None:
        self._network = network
        self._edges: dict[int, list[int]] = {}

    def accepts(self, car: State, turn: Turn) -> bool:
        """Whether a car that is told to turn can still do so by the rules of the game."""
        link = self._network.link(turn.from_link)
        left, speed = link.length_mm - car.s_mm, car.speed
        away = turn.lanes_from(car.target_lane)
        lanes = away * max(speed * LANE_MS // 1_000, LANE_LEAST_MM)
        room = left - speed * REACTION_MS // 1_000 - MARGIN_MM - lanes
        if self._needs(speed, self._turn_speed(turn)) > room:
            return False
        return all(
            self._needs(speed, 0) <= place - car.s_mm - speed * BUILD_UP_MS // 1_000
            for place in self._stops(link, turn)
        )

    def _needs(self, speed: int, to_speed: int) -> int:
        if speed <= to_speed:
            return -(10**9) if speed == 0 else 0
        if to_speed not in self._edges:
            self._edges[to_speed] = least_roads(to_speed, FASTEST_MM_S)
        return self._edges[to_speed][speed // 20]

    def _turn_speed(self, turn: Turn) -> int:
        limit = self._network.link(turn.to_link).speed_mm_s
        speed = min(limit, isqrt(LATERAL_MM_S2 * turn.radius_mm) if turn.radius_mm else limit)
        return speed - speed % 20

    def _stops(self, link: Link, turn: Turn) -> Iterator[int]:
        """Places at which this turn may demand a stop."""
        has_line = link.control in (Control.STOP, Control.GIVE_WAY)
        if turn.conflict is not Conflict.NONE:
            spot = link.length_mm - min(SPOT_MM, link.length_mm // 3)
            yield link.stop_line_mm - LINE_MM if has_line else spot


def permissiveness(site: Site, driving: Driving = guarded, *, coarse: int = 1) -> Permissiveness:
    """Compare guard and shield on every state of a grid and every turn that changes the route."""
    network, arena, shield = site.network, Arena(site.network), Shield(site.network)
    driver = driving(site)
    mind = Mind(driver)
    fresh, link, route = mind.memory(), network.link(site.decides), driver.route()
    planned = route[route.index(site.decides) + 1]
    counts = {"shield": 0, "guard": 0, "outside": 0}
    turns = [turn for turn in network.turns_from(site.decides) if turn.to_link != planned]
    for s_mm in range(0, link.length_mm, GRID_MM * coarse):
        for speed in range(0, link.speed_mm_s + 1, SPEED_GRID * coarse):
            for lane in range(link.lanes):
                car = arena.start(site.decides, s_mm, speed, lane)
                seen = arena.perceive(car, Command(0, planned))
                for turn in turns:
                    mind.recall(fresh)
                    said = _turn_words(site, turn)
                    is_accepted = driver.hear(said, seen).decision is Decision.ACCEPT
                    driver.news()
                    allowed = shield.accepts(car, turn)
                    counts["shield"] += allowed
                    counts["guard"] += allowed and is_accepted
                    counts["outside"] += is_accepted and not allowed
    return Permissiveness(**counts)


def _turn_words(site: Site, turn: Turn) -> Proposal:
    said = [w for w in site.words(turn.from_link) if w is not None and w.onto == turn.to_link]
    return said[0]
