"""
The arms without a guard: a machine and a person who do what they are told.

They drive by the same controller; what differs is that a proposal is adopted unchecked, and that a
turn the guide asked for is neither given up for being too close nor prepared with a safe gap. They
still stop at red and keep their distance: whatever goes wrong, goes wrong by motion.
"""

from collections import deque
from typing import Final

from guiderail.maps.gazetteer import Gazetteer
from guiderail.maps.network import LinkId
from guiderail.sim.contract.draw import Stream, TripSeed, below, draw
from guiderail.sim.contract.lattice import NOTHING, TICK_MS
from guiderail.sim.contract.messages import (
    Ask,
    Command,
    Decision,
    Perception,
    Proposal,
    Reason,
    Verdict,
)
from guiderail.sim.driver.pilot import Pilot
from guiderail.sim.driver.planner import Route
from guiderail.sim.driver.resolve import Meaning, resolve
from guiderail.sim.driver.steered import Steered

LISTENING_MS: Final = (700, 1_900)
"""From the last word to the first action of a person: reaction to the unexpected, 1.25 s (Green
2000), spread."""
ATTENTIVE_TICKS: Final = 2
"""An attentive person anticipates: what remains is 0.2 s."""
FLUSTERED_PERMILLE: Final = (200, 601)
"""Loss of awareness by a late or contradicting instruction (assumption, ``domain.md``, section
10)."""
HALF_LIFE_MS: Final = 5_500
"""It fades with exp(-t / 8 s): half of it in 5.5 s."""
TICKS_AT_FULL_LOSS: Final = 25
"""Delay of what a person perceives of traffic at a full loss of awareness: 2.5 s (assumption)."""
LATE_MS: Final = 6_000
"""An instruction closer than this to its turn flusters."""


def wish_of(proposal: Proposal, pilot: Pilot, gazetteer: Gazetteer) -> Route | Reason:
    """Route that a proposal asks for, legal or not; a reason where there is nothing to drive."""
    meaning = resolve(proposal, pilot.planner, gazetteer)
    if isinstance(meaning, Reason):
        return meaning
    route = _route(meaning, pilot)
    return Reason.UNREACHABLE if route is None else route


def _route(meaning: Meaning, pilot: Pilot) -> Route | None:
    planner = pilot.planner
    match meaning.ask:
        case Ask.TURN:
            return None if meaning.turn is None else planner.route_with_turn(meaning.turn)
        case Ask.AVOID:
            planner.avoid(meaning.links)
            return planner.route_avoiding(meaning.links)
        case Ask.CANCEL:
            planner.forget_wishes()
            return planner.best_route()
        case _:
            is_here = not meaning.links.isdisjoint(planner.route)
            return planner.route if is_here else planner.route_via(meaning.links)


def _answer(proposal: Proposal, wish: Route | Reason, pilot: Pilot) -> Verdict:
    if isinstance(wish, Reason):
        return Verdict(proposal=proposal, decision=Decision.REFUSE, reason=wish)
    planner = pilot.planner
    return Verdict(
        proposal=proposal,
        decision=Decision.ACCEPT,
        reason=Reason.OBEYED,
        changes_route=wish != planner.route,
        extra_ms=planner.remaining_ms(wish) - planner.remaining_ms(),
    )


class ObeyingMachine(Steered):
    """Does at once whatever it is told, if there is asphalt for it."""

    def __init__(self, name: str, pilot: Pilot, gazetteer: Gazetteer) -> None:
        super().__init__(name, pilot)
        self._gazetteer = gazetteer

    def hear(self, proposal: Proposal, seen: Perception) -> Verdict:
        """Adopt the proposal, unchecked."""
        self._pilot.catch_up(seen)
        wish = wish_of(proposal, self._pilot, self._gazetteer)
        verdict = _answer(proposal, wish, self._pilot)
        if verdict.changes_route and not isinstance(wish, Reason):
            self._adopt(proposal, wish, seen)
        return verdict

    def _adopt(self, proposal: Proposal, wish: Route, seen: Perception) -> None:
        """Take the route, and insist on what was asked for alone, not on the way from there on."""
        meaning = resolve(proposal, self._pilot.planner, self._gazetteer)
        entered = frozenset[LinkId]() if isinstance(meaning, Reason) else meaning.entered
        now_ms = seen.time_ms
        self._pilot.planner.adopt(wish, "guide", now_ms, from_guide=True, entered=entered)


