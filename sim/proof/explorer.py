"""
Breadth-first search of everything that can happen at one junction, on the shipped functions.

A state is the car, its surroundings and all that the driver remembers. In each state every word is
said, the driver drives, and the environment does each thing that it can do; the specification looks
at every tick. Then progress: the states are a game of the guide against chance, and a guide that
could keep the car at the junction for ever would leave a set of states from which, for some word
each time, no choice of the environment leads out.
"""

from array import array
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from guiderail.maps.gazetteer import Gazetteer
from guiderail.sim.contract.messages import Command, Decision, Perception, Proposal, Reason
from guiderail.sim.contract.ports import Driver
from guiderail.sim.driver.baselines import ObeyingMachine
from guiderail.sim.driver.budget import Budget, Purse
from guiderail.sim.driver.guard import Guard
from guiderail.sim.driver.guarded import Guarded
from guiderail.sim.driver.manner import Manner
from guiderail.sim.driver.pilot import Pilot
from guiderail.sim.driver.rules import RULES, Rule
from guiderail.sim.proof.arena import Arena, State
from guiderail.sim.proof.memory import Memory, Mind
from guiderail.sim.proof.retell import Moment, retell
from guiderail.sim.proof.sites import Site
from guiderail.sim.proof.spec import broken

BUDGET: Final = Budget(changes=1, extra_ms=300_000, spacing_ms=0)
"""One change: every further one begins such a search anew, with one less to come."""

Driving = Callable[[Site], Driver]
"""Makes the driver that is searched."""
MOST_STATES: Final = 2_000_000
"""States after which a search stops and says so."""


def pilot_of(site: Site, manner: Manner | None = None) -> Pilot:
    """Make the pilot of the shipped car at a site."""
    return Pilot(
        site.network,
        site.routes,
        origin=(site.origin, 0),
        goal=(site.goal, site.goal_mm),
        goal_name="the goal",
        manner=manner or Manner(),
        friction_permille=800,
    )


def guarded(site: Site, budget: Budget = BUDGET, rules: Sequence[Rule] = RULES) -> Driver:
    """Make the guarded car, as the arms make it."""
    pilot = pilot_of(site)
    guard = Guard(Gazetteer(site.network), rules, can_drive=pilot.can_drive)
    return Guarded("guarded", pilot, guard, Purse(budget))


def obeying(site: Site) -> Driver:
    """Make the car that obeys."""
    pilot = pilot_of(site, Manner(obeys=True))
    return ObeyingMachine("obeying_machine", pilot, Gazetteer(site.network))


class Node(NamedTuple):
    """One state of the search."""

    car: State
    command: Command
    """Last command: it says where the driver looks."""
    memory: int
    """Number of what the driver remembers."""


class _Word(NamedTuple):
    """One thing said, and whether it was refused."""

    said: Proposal | None
    is_refused: bool


@dataclass(kw_only=True)
class Findings:
    """What a search found."""

    states: int = 0
    transitions: int = 0
    violations: Counter[str] = field(default_factory=Counter)
    """Ticks that break each clause; clauses of the words as well."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Answers to words, by reason."""
    trapped: int = 0
    """States from which some guide keeps the car at the junction for ever."""
    is_complete: bool = True
    """Whether nothing was left out."""
    example: tuple[str, ...] = ()
    """The way to the first violation, moment by moment, in sentences."""


