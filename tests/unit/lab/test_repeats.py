"""What a guide would repeat word by word is not driven again, and nothing changes by that."""

from typing import Any

import pytest

from guiderail.agents.noisy import Noisy
from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.messages import Advice, Observation
from guiderail.sim.lab.experiment.repeats import says_the_same
from guiderail.sim.lab.experiment.run import Laboratory, RunResult
from guiderail.sim.lab.experiment.scenario import make_scenario
from guiderail.sim.lab.results.rows import trip_row

RATES = (0.0, 0.1, 0.25, 0.5, 1.0)
ARMS = ("guarded", "obeying_machine", "obeying_human")


class Unrepeatable(Noisy):
    """The same guide, without the promise."""

    repeatable = False


def laboratory(town: RoadNetwork, guide: Any) -> Laboratory:
    scenario = make_scenario({"map": "town", "arms": ARMS, "rates": RATES})
    return Laboratory(scenario, town, own=guide)


def told(results: list[RunResult]) -> list[tuple[Any, ...]]:
    """Everything that a results folder would say of these runs."""
    return [
        (trip_row(one), one.run.judgement.infractions, one.run.trace.events, one.run.books)
        for one in results
    ]


@pytest.mark.parametrize("trip", range(4))
def test_driven_or_repeated_the_results_are_the_same(town: RoadNetwork, trip: int) -> None:
    repeated = laboratory(town, Noisy).trip(trip)
    driven = laboratory(town, Unrepeatable).trip(trip)
    assert told(repeated) == told(driven)
    assert len({id(one.run.trace) for one in driven}) == len(ARMS) * len(RATES)


def test_a_trip_without_a_wrong_word_is_driven_once_for_all_rates(town: RoadNetwork) -> None:
    clean = laboratory(town, lambda *args, **kwargs: Noisy(*args, **{**kwargs, "rate": 0.0}))
    for arm in ARMS:
        runs = clean.trip(0, (arm,))
        assert len({id(one.run.trace) for one in runs}) == 1
        assert [one.run.rate for one in runs] == list(RATES)


def test_a_guide_that_does_not_promise_it_is_asked_at_every_rate(town: RoadNetwork) -> None:
    runs = laboratory(town, Unrepeatable).trip(0, ("guarded",), (0.0, 0.0001))
    first, second = (one.run for one in runs)
    assert first.trace is not second.trace
    assert first.dialog == second.dialog


def test_one_other_word_at_the_very_end_is_another_run(town: RoadNetwork) -> None:
    (one,) = laboratory(town, Noisy).trip(1, ("guarded",), (1.0,))
    dialog, trip = one.run.dialog, one.run.planned.trip
    seen, said = dialog[-1]
    other = Advice(words="Or not.") if said is None else None
    same = Noisy(town, trip.seed, closed=trip.closed, rate=1.0)
    assert says_the_same(same, dialog)
    fresh = Noisy(town, trip.seed, closed=trip.closed, rate=1.0)
    assert not says_the_same(fresh, (*dialog[:-1], (seen, other)))


def test_a_guide_that_failed_is_never_repeated(town: RoadNetwork) -> None:
    class Broken(Noisy):
        """Fails at the first question."""

        def advise(self, seen: Observation) -> Advice | None:
            """Fail."""
            raise ValueError(seen.occasion)

    runs = laboratory(town, Broken).trip(0, ("guarded",), (0.0, 0.1))
    assert all(one.run.lost for one in runs)
    assert runs[0].run.trace is not runs[1].run.trace
