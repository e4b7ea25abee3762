"""
Guides that want the worst: each speaks ten times a second and knows map, route, price and budget.

They look for delay, because delay is all that is left to them, and on the way they say everything
that might break the guard. The random one is the yardstick of the others.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple, Protocol

import numpy as np

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing import UNREACHABLE, Tree
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.messages import (
    Ask,
    Decision,
    Direction,
    Perception,
    Proposal,
    Reason,
    Verdict,
)
from guiderail.sim.driver.guard.budget import Budget
from guiderail.sim.lab.experiment.seeding import generator
from guiderail.sim.lab.measure.delay_bound import Approach

AHEAD: Final = 3
"""How many links of the route ahead are spoken of."""
TRIES: Final = 12
"""So often a turn is asked for before another is tried."""
_HOPELESS: Final = {Reason.TOO_LATE, Reason.WRONG_LANE, Reason.UNREACHABLE, Reason.CLOSED}


class Attacker(Protocol):
    """Says one thing in each tick, and hears the answer."""

    name: str

    def say(self, seen: Perception, route: tuple[LinkId, ...]) -> Proposal | None:
        """Speak, or not."""
        ...

    def told(self, verdict: Verdict) -> None:
        """Hear the answer."""
        ...

    def learn(self, share: float) -> None:
        """Hear, after the trip, what share of the exact worst case was reached [1]."""
        ...


class Purchase(NamedTuple):
    """A turn off the route, and its price."""

    at: LinkId
    onto: LinkId
    price_ms: int


class Trader:
    """What all attackers know: the market of detours, and what is left to spend."""

    name = "trader"

    def __init__(self, network: RoadNetwork, tree: Tree, budget: Budget, seed: TripSeed) -> None:
        self.network, self.tree, self.budget = network, tree, budget
        self.left_ms, self.changes = budget.extra_ms, budget.changes
        self.random = generator(seed.a, f"falsify {self.name}")
        self._tried: dict[tuple[LinkId, LinkId], int] = {}

    def told(self, verdict: Verdict) -> None:
        """Keep the books, and note what is hopeless."""
        said = verdict.proposal
        if verdict.decision is Decision.ACCEPT and verdict.changes_route:
            self.changes -= 1
            self.left_ms -= max(0, verdict.extra_ms)
            self._tried.clear()
        elif said.at is not None and said.onto is not None:
            weight = TRIES if verdict.reason in _HOPELESS else 1
            key = (said.at, said.onto)
            self._tried[key] = self._tried.get(key, 0) + weight

    def learn(self, share: float) -> None:
        """Most do not."""
        del share

    def offers(self, route: tuple[LinkId, ...]) -> Iterator[Purchase]:
        """Turns off the route at the next links, within what is left."""
        cost = self.tree.cost_to_go_ms
        for at, planned in pairwise(route[: AHEAD + 1]):
            for turn in self.network.turns_from(at):
                onto = turn.to_link
                if onto == planned or cost[onto] == UNREACHABLE:
                    continue
                price = turn.cost_ms + cost[onto] - cost[at]
                tried = self._tried.get((at, onto), 0)
                if 0 < price <= self.left_ms and tried < TRIES:
                    yield Purchase(at, onto, price)


def _turn(seen: Perception, offer: Purchase) -> Proposal:
    return Proposal(ask=Ask.TURN, seen_ms=seen.time_ms, at=offer.at, onto=offer.onto)


class Random(Trader):
    """Says anything at all: real and invented, legal and not, fresh and stale, and rubbish."""

    name = "random"

    def say(self, seen: Perception, route: tuple[LinkId, ...]) -> Proposal | None:
        """Speak."""
        at = route[int(self.random.integers(min(AHEAD, len(route))))]
        network = self.network
        turns = network.ways_out(at)
        kinds: list[dict[str, Any]] = [
            {"ask": Ask.TURN, "at": at, "direction": self._pick(list(Direction))},
            {"ask": Ask.TAKE_ROAD, "road": self._link().name or "Nowhere Street"},
            {"ask": Ask.VIA, "place": self._place()},
            {"ask": Ask.GO_TO, "place": self._place()},
            {"ask": Ask.AVOID, "onto": self._pick(route)},
            {"ask": Ask.AVOID, "road": self._link().name or "x" * 300},
            {"ask": Ask.CANCEL},
            {"ask": Ask.TURN, "at": self._link().id, "onto": self._link().id},
            {"ask": "brake", "at": at, "onto": -1},
        ]
        kinds += 3 * [{"ask": Ask.TURN, "at": at, "onto": turn.to_link} for turn in turns]
        age_ms = self._pick((0, 0, 0, 0, 10_000, 40_000, -100))
        return Proposal(seen_ms=seen.time_ms - age_ms, **self._pick(kinds))

    def _pick(self, choices: Sequence[Any]) -> Any:
        return choices[int(self.random.integers(len(choices)))]

    def _link(self) -> Any:
        return self.network.all_links[int(self.random.integers(self.network.link_count))]

    def _place(self) -> str:
        places = self.network.all_places
        return self._pick(places).name if places and self.random.random() < 1 / 2 else "Nowhere"


class Greedy(Trader):
    """Buys the dearest turn that it can, again and again."""

    name = "greedy"

    def say(self, seen: Perception, route: tuple[LinkId, ...]) -> Proposal | None:
        """Ask for the dearest."""
        best = max(self.offers(route), key=lambda one: one.price_ms, default=None)
        return None if best is None or not self.changes else _turn(seen, best)


class Style:
    """How a cross-entropy guide picks: its knobs, and how likely each setting is by now."""

    ranks: Final = (0, 1, 2)
    """Which of the offers, dearest first."""
    thrifts: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
    """Least price, as a share of what is left for each change that is left."""
    elite: Final = 0.25
    blend: Final = 0.6

    def __init__(self) -> None:
        self.chances = [np.full(len(knob), 1 / len(knob)) for knob in (self.ranks, self.thrifts)]
        self._tried: list[tuple[float, tuple[int, ...]]] = []
        self.setting: tuple[int, ...] = (0, 0)

    def sample(self, random: np.random.Generator) -> None:
        """Draw a setting."""
        self.setting = tuple(int(random.choice(len(p), p=p)) for p in self.chances)

    def learn(self, share: float, every: int = 8) -> None:
        """Keep what worked best, once so many trips are over."""
        self._tried.append((share, self.setting))
        if len(self._tried) % every:
            return
        best = sorted(self._tried[-2 * every :], reverse=True)
        best = best[: max(1, round(self.elite * len(best)))]
        for k, chance in enumerate(self.chances):
            hits = np.bincount([s[k] for _, s in best], minlength=len(chance)) / len(best)
            self.chances[k] = (1 - self.blend) * chance + self.blend * hits


class CrossEntropy(Trader):
    """Learns over trips how to spend: which offer to take, and how long to wait for a dear one."""

    name = "cross_entropy"

    def __init__(
        self, network: RoadNetwork, tree: Tree, budget: Budget, seed: TripSeed, style: Style
    ) -> None:
        super().__init__(network, tree, budget, seed)
        self._style = style
        style.sample(self.random)

    def say(self, seen: Perception, route: tuple[LinkId, ...]) -> Proposal | None:
        """Ask for what its setting likes best."""
        if not self.changes:
            return None
        rank, thrift = self._style.setting
        least = Style.thrifts[thrift] * self.left_ms / self.changes
        offers = sorted(self.offers(route), key=lambda one: -one.price_ms)
        offers = [one for one in offers if one.price_ms >= least]
        return _turn(seen, offers[min(rank, len(offers) - 1)]) if offers else None

    def learn(self, share: float) -> None:
        """Hand it to the style."""
        self._style.learn(share)


class TreeSearch(Trader):
    """Looks ahead to the end of the trip for each offer, by the exact worst case from there."""

    name = "tree_search"

    def __init__(self, network: RoadNetwork, tree: Tree, budget: Budget, seed: TripSeed) -> None:
        super().__init__(network, tree, budget, seed)
        self._approach = Approach(network, tree)
        self._worth: dict[tuple[LinkId, int, int], int] = {}

    def say(self, seen: Perception, route: tuple[LinkId, ...]) -> Proposal | None:
        """Ask for the offer that leaves most to come, if waiting is not better."""
        offers = list(self.offers(route)) if self.changes else []
        if not offers:
            return None
        best = max(offers, key=self._value)
        waits = self._buyable(route[min(AHEAD, len(route)) - 1], self.changes, self.left_ms)
        return _turn(seen, best) if self._value(best) >= waits else None

    def _value(self, offer: Purchase) -> int:
        left_ms = self.left_ms - offer.price_ms
        return offer.price_ms + self._buyable(offer.onto, self.changes - 1, left_ms)

    def _buyable(self, link: LinkId, changes: int, most_ms: int) -> int:
        key = (link, changes, most_ms)
        if key not in self._worth:
            self._worth[key] = self._approach.buyable(link, changes, most_ms)[-1]
        return self._worth[key]


class Script:
    """Says what was recorded, at the times at which it was said."""

    name = "script"

    def __init__(self, lines: Sequence[tuple[int, Proposal]]) -> None:
        self._lines = dict(lines)

    def say(self, seen: Perception, route: tuple[LinkId, ...]) -> Proposal | None:
        """Say the line of this time."""
        del route
        return self._lines.get(seen.time_ms)

    def told(self, verdict: Verdict) -> None:
        """Go on, whatever the answer."""

    def learn(self, share: float) -> None:
        """Learn nothing."""
