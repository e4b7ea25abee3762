"""The command line: every mistake is one line on stderr with exit code 2, and writes nothing."""

import json
from importlib.metadata import version
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from guiderail.sim.lab.cli.main import run_command
from guiderail.sim.lab.experiment.scenario import load_scenario

SHORT = """
trips = 2
rates = [1.0]
arms = ["guarded", "obeying_machine"]
[od]
min_s = 30
max_s = 60
"""


@pytest.fixture
def short(tmp_path: Path) -> str:
    """Write a scenario of four short trips."""
    path = tmp_path / "short.toml"
    path.write_text(SHORT)
    return str(path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("demo --out {out} --trips 0", "trips: 0 is below the least value, 1"),
        ("demo --out {out} --trips many", "Invalid value for '--trips'"),
        ("demo --out {out} --seed -1", "seed: -1 is below the least value, 0"),
        ("demo --out {out} --workers 0", "--workers 0 is below the least value, 1"),
        ("demo --out {out} --speed 9", "No such option"),
        ("sweep missing.toml --out {out}", "no scenario file 'missing.toml'"),
        ("sweep --out {out}", "Missing argument"),
        ("run --map atlantis", "no map 'atlantis'"),
        ("run --map missing.npz", "no such map file"),
        ("run --arm nobody", "no arm named 'nobody'; known: no_guide, guarded"),
        ("run --guide hal9000", "no guide named 'hal9000'; installed: "),
        ("run --rate 1.5", "rates: 1.5 is above the largest value, 1"),
        ("run --rate -0.5", "rates: -0.5 is below the least value, 0"),
        ("run --rate nan", "rates must be a finite number, not nan"),
        ("run --trip -1", "--trip -1 is below the least value, 0"),
        ("report missing", "no trips.parquet in 'missing'"),
        ("fly", "No such command 'fly'"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_written(
    arguments: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run_command([word.format(out=out) for word in arguments.split()]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith("error: ")
    assert message in shown.err
    assert shown.err.count("\n") == 1
    assert shown.out == ""
    assert not out.exists()


def test_a_corrupt_map_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "odd.npz"
    path.write_bytes(b"PK\x03\x04 this is no map")
    assert run_command(["run", "--map", str(path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_folder_that_holds_something_is_refused_before_any_work(
    tmp_path: Path, short: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["sweep", short, "--out", str(tmp_path)]) == 2
    assert "is not empty; name a new folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["short.toml"]


def test_a_folder_that_cannot_be_made_is_refused_before_any_work(
    short: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["sweep", short, "--out", f"{short}/out"]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_ctrl_c_is_exit_code_130(
    monkeypatch: pytest.MonkeyPatch, short: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("guiderail.sim.lab.results.sweep.sweep", interrupted)
    assert run_command(["sweep", short, "--out", str(tmp_path / "out")]) == 130
    assert capsys.readouterr().err == "interrupted: nothing was written\n"


@pytest.mark.parametrize(
    ("command", "inner"),
    [
        ("run", "guiderail.sim.lab.report.single.run_single"),
        ("report missing", "guiderail.sim.lab.report.report.write_report"),
        ("demo", "guiderail.sim.lab.experiment.scenario.load_scenario"),
    ],
)
def test_ctrl_c_outside_a_sweep_is_one_line_too(
    command: str, inner: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(inner, interrupted)
    assert run_command(command.split()) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_a_sweep_writes_what_it_promises_and_report_remakes_it(
    tmp_path: Path, short: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run_command(["sweep", short, "--out", str(out), "--workers", "1", "--seed", "3"]) == 0
    summary = json.loads((out / "summary.json").read_text())
    assert summary["arms"]["guarded"]["trips"] == 2
    assert summary["run"].endswith("-s3-noisy")
    tables = {path.name for path in out.glob("*.parquet")}
    assert tables == {"trips.parquet", "infractions.parquet", "messages.parquet", "twins.parquet"}
    printed = capsys.readouterr().out
    assert "What the words cost" in printed
    assert "The guarded car grants the guide 8 changes of the route and" in printed
    (out / "summary.json").unlink()
    (out / "headline.png").unlink()
    assert run_command(["report", str(out)]) == 0
    assert capsys.readouterr().out == printed
    assert json.loads((out / "summary.json").read_text()) == summary
    assert (out / "headline.png").exists()


def test_the_scenario_in_a_results_folder_runs_a_trip_of_it_again(
    tmp_path: Path, short: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run_command(["sweep", short, "--out", str(out), "--workers", "1", "--trips", "1"]) == 0
    capsys.readouterr()
    again = ["run", "--scenario", str(out / "scenario.toml"), "--arm", "guarded", "--rate", "1"]
    assert run_command(again) == 0
    row = pq.read_table(out / "trips.parquet", columns=["digest"]).to_pylist()[0]
    assert row["digest"] in capsys.readouterr().out


def test_run_tells_the_story_and_writes_geojson(
    tmp_path: Path, short: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trip.geojson"
    arguments = ["run", "--scenario", short, "--arm", "obeying_machine", "--rate", "1", "--story"]
    assert run_command([*arguments, "--geojson", str(path)]) == 0
    assert "the guide says:" in capsys.readouterr().out
    assert json.loads(path.read_text())["type"] == "FeatureCollection"


def test_geojson_into_a_missing_folder_is_one_line(
    tmp_path: Path, short: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "missing" / "trip.geojson"
    assert run_command(["run", "--scenario", short, "--geojson", str(path)]) == 2
    assert "cannot write" in capsys.readouterr().err


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["--version"]) == 0
    assert capsys.readouterr().out == f"guiderail {version('guiderail')}\n"


def test_the_example_is_a_scenario_that_can_be_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["sweep", "--example"]) == 0
    path = tmp_path / "my.toml"
    path.write_text(capsys.readouterr().out)
    assert load_scenario(path) == load_scenario(None)


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command([]) == 0
    assert "Usage: guiderail" in capsys.readouterr().out


def test_a_trip_is_saved_in_every_form(tmp_path: Path) -> None:
    files = {kind: tmp_path / f"trip.{kind}" for kind in ("html", "gif", "geojson")}
    options = [word for kind, path in files.items() for word in (f"--{kind}", str(path))]
    assert run_command(["run", "--scene", "wrong_way", *options]) == 0
    assert files["html"].read_text("utf-8").startswith("<!DOCTYPE html>")
    assert files["gif"].read_bytes().startswith(b"GIF89a")
    assert json.loads(files["geojson"].read_text("utf-8"))["arm"] == "guarded"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("run --scene late_turn", "did you mean 'late_left_turn'?"),
        ("run --scene wrong_way --seed 3", "leave those out"),
        ("dashboard --port 80", "greater than or equal to 1024"),
    ],
)
def test_a_mistake_about_scenes_or_ports_is_one_line(
    arguments: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(arguments.split()) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_a_missing_extra_is_one_sentence_with_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("guiderail.sim.lab.serve.dashboard.find_spec", lambda _name: None)
    assert run_command(["dashboard"]) == 2
    error = capsys.readouterr().err
    assert error.endswith("pip install 'guiderail[dashboard]'\n")
    assert error.count("\n") == 1
