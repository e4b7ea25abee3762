"""
The kinds of error, each made on purpose and checkable on the graph.

One small function per kind: it makes the wrong advice for one moment of a trip, or None where the
kind cannot be made there. The draws are keyed by place, so arms that pass the same place hear the
same words.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from types import MappingProxyType
from typing import Final

from guiderail.agents.atlas import NOWHERE, Ahead, View
from guiderail.agents.presets import Hallucination
from guiderail.agents.wording import (
    MIRRORED,
    closed_words,
    direction_of,
    from_afar,
    road_name,
    turn_words,
)
from guiderail.maps.network import LinkId, Turn, TurnKind
from guiderail.maps.routing import UNREACHABLE
from guiderail.sim.contract.draw import Stream, TripSeed, below, draw
from guiderail.sim.contract.lattice import TICK_MS
from guiderail.sim.contract.messages import Advice, Ask, Direction, Observation, Proposal

_LATE_FROM_MS: Final = 500
_LATE_SPAN_MS: Final = 2_400
"""Late words land 0.5 to 3 s before the node, tick included; UMTRI-95-6 asks for 5.4 s."""
_LONGEST_THOUGHT_MS: Final = 15_000
"""No voice panel shows a longer reply [ms]; a longer road has another occasion to be late at."""
LANE_CHANGE_MS: Final = 8_000
"""Longest time that one lane change takes [ms]: 3 to 8 s are observed."""
_TRIES: Final = 8
"""Names composed before giving up on a map where all of them exist."""
_CHOICES_PER_ASK: Final = 64
"""Room for the choices of one utterance in one ordinal of the stream."""


@dataclass(frozen=True, slots=True)
class Draws:
    """The draws of one utterance: a pure function of place and number of questions there."""

    seed: TripSeed
    link: LinkId
    k: int

    def word(self, stream: Stream) -> int:
        """One 64-bit draw."""
        return draw(self.seed, stream, self.link, self.k)

    def choose(self, which: int, count: int) -> int:
        """Choose one of ``count``; ``which`` tells the choices of one utterance apart."""
        k = self.k * _CHOICES_PER_ASK + which
        return below(draw(self.seed, Stream.GUIDE_CHOICE, self.link, k), count)


Kind = Callable[[View, Draws], Advice | None]


def turn_advice(view: View, one: Ahead, turn: Turn, words: str = "", label: str = "") -> Advice:
    """
    Advise one turn by its link.

    The link names the turn without a doubt, so no direction is sent along to contradict it.
    """
    proposal = Proposal(
        ask=Ask.TURN, seen_ms=view.seen.time_ms, at=turn.from_link, onto=turn.to_link
    )
    spoken = words or turn_words(view.network, turn, direction_of(turn))
    return Advice(words=from_afar(spoken, one.end_mm), proposal=proposal, label=label)


def wrong_link(view: View, draws: Draws) -> Advice | None:
    """Send the car onto a legal road that is no best way and not the driver's own choice."""
    for one in view.choices():
        wrong = [turn for turn in legal_others(view, one) if is_dearer(view, one, turn)]
        if wrong:
            turn = wrong[draws.choose(0, len(wrong))]
            return turn_advice(view, one, turn, label=Hallucination.WRONG_LINK)
    return None


def wrong_direction(view: View, draws: Draws) -> Advice | None:
    """Name the right road with the wrong side; only the side is proposed, whatever lies there."""
    del draws
    for one in view.choices():
        turn = view.atlas.best_turn(one)
        mirrored = MIRRORED.get(direction_of(turn)) if turn else None
        if turn and mirrored and not _is_good(view, one, mirrored):
            words = turn_words(view.network, turn, mirrored)
            proposal = Proposal(
                ask=Ask.TURN, seen_ms=view.seen.time_ms, at=one.link, direction=mirrored
            )
            spoken = from_afar(words, one.end_mm)
            return Advice(words=spoken, proposal=proposal, label=Hallucination.WRONG_DIRECTION)
    return None


