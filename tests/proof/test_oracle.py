"""The guard is not timid in traffic either: what a guide says that knows everything is accepted."""

from collections import Counter

import pytest

from guiderail.sim.lab.experiment.run import Laboratory
from guiderail.sim.lab.experiment.scenario import load_scenario
from guiderail.sim.lab.measure import metrics

CLOSURES = {"mean": 1.0, "stale": 0.5}


def _answers(name: str, trips: int) -> Counter[str]:
    scenario = load_scenario(None, {"map": name, "guide": "oracle", "closures": CLOSURES})
    lab, answers = Laboratory(scenario), Counter[str]()
    for index in range(trips):
        run = lab.drive(lab.trips.planned(index), "guarded", "oracle", 0.0)
        answers.update(one.reason.value for one in metrics.verdicts(run.trace))
    return answers


@pytest.mark.slow
def test_no_advice_of_the_oracle_is_refused() -> None:
    answers = _answers("town", 25)
    assert set(answers) == {"admissible"}
    assert answers.total() >= 8


@pytest.mark.nightly
def test_no_advice_of_the_oracle_is_refused_on_a_real_map() -> None:
    answers = _answers("helsinki", 300)
    assert set(answers) == {"admissible"}
    assert answers.total() >= 10
