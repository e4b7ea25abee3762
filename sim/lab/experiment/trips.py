"""
Trips: origin, goal, closures and reports, made from what all arms share.

Goals come from a small pool, so that the routing trees of a batch are used again; the pool depends
on map and seed alone, so a longer batch starts with the trips of a shorter one.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing import (
    UNREACHABLE,
    RouteOracle,
    StretchFinder,
    is_harmless,
)
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.contract.trip import Trip
from guiderail.sim.lab.experiment.closures import Laid, Overlays
from guiderail.sim.lab.experiment.scenario import Scenario
from guiderail.sim.lab.experiment.seeding import generator, trip_seed
from guiderail.sim.lab.experiment.shortest_paths import ShortestLengths

GOALS: Final = 32
"""Size of the pool of goals; one tree of a town takes about 1 MB."""
LEAST_ORIGIN_MM: Final = 30_000
"""Shortest link to start on [mm]: room to set off before the first turn."""
LEAST_GOAL_MM: Final = 40_000
"""Shortest link to end on [mm]: room to stop at the goal after the turn onto it."""
GOAL_MARGIN_MM: Final = 10_000
"""Least road between a goal and the end of its link [mm]."""
MOST_CLOSURES: Final = 8
TRIES: Final = 4
"""Attempts to place one closure that leaves every link reachable."""
GRACE_MS: Final = 300_000
SLOWEST: Final = 10
"""A trip fails after 300 s + distance / (10 % of the limit), as the CARLA leaderboard has it."""


class Goal(NamedTuple):
    """Where trips end."""

    link: LinkId
    offset_mm: int
    name: str


@dataclass(frozen=True, kw_only=True)
class PlannedTrip:
    """A trip and what a perfect drive of it would take."""

    index: int
    trip: Trip
    free_flow_ms: int
    """Time of the fastest open route at the speed limit [ms]."""
    shortest_mm: int | None
    """Length of the shortest open route [mm]; None if there is none."""


class TripMaker:
    """Makes the trips of one scenario on one map."""

    def __init__(self, network: RoadNetwork, routes: RouteOracle, scenario: Scenario) -> None:
        self._network = network
        self._routes = routes
        self._scenario = scenario
        self._shared = scenario.shared_part()
        self._digest = network.header.get("digest", "")
        self._lengths = ShortestLengths(network)
        self._origins: dict[LinkId, tuple[LinkId, ...]] = {}

    def planned(self, index: int) -> PlannedTrip:
        """
        Make one trip; the same for every arm, rate and number of trips.

        Raises
        ------
        ScenarioError
            When no trip on this map takes as long as the scenario asks.
        """
        seed = trip_seed(self._digest, self._shared, self._scenario.seed, index)
        goal, origin = self._ends(generator(seed.a, "od"))
        laid = self._closures(seed, origin, goal.link)
        closed = laid.closed
        origin_mm = self._network.link(origin).length_mm // 4
        free_flow_ms = self._free_flow_ms(origin, origin_mm, goal, closed)
        trip = Trip(
            seed=seed,
            origin=origin,
            origin_mm=origin_mm,
            goal=goal.link,
            goal_mm=goal.offset_mm,
            goal_name=goal.name,
            conditions=self._scenario.conditions.conditions(),
            closed=closed,
            reported_closed=laid.reported,
            closings=laid.closings,
            bottlenecks=laid.bottlenecks,
            time_limit_ms=GRACE_MS + SLOWEST * free_flow_ms,
        )
        shortest_mm = self._lengths.between(origin, origin_mm, goal.link, goal.offset_mm, closed)
        return PlannedTrip(
            index=index, trip=trip, free_flow_ms=free_flow_ms, shortest_mm=shortest_mm
        )

    def goal_of(self, index: int) -> LinkId:
        """Goal of a trip, cheaply: batches sort by it so that a tree is built once."""
        seed = trip_seed(self._digest, self._shared, self._scenario.seed, index)
        return self._ends(generator(seed.a, "od"))[0].link

    @cached_property
    def goals(self) -> tuple[Goal, ...]:
        """The pool that trips draw their goal from."""
        candidates = place_goals(self._network) or link_goals(self._network)
        if not candidates:
            raise ScenarioError(f"map {self._network.name!r} has no link long enough to end on")
        order = generator(self._scenario.seed, "goals").permutation(len(candidates))
        return tuple(candidates[k] for k in order[:GOALS].tolist())

    def _ends(self, source: np.random.Generator) -> tuple[Goal, LinkId]:
        first = int(source.integers(len(self.goals)))
        for goal in (*self.goals[first:], *self.goals[:first]):
            origins = self._origins_of(goal.link)
            if origins:
                return goal, origins[int(source.integers(len(origins)))]
        od = self._scenario.od
        raise ScenarioError(
            f"map {self._network.name!r} has no trip of {od.min_s:g} to {od.max_s:g} s: "
            f"its longest takes {self._longest_s():.0f} s"
        )

    def _origins_of(self, goal: LinkId) -> tuple[LinkId, ...]:
        if goal not in self._origins:
            od = self._scenario.od
            cost = np.asarray(self._routes.tree(goal, frozenset()).cost_to_go_ms)
            near = (cost >= od.min_s * 1_000) & (cost <= od.max_s * 1_000) & self._can_start
            self._origins[goal] = tuple(LinkId(i) for i in np.flatnonzero(near).tolist())
        return self._origins[goal]

    @cached_property
    def _can_start(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        links = self._network.links
        is_plain = (links.in_world == 1) & (links.is_roundabout == 0) & (links.is_ramp == 0)
        return np.asarray(is_plain & (links.length_mm >= LEAST_ORIGIN_MM))

    def _longest_s(self) -> float:
        trees = (self._routes.tree(goal.link, frozenset()) for goal in self.goals)
        costs = (np.asarray(tree.cost_to_go_ms)[self._can_start] for tree in trees)
        longest = (int(cost[cost < UNREACHABLE].max(initial=0)) for cost in costs)
        return max(longest) / 1_000

    def _free_flow_ms(
        self, origin: LinkId, origin_mm: int, goal: Goal, closed: frozenset[LinkId]
    ) -> int:
        first, last = self._network.link(origin), self._network.link(goal.link)
        before = (first.length_mm - origin_mm) * 1_000 // first.speed_mm_s
        beyond = (last.length_mm - goal.offset_mm) * 1_000 // last.speed_mm_s
        return before + int(self._routes.tree(goal.link, closed).cost_to_go_ms[origin]) - beyond

    def _closures(self, seed: TripSeed, origin: LinkId, goal: LinkId) -> Laid:
        """Draw what is closed and what is reported closed."""
        wanted = self._scenario.closures
        laid = self._overlays.over(seed, frozenset({origin, goal}))
        closed, reported, closings, bottlenecks = laid
        if wanted.mean == 0:
            return laid
        passing = frozenset[LinkId]().union(*(one.links for one in closings))
        source = generator(seed.a, "closures")
        on_route, beside = self._closable_near(origin, goal)
        for _ in range(min(int(source.poisson(wanted.mean)), MOST_CLOSURES)):
            added = self._one_closure(source, on_route, beside, closed | passing)
            closed |= added
            reported |= added if source.random() >= wanted.stale else frozenset()
        shut = closed | passing
        is_open = [stretch for stretch in (*on_route, *beside) if stretch.isdisjoint(shut)]
        stale = min(int(source.poisson(wanted.mean * wanted.stale)), len(is_open))
        again = source.choice(len(is_open), size=stale, replace=False).tolist() if stale else ()
        stale_reports = (is_open[k] for k in again)
        return Laid(closed, reported.union(*stale_reports), closings, bottlenecks)

    def _closable_near(
        self, origin: LinkId, goal: LinkId
    ) -> tuple[tuple[frozenset[LinkId], ...], tuple[frozenset[LinkId], ...]]:
        """Stretches that may be closed: on the best route, and one turn off it."""
        route = self._routes.tree(goal, frozenset()).route(origin)
        kept_open = {origin, goal}
        turned = {turn.to_link for link in route for turn in self._network.turns_from(link)}
        on_route = self._stretches(route, kept_open)
        beside = self._stretches(sorted(turned.difference(route)), kept_open)
        return on_route, tuple(stretch for stretch in beside if stretch.isdisjoint(route))

    def _stretches(
        self, links: Iterable[LinkId], kept_open: set[LinkId]
    ) -> tuple[frozenset[LinkId], ...]:
        found = dict.fromkeys(self._closable.around(link) for link in links)
        return tuple(each for each in found if each and each.isdisjoint(kept_open))

    @cached_property
    def _overlays(self) -> Overlays:
        return Overlays(self._network, self._scenario)

    @cached_property
    def _closable(self) -> StretchFinder:
        return StretchFinder(self._network)

    def _one_closure(
        self,
        source: np.random.Generator,
        on_route: tuple[frozenset[LinkId], ...],
        beside: tuple[frozenset[LinkId], ...],
        closed: frozenset[LinkId],
    ) -> frozenset[LinkId]:
        """Draw one more closure that leaves every link reachable; none if that fails."""
        for _ in range(TRIES):
            pool = on_route if source.random() < 0.5 else beside  # noqa: PLR2004  an even chance
            if not pool:
                continue
            added = pool[int(source.integers(len(pool)))]
            if not added.isdisjoint(closed):
                continue
            both = closed | added
            if is_harmless(self._network, both):
                return added
        return frozenset()


def place_goals(network: RoadNetwork) -> tuple[Goal, ...]:
    """Places with a name of their own, beside a link that a car can stop on."""
    named = Counter(place.name for place in network.all_places)
    return tuple(
        _goal(network, place.link, place.offset_mm, place.name)
        for place in network.all_places
        if named[place.name] == 1 and _can_end(network, place.link)
    )


def link_goals(network: RoadNetwork) -> tuple[Goal, ...]:
    """The middle of every link that a car can stop on; for maps without places."""
    ends = (link for link in network.all_links if _can_end(network, link.id))
    return tuple(
        _goal(network, link.id, link.length_mm // 2, f"{link.name or 'road'} ({link.id})")
        for link in ends
    )


def _can_end(network: RoadNetwork, link: LinkId) -> bool:
    view = network.link(link)
    room_mm = min(view.stop_line_mm, view.length_mm)
    is_one = link not in network.copied_or_copies  # a car on a copy of the goal would not be there
    return view.in_world and not view.is_roundabout and room_mm >= LEAST_GOAL_MM and is_one


def _goal(network: RoadNetwork, link: LinkId, offset_mm: int, name: str) -> Goal:
    """Move a goal off the ends of its link: a car must be able to stop there."""
    last = min(network.link(link).stop_line_mm, network.link(link).length_mm) - GOAL_MARGIN_MM
    return Goal(link, max(min(offset_mm, last), min(LEAST_GOAL_MM // 2, last)), name)
