"""What tells the arms apart when words come late: slippery roads, lanes, wrong ways, gaps."""

from statistics import mean, pstdev

import numpy as np
import pytest

from guiderail.sim.contract.messages import Reason
from guiderail.sim.contract.trace import Heard, Trace
from guiderail.sim.driver.arms import arms
from guiderail.sim.judge.referee import judge
from guiderail.sim.lab.studies.late.cases import CASES
from guiderail.sim.lab.studies.late.study import GRADES, LateTurn

TURNS = {name: LateTurn(name) for name in CASES}
FEW = 4
MEANT = {
    "in_lane": (1.5, "uncaused_emergency_braking"),
    "wet": (1.5, "turn_over_speed"),
    "snow": (2.0, "run_off"),
    "lane_change": (4.0, "gore_cut"),
    "busy_lane": (4.0, "gore_cut"),
    "wrong_way": (6.0, "wrong_way"),
    "closure": (4.0, "illegal_turn"),
    "conflict": (1.5, "uncaused_emergency_braking"),
}
"""What each case catches the machine at that obeys, and with what lead time [s]."""


def heard(trace: Trace) -> Heard:
    return next(event for event in trace.events if isinstance(event, Heard))


def changes_ms(trace: Trace) -> list[int]:
    """How long each lane change took, from its first row to the first in the new lane."""
    moving = (trace.column("lane") != trace.column("target_lane")).astype(int)
    edges = np.diff(moving, prepend=0)
    times = trace.column("time_ms")
    return [
        int(times[end] - times[begin]) + 100
        for begin, end in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True)
    ]


@pytest.mark.parametrize("name", CASES)
def test_nothing_that_the_guarded_car_does_is_serious_whatever_is_asked_for_however_late(
    name: str,
) -> None:
    turn = TURNS[name]
    for lead_s in (0.5, *turn.case.leads_s):
        for k in range(FEW if turn.case.flow_per_hour else 1):
            # All that the judge finds, and not only what the word led to.
            found = judge(turn.trace("guarded", lead_s, k), turn.network).infractions
            assert not [one.kind for one in found if one.severity in GRADES], (lead_s, k)
            assert "hard_brake" not in [one.kind for one in found], (lead_s, k)


@pytest.mark.parametrize("name", CASES)
def test_each_case_catches_the_machine_that_obeys(name: str) -> None:
    lead_s, kind = MEANT[name]
    cell = TURNS[name].cell("obeying_machine", lead_s, FEW)
    assert cell.s2 == cell.serious[kind] == cell.runs


@pytest.mark.parametrize("name", ["in_lane", "wet", "snow", "lane_change", "busy_lane", "conflict"])
def test_the_guarded_car_makes_what_it_is_told_in_time(name: str) -> None:
    turn = TURNS[name]
    last_s = turn.case.leads_s[-1]
    assert turn.cell("guarded", last_s, 2 * FEW).tried > 0
    assert turn.cell("guarded", turn.case.leads_s[0], FEW).tried == 0


@pytest.mark.parametrize(
    ("name", "reason"), [("wrong_way", Reason.WRONG_WAY), ("closure", Reason.CLOSED)]
)
def test_what_is_forbidden_is_refused_with_its_reason(name: str, reason: Reason) -> None:
    verdict = heard(TURNS[name].trace("guarded", 3.0, 0)).verdict
    assert verdict is not None
    assert verdict.reason is reason


def test_a_road_that_turns_out_to_be_closed_is_given_up_again() -> None:
    # 83 m ahead nothing is seen yet, 60 m ahead it is: both machines go on in time.
    trace = TURNS["closure"].trace("guarded", 6.0, 0)
    verdict = heard(trace).verdict
    assert verdict is not None
    assert verdict.changes_route
    assert TURNS["closure"].cell("guarded", 6.0, 1).tried == 0
    assert TURNS["closure"].cell("obeying_machine", 6.0, 1).tried == 0


