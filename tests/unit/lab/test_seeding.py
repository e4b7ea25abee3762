"""A trip's seed comes from what the arms share, and named streams do not disturb each other."""

from typing import Any

import pytest

from guiderail.sim.lab.experiment.scenario import make_scenario
from guiderail.sim.lab.experiment.seeding import generator, trip_seed


@pytest.mark.parametrize(
    "change",
    [
        {"arms": ["guarded"]},
        {"guide": "oracle"},
        {"rates": [0.3]},
        {"trips": 9},
        {"budget": {"changes": 0}},
        {"map": "town"},
    ],
)
def test_arm_guide_rate_and_number_of_trips_leave_the_seed_alone(change: dict[str, Any]) -> None:
    shared = make_scenario(change).shared_part()
    assert trip_seed("m", shared, 1, 0) == trip_seed("m", make_scenario({}).shared_part(), 1, 0)


@pytest.mark.parametrize(
    "change",
    [{"conditions": {"friction": "ice"}}, {"closures": {"mean": 0}}, {"od": {"max_s": 500}}],
)
def test_what_the_arms_share_changes_the_seed(change: dict[str, Any]) -> None:
    shared = make_scenario(change).shared_part()
    assert trip_seed("m", shared, 1, 0) != trip_seed("m", make_scenario({}).shared_part(), 1, 0)


def test_map_seed_and_trip_each_change_both_words() -> None:
    seeds = [trip_seed(*key) for key in (("m", "", 1, 0), ("n", "", 1, 0), ("m", "", 2, 0))]
    seeds.append(trip_seed("m", "", 1, 1))
    assert len({seed.a for seed in seeds}) == len({seed.b for seed in seeds}) == 4


def test_a_hundred_thousand_trips_have_as_many_seeds() -> None:
    assert len({trip_seed("m", "", 1, k) for k in range(100_000)}) == 100_000


def test_a_stream_is_repeated_by_its_name_and_differs_from_others() -> None:
    first = generator(1, "goals").integers(1 << 62, size=4).tolist()
    assert generator(1, "goals").integers(1 << 62, size=4).tolist() == first
    for other in (generator(1, "od"), generator(2, "goals"), generator(1, "goals", 1)):
        assert other.integers(1 << 62, size=4).tolist() != first
