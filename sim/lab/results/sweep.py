"""A sweep from scenario to results folder: claim it, run what is missing, join, summarize, draw."""

import os
import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from guiderail.sim.lab.experiment import registry
from guiderail.sim.lab.experiment.run import Laboratory
from guiderail.sim.lab.experiment.scenario import Scenario
from guiderail.sim.lab.results.batch import (
    Chunk,
    Finished,
    Workers,
    chunks_of,
    run_serially,
    runs_per_trip,
    start_worker,
)
from guiderail.sim.lab.results.progress import Watch
from guiderail.sim.lab.results.store import ResultFolder

FORMAT: Final = "gr1"
"""First word of every run name: the version of what a name stands for."""


def run_name(scenario: Scenario, header: Mapping[str, str], program: str) -> str:
    """
    One string that names a run: program, map, everything in the scenario, seed and guide.

    The same name gives the same tables, byte for byte, at any number of workers.
    """
    digest = scenario.digest(header.get("digest", ""), program)
    map_name = header.get("name", "unnamed")
    words = (FORMAT, map_name, digest[:8], f"s{scenario.seed}", scenario.guide)
    return "-".join(re.sub(r"[^a-z0-9.]+", "_", word.lower()) for word in words)


def usable_cores() -> int:
    """Cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # pragma: no cover  not on every platform
        return os.cpu_count() or 1


def sweep(scenario: Scenario, out: Path, workers: int) -> ResultFolder:
    """
    Run what a results folder lacks, and join it into sorted tables.

    Parameters
    ----------
    scenario
        What to run.
    out
        A new or empty folder, or one where the same run was interrupted.
    workers
        Processes to run in; 1 stays in this one.

    Raises
    ------
    GuiderailError
        When map, guide, scenario or folder cannot be used; then nothing was written.
    KeyboardInterrupt
        On Ctrl-C; every finished chunk is kept.
    """
    laboratory = Laboratory(scenario)
    laboratory.trips.planned(0)  # a map without such trips is told before any file is made
    name = run_name(scenario, laboratory.network.header, laboratory.program)
    folder = ResultFolder(out)
    folder.claim(name, about(laboratory), scenario.to_toml())
    if not folder.is_finished():
        _run_missing(laboratory, folder, workers)
        folder.finish([chunk.number for chunk in chunks_of(scenario)])
    return folder


def about(laboratory: Laboratory) -> dict[str, Any]:
    """Everything needed to read the results, or to run them again."""
    return {
        "program": laboratory.program,
        "guide": laboratory.scenario.guide,
        "map": dict(laboratory.network.header),
        "scenario": laboratory.scenario.model_dump(mode="json"),
    }


def _run_missing(laboratory: Laboratory, folder: ResultFolder, workers: int) -> None:
    scenario = laboratory.scenario
    chunks = chunks_of(scenario)
    done = folder.finished_chunks()
    missing = [chunk for chunk in chunks if chunk.number not in done]
    per_trip = runs_per_trip(scenario)
    ready = sum(len(chunk.trips) for chunk in chunks if chunk.number in done) * per_trip
    reports = _reports(laboratory, missing, folder, min(workers, len(missing)))
    with Watch(scenario.trips * per_trip, ready) as watch, closing(reports):
        for report in reports:
            folder.note(report.manifest_line())
            watch.note(report)


def _reports(
    laboratory: Laboratory, missing: Sequence[Chunk], folder: ResultFolder, workers: int
) -> Generator[Finished, None, None]:
    if workers <= 1 or not registry.is_portable(laboratory.scenario.guide):
        return run_serially(laboratory, missing, folder.path)
    mine = {
        name: maker
        for name, maker in registry.registered().items()
        if name == laboratory.scenario.guide
    }
    arguments = (laboratory.scenario.model_dump_json(), str(folder.path), mine)
    return Workers(workers, start_worker, arguments).run(missing)
