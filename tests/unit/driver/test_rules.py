"""Each rule earns its place: without it, the guard gives another answer than it should."""

from types import SimpleNamespace
from typing import Any

import pytest

from guiderail.maps.network import LinkId
from guiderail.sim.contract.messages import Ask, Decision, Reason
from guiderail.sim.driver.guard import rules
from guiderail.sim.driver.guard.budget import Budget, BudgetAccount

DANGER = [
    pytest.param(rules.freshness, {}, Ask.TURN, {"at": 0, "onto": 4, "seen_ms": 0}, id="old news"),
    pytest.param(rules.direction_of_traffic, {}, Ask.TURN, {"at": 0, "onto": 6}, id="one-way"),
    pytest.param(rules.legality, {}, Ask.TURN, {"at": 0, "onto": 7}, id="behind a sign"),
    pytest.param(
        rules.closure, {"closed": frozenset({3})}, Ask.TURN, {"at": 0, "onto": 3}, id="barrier"
    ),
    pytest.param(
        rules.domain, {"friction_permille": 100}, Ask.TURN, {"at": 0, "onto": 4}, id="ice"
    ),
    pytest.param(rules.road_left, {"s_mm": 280_000}, Ask.TURN, {"at": 0, "onto": 4}, id="late"),
    pytest.param(rules.lane, {"s_mm": 200_000}, Ask.TURN, {"at": 0, "onto": 3}, id="wrong lane"),
    pytest.param(
        rules.rear_gap,
        {"s_mm": 252_000, "follower_gap_mm": 5_000, "follower_speed_mm_s": 15_000},
        Ask.TURN,
        {"at": 0, "onto": 4},
        id="tailgater",
    ),
]
REASONS = {
    rules.freshness: Reason.STALE,
    rules.direction_of_traffic: Reason.WRONG_WAY,
    rules.legality: Reason.ILLEGAL_TURN,
    rules.closure: Reason.CLOSED,
    rules.domain: Reason.OUTSIDE_DOMAIN,
    rules.road_left: Reason.TOO_LATE,
    rules.lane: Reason.WRONG_LANE,
    rules.rear_gap: Reason.TOO_LATE,
}


@pytest.mark.parametrize(("rule", "values", "ask", "wanted"), DANGER)
def test_a_guard_that_lacks_a_rule_answers_wrongly(
    desk: SimpleNamespace, rule: rules.Rule, values: Any, ask: Ask, wanted: Any
) -> None:
    desk.see(**values)
    assert desk.ask(ask, **wanted).reason is REASONS[rule]
    desk.without(rule)
    assert desk.ask(ask, **wanted).reason is not REASONS[rule]


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        pytest.param(rules.form, {"ask": Ask.TURN, "at": 0}, id="incomplete"),
        pytest.param(rules.existence, {"ask": Ask.VIA, "place": "Moon Bar"}, id="invented"),
        pytest.param(rules.reach, {"ask": Ask.TURN, "at": 0, "onto": 9}, id="dead end"),
        pytest.param(rules.reach, {"ask": Ask.AVOID, "road": "Main Street"}, id="off the goal"),
    ],
)
def test_a_guard_that_does_not_understand_fails_closed(
    desk: SimpleNamespace, rule: rules.Rule, wanted: Any
) -> None:
    desk.without(rule)
    verdict = desk.ask(wanted.pop("ask"), **wanted)
    assert verdict.decision is Decision.REFUSE
    assert desk.planner.route == (0, 1, 2)


def test_a_guard_that_lacks_the_spacing_rule_lets_the_route_toggle(desk: SimpleNamespace) -> None:
    desk.ask(Ask.TURN, at=0, onto=3)
    assert desk.ask(Ask.TURN, at=0, onto=4).reason is Reason.TOO_FREQUENT
    desk.without(rules.spacing)
    assert desk.ask(Ask.TURN, at=0, onto=4).decision is Decision.ACCEPT


def test_a_guard_that_lacks_the_price_rule_is_stopped_by_the_account(desk: SimpleNamespace) -> None:
    desk.account = BudgetAccount(Budget(changes=0))
    desk.without(rules.price)
    assert desk.ask(Ask.TURN, at=0, onto=3).reason is Reason.GUARD_FAULT
    assert desk.planner.route == (0, 1, 2)


def test_a_guard_that_does_not_ask_the_controller_trusts_its_own_rules(
    desk: SimpleNamespace,
) -> None:
    desk.can_drive = lambda _route, _seen: False
    assert desk.ask(Ask.TURN, at=0, onto=4).reason is Reason.TOO_LATE
    desk.without(rules.continuation)
    assert desk.ask(Ask.TURN, at=0, onto=4).decision is Decision.ACCEPT


def test_a_closed_road_needs_only_one_open_link_to_be_taken(desk: SimpleNamespace) -> None:
    desk.planner.see_closed(frozenset({LinkId(10)}), 0)
    assert desk.ask(Ask.TAKE_ROAD, road="School Lane").reason is Reason.CLOSED
    assert desk.ask(Ask.TAKE_ROAD, road="Main Street").decision is Decision.ACCEPT


def test_every_rule_is_in_the_list_once() -> None:
    assert len(set(rules.RULES)) == len(rules.RULES) == 14
