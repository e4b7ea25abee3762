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
from guiderail.sim.contract.messages import Command, Proposal
from guiderail.sim.contract.ports import Driver
from guiderail.sim.driver.guard.budget import Budget, BudgetAccount
from guiderail.sim.driver.guard.guard import Guard
from guiderail.sim.driver.guard.rules import RULES, Rule
from guiderail.sim.driver.guarded import Guarded
from guiderail.sim.driver.motion.style import DrivingStyle
from guiderail.sim.driver.obeying import ObeyingMachine
from guiderail.sim.driver.pilot import Pilot
from guiderail.sim.proof.search.answers import Answer, Listener
from guiderail.sim.proof.search.arena import Arena, State
from guiderail.sim.proof.search.narrative import Moment, narrate
from guiderail.sim.proof.search.sites import Site
from guiderail.sim.proof.search.spec import broken

BUDGET: Final = Budget(changes=1, extra_ms=300_000, spacing_ms=0)
"""One change: every further one begins such a search anew, with one less to come."""

Driving = Callable[[Site], Driver]
"""Makes the driver that is searched."""
MOST_STATES: Final = 2_000_000
"""States after which a search stops and says so."""


def pilot_of(site: Site, style: DrivingStyle | None = None) -> Pilot:
    """Make the pilot of the shipped car at a site."""
    return Pilot(
        site.network,
        site.routes,
        origin=(site.origin, 0),
        goal=(site.goal, site.goal_mm),
        goal_name="the goal",
        style=style or DrivingStyle(),
        friction_permille=800,
    )


def guarded(site: Site, budget: Budget = BUDGET, rules: Sequence[Rule] = RULES) -> Driver:
    """Make the guarded car, as the arms make it."""
    pilot = pilot_of(site)
    guard = Guard(Gazetteer(site.network), rules, can_drive=pilot.can_drive)
    return Guarded("guarded", pilot, guard, BudgetAccount(budget))


def obeying(site: Site) -> Driver:
    """Make the car that obeys."""
    pilot = pilot_of(site, DrivingStyle(obeys=True))
    return ObeyingMachine("obeying_machine", pilot, Gazetteer(site.network))


class Node(NamedTuple):
    """One state of the search."""

    car: State
    command: Command
    """Last command: it says where the driver looks."""
    memory: int
    """Number of what the driver remembers."""


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
    examples: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The same for the first violation of each clause."""


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
    is_anew
        Whether every word is said anew in every state: slow, and what the quick search is held
        against.
    """

    def __init__(
        self,
        site: Site,
        driving: Driving = guarded,
        *,
        arena: Arena | None = None,
        limit: int = MOST_STATES,
        stops_at: str = "",
        is_anew: bool = False,
    ) -> None:
        """Make the car."""
        self._site = site
        self._listener = Listener(driving(site), site, is_anew=is_anew)
        self._arena = arena or Arena(site.network)
        self._limit = limit
        self._stops_at = stops_at
        self.findings = Findings()
        self._reasons: Counter[tuple[str, ...]] = Counter()
        self._number: dict[Node, int] = {}
        self._new: list[Node] = []
        """States seen for the first time and not yet in the queue."""
        self._parent = array("q")
        self._said: list[Proposal | None] = []
        self._moves: list[list[tuple[int, ...]]] = []
        """For each state, for each different answer of the car, the states that may follow."""

    def search(self, starts: Sequence[State], *, is_deepest_first: bool = False) -> Findings:
        """
        Search everything that can be reached, then ask about progress.

        With ``is_deepest_first`` each way is followed to its end before the next is begun, silence
        first: harm at the end of the road shows long before everything is searched.
        """
        for car in starts:
            self._see(Node(car, Command(0, car.link), self._listener.first), -1, None)
        queue: deque[Node] = deque()
        self._schedule(queue, is_deepest_first=is_deepest_first)
        while queue and self.findings.is_complete:
            self._expand(queue.popleft())
            self._schedule(queue, is_deepest_first=is_deepest_first)
            self.findings.is_complete = len(self._number) <= self._limit
            if self._stops_at and self.findings.violations[self._stops_at]:
                break
        self.findings.states = len(self._number)
        for reasons, count in self._reasons.items():
            for reason in reasons:
                self.findings.reasons[reason] += count
        if not queue:
            self.findings.trapped = self._trapped()
        return self.findings

    def _schedule(self, queue: "deque[Node]", *, is_deepest_first: bool) -> None:
        if is_deepest_first:
            queue.extendleft(reversed(self._new))
        else:
            queue.extend(self._new)
        self._new.clear()

    def _see(self, node: Node, parent: int, said: Proposal | None) -> int:
        number = self._number.get(node)
        if number is None:
            number = self._number[node] = len(self._number)
            self._parent.append(parent)
            self._said.append(said)
            self._moves.append([])
            self._new.append(node)
        return number

    def _expand(self, node: Node) -> None:
        number = self._number[node]
        if self._is_over(node.car):
            return
        seen = self._arena.perceive(node.car, node.command)
        answers = self._listener.answers(node.memory, seen)
        self._reasons[answers.reasons] += 1
        for said in answers.failed_at:
            self._blame(("guard_fault",), number, said)
        moved: dict[Command, list[tuple[State, tuple[str, ...]]]] = {}
        for answer in answers.each:
            if answer.interferes:
                self._blame(("non_interference",), number, answer.said)
            ticks = moved.get(answer.command)
            if ticks is None:
                ticks = moved[answer.command] = self._ticks(node.car, answer.command)
            self.findings.transitions += answer.words * len(ticks)
            self._follow(number, answer, ticks)

    def _follow(
        self, number: int, answer: Answer, ticks: "list[tuple[State, tuple[str, ...]]]"
    ) -> None:
        onto = []
        for car, faults in ticks:
            if faults:
                self._blame(faults, number, answer.said)
            else:
                node = Node(car, answer.command, answer.memory)
                onto.append(self._see(node, number, answer.said))
        if onto:
            self._moves[number].append(tuple(onto))

    def _ticks(self, car: State, command: Command) -> list[tuple[State, tuple[str, ...]]]:
        """Every way in which the tick may pass, and the clauses that it breaks."""
        network = self._site.network
        steps = self._arena.moves(car, command)
        return [(step.after, tuple(broken(step, network))) for step in steps]

    def _is_over(self, car: State) -> bool:
        """Whether the car has left the junction, by whichever way."""
        return car.link not in self._site.approach and not car.zone_mm

    # -- what came of it --------------------------------------------------------------------------

    def _blame(self, faults: tuple[str, ...], number: int, said: Proposal | None) -> None:
        self.findings.violations.update(faults)
        for fault in faults:
            if fault not in self.findings.examples:
                way = self._way_to(number, said)
                self.findings.examples[fault] = narrate(way, self._site.network, fault)
                self.findings.example = self.findings.example or self.findings.examples[fault]

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
