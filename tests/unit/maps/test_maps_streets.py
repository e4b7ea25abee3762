"""Streets: what their tags mean, where they are cut, what rules them."""

from dataclasses import replace

import pytest

from guiderail.maps.compile import tags as meaning
from guiderail.maps.compile.compiler import compile_network
from guiderail.maps.compile.lanes import turn_lanes
from guiderail.maps.network import Ban, Conflict, Control, RoadNetwork
from guiderail.maps.synthetic.networks import arm_link, crossing, town
from guiderail.maps.synthetic.sketch import Sketch


@pytest.mark.parametrize(
    ("tags", "mm_s"),
    [
        # 50 km/h are 13,888 mm/s; the lattice has steps of 20 mm/s.
        pytest.param({"maxspeed": "50"}, 13_880, id="km/h"),
        pytest.param({"maxspeed": "30 mph"}, 13_400, id="30 mph are 48.28 km/h"),
        pytest.param({"maxspeed": "80; 50"}, 13_880, id="the lowest of a list"),
        pytest.param({"maxspeed": "9" * 400}, 69_440, id="a number beyond reason is 250 km/h"),
        pytest.param({"maxspeed": "0"}, 8_320, id="zero is no limit: the default of the class"),
        pytest.param({"maxspeed": "walk"}, 1_940, id="walking pace is 7 km/h"),
        pytest.param({"maxspeed": "none"}, 8_320, id="no limit: the default of the class, 30 km/h"),
        pytest.param({"maxspeed": "variable"}, 8_320, id="no number: the default of the class"),
        pytest.param({"maxspeed": "DE:urban"}, 13_880, id="a zone"),
        pytest.param({"maxspeed": "50", "maxspeed:forward": "40"}, 11_100, id="of one direction"),
        pytest.param({}, 8_320, id="no tag: the default of the class"),
    ],
)
def test_a_limit_is_rounded_down_to_the_lattice(tags: dict[str, str], mm_s: int) -> None:
    assert meaning.speed_mm_s({"highway": "residential", **tags}, "forward") == mm_s


@pytest.mark.parametrize(
    ("tags", "lanes"),
    [
        pytest.param({}, 1, id="untagged"),
        pytest.param({"lanes": "4"}, 2, id="half of both directions"),
        pytest.param({"lanes": "3"}, 1, id="the odd one belongs to nobody"),
        pytest.param({"lanes": "3", "oneway": "yes"}, 3, id="one-way"),
        pytest.param({"lanes": "3", "lanes:forward": "2"}, 2, id="said"),
        pytest.param({"turn:lanes:forward": "left|through|right"}, 3, id="painted"),
        pytest.param({"lanes": "9" * 400}, 4, id="half of eight, the most there are"),
        pytest.param({"lanes": "many"}, 1, id="no number"),
    ],
)
def test_lanes_are_those_of_one_direction(tags: dict[str, str], lanes: int) -> None:
    assert meaning.lane_count({"highway": "residential", **tags}, "forward") == lanes


@pytest.mark.parametrize(
    ("tags", "direction"),
    [
        ({"highway": "primary"}, 0),
        ({"highway": "primary", "oneway": "yes"}, 1),
        ({"highway": "primary", "oneway": "-1"}, -1),
        ({"highway": "motorway"}, 1),
        ({"highway": "motorway", "oneway": "no"}, 0),
        ({"highway": "primary", "junction": "circular"}, 1),
    ],
)
def test_one_way_is_read_or_implied(tags: dict[str, str], direction: int) -> None:
    assert meaning.oneway(tags) == direction


@pytest.mark.parametrize(
    ("tags", "is_closed"),
    [
        ({"access": "private"}, True),
        ({"access": "no", "motorcar": "yes"}, False),
        ({"access": "yes", "vehicle": "no"}, True),
        ({"motor_vehicle": "destination"}, False),
        ({"oneway": "reversible"}, True),
    ],
)
def test_the_most_specific_access_wins(tags: dict[str, str], *, is_closed: bool) -> None:
    assert meaning.is_closed(tags) is is_closed


def test_streets_come_from_an_allow_list() -> None:
    values = (
        "residential",
        "motorway_link",
        "road",
        "service",
        "track",
        "trail",
        "bus_stop",
        "yes",
    )
    assert [v for v in values if meaning.is_street({"highway": v})] == list(values[:3])


