"""What is wrong with an advice follows from the graph alone."""

from dataclasses import replace

import pytest

from guiderail.agents.grading import faults
from guiderail.agents.presets import Hallucination
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.sim.contract.messages import Advice, Ask, Direction, Observation, Proposal

CLOSED = frozenset({LinkId(2)})


def _advice(ask: Ask, **fields: object) -> Advice:
    proposal = Proposal(ask=ask, seen_ms=5_000, **fields)  # type: ignore[arg-type]
    return Advice(words="", proposal=proposal, confidence=0.5)


@pytest.mark.parametrize(
    ("advice", "kinds"),
    [
        pytest.param(Advice(words="Hello."), set(), id="words alone"),
        pytest.param(_advice(Ask.TURN, at=0, onto=3), set(), id="the best turn"),
        pytest.param(
            _advice(Ask.TURN, at=0, onto=1), {Hallucination.WRONG_LINK}, id="a longer way"
        ),
        pytest.param(
            _advice(Ask.TURN, at=0, onto=2), {Hallucination.STALE_MAP}, id="into a closed road"
        ),
        pytest.param(
            _advice(Ask.TURN, at=0, onto=4),
            {Hallucination.WRONG_LINK, Hallucination.ILLEGAL_TURN},
            id="the wrong way",
        ),
        pytest.param(
            _advice(Ask.TURN, at=0, onto=6), {Hallucination.WRONG_LINK}, id="no way through"
        ),
        pytest.param(
            _advice(Ask.TURN, at=99, onto=6), {Hallucination.WRONG_LINK}, id="not on this map"
        ),
        pytest.param(_advice(Ask.TURN, onto=6), {Hallucination.WRONG_LINK}, id="nowhere"),
        pytest.param(
            _advice(Ask.TURN, at=0, direction=Direction.LEFT),
            {Hallucination.WRONG_DIRECTION},
            id="the side",
        ),
        pytest.param(
            _advice(Ask.TURN, at=0, direction=Direction.BACK),
            {Hallucination.WRONG_DIRECTION},
            id="no such side",
        ),
        pytest.param(_advice(Ask.TURN, at=0, direction=Direction.STRAIGHT), set(), id="the way"),
        pytest.param(_advice(Ask.AVOID, onto=2), set(), id="keep off a closed road"),
        pytest.param(
            _advice(Ask.AVOID, onto=3), {Hallucination.STALE_MAP}, id="keep off an open road"
        ),
        pytest.param(_advice(Ask.AVOID, road="Quay Street"), set(), id="keep off a real road"),
        pytest.param(
            _advice(Ask.AVOID, road="Elm"), {Hallucination.INVENTED_PLACE}, id="keep off no road"
        ),
        pytest.param(
            _advice(Ask.TAKE_ROAD, road="Elm"), {Hallucination.INVENTED_PLACE}, id="take no road"
        ),
        pytest.param(_advice(Ask.VIA, place="City Library"), set(), id="a place"),
        pytest.param(
            _advice(Ask.VIA, place="City Cafe"), {Hallucination.INVENTED_PLACE}, id="no place"
        ),
        pytest.param(_advice(Ask.GO_TO), {Hallucination.INVENTED_PLACE}, id="no name at all"),
        pytest.param(_advice(Ask.CANCEL), set(), id="take it back"),
    ],
)
def test_each_error_is_known_by_its_kind(
    network: RoadNetwork, approaching: Observation, advice: Advice, kinds: set[Hallucination]
) -> None:
    # Lane 1 of 2 leads left and straight on: no lane is far.
    seen = replace(approaching, lane=1)
    assert faults(network, advice, seen, closed=CLOSED) == kinds


def test_naming_the_goal_is_right_even_off_the_map(
    network: RoadNetwork, approaching: Observation
) -> None:
    seen = replace(approaching, goal_name="Home")
    assert not faults(network, _advice(Ask.GO_TO, place="Home"), seen, closed=CLOSED)


def test_late_words_are_late_even_if_right(network: RoadNetwork, approaching: Observation) -> None:
    advice = replace(_advice(Ask.TURN, at=0, onto=3), latency_ms=11_500)  # 2.9 s are left
    assert faults(network, advice, approaching, closed=CLOSED) == {Hallucination.BAD_TIMING}
    soon = replace(advice, latency_ms=11_000)
    assert not faults(network, soon, approaching, closed=CLOSED)


def test_a_far_lane_is_far_only_without_time_to_change(
    network: RoadNetwork, to_quay: Observation
) -> None:
    advice = _advice(Ask.TURN, at=0, onto=1)  # from lane 1; the car is in lane 0
    assert not faults(network, advice, to_quay, closed=CLOSED)
    near = replace(to_quay, distance_to_node_mm=80_000)  # 5.8 s
    assert faults(network, advice, near, closed=CLOSED) == {Hallucination.LANE_FAR}


def test_confidence_makes_an_error_worse_and_nothing_else(
    network: RoadNetwork, approaching: Observation
) -> None:
    wrong = replace(_advice(Ask.TURN, at=0, onto=1), confidence=0.9)
    right = replace(_advice(Ask.TURN, at=0, onto=3), confidence=1.0)
    found = faults(network, wrong, replace(approaching, lane=1), closed=CLOSED)
    assert found == {Hallucination.WRONG_LINK, Hallucination.OVERCONFIDENCE}
    assert not faults(network, right, approaching, closed=CLOSED)


def test_a_goal_off_the_map_makes_no_turn_wrong(
    network: RoadNetwork, approaching: Observation
) -> None:
    lost = replace(approaching, goal=LinkId(-1), lane=1)
    assert not faults(network, _advice(Ask.TURN, at=0, onto=1), lost, closed=CLOSED)
