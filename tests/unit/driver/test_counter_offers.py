"""What a refusal offers instead, in the hand-made town (see conftest)."""

from types import SimpleNamespace
from typing import Any

import pytest

from guiderail.maps.network import LinkId
from guiderail.sim.contract.messages import Ask, Decision, Direction, Proposal, Reason
from guiderail.sim.driver.guard.guard import Guard


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param({"direction": Direction.LEFT}, id="too late for this left"),
        pytest.param({"onto": 3}, id="too late for this street, which is on the left"),
        pytest.param({"onto": 6}, id="against a one-way street on the left"),
    ],
)
def test_the_same_side_at_the_next_junction_is_offered_instead(
    desk: SimpleNamespace, wanted: Any
) -> None:
    desk.see(s_mm=270_000)
    counter = desk.ask(Ask.TURN, at=0, **wanted).counter
    assert counter == Proposal(
        ask=Ask.TURN, seen_ms=60_000, at=LinkId(1), direction=Direction.LEFT, onto=LinkId(10)
    )
    assert desk.decide(counter).decision is Decision.ACCEPT


def test_a_turn_off_the_route_is_offered_from_here_on(desk: SimpleNamespace) -> None:
    counter = desk.ask(Ask.TURN, at=4, direction=Direction.RIGHT).counter
    assert (counter.at, counter.onto) == (0, 4)


@pytest.mark.parametrize(
    ("wanted", "values"),
    [
        pytest.param({"at": 0, "onto": 4}, {"s_mm": 290_000}, id="no other right"),
        pytest.param({"at": 0, "onto": 5}, {}, id="a street that is nowhere has no side"),
    ],
)
def test_nothing_is_offered_where_nothing_is_feasible(
    desk: SimpleNamespace, wanted: Any, values: Any
) -> None:
    desk.see(**values)
    assert desk.ask(Ask.TURN, **wanted).counter is None


def test_the_place_with_the_nearest_name_is_offered(desk: SimpleNamespace) -> None:
    counter = desk.ask(Ask.VIA, place="Schooll").counter
    assert (counter.ask, counter.place) == (Ask.VIA, "School")


def test_nothing_is_offered_for_a_name_like_no_other(desk: SimpleNamespace) -> None:
    assert desk.ask(Ask.VIA, place="Moon Bar").counter is None


def test_the_road_with_the_nearest_name_is_offered(desk: SimpleNamespace) -> None:
    counter = desk.ask(Ask.AVOID, road="Riight Street").counter
    assert counter is None  # nothing begins like that
    counter = desk.ask(Ask.AVOID, road="Rigth Street").counter
    assert (counter.ask, counter.road) == (Ask.AVOID, "Right Street")


def test_an_offer_that_breaks_is_no_offer(desk: SimpleNamespace, gazetteer: Any) -> None:
    class Broken(type(gazetteer)):  # type: ignore[misc]
        def nearest_place(self, name: str) -> None:
            raise KeyError(name)

    proposal = Proposal(ask=Ask.VIA, seen_ms=60_000, place="Schooll")
    verdict = Guard(Broken()).decide(proposal, desk.seen, desk.planner, desk.account).verdict
    assert (verdict.reason, verdict.counter) == (Reason.UNKNOWN_PLACE, None)