def test_a_loop_is_cut_so_that_no_link_ends_where_it_begins() -> None:
    sketch = Sketch()
    sketch.way([(0, 0), (100_000, 0)], highway="residential")
    ring = [(100_000, 0), (200_000, 50_000), (200_000, -50_000), (100_000, 0)]
    sketch.way(ring, highway="residential")
    network = compile_network(sketch.elements("loop"))
    assert all(link.from_node != link.to_node for link in network.all_links)
    assert network.header["in_world_links"] == network.header["links"] == "6"


def test_a_street_is_cut_where_the_extract_lacks_a_node() -> None:
    sketch = Sketch()
    sketch.way([(x, 0) for x in range(0, 500_000, 100_000)], highway="residential")
    drawn = sketch.elements("clipped")
    clipped = replace(drawn, nodes=tuple(node for node in drawn.nodes if node.id != 3))
    network = compile_network(clipped)
    assert network.links.length_mm.tolist() == [100_000] * 4
    assert network.header["missing_nodes"] == "1"
    assert network.header["in_world_links"] == "2"


def test_a_bollard_lets_nobody_through_and_a_toll_booth_does() -> None:
    for barrier, ban in (("bollard", Ban.NO_ACCESS), ("toll_booth", None)):
        sketch = Sketch()
        sketch.node((100_000, 0), barrier=barrier)
        sketch.way([(0, 0), (100_000, 0)], highway="residential")
        sketch.way([(100_000, 0), (200_000, 0)], highway="residential")
        network = compile_network(sketch.elements(barrier))
        through = network.turn(network.all_links[0].id, network.all_links[2].id)
        assert through is not None
        assert through.ban is ban


def test_a_bridge_does_not_meet_the_road_below(the_town: RoadNetwork) -> None:
    motorway = {
        node
        for link in the_town.all_links
        if link.name == "Ring Motorway"
        for node in (link.from_node, link.to_node)
    }
    over = {
        node
        for link in the_town.all_links
        if link.name.endswith("gate Road")
        for node in (link.from_node, link.to_node)
    }
    assert not motorway & over


def test_a_signal_on_the_junction_rules_all_arms_from_8_m_before() -> None:
    network = crossing(control="signal")
    inward = [network.link(arm_link(network, arm, inward=True)) for arm in ("north", "east")]
    assert [(k.control, k.stop_line_mm, k.controller) for k in inward] == [
        (Control.SIGNAL, 392_000, 0)
    ] * 2
    outward = network.link(arm_link(network, "north", inward=False))
    assert (outward.control, outward.stop_line_mm, outward.controller) == (
        Control.NONE,
        400_000,
        -1,
    )


def approach_signal(distance_mm: int, **tags: str) -> RoadNetwork:
    """A long road to a junction, with a signal so far before it."""
    sketch = Sketch()
    sketch.node((-distance_mm, 0), highway="traffic_signals", **tags)
    sketch.way([(-900_000, 0), (-distance_mm, 0), (0, 0)], highway="residential")
    sketch.way([(0, -300_000), (0, 0), (0, 300_000)], highway="residential")
    return compile_network(sketch.elements("approach"))


def test_a_signal_on_the_approach_rules_the_lane_towards_the_near_junction() -> None:
    towards, away = approach_signal(20_000).all_links[:2]
    assert (towards.control, towards.stop_line_mm) == (Control.SIGNAL, 880_000)
    assert away.control is Control.NONE


def test_a_direction_tag_says_whom_a_signal_is_for() -> None:
    towards, away = approach_signal(20_000, traffic_signals__direction="backward").all_links[:2]
    assert (towards.control, away.control) == (Control.NONE, Control.SIGNAL)


def test_a_signal_far_from_any_junction_is_counted_and_rules_nobody() -> None:
    network = approach_signal(200_000)
    assert network.header["signals_unresolved"] == "1"
    assert not network.links.control.any()


def test_signals_within_40_m_share_a_controller() -> None:
    sketch = Sketch()
    for x_mm in (0, 39_000, 200_000):
        sketch.node((x_mm, 0), highway="traffic_signals")
        sketch.way([(x_mm, -300_000), (x_mm, 0), (x_mm, 300_000)], highway="residential")
    sketch.way([(-300_000, 0), (0, 0), (39_000, 0), (200_000, 0)], highway="secondary")
    network = compile_network(sketch.elements("three"))
    controllers = {
        int(network.nodes.x_mm[link.to_node]): link.controller
        for link in network.all_links
        if link.controller >= 0
    }
    assert controllers == {0: 0, 39_000: 0, 200_000: 1}


