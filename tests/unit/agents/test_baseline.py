"""The guides to compare with say exactly what they should."""

from dataclasses import replace

import pytest

from guiderail.agents.baseline import Cue, Oracle, Scripted, Silent
from guiderail.agents.grading import faults
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.messages import (
    Advice,
    Ask,
    Decision,
    Observation,
    Proposal,
    Reason,
    Verdict,
)
from guiderail.sim.contract.ports import Guide, GuideMaker

SEED = TripSeed(1, 2)
OPEN: frozenset[LinkId] = frozenset()
MILL_LANE_CLOSED = frozenset({LinkId(3)})


def _oracle(network: RoadNetwork, closed: frozenset[LinkId], *, confirms: bool = False) -> Oracle:
    return Oracle(network, SEED, closed=closed, rate=0, confirms=confirms)


@pytest.mark.parametrize("make", [Silent, Oracle, Scripted])
def test_they_follow_the_contract(network: RoadNetwork, make: GuideMaker) -> None:
    guide: Guide = make(network, SEED, closed=OPEN, rate=0.5)
    assert guide.name in {"silent", "oracle", "scripted"}


def test_the_silent_guide_is_silent(network: RoadNetwork, approaching: Observation) -> None:
    guide: Guide = Silent(network, SEED, closed=MILL_LANE_CLOSED, rate=1)
    assert guide.advise(approaching) is None


def test_the_oracle_is_silent_in_an_open_world(
    network: RoadNetwork, approaching: Observation, to_quay: Observation
) -> None:
    oracle = _oracle(network, OPEN)
    assert [oracle.advise(seen) for seen in (approaching, to_quay)] == [None, None]


def test_the_oracle_warns_of_a_closed_road_on_the_route_once(
    network: RoadNetwork, approaching: Observation
) -> None:
    oracle = _oracle(network, MILL_LANE_CLOSED)
    advice = oracle.advise(approaching)
    assert advice is not None
    assert advice.words == "Mill Lane is closed ahead, so keep off it."
    assert advice.proposal == Proposal(ask=Ask.AVOID, seen_ms=5_000, onto=LinkId(3))
    assert not faults(network, advice, approaching, closed=MILL_LANE_CLOSED)
    told = replace(approaching, route=(LinkId(0), LinkId(1), LinkId(6), LinkId(5)))
    assert oracle.advise(told) is None


def test_the_oracle_shows_the_way_round_if_its_warning_was_refused(
    network: RoadNetwork, approaching: Observation
) -> None:
    oracle = _oracle(network, MILL_LANE_CLOSED)
    oracle.advise(approaching)
    second = oracle.advise(approaching)
    assert second is not None
    assert second.proposal is not None
    assert (second.proposal.ask, second.proposal.onto) == (Ask.TURN, 1)
    assert oracle.advise(approaching) is None


@pytest.mark.parametrize(("time_ms", "speaks"), [(10_999, False), (11_000, True)])
def test_the_oracle_keeps_quiet_for_6_s_after_a_wish_was_granted(
    network: RoadNetwork, approaching: Observation, time_ms: int, *, speaks: bool
) -> None:
    # Asked at 5 s and granted; the road that is closed then still lies on the route.
    oracle = _oracle(network, MILL_LANE_CLOSED)
    granted = Proposal(ask=Ask.AVOID, seen_ms=5_000, onto=LinkId(4))
    answer = Verdict(proposal=granted, decision=Decision.ACCEPT, reason=Reason.ADMISSIBLE)
    seen = replace(approaching, time_ms=time_ms, verdicts=(answer,))
    assert (oracle.advise(seen) is not None) is speaks


@pytest.mark.parametrize(
    ("reason", "ask"), [(Reason.TOO_FREQUENT, Ask.AVOID), (Reason.OVER_BUDGET, Ask.TURN)]
)
def test_the_oracle_says_again_what_was_put_off_and_not_what_was_refused(
    network: RoadNetwork, approaching: Observation, reason: Reason, ask: Ask
) -> None:
    oracle = _oracle(network, MILL_LANE_CLOSED)
    first = oracle.advise(approaching)
    assert first is not None
    assert first.proposal is not None
    answer = Verdict(proposal=first.proposal, decision=Decision.REFUSE, reason=reason)
    again = oracle.advise(replace(approaching, time_ms=9_000, verdicts=(answer,)))
    assert again is not None
    assert again.proposal is not None
    assert again.proposal.ask is ask


