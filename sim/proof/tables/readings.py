"""
The table of readings: what the reader makes of every message of a corpus, and what is written back.

The corpus is drawn from the schema: each field with each value that is just right, just wrong or of
another kind, and bytes that are no message at all. Beside it stand the documents that a guide is
shown, of links that exist and of links that do not.
"""

import json
from collections.abc import Callable, Iterator
from itertools import product
from types import SimpleNamespace
from typing import Any, Final

from guiderail.maps.network import LinkId, TurnKind
from guiderail.sim.contract.messages import (
    Advice,
    Ask,
    Decision,
    Direction,
    Observation,
    Proposal,
    Reason,
    Verdict,
)
from guiderail.sim.proof.tables.benches import bench
from guiderail.sim.wire import documents
from guiderail.sim.wire.reader import Flaw, Message, Refusal, hear, read

_LINE: Final = b'{"words":"a"}'
_BARE: Final = (
    *(
        b"",
        b" ",
        b"\n\t",
        "\N{EM SPACE}".encode(),
        b"x",
        b"{",
        b"}",
        b"nul",
        b"'a'",
        b'"a',
        b"[1,]",
    ),
    *(b"null", b"true", b"1", b"0.5", b'"a"', b"[]", b"{}", b"[{}]", b'{"words":"a"}{}', b"{} x"),
    *(b'{"words":"a",}', b'{"words":"a"} ', b' {"words":"a"}', b"```{}```", b"{}```", b'{"a" "b"}'),
    *(b"\xef\xbb\xbf" + _LINE, b"\xff\xfe" + _LINE, b"\xfe\xff" + _LINE, b"\xff", b"\xed\xa0\x80"),
    *(
        b"\xef\xbb\xbf",
        b"\xef\xbb",
        b'{"words":"\xc3\xa4"}',
        b'{"words":"\xc3"}',
        b'{"words":"\x00"}',
    ),
    *(
        b'{"words":"a","words":"b"}',
        b'{"proposal":{"ask":"cancel","ask":"turn"}}',
        b'{"a":1,"a":1}',
    ),
    *(
        b'{"words":"[[[[["}',
        b'{"words":"\\"[[[[["}',
        b'{"words":"\\\\","a":[[[[]]]]}',
        b'"[[[[[',
        b"]]]]]",
    ),
    *(
        b"]]]]]][[[[[[",
        b'{"a":{"b":{"c":{"d":1}}}}',
        b'{"a":{"b":{"c":{"d":{}}}}}',
        b"[[],[],[],[]]",
    ),
    *(
        b"[[[[]]],[[[]]]]",
        b"[[[[]]],[[[[]]]]]",
        b'{"a":[{"b":[1]}]}',
        b'{"a":[{"b":[[]]}]}',
        b'"\n[[[[["',
    ),
    *(
        b'{"words":"[","a":[[[[[]]]]]}',
        b'{"words":"{{{{{","proposal":{}}',
        b'{"words":"[\\n]","a":[[[]]]}',
    ),
)
_LONG: Final = tuple(_LINE + b" " * (size - len(_LINE)) for size in (4_095, 4_096, 4_097, 9_000))
_DEEP: Final = tuple(
    before * depth + after * depth
    for (before, after), depth in product(
        ((b"[", b"]"), (b'{"a":', b"}"), (b"[", b"")), range(3, 7)
    )
)
_FULL_PROPOSAL: Final = (
    '{"ask":"turn","seen_ms":1,"at":2,"direction":"left","onto":3,"road":"a","place":"b"}'
)
_FULL_MESSAGES: Final = (
    f'{{"proposal":{_FULL_PROPOSAL}}}'.encode(),
    b'{"protocol":"guiderail/1","occasion":4,"words":"a","confidence":0.5,"proposal":null}',
)
_NUMBERS: Final = (
    *("0", "1", "-1", "2", "0.0", "-0.0", "0.5", "1.0", "1.0000001", "-0.1", "1e-400", "1e308"),
    *("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 400, "9" * 400 + ".0"),
    *(str(sign * (2**53 + more)) for sign in (1, -1) for more in (-2, -1, 0, 1)),
)
_TEXTS: Final = (
    *("", "a", "turn", "take_road", "via", "go_to", "avoid", "cancel", "left", "right", "straight"),
    *("back", "Left", "TURN", "guiderail/1", "guiderail/2", "x" * 63, "x" * 64, "x" * 65),
    *("x" * 599, "x" * 600, "x" * 601, "ä" * 64, "ä" * 65, "a\nb", "a\tb", "a\rb", "a\x00", "\x7f"),
    *("\u202eb", "a\u00adb", "\ud800", "\U0001f44d", "\u00a0", "\u0085", "\n" * 601, " ", "a b"),
)
_OTHERS: Final = ("null", "true", "false", "[]", "[1]", "{}", '{"ask":"turn"}', '["turn"]')
_TOP: Final = ("protocol", "occasion", "words", "confidence", "proposal", "speed")
_INNER: Final = ("ask", "seen_ms", "at", "direction", "onto", "road", "place", "brake")


def _messages() -> Iterator[bytes]:
    """Every field with every value, alone or beside what is right."""
    values = [*_NUMBERS, *map(json.dumps, _TEXTS), *_OTHERS]
    for value in values:
        for name in _TOP:
            yield f'{{"{name}":{value}}}'.encode()
            yield f'{{"words":"Left.","proposal":{{"ask":"cancel"}},"{name}":{value}}}'.encode()
        for name in _INNER:
            yield f'{{"proposal":{{"{name}":{value}}}}}'.encode()
            yield f'{{"proposal":{{"ask":"turn","{name}":{value}}}}}'.encode()
            yield f'{{"proposal":{{"ask":"avoid","at":null,"{name}":{value}}}}}'.encode()


def _observation(link: int, **values: Any) -> Observation:
    plain: dict[str, Any] = {
        "time_ms": 60_000,
        "occasion": 4,
        "link": link,
        "distance_to_node_mm": 100_000,
        "speed_mm_s": 10_000,
        "lane": 1,
        "route": (link, link + 2),
        "goal": 4,
        "goal_name": "Museum",
        "eta_ms": 30_000,
        "reported_closed": frozenset(),
    }
    return Observation(**(plain | values))


_FULL: Final = Proposal(
    ask=Ask.TURN,
    seen_ms=0,
    at=LinkId(0),
    direction=Direction.LEFT,
    onto=LinkId(0),
    road="",
    place="",
)
_VERDICT: Final = Verdict(
    proposal=_FULL, decision=Decision.REFUSE, reason=Reason.STALE, changes_route=True, extra_ms=7
)


def _of_bytes(raw: bytes) -> list[object]:
    found = read(raw)
    told = [hear(raw, _observation(3, time_ms=time)) for time in (-5, 0, 60_000)]
    return [found, found.label() if isinstance(found, Refusal) else "", told]


def _of_observation(name: str, seen: Observation) -> list[object]:
    return [documents.observation_document(seen, bench(name).network)]


def _shown() -> Iterator[tuple[str, Observation]]:
    """A car on every link of three maps, and on some that are not there."""
    for name in ("town", "avenue", "signal"):
        network = bench(name).network
        count = network.link_count
        numbered = [one.id for one in network.all_links if one.ref and not one.name][:2]
        sample = (*range(-2, 12), *range(12, count, 9), *numbered, count - 1, count, 2**40)
        for link in sample:
            turns = network.turns_from(LinkId(link)) if 0 <= link < count else ()
            onto = turns[-1].to_link if turns else link
            closed = frozenset(map(LinkId, (3, link, -1, 0, 1)))
            yield name, _observation(link, route=(link, onto, link), reported_closed=closed)
    yield "town", _observation(0, route=(), verdicts=(_VERDICT,))


def _of_name(bench_name: str, name: str) -> list[object]:
    network, _, gazetteer = bench(bench_name)
    return [documents.places_named(gazetteer, network, name)]


def _named() -> Iterator[tuple[str, str]]:
    for name in ("Café Central", "Town Hall", "Town Hal", "", "Nowhere at all", "Library"):
        yield "town", name
    # The last letter that is looked at, of a name that is known and of one that only comes near.
    for name, size in product(("Cinema", "Stop", "Kioqqq", "Kiosk"), (63, 64, 65)):
        yield "avenue", name.ljust(size - 1) + "q"


def _of_turn(angle: int, kind: TurnKind) -> list[object]:
    turn: Any = SimpleNamespace(angle_cdeg=angle, kind=kind)
    return [documents.direction_of(turn)]


def _turns() -> Iterator[tuple[int, TurnKind]]:
    angles = (0, 1, -1, 1_999, 2_000, 2_001, -1_999, -2_000, -2_001, 9_000, -18_000)
    yield from product(angles, TurnKind)


def _of_document(what: object) -> list[object]:
    """What is written of a thing; the error, where it cannot be."""
    if isinstance(what, Verdict):
        return [documents.verdict_document(what)]
    if isinstance(what, Advice | None):
        return [documents.advice_document(what)]
    try:
        return [documents.encoded({"words": what})]
    except ValueError as error:
        return [type(error).__name__]


def _written() -> Iterator[tuple[object]]:
    yield from ((what,) for what in ("ä", "\ud800", float("nan"), 0.5, (1, 2), {"a": "b"}))
    yield from ((what,) for what in (None, Advice(words=""), Advice(words="a", proposal=_FULL)))
    bare = Proposal(ask=Ask.CANCEL, seen_ms=1)
    for counter in (None, _FULL, bare):
        yield (
            Verdict(proposal=bare, decision=Decision.ACCEPT, reason=Reason.OBEYED, counter=counter),
        )


def _of_nothing() -> list[object]:
    """What is left open."""
    return [Message(), Refusal(Flaw.EMPTY)]


_ANSWERS: Final[dict[str, Callable[..., list[object]]]] = {
    "bytes": _of_bytes,
    "observation": _of_observation,
    "name": _of_name,
    "turn": _of_turn,
    "document": _of_document,
    "nothing": _of_nothing,
}


def corpus() -> list[tuple[str, tuple[Any, ...]]]:
    """Every row that is asked: its kind, and what it is about."""
    raw = dict.fromkeys((*_BARE, *_LONG, *_DEEP, *_FULL_MESSAGES, *_messages()))
    return [
        *(("bytes", (one,)) for one in raw),
        *(("observation", one) for one in _shown()),
        *(("name", one) for one in _named()),
        *(("turn", one) for one in _turns()),
        *(("document", one) for one in _written()),
        ("nothing", ()),
    ]


def answer(row: tuple[str, tuple[Any, ...]]) -> str:
    """One row of the table."""
    kind, about = row
    return repr(_ANSWERS[kind](*about))
