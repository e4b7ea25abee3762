"""Late words and the sensitivity of people: what the commands count, and what they refuse."""

import json
from pathlib import Path

import pytest

from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.driver.people import ASSUMED, PEOPLE
from guiderail.sim.lab.cli.main import run_command
from guiderail.sim.lab.experiment.conditions import RoadConditions
from guiderail.sim.lab.experiment.run import Laboratory
from guiderail.sim.lab.experiment.scenario import make_scenario
from guiderail.sim.lab.studies import sensitivity


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["late", "--runs", "0"], "--runs 0 is below the least value, 1"),
        (["late", "--people", "drunk"], "no people named 'drunk'; there are: ordinary, calm"),
        (["late", "--speed", "130"], "--speed 130 is outside 20 .. 70 km/h"),
        (["late", "--friction", "0"], "--friction 0 is outside 0.05 .. 1.2"),
        (["late", "--case", "ice"], "no case named 'ice'; there are: in_lane, wet"),
        (["late", "--arm", "nobody"], "no arm named 'nobody' listens; there are: guarded, obeying"),
        (["late", "--arm", "no_guide"], "no arm named 'no_guide' listens"),
        (["late", "--png", "nowhere/late.png"], "--png 'nowhere/late.png': there is no folder"),
        (["late", "--json", "nowhere/late.json"], "--json 'nowhere/late.json': there is no folder"),
        (["sensitivity", "--arm", "guarded"], "no person drives in 'guarded'"),
        (["sensitivity", "--trips", "0"], "--trips 0 is below the least value, 1"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(arguments) == 2
    assert complaint in capsys.readouterr().err


def test_late_prints_a_row_for_each_lead_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["late", "--runs", "1", "--arm", "obeying_machine"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "obeying_machine" in line]
    assert [line.split()[1] for line in lines] == ["1.5", "2", "2.5", "3", "4", "5", "6"]


def test_late_writes_its_counts_and_a_figure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counts, figure = tmp_path / "late.json", tmp_path / "late.png"
    files = ["--json", str(counts), "--png", str(figure)]
    chosen = ["--case", "closure", "--arm", "obeying_machine"]
    assert run_command(["late", "--runs", "1", *chosen, *files]) == 0
    written = json.loads(counts.read_text())
    assert (written["speed_kmh"], written["friction"], written["people"]) == (50, None, "ordinary")
    assert [cell["serious"] for cell in written["cells"]][3:] == [
        *2 * [{"illegal_turn": 1}],
        *2 * [{}],
    ]
    assert figure.read_bytes().startswith(b"\x89PNG")
    assert "closure: A turn right into a closed road; 1 runs" in capsys.readouterr().out


@pytest.mark.slow
def test_every_assumption_is_varied_on_the_same_trips_and_put_back() -> None:
    laboratory = Laboratory(make_scenario({"map": "town", "trips": 1}))
    before = laboratory.person
    found = list(sensitivity.rows(laboratory, "judging_human", 1.0, 1))
    assert [row.name for row in found] == list(ASSUMED)
    assert laboratory.person is before
    assert all(count.km > 0 for row in found for count in row.counts)


def test_a_person_varied_stays_possible() -> None:
    for name in ASSUMED:
        for factor in sensitivity.FACTORS:
            person = sensitivity._varied(PEOPLE["ordinary"], name, factor)  # noqa: SLF001
            assert person.loss_least_permille <= person.loss_most_permille
            assert person.heeds_permille <= 1_000


@pytest.mark.parametrize(
    ("name", "sight_m"), [("clear", 100), ("night", 60), ("fog", 50), ("dense_fog", 30)]
)
def test_sight_has_names(name: str, sight_m: int) -> None:
    assert RoadConditions(sight_m=name).conditions().sight_mm == sight_m * 1_000  # type: ignore[arg-type]


def test_the_hour_scales_the_flow_by_its_share_of_the_day() -> None:
    # 17 h carries 7.7 % of a weekday, 24 * 0.077 = 1.848 of the mean; 3 h 0.5 %
    assert RoadConditions(flow_per_hour=1_000, hour=17).conditions().flow_per_hour == 1_848
    assert RoadConditions(flow_per_hour=1_000, hour=3).conditions().flow_per_hour == 120
    assert RoadConditions(flow_per_hour=1_000).conditions().flow_per_hour == 1_000


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"conditions": {"sight_m": "mist"}}, "no sight named 'mist'; known: clear, night"),
        ({"conditions": {"hour": 24}}, "conditions.hour: 24 is above the largest value, 23"),
        ({"faults": {"quality": "best"}}, "no quality named 'best'; known: ideal"),
        ({"people": "calmer"}, "no people named 'calmer'; did you mean 'calm'?"),
    ],
)
def test_a_wrong_preset_is_named_with_those_that_exist(
    values: dict[str, object], complaint: str
) -> None:
    with pytest.raises(ScenarioError) as raised:
        make_scenario(values)
    assert complaint in str(raised.value)
