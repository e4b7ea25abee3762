"""Where the guarantee ends: with a fault in its driving layer the guarded car is convicted."""

from typing import Any

import pytest

from guiderail.maps.library.load import load_map
from guiderail.sim.judge.infraction import Judgement
from guiderail.sim.judge.severity import SERIOUS
from guiderail.sim.lab.experiment.outdated_map import SIGNS, stale_network
from guiderail.sim.lab.experiment.run import GUARDED, Laboratory
from guiderail.sim.lab.experiment.scenario import make_scenario


def judgements(trips: int, **over: Any) -> list[Judgement]:
    laboratory = Laboratory(make_scenario(over))
    planned = (laboratory.trips.planned(k) for k in range(trips))
    return [laboratory.drive(one, GUARDED, "noisy", 0.5).judgement for one in planned]


def kinds(found: list[Judgement]) -> set[str]:
    return {one.kind for each in found for one in each.infractions if one.severity.value in SERIOUS}


@pytest.mark.parametrize(
    ("faults", "road", "expected"),
    [
        pytest.param({"miss": 1.0}, "dry", "red_light", id="overlooks everything"),
        pytest.param({"friction_excess": 7.0}, "ice", "run_off", id="takes ice for dry road"),
        pytest.param({"late_s": 3.0}, "dry", "red_light", id="sees everything 3 s late"),
        pytest.param({"position_m": 15.0}, "dry", "red_light", id="is 15 m off"),
        pytest.param({"stale_map": 1.0}, "dry", "illegal_turn", id="knows no turn ban"),
        pytest.param({"quality": 100.0}, "dry", "collision_vehicle", id="blind 100 times a km"),
    ],
)
def test_the_guarded_car_with_a_certain_fault_is_convicted(
    faults: dict[str, float], road: str, expected: str
) -> None:
    assert expected in kinds(judgements(10, faults=faults, conditions={"friction": road}))


def test_sound_senses_on_the_same_trips_are_not() -> None:
    for road in ("dry", "ice"):
        assert kinds(judgements(10, conditions={"friction": road})) == set()


def test_faults_leave_trips_and_people_as_they_are() -> None:
    sound, faulty = (
        Laboratory(make_scenario({"faults": faults})) for faults in ({}, {"miss": 1.0})
    )
    assert sound.trips.planned(3) == faulty.trips.planned(3)
    traces = [
        each.drive(each.trips.planned(3), "obeying_human", "noisy", 0.5).trace
        for each in (sound, faulty)
    ]
    assert traces[0].digest() == traces[1].digest()


def test_more_of_a_stale_map_is_a_superset_and_none_is_the_map() -> None:
    city = load_map("helsinki")
    bans = [
        int((net.illegal_turns.ban > 0).sum())
        for net in (
            stale_network(city, 0, 1),
            stale_network(city, 0.3, 1),
            stale_network(city, 1, 1),
        )
    ]
    assert bans[0] == len(city.illegal_turns.ban) > bans[1] > bans[2]
    assert stale_network(city, 0.0, 1).all_links == city.all_links
    known = stale_network(city, 1, 1)
    assert all(turn.ban is None for link in city.all_links for turn in known.turns_from(link.id))
    inside = [known.link(link.id).in_world for link in city.all_links]
    kept = {
        turn.ban
        for link in city.all_links
        for turn in known.illegal_turns_from(link.id)
        if inside[turn.from_link] and inside[turn.to_link]
    }
    assert kept.isdisjoint(SIGNS)
