"""The map that SUMO is given is ours: its legal turns, lanes, lengths and signals."""

import xml.etree.ElementTree as ET

import pytest

from guiderail.maps.library.load import load_map
from guiderail.maps.network import Control, RoadNetwork
from guiderail.maps.synthetic.networks import crossing, straight_road
from guiderail.sim.lab.sumo.network import (
    EGO_CLASS,
    connections_xml,
    edge_span_mm,
    edges_xml,
    nodes_xml,
    real_links,
)


def rows(text: str) -> list[ET.Element]:
    return list(ET.fromstring(text))  # noqa: S314  made by the exporter


@pytest.fixture(scope="module", params=["helsinki", "town"])
def network(request: pytest.FixtureRequest) -> RoadNetwork:
    return load_map(request.param)


def test_every_legal_turn_is_a_connection_and_no_other_is(network: RoadNetwork) -> None:
    real = {link.id for link in real_links(network)}
    legal = {(a, t.to_link) for a in real for t in network.turns_from(a) if t.to_link in real}
    found = {
        (int(row.attrib["from"]), int(row.attrib["to"]))
        for row in rows(connections_xml(network))
        if "to" in row.attrib
    }
    assert found == legal


def test_before_a_car_that_may_break_the_law_every_banned_turn_is_one_of_the_ego_alone(
    network: RoadNetwork,
) -> None:
    found = {
        (int(row.attrib["from"]), int(row.attrib["to"])): row.get("allow", "all")
        for row in rows(connections_xml(network, with_banned=True))
        if "to" in row.attrib
    }
    legal = {
        (link.id, t.to_link)
        for link in network.all_links
        for t in network.turns_from(link.id)
        if not link.against_oneway
    }
    banned = {
        (a.id, t.to_link) for a in network.all_links for t in network.illegal_turns_from(a.id)
    }
    assert len(banned) > 100
    assert {step for step, who in found.items() if who == "all"} == legal
    assert banned <= {step for step, who in found.items() if who == EGO_CLASS}


def test_every_lane_that_a_turn_may_be_made_from_leads_into_it(network: RoadNetwork) -> None:
    found = {
        (int(row.attrib["from"]), int(row.attrib["to"]), int(row.attrib["fromLane"]))
        for row in rows(connections_xml(network))
        if "to" in row.attrib
    }
    real = {link.id for link in real_links(network)}
    assert found == {
        (link, turn.to_link, lane)
        for link in real
        for turn in network.turns_from(link)
        if turn.to_link in real
        for lane in range(turn.first_lane, turn.last_lane + 1)
    }


def test_lanes_and_limits_are_those_of_the_map(network: RoadNetwork) -> None:
    found = {int(r.attrib["id"]): r.attrib for r in rows(edges_xml(network))}
    assert found.keys() == {link.id for link in real_links(network)}
    for link in real_links(network):
        assert int(found[link.id]["numLanes"]) == link.lanes
        assert float(found[link.id]["speed"]) * 1_000 == pytest.approx(link.speed_mm_s)


def test_no_link_is_driven_against_a_one_way_street(network: RoadNetwork) -> None:
    ids = {int(row.attrib["id"]) for row in rows(edges_xml(network))}
    assert not any(network.all_links[i].against_oneway for i in ids)


def test_a_painted_line_lies_on_the_edge_that_ends_behind_it(network: RoadNetwork) -> None:
    ruled = [link for link in real_links(network) if link.control is not Control.NONE]
    assert ruled
    assert all(link.stop_line_mm <= edge_span_mm(link)[1] <= link.length_mm for link in ruled)


def test_a_signal_of_the_map_is_a_light_of_its_controller() -> None:
    network = crossing(control="signal")
    ruled = {link.to_node: link.controller for link in real_links(network) if link.controller >= 0}
    lights = {r.attrib["id"]: r.get("tl") for r in rows(nodes_xml(network)) if r.get("tl")}
    assert lights == {f"n{node}": f"c{controller}" for node, controller in ruled.items()}
    assert len(lights) == 1


@pytest.mark.parametrize(("way_mm", "span"), [(0, (0, 100_000)), (6_000, (3_000, 97_000))])
def test_a_junction_takes_half_of_its_way_from_either_link(
    way_mm: int, span: tuple[int, int]
) -> None:
    road = straight_road(100_000, is_oneway=True).all_links[0]
    assert edge_span_mm(road, way_mm, way_mm) == span
    assert edge_span_mm(road) == (4_000, 96_000)