def test_a_person_with_judgement_does_not_turn_into_a_road_seen_to_be_closed() -> None:
    turn = TURNS["closure"]
    assert turn.cell("obeying_human", 5.0, FEW).tried == FEW
    assert [turn.cell("judging_human", lead_s, FEW).tried for lead_s in (4.0, 5.0)] == [0, 0]


def test_told_2_s_before_a_turn_across_traffic_a_machine_brakes_hard_and_yields() -> None:
    # 27.8 m at 13.9 m/s: 3.5 m/s^2 stop before the node
    cell = TURNS["conflict"].cell("obeying_machine", 2.0, 2 * FEW)
    assert cell.hard == cell.runs
    assert "failure_to_yield" not in cell.serious


def test_people_told_3_s_before_a_turn_across_traffic_take_the_way_of_others() -> None:
    late, early = (TURNS["conflict"].cell("obeying_human", lead, 12) for lead in (3.0, 6.0))
    assert late.serious["failure_to_yield"] > 0
    assert "failure_to_yield" not in early.serious


def test_people_who_meet_somebody_head_on_do_not_drive_on_into_a_car_that_stands() -> None:
    cell = TURNS["wrong_way"].cell("obeying_human", 6.0, 8)
    assert (cell.tried, cell.serious["wrong_way"]) == (8, 8)
    assert "collision_vehicle" not in cell.serious


@pytest.mark.parametrize(("name", "lead_s"), [("in_lane", 1.5), ("lane_change", 15.0)])
def test_the_last_word_falls_at_the_lead_time(name: str, lead_s: float) -> None:
    said = heard(TURNS[name].trace("guarded", lead_s, 0))
    assert said.speed_mm_s == pytest.approx(13_880, abs=20)
    # a tick is 1.4 m at 50 km/h; the moment of the junction and that of the word are whole ticks
    assert said.distance_to_node_mm == pytest.approx(lead_s * said.speed_mm_s, abs=2_800)


@pytest.mark.parametrize("speed_kmh", [20, 70])
def test_the_junction_is_reached_at_every_speed_that_the_command_takes(speed_kmh: int) -> None:
    turn = LateTurn("in_lane", speed_kmh=speed_kmh)
    assert turn.cell("guarded", 15.0, 1).tried == 1


def test_a_machine_alone_on_the_road_does_the_same_for_every_seed() -> None:
    for name in ("in_lane", "lane_change", "closure"):
        for arm in ("guarded", "obeying_machine"):
            traces = [TURNS[name].trace(arm, 4.0, k) for k in (0, 7)]
            assert traces[0].motion == traces[1].motion


def test_people_take_their_own_time_to_change_lane_and_machines_five_seconds() -> None:
    # Clipped at 3 and 8 s the log-normal of 6.28 s and 2 s has 6.01 s and 1.46 s.
    turn = TURNS["lane_change"]
    people = [ms for k in range(40) for ms in changes_ms(turn.trace("obeying_human", 15.0, k))]
    assert len(people) >= 40
    assert mean(people) == pytest.approx(6_060, abs=3 * 1_460 / len(people) ** 0.5)  # whole ticks
    assert pstdev(people) == pytest.approx(1_460, rel=0.25)
    for arm in ("guarded", "obeying_machine"):
        assert changes_ms(turn.trace(arm, 15.0, 0)) == [5_000]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["in_lane", "wet", "snow", "lane_change", "conflict"])
def test_what_people_do_told_late_they_hardly_do_told_early(name: str) -> None:
    turn, runs = TURNS[name], 40
    people = [name for name, arm in arms().items() if arm.is_person]
    cells = {arm: [turn.cell(arm, lead, runs) for lead in turn.case.leads_s] for arm in people}
    worst = {arm: max(cell.s2 for cell in of_arm) for arm, of_arm in cells.items()}
    assert worst["obeying_human"] > runs / 2
    assert worst["judging_human"] < worst["obeying_human"]
    assert all(of_arm[-1].s2 <= runs / 10 for of_arm in cells.values())
