"""The command line: every mistake is one line on stderr with exit code 2, and writes nothing."""

import json
import re
from importlib.metadata import version
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import typer

import guiderail
from guiderail.sim.lab.cli import main
from guiderail.sim.lab.cli.main import run_command
from guiderail.sim.lab.cli.options import VALUES
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
        ("run", "guiderail.sim.lab.report.single.print_trip"),
        ("report missing", "guiderail.sim.lab.api.tables.open_results"),
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


def help_of(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Text of a command's help."""
    assert run_command([*command.split(), "--help"]) == 0
    return capsys.readouterr().out


HELPS = [
    *("", "map", "guide"),
    *(function.__name__.replace("_", "-") for function in main.COMMANDS),
    *(f"map {name}" for name in ("add", "list", "show", "export", "price")),
    *(f"guide {name}" for name in ("schema", "list", "check")),
]


@pytest.mark.parametrize("command", HELPS)
def test_every_line_of_a_help_is_whole_and_fits_80_columns(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = help_of(command, capsys).splitlines()
    assert max(map(len, lines)) <= 80
    assert [line for line in lines if line.endswith("...") and "Usage" not in line] == []
    assert not any(mark in line for line in lines for mark in VALUES)


@pytest.mark.parametrize("function", main.COMMANDS)
def test_the_example_in_a_help_names_options_that_exist(
    function: object, capsys: pytest.CaptureFixture[str]
) -> None:
    text = " ".join((function.__doc__ or "").split())
    example = text.partition("Example: guiderail ")[2].split()
    assert example, f"{function} has no example"
    shown = help_of(example[0], capsys)
    options = [word for word in example if word.startswith("--")]
    assert [word for word in options if not re.search(rf"{word}\b", shown)] == []


@pytest.mark.parametrize(
    ("command", "values"),
    [
        ("run", ("obeying_machine", "oracle", "helsinki", "late_left_turn")),
        ("sweep", ("judging_human", "town")),
        ("serve-mcp", ("judging_human", "town")),
        ("referee", ("obeying_human", "noisy")),
    ],
)
def test_a_help_lists_the_values_of_its_options(
    command: str, values: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    shown = help_of(command, capsys)
    assert [value for value in values if value not in shown] == []


def test_a_command_from_outside_is_one_function_and_one_call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def own_command() -> None:
        """Say hello to the judge."""
        typer.echo("hello, judge")

    monkeypatch.setattr(main.app, "registered_commands", [*main.app.registered_commands])
    main.add_command(own_command)
    assert "own-command  Say hello to the judge." in help_of("", capsys)
    assert run_command(["own-command"]) == 0
    assert capsys.readouterr().out == "hello, judge\n"


def test_several_arms_of_one_trip_stand_beside_each_other(
    short: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "trip.html"
    both = ["--arm", "obeying_machine", "--arm", "guarded", "--arm", "guarded"]
    assert run_command(["run", "--scenario", short, *both, "--html", str(page)]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"guarded +obeying_machine", shown)
    assert "the same for all arms" in shown
    assert page.read_text("utf-8").count('"goal_name"') == 2


def test_options_of_a_sweep_replace_the_keys_of_its_file(short: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = f"sweep {short} --out {out} --map town --arms guarded --rates 0.5 --trips 1"
    assert run_command([*words.split(), "--workers", "1"]) == 0
    ran = load_scenario(out / "scenario.toml")
    assert (ran.map, ran.arms, ran.rates, ran.trips) == ("town", ("guarded",), (0.5,), 1)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--rates 0,many", "--rates '0,many' are no numbers with commas, as in 0,0.5,1"),
        ("--arms guarded,nobody", "no arm named 'nobody'; known: no_guide"),
        ("--map atlantis", "no map 'atlantis'"),
    ],
)
def test_a_mistake_in_an_option_of_a_sweep_is_one_line(
    option: str, message: str, short: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run_command(["sweep", short, "--out", str(out), *option.split()]) == 2
    assert message in capsys.readouterr().err
    assert not out.exists()


def test_completion_can_be_had(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--install-completion" in help_of("", capsys)


def test_the_values_in_a_help_are_those_of_the_code() -> None:
    listed = {mark: set(values()) for mark, values in VALUES.items()}
    assert listed["{arms}"] == set(guiderail.list_arms())
    assert listed["{guides}"] <= set(guiderail.list_guides())
    assert listed["{maps}"] <= set(guiderail.list_maps())
    assert listed["{scenes}"] == set(guiderail.list_scenes())
