"""The view of a guide: the driver's plan, with the best way out of each link of it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from guiderail.agents.atlas import NOWHERE, View, atlas_of
from guiderail.maps.network import LinkId, RoadNetwork, TurnKind
from guiderail.sim.contract.messages import Observation

Look = Callable[..., View]
OPEN: frozenset[LinkId] = frozenset()


def test_all_guides_of_one_network_share_one_atlas(network: RoadNetwork) -> None:
    assert atlas_of(network) is atlas_of(network)


def test_only_a_few_networks_are_remembered(network: RoadNetwork) -> None:
    first = atlas_of(network)
    others = [replace(network, header={"name": str(k)}) for k in range(4)]
    assert len({id(atlas_of(other)) for other in others}) == 4
    assert atlas_of(network) is not first


def test_the_way_ahead_is_the_plan_with_times_at_the_limit(
    look: Look, approaching: Observation
) -> None:
    near, far = look(approaching).ahead
    assert (near.link, near.planned, near.best, near.end_mm) == (0, 3, 3, 200_000)
    assert (far.link, far.planned, far.best, far.end_mm) == (3, 5, 5, 500_000)
    # 200 m at 13.88 m/s take 14.4 s, whatever the car's own speed is.
    assert near.end_ms == 14_409
    assert near.is_choice
    assert far.is_choice


def test_a_choice_too_close_to_be_named_in_time_is_left_to_the_next_one(
    look: Look, approaching: Observation
) -> None:
    close = look(replace(approaching, distance_to_node_mm=40_000))
    assert [one.link for one in close.choices()] == [3]


def test_no_choice_is_left_if_none_can_be_named_in_time(
    look: Look, approaching: Observation
) -> None:
    last = replace(
        approaching, link=LinkId(3), route=(LinkId(3), LinkId(5)), distance_to_node_mm=9_000
    )
    assert look(last).choices() == ()


def test_turning_round_is_no_choice(network: RoadNetwork, approaching: Observation) -> None:
    kind = network.turns.kind.copy()
    kind[6] = TurnKind.U_TURN  # from link 3 onto 7
    turns = replace(network.turns, kind=kind)
    view = atlas_of(replace(network, turns=turns)).view(approaching, OPEN)
    assert view is not None
    assert [one.is_choice for one in view.ahead] == [True, False]


def test_without_a_plan_the_best_route_stands_in(look: Look, approaching: Observation) -> None:
    view = look(replace(approaching, route=()))
    assert [one.link for one in view.ahead] == [0, 3]
    assert view.ahead[0].planned == 3


def test_a_plan_that_is_a_link_behind_is_caught_up_with(
    look: Look, approaching: Observation
) -> None:
    behind = replace(approaching, route=(LinkId(5), *approaching.route))
    assert look(behind).ahead == look(approaching).ahead


def test_a_closed_way_has_no_best_turn_through_it(look: Look, approaching: Observation) -> None:
    assert look(approaching, frozenset({LinkId(3)})).ahead[0].best == 1
    nowhere = look(approaching, frozenset({LinkId(5)}))
    assert nowhere.ahead[0].best == NOWHERE
    assert nowhere.choices() == ()


@pytest.mark.parametrize("link", [-1, 8, 2**40])
def test_what_is_not_on_this_map_has_no_view(
    network: RoadNetwork, approaching: Observation, link: int
) -> None:
    for seen in (replace(approaching, link=LinkId(link)), replace(approaching, goal=LinkId(link))):
        assert atlas_of(network).view(seen, OPEN) is None


def test_a_route_that_leaves_the_map_is_followed_as_far_as_it_holds(
    look: Look, approaching: Observation
) -> None:
    view = look(replace(approaching, route=(LinkId(0), LinkId(99), LinkId(3))))
    assert [(one.link, one.planned) for one in view.ahead] == [(0, NOWHERE)]


def test_names_are_known_whatever_they_name(network: RoadNetwork) -> None:
    atlas = atlas_of(network)
    assert atlas.is_name("Harbor Cafe")
    assert atlas.is_name("Quay Street")
    assert not atlas.is_name("Harbor Street")
