"""The same run name gives the same tables: at any number of workers, hash seed and interruption."""

import os
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pytest

from guiderail.sim.lab.experiment.provenance import program
from guiderail.sim.lab.experiment.registry import find_guide
from guiderail.sim.lab.experiment.scenario import make_scenario
from guiderail.sim.lab.results.store import MANIFEST, PARTS, sha256
from guiderail.sim.lab.results.sweep import run_name

SCENARIO = """
trips = 8
rates = [0.0, 1.0]
[od]
min_s = 15
max_s = 30
[closures]
mean = 1.0
"""
TABLES = ("trips", "infractions", "messages", "twins")
PATIENCE_S = 60


def command(folder: Path, out: str, workers: int) -> list[str]:
    scenario = folder / "small.toml"
    scenario.write_text(SCENARIO)
    start = "from guiderail.sim.lab.cli.main import main; main()"
    options = ["--out", str(folder / out), "--workers", str(workers)]
    return [sys.executable, "-P", "-c", start, "sweep", str(scenario), *options]


def environment(hash_seed: int) -> dict[str, str]:
    return os.environ | {"PYTHONHASHSEED": str(hash_seed)}


def sweep(folder: Path, out: str, *, workers: int, hash_seed: int) -> None:
    subprocess.run(
        command(folder, out, workers),
        env=environment(hash_seed),
        check=True,
        capture_output=True,
        timeout=PATIENCE_S,
    )


def digests(folder: Path) -> dict[str, str]:
    return {name: sha256(folder / f"{name}.parquet") for name in TABLES}


def begin(folder: Path, out: str, *, hash_seed: int) -> subprocess.Popen[str]:
    """Start a sweep in a process group of its own and wait until a chunk is finished."""
    process = subprocess.Popen(
        command(folder, out, 2),
        env=environment(hash_seed),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    manifest = folder / out / MANIFEST
    deadline = time.monotonic() + PATIENCE_S
    while not (manifest.exists() and manifest.stat().st_size):
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Digests of the tables of one undisturbed sweep in one process."""
    folder = tmp_path_factory.mktemp("reference")
    sweep(folder, "out", workers=1, hash_seed=0)
    return digests(folder / "out")


def test_two_workers_and_another_hash_seed_give_the_same_bytes(
    tmp_path: Path, reference: dict[str, str]
) -> None:
    sweep(tmp_path, "out", workers=2, hash_seed=4_242)
    assert digests(tmp_path / "out") == reference


def test_after_ctrl_c_the_same_command_goes_on_and_gives_the_same_bytes(
    tmp_path: Path, reference: dict[str, str]
) -> None:
    process = begin(tmp_path, "out", hash_seed=1)
    sent = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=PATIENCE_S)
    assert time.monotonic() - sent < 2
    assert process.returncode == 130
    assert errors.strip().splitlines()[-1].startswith("interrupted: finished trips are kept in")
    assert "Traceback" not in errors
    assert not list((tmp_path / "out").glob("*.parquet"))
    kept = {path.name for path in (tmp_path / "out" / PARTS).glob("*.parquet")}
    assert kept
    sweep(tmp_path, "out", workers=2, hash_seed=2)
    assert digests(tmp_path / "out") == reference


def test_a_killed_sweep_leaves_no_process_behind_and_can_go_on(
    tmp_path: Path, reference: dict[str, str]
) -> None:
    process = begin(tmp_path, "out", hash_seed=3)
    process.kill()
    process.communicate(timeout=PATIENCE_S)
    deadline = time.monotonic() + 10
    while group_is_alive(process.pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    sweep(tmp_path, "out", workers=1, hash_seed=4)
    assert digests(tmp_path / "out") == reference


def group_is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_run_name_is_one_word_that_follows_everything_that_decides_the_results() -> None:
    one, other = make_scenario({"guide": "My.Guides:Loud"}), make_scenario({"seed": 2})
    town, copy = {"name": "Old Town", "digest": "abc"}, {"name": "Old Town", "digest": "abd"}
    name = run_name(one, town, "0.1.0+a")
    assert name.startswith("gr1-old_town-")
    assert name.endswith("-s1-my.guides_loud")
    others = {run_name(one, copy, "0.1.0+a"), run_name(one, town, "0.1.0+b")}
    assert len({name, *others, run_name(other, town, "0.1.0+a")}) == 4


def test_the_program_is_named_by_its_own_text_and_that_of_the_guides() -> None:
    silent = find_guide("silent")
    assert program([silent]) != program([silent, find_guide("noisy")])
    assert program([]) == program([dict]) != program([silent])  # type: ignore[list-item]
    assert program([]).startswith(version("guiderail") + "+")
