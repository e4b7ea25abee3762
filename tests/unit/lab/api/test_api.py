"""The front door for Python: what a script or a notebook calls."""

import importlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import guiderail
from guiderail.sim.lab.cli.main import run_command

SHORT: dict[str, Any] = {
    "map": "town",
    "rates": [1.0],
    "arms": ["guarded", "obeying_machine"],
    "trips": 2,
    "od": {"min_s": 30, "max_s": 60},
}


class Mute:
    """A guide that says nothing, and takes none of the arguments of a maker."""

    name = "mute"

    def advise(self, seen: guiderail.Observation) -> guiderail.Advice | None:
        """Say nothing."""
        del seen


@pytest.fixture(scope="module")
def arms() -> dict[str, guiderail.TripResult]:
    """Run one short trip in both arms."""
    return guiderail.run_arms(SHORT)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> guiderail.Results:
    """Sweep two short trips."""
    return guiderail.sweep(SHORT, tmp_path_factory.mktemp("api") / "out", workers=1)


def test_importing_it_loads_no_heavy_library() -> None:
    code = "import guiderail, sys; print(*sys.modules)"
    run = [sys.executable, "-P", "-c", code]
    loaded = set(subprocess.run(run, capture_output=True, text=True, check=True).stdout.split())
    assert loaded.isdisjoint({"numpy", "matplotlib", "pyarrow", "pydantic", "typer", "simpy"})


def test_every_name_of_the_list_is_there_and_documented() -> None:
    assert dir(guiderail) == sorted(guiderail.__all__)
    for name in guiderail.__all__:
        assert getattr(guiderail, name).__doc__, name
    with pytest.raises(AttributeError, match="module 'guiderail' has no attribute 'fly'"):
        _ = guiderail.fly  # type: ignore[attr-defined]


def test_a_trip_holds_its_story_motion_and_judgement(
    arms: dict[str, guiderail.TripResult],
) -> None:
    ride = arms["obeying_machine"]
    assert "the guide says:" in ride.story()
    motion = ride.trace_table()
    assert motion["time_ms"][-1].as_py() <= ride.trace.end_ms
    assert ride.judgement.duration_ms == ride.trace.end_ms
    assert ride.message_table().num_rows == ride.measures()["messages"]
    assert set(ride.induced) <= set(ride.infractions)
    assert repr(ride).startswith("<trip 0, obeying_machine: ")


def test_a_trip_is_the_row_of_the_sweep_that_it_belongs_to(
    arms: dict[str, guiderail.TripResult], results: guiderail.Results
) -> None:
    row = next(row for row in results.trips.to_pylist() if row["arm"] == "guarded")
    assert row == arms["guarded"].measures()


def test_a_folder_opens_again_with_the_same_tables(results: guiderail.Results) -> None:
    again = guiderail.open_results(results.path)
    assert again.trips.equals(pq.read_table(results.path / "trips.parquet"))
    assert again.messages.num_rows == results.to_pandas("messages").shape[0]
    assert again.infractions.num_rows
    assert again.twins.num_rows
    assert set(again.trips.column_names) == set(guiderail.columns("trips"))


def test_figures_are_shown_by_a_notebook_and_written_whole(
    arms: dict[str, guiderail.TripResult], results: guiderail.Results, tmp_path: Path
) -> None:
    trip, headline = tmp_path / "trip.png", tmp_path / "headline.png"
    shown = guiderail.draw_trip(arms, trip)._repr_png_()
    assert shown[:8] == trip.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    guiderail.draw_headline(results, headline)
    assert headline.read_bytes() == (results.path / "headline.png").read_bytes()


@pytest.mark.parametrize("ending", ["html", "gif", "geojson"])
def test_a_trip_is_saved_by_the_ending_of_its_file(
    ending: str, arms: dict[str, guiderail.TripResult], tmp_path: Path
) -> None:
    assert arms["guarded"].save(tmp_path / f"trip.{ending}").stat().st_size > 0


WITH_WORKERS = f"""
import guiderail

class Mute:
    name = "mute"
    def advise(self, seen):
        return None

if __name__ == "__main__":
    guiderail.register_guide("mute", Mute)
    scenario = {SHORT | {"guide": "mute", "arms": ["guarded"], "trips": 11}}
    alone, many = (guiderail.sweep(scenario, f"out{{n}}", workers=n) for n in (1, 2))
    assert many.run_name == alone.run_name
    assert many.trips.equals(alone.trips)
    print(*many.trips["guide"].unique().to_pylist(), len(many.trips))
"""


