"""A scenario file: what is left out has its default, and every mistake is one clear sentence."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.driver.guard.budget import Budget
from guiderail.sim.lab.experiment.scenario import (
    Scenario,
    budget_keys,
    load_scenario,
    make_scenario,
)


def test_the_demo_runs_at_least_2000_trips_in_all_arms_and_rates_0_to_1() -> None:
    demo = load_scenario(None)
    cells = 1 + (len(demo.arms) - 1) * len(demo.rates)
    assert demo.trips * cells >= 2_000
    assert (demo.map, demo.guide) == ("helsinki", "noisy")
    assert (min(demo.rates), max(demo.rates)) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"rates": [0.5, 1.5]}, "rates: 1.5 is above the largest value, 1"),
        ({"rates": [-0.1]}, "rates: -0.1 is below the least value, 0"),
        ({"rates": [float("nan")]}, "rates must be a finite number, not nan"),
        ({"rates": ["0.5"]}, "rates must be a number, not '0.5'"),
        ({"rates": [True]}, "rates must be a number, not True"),
        ({"rates": []}, "rates: name at least one"),
        ({"rates": [0.5, 0.5]}, "rates: a rate is named twice"),
        ({"trips": 0}, "trips: 0 is below the least value, 1"),
        ({"trips": -1}, "trips: -1 is below the least value, 1"),
        ({"trips": 10**12}, "trips: 1000000000000 is above the largest value, 1e+07"),
        ({"trips": 1.5}, "trips must be a whole number, not 1.5"),
        ({"seed": -1}, "seed: -1 is below the least value, 0"),
        ({"seed": 2**63}, "seed: 9223372036854775808 is above the largest value, 9.22337e+18"),
        ({"arms": ["guardd"]}, "arms: no arm named 'guardd'; did you mean 'guarded'?"),
        ({"arms": []}, "arms: name at least one"),
        ({"arms": ["guarded", "guarded"]}, "arms: an arm is named twice"),
        ({"arms": "guarded"}, "arms must be a list, not 'guarded'"),
        ({"ratse": [0]}, "unknown key 'ratse'; did you mean 'rates'?"),
        ({"closures": {"meen": 1}}, "unknown key 'closures.meen'; did you mean 'mean'?"),
        ({"closures": 3}, "closures must be a table, not 3"),
        (
            {"conditions": {"friction": "mud"}},
            "conditions.friction: no friction named 'mud'; known: dry, wet, snow, ice",
        ),
        (
            {"conditions": {"emergency_per_hour": 121}},
            "conditions.emergency_per_hour: 121 is above the largest value, 120",
        ),
        (
            {"conditions": {"emergency_per_hour": 0.5}},
            "conditions.emergency_per_hour must be a whole number, not 0.5",
        ),
        ({"closures": {"queues": 1}}, "closures.queues must be true or false, not 1"),
        ({"closures": {"queues": True}}, "closures: queues = true needs incidents above 0"),
        ({"weather_blind": 1}, "weather_blind must be true or false, not 1"),
        ({"weather_blind": "maybe"}, "weather_blind must be true or false, not 'maybe'"),
        ({"od": {"min_s": 300, "max_s": 200}}, "od: min_s 300 must be below max_s 200"),
        ({"seed": -1, "trips": 0}, "trips: 0 is below the least value, 1 (and 1 more)"),
    ],
)
def test_a_mistake_is_one_sentence(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ScenarioError) as error:
        make_scenario(values)
    assert str(error.value) == sentence


def test_an_unknown_arm_is_told_which_there_are() -> None:
    with pytest.raises(ScenarioError, match="known: no_guide, guarded, obeying_machine"):
        make_scenario({"arms": ["xyz"]})


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ScenarioError, match=r"no scenario file 'missing.toml'"):
        load_scenario("missing.toml")


def test_a_folder_is_no_scenario_file(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="is a folder"):
        load_scenario(tmp_path)


@pytest.mark.parametrize("content", [b"trips = ", b"\xff\xfe\x00", b"a=" + b"[" * 100_000])
def test_a_file_that_is_no_toml_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.toml"
    path.write_bytes(content)
    with pytest.raises(ScenarioError, match=r"odd\.toml") as error:
        load_scenario(path)
    assert "\n" not in str(error.value)


def test_a_mistake_in_a_file_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("trips = 0\n")
    with pytest.raises(ScenarioError, match=r"mine\.toml: trips: 0 is below"):
        load_scenario(path, {"trips": 5})


def test_the_command_line_overrides_the_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("trips = 7\nseed = 3\n")
    scenario = load_scenario(path, {"trips": 5, "seed": None})
    assert (scenario.trips, scenario.seed) == (5, 3)


def test_what_is_left_out_has_the_default_of_the_demo_file() -> None:
    defaults = Scenario()
    demo = load_scenario(None)
    for part in ("conditions", "budget", "closures"):
        assert getattr(defaults, part) == getattr(demo, part)


def test_values_reach_the_lattice_in_its_units() -> None:
    scenario = make_scenario({"conditions": {"friction": "wet", "sight_m": 62.5}})
    conditions = scenario.conditions.conditions()
    assert (conditions.friction_permille, conditions.sight_mm) == (500, 62_500)
    assert scenario.budget.budget() == Budget(changes=8, extra_ms=300_000, spacing_ms=5_000)


def test_arms_and_rates_have_one_order_whatever_the_file_says() -> None:
    one = make_scenario({"arms": ["guarded", "no_guide"], "rates": [1, 0.5, 0]})
    other = make_scenario({"arms": ["no_guide", "guarded"], "rates": [0, 0.5, 1.0]})
    assert one == other
    assert one.digest("m", "v") == other.digest("m", "v")


def test_a_scenario_written_out_reads_back_the_same() -> None:
    closures = {"mean": 2, "incidents": 1, "queues": True}
    scenario = make_scenario({"map": 'a "b" \\c.npz', "rates": [0.25], "closures": closures})
    assert make_scenario(tomllib.loads(scenario.to_toml())) == scenario


@pytest.mark.parametrize(
    "change",
    [{"seed": 2}, {"trips": 5}, {"guide": "oracle"}, {"rates": [0.5]}, {"budget": {"changes": 1}}],
)
def test_whatever_decides_the_results_changes_the_digest(change: dict[str, Any]) -> None:
    assert make_scenario(change).digest("m", "v") != make_scenario({}).digest("m", "v")


def test_the_digest_follows_the_content_of_the_map_and_not_its_path() -> None:
    scenario = make_scenario({"map": "town"})
    assert scenario.digest("m", "v") == make_scenario({"map": "copy.npz"}).digest("m", "v")
    assert scenario.digest("m", "v") != scenario.digest("other", "v")
    assert scenario.digest("m", "v") != scenario.digest("m", "newer")


def test_a_budget_on_the_command_line_replaces_only_what_it_names() -> None:
    scenario = load_scenario(None, {"budget": budget_keys("changes=2, extra_s=60.5")})
    assert scenario.budget.budget() == Budget(changes=2, extra_ms=60_500, spacing_ms=5_000)


@pytest.mark.parametrize("text", ["changes", "changes=", "changes=two", ""])
def test_a_budget_that_is_no_list_of_numbers_is_refused(text: str) -> None:
    with pytest.raises(ScenarioError, match="no key=number"):
        budget_keys(text)
