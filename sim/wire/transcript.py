"""
What a guide was shown and what it said, as lines of JSON, and a guide that repeats it.

A guide outside this process thinks as long as it thinks, so its run is repeated from the transcript
and never from the guide. Where the same car meets the same questions the repetition is exact, to
the bit. Another car takes other roads: there "turn left here" is said of the road that it is on.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.errors import PluginError
from guiderail.sim.contract.messages import Advice, Ask, Direction, Observation, Proposal
from guiderail.sim.contract.ports import Guide
from guiderail.sim.wire.documents import Document, advice_document, encoded, observation_document
from guiderail.sim.wire.reader import PROTOCOL

_UNFINISHED: Final = ".part"
"""A transcript bears this ending until its trip is over."""


def transcript_path(folder: Path, network: RoadNetwork, seed: TripSeed) -> Path:
    """Where the transcript of a trip lies: named by map and seed, which all arms share."""
    digest = network.header.get("digest", "")[:8] or "nomap"
    return folder / f"{digest}-{seed.a:016x}{seed.b:016x}.jsonl"


class Recorder:
    """
    Write down every question and answer of a guide; the file is whole once the trip is closed.

    Parameters
    ----------
    guide
        Who speaks. What it leaves in ``exchange`` after an answer is written beside the answer.
    network
        The map, for the names in the questions.
    path
        File to write; it is there when :meth:`close` has been called, not before.
    """

    def __init__(self, guide: Guide, network: RoadNetwork, path: Path) -> None:
        self._guide = guide
        self._network = network
        self._path = path
        self._count = 0
        self.name = guide.name
        # Written line by line, so that somebody may read along; no handle outlives a broken trip.
        self._part = Path(f"{path}{_UNFINISHED}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._part.write_bytes(b"")
        except OSError as error:
            raise PluginError(f"cannot write the transcript {str(path)!r}: {error}") from None
        self._write({"protocol": PROTOCOL, "guide": guide.name, "map": network.name})

    def advise(self, seen: Observation) -> Advice | None:
        """Ask the guide and write its answer down."""
        self._count += 1
        line: Document = {"asked": observation_document(seen, self._network), "advice": None}
        try:
            advice = self._guide.advise(seen)
        except Exception as error:
            self._write(line | {"lost": str(error)})
            raise
        if advice is not None:
            # A label may be a word of an enumeration; what is repeated later is plain text.
            advice = replace(advice, label=str(advice.label))
            line |= {"advice": advice_document(advice)}
            line |= {"latency_ms": advice.latency_ms, "label": advice.label}
        exchange = getattr(self._guide, "exchange", None)
        if exchange:
            line["exchange"] = exchange
        self._write(line)
        return advice

    def close(self) -> None:
        """End the transcript, and the guide."""
        close = getattr(self._guide, "close", None)
        if close is not None:
            close()
        if self._part.exists():
            self._write({"end": self._count})
            self._part.replace(self._path)

    def _write(self, line: Document) -> None:
        with self._part.open("ab") as file:
            file.write(encoded(line) + b"\n")


class Repeated:
    """
    Say again what a transcript holds, answer by answer, with the latencies that were measured.

    Raises
    ------
    PluginError
        When the transcript is missing, unfinished or no transcript.
    """

    def __init__(self, path: Path) -> None:
        self._answers = _answers(path)
        self._next = 0
        self.name = "repeated"

    def advise(self, seen: Observation) -> Advice | None:
        """Give the next answer; silence once all are given."""
        if self._next >= len(self._answers):
            return None
        asked_ms, asked_on, advice = self._answers[self._next]
        self._next += 1
        if isinstance(advice, str):
            raise PluginError(advice)
        if advice is None or advice.proposal is None:
            return advice
        said = advice.proposal
        at = seen.link if said.at == asked_on else said.at
        moved = replace(said, seen_ms=said.seen_ms + seen.time_ms - asked_ms, at=at)
        return replace(advice, proposal=moved)


_Answer = tuple[int, int, Advice | str | None]
"""When it was asked [ms], on which link, and what was said; a text is why the guide was lost."""


def _answers(path: Path) -> list[_Answer]:
    try:
        lines = [json.loads(line) for line in path.read_bytes().splitlines()]
        count = lines[-1]["end"]
        answers = [_answer(line) for line in lines[1:-1]]
    except FileNotFoundError:
        raise PluginError(f"no transcript {str(path)!r}: record this trip first") from None
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise PluginError(f"{str(path)!r} is no finished transcript: {error!r}") from None
    if count != len(answers):
        raise PluginError(f"{str(path)!r} holds {len(answers)} answers of {count}")
    return answers


def _answer(line: Document) -> _Answer:
    asked, said = line["asked"], line["advice"]
    advice: Advice | str | None = line.get("lost")
    if said is not None:
        proposal = said.get("proposal")
        advice = Advice(
            words=said["words"],
            proposal=None if proposal is None else _proposal(proposal),
            latency_ms=line["latency_ms"],
            confidence=said["confidence"],
            label=line["label"],
        )
    return asked["time_ms"], asked["link"], advice


def _proposal(fields: dict[str, Any]) -> Proposal:
    direction = fields.get("direction")
    words = {"ask": Ask(fields["ask"]), "direction": direction and Direction(direction)}
    return Proposal(**(fields | words))
