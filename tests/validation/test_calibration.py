"""
Calibration without any guide: how often people come close, and how often somebody hits the ego.

Neither can be counted at its true rate in a test. Both are made of rare lapses of attention that
draw independently, so lapses are made more frequent and the result divided by how much more: each
event needs a lapse (shown), and in a sum over lapses the chance of each is a factor.
"""

from dataclasses import replace
from typing import Any

import pytest

from guiderail.sim.driver.people import PEOPLE
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.lab.experiment.run import Laboratory
from guiderail.sim.lab.experiment.scenario import make_scenario

NEAR = ("near_miss_ttc", "near_miss_pet_drac", "collision_vehicle")
HIT = ("collision_vehicle", "provoked_rear_end")
ROUTES = {"min_s": 60, "max_s": 150}
TILT = 33
"""People lapse so many times as often in the measurement."""


def driven(
    arm: str, trips: int, lapses_ppm: int | None = None, **over: Any
) -> tuple[float, list[list[Infraction]]]:
    """Kilometers, and what the judge found in each trip, whoever caused it."""
    laboratory = Laboratory(make_scenario({"guide": "silent", "od": ROUTES, **over}))
    if lapses_ppm is not None:
        laboratory.person = replace(PEOPLE["ordinary"], lapses_ppm=lapses_ppm)
    runs = [laboratory.silent(laboratory.trips.planned(k), arm).judgement for k in range(trips)]
    km = sum(run.driven_mm for run in runs) / 1e6
    return km, [[*run.infractions, *run.others] for run in runs]


def trips_with(found: list[list[Infraction]], kinds: tuple[str, ...]) -> int:
    """Trips with at least one; a near miss and the crash after it are one event."""
    return sum(any(one.kind in kinds for one in trip) for trip in found)


@pytest.mark.slow
def test_attentive_people_come_close_to_nobody() -> None:
    km, found = driven("obeying_human", 100, lapses_ppm=0)
    assert km > 50
    assert trips_with(found, NEAR) == 0


@pytest.mark.nightly
def test_near_crashes_of_people_are_as_frequent_as_in_the_100_car_study() -> None:
    # 761 near-crashes in 2 M miles: 2.4e-4 per km; asked for: 1e-4 to 3e-4
    ordinary = PEOPLE["ordinary"].lapses_ppm
    km, found = driven("obeying_human", 2_500, lapses_ppm=ordinary * TILT)
    assert 1e-4 <= trips_with(found, NEAR) / km / TILT <= 3e-4


@pytest.mark.nightly
def test_rear_ends_without_a_guide_are_rarer_than_one_in_a_million_km() -> None:
    # Every braking meets a lapse, a thousand times as many as there are: none in 3,000 km bounds
    # the true rate, at 95 %, to 3.0 / 3,000 km / 1,000.
    km, found = driven("no_guide", 3_500, conditions={"lapses_ppm": 1_000_000})
    assert trips_with(found, HIT) == 0
    assert 3.0 / km / 1_000 <= 1e-6
