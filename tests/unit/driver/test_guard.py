"""What the guard accepts, what it refuses and why, in the hand-made town (see conftest)."""

from types import SimpleNamespace
from typing import Any

import pytest

from guiderail.maps.network import LinkId
from guiderail.sim.contract.errors import KernelError
from guiderail.sim.contract.messages import Ask, Decision, Direction, Reason
from guiderail.sim.driver.guard.budget import Budget, BudgetAccount
from guiderail.sim.driver.guard.guard import Guard
from guiderail.sim.driver.guard.rules import RULES

# Left at the end of 0, 12 m radius: turn speed 4 880 mm/s, from 13 880 mm/s.
REACTION_AND_MARGIN_MM = 13_880 // 2 + 3_000
ADMISSION_MM = (37 * (13_880 + 4_880 + 120) + 2 * 4_880 + 120) // 20  # 37 ticks of 240, one of 120
COMFORT_MM = 45 * (13_880 + 4_880) // 20  # 45 ticks of 200
LANE_CHANGE_MM = 13_880 * 8
LENGTH_MM = 300_000


def left_at_the_end_of_0(desk: SimpleNamespace) -> Any:
    return desk.ask(Ask.TURN, at=0, direction=Direction.LEFT)


def at_distance(desk: SimpleNamespace, road_mm: int, **values: Any) -> None:
    """Put the car so that this much road is left after reaction and margin."""
    desk.see(s_mm=LENGTH_MM - REACTION_AND_MARGIN_MM - road_mm, **values)


# -- what is accepted -----------------------------------------------------------------------------


def test_a_turn_in_good_time_is_adopted_and_paid(desk: SimpleNamespace) -> None:
    verdict = left_at_the_end_of_0(desk)
    assert (verdict.decision, verdict.reason) == (Decision.ACCEPT, Reason.ADMISSIBLE)
    assert (verdict.changes_route, verdict.extra_ms) == (True, 22_000 - 16_000)
    assert desk.planner.route == (0, 3, 2)
    assert (desk.account.changes, desk.account.extra_ms) == (1, 6_000)
    assert desk.account.last_ms == desk.seen.time_ms
    assert desk.planner.is_from_guide((LinkId(0), LinkId(3)))


@pytest.mark.parametrize(
    ("ask", "wanted", "route", "extra_s"),
    [
        pytest.param(Ask.TURN, {"at": 1, "onto": 10}, (0, 1, 10, 2), 10, id="a turn farther on"),
        pytest.param(Ask.VIA, {"place": "Ring Cafe"}, (0, 4, 5, 2), 24, id="a cafe on the way"),
        pytest.param(Ask.GO_TO, {"place": "School"}, (0, 1, 10, 2), 10, id="a place to go to"),
        pytest.param(Ask.TAKE_ROAD, {"road": "Left Street"}, (0, 3, 2), 6, id="another road"),
        pytest.param(Ask.TAKE_ROAD, {"road": "Border Road"}, (0, 1, 10, 2), 10, id="half outside"),
        pytest.param(Ask.AVOID, {"onto": 1}, (0, 3, 2), 6, id="round a link"),
    ],
)
def test_what_can_be_done_within_the_budget_is_done(
    desk: SimpleNamespace, ask: Ask, wanted: Any, route: Any, extra_s: int
) -> None:
    verdict = desk.ask(ask, **wanted)
    assert verdict.decision is Decision.ACCEPT
    assert desk.planner.route == route
    assert verdict.extra_ms == 1_000 * extra_s


@pytest.mark.parametrize(
    ("ask", "wanted"),
    [
        pytest.param(Ask.TURN, {"at": 0, "direction": Direction.STRAIGHT}, id="the planned turn"),
        pytest.param(Ask.GO_TO, {"place": "Town Hall"}, id="the goal by its name"),
        pytest.param(Ask.VIA, {"place": "Bakery"}, id="a place on this street, ahead"),
        pytest.param(Ask.TAKE_ROAD, {"road": "Main Street"}, id="the road it is on"),
        pytest.param(Ask.CANCEL, {}, id="nothing to cancel"),
    ],
)
def test_what_changes_nothing_is_accepted_for_free_even_without_a_budget(
    desk: SimpleNamespace, ask: Ask, wanted: Any
) -> None:
    desk.account = BudgetAccount(Budget(changes=0))
    desk.see(friction_permille=100)
    verdict = desk.ask(ask, **wanted)
    assert verdict.decision is Decision.ACCEPT
    assert (verdict.changes_route, verdict.extra_ms) == (False, 0)
    assert desk.planner.route == (0, 1, 2)
    assert desk.account.changes == 0


