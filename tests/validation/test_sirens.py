"""Emergency vehicles in whole runs: drivers make way, and one who does not hear is convicted."""

from collections import Counter
from typing import Any

import pytest

from guiderail.sim.judge.severity import Severity
from guiderail.sim.lab.experiment.run import Laboratory
from guiderail.sim.lab.experiment.scenario import make_scenario
from guiderail.sim.world.perception import senses

SERIOUS = (Severity.S4, Severity.S3, Severity.S2)
TRIPS = 12


def _articles(arm: str, rate: float, **conditions: Any) -> Counter[str]:
    """What an arm is convicted of on trips on which a siren is heard every half minute."""
    conditions = {"emergency_per_hour": 120} | conditions
    laboratory = Laboratory(make_scenario({"conditions": conditions}))
    runs = (
        laboratory.drive(laboratory.trips.planned(k), arm, "noisy" if rate else "silent", rate)
        for k in range(TRIPS)
    )
    found = (one for run in runs for one in run.judgement.infractions)
    return Counter(one.article for one in found if one.severity in SERIOUS)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arm", "rate"), [("guarded", 1.0), ("obeying_machine", 0.0), ("obeying_human", 0.0)]
)
def test_every_driver_makes_way(arm: str, rate: float) -> None:
    assert _articles(arm, rate) == Counter()


@pytest.mark.slow
def test_a_driver_who_hears_nothing_is_convicted_on_both_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(senses, "_heard", lambda _: ((), 1_000_000_000, -1))
    found = _articles("guarded", 0.0)
    assert found["R4"] > 0
    assert found["R15"] > 0
    assert found["C2"] > 0


@pytest.mark.slow
def test_words_that_are_all_refused_change_nothing_where_sirens_are_about() -> None:
    laboratory = Laboratory(
        make_scenario({"conditions": {"emergency_per_hour": 120}, "budget": {"changes": 0}})
    )
    for k in range(4):
        planned = laboratory.trips.planned(k)
        spoken, silent = (
            laboratory.drive(planned, "guarded", guide, rate).trace
            for guide, rate in (("noisy", 1.0), ("silent", 0.0))
        )
        assert spoken.motion == silent.motion
        assert spoken.sirens == silent.sirens
