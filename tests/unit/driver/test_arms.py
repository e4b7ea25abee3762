"""An arm from outside is one function and one entry, and is driven by its name like any other."""

import pytest

from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.contract.ports import Driver
from guiderail.sim.driver import arms
from guiderail.sim.driver.arms import Arm, Seat, find_arm, register
from guiderail.sim.driver.motion.style import DrivingStyle
from guiderail.sim.driver.obeying import ObeyingMachine
from guiderail.sim.lab.experiment.run import Laboratory
from guiderail.sim.lab.experiment.scenario import Scenario, make_scenario


def timid(seat: Seat) -> Driver:
    """Drive with a headway of 4 s, and do what one is told."""
    style = DrivingStyle(headway_ms=4_000, obeys=True)
    return ObeyingMachine(seat.name, seat.pilot(style), seat.gazetteer)


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arms, "_REGISTERED", {})
    register(Arm(name="timid", make=timid))


@pytest.mark.usefixtures("registered")
def test_an_arm_from_outside_is_driven_by_name() -> None:
    scenario = make_scenario({"map": "town", "arms": ["timid"], "rates": [0.5], "trips": 1})
    result = Laboratory(scenario).one(0, "timid", 0.5)
    assert result.run.arm == "timid"
    assert result.run.trace.end_ms > 0


@pytest.mark.usefixtures("registered")
def test_two_arms_of_one_name_are_refused() -> None:
    with pytest.raises(ScenarioError, match="an arm named 'timid' already"):
        register(Arm(name="timid", make=timid))


def test_an_unknown_arm_is_refused_with_those_there_are() -> None:
    with pytest.raises(ScenarioError, match="no arm named 'timid'; there are: no_guide, guarded,"):
        find_arm("timid")


def test_a_scenario_that_names_no_arms_leaves_out_the_person_with_judgement() -> None:
    assert Scenario().arms == ("no_guide", "guarded", "obeying_machine", "obeying_human")


def test_each_arm_says_who_drives_and_what_stands_between_guide_and_car() -> None:
    told = {name: (a.is_person, a.has_guard, a.hears_guide) for name, a in arms.arms().items()}
    assert told == {
        "no_guide": (False, True, False),
        "guarded": (False, True, True),
        "obeying_machine": (False, False, True),
        "obeying_human": (True, False, True),
        "judging_human": (True, False, True),
    }