def test_a_place_just_passed_is_reached_by_a_loop(desk: SimpleNamespace) -> None:
    desk.see(s_mm=100_001)
    verdict = desk.ask(Ask.VIA, place="Bakery")
    assert desk.planner.route == (0, 4, 5, 0, 1, 2)
    assert verdict.extra_ms == (10 + 10 + 25) * 1_000


def test_the_goal_by_its_name_is_ahead_even_on_its_own_link(desk: SimpleNamespace) -> None:
    desk.planner.enter(LinkId(1), 1)
    desk.planner.enter(LinkId(2), 2)
    desk.see(link=LinkId(2), s_mm=99_000)
    assert not desk.ask(Ask.GO_TO, place="Town Hall").changes_route


def test_a_wish_that_can_wait_takes_the_first_branch_still_makeable(desk: SimpleNamespace) -> None:
    desk.see(s_mm=LENGTH_MM - 10_000)  # too late for the end of 0, so pass the goal and come back
    verdict = desk.ask(Ask.VIA, place="Ring Cafe")
    assert desk.planner.route == (0, 1, 2, 5, 2)
    assert verdict.extra_ms == (15 + 20) * 1_000


def test_a_wish_to_keep_off_the_next_link_cannot_wait(desk: SimpleNamespace) -> None:
    desk.see(s_mm=LENGTH_MM - 10_000)
    assert desk.ask(Ask.AVOID, onto=1).reason is Reason.TOO_LATE


def test_keeping_off_a_link_elsewhere_is_held_and_counts_as_a_change(desk: SimpleNamespace) -> None:
    verdict = desk.ask(Ask.AVOID, onto=10)
    assert (verdict.decision, verdict.changes_route) == (Decision.ACCEPT, False)
    assert desk.planner.avoided == {10}
    assert (desk.account.changes, desk.account.extra_ms) == (1, 0)
    assert desk.ask(Ask.AVOID, onto=10).decision is Decision.ACCEPT  # at once, for free
    assert desk.account.changes == 1


def test_cancelling_goes_back_to_the_best_route_and_counts(desk: SimpleNamespace) -> None:
    desk.ask(Ask.TURN, at=1, onto=10)
    desk.see(time_ms=70_000)
    verdict = desk.ask(Ask.CANCEL)
    assert (verdict.decision, verdict.extra_ms) == (Decision.ACCEPT, -10_000)
    assert desk.planner.route == (0, 1, 2)
    assert not desk.planner.holds_wishes
    assert (desk.account.changes, desk.account.extra_ms) == (2, 10_000)


def test_cancelling_what_does_not_show_in_the_route_is_free(desk: SimpleNamespace) -> None:
    desk.ask(Ask.AVOID, onto=10)
    assert desk.ask(Ask.CANCEL).decision is Decision.ACCEPT
    assert desk.planner.avoided == set()
    assert desk.account.changes == 1


# -- the commit rule, to the millimeter -----------------------------------------------------------


@pytest.mark.parametrize(
    ("road_mm", "reason"),
    [
        pytest.param(ADMISSION_MM, Reason.ADMISSIBLE, id="just enough to slow down with 2.4 m/s^2"),
        pytest.param(ADMISSION_MM - 1, Reason.TOO_LATE, id="1 mm short: pass, loop back"),
    ],
)
def test_in_lane_a_turn_takes_reaction_braking_and_a_margin(
    desk: SimpleNamespace, road_mm: int, reason: Reason
) -> None:
    at_distance(desk, road_mm, lane=1, target_lane=1)
    assert left_at_the_end_of_0(desk).reason is reason