class Explorer:
    """
    One search.

    Parameters
    ----------
    site
        The junction.
    driving
        Makes the car.
    arena
        The rules of the environment.
    limit
        States after which it stops and says so.
    stops_at
        Clause at whose first violation the search ends; empty to go on.
    """

    def __init__(
        self,
        site: Site,
        driving: Driving = guarded,
        *,
        arena: Arena | None = None,
        limit: int = MOST_STATES,
        stops_at: str = "",
    ) -> None:
        """Make the car."""
        self._site = site
        self._driver = driving(site)
        self._mind = Mind(self._driver)
        self._arena = arena or Arena(site.network)
        self._limit = limit
        self._stops_at = stops_at
        self.findings = Findings()
        self._memories: list[Memory] = []
        self._memory_number: dict[Memory, int] = {}
        self._number: dict[Node, int] = {}
        self._parent = array("q")
        self._said: list[Proposal | None] = []
        self._moves: list[list[tuple[int, ...]]] = []
        """For each state, for each different answer of the car, the states that may follow."""

    def search(self, starts: Sequence[State]) -> Findings:
        """Search everything that can be reached, then ask about progress."""
        first = self._remember()
        queue: deque[Node] = deque()
        for car in starts:
            self._see(Node(car, Command(0, car.link), first), -1, None, queue)
        while queue and self.findings.is_complete:
            node = queue.popleft()
            self._expand(node, queue)
            self.findings.is_complete = len(self._number) <= self._limit
            if self._stops_at and self.findings.violations[self._stops_at]:
                break
        self.findings.states = len(self._number)
        if not queue:
            self.findings.trapped = self._trapped()
        return self.findings

    def _see(self, node: Node, parent: int, said: Proposal | None, queue: "deque[Node]") -> int:
        number = self._number.get(node)
        if number is None:
            number = self._number[node] = len(self._number)
            self._parent.append(parent)
            self._said.append(said)
            self._moves.append([])
            queue.append(node)
        return number

    def _expand(self, node: Node, queue: "deque[Node]") -> None:
        number = self._number[node]
        if self._is_over(node.car):
            return
        seen = self._arena.perceive(node.car, node.command)
        driven: dict[int, tuple[Command, int]] = {}
        for heard, words in self._answers(node, seen).items():
            self._mind.recall(self._memories[heard])
            command = self._driver.command(seen)
            self._driver.news()
            driven[heard] = command, self._remember()
            is_same = driven[heard] == next(iter(driven.values()))
            if not is_same and any(word.is_refused for word in words):
                self._blame(["non_interference"], number, words[0].said)
            onto = []
            for step in self._arena.moves(node.car, command):
                self.findings.transitions += len(words)
                faults = broken(step, self._site.network)
                if faults:
                    self._blame(faults, number, words[0].said)
                    continue
                after = Node(step.after, command, driven[heard][1])
                onto.append(self._see(after, number, words[0].said, queue))
            if onto:
                self._moves[number].append(tuple(onto))

    def _answers(self, node: Node, seen: Perception) -> dict[int, list[_Word]]:
        """What the driver makes of each word, silence first: memories, each with its words."""
        answers: dict[int, list[_Word]] = {}
        for said in self._site.words(node.car.link):
            self._mind.recall(self._memories[node.memory])
            is_refused = said is not None and self._is_refused(said, seen, node)
            answers.setdefault(self._remember(), []).append(_Word(said, is_refused))
        return answers

    def _is_refused(self, said: Proposal, seen: Perception, node: Node) -> bool:
        verdict = self._driver.hear(said, seen)
        self._driver.news()
        self.findings.reasons[verdict.reason.value] += 1
        if verdict.reason is Reason.GUARD_FAULT:
            self._blame(["guard_fault"], self._number[node], said)
        return verdict.decision is Decision.REFUSE

    def _remember(self) -> int:
        memory = self._mind.memory()
        number = self._memory_number.setdefault(memory, len(self._memories))
        if number == len(self._memories):
            self._memories.append(memory)
        return number

    def _is_over(self, car: State) -> bool:
        """Whether the car has left the junction, by whichever way."""
        return car.link not in self._site.approach and not car.zone_mm

    # -- what came of it --------------------------------------------------------------------------

    def _blame(self, faults: list[str], number: int, said: Proposal | None) -> None:
        self.findings.violations.update(faults)
        if not self.findings.example:
            way = self._way_to(number, said)
            self.findings.example = retell(way, self._site.network, faults[0])

    def _way_to(self, number: int, said: Proposal | None) -> list[Moment]:
        nodes = list(self._number)
        way: list[Moment] = []
        while number >= 0:
            way.append(Moment(nodes[number].car, said))
            number, said = self._parent[number], self._said[number]
        return way[::-1]

    def _trapped(self) -> int:
        """
        States in which some guide can keep the car there for ever, whatever chance does.

        Chance gives each choice of the environment some probability, so a state is safe once, for
        every word, one of its successors is safe; leaving is then certain (probability 1). A
        violation ends the trip and is counted as such, not here.
        """
        waiting = [[True] * len(groups) for groups in self._moves]
        left = [len(groups) for groups in self._moves]
        comes_from: list[list[tuple[int, int]]] = [[] for _ in self._moves]
        for number, groups in enumerate(self._moves):
            for k, onto in enumerate(groups):
                for other in onto:
                    comes_from[other].append((number, k))
        safe = [count == 0 for count in left]
        work = [number for number, is_safe in enumerate(safe) if is_safe]
        while work:
            for number, k in comes_from[work.pop()]:
                if waiting[number][k]:
                    waiting[number][k] = False
                    left[number] -= 1
                    if left[number] == 0 and not safe[number]:
                        safe[number] = True
                        work.append(number)
        return safe.count(False)