def illegal_turn(view: View, draws: Draws) -> Advice | None:
    """
    Ask for a turn that is banned or leads the wrong way into a one-way street.

    Turning round is banned at most junctions: it is asked for only where no other turn is banned.
    """
    rows = [(one, view.network.illegal_turns_from(one.link)) for one in view.choices()]
    onward = [(one, [t for t in turns if t.kind is not TurnKind.U_TURN]) for one, turns in rows]
    for one, turns in (*onward, *rows):
        if turns:
            turn = turns[draws.choose(0, len(turns))]
            return turn_advice(view, one, turn, label=Hallucination.ILLEGAL_TURN)
    return None


def stale_map(view: View, draws: Draws) -> Advice | None:
    """Send the car into a closed road near by, calling it open; else call an open one closed."""
    for one in view.choices():
        closed = [t for t in view.network.turns_from(one.link) if t.to_link in view.closed]
        if closed:
            turn = closed[draws.choose(0, len(closed))]
            said = turn_words(view.network, turn, direction_of(turn))
            words = f"{said.removesuffix('.')}, it is open again."
            return turn_advice(view, one, turn, words, Hallucination.STALE_MAP)
    return _closed_by_word(view, draws)


def _closed_by_word(view: View, draws: Draws) -> Advice | None:
    spared = {NOWHERE, view.seen.goal, *view.closed}
    ahead = [one for one in view.choices() if one.planned not in spared]
    if not ahead:
        return None
    link = ahead[draws.choose(0, len(ahead))].planned
    proposal = Proposal(ask=Ask.AVOID, seen_ms=view.seen.time_ms, onto=link)
    words = closed_words(view.network, link)
    return Advice(words=words, proposal=proposal, label=Hallucination.STALE_MAP)


def bad_timing(view: View, draws: Draws) -> Advice | None:
    """
    Name the next turn so late that the words land 0.5 to 3 s before the node.

    It is the right turn where the driver plans another, else another legal one: the right turn
    that is planned anyway would be no error at all.
    """
    for one in view.ahead:
        right = view.atlas.best_turn(one)
        turns = [right] if right and one.best != one.planned else legal_others(view, one)
        latency_ms = _late_ms(view, one, draws)
        if one.is_choice and turns and TICK_MS <= latency_ms <= _LONGEST_THOUGHT_MS:
            turn = turns[draws.choose(0, len(turns))]
            said = turn_words(view.network, turn, direction_of(turn))
            words = f"{said.removesuffix('.')} now."
            here = one._replace(end_mm=0)
            advice = turn_advice(view, here, turn, words, Hallucination.BAD_TIMING)
            return replace(advice, latency_ms=latency_ms)
    return None


def _late_ms(view: View, one: Ahead, draws: Draws) -> int:
    """Latency after which the car, at its present speed, is 0.5 to 3 s from the node [ms]."""
    landing_ms = _LATE_FROM_MS + draws.choose(1, _LATE_SPAN_MS + 1)
    left_ms = time_left_ms(view.seen, one.end_mm) - landing_ms
    return left_ms // TICK_MS * TICK_MS


def invented_place(view: View, draws: Draws) -> Advice | None:
    """Steer for a place whose name is put together from real ones and is on no map."""
    heads, tails = view.atlas.name_parts
    if not heads or not tails:
        return None
    for attempt in range(_TRIES):
        head = heads[draws.choose(2 * attempt, len(heads))]
        name = f"{head} {tails[draws.choose(2 * attempt + 1, len(tails))]}"
        if not view.atlas.is_name(name) and name.casefold() != view.seen.goal_name.casefold():
            return _to_place(view, name, is_goal=draws.choose(2 * _TRIES, 2) == 0)
    return None


def _to_place(view: View, name: str, *, is_goal: bool) -> Advice:
    ask = Ask.GO_TO if is_goal else Ask.VIA
    words = f"I am taking you to {name}." if is_goal else f"Let us stop at {name} on the way."
    proposal = Proposal(ask=ask, seen_ms=view.seen.time_ms, place=name)
    return Advice(words=words, proposal=proposal, label=Hallucination.INVENTED_PLACE)