@pytest.mark.slow
def test_a_registered_guide_speaks_in_worker_processes_too(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(WITH_WORKERS)
    run = subprocess.run(
        [sys.executable, "mine.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.stdout == "mute 11\n", run.stderr


def test_a_guide_of_a_notebook_is_known_by_its_text_and_stays_in_this_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = type("Cell", (Mute,), {"__module__": "no_such_module"})
    guiderail.register_guide("cell", cell)
    monkeypatch.setattr(
        "guiderail.sim.lab.results.sweep.Workers", lambda *_: pytest.fail("a worker was started")
    )
    scenario = SHORT | {"guide": "cell", "arms": ["guarded"]}
    assert len(guiderail.sweep(scenario, tmp_path / "cell", workers=2).trips) == 2


def test_a_loaded_scenario_keeps_what_is_not_replaced(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('map = "town"\n[budget]\nchanges = 3\n')
    read = guiderail.load_scenario(file, trips=5, budget={"extra_s": 60})
    assert (read.map, read.trips, read.budget.changes, read.budget.extra_s) == ("town", 5, 3, 60)
    assert guiderail.load_scenario(read, seed=9).budget == read.budget


MISTAKES: list[tuple[Callable[[], object], str]] = [
    (lambda: guiderail.run_trip({"map": "atlantis"}), "run --map atlantis"),
    (lambda: guiderail.run_trip(arm="nobody"), "run --arm nobody"),
    (lambda: guiderail.run_trip({"guide": "hal9000"}), "run --guide hal9000"),
    (lambda: guiderail.run_trip(rate=1.5), "run --rate 1.5"),
    (lambda: guiderail.load_scene("late_turn"), "run --scene late_turn"),
    (lambda: guiderail.open_results("missing"), "report missing"),
    (lambda: guiderail.load_scenario("missing.toml"), "run --scenario missing.toml"),
    (lambda: guiderail.load_scenario(budget={"chances": 3}), "run --budget chances=3"),
    (lambda: guiderail.add_map("x.osm", "town"), "map add x.osm --name town"),
]


@pytest.mark.parametrize(("call", "command"), MISTAKES)
def test_a_mistake_is_one_error_with_the_sentence_of_the_command(
    call: Callable[[], object], command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(guiderail.GuiderailError) as caught:
        call()
    assert run_command(command.split()) == 2
    assert capsys.readouterr().err == f"error: {caught.value}\n"


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: guiderail.Scenario(mapp="town"), "unknown key 'mapp'; did you mean 'map'?"),  # type: ignore[call-arg]
        (lambda: guiderail.load_scenario(SHORT, trips=0), "trips: 0 is below the least value, 1"),
        (lambda: guiderail.run_trip(SHORT, -1), "trip -1 is below the least value, 0"),
        (lambda: guiderail.sweep(SHORT, workers=0), "workers 0 is below the least value, 1"),
        (lambda: guiderail.columns("cars"), "no table 'cars'; there are: trips, infractions"),
        (lambda: guiderail.save_trips([], "x.html"), "no trip to save"),
        (lambda: guiderail.draw_trip({}), "no trip to draw"),
        (lambda: guiderail.register_guide("noisy", Mute), "'noisy' is installed: register yours"),
        (lambda: guiderail.register_guide("my guide", Mute), "cannot be the name of a guide"),
        (lambda: guiderail.register_guide("seven", 7), "is a int, which makes no guides"),  # type: ignore[arg-type]
    ],
)
def test_other_mistakes_are_one_sentence_too(call: Callable[[], object], sentence: str) -> None:
    with pytest.raises(guiderail.GuiderailError) as caught:
        call()
    assert sentence in str(caught.value)


def test_a_file_of_another_kind_is_refused_before_it_is_written(
    arms: dict[str, guiderail.TripResult], tmp_path: Path
) -> None:
    with pytest.raises(guiderail.ResultError, match=r"must end in .html, .gif, .geojson"):
        arms["guarded"].save(tmp_path / "trip.avi")
    assert list(tmp_path.iterdir()) == []


def test_without_pandas_one_sentence_says_how_to_get_it(
    results: guiderail.Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = importlib.import_module("guiderail.sim.lab.api.tables")
    monkeypatch.setattr(tables, "find_spec", lambda _name: None)
    with pytest.raises(guiderail.PluginError, match=r"-m pip install 'guiderail\[tables\]'$"):
        results.to_pandas()
    with pytest.raises(guiderail.ResultError, match="no table 'cars'"):
        results.to_pandas("cars")
