"""
One trip with a language model as the guide, asked for by a person who pressed a button.

It can be cancelled: the model is not asked any more, an answer that is under way is not heard, and
the car drives on alone.
"""

import json
import shutil
import tempfile
import threading
import weakref
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from guiderail.dashboard.model.language_model import Model, wish
from guiderail.dashboard.model.session import Choice, Drives, drives_of, network, world
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.errors import GuiderailError, PluginError, ScenarioError
from guiderail.sim.contract.messages import Advice, Observation
from guiderail.sim.contract.ports import Guide, GuideMaker
from guiderail.sim.lab.experiment.registry import find_guide
from guiderail.sim.lab.experiment.run import GUARDED, Laboratory
from guiderail.sim.lab.report.story import printable


class _Stoppable:
    """A guide that a person may take out of the car."""

    def __init__(self, guide: Guide, stop: threading.Event) -> None:
        self._guide, self._stop = guide, stop
        self.name = guide.name

    def advise(self, seen: Observation) -> Advice | None:
        """Ask the guide, unless it was stopped before or meanwhile."""
        advice = None if self._stop.is_set() else self._guide.advise(seen)
        if self._stop.is_set():
            raise PluginError("cancelled")
        return advice

    def close(self) -> None:
        """Let the guide go, its transcript whole."""
        close = getattr(self._guide, "close", None)
        if close is not None:
            close()


class _StoppableMaker:
    def __init__(self, maker: GuideMaker, stop: threading.Event) -> None:
        self._maker, self._stop = maker, stop
        self.fingerprint = getattr(maker, "fingerprint", "")

    def __call__(
        self, network: RoadNetwork, seed: TripSeed, *, closed: frozenset[LinkId], rate: float
    ) -> Guide:
        return _Stoppable(self._maker(network, seed, closed=closed, rate=rate), self._stop)


class ModelTrip:
    """A trip under way with a model, in a thread of its own."""

    def __init__(self, choice: Choice, model: Model) -> None:
        """Set off."""
        self.choice, self.model = choice, model
        self.drives: Drives | None = None
        self.error = ""
        self._stop = threading.Event()
        self._place = Path(tempfile.mkdtemp(prefix="guiderail-"))
        weakref.finalize(self, shutil.rmtree, self._place, ignore_errors=True)
        self._transcripts = self._place / "transcripts"
        self._thread = threading.Thread(target=self._drive, daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether the car still drives."""
        return self._thread.is_alive()

    @property
    def is_cancelled(self) -> bool:
        """Whether the person has had enough of the model."""
        return self._stop.is_set()

    def cancel(self) -> None:
        """Ask no more: the ride ends with the answer that is under way, at its deadline at most."""
        self._stop.set()

    def _drive(self) -> None:
        try:
            laboratory = self._laboratory()
            (result,) = laboratory.trip(self.choice.trip)
            run = replace(result.run, guide=self.model.model)  # no name of a file of ours
            self.drives = drives_of([replace(result, run=run)], laboratory, (self.model, run.lost))
            self.error = "" if self.is_cancelled else run.lost
        except (GuiderailError, OSError) as error:
            self.error = printable(str(error))

    def _laboratory(self) -> Laboratory:
        values = self.model.settings() | {"door": "llm", "record": "transcripts"}
        # JSON scalars are TOML as well.
        text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
        file = self._place / "guide.toml"
        file.write_text(text, "utf-8")
        wanted = {"guide": str(file), "arms": [GUARDED], "rates": [0.0]}
        scenario = world(wanted, self.choice)
        maker = _StoppableMaker(find_guide(scenario.guide), self._stop)
        return Laboratory(scenario, network(self.choice.map), own=maker)

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
    asks = {key: value for key, value in (advice.get("proposal") or {}).items() if key != "seen_ms"}
    return {
        "asked at [s]": asked.get("time_s", asked.get("time_ms", 0) / 1_000),
        "says": printable(str(advice.get("words", "")), 200),
        "asks for": wish(asks),
        "thought [s]": round(exchange.get("latency_ms", 0) / 1_000, 2),
        "fault": printable(str(exchange.get("fault", "")), 60),
    }


class ModelSeat:
    """Who rides now: one ride at a time, the last one kept."""

    def __init__(self) -> None:
        self.ride: ModelTrip | None = None
        self._lock = threading.Lock()

    def start(self, choice: Choice, model: Model) -> ModelTrip:
        """
        Set off.

        Raises
        ------
        ScenarioError
            When no model is named, or another ride is under way.
        """
        model.settings()
        with self._lock:
            if self.ride is not None and self.ride.is_running:
                raise ScenarioError("another ride is under way: wait for its end")
            self.ride = ModelTrip(choice, model)
            return self.ride


@lru_cache(maxsize=1)
def seat() -> ModelSeat:
    """Make the one seat of this server."""
    return ModelSeat()
