"""Chunks depend on the scenario alone, and no dead worker takes more than its own chunk along."""

import importlib
import sys
from collections.abc import Iterator
from itertools import pairwise
from multiprocessing import resource_tracker
from pathlib import Path
from types import ModuleType

import pytest

from guiderail.sim.contract.errors import KernelError, ScenarioError
from guiderail.sim.lab.experiment.scenario import Scenario, make_scenario
from guiderail.sim.lab.results.batch import Chunk, Workers, chunks_of, runs_per_trip

TASKS = """
import os, pathlib, signal
from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.lab.results.batch import Finished

def start(folder):
    global FOLDER
    FOLDER = pathlib.Path(folder)

def done(chunk):
    return Finished(chunk.number, {}, len(chunk.trips), {})

def dies_once(chunk):
    grave = FOLDER / "grave"
    if chunk.number == 2 and not grave.exists():
        grave.touch()
        os._exit(9)
    return done(chunk)

def always_dies(chunk):
    if chunk.number == 2:
        os._exit(9)
    return done(chunk)

def start_and_tell(folder):
    start(folder)
    deaf = signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])
    (FOLDER / str(os.getpid())).write_text(str(deaf))

def complains(chunk):
    raise ScenarioError(f"chunk {chunk.number} is odd")
"""
CHUNKS = [Chunk(k, range(5 * k, 5 * k + 5)) for k in range(6)]


@pytest.fixture
def tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Make tasks that a worker process can import."""
    (tmp_path / "odd_tasks.py").write_text(TASKS)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("odd_tasks")
    sys.modules.pop("odd_tasks")


def test_a_trip_takes_a_run_per_cell_and_the_twins_of_the_obeying_arms() -> None:
    assert runs_per_trip(make_scenario({"rates": [0, 0.5, 1]})) == 1 + 3 * 3 + 2
    assert runs_per_trip(make_scenario({"arms": ["no_guide"]})) == 1
    assert runs_per_trip(make_scenario({"arms": ["obeying_human"], "rates": [1]})) == 3


@pytest.mark.parametrize("trips", [1, 3, 100, 12_345, 1_000_000])
def test_chunks_cover_every_trip_once(trips: int) -> None:
    chunks = chunks_of(make_scenario({"trips": trips}))
    assert [chunk.number for chunk in chunks] == list(range(len(chunks)))
    assert chunks[0].trips.start == 0
    assert chunks[-1].trips.stop == trips
    assert all(a.trips.stop == b.trips.start for a, b in pairwise(chunks))


def test_a_chunk_takes_seconds_in_a_short_sweep_and_half_a_minute_in_a_long_one() -> None:
    def runs(scenario: Scenario) -> int:
        return len(chunks_of(scenario)[0].trips) * runs_per_trip(scenario)

    assert runs(make_scenario({"trips": 100})) <= 20
    assert 900 <= runs(make_scenario({"trips": 1_000_000})) <= 1_000


def test_a_worker_that_dies_once_loses_nothing(tasks: ModuleType, tmp_path: Path) -> None:
    workers = Workers(2, tasks.start, (str(tmp_path),), tasks.dies_once)
    assert sorted(one.chunk for one in workers.run(CHUNKS)) == [0, 1, 2, 3, 4, 5]
    assert (tmp_path / "grave").exists()


def test_a_chunk_that_always_kills_its_worker_is_named_after_three_tries(
    tasks: ModuleType, tmp_path: Path
) -> None:
    workers = Workers(2, tasks.start, (str(tmp_path),), tasks.always_dies)
    with pytest.raises(KernelError, match="trips 10 to 14 killed their worker process 3 times"):
        list(workers.run(CHUNKS[2:]))


def test_ctrl_c_never_reaches_a_worker_not_even_before_it_is_set_up(
    tasks: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As in a process that has started no worker before.
    fresh = resource_tracker.ResourceTracker()
    monkeypatch.setattr(resource_tracker, "ensure_running", fresh.ensure_running)
    monkeypatch.setattr(resource_tracker, "getfd", fresh.getfd)
    workers = Workers(2, tasks.start_and_tell, (str(tmp_path),), tasks.done)
    list(workers.run(CHUNKS))
    assert {born.read_text() for born in tmp_path.glob("[0-9]*")} == {"True"}


def test_an_error_of_a_worker_is_raised_here(tasks: ModuleType, tmp_path: Path) -> None:
    workers = Workers(1, tasks.start, (str(tmp_path),), tasks.complains)
    with pytest.raises(ScenarioError, match="chunk 0 is odd"):
        list(workers.run(CHUNKS[:1]))
