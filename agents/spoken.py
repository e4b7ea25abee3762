"""
A person as the guide: lines of text, each said at a time, through a small fixed grammar.

``turn left``, ``turn right into Esplanadi``, ``take the second left``, ``take the next exit``,
``go straight``, ``turn back``, ``take ROAD``,
``via PLACE``, ``go to PLACE``, ``avoid ROAD``, ``cancel``. Anything else is talk without a
proposal. A line may carry what somebody else made of its words, as a message of the wire protocol;
then that counts. The driver is never given the text.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from guiderail.agents.wording import direction_of, road_name
from guiderail.maps.gazetteer import fold
from guiderail.maps.network import LinkId, RoadNetwork, Turn, TurnKind
from guiderail.maps.turn_counting import counted_turn
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.messages import Advice, Ask, Direction, Observation, Proposal
from guiderail.sim.wire.reader import hear

LONGEST: Final = 300
"""Characters of a line that are read; the rest is cut off."""
_NAMED: Final = (
    (r"(?:take|use|get on(?:to)?) (.+)", Ask.TAKE_ROAD, "road"),
    (r"(?:via|stop at|(?:go|drive) via) (.+)", Ask.VIA, "place"),
    (r"(?:go to|drive to|take me to) (.+)", Ask.GO_TO, "place"),
    (r"(?:avoid|keep off) (.+)", Ask.AVOID, "road"),
)
_TURN: Final = (
    r"(?:turn |go |keep )?(left|right|straight|back|around)(?: on)?(?: (?:in|on)to (.+))?"
)
_ORDINALS: Final = ("next|first|1st", "second|2nd", "third|3rd", "fourth|4th")
_COUNTED: Final = (
    rf"(?:take |turn |go )?(?:at |on )?(?:the )?({'|'.join(_ORDINALS)}) (left|right|exit)(?: turn)?"
)
_SIDES: Final = {"around": "back"}


class Line(NamedTuple):
    """Something said."""

    time_ms: int
    text: str
    at: LinkId | None = None
    """Link at whose end a turn is meant; None for that of the last occasion to speak."""
    meant: str = ""
    """Message that an interpreter put the words into; empty where the grammar reads them."""


class Spoken:
    """Say each line at its time, or at the first occasion after it."""

    name = "spoken"

    def __init__(
        self,
        network: RoadNetwork,
        seed: TripSeed,
        *,
        closed: frozenset[LinkId],
        rate: float,
        script: Sequence[tuple[Any, ...]] = (),
    ) -> None:
        del seed, closed, rate  # a person knows no more than what is said
        self._network = network
        self._lines = sorted((Line(*line) for line in script), key=lambda line: line.time_ms)

    def advise(self, seen: Observation) -> Advice | None:
        """Say the next line; one that is not due yet takes until its time."""
        if not self._lines:
            return None
        line = self._lines.pop(0)
        wait_ms = max(0, line.time_ms - seen.time_ms)
        at = seen.link if line.at is None else line.at
        route = seen.route[seen.route.index(at) :] if at in seen.route else ()
        # What is said later rests on what is seen later.
        then = replace(seen, time_ms=seen.time_ms + wait_ms, link=at, route=route)
        advice = self._advice(line, then)
        return replace(advice, words=line.text[:LONGEST], latency_ms=wait_ms)

    def _advice(self, line: Line, seen: Observation) -> Advice:
        if line.meant:
            return hear(line.meant.encode(), seen) or Advice(words="")
        proposal = understand(line.text, self._network, seen.link, seen.time_ms, seen.route)
        return Advice(words="", proposal=proposal)


def understand(
    text: str, network: RoadNetwork, at: LinkId, seen_ms: int, route: Sequence[LinkId] = ()
) -> Proposal | None:
    """
    Read a proposal out of a line of text; None where it holds none.

    Parameters
    ----------
    text
        What was typed.
    network
        The map, for the names of the roads at the junction.
    at
        Link at whose end a turn is meant.
    seen_ms
        Time at which it is said [ms].
    route
        Planned links ahead from there on, along which turns are counted.
    """
    words = " ".join(text[:LONGEST].split()).rstrip(".!")
    if words.casefold() in {"cancel", "forget it", "never mind"}:
        return Proposal(ask=Ask.CANCEL, seen_ms=seen_ms)
    counted = re.fullmatch(_COUNTED, words, re.IGNORECASE)
    if counted is not None:
        return _counted(counted[1].casefold(), counted[2].casefold(), network, route, seen_ms)
    turn = re.fullmatch(_TURN, words, re.IGNORECASE)
    if turn is not None:
        side = turn[1].casefold()
        direction = Direction(_SIDES.get(side, side))
        onto = _onto(network, at, turn[2])
        if turn[2] and onto is None:
            return Proposal(ask=Ask.TAKE_ROAD, seen_ms=seen_ms, road=turn[2])
        return Proposal(ask=Ask.TURN, seen_ms=seen_ms, at=at, direction=direction, onto=onto)
    for pattern, ask, field in _NAMED:
        found = re.fullmatch(pattern, words, re.IGNORECASE)
        if found is not None:
            name = {field: found[1]}
            return Proposal(
                ask=ask, seen_ms=seen_ms, road=name.get("road"), place=name.get("place")
            )
    return None


def _counted(
    ordinal: str, kind: str, network: RoadNetwork, route: Sequence[LinkId], seen_ms: int
) -> Proposal | None:
    """Ask for the n-th turn of a kind ahead; None where the route has fewer."""
    count = next(k for k, words in enumerate(_ORDINALS, 1) if ordinal in words.split("|"))

    def is_meant(turn: Turn) -> bool:
        if kind == "exit":
            return turn.kind is TurnKind.EXIT
        return turn.kind is not TurnKind.EXIT and direction_of(turn).value == kind

    turn = counted_turn(network, route, count, is_meant)
    if turn is None:
        return None
    at, onto, side = turn.from_link, turn.to_link, direction_of(turn)
    return Proposal(ask=Ask.TURN, seen_ms=seen_ms, at=at, direction=side, onto=onto)


def _onto(network: RoadNetwork, at: LinkId, name: str | None) -> LinkId | None:
    """Find the link of that name that a turn leads onto."""
    turns = network.ways_out(at)
    wanted = fold(name or "")
    onto = (turn.to_link for turn in turns if fold(road_name(network.link(turn.to_link))) == wanted)
    return next(onto, None) if wanted else None