@pytest.mark.parametrize(
    ("road_mm", "reason"),
    [
        pytest.param(ADMISSION_MM + LANE_CHANGE_MM, Reason.ADMISSIBLE, id="8 s for the lane"),
        pytest.param(ADMISSION_MM + LANE_CHANGE_MM - 1, Reason.WRONG_LANE, id="1 mm short"),
    ],
)
def test_one_lane_away_a_turn_takes_eight_seconds_more(
    desk: SimpleNamespace, road_mm: int, reason: Reason
) -> None:
    at_distance(desk, road_mm)
    assert left_at_the_end_of_0(desk).reason is reason


@pytest.mark.parametrize(
    ("road_mm", "reason"),
    [
        pytest.param(COMFORT_MM, Reason.ADMISSIBLE, id="comfort braking asks nothing of others"),
        pytest.param(COMFORT_MM - 1, Reason.TOO_LATE, id="harder braking needs room behind"),
    ],
)
def test_braking_beyond_comfort_needs_a_gap_behind(
    desk: SimpleNamespace, road_mm: int, reason: Reason
) -> None:
    at_distance(desk, road_mm, lane=1, target_lane=1)
    desk.see(follower_gap_mm=5_000, follower_speed_mm_s=15_000)
    assert left_at_the_end_of_0(desk).reason is reason


def test_a_slow_car_still_needs_road_to_change_lane(desk: SimpleNamespace) -> None:
    desk.see(speed_mm_s=0, s_mm=LENGTH_MM - 3_000 - 20_000)
    assert left_at_the_end_of_0(desk).decision is Decision.ACCEPT
    desk.planner.adopt((LinkId(0), LinkId(1), LinkId(2)), "guide", 0)
    desk.see(s_mm=LENGTH_MM - 3_000 - 19_999)
    assert left_at_the_end_of_0(desk).reason is Reason.WRONG_LANE


def test_a_turn_farther_on_counts_the_links_between(desk: SimpleNamespace) -> None:
    at_distance(desk, ADMISSION_MM - 100_000)  # 100 m of link 1 come on top
    assert desk.ask(Ask.TURN, at=1, onto=10).decision is Decision.ACCEPT


# -- every reason for a refusal -------------------------------------------------------------------

REFUSALS = [
    pytest.param({}, Ask.TURN, {"at": 0}, Reason.MALFORMED, id="no way to turn"),
    pytest.param({}, Ask.CANCEL, {"seen_ms": 60_001}, Reason.STALE, id="seen in the future"),
    pytest.param({}, Ask.CANCEL, {"seen_ms": 29_999}, Reason.STALE, id="seen too long ago"),
    pytest.param({}, Ask.VIA, {"place": "Moon Bar"}, Reason.UNKNOWN_PLACE, id="an invented bar"),
    pytest.param({}, Ask.VIA, {"place": "Twin Shop"}, Reason.AMBIGUOUS_PLACE, id="two shops"),
    pytest.param({}, Ask.AVOID, {"road": "Moon Road"}, Reason.UNKNOWN_ROAD, id="no such road"),
    pytest.param({}, Ask.TURN, {"at": 0, "onto": 5}, Reason.NO_SUCH_TURN, id="no way through"),
    pytest.param({}, Ask.TURN, {"at": 0, "onto": 6}, Reason.WRONG_WAY, id="one-way street"),
    pytest.param({}, Ask.TURN, {"at": 1, "onto": 6}, Reason.WRONG_WAY, id="round into a one-way"),
    pytest.param({}, Ask.TURN, {"at": 0, "onto": 7}, Reason.ILLEGAL_TURN, id="behind a sign"),
    pytest.param(
        {"closed": frozenset({3})}, Ask.TURN, {"at": 0, "onto": 3}, Reason.CLOSED, id="barrier"
    ),
    pytest.param(
        {"closed": frozenset({10})}, Ask.VIA, {"place": "School"}, Reason.CLOSED, id="no way in"
    ),
    pytest.param({}, Ask.TURN, {"at": 0, "onto": 8}, Reason.OUTSIDE_DOMAIN, id="off the map"),
    pytest.param({}, Ask.VIA, {"place": "Outpost"}, Reason.OUTSIDE_DOMAIN, id="a place outside"),
    pytest.param(
        {"friction_permille": 199}, Ask.TURN, {"at": 0, "onto": 4}, Reason.OUTSIDE_DOMAIN, id="ice"
    ),
    pytest.param({}, Ask.TURN, {"at": 0, "onto": 9}, Reason.UNREACHABLE, id="a dead end"),
    pytest.param({}, Ask.AVOID, {"road": "Main Street"}, Reason.UNREACHABLE, id="off the goal"),
    pytest.param({"s_mm": 290_000}, Ask.TURN, {"at": 0, "onto": 4}, Reason.TOO_LATE, id="10 m"),
    pytest.param({"s_mm": 200_000}, Ask.TURN, {"at": 0, "onto": 3}, Reason.WRONG_LANE, id="100 m"),
]


