"""
What every guide knows of one map: the best routes, the names, where there is a choice.

The lab makes thousands of guides a process, so this is made once per network and shared.
"""

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from guiderail.maps.gazetteer import Gazetteer
from guiderail.maps.network import LinkId, RoadNetwork, Turn, TurnKind
from guiderail.maps.routing import RouteOracle, Tree
from guiderail.maps.tables import Ints, TurnTable
from guiderail.sim.contract.messages import Observation

LEAD_MS: Final = 6_000
"""
How long before a turn a speaker should name it [ms].

The mean driver of UMTRI-95-6 wants the last message 5.4 s before the turn at 25 mph, 6.2 s at 30
mph.
"""
NOWHERE: Final = LinkId(-1)

_HORIZON: Final = 12
"""A guide looks this many links ahead: enough for LEAD_MS on city blocks."""
_TREE_BYTES: Final = 64_000_000
"""What the trees of one network may hold: some dozens on a city center."""
_ATLASES: Final = 4
"""Networks remembered per process."""


class Ahead(NamedTuple):
    """One link of the way ahead and what may be done at its end."""

    link: LinkId
    end_mm: int
    """Road from the car to its end."""
    end_ms: int
    """Time from the car to its end at the limit: the same words in fast arms and slow ones."""
    planned: LinkId
    """Where the driver means to go from here, ``NOWHERE`` if unknown."""
    best: LinkId
    """Where the best open route goes, ``NOWHERE`` if there is none."""
    is_choice: bool
    """Whether at least two turns leave it, legal or not; turning round does not count."""


@dataclass(frozen=True, slots=True)
class View:
    """A moment of a trip as somebody sees it who knows the map and the true closures."""

    atlas: "Atlas"
    seen: Observation
    closed: frozenset[LinkId]
    tree: Tree
    ahead: tuple[Ahead, ...]

    @property
    def network(self) -> RoadNetwork:
        """The map."""
        return self.atlas.network

    def choices(self) -> tuple[Ahead, ...]:
        """Choices with a best way out, nearest first, that can still be named in time."""
        return tuple(
            one
            for one in self.ahead
            if one.is_choice and one.best != NOWHERE and one.end_ms >= LEAD_MS
        )


class Atlas:
    """One network with everything derived from it that guides share."""

    def __init__(self, network: RoadNetwork) -> None:
        self.network = network
        self._routes = RouteOracle(network, max_bytes=_TREE_BYTES)
        links = network.links
        ways_out = _ways_out(network.turns) + _ways_out(network.illegal_turns)
        self._is_choice: list[bool] = (ways_out >= 2).tolist()  # noqa: PLR2004  two make a choice
        self._length_mm: list[int] = links.length_mm.tolist()
        self._speed_mm_s: list[int] = links.speed_mm_s.tolist()

    def has(self, link: int) -> bool:
        """Whether a link id is one of this map."""
        return 0 <= link < len(self._length_mm)

    def tree(self, goal: LinkId, closed: frozenset[LinkId]) -> Tree:
        """Best ways to a goal past the closed links; the arms of a trip share one."""
        return self._routes.tree(goal, closed)

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The names of this map; only who invents names or grades them needs it."""
        return Gazetteer(self.network)

    def is_name(self, name: str) -> bool:
        """Whether anything is called so, outside the drivable world too."""
        return self.gazetteer.exists(name) or name.casefold() in self._road_names

    @cached_property
    def _road_names(self) -> frozenset[str]:
        return frozenset(link.name.casefold() for link in self.network.all_links)

    @cached_property
    def name_parts(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """First and last words of all names, sorted: what invented names are made of."""
        names = {place.name for place in self.network.all_places}
        names |= {link.name for link in self.network.all_links}
        words = [name.split() for name in sorted(names) if name.strip()]
        heads = sorted({" ".join(parts[:-1]) or parts[0] for parts in words})
        return tuple(heads), tuple(sorted({parts[-1] for parts in words}))

    def view(self, seen: Observation, closed: frozenset[LinkId]) -> View | None:
        """See the way ahead; None where the observation is not of this map."""
        if not (self.has(seen.link) and self.has(seen.goal)):
            return None
        tree = self.tree(seen.goal, closed)
        ahead = self._look(seen, tree)
        return View(atlas=self, seen=seen, closed=closed, tree=tree, ahead=ahead)

    def best_turn(self, one: Ahead) -> Turn | None:
        """Return the turn that the best route makes at the end of a link."""
        return self.network.turn(one.link, one.best) if self.has(one.best) else None

    def _look(self, seen: Observation, tree: Tree) -> tuple[Ahead, ...]:
        """Follow the driver's plan, at whose turns a guide may speak."""
        rows: list[Ahead] = []
        end_mm = max(0, seen.distance_to_node_mm)
        end_ms = end_mm * 1_000 // self._speed_mm_s[seen.link]
        for link, planned in self._plan(seen, tree):
            if rows:
                end_mm += self._length_mm[link]
                end_ms += self._length_mm[link] * 1_000 // self._speed_mm_s[link]
            best = LinkId(tree.next_link[link])
            rows.append(Ahead(link, end_mm, end_ms, planned, best, self._is_choice[link]))
        return tuple(rows)

    def _plan(self, seen: Observation, tree: Tree) -> list[tuple[LinkId, LinkId]]:
        """Links ahead, each with its follower; the goal itself is left out."""
        route = route_ahead(seen)[: _HORIZON + 1] or self._from_tree(seen.link, tree)
        pairs: list[tuple[LinkId, LinkId]] = []
        for k, link in enumerate(route[:_HORIZON]):
            if not self.has(link) or link == seen.goal:
                break
            follower = route[k + 1] if k + 1 < len(route) else NOWHERE
            pairs.append((link, follower if self.has(follower) else NOWHERE))
        return pairs

    def _from_tree(self, link: LinkId, tree: Tree) -> tuple[LinkId, ...]:
        route = [link]
        while len(route) <= _HORIZON and tree.next_link[route[-1]] >= 0:
            route.append(LinkId(tree.next_link[route[-1]]))
        return tuple(route)


def route_ahead(seen: Observation) -> tuple[LinkId, ...]:
    """Planned links from this one on; a plan that is a link behind the car is caught up with."""
    if seen.link not in seen.route:
        return ()
    return seen.route[seen.route.index(seen.link) :]


def _ways_out(table: TurnTable) -> Ints:
    """Count the turns of each link, those that turn round left out, shape (n_links,)."""
    origin = np.repeat(np.arange(len(table.start) - 1), np.diff(table.start))
    onward = origin[table.kind != TurnKind.U_TURN]
    return np.bincount(onward, minlength=len(table.start) - 1).astype(np.int32)


_known: OrderedDict[int, Atlas] = OrderedDict()


def atlas_of(network: RoadNetwork) -> Atlas:
    """
    Return the one atlas of a network.

    Keyed by identity, since comparing two networks costs more than a trip; the atlas holds its
    network, so the identity cannot be taken over by another while it is remembered.
    """
    atlas = _known.get(id(network))
    if atlas is None:
        atlas = _known[id(network)] = Atlas(network)
        if len(_known) > _ATLASES:
            _known.popitem(last=False)
    return atlas
