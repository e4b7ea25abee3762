"""
A guide outside this process, whatever the way to it: asked, timed, read strictly, never waited for.

What goes wrong is an answer too: an utterance without words whose label names the fault, so that it
is counted in every result, costs the guide its time and moves nothing. The time that the guide took
is measured and becomes simulated time; a transcript keeps it, and only from there a run is repeated
to the bit.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from enum import StrEnum
from math import ceil
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any, Final, Protocol, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.errors import PluginError
from guiderail.sim.contract.messages import Advice, Observation
from guiderail.sim.contract.ports import Guide
from guiderail.sim.wire.documents import encoded, observation_document
from guiderail.sim.wire.reader import hear
from guiderail.sim.wire.transcript import Recorder, Repeated, transcript_path

BACKOFF_MS: Final = (0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000)
"""Simulated pause after 0, 1, 2, ... faults in a row [ms]; the last value holds for more."""

LEAST_SECRET: Final = 8
"""Shorter texts are no keys, and cutting them out would tear words apart [characters]."""


class FaultKind(StrEnum):
    """What may go wrong between the car and its guide; the closed list."""

    TIMEOUT = "timeout"
    """No answer by the deadline; one that comes later is dropped."""
    CRASHED = "crashed"
    """The program ended, or cannot be started."""
    FLOOD = "flood"
    """It sent more than anybody has to read."""
    UNREACHABLE = "unreachable"
    """No connection, or it broke, TLS included."""
    HTTP_STATUS = "http_status"
    """The server answered with anything but 200 or 204."""
    REDIRECT = "redirect"
    """The server wants to send us elsewhere: never followed."""
    MODEL = "model"
    """The model or its provider failed or declined."""
    LIMIT = "limit"
    """The trip's limit of tokens, requests or cost is used up."""


class Fault(Exception):  # noqa: N818  it is an answer, no error of ours
    """
    The guide gave no answer.

    Parameters
    ----------
    kind
        What went wrong.
    detail
        For the transcript and the log; bounded, without any key.
    is_final
        Whether the guide is lost for the rest of the trip.
    """

    def __init__(self, kind: FaultKind, detail: str = "", *, is_final: bool = False) -> None:
        super().__init__(f"{kind.value}: {detail}")
        self.kind = kind
        self.detail = detail[:200]
        self.is_final = is_final


class Channel(Protocol):
    """A way to a guide: one question, at most one answer, before the deadline."""

    def ask(self, seen: Observation, request: bytes, deadline_s: float) -> bytes:
        """
        Put one question.

        Raises
        ------
        Fault
            When there is no answer; never anything else.
        """
        ...

    def close(self) -> None:
        """Let go of everything that was started."""
        ...


class Settings(BaseModel):
    """What all doors have in common; each adds its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=64)] = "remote"
    """What the guide is called in results."""
    deadline_s: Annotated[float, Field(gt=0, le=600, allow_inf_nan=False)] = 1.0
    """Wall-clock time for one answer [s]; then the guide is silent for that question."""
    latency_ms: Annotated[int, Field(ge=0, le=600_000)] | None = None
    """Simulated latency of every answer [ms]; left out, the measured one counts."""
    record: Path | None = None
    """
    Folder of transcripts, one per trip: a trip that is there is repeated, offline; another is
    asked and written down. So all arms of a trip hear the same guide, and a run can be repeated.
    """
    offline: bool = False
    """Never ask: repeat what is recorded, and fail where nothing is."""

    @model_validator(mode="after")
    def _has_source(self) -> Self:
        if self.offline and self.record is None:
            raise ValueError("offline needs record, the folder of the transcripts to repeat")
        return self


_Settings = TypeVar("_Settings", bound=Settings)


def checked(model: type[_Settings], values: dict[str, Any], where: str) -> _Settings:
    """
    Check settings; every mistake is one sentence.

    Raises
    ------
    PluginError
        When a setting is unknown, missing or out of bounds.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first, *others = error.errors(include_url=False, include_input=False)
        key = ".".join(map(str, first["loc"]))
        more = f" (and {len(others)} more)" if others else ""
        if first["type"] == "extra_forbidden":
            known = ", ".join(sorted(model.model_fields))
            raise PluginError(f"{where}: unknown setting {key!r}; known: {known}{more}") from None
        subject = f"{key}: " if key else ""
        raise PluginError(f"{where}: {subject}{first['msg']}{more}") from None


