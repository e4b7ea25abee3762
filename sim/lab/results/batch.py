"""
Many runs: chunks of trips, worker processes that may die, resume after any interruption.

A chunk is a range of trips with all its arms, rates and twins. Its rows depend on the scenario
alone, so the tables are the same at any number of workers and after any interruption.
"""

import gc
import json
import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import resource_tracker
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from guiderail.sim.contract.errors import KernelError
from guiderail.sim.contract.ports import GuideMaker
from guiderail.sim.judge.severity import SERIOUS
from guiderail.sim.lab.experiment import registry
from guiderail.sim.lab.experiment.run import GUARDED, NO_GUIDE, Laboratory, RunResult
from guiderail.sim.lab.experiment.scenario import Scenario
from guiderail.sim.lab.results import store
from guiderail.sim.lab.results.columns import TABLES
from guiderail.sim.lab.results.rows import (
    Row,
    infraction_rows,
    message_rows,
    sorted_rows,
    trip_row,
)

RETRIES: Final = 2
"""How often a chunk that killed its worker is tried again."""
SMALL_CHUNK: Final = 20
"""Runs of a chunk in a short sweep, under 1 s: what an interruption may lose."""
LARGE_CHUNK: Final = 1_000
"""
Runs of a chunk in a long sweep, about 30 s: thousands of parts would cost more than they save.
"""
MANY_CHUNKS: Final = 400


class Chunk(NamedTuple):
    """A range of trips."""

    number: int
    trips: range


class Finished(NamedTuple):
    """What a chunk reports back; its rows are in its parts."""

    chunk: int
    files: dict[str, str]
    """SHA-256 of each part."""
    runs: int
    serious: dict[str, int]
    """Infractions of class S2 or worse that ego caused, by arm."""

    def manifest_line(self) -> dict[str, Any]:
        """Make the line that the manifest keeps."""
        return self._asdict()


def runs_per_trip(scenario: Scenario) -> int:
    """How many runs one trip takes, twins and the baseline included."""
    guided = [arm for arm in scenario.arms if arm != NO_GUIDE]
    twins = [arm for arm in guided if arm != GUARDED]
    return 1 + len(guided) * len(scenario.rates) + len(twins)


