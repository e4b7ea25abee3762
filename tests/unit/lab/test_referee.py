"""SUMO convicts planted faults and has nothing to say of the guarded car."""

import os

import pytest

from guiderail.sim.contract.errors import PluginError, ScenarioError
from guiderail.sim.lab.sumo import network
from guiderail.sim.lab.sumo.referee import MUTANTS, Case, referee


def test_hours_are_cut_into_blocks_of_half_an_hour_after_a_warm_up() -> None:
    assert Case(map="town", hours=0.75).blocks() == [(0, 1_860_000), (1, 960_000)]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"arm": "nobody"}, "no arm named 'nobody'"),
        ({"mutant": "no_brain"}, f"no mutant 'no_brain'; there are: {', '.join(MUTANTS)}"),
        ({"hours": 0.0}, "--hours 0 is not above 0"),
        ({"hours": float("nan")}, "--hours nan is not above 0"),
        ({"rate": 1.5}, "--rate 1.5 is not between 0 and 1"),
        ({"cars": -1}, "--cars -1 is not between 0 and 10000"),
    ],
)
def test_what_does_not_exist_is_refused_before_anything_runs(
    values: dict[str, object], said: str
) -> None:
    with pytest.raises(ScenarioError, match=said):
        referee(Case(**{"map": "town", "hours": 1.0, **values}))  # type: ignore[arg-type]


def test_without_sumo_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network.util, "find_spec", lambda _: None)
    with pytest.raises(PluginError, match=r"pip install 'guiderail\[sumo\]'"):
        referee(Case(map="town", hours=1.0))


@pytest.mark.slow
def test_sumo_has_nothing_to_say_of_the_guarded_car_for_a_while() -> None:
    pytest.importorskip("sumo", reason="needs the extra sumo")
    found = referee(Case(map="helsinki", hours=0.03))
    assert found["driven_h"] > 0.02
    assert not any(found["by_ego"].values())


HOURS = float(os.environ.get("GUIDERAIL_REFEREE_HOURS", "0.5"))
"""Hours that the nightly test drives on each map; 5 is the long run of docs/referee.md."""


@pytest.mark.nightly
@pytest.mark.parametrize("name", ["helsinki", "town"])
def test_sumo_convicts_the_guarded_car_of_nothing(name: str) -> None:
    pytest.importorskip("sumo", reason="needs the extra sumo")
    found = referee(Case(map=name, hours=HOURS, seed=61))
    assert found["driven_h"] > 0.9 * HOURS
    assert not any(found["by_ego"].values()), found["cases"]


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("mutant", "kind"),
    [
        ("no_red_check", "red_light"),
        ("no_follow_rule", "collision"),
        ("no_lane_sense", "emergency_stop"),
    ],
)
def test_sumo_convicts_a_planted_fault_by_a_detection_of_its_own(mutant: str, kind: str) -> None:
    pytest.importorskip("sumo", reason="needs the extra sumo")
    assert referee(Case(map="helsinki", hours=0.3, mutant=mutant, seed=3))["by_ego"][kind] > 0


@pytest.mark.nightly
@pytest.mark.parametrize("arm", ["obeying_human", "obeying_machine"])
def test_sumo_itself_convicts_whoever_obeys_a_lawless_guide(arm: str) -> None:
    pytest.importorskip("sumo", reason="needs the extra sumo")
    lawless = {"guide": "guiderail.agents.makers:only_illegal_turn", "rate": 1.0}
    found = referee(Case(map="helsinki", hours=0.25, arm=arm, seed=3, **lawless))  # type: ignore[arg-type]
    assert found["by_ego"]["illegal_turn"] > 3
    assert found["by_sumo"] > 0
