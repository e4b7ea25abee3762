"""A road that closes or opens under way: seen, driven round, judged, and the same each time."""

from dataclasses import replace

import pytest

from guiderail.maps.library.load import load_map
from guiderail.maps.network import LinkId
from guiderail.maps.routing import RouteOracle
from guiderail.maps.routing.closable import StretchFinder
from guiderail.sim.contract.messages import Advice, Ask, Observation, Proposal
from guiderail.sim.contract.trace import Heard, Outcome, Passing, Rerouted, Trace
from guiderail.sim.contract.trip import Closing
from guiderail.sim.driver.arms import make_driver
from guiderail.sim.driver.guard.budget import Budget
from guiderail.sim.lab.experiment.run import Laboratory, Run
from guiderail.sim.lab.experiment.scenario import make_scenario
from guiderail.sim.lab.experiment.trips import PlannedTrip
from guiderail.sim.world.clock import simulate

NEVER_MS = 2**40


@pytest.fixture(scope="module")
def laboratory() -> Laboratory:
    scenario = make_scenario(
        {"od": {"min_s": 60, "max_s": 90}, "closures": {"mean": 0.0, "stale": 0.0}}
    )
    return Laboratory(scenario, load_map("helsinki"))


@pytest.fixture(scope="module")
def blocked(laboratory: Laboratory) -> tuple[PlannedTrip, frozenset[LinkId]]:
    """Find a trip with a stretch in the middle of its route that can be closed."""
    finder = StretchFinder(laboratory.network)
    for index in range(30):
        planned = laboratory.trips.planned(index)
        route = RouteOracle(laboratory.network).tree(planned.trip.goal).route(planned.trip.origin)
        for link in route[len(route) // 2 : -1]:
            stretch = finder.around(link)
            if stretch and stretch.isdisjoint({planned.trip.origin, planned.trip.goal}):
                return planned, stretch
    raise AssertionError("no stretch on any route can be closed")


def with_closing(
    blocked: tuple[PlannedTrip, frozenset[LinkId]], from_ms: int, until_ms: int
) -> PlannedTrip:
    planned, links = blocked
    closing = Closing(
        links=links,
        from_ms=from_ms,
        until_ms=until_ms,
        reported_from_ms=from_ms + 10_000,
        reported_until_ms=until_ms + 10_000,
    )
    return replace(planned, trip=replace(planned.trip, closings=(closing,)))


def entered(trace: Trace) -> set[LinkId]:
    return {event.to_link for event in trace.events if isinstance(event, Passing)}


def drive(laboratory: Laboratory, planned: PlannedTrip) -> Run:
    return laboratory.silent(planned, "guarded")


def test_a_road_that_closes_under_way_is_driven_round(
    laboratory: Laboratory, blocked: tuple[PlannedTrip, frozenset[LinkId]]
) -> None:
    run = drive(laboratory, with_closing(blocked, 5_000, NEVER_MS))
    causes = [event.cause for event in run.trace.events if isinstance(event, Rerouted)]
    assert run.trace.outcome is Outcome.ARRIVED
    assert "closure" in causes
    assert entered(run.trace).isdisjoint(blocked[1])
    assert all(one.article != "R5" for one in run.judgement.infractions)


def test_a_road_that_opens_in_time_is_driven_as_if_nothing_had_been(
    laboratory: Laboratory, blocked: tuple[PlannedTrip, frozenset[LinkId]]
) -> None:
    plain = drive(laboratory, blocked[0]).trace
    opened = drive(laboratory, with_closing(blocked, 0, 5_000)).trace
    assert opened.motion == plain.motion
    assert {row[1:] for row in opened.closed_between} == {(0, 5_000)}


def test_a_road_that_closes_after_the_arrival_changes_nothing(
    laboratory: Laboratory, blocked: tuple[PlannedTrip, frozenset[LinkId]]
) -> None:
    plain = drive(laboratory, blocked[0]).trace
    later = drive(laboratory, with_closing(blocked, plain.end_ms + 100, NEVER_MS)).trace
    assert later.digest() == plain.digest()


class Babbler:
    """Asks again and again for a place that does not exist, and notes what it is told."""

    name = "babbler"

    def __init__(self) -> None:
        self.reported: dict[int, frozenset[LinkId]] = {}

    def advise(self, seen: Observation) -> Advice:
        """Be refused."""
        self.reported[seen.time_ms] = seen.reported_closed
        proposal = Proposal(ask=Ask.GO_TO, seen_ms=seen.time_ms, place="Atlantis Mall")
        return Advice(words="Go to Atlantis Mall.", proposal=proposal, latency_ms=700)


def test_words_that_are_refused_leave_the_motion_as_silence_does(
    laboratory: Laboratory, blocked: tuple[PlannedTrip, frozenset[LinkId]]
) -> None:
    for from_ms in range(0, 60_000, 7_130):
        planned = with_closing(blocked, from_ms, from_ms + 20_050)
        silent, guide = drive(laboratory, planned).trace, Babbler()
        driver = make_driver(
            "guarded", laboratory.network, laboratory.routes, planned.trip, Budget()
        )
        spoken = simulate(laboratory.network, planned.trip, driver, guide)
        assert any(isinstance(event, Heard) for event in spoken.events)
        assert spoken.motion == silent.motion
        assert spoken.closed_between == silent.closed_between
        for time_ms, told in guide.reported.items():
            assert bool(told) is (from_ms + 10_000 <= time_ms < from_ms + 30_050)
