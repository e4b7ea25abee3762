"""Measures of one trip, each with a worked number; what does not apply is no number."""

from itertools import pairwise

import pytest

from guiderail.maps.network import LinkId
from guiderail.sim.contract.messages import Advice, Ask, Decision, Proposal, Reason, Verdict
from guiderail.sim.contract.trace import Event, Heard, Missed, Outcome, Passing, Trace
from guiderail.sim.lab.measure import metrics
from guiderail.sim.lab.measure.metrics import Metric


def trace(*events: Event, outcome: Outcome = Outcome.ARRIVED, end_ms: int = 60_000) -> Trace:
    return Trace(
        map_digest="",
        arm="guarded",
        start_link=LinkId(1),
        start_mm=0,
        goal_link=LinkId(9),
        goal_mm=0,
        friction_permille=800,
        closed=frozenset(),
        events=list(events),
        outcome=outcome,
        end_ms=end_ms,
    )


def passing(from_link: int, to_link: int) -> Passing:
    return Passing(
        time_ms=0,
        from_link=LinkId(from_link),
        to_link=LinkId(to_link),
        from_lane=0,
        speed_mm_s=8_000,
    )


def heard(decision: Decision | None, reason: Reason = Reason.ADMISSIBLE) -> Heard:
    proposal = Proposal(ask=Ask.CANCEL, seen_ms=0)
    verdict = (
        None if decision is None else Verdict(proposal=proposal, decision=decision, reason=reason)
    )
    return Heard(
        time_ms=0,
        asked_ms=0,
        occasion=0,
        link=LinkId(1),
        distance_to_node_mm=0,
        speed_mm_s=0,
        advice=Advice(words="Hm."),
        verdict=verdict,
    )


def missed(*, from_guide: bool) -> Missed:
    one, two = LinkId(1), LinkId(2)
    return Missed(time_ms=0, link=one, wanted=two, taken=one, from_guide=from_guide)


def test_the_detour_is_the_time_beyond_the_same_trip_without_a_guide() -> None:
    assert metrics.detour_seconds(trace(end_ms=90_500), trace()) == Metric(30.5)


@pytest.mark.parametrize("outcome", [Outcome.CRASHED, Outcome.TIMED_OUT])
def test_a_trip_that_did_not_arrive_has_no_detour(outcome: Outcome) -> None:
    lost = trace(outcome=outcome)
    assert not metrics.detour_seconds(lost, trace()).valid
    assert not metrics.detour_seconds(trace(), lost).valid
    assert not metrics.detour_ratio(lost, 1_000, 1_000).valid


def test_the_detour_ratio_is_road_driven_over_shortest_road() -> None:
    assert metrics.detour_ratio(trace(), 1_500, 1_000) == Metric(1.5)


def test_without_a_legal_way_there_is_no_detour_ratio() -> None:
    assert metrics.detour_ratio(trace(), 1_500, None).or_none() is None


def test_a_metric_is_no_truth_value_since_zero_and_absent_differ() -> None:
    with pytest.raises(TypeError):
        bool(Metric(0.0))
    assert Metric(0.0).or_none() == 0.0
    assert Metric.absent().or_none() is None


def test_driving_round_a_block_once_is_one_loop_however_many_links_repeat() -> None:
    links = [1, 2, 3, 4, 1, 2, 5]
    around = [passing(a, b) for a, b in pairwise(links)]
    assert metrics.loops(trace(*around)) == 1
    assert metrics.loops(trace(passing(1, 2), passing(2, 3))) == 0


def test_answers_are_counted_by_decision_and_reason() -> None:
    said = trace(
        heard(Decision.REFUSE, Reason.TOO_LATE),
        heard(Decision.REFUSE, Reason.TOO_LATE),
        heard(Decision.ACCEPT),
        heard(None),
    )
    assert metrics.answers(said, Decision.REFUSE) == {Reason.TOO_LATE: 2}
    assert len(metrics.heard(said)) == 4
    assert len(metrics.verdicts(said)) == 3


def test_missed_turns_tell_those_of_the_guide_apart() -> None:
    both = trace(missed(from_guide=True), missed(from_guide=False))
    assert metrics.missed_turns(both) == 2
    assert metrics.missed_turns(both, from_guide=True) == 1