class ObeyingHuman(ObeyingMachine):
    """A person who obeys: hears, takes time to act, and is flustered by what comes late."""

    def __init__(self, name: str, pilot: Pilot, gazetteer: Gazetteer, seed: TripSeed) -> None:
        super().__init__(name, pilot, gazetteer)
        self._seed = seed
        self._heard = 0
        self._pending: tuple[int, Proposal] | None = None
        self._lost_permille = 0
        self._lost_since_ms = 0
        self._memory: deque[Perception] = deque(maxlen=TICKS_AT_FULL_LOSS + 1)

    def hear(self, proposal: Proposal, seen: Perception) -> Verdict:
        """Take the words in; act on them after a reaction time."""
        self._pilot.catch_up(seen)
        wish = wish_of(proposal, self._pilot, self._gazetteer)
        verdict = _answer(proposal, wish, self._pilot)
        if verdict.changes_route:
            self._take_in(proposal, seen)
        return verdict

    def command(self, seen: Perception) -> Command:
        """Drive by what was perceived a moment ago."""
        if self._pending is not None and seen.time_ms >= self._pending[0]:
            self._act(self._pending[1], seen)
        return self._pilot.drive(self._blurred(seen))

    def _take_in(self, proposal: Proposal, seen: Perception) -> None:
        self._heard += 1
        word = draw(self._seed, Stream.HUMAN_REACTION, 0, self._heard)
        listening_ms = LISTENING_MS[0] + below(word, LISTENING_MS[1] - LISTENING_MS[0])
        if self._pending is not None or self._is_late(proposal, seen):
            word = draw(self._seed, Stream.HUMAN_REACTION, 1, self._heard)
            least, most = FLUSTERED_PERMILLE
            self._lost_permille = least + below(word, most - least)
            self._lost_since_ms = seen.time_ms
        self._pending = (seen.time_ms + listening_ms, proposal)

    def _is_late(self, proposal: Proposal, seen: Perception) -> bool:
        if proposal.ask is not Ask.TURN or proposal.at != seen.link:
            return False
        left_mm = self._pilot.road_left_mm(seen)
        return left_mm * 1_000 < LATE_MS * max(seen.speed_mm_s, 1)

    def _act(self, proposal: Proposal, seen: Perception) -> None:
        self._pending = None
        self._pilot.catch_up(seen)
        wish = wish_of(proposal, self._pilot, self._gazetteer)
        if not isinstance(wish, Reason) and wish != self._pilot.planner.route:
            self._adopt(proposal, wish, seen)

    def _blurred(self, seen: Perception) -> Perception:
        """Own motion as it is, traffic and lights as they were when last taken in."""
        self._memory.append(seen)
        halvings = (seen.time_ms - self._lost_since_ms) // HALF_LIFE_MS
        lost = self._lost_permille >> min(halvings, 16)
        ticks = ATTENTIVE_TICKS + lost * TICKS_AT_FULL_LOSS // 1_000
        if len(self._memory) <= ticks:
            return seen
        past = self._memory[-1 - min(ticks, TICKS_AT_FULL_LOSS)]
        stale = seen.time_ms - past.time_ms > 2 * TICKS_AT_FULL_LOSS * TICK_MS
        if past.link != seen.link or stale or _has_traffic_of(seen, past):
            return seen
        return _with_traffic_of(seen, past)


def _has_traffic_of(seen: Perception, past: Perception) -> bool:
    """Whether :func:`_with_traffic_of` would change nothing, as on an empty road."""
    return (
        seen.leader_gap_mm == past.leader_gap_mm
        and seen.leader_speed_mm_s == past.leader_speed_mm_s
        and seen.light is past.light
        and seen.next_light is past.next_light
        and seen.oncoming_gap_mm == past.oncoming_gap_mm
        and seen.oncoming_speed_mm_s == past.oncoming_speed_mm_s
        and not seen.priority_ms
        and not past.priority_ms
        and seen.walker_mm == past.walker_mm == NOTHING
    )


def _with_traffic_of(seen: Perception, past: Perception) -> Perception:
    return seen._replace(
        light=past.light,
        next_light=past.next_light,
        leader_gap_mm=past.leader_gap_mm,
        leader_speed_mm_s=past.leader_speed_mm_s,
        oncoming_gap_mm=past.oncoming_gap_mm,
        oncoming_speed_mm_s=past.oncoming_speed_mm_s,
        priority_ms=tuple(at - (seen.time_ms - past.time_ms) for at in past.priority_ms),
        walker_mm=_walker_of(seen, past),
        walker_ms=past.walker_ms,
    )


def _walker_of(seen: Perception, past: Perception) -> int:
    """Road left to a crossing where somebody was seen a moment ago."""
    if past.walker_mm >= NOTHING:
        return NOTHING
    return max(0, past.walker_mm - (seen.s_mm - past.s_mm))
