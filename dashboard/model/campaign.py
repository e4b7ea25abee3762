"""
A sweep in a process of its own, that can be watched while it runs, cancelled and gone on with.

The process is the same sweep as on the command line, in a folder of results. It lives as long as
its standard input is open: who cancels it closes that, and if its parent dies the system does.
"""

import _thread
import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from guiderail.sim.contract.errors import GuiderailError, ScenarioError
from guiderail.sim.lab.experiment.scenario import Scenario, load_scenario
from guiderail.sim.lab.report.report import write_report
from guiderail.sim.lab.results.batch import chunks_of, runs_per_trip
from guiderail.sim.lab.results.store import PARTS, ResultFolder, part_name, schema
from guiderail.sim.lab.results.sweep import sweep, usable_cores

MOST_RUNS: Final = 50_000
"""Runs of one campaign: about half an hour on two slow cores."""
KEPT: Final = 4
"""Results folders that a server keeps; older ones are removed."""
_PATIENCE_S: Final = 10
"""Longest wait for a cancelled campaign to end by itself [s]."""
COLUMNS: Final = [
    "arm", "rate", "trip", "goal_name", "outcome", "time_ms", "driven_mm", "detour_s", "messages",
    "refused", "missed_turns", "loops", "s4", "s3", "s2", "induced_s2", "digest",
]  # fmt: skip
"""What is kept in memory of every run."""


class CampaignState(StrEnum):
    """How far a campaign is."""

    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Campaign:
    """One sweep under way or done, as somebody sees it who looks now and then."""

    def __init__(self, scenario: Scenario, path: Path) -> None:
        """Take a folder, new or of the same scenario; nothing runs yet."""
        self.scenario = scenario
        self.folder = ResultFolder(path / "results")
        self._errors = path / "errors.txt"
        self._file = path / "scenario.toml"
        path.mkdir(exist_ok=True)
        self._file.write_text(scenario.to_toml(), "utf-8")
        self._process: subprocess.Popen[bytes] | None = None
        self._waiting = deque(chunks_of(scenario))
        fields = [schema("trips").field(name) for name in COLUMNS]
        self._parts: list[Any] = [pa.schema(fields).empty_table()]
        self._lock = threading.Lock()

    def start(self) -> None:
        """Run what is missing; nothing happens while it runs or when it is finished."""
        if self.state in {CampaignState.RUNNING, CampaignState.FINISHED}:
            return
        command = [sys.executable, "-P", "-m", __spec__.name, str(self._file)]
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(  # noqa: S603  fixed words and a path of our own
                [*command, str(self.folder.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )

    def cancel(self) -> None:
        """Stop, and wait until it has; every finished chunk stays."""
        if self._process is None or self._process.stdin is None:
            return
        self._process.stdin.close()
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def state(self) -> CampaignState:
        """How far it is."""
        if self._process is None:
            return CampaignState.CANCELLED
        match self._process.poll():
            case None:
                return CampaignState.RUNNING
            case 0:
                return CampaignState.FINISHED
            case _:
                is_closed = self._process.stdin is None or self._process.stdin.closed
                return CampaignState.CANCELLED if is_closed else CampaignState.FAILED

    @property
    def error(self) -> str:
        """Last line of what the process complained about."""
        lines = self._errors.read_text("utf-8", "replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")[:300]

    def table(self) -> Any:
        """
        Trip rows of the first trips, as far as they are finished without a gap.

        Taken in the order of the trips, never in that in which workers finish: quick trips must not
        count before slow ones, or a look in the middle would be biased.
        """
        with self._lock:
            while self._waiting and (part := self._part(self._waiting[0].number)) is not None:
                self._parts.append(part)
                self._waiting.popleft()
            if self._waiting and self.state is CampaignState.FINISHED:  # parts are joined and gone
                self._parts = [self.folder.read("trips", COLUMNS)]
                self._waiting.clear()
            self._parts = [pa.concat_tables(self._parts)]
            return self._parts[0]

    def done(self) -> int:
        """Trips that :meth:`table` held when it was last asked for."""
        waiting = sum(len(chunk.trips) for chunk in self._waiting)
        return self.scenario.trips - waiting

    def _part(self, number: int) -> Any:
        path = self.folder.path / PARTS / part_name(number, "trips")
        try:
            return pq.read_table(path, columns=COLUMNS)
        except FileNotFoundError:
            return None

    def zipped(self) -> bytes:
        """Everything in the results folder as one file; while it runs, what is there."""
        with tempfile.TemporaryDirectory() as place:
            file = shutil.make_archive(f"{place}/results", "zip", self.folder.path)
            return Path(file).read_bytes()


class Campaigns:
    """Where campaigns start: one at a time, the last few kept, all ended with this process."""

    def __init__(self) -> None:
        """Open with a folder of its own."""
        self._place = tempfile.TemporaryDirectory(prefix="guiderail-", ignore_cleanup_errors=True)
        self._campaigns: dict[str, Campaign] = {}
        self._lock = threading.Lock()
        atexit.register(self.close)

    def find(self, scenario: Scenario) -> Campaign | None:
        """Campaign of exactly this scenario, if it was ever started here."""
        return self._campaigns.get(scenario.to_toml())

    def running(self) -> Campaign | None:
        """Campaign that is under way."""
        return next((c for c in self._campaigns.values() if c.state is CampaignState.RUNNING), None)

    def start(self, scenario: Scenario) -> Campaign:
        """
        Start a campaign, or go on with it.

        Raises
        ------
        ScenarioError
            When it is too large, or another one is under way.
        """
        runs = scenario.trips * runs_per_trip(scenario)
        if runs > MOST_RUNS:
            raise ScenarioError(
                f"{runs:,} runs are more than the {MOST_RUNS:,} that a page may start: take fewer "
                "trips, arms or rates, or use guiderail sweep"
            )
        with self._lock:
            if (busy := self.running()) is not None:
                if busy.scenario == scenario:
                    return busy
                raise ScenarioError("another campaign is under way: cancel it first")
            campaign = self.find(scenario) or self._new(scenario)
            campaign.start()
        return campaign

    def _new(self, scenario: Scenario) -> Campaign:
        while len(self._campaigns) >= KEPT:
            oldest = self._campaigns.pop(next(iter(self._campaigns)))
            shutil.rmtree(oldest.folder.path.parent, ignore_errors=True)
        path = Path(tempfile.mkdtemp(dir=self._place.name))
        campaign = self._campaigns[scenario.to_toml()] = Campaign(scenario, path)
        return campaign

    def close(self) -> None:
        """End what runs and remove all folders."""
        for campaign in self._campaigns.values():
            campaign.cancel()
        self._campaigns.clear()
        self._place.cleanup()


# -- the process ----------------------------------------------------------------------------------


def main(arguments: list[str]) -> int:
    """Sweep a scenario file into a folder and write its report; 2 on a mistake, 130 if ended."""
    # A page started in the background has SIGINT ignored, and this process inherits that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    file, out = arguments
    threading.Thread(target=_end_with_input, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(5)  # the page comes first
    try:
        write_report(sweep(load_scenario(file), Path(out), max(1, usable_cores() - 1)))
    except GuiderailError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _end_with_input() -> None:
    """Interrupt the sweep when whoever started it lets go."""
    os.read(0, 1)  # not sys.stdin: its lock would break the end of the interpreter
    if hasattr(signal, "pthread_kill"):  # wakes a main thread that waits for its workers
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:  # pragma: no cover  Windows
        _thread.interrupt_main()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