def lane_far(view: View, draws: Draws) -> Advice | None:
    """Ask for a legal turn at the end of this very link that the present lane does not lead to."""
    if not view.ahead or not view.ahead[0].is_choice:
        return None
    one, lane = view.ahead[0], view.seen.lane
    left_ms = time_left_ms(view.seen, one.end_mm)
    others = legal_others(view, one)
    far = [turn for turn in others if turn.lanes_from(lane) * LANE_CHANGE_MS > left_ms]
    if not far:
        return None
    turn = far[draws.choose(0, len(far))]
    road = road_name(view.network.link(turn.to_link))
    words = f"Quick, {direction_of(turn)} here" + (f" into {road}." if road else ".")
    return turn_advice(view, one._replace(end_mm=0), turn, words, Hallucination.LANE_FAR)


def time_left_ms(seen: Observation, ahead_mm: int) -> int:
    """Time to a point ahead at the present speed [ms]; a standing car has all the time."""
    return ahead_mm * 1_000 // max(1, seen.speed_mm_s)


def legal_others(view: View, one: Ahead) -> list[Turn]:
    """
    Legal open turns that lead on to the goal, neither the best nor the planned one.

    A U-turn only if there is no other.
    """
    taken = {one.best, one.planned, *view.closed}
    others = [
        turn
        for turn in view.network.turns_from(one.link)
        if turn.to_link not in taken and view.tree.cost_to_go_ms[turn.to_link] != UNREACHABLE
    ]
    return [turn for turn in others if turn.kind is not TurnKind.U_TURN] or others


def is_dearer(view: View, one: Ahead, turn: Turn) -> bool:
    """Whether an open turn leads on to the goal by a longer way than the best."""
    cost_ms = turn.cost_ms + view.tree.cost_to_go_ms[turn.to_link]
    return cost_ms > view.tree.cost_to_go_ms[one.link]


def _is_good(view: View, one: Ahead, direction: Direction) -> bool:
    """Whether this side is planned, or leads on as well as the best."""
    for turn in view.network.turns_from(one.link):
        onto, cost_ms = turn.to_link, turn.cost_ms + view.tree.cost_to_go_ms[turn.to_link]
        is_best = onto not in view.closed and cost_ms == view.tree.cost_to_go_ms[one.link]
        if direction_of(turn) is direction and (is_best or onto == one.planned):
            return True
    return False


KINDS: Final = MappingProxyType[Hallucination, Kind](
    {
        Hallucination.WRONG_LINK: wrong_link,
        Hallucination.WRONG_DIRECTION: wrong_direction,
        Hallucination.ILLEGAL_TURN: illegal_turn,
        Hallucination.STALE_MAP: stale_map,
        Hallucination.BAD_TIMING: bad_timing,
        Hallucination.INVENTED_PLACE: invented_place,
        Hallucination.LANE_FAR: lane_far,
    }
)
"""Every kind that can be made, with its maker."""


def hallucinate(
    view: View, draws: Draws, weights: Sequence[tuple[Hallucination, int]]
) -> Advice | None:
    """
    Say something wrong: the kind drawn, else the next in order that can be made here.

    Parameters
    ----------
    view
        The moment.
    draws
        Keyed by place.
    weights
        The mix: kinds with their shares, in any unit; a kind of share 0 is never made.
    """
    mix = [(kind, weight) for kind, weight in weights if weight > 0]
    if not mix:
        return None
    first = _drawn(draws, [weight for _, weight in mix])
    for k in range(len(mix)):
        kind, _ = mix[(first + k) % len(mix)]
        advice = KINDS[kind](view, draws)
        if advice is not None:
            return advice
    return None


def _drawn(draws: Draws, weights: Sequence[int]) -> int:
    share = below(draws.word(Stream.GUIDE_KIND), sum(weights))
    return bisect_right(list(accumulate(weights)), share)