@pytest.mark.parametrize(
    ("lane", "left_mm", "speaks"),
    [
        # The way round turns left from lane 1. At 13.88 m/s: 28 m to think, 48 m to stop.
        pytest.param(1, 75_000, False, id="too late by a meter"),
        pytest.param(1, 77_000, True, id="in time by a meter"),
        pytest.param(0, 186_000, False, id="too late: a lane change takes 111 m more"),
        pytest.param(0, 188_000, True, id="in time for the lane change, too"),
    ],
)
def test_the_oracle_says_nothing_that_comes_too_late(
    network: RoadNetwork, approaching: Observation, lane: int, left_mm: int, *, speaks: bool
) -> None:
    near = replace(approaching, lane=lane, distance_to_node_mm=left_mm)
    advice = _oracle(network, MILL_LANE_CLOSED).advise(near)
    assert (advice is not None) is speaks


def test_the_oracle_is_silent_where_no_way_is_open(
    network: RoadNetwork, approaching: Observation
) -> None:
    assert _oracle(network, frozenset({LinkId(5)})).advise(approaching) is None


def test_the_oracle_corrects_a_needless_detour(
    network: RoadNetwork, approaching: Observation
) -> None:
    astray = replace(approaching, route=(LinkId(0), LinkId(2), LinkId(6), LinkId(5)))
    advice = _oracle(network, OPEN).advise(astray)
    assert advice is not None
    assert advice.words == "In 200 meters, go straight on along Mill Lane."
    assert not faults(network, advice, astray, closed=OPEN)


def test_the_oracle_does_not_argue_with_what_the_driver_believes_closed(
    network: RoadNetwork, approaching: Observation
) -> None:
    misled = replace(
        approaching,
        route=(LinkId(0), LinkId(2), LinkId(6), LinkId(5)),
        reported_closed=MILL_LANE_CLOSED,
    )
    assert _oracle(network, OPEN).advise(misled) is None


def test_the_oracle_shows_the_way_out_of_a_plan_that_leads_nowhere(
    network: RoadNetwork, approaching: Observation
) -> None:
    broken = replace(approaching, route=(LinkId(0), LinkId(6), LinkId(5)))
    advice = _oracle(network, OPEN).advise(broken)
    assert advice is not None
    assert advice.proposal is not None
    assert advice.proposal.onto == 3


def test_the_oracle_confirms_in_words_alone_if_asked_to(
    network: RoadNetwork, approaching: Observation
) -> None:
    oracle = _oracle(network, OPEN, confirms=True)
    advice = oracle.advise(approaching)
    assert advice == Advice(words="In 200 meters, go straight on along Mill Lane.")
    late = replace(
        approaching, link=LinkId(3), route=(LinkId(3), LinkId(5)), distance_to_node_mm=20_000
    )
    assert oracle.advise(late) is None


def test_a_script_is_said_at_its_occasions_each_line_once(
    network: RoadNetwork, approaching: Observation
) -> None:
    hello, now, later = (Advice(words=words) for words in ("Hello.", "Now.", "Later."))
    script = (
        Cue(advice=now, occasion=3),
        Cue(advice=hello, occasion=1),
        Cue(advice=later, time_ms=40_000),
    )
    guide = Scripted(network, SEED, closed=OPEN, rate=0, script=script)
    seen = [replace(approaching, occasion=k, time_ms=10_000 * k) for k in range(7)]
    said = [guide.advise(one) for one in seen]
    assert said == [None, hello, None, now, later, None, None]


def test_a_script_dates_only_what_has_no_date(
    network: RoadNetwork, approaching: Observation
) -> None:
    lines = [
        Advice(words="x", proposal=Proposal(ask=Ask.CANCEL, seen_ms=seen_ms))
        for seen_ms in (-1, 1_234)
    ]
    script = [Cue(advice=line) for line in lines]
    guide = Scripted(network, SEED, closed=OPEN, rate=0, script=script)
    said = [guide.advise(approaching) for _ in lines]
    assert [one.proposal.seen_ms for one in said if one and one.proposal] == [5_000, 1_234]
