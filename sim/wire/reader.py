"""
The strict reader of what a guide sends: bytes in, a message or one typed refusal out, never raises.

JSON as the standard library reads it lets a second key win over the first, takes ``NaN`` for a
number and dies of deep nesting. So size, encoding and depth are checked before it is parsed, keys
and numbers while, types after; what the schema does not name is refused, never dropped.
"""

import json
import re
import unicodedata
from enum import StrEnum
from functools import partial
from math import isfinite
from typing import Any, Final, NamedTuple, TypeVar

from guiderail.maps.network import LinkId
from guiderail.sim.contract.messages import Advice, Ask, Direction, Observation, Proposal

_Word = TypeVar("_Word")

PROTOCOL: Final = "guiderail/1"
"""Name and version of the schema; a message of another version is refused."""
BYTE_LIMIT: Final = 4_096
"""Longest message, its line end left out [bytes]."""
DEPTH_LIMIT: Final = 4
"""Deepest nesting that is parsed; a message needs two."""
WORDS_LIMIT: Final = 600
"""Longest utterance [characters], about 40 s of speech."""
NAME_LIMIT: Final = 64
"""Longest name of a road or a place [characters]."""
INTEGER_LIMIT: Final = 2**53
"""Integers lie strictly within plus and minus this, where every JSON reader is exact."""