def scrubbed(text: str, secrets: Iterable[str]) -> str:
    """
    Cut every run of eight letters of a secret out of a text: it may be quoted in part.

    >>> scrubbed("no such key: sk-12345678...", ["sk-1234567890"])
    'no such key: [key]...'
    """
    for secret in secrets:
        runs = {secret[k : k + LEAST_SECRET] for k in range(len(secret) - LEAST_SECRET + 1)}
        if not any(run in text for run in runs):
            continue
        is_cut = [False] * len(text)
        for k in range(len(text) - LEAST_SECRET + 1):
            if text[k : k + LEAST_SECRET] in runs:
                is_cut[k : k + LEAST_SECRET] = [True] * LEAST_SECRET
        marked = "".join("\0" if cut else letter for letter, cut in zip(text, is_cut, strict=True))
        text = re.sub("\0+", "[key]", marked)
    return text


class Remote:
    """
    A guide at the other end of a channel.

    Parameters
    ----------
    channel
        The way to it.
    network
        The map, for the names in the questions.
    settings
        Name, deadline and latency.
    """

    def __init__(self, channel: Channel, network: RoadNetwork, settings: Settings) -> None:
        self._channel = channel
        self._network = network
        self._settings = settings
        self._free_ms = 0
        self._failures = 0
        self._lost = ""
        self.name = settings.name
        self.exchange: dict[str, Any] = {}
        """What was sent and received last, for the transcript."""

    def advise(self, seen: Observation) -> Advice | None:
        """Ask, unless it still thinks about the last question or is being left alone."""
        self.exchange = {}
        if self._lost:
            raise PluginError(self._lost)
        if seen.time_ms < self._free_ms:
            return None
        request = encoded(observation_document(seen, self._network))
        start = perf_counter()
        try:
            raw = self._channel.ask(seen, request, self._settings.deadline_s)
        except Fault as fault:
            return self._failed(fault, seen, self._latency_ms(start))
        self._failures = 0
        latency_ms = self._latency_ms(start)
        self.exchange |= {"reply": raw.decode("utf-8", "replace")[:8_192], "latency_ms": latency_ms}
        self.exchange |= getattr(self._channel, "notes", {})
        advice = hear(raw, seen)
        if advice is None:
            self._free_ms = seen.time_ms + latency_ms
            return None
        return replace(advice, latency_ms=latency_ms)

    def close(self) -> None:
        """Let the guide go."""
        self._channel.close()

    def _failed(self, fault: Fault, seen: Observation, latency_ms: int) -> Advice:
        """Name a fault, and leave the guide alone for a while that grows with each in a row."""
        if fault.kind is FaultKind.TIMEOUT:
            latency_ms = self._deadline_ms()  # the wait is cut off there, however late we woke up
        self.exchange = {"fault": fault.kind.value, "detail": fault.detail}
        self.exchange |= {"latency_ms": latency_ms, **getattr(self._channel, "notes", {})}
        self._failures = min(self._failures + 1, len(BACKOFF_MS))
        self._free_ms = seen.time_ms + latency_ms + BACKOFF_MS[self._failures - 1]
        if fault.is_final:
            self._lost = f"the guide {self.name!r} is lost: {fault.kind.value}: {fault.detail}"
        return Advice(words="", latency_ms=latency_ms, label=f"fault:{fault.kind.value}")

    def _latency_ms(self, start: float) -> int:
        fixed_ms = self._settings.latency_ms
        if fixed_ms is not None:
            return fixed_ms
        return min(ceil((perf_counter() - start) * 1_000), self._deadline_ms())

    def _deadline_ms(self) -> int:
        return ceil(self._settings.deadline_s * 1_000)


def nobody(_: RoadNetwork) -> Channel:
    """
    Connect to nobody: where transcripts are repeated.

    Raises
    ------
    PluginError
        Always.
    """
    raise PluginError("offline: nobody is there to be asked")


class RemoteMaker:
    """
    Make the guide of each trip from settings: live and recorded, or repeated.

    Parameters
    ----------
    settings
        Of the door.
    connect
        Opens the channel for one trip; the map is for tools that the guide may use.
    folder
        Where a relative folder of transcripts lies.
    fingerprint
        Everything that decides what the guide is, for the name of the run.
    """

    def __init__(
        self,
        settings: Settings,
        connect: Callable[[RoadNetwork], Channel],
        folder: Path,
        *,
        fingerprint: str = "",
    ) -> None:
        self._settings = settings
        self._record = None if settings.record is None else folder / settings.record
        self.connect = connect
        """Opens a bare channel, for callers with questions of their own form."""
        self.fingerprint = fingerprint or settings.model_dump_json(exclude={"record", "offline"})

    def __call__(
        self, network: RoadNetwork, seed: TripSeed, *, closed: frozenset[LinkId], rate: float
    ) -> Guide:
        """Repeat the trip if it is recorded, else ask."""
        del closed, rate  # the truth is nobody's business out there, nor how often it should err
        settings = self._settings
        if self._record is None:
            return Remote(self.connect(network), network, settings)
        path = transcript_path(self._record, network, seed)
        if settings.offline or path.exists():
            return Repeated(path)
        return Recorder(Remote(self.connect(network), network, settings), network, path)
