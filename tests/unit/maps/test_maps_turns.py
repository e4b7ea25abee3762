"""Turns: none is forgotten, each has its lanes, its curve, its price and its priority."""

import numpy as np
import pytest
from numpy.typing import NDArray

from guiderail.maps.network import Ban, Conflict, LinkId, RoadNetwork, Turn, TurnKind
from guiderail.maps.synthetic.networks import arm_link, crossing, straight_road, town


def turn(network: RoadNetwork, arm_from: str, arm_to: str) -> Turn:
    found = network.turn(
        arm_link(network, arm_from, inward=True), arm_link(network, arm_to, inward=False)
    )
    assert found is not None
    return found


def is_copy(network: RoadNetwork) -> NDArray[np.bool_]:
    return np.asarray(network.links.original() != np.arange(network.link_count))


def test_legal_and_illegal_turns_are_all_pairs_of_arriving_and_leaving_links(
    network: RoadNetwork,
) -> None:
    arriving = np.bincount(network.links.to_node, minlength=len(network.nodes.x_mm))
    plain = ~is_copy(network)  # a turn leads onto a link or its copy, never onto both
    leaving = np.bincount(network.links.from_node[plain], minlength=len(network.nodes.x_mm))
    turns = len(network.turns.to_link) + len(network.illegal_turns.to_link)
    assert turns == int((arriving * leaving).sum())


def test_the_same_holds_without_phantoms(network: RoadNetwork) -> None:
    real = ~network.links.against_oneway.astype(bool)
    nodes = len(network.nodes.x_mm)
    arriving = np.bincount(network.links.to_node[real], minlength=nodes)
    plain = real & ~is_copy(network)
    leaving = np.bincount(network.links.from_node[plain], minlength=nodes)
    turns = sum(
        real[table.to_link[k]]
        for table in (network.turns, network.illegal_turns)
        for link in np.flatnonzero(real)
        for k in range(table.start[link], table.start[link + 1])
    )
    assert turns == int((arriving * leaving).sum())


def test_every_lane_of_every_link_leads_somewhere(network: RoadNetwork) -> None:
    for link in network.all_links:
        turns = network.turns_from(link.id)
        covered = {lane for t in turns for lane in range(t.first_lane, t.last_lane + 1)}
        assert covered == (set(range(link.lanes)) if turns else set())


def test_no_turn_leads_legally_onto_a_phantom_and_every_phantom_has_a_way_off(
    network: RoadNetwork,
) -> None:
    phantom = network.links.against_oneway
    assert not phantom[network.turns.to_link].any()
    assert not (phantom & network.links.in_world).any()
    banned = network.illegal_turns.ban[phantom[network.illegal_turns.to_link] == 1]
    assert (banned == Ban.WRONG_WAY).all()
    for link in network.all_links:
        if link.against_oneway:
            assert network.link(link.reverse).reverse == link.id
            assert link.reverse in [t.to_link for t in network.turns_from(link.id)]


def test_phantoms_come_after_all_real_links(network: RoadNetwork) -> None:
    phantom = network.links.against_oneway[~is_copy(network)]
    assert (np.diff(phantom) >= 0).all()
    assert (np.diff(network.links.reverse[: len(phantom)][phantom == 1]) > 0).all()


@pytest.mark.parametrize(
    ("arm_to", "kind", "penalty_ms", "radius_mm"),
    [
        pytest.param("north", TurnKind.STRAIGHT, 0, 0, id="straight on is free"),
        pytest.param("east", TurnKind.RIGHT, 2_100, 8_000, id="right angle right: 2.1 s, 8 m"),
        pytest.param("west", TurnKind.LEFT, 5_400, 12_000, id="right angle left: 5.4 s, 12 m"),
        pytest.param("south", TurnKind.U_TURN, 20_000, 5_500, id="turning round: 20 s, 5.5 m"),
    ],
)
def test_a_turn_costs_its_penalty_plus_driving_at_the_limit(
    arm_to: str, kind: TurnKind, penalty_ms: int, radius_mm: int
) -> None:
    found = turn(crossing(), "south", arm_to)
    # 400 m at 50 km/h, on the lattice 13.88 m/s, take 28,818.4 ms, rounded up.
    assert (found.kind, found.cost_ms) == (kind, 28_819 + penalty_ms)
    assert found.radius_mm == radius_mm
    assert found.arc_mm == round(radius_mm * np.pi * abs(found.angle_cdeg) / 18_000)


@pytest.mark.parametrize(
    ("control", "wait_ms"), [("signal", 2_000), ("stop", 2_000), ("give_way", 1_000)]
)
def test_a_control_makes_leaving_its_link_dearer(control: str, wait_ms: int) -> None:
    ruled, free = crossing(control=control), crossing()
    extra = turn(ruled, "south", "north").cost_ms - turn(free, "south", "north").cost_ms
    assert extra == wait_ms


def test_two_lanes_are_shared_out_from_the_kerb_inwards() -> None:
    network = crossing(lanes=2)
    lanes = [turn(network, "south", arm) for arm in ("east", "north", "west")]
    assert [(t.first_lane, t.last_lane) for t in lanes] == [(0, 0), (0, 1), (1, 1)]