class Flaw(StrEnum):
    """Why a message cannot be read; the closed list."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    BYTE_ORDER_MARK = "byte_order_mark"
    NOT_UTF8 = "not_utf8"
    TOO_DEEP = "too_deep"
    NOT_JSON = "not_json"
    TRAILING_TEXT = "trailing_text"
    NOT_FINITE = "not_finite"
    """NaN, an infinity, or a number too large for a double."""
    DUPLICATE_KEY = "duplicate_key"
    NOT_AN_OBJECT = "not_an_object"
    UNKNOWN_FIELD = "unknown_field"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    OUT_OF_RANGE = "out_of_range"
    UNKNOWN_WORD = "unknown_word"
    """Neither a request nor a direction of the protocol."""
    TEXT_TOO_LONG = "text_too_long"
    HIDDEN_CHARACTER = "hidden_character"
    """A control character or half a character; in a name also anything invisible."""
    WRONG_PROTOCOL = "wrong_protocol"


class Refusal(NamedTuple):
    """A message that cannot be read."""

    flaw: Flaw
    field: str = ""
    """Field of the schema that is at fault; empty where none is, or it is not of the schema."""

    def label(self) -> str:
        """Name it in one word, as it stands in logs and result tables."""
        return f"malformed:{self.flaw.value}"


class Message(NamedTuple):
    """A message as it was sent: what it leaves open is filled in when it is understood."""

    words: str = ""
    proposal: dict[str, Any] | None = None
    """Fields of a :class:`Proposal` as given, their types checked."""
    confidence: float = 1.0
    occasion: int | None = None
    """Which question it answers."""


class _Unreadable(Exception):  # noqa: N818  never leaves this module
    def __init__(self, flaw: Flaw, field: str = "") -> None:
        super().__init__(flaw)
        self.refusal = Refusal(flaw, field)


def read(raw: bytes) -> Message | Refusal:
    """
    Read one message; total: every byte string gives a message or a refusal.

    >>> read(b'{"words": "Left!", "proposal": {"ask": "turn", "direction": "left"}}').words
    'Left!'
    >>> read(b'{"words": "a", "words": "b"}').label()
    'malformed:duplicate_key'
    """
    try:
        return _message(_parsed(_text(raw)))
    except _Unreadable as error:
        return error.refusal


def understand(message: Message, seen: Observation) -> Advice:
    """
    Say what a message means at the moment of the question that it answers.

    A proposal without ``seen_ms`` rests on what was just shown, a turn without ``at`` is the one at
    the end of this road.
    """
    proposal = None
    if message.proposal is not None:
        fields = {"seen_ms": seen.time_ms, **message.proposal}
        if fields["ask"] is Ask.TURN:
            fields.setdefault("at", seen.link)
        proposal = Proposal(**fields)
    return Advice(words=message.words, proposal=proposal, confidence=message.confidence)


def refused(refusal: Refusal, seen: Observation) -> Advice:
    """
    Stand in for a message that cannot be read, so that it is answered and counted like any other.

    The proposal asks for a turn and names none: no driver can make anything of it.
    """
    nothing = Proposal(ask=Ask.TURN, seen_ms=max(0, seen.time_ms))
    return Advice(words="", proposal=nothing, label=refusal.label())


def hear(raw: bytes, seen: Observation) -> Advice | None:
    """Read and understand one message; None where it says nothing."""
    message = read(raw)
    if isinstance(message, Refusal):
        return refused(message, seen)
    if not message.words and message.proposal is None:
        return None
    return understand(message, seen)


_BYTE_ORDER_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_NO_BRACKETS: Final = re.compile(r"[^][{}]+")
_STRINGS: Final = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)


def _text(raw: bytes) -> str:
    if len(raw) > BYTE_LIMIT:
        raise _Unreadable(Flaw.TOO_LONG)
    if raw.startswith(_BYTE_ORDER_MARKS):
        raise _Unreadable(Flaw.BYTE_ORDER_MARK)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise _Unreadable(Flaw.NOT_UTF8) from None
    if not text or text.isspace():
        raise _Unreadable(Flaw.EMPTY)
    return text


def _parsed(text: str) -> Any:
    if text.count("{") + text.count("[") > DEPTH_LIMIT and _is_too_deep(text):
        raise _Unreadable(Flaw.TOO_DEEP)
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        trails = error.msg == "Extra data"
        raise _Unreadable(Flaw.TRAILING_TEXT if trails else Flaw.NOT_JSON) from None


def _is_too_deep(text: str) -> bool:
    depth = 0
    for letter in _NO_BRACKETS.sub("", _STRINGS.sub("", text)):
        depth += 1 if letter in "{[" else -1
        if depth > DEPTH_LIMIT:
            return True
    return False


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _Unreadable(Flaw.DUPLICATE_KEY)
    return fields


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise _Unreadable(Flaw.NOT_FINITE)
    return number


def _no_constant(_: str) -> float:
    raise _Unreadable(Flaw.NOT_FINITE)


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=_finite, parse_constant=_no_constant
)


def _message(fields: Any) -> Message:
    if type(fields) is not dict:
        raise _Unreadable(Flaw.NOT_AN_OBJECT)
    _no_strangers(fields, _MESSAGE_FIELDS)
    if fields.get("protocol", PROTOCOL) != PROTOCOL:
        raise _Unreadable(Flaw.WRONG_PROTOCOL, "protocol")
    return Message(
        words=_words(fields.get("words", "")),
        proposal=_proposal(fields.get("proposal")),
        confidence=_confidence(fields.get("confidence", 1.0)),
        occasion=_integer(fields["occasion"], "occasion", 0) if "occasion" in fields else None,
    )


def _no_strangers(fields: dict[str, Any], known: frozenset[str]) -> None:
    if not fields.keys() <= known:
        raise _Unreadable(Flaw.UNKNOWN_FIELD)


def _words(words: Any) -> str:
    if type(words) is not str:
        raise _Unreadable(Flaw.WRONG_TYPE, "words")
    if len(words) > WORDS_LIMIT:
        raise _Unreadable(Flaw.TEXT_TOO_LONG, "words")
    if not words.isprintable() and any(map(_is_control, words)):
        raise _Unreadable(Flaw.HIDDEN_CHARACTER, "words")
    return words


def _is_control(letter: str) -> bool:
    return letter not in "\t\n" and unicodedata.category(letter) in {"Cc", "Cs"}


def _confidence(value: Any) -> float:
    if type(value) not in (float, int):
        raise _Unreadable(Flaw.WRONG_TYPE, "confidence")
    if not 0 <= value <= 1:
        raise _Unreadable(Flaw.OUT_OF_RANGE, "confidence")
    return float(value)


def _proposal(fields: Any) -> dict[str, Any] | None:
    if fields is None:
        return None
    if type(fields) is not dict:
        raise _Unreadable(Flaw.WRONG_TYPE, "proposal")
    _no_strangers(fields, _PROPOSAL_FIELDS)
    if fields.get("ask") is None:
        raise _Unreadable(Flaw.MISSING_FIELD, "ask")
    # A model that fills in a form writes null into what it leaves open.
    return {
        name: _READERS[name](value, name) for name, value in fields.items() if value is not None
    }


def _integer(value: Any, field: str, least: int = 1 - INTEGER_LIMIT) -> int:
    if type(value) is not int:
        raise _Unreadable(Flaw.WRONG_TYPE, field)
    if not least <= value < INTEGER_LIMIT:
        raise _Unreadable(Flaw.OUT_OF_RANGE, field)
    return value


def _link(value: Any, field: str) -> LinkId:
    return LinkId(_integer(value, field))


def _name(value: Any, field: str) -> str:
    if type(value) is not str:
        raise _Unreadable(Flaw.WRONG_TYPE, field)
    if not 0 < len(value) <= NAME_LIMIT:
        raise _Unreadable(Flaw.TEXT_TOO_LONG if value else Flaw.OUT_OF_RANGE, field)
    if not value.isprintable():
        raise _Unreadable(Flaw.HIDDEN_CHARACTER, field)
    return value


def _word(words: dict[str, _Word], value: Any, field: str) -> _Word:
    if type(value) is not str:
        raise _Unreadable(Flaw.WRONG_TYPE, field)
    if value not in words:
        raise _Unreadable(Flaw.UNKNOWN_WORD, field)
    return words[value]


_MESSAGE_FIELDS: Final = frozenset({"protocol", "occasion", "words", "proposal", "confidence"})
_READERS: Final[dict[str, Any]] = {
    "ask": partial(_word, {one.value: one for one in Ask}),
    "seen_ms": _integer,
    "at": _link,
    "direction": partial(_word, {one.value: one for one in Direction}),
    "onto": _link,
    "road": _name,
    "place": _name,
}
_PROPOSAL_FIELDS: Final = frozenset(_READERS)
