"""
The worst that guides can do to the time of one trip, computed from the map and not from runs.

Two statements, kept apart. What guides can *buy*: the planned extra time of their accepted changes,
against the route as it was. It is never above what the budget grants; how near to that a guide can
come that speaks turn by turn is searched here exactly, over all routes that it can compose, to the
millisecond. And what the trip can *take*: traffic may hold a car for ever, so that number holds
only within stated limits of the world, and what traffic does is booked to traffic.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from guiderail.maps.network import Conflict, Control, LinkId, RoadNetwork, Turn
from guiderail.maps.routing import UNREACHABLE, Tree
from guiderail.sim.contract.trip import Trip
from guiderail.sim.driver.guard.budget import Budget
from guiderail.sim.driver.planner import PATIENCE_MS

CHANGES_SEARCHED: Final = 16
"""More changes are searched as this many: the budget of time is spent long before."""

TOTAL_WORDS: Final = (
    "if every light, gap and road on the longest way that a guide can buy were at its worst; "
    "closures, queues, sirens and crashes apart"
)
"""What :attr:`DelayBound.total_ms` says, for a reader who sees it beside a far smaller delay."""

MULTIPLIERS: Final = (1, 4, 16)
"""Prices of a bought millisecond that are tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldLimits:
    """
    What the bound on the whole delay takes for granted; beyond it the world is unfair.

    Closures, queues before incidents, emergency vehicles and crashes are outside of it.
    """

    signal_ms: int = 60_000
    """A light holds the car no longer than this: its cycle, with the queue before it."""
    yield_ms: int = 60_000
    """A gap in a stream with priority comes within this time."""
    misses: int = 1
    """Turns that traffic makes the car miss, at most, for each accepted change and on its own
    route."""
    link_ms: int = 15_000
    """Setting off, slowing down and others ahead cost at most this on one link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayBound:
    """The worst case of one trip."""

    granted_ms: int
    """Planned extra time that no sequence of words can exceed [ms]."""
    turns_ms: int
    """Most planned extra time that some sequence of turns, each refused or granted by price alone,
    really buys on this map [ms]; between it and ``granted_ms`` lies the worst case of all words."""
    total_ms: int
    """Most that the trip takes beyond its free-flow time within the limits of the world [ms]."""
    limits: WorldLimits


def delay_bound(
    network: RoadNetwork,
    tree: Tree,
    trip: Trip,
    budget: Budget,
    limits: WorldLimits | None = None,
) -> DelayBound:
    """Bound the delay of one trip; closures are unknown to it, as to the driver who sets off."""
    limits = limits or WorldLimits()
    changes = min(budget.changes + budget.confirmations, CHANGES_SEARCHED) if budget.changes else 0
    approach = Approach(network, tree)
    return DelayBound(
        granted_ms=budget.most_extra_ms,
        turns_ms=max(approach.buyable(trip.origin, changes, budget.most_extra_ms)),
        total_ms=approach.losses(trip.origin, budget, changes, limits),
        limits=limits,
    )


class Approach:
    """A goal, and every link from which it can be reached, farthest first."""

    def __init__(self, network: RoadNetwork, tree: Tree) -> None:
        self._tree = tree
        cost = tree.cost_to_go_ms
        links = [LinkId(i) for i in range(network.link_count) if cost[i] < UNREACHABLE]
        self._network = network
        self._order = sorted(links, key=lambda link: -cost[link])

    def buyable(self, origin: LinkId, changes: int, most_ms: int) -> tuple[int, ...]:
        """
        Most that 0, 1, .. ``changes`` turns buy, never above ``most_ms`` [ms].

        Bit ``i`` of the number held by a link says that a car can be there with exactly ``i`` ms
        bought, so one shift adds a price to every sum at once and nothing is rounded.
        """
        mask = (1 << most_ms + 1) - 1
        here, best = {origin: 1}, list[int]()
        for k in range(changes + 1):
            there: dict[LinkId, int] = {}
            highest = 0
            for link in self._order:
                bought = here.get(link, 0)
                if not bought:
                    continue
                highest = max(highest, bought.bit_length() - 1)
                for turn, price in self._priced(link):
                    if price == 0:
                        here[turn.to_link] = here.get(turn.to_link, 0) | bought
                    elif k < changes and price <= most_ms:
                        onto = there.get(turn.to_link, 0)
                        there[turn.to_link] = onto | bought << price & mask
            best.append(max(highest, best[-1] if best else 0))
            here = there
        return tuple(best)

    def losses(self, origin: LinkId, budget: Budget, changes: int, limits: WorldLimits) -> int:
        """
        Most time that a trip loses, bought or not [ms].

        The costliest way to the goal with that many changes and misses, each link and node
        priced at its worst. The budget of time binds the changes together; each multiplier turns
        that into a price, and every one gives a bound (weak duality), so the least is taken.
        """
        if changes == 0:
            return self._costliest(origin, changes, 1, limits)
        granted = budget.most_extra_ms
        bounds = (m * granted + self._costliest(origin, changes, m, limits) for m in MULTIPLIERS)
        return PATIENCE_MS + min(bounds)

    def _costliest(self, origin: LinkId, changes: int, multiplier: int, limits: WorldLimits) -> int:
        misses = (changes + 1) * limits.misses
        roads = {link: self._roads(link, limits) for link in reversed(self._order)}
        worst: dict[tuple[int, int], dict[LinkId, int]] = {}
        for k in range(changes + 1):
            for m in range(misses + 1):
                after = worst.get((k - 1, m)), worst.get((k, m - 1))
                worst[k, m] = _layer(roads, after, multiplier)
        return worst[changes, misses][origin] + limits.link_ms

    def _roads(self, link: LinkId, limits: WorldLimits) -> list[tuple[LinkId, int, int]]:
        """Turns from a link: where to, extra time, the longest that its end may hold a car."""
        priced = self._priced(link)
        return [(turn.to_link, price, self._held(turn, limits)) for turn, price in priced]

    def _priced(self, link: LinkId) -> Iterator[tuple[Turn, int]]:
        """Legal turns from a link that lead to the goal, each with its extra time [ms]."""
        cost = self._tree.cost_to_go_ms
        for turn in self._network.turns_from(link):
            if cost[turn.to_link] < UNREACHABLE and cost[link] > 0:
                yield turn, turn.cost_ms + cost[turn.to_link] - cost[link]

    def _held(self, turn: Turn, limits: WorldLimits) -> int:
        link = self._network.link(turn.from_link)
        is_lit, yields = link.control is Control.SIGNAL, turn.conflict is not Conflict.NONE
        signs = limits.yield_ms * (yields or link.control is Control.STOP)
        return limits.signal_ms * is_lit + signs + limits.link_ms


_Roads = dict[LinkId, list[tuple[LinkId, int, int]]]
_Lost = dict[LinkId, int]


def _layer(roads: _Roads, after: tuple[_Lost | None, _Lost | None], multiplier: int) -> _Lost:
    """Most that is lost from each link on, nearest first, after a change and after a miss."""
    after_change, after_miss = after
    layer: _Lost = {}
    for link, onward in roads.items():
        lost = 0
        for onto, price, held in onward:
            if price == 0:
                lost = max(lost, held + layer[onto])
            if after_change is not None:
                lost = max(lost, held + (1 - multiplier) * price + after_change[onto])
            if after_miss is not None:
                lost = max(lost, held + price + after_miss[onto])
        layer[link] = lost
    return layer
