"""Wherever two ways meet, somebody lets the other pass, or a signal keeps them apart; bends."""

from collections.abc import Sequence
from itertools import combinations
from math import cos, radians, sin

import pytest

from guiderail.maps.compile.compiler import compile_network
from guiderail.maps.network import Conflict, Control, Link, RoadNetwork, Turn
from guiderail.maps.synthetic.sketch import Sketch
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.world.background.signals import Signals

Point = tuple[int, int]


def meeting(*ways: tuple[str, Point, Point, str], signals: Sequence[str] = ()) -> RoadNetwork:
    """One-way streets by name, from, to and class; a signal stands on some of them."""
    sketch = Sketch()
    for name, start, end, highway in ways:
        line = [start, end]
        if name in signals:
            line.insert(1, ((start[0] * 1 + end[0] * 9) // 10, (start[1] * 1 + end[1] * 9) // 10))
            sketch.node(line[1], highway="traffic_signals")
        sketch.way(line, name=name, highway=highway, oneway="yes", lanes="1")
    return compile_network(sketch.elements("meeting"))


def way(network: RoadNetwork, start: str, end: str) -> Turn:
    """Turn from the street of one name into that of another."""
    return next(
        turn
        for link in network.all_links
        if link.name == start and not link.against_oneway
        for turn in network.turns_from(link.id)
        if network.link(turn.to_link).name == end
    )


def test_a_ramp_that_joins_from_beside_lets_the_road_pass_and_the_road_goes_first() -> None:
    network = meeting(
        ("Main", (-300_000, 0), (0, 0), "motorway"),
        ("Ramp", (-300_000, -50_000), (0, 0), "motorway_link"),
        ("On", (0, 0), (300_000, 0), "motorway"),
    )
    assert way(network, "Ramp", "On").conflict is Conflict.RIGHT_FROM_MINOR
    assert way(network, "Main", "On").conflict is Conflict.NONE


def test_of_two_like_roads_that_join_the_one_with_traffic_on_its_near_side_waits() -> None:
    network = meeting(
        ("Left", (-300_000, 50_000), (0, 0), "secondary"),
        ("Right", (-300_000, -50_000), (0, 0), "secondary"),
        ("On", (0, 0), (300_000, 0), "secondary"),
    )
    assert way(network, "Left", "On").conflict is Conflict.RIGHT_FROM_MINOR
    assert way(network, "Right", "On").conflict is Conflict.NONE


@pytest.mark.parametrize("minor", ["residential", "primary"])
def test_who_has_no_signal_lets_those_pass_who_have_one_whatever_the_class(minor: str) -> None:
    network = meeting(
        ("Lit", (-300_000, 0), (0, 0), "secondary"),
        ("East", (0, 0), (300_000, 0), "secondary"),
        ("Dark", (0, -300_000), (0, 0), minor),
        ("North", (0, 0), (0, 300_000), minor),
        signals=["Lit"],
    )
    assert way(network, "Dark", "North").conflict is Conflict.THROUGH_FROM_MINOR
    assert way(network, "Dark", "East").conflict is Conflict.RIGHT_FROM_MINOR
    assert way(network, "Lit", "East").conflict is Conflict.NONE


def test_a_near_side_turn_lets_those_pass_who_come_from_between_it_and_its_own_street() -> None:
    network = meeting(
        ("South", (0, -300_000), (0, 0), "secondary"),
        ("Slant", (300_000, -150_000), (0, 0), "secondary"),
        ("East", (0, 0), (300_000, 150_000), "secondary"),
        ("North", (0, 0), (0, 300_000), "secondary"),
    )
    assert way(network, "South", "East").conflict is Conflict.RIGHT_FROM_MINOR


def test_a_signal_keeps_apart_only_those_who_do_not_get_green_together() -> None:
    network = meeting(
        ("South", (0, -300_000), (0, 0), "secondary"),
        ("West", (-260_000, -150_000), (0, 0), "secondary"),
        ("East", (260_000, -150_000), (0, 0), "secondary"),
        ("North", (0, 0), (0, 300_000), "secondary"),
        signals=["South", "West", "East"],
    )
    # South comes first: 60 and 300 degrees are both 60 off its road, so both are the other phase.
    plans = Signals(network, TripSeed(1, 2))
    starts = {
        link.name: plan.green_from
        for link in network.all_links
        if (plan := plans.plan(link.id)) is not None
    }
    assert starts["West"] == starts["East"] != starts["South"]
    assert way(network, "South", "North").conflict is Conflict.NONE
    assert way(network, "West", "North").conflict is Conflict.LEFT_FROM_MINOR
    assert way(network, "West", "North").major_lanes == 1  # East alone, which is on its right
    assert way(network, "East", "North").conflict is Conflict.NONE


@pytest.mark.parametrize(("bend", "radius_mm"), [(15, 0), (30, 28_650), (45, 19_100)])
def test_a_slight_bend_is_drawn_between_two_chords_of_15_m(bend: int, radius_mm: int) -> None:
    end = (round(300_000 * cos(radians(bend))), round(300_000 * sin(radians(bend))))
    network = meeting(
        ("Before", (-300_000, 0), (0, 0), "secondary"), ("After", (0, 0), end, "residential")
    )
    # 15 m / (30 degrees = 0.5236) = 28.65 m, 15 m / 0.7854 = 19.10 m
    assert way(network, "Before", "After").radius_mm == radius_mm


def _is_protected(network: RoadNetwork, plans: Signals, one: Link, other: Link) -> bool:
    """Whether the world never shows green to both."""
    first, second = _ruling(network, one), _ruling(network, other)
    mine, theirs = plans.plan(first.id), plans.plan(second.id)
    is_common = first.controller == second.controller >= 0
    return is_common and mine is not None and mine != theirs


def _ruling(network: RoadNetwork, link: Link) -> Link:
    """Link whose signal rules this one, be it before a node where only two streets meet."""
    walked_mm, first = 0, link
    while link.control is Control.NONE:
        walked_mm += link.length_mm
        before = [
            other
            for other in network.all_links
            if not other.against_oneway and (other.to_node == link.from_node)
        ]
        before = [other for other in before if other.from_node != link.to_node]
        if len(before) != 1 or walked_mm > 40_000:
            return first
        link = before[0]
    return link


def test_of_two_turns_into_one_link_one_lets_the_other_pass_or_a_signal_does(
    network: RoadNetwork,
) -> None:
    into: dict[int, list[Turn]] = {}
    for link in network.all_links:
        if not link.against_oneway and link.id not in network.copies:
            for turn in network.turns_from(link.id):
                into.setdefault(turn.to_link, []).append(turn)
    plans = Signals(network, TripSeed(1, 2))
    pairs = [pair for turns in into.values() for pair in combinations(turns, 2)]
    open_pairs = [
        (one, other)
        for one, other in pairs
        if one.conflict is other.conflict is Conflict.NONE
        and not _is_protected(
            network, plans, network.link(one.from_link), network.link(other.from_link)
        )
        and not network.link(one.from_link).is_roundabout
    ]
    assert len(pairs) > 100
    assert not open_pairs
