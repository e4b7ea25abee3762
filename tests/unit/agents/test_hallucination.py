"""Each kind of error is what it says, on a crossing where everything can be counted by hand."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from guiderail.agents.atlas import View, atlas_of
from guiderail.agents.hallucination import (
    KINDS,
    Draws,
    bad_timing,
    hallucinate,
    illegal_turn,
    invented_place,
    lane_far,
    stale_map,
    wrong_direction,
    wrong_link,
)
from guiderail.agents.presets import PRESETS, Hallucination, Preset, preset_named
from guiderail.maps.network import LinkId, RoadNetwork, TurnKind
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.contract.messages import Advice, Ask, Direction, Observation, Proposal

Look = Callable[..., View]
MANY = 60


def _draws(k: int = 0) -> Draws:
    return Draws(TripSeed(3, 4), LinkId(0), k)


def _proposal(advice: Advice | None) -> Proposal:
    assert advice is not None
    assert advice.proposal is not None
    return advice.proposal


def _all(kind: Callable[[View, Draws], Advice | None], view: View) -> list[Proposal]:
    return [_proposal(kind(view, _draws(k))) for k in range(MANY)]


def test_the_wrong_link_is_legal_and_longer(look: Look, approaching: Observation) -> None:
    said = _all(wrong_link, look(approaching))
    assert {(one.at, one.onto) for one in said} == {(0, 1), (0, 2)}


def test_the_wrong_link_is_never_what_the_driver_plans(
    look: Look, approaching: Observation
) -> None:
    astray = replace(approaching, route=(LinkId(0), LinkId(2), LinkId(6), LinkId(5)))
    assert {one.onto for one in _all(wrong_link, look(astray))} == {1}


def test_there_is_no_wrong_link_where_every_way_is_as_good(
    look: Look, approaching: Observation
) -> None:
    assert wrong_link(look(replace(approaching, link=LinkId(5))), _draws()) is None


def test_the_wrong_direction_is_the_mirror_of_the_right_one(
    look: Look, to_quay: Observation
) -> None:
    advice = wrong_direction(look(to_quay), _draws())
    said = _proposal(advice)
    assert (said.at, said.direction, said.onto) == (0, Direction.RIGHT, None)
    assert advice is not None
    assert advice.words == "In 200 meters, turn right into High Street."


def test_straight_on_has_no_wrong_side(look: Look, approaching: Observation) -> None:
    assert wrong_direction(look(approaching), _draws()) is None


def test_the_other_side_is_right_where_it_leads_on_as_well(
    network: RoadNetwork, look: Look, to_quay: Observation
) -> None:
    cost_ms = network.turns.cost_ms.copy()
    cost_ms[1] = cost_ms[0] + cost_ms[3] - cost_ms[4]  # from 0 to 6 by 2 as fast as by 1
    even = replace(network, turns=replace(network.turns, cost_ms=cost_ms))
    view = atlas_of(even).view(to_quay, frozenset())
    assert view is not None
    assert wrong_direction(view, _draws()) is None
    planned = replace(to_quay, route=(LinkId(0), LinkId(2), LinkId(6)))
    assert wrong_direction(look(planned), _draws()) is None


def test_a_side_is_looked_for_at_the_next_junctions_too(
    look: Look, approaching: Observation
) -> None:
    bent = replace(approaching, goal=LinkId(7), route=(LinkId(0), LinkId(3), LinkId(7)))
    said = _proposal(wrong_direction(look(bent), _draws()))
    assert (said.at, said.direction) == (3, Direction.LEFT)


def test_the_illegal_turn_leads_into_the_one_way_street(
    look: Look, approaching: Observation, network: RoadNetwork
) -> None:
    said = _proposal(illegal_turn(look(approaching), _draws()))
    assert said.onto == 4
    assert network.link(LinkId(4)).against_oneway


def test_turning_round_is_asked_for_only_where_no_other_turn_is_banned(
    network: RoadNetwork, approaching: Observation
) -> None:
    round_only = replace(network.illegal_turns, kind=np.array([TurnKind.U_TURN], dtype=np.int32))
    view = atlas_of(replace(network, illegal_turns=round_only)).view(approaching, frozenset())
    assert view is not None
    assert _proposal(illegal_turn(view, _draws())).onto == 4


def test_there_is_no_illegal_turn_where_all_are_legal(look: Look, approaching: Observation) -> None:
    late = replace(approaching, distance_to_node_mm=10_000)  # only the end of link 3 is left
    assert illegal_turn(look(late), _draws()) is None


def test_a_stale_map_sends_the_car_into_a_closed_road(look: Look, to_quay: Observation) -> None:
    advice = stale_map(look(to_quay, frozenset({LinkId(2)})), _draws())
    assert _proposal(advice).onto == 2
    assert advice is not None
    assert advice.words.endswith("turn right into Station Road, it is open again.")


def test_a_stale_map_calls_an_open_road_closed_where_none_is(
    look: Look, approaching: Observation
) -> None:
    advice = stale_map(look(approaching), _draws())
    assert (_proposal(advice).ask, _proposal(advice).onto) == (Ask.AVOID, 3)


def test_the_goal_is_never_called_closed(look: Look, approaching: Observation) -> None:
    late = replace(approaching, distance_to_node_mm=10_000)
    assert stale_map(look(late), _draws()) is None


@pytest.mark.parametrize("speed_mm_s", [8_000, 13_880])
def test_bad_timing_lands_half_a_second_to_three_seconds_before_the_node(
    look: Look, approaching: Observation, speed_mm_s: int
) -> None:
    seen = replace(approaching, speed_mm_s=speed_mm_s, distance_to_node_mm=100_000)
    node_ms = 100_000_000 // speed_mm_s
    for k in range(MANY):
        advice = bad_timing(look(seen), _draws(k))
        assert advice is not None
        assert 500 <= node_ms - advice.latency_ms <= 3_000
        assert advice.latency_ms % 100 == 0
        assert _proposal(advice).onto in {1, 2}


def test_the_right_turn_comes_late_where_the_driver_plans_another(
    look: Look, approaching: Observation
) -> None:
    astray = replace(approaching, route=(LinkId(0), LinkId(2), LinkId(6), LinkId(5)))
    advice = bad_timing(look(astray), _draws())
    assert _proposal(advice).onto == 3
    assert advice is not None
    assert advice.words == "Go straight on along Mill Lane now."


def test_bad_timing_waits_for_the_next_choice_if_this_one_is_all_but_passed(
    look: Look, approaching: Observation
) -> None:
    fast = replace(approaching, distance_to_node_mm=5_000, speed_mm_s=25_000)
    advice = bad_timing(look(fast), _draws())
    assert _proposal(advice).at == 3
    assert advice is not None
    assert 500 <= 305_000 // 25 - advice.latency_ms <= 3_000


@pytest.mark.parametrize(
    ("speed_mm_s", "left_mm"),
    [(0, 200_000), (13_880, 5_000), (1_000, 200_000)],
    ids=["standing", "all but there", "so slow that nobody would think that long"],
)
def test_nobody_is_late_where_there_is_no_time_to_be(
    look: Look, approaching: Observation, speed_mm_s: int, left_mm: int
) -> None:
    seen = replace(approaching, speed_mm_s=speed_mm_s, distance_to_node_mm=left_mm)
    assert bad_timing(look(seen), _draws()) is None


def test_nobody_is_late_where_there_is_nothing_else_to_say(
    look: Look, approaching: Observation
) -> None:
    view = look(replace(approaching, link=LinkId(6), route=(LinkId(6), LinkId(5))))
    assert bad_timing(view, _draws()) is None
    with_a_banned_turn = (view.ahead[0]._replace(is_choice=True),)
    assert bad_timing(replace(view, ahead=with_a_banned_turn), _draws()) is None


def test_invented_places_sound_real_and_are_not(
    look: Look, approaching: Observation, network: RoadNetwork
) -> None:
    names = {str(one.place) for one in _all(invented_place, look(approaching))}
    real = {place.name for place in network.all_places} | {x.name for x in network.all_links}
    heads, tails = atlas_of(network).name_parts
    assert len(names) > 10
    assert names.isdisjoint(real)
    assert all(name.rsplit(" ", 1)[0] in heads for name in names)
    assert all(name.rsplit(" ", 1)[1] in tails for name in names)


def test_invented_places_are_goals_and_stops_alike(look: Look, approaching: Observation) -> None:
    asks = Counter(one.ask for one in _all(invented_place, look(approaching)))
    assert set(asks) == {Ask.GO_TO, Ask.VIA}


def test_nothing_can_be_invented_without_names(
    network: RoadNetwork, approaching: Observation
) -> None:
    nameless = replace(network, strings=("",) * len(network.strings))
    view = atlas_of(nameless).view(approaching, frozenset())
    assert view is not None
    assert invented_place(view, _draws()) is None


def test_nothing_is_invented_where_every_composition_exists(
    network: RoadNetwork, approaching: Observation
) -> None:
    names = tuple("Aa" if name else "" for name in network.strings)
    view = atlas_of(replace(network, strings=names)).view(
        replace(approaching, goal_name="aa AA"), frozenset()
    )
    assert view is not None
    assert invented_place(view, _draws()) is None


def test_the_far_lane_is_one_that_does_not_lead_there(look: Look, approaching: Observation) -> None:
    near = replace(approaching, distance_to_node_mm=60_000)  # 4.3 s, one lane takes up to 8 s
    advice = lane_far(look(near), _draws())
    assert _proposal(advice).onto == 1  # left needs lane 1, the car is in lane 0
    assert advice is not None
    assert advice.words == "Quick, left here into High Street."


@pytest.mark.parametrize("link", [0, 6])
def test_with_road_enough_or_one_way_out_no_lane_is_far(
    look: Look, approaching: Observation, link: int
) -> None:
    seen = replace(approaching, link=LinkId(link), route=(LinkId(link), LinkId(5)))
    assert lane_far(look(seen), _draws()) is None


def test_every_wrong_advice_carries_its_kind(look: Look, to_quay: Observation) -> None:
    view = look(replace(to_quay, distance_to_node_mm=60_000), frozenset({LinkId(2)}))
    for kind, make in KINDS.items():
        advice = make(view, _draws())
        assert advice is None or advice.label == kind


def test_the_next_kind_stands_in_for_one_that_cannot_be_made(
    look: Look, approaching: Observation
) -> None:
    weights = ((Hallucination.WRONG_DIRECTION, 1), (Hallucination.ILLEGAL_TURN, 1))
    labels = {hallucinate(look(approaching), _draws(k), weights) for k in range(MANY)}
    assert {advice.label for advice in labels if advice} == {"illegal_turn"}


def test_kinds_come_in_the_shares_of_the_mix(look: Look, to_quay: Observation) -> None:
    weights = ((Hallucination.WRONG_LINK, 3), (Hallucination.INVENTED_PLACE, 1))
    view = look(to_quay)
    made = [hallucinate(view, _draws(k), weights) for k in range(2_000)]
    count = Counter(advice.label for advice in made if advice)
    assert count["wrong_link"] == pytest.approx(1_500, abs=60)  # 3 standard deviations


def test_a_kind_without_weight_is_never_made(look: Look, approaching: Observation) -> None:
    assert hallucinate(look(approaching), _draws(), ((Hallucination.WRONG_LINK, 0),)) is None
    weights = ((Hallucination.WRONG_DIRECTION, 1), (Hallucination.WRONG_LINK, 0))
    assert hallucinate(look(approaching), _draws(), weights) is None


def test_every_preset_names_its_source_and_makes_only_what_can_be_made() -> None:
    for preset in PRESETS.values():
        assert preset.source
        assert {kind for kind, _ in preset.weights} <= set(KINDS)
        assert 0 < preset.error_ppm <= 1_000_000


def test_the_memory_preset_is_wrong_as_often_as_its_table_row_says() -> None:
    # .25 + .08 + .15 + .10 + .25
    assert preset_named("llm_memory").error_ppm == 830_000


def test_an_unknown_preset_names_those_that_exist() -> None:
    with pytest.raises(ScenarioError, match=r"no guide preset named 'hal9000'; .*llm_tool_good"):
        preset_named("hal9000")


def test_clusters_beyond_what_a_table_holds_are_refused() -> None:
    with pytest.raises(ScenarioError, match="rho_permille is 951"):
        replace(preset_named("llm_tool_good"), rho_permille=951)
    assert isinstance(replace(preset_named("llm_tool_good"), rho_permille=0), Preset)