def test_stop_lines_lie_on_their_links_and_near_their_ends(network: RoadNetwork) -> None:
    for link in network.all_links:
        gap_mm = link.length_mm - link.stop_line_mm
        assert 0 <= gap_mm <= (30_000 if link.control else 0)
        assert (link.controller >= 0) is (link.control is Control.SIGNAL)


def test_controllers_are_numbered_without_gaps(network: RoadNetwork) -> None:
    used = set(network.links.controller.tolist()) - {-1}
    assert used == set(range(int(network.header["controllers"])))


def test_a_sign_of_the_lesser_road_stands_at_it_alone() -> None:
    sketch = Sketch()
    sketch.node((0, 0), highway="stop")
    sketch.way([(-300_000, 0), (0, 0), (300_000, 0)], highway="primary")
    sketch.way([(0, -300_000), (0, 0)], highway="residential")
    network = compile_network(sketch.elements("t"))
    ruled = [link.way_id for link in network.all_links if link.control is Control.STOP]
    assert ruled == [2]


def test_a_ramp_waits_for_the_road_that_it_meets_whatever_its_class(
    the_town: RoadNetwork,
) -> None:
    ends = [
        turn
        for link in the_town.all_links
        if link.is_ramp and not link.against_oneway
        for turn in the_town.turns_from(link.id)
        if the_town.link(turn.to_link).name.endswith("gate Road")
    ]
    # Eight ramps end on a road out of the town; all but the two with signals wait for its traffic.
    waiting = [turn for turn in ends if turn.conflict is not Conflict.NONE]
    signaled = [t for t in ends if the_town.link(t.from_link).control is Control.SIGNAL]
    assert len({turn.from_link for turn in ends}) == 8
    assert len({turn.from_link for turn in signaled}) == 2
    assert {turn.from_link for turn in waiting} >= {t.from_link for t in ends} - {
        t.from_link for t in signaled
    }


@pytest.mark.parametrize(
    ("angles", "lanes", "targets", "painted", "expected"),
    [
        pytest.param([-9_000], 3, [1], (), [(0, 2)], id="one turn: all lanes"),
        pytest.param([1_000, -1_000], 3, [1, 2], (), [(0, 0), (1, 2)], id="a fork: each its own"),
        pytest.param([9_000, -9_000], 2, [1, 1], (), [(0, 0), (1, 1)], id="a T: shared out"),
        pytest.param([-9_000, 0, 9_000], 3, [1] * 3, (), [(2, 2), (1, 1), (0, 0)], id="one each"),
        pytest.param([-9_000, 0, 9_000], 3, [3] * 3, (), [(2, 2), (0, 2), (0, 0)], id="custom"),
        pytest.param([0, -9_000], 3, [2, 1], (), [(0, 1), (2, 2)], id="no room for the third"),
        pytest.param(
            [9_000, 0],
            2,
            [1, 1],
            (frozenset({1}), frozenset({0})),
            [(0, 0), (1, 1)],
            id="painted",
        ),
        pytest.param(
            [9_000, 0],
            2,
            [2, 2],
            (frozenset({1}), frozenset({-1})),
            [(0, 0), (0, 1)],
            id="painted for a turn that is not there: custom",
        ),
    ],
)
def test_lanes_are_shared_out(
    angles: list[int],
    lanes: int,
    targets: list[int],
    painted: meaning.Arrows,
    expected: list[tuple[int, int]],
) -> None:
    assert turn_lanes(angles, lanes, targets, painted) == expected


def test_speeds_are_on_the_lattice_and_lengths_above_zero(network: RoadNetwork) -> None:
    assert not (network.links.speed_mm_s % 20).any()
    assert network.links.length_mm.min() >= 1


def test_the_town_has_every_feature_that_the_bundled_map_lacks() -> None:
    network = town()
    assert network.links.is_roundabout.any()
    assert network.links.is_ramp.any()
    assert {Control.STOP, Control.GIVE_WAY, Control.SIGNAL} <= set(network.links.control.tolist())
    assert network.header["closed_ways"] == network.header["barriers"] == "1"
    assert {"Old Bridge", "Main Bridge", "New Bridge"} <= set(network.strings)
