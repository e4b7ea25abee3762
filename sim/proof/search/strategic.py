"""
The same car seen from afar: link by link, every word at every node, the shipped guard and planner.

Without motion the game is small enough to be solved whole: whether a guide can keep the car from
its goal for ever, and how much time the worst of all guides takes from it, word by word. Each car
stands at the start of a link when it is spoken to, so that nothing is too late.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.sim.contract.messages import Ask, Command, Perception, Proposal
from guiderail.sim.contract.ports import Driver
from guiderail.sim.proof.search.arena import Arena
from guiderail.sim.proof.search.memory import Memory, Mind
from guiderail.sim.proof.search.sites import Site

NEVER: Final = -1
"""A trip that need not end."""


@dataclass(frozen=True, kw_only=True)
class Worst:
    """What the worst guide can do to one trip."""

    states: int
    words: int
    """Words that were said to a car in some state."""
    time_ms: int
    """Most free-flow time from origin to goal link; ``NEVER`` if it need not arrive [ms]."""
    free_ms: int
    """The same without a guide [ms]."""
    line: tuple[Proposal | None, ...] = ()
    """What that guide says, node by node; None is silence."""

    @property
    def delay_ms(self) -> int:
        """Most time that words take [ms]."""
        return self.time_ms - self.free_ms


class Game:
    """
    The game of a guide against the clock.

    Parameters
    ----------
    site
        The map and the trip.
    driver
        The car, fresh.
    words
        What may be said on a link; those of the site by default.
    """

    def __init__(
        self,
        site: Site,
        driver: Driver,
        words: Callable[[LinkId], tuple[Proposal | None, ...]] | None = None,
    ) -> None:
        """Take the car as it is."""
        self._site, self._driver = site, driver
        self._network: RoadNetwork = site.network
        self._arena = Arena(site.network)
        self._mind = Mind(driver)
        self._words = words or site.words
        self._said = 0

    def solve(self) -> Worst:
        """Search all that can be said, then go back from the goal."""
        start = self._mind.memory()
        moves: dict[Memory, dict[Memory, tuple[int, Proposal | None]]] = {}
        waiting = [start]
        while waiting:
            memory = waiting.pop()
            if memory in moves:
                continue
            moves[memory] = self._moves(memory)
            waiting += moves[memory]
        time_ms, line = self._longest(start, moves)
        self._mind.recall(start)
        free_ms = self._driver.remaining_ms()
        return Worst(
            states=len(moves), words=self._said, time_ms=time_ms, free_ms=free_ms, line=line
        )

    def _moves(self, memory: Memory) -> dict[Memory, tuple[int, Proposal | None]]:
        """Where each word leads at the end of this link: time taken, and the first such word."""
        self._mind.recall(memory)
        link = self._driver.route()[0]
        moves: dict[Memory, tuple[int, Proposal | None]] = {}
        if link == self._site.goal:
            return moves
        for said in self._words(link):
            self._mind.recall(memory)
            self._said += 1
            if said is not None:
                self._driver.hear(said, self._seen(link))
            step = self._step()
            if step is not None:
                moves.setdefault(step[0], (step[1], said))
        return moves

    def _step(self) -> tuple[Memory, int] | None:
        """Drive to the next link; None where none is planned."""
        route = self._driver.route()
        turn = self._network.turn(*route[:2]) if len(route) > 1 else None
        if turn is None:
            return None
        self._driver.hear(_NOTHING, self._seen(turn.to_link))  # refused, and the car is there
        self._driver.news()
        return self._mind.memory(), turn.cost_ms

    def _seen(self, link: LinkId) -> Perception:
        car = self._arena.start(link, 0, 0)
        return self._arena.perceive(car, Command(0, link))

    def _longest(
        self, start: Memory, moves: dict[Memory, dict[Memory, tuple[int, Proposal | None]]]
    ) -> tuple[int, tuple[Proposal | None, ...]]:
        """Longest way through the game; a way back to where the game was is one without end."""
        best: dict[Memory, tuple[int, Memory | None]] = {}
        open_: set[Memory] = set()
        stack = [start]
        while stack:
            memory = stack[-1]
            if memory in best:
                open_.discard(stack.pop())
                continue
            open_.add(memory)
            new = [onto for onto in moves[memory] if onto not in best]
            if not open_.isdisjoint(new):
                return NEVER, ()
            if new:
                stack += new
                continue
            ways = [(spent + best[onto][0], onto) for onto, (spent, _) in moves[memory].items()]
            best[memory] = max(ways, key=lambda way: way[0], default=(0, None))
        memory, line = start, list[Proposal | None]()
        while (onto := best[memory][1]) is not None:
            line.append(moves[memory][onto][1])
            memory = onto
        return best[start][0], tuple(line)


_NOTHING: Final = Proposal(ask="nothing", seen_ms=0)  # type: ignore[arg-type]


def every_turn(
    network: RoadNetwork, now_ms: int
) -> Callable[[LinkId], tuple[Proposal | None, ...]]:
    """Silence, and every legal turn at the end of a link."""

    def words(link: LinkId) -> tuple[Proposal | None, ...]:
        turns = network.turns_from(link)
        return (
            None,
            *(Proposal(ask=Ask.TURN, seen_ms=now_ms, at=link, onto=t.to_link) for t in turns),
        )

    return words
