"""
One trip with a language model as the guide, asked for by a person who pressed a button.

A link never starts one: it may hold the name of a model, but asking costs money and leaves this
machine. Keys come from the environment of the server alone.
"""

import json
import shutil
import tempfile
import threading
import weakref
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from guiderail.dashboard.session import Choice, Drives, drives_of, network, world
from guiderail.maps.errors import MapError
from guiderail.sim.contract.errors import GuiderailError, ScenarioError
from guiderail.sim.lab.run import GUARDED, Laboratory
from guiderail.sim.lab.story import printable

PROVIDERS: Final = ("openai", "anthropic", "google", "xai", "openai_compatible")
OUTPUTS: Final = ("tool", "native", "prompted")
MOST_REQUESTS: Final = 60
"""Requests to a model in one ride: what a curious click may cost."""


@dataclass(frozen=True, kw_only=True)
class Model:
    """Which model is asked, and how."""

    provider: str = "openai_compatible"
    model: str = ""
    endpoint: str = "http://127.0.0.1:11434/v1"
    output: str = "tool"


def model_of(address: Mapping[str, str]) -> Model:
    """Read a model from the address of the page; what makes no sense is the default."""
    plain = Model()
    provider, output = address.get("provider", ""), address.get("output", "")
    return Model(
        provider=provider if provider in PROVIDERS else plain.provider,
        model=printable(address.get("model", ""), 200),
        endpoint=printable(address.get("endpoint", plain.endpoint), 300),
        output=output if output in OUTPUTS else plain.output,
    )


class Ride:
    """A trip under way with a model, in a thread of its own."""

    def __init__(self, choice: Choice, model: Model) -> None:
        """Set off."""
        self.choice, self.model = choice, model
        self.drives: Drives | None = None
        self.error = ""
        self._place = Path(tempfile.mkdtemp(prefix="guiderail-"))
        weakref.finalize(self, shutil.rmtree, self._place, ignore_errors=True)
        self._transcripts = self._place / "transcripts"
        self._thread = threading.Thread(target=self._drive, daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether the car still drives."""
        return self._thread.is_alive()

    def _drive(self) -> None:
        try:
            laboratory = self._laboratory()
            results = laboratory.trip(self.choice.trip)
            self.drives = drives_of(results, laboratory, extra=self.model)
            self.error = results[0].run.lost
        except (GuiderailError, MapError, OSError) as error:
            self.error = printable(str(error))

    def _laboratory(self) -> Laboratory:
        values = {key: value for key, value in asdict(self.model).items() if value}
        if self.model.provider != "openai_compatible":
            values.pop("endpoint", None)
        values |= {"door": "llm", "record": "transcripts", "trip_requests": MOST_REQUESTS}
        # JSON scalars are TOML as well.
        text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
        file = self._place / "guide.toml"
        file.write_text(text, "utf-8")
        choice = self.choice
        wanted = {"map": choice.map, "guide": str(file), "arms": [GUARDED], "rates": [0.0]}
        return Laboratory(world({**wanted, "seed": choice.seed}, choice.road), network(choice.map))

    def transcript(self) -> list[dict[str, Any]]:
        """What was asked and answered so far, the latest last."""
        files = sorted(self._transcripts.glob("*.jsonl*"))
        lines = files[-1].read_bytes().splitlines() if files else []
        return [row for line in lines if (row := _row(line)) is not None]


def _row(line: bytes) -> dict[str, Any] | None:
    """Make a row of one line of a transcript; None for its head, its end and a half-written one."""
    try:
        entry = json.loads(line)
        asked = entry["asked"]
    except (ValueError, KeyError, TypeError):
        return None
    advice, exchange = entry.get("advice") or {}, entry.get("exchange") or {}
    proposal = advice.get("proposal") or {}
    wish = " ".join(str(value) for value in proposal.values() if isinstance(value, str))
    return {
        "asked at [s]": asked.get("time_s", asked.get("time_ms", 0) / 1_000),
        "says": printable(str(advice.get("words", "")), 200),
        "asks for": printable(wish, 120),
        "thought [s]": round(exchange.get("latency_ms", 0) / 1_000, 2),
        "fault": printable(str(exchange.get("fault", "")), 60),
    }


class Seat:
    """Who rides now: one ride at a time, the last one kept."""

    def __init__(self) -> None:
        self.ride: Ride | None = None
        self._lock = threading.Lock()

    def start(self, choice: Choice, model: Model) -> Ride:
        """
        Set off.

        Raises
        ------
        ScenarioError
            When no model is named, or another ride is under way.
        """
        if not model.model.strip():
            raise ScenarioError("name a model, as its provider calls it")
        with self._lock:
            if self.ride is not None and self.ride.is_running:
                raise ScenarioError("another ride is under way: wait for its end")
            self.ride = Ride(choice, model)
            return self.ride


@lru_cache(maxsize=1)
def seat() -> Seat:
    """Make the one seat of this server."""
    return Seat()