def chunks_of(scenario: Scenario) -> list[Chunk]:
    """Cut a scenario's trips into chunks; never by the number of workers: parts must fit."""
    per_trip = runs_per_trip(scenario)
    wanted = scenario.trips * per_trip // MANY_CHUNKS
    size = max(1, min(max(wanted, SMALL_CHUNK), LARGE_CHUNK) // per_trip)
    starts = range(0, scenario.trips, size)
    return [
        Chunk(k, range(first, min(first + size, scenario.trips))) for k, first in enumerate(starts)
    ]


def run_chunk(laboratory: Laboratory, chunk: Chunk, folder: Path) -> Finished:
    """Run a chunk and write its parts."""
    results: list[RunResult] = []
    # By goal, so that a routing tree is built once; the tables are sorted afterwards.
    for trip in sorted(chunk.trips, key=lambda k: (laboratory.trips.goal_of(k), k)):
        results += laboratory.trip(trip)
    rows = rows_of(results, laboratory)
    files = {
        store.part_name(chunk.number, table): store.write_part(
            folder, chunk.number, table, sorted_rows(rows[table])
        )
        for table in TABLES
    }
    serious = Counter[str]()
    for one in results:
        by_severity = one.run.judgement.by_severity
        serious[one.run.arm] += sum(by_severity[severity] for severity in SERIOUS)
    return Finished(chunk.number, files, len(rows["trips"]) + len(rows["twins"]), dict(serious))


def rows_of(results: Sequence[RunResult], laboratory: Laboratory) -> dict[str, list[Row]]:
    """Make the rows of all tables."""
    network = laboratory.network
    return {
        "trips": [trip_row(one) for one in results],
        "infractions": [row._asdict() for one in results for row in infraction_rows(one, network)],
        "messages": [row._asdict() for one in results for row in message_rows(one.run, network)],
        "twins": [trip_row(one) for one in _twins(results)],
    }


def _twins(results: Sequence[RunResult]) -> list[RunResult]:
    """Silent runs that are not in the trip table, each once."""
    shown = {id(one.run) for one in results}
    silent = {id(run): (run, one) for one in results for run in (one.twin, one.baseline)}
    return [
        RunResult(run=run, twin=run, baseline=one.baseline)
        for key, (run, one) in silent.items()
        if key not in shown
    ]


def run_serially(
    laboratory: Laboratory, chunks: Iterable[Chunk], folder: Path
) -> Generator[Finished, None, None]:
    """Run chunks one after the other in this process."""
    for chunk in chunks:
        yield run_chunk(laboratory, chunk, folder)


# -- worker processes -----------------------------------------------------------------------------

_worker: dict[str, tuple[Laboratory, Path]] = {}
"""What a worker process loaded when it started; never used in the main process."""


def start_worker(
    scenario: str, folder: str, guides: Mapping[str, GuideMaker] = MappingProxyType({})
) -> None:
    """Load map and guides once per process."""
    registry.adopt(guides)
    # Ctrl-C reaches the whole group: the main process answers it alone.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()
    _worker["ready"] = (Laboratory(Scenario(**json.loads(scenario))), Path(folder))
    # Map and trees stay for good, and a trip makes few cycles: searching for garbage less often
    # saves a fifth of the time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _follow_parent() -> None:
    """End with the main process, even if that was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def work(chunk: Chunk) -> Finished:
    """Run a chunk in a worker process."""
    laboratory, folder = _worker["ready"]
    return run_chunk(laboratory, chunk, folder)


class Workers:
    """
    A pool of worker processes that is built anew when one of them dies.

    A bare executor loses every queued task with one dead worker. Here the chunks under way are
    tried again one at a time, so that the one that kills its worker is known, and is given up after
    two more tries.
    """

    def __init__(
        self,
        count: int,
        initializer: Callable[..., None],
        arguments: tuple[Any, ...],
        task: Callable[[Chunk], Finished] = work,
    ) -> None:
        self._count = count
        self._initializer = initializer
        self._arguments = arguments
        self._task = task
        self._others = set(multiprocessing.active_children())
        self._pool: ProcessPoolExecutor | None = None

    def run(self, chunks: Iterable[Chunk]) -> Generator[Finished, None, None]:
        """Run chunks in any order, and yield each when it is done."""
        waiting, suspects = deque(chunks), deque[Chunk]()
        deaths = Counter[int]()
        try:
            while waiting or suspects:
                alone = bool(suspects)
                queue = deque([suspects.popleft()]) if alone else waiting
                lost = yield from self._until_death(queue)
                suspects.extend(lost)
                for chunk in lost if alone else ():
                    deaths[chunk.number] += 1
                    if deaths[chunk.number] > RETRIES:
                        raise KernelError(_given_up(chunk))
        finally:
            self.stop()

    def _until_death(self, queue: deque[Chunk]) -> Generator[Finished, None, list[Chunk]]:
        """Run a queue until it is empty or a worker dies; return the chunks that were under way."""
        under_way: dict[Future[Finished], Chunk] = {}
        lost: list[Chunk] = []
        while (queue or under_way) and not lost:
            while queue and len(under_way) <= self._count:
                chunk = queue.popleft()
                try:
                    under_way[self._submit(chunk)] = chunk
                except BrokenProcessPool:  # died since the last look
                    lost.append(chunk)
                    break
            done, _ = wait(under_way, return_when=FIRST_COMPLETED) if under_way else (set(), None)
            for future in done:
                chunk = under_way.pop(future)
                try:
                    yield future.result()
                except BrokenProcessPool:
                    lost.append(chunk)
        if lost:
            self.stop()
        return lost + list(under_way.values())

    def _submit(self, chunk: Chunk) -> Future[Finished]:
        with _without_interrupts():
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    self._count,
                    mp_context=multiprocessing.get_context("spawn"),
                    initializer=self._initializer,
                    initargs=self._arguments,
                )
            return self._pool.submit(self._task, chunk)

    def stop(self) -> None:
        """End all workers at once; what they have written stays."""
        if self._pool is None:
            return
        self._pool.shutdown(wait=False, cancel_futures=True)
        mine = set(multiprocessing.active_children()) - self._others
        for process in mine:
            process.terminate()
        for process in mine:
            process.join(timeout=1)
        self._pool = None


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Start processes with SIGINT blocked: Ctrl-C must not hit them before they ignore it."""
    if not hasattr(signal, "pthread_sigmask"):  # pragma: no cover  Windows
        yield
        return
    # Up to Python 3.13 starting the tracker unblocks SIGINT: left to the first worker, that one
    # would be born open to Ctrl-C.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _given_up(chunk: Chunk) -> str:
    first, last = chunk.trips[0], chunk.trips[-1]
    return (
        f"trips {first} to {last} killed their worker process {RETRIES + 1} times (out of memory, "
        "or a crash in a library); what is finished is kept. --workers 1 shows the reason"
    )