def test_where_nothing_leads_straight_on_three_lanes_are_split() -> None:
    network = crossing(lanes=3, arms=("east", "south", "west"))
    right, left = turn(network, "south", "east"), turn(network, "south", "west")
    assert [(t.first_lane, t.last_lane) for t in (right, left)] == [(0, 0), (1, 2)]


def test_painted_arrows_decide_where_they_fit(the_town: RoadNetwork) -> None:
    # The main crossing is painted left;through | through;right.
    center = next(
        i
        for i in range(len(the_town.nodes.x_mm))
        if the_town.nodes.x_mm[i] == the_town.nodes.y_mm[i] == 0
    )
    arriving = np.flatnonzero(the_town.links.to_node == center)
    eastbound = next(i for i in arriving if the_town.links.bearing_end_cdeg[i] == 9_000)
    lanes = {
        t.kind: (t.first_lane, t.last_lane) for t in the_town.turns_from(LinkId(int(eastbound)))
    }
    assert lanes == {
        TurnKind.RIGHT: (0, 0),
        TurnKind.STRAIGHT: (0, 1),
        TurnKind.LEFT: (1, 1),
    }


@pytest.mark.parametrize(
    ("control", "arm_from", "arm_to", "conflict", "lanes"),
    [
        ("signal", "south", "west", Conflict.LEFT_FROM_MAJOR, 1),
        ("signal", "south", "north", Conflict.NONE, 0),
        ("signal", "south", "east", Conflict.NONE, 0),
        ("stop", "south", "east", Conflict.RIGHT_FROM_MINOR, 1),
        ("stop", "south", "north", Conflict.THROUGH_FROM_MINOR, 2),
        ("stop", "south", "west", Conflict.LEFT_FROM_MINOR, 2),
        ("stop", "east", "west", Conflict.NONE, 0),
        ("stop", "east", "south", Conflict.LEFT_FROM_MAJOR, 1),
        ("none", "south", "north", Conflict.THROUGH_FROM_MINOR, 1),
        ("none", "south", "east", Conflict.NONE, 0),
        ("all_way_stop", "south", "north", Conflict.THROUGH_FROM_MINOR, 2),
        ("signal", "south", "south", Conflict.U_TURN, 3),
    ],
)
def test_who_must_wait_follows_signals_then_signs_then_the_right(
    control: str, arm_from: str, arm_to: str, conflict: Conflict, lanes: int
) -> None:
    found = turn(crossing(control=control), arm_from, arm_to)
    assert (found.conflict, found.major_lanes) == (conflict, lanes)


def test_the_lesser_road_waits_where_no_sign_stands() -> None:
    network = crossing(classes={"north": "residential", "south": "residential"})
    assert turn(network, "south", "north").conflict is Conflict.THROUGH_FROM_MINOR
    assert turn(network, "east", "west").conflict is Conflict.NONE
    assert turn(network, "east", "south").conflict is Conflict.LEFT_FROM_MAJOR


def test_without_oncoming_traffic_a_left_turn_on_green_lets_nobody_pass() -> None:
    network = crossing(control="signal", oneway={"north": "out"})
    assert turn(network, "south", "west").conflict is Conflict.NONE


def test_the_ring_of_a_roundabout_goes_first(the_town: RoadNetwork) -> None:
    ring = the_town.links.is_roundabout
    entries = [
        t
        for link in the_town.all_links
        if not link.is_roundabout and not link.against_oneway
        for t in the_town.turns_from(link.id)
        if ring[t.to_link]
    ]
    assert len(entries) == 3  # south of it is the river
    assert {t.conflict for t in entries} == {Conflict.ROUNDABOUT_ENTRY}
    inside = [
        t
        for link in the_town.all_links
        if link.is_roundabout and not link.against_oneway
        for t in the_town.turns_from(link.id)
    ]
    assert {t.conflict for t in inside} == {Conflict.NONE}


def test_the_ring_motorway_has_eight_exits_and_eight_entries(the_town: RoadNetwork) -> None:
    kinds = [
        t.kind
        for link in the_town.all_links
        if not link.against_oneway
        for t in the_town.turns_from(link.id)
    ]
    assert (kinds.count(TurnKind.EXIT), kinds.count(TurnKind.MERGE)) == (8, 8)


def test_where_people_drive_on_the_left_everything_is_mirrored() -> None:
    here, there = town(), town(drives_on_left=True)
    assert (here.turns.cost_ms == there.turns.cost_ms).all()
    assert (here.turns.first_lane == there.turns.first_lane).all()
    assert (here.turns.conflict == there.turns.conflict).all()
    bent = np.abs(here.turns.angle_cdeg) < 18_000
    assert (here.turns.angle_cdeg == -there.turns.angle_cdeg)[bent].all()


def test_a_road_alone_is_turned_round_on_at_both_ends() -> None:
    network = straight_road(1_234_567)
    assert [link.length_mm for link in network.all_links] == [1_234_567, 1_234_567]
    assert [t.kind for link in network.all_links for t in network.turns_from(link.id)] == [
        TurnKind.U_TURN,
        TurnKind.U_TURN,
    ]
    assert all(link.in_world for link in network.all_links)