@pytest.mark.parametrize(("values", "ask", "wanted", "reason"), REFUSALS)
def test_a_refusal_has_its_reason_and_leaves_everything_as_it_was(
    desk: SimpleNamespace, values: Any, ask: Ask, wanted: Any, reason: Reason
) -> None:
    desk.see(**values)
    before = desk.state()
    verdict = desk.ask(ask, **wanted)
    assert (verdict.decision, verdict.reason) == (Decision.REFUSE, reason)
    assert (verdict.changes_route, verdict.extra_ms) == (False, 0)
    assert desk.state() == before


def test_a_turn_already_passed_is_stale(desk: SimpleNamespace) -> None:
    desk.planner.enter(LinkId(1), 1)
    desk.see(link=LinkId(1))
    assert left_at_the_end_of_0(desk).reason is Reason.STALE


def test_a_second_change_right_after_the_first_is_too_frequent(desk: SimpleNamespace) -> None:
    left_at_the_end_of_0(desk)
    desk.see(time_ms=64_999)
    assert desk.ask(Ask.TURN, at=0, onto=4).reason is Reason.TOO_FREQUENT
    desk.see(time_ms=65_000)
    assert desk.ask(Ask.TURN, at=0, onto=4).decision is Decision.ACCEPT


@pytest.mark.parametrize(
    ("budget", "reason"),
    [
        pytest.param(Budget(extra_ms=6_000), Reason.ADMISSIBLE, id="6 s are granted"),
        pytest.param(Budget(extra_ms=5_999), Reason.OVER_BUDGET, id="1 ms less"),
        pytest.param(Budget(changes=0), Reason.OVER_BUDGET, id="no change at all"),
    ],
)
def test_a_detour_of_six_seconds_needs_a_budget_of_six(
    desk: SimpleNamespace, budget: Budget, reason: Reason
) -> None:
    desk.account = BudgetAccount(budget)
    assert left_at_the_end_of_0(desk).reason is reason


def test_what_the_controller_cannot_join_is_too_late(desk: SimpleNamespace) -> None:
    desk.can_drive = lambda route, _seen: LinkId(3) not in route
    assert left_at_the_end_of_0(desk).reason is Reason.TOO_LATE
    assert desk.ask(Ask.TURN, at=0, onto=4).decision is Decision.ACCEPT


# -- failing closed -------------------------------------------------------------------------------


def test_a_guard_without_rules_cannot_be_built(gazetteer: Any) -> None:
    with pytest.raises(KernelError, match="would accept everything"):
        Guard(gazetteer, [])


def test_a_rule_that_breaks_is_a_refusal(desk: SimpleNamespace) -> None:
    desk.rules = (*RULES, lambda asked: asked.no_such_thing)
    before = desk.state()
    assert left_at_the_end_of_0(desk).reason is Reason.GUARD_FAULT
    assert desk.state() == before


def test_a_planner_that_believes_the_car_elsewhere_is_a_fault(desk: SimpleNamespace) -> None:
    desk.see(link=LinkId(1))
    assert desk.ask(Ask.CANCEL).reason is Reason.GUARD_FAULT
