"""Names, places, and where things are."""

import numpy as np
import pytest

from guiderail.maps import geometry
from guiderail.maps.compile.compiler import compile_network
from guiderail.maps.compile.places import place_kind
from guiderail.maps.gazetteer import Gazetteer, fold
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.synthetic.networks import arm_link, crossing, straight_road
from guiderail.maps.synthetic.sketch import Sketch


def road_with_cafe(y_mm: int, *, drives_on_left: bool = False) -> RoadNetwork:
    sketch = Sketch(drives_on_left=drives_on_left)
    sketch.way([(0, 0), (1_000_000, 0)], highway="residential")
    sketch.lone_node((300_000, y_mm), amenity="cafe", name="Café Ö")
    return compile_network(sketch.elements("road"))


@pytest.mark.parametrize(
    ("y_mm", "offset_mm", "bearing_cdeg"),
    [
        pytest.param(-10_000, 300_000, 9_000, id="south of it: reached eastbound"),
        pytest.param(10_000, 700_000, 27_000, id="north of it: reached westbound"),
    ],
)
def test_a_place_is_reached_on_the_side_of_its_kerb(
    y_mm: int, offset_mm: int, bearing_cdeg: int
) -> None:
    network = road_with_cafe(y_mm)
    (place,) = network.all_places
    assert (place.offset_mm, place.is_right) == (offset_mm, True)
    assert network.link(place.link).bearing_end_cdeg == bearing_cdeg


def test_where_people_drive_on_the_left_the_kerb_is_on_the_left() -> None:
    (place,) = road_with_cafe(-10_000, drives_on_left=True).all_places
    assert (place.offset_mm, place.is_right) == (300_000, False)


def test_a_place_far_from_every_street_is_counted_and_left_out() -> None:
    network = road_with_cafe(200_001)
    assert network.all_places == ()
    assert network.header["places_too_far"] == "1"


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"amenity": "cafe", "name": "A"}, "cafe"),
        ({"amenity": "cafe"}, ""),
        ({"amenity": "cafe", "brand": "A"}, ""),
        ({"amenity": "fuel", "brand": "A"}, "fuel"),
        ({"amenity": "charging_station", "operator": "A"}, "charging_station"),
        ({"shop": "yes", "name": "A"}, "shop"),
        ({"railway": "tram", "name": "Line 3"}, ""),
        ({"railway": "station", "name": "Central"}, "station"),
        ({"highway": "residential", "name": "A"}, ""),
    ],
)
def test_a_place_needs_a_name_and_a_purpose(tags: dict[str, str], kind: str) -> None:
    assert place_kind(tags) == kind


def test_places_lie_within_their_links_of_the_world(network: RoadNetwork) -> None:
    places = network.places
    assert network.links.in_world[places.link].all()
    assert (places.offset_mm >= 0).all()
    assert (places.offset_mm <= network.links.length_mm[places.link]).all()


@pytest.mark.parametrize("said", ["CAFE CENTRAL", "café central", "Cafe-Central"])
def test_names_match_without_case_accents_and_blanks(said: str, the_town: RoadNetwork) -> None:
    found = Gazetteer(the_town).find_places(said)
    assert {place.name for place in found} == {"Café Central"}
    assert len(found) == 4


def test_a_name_that_no_street_or_place_has_is_invented(the_town: RoadNetwork) -> None:
    names = Gazetteer(the_town)
    assert names.find_places("Atlantis Mall") == ()
    assert names.find_roads("Atlantis Mall") == ()
    assert not names.exists("Atlantis Mall")
    assert names.exists("Mill Lane")


def test_a_counter_offer_is_the_closest_name_that_exists(the_town: RoadNetwork) -> None:
    names = Gazetteer(the_town)
    assert names.nearest_name("Rivrside Hotell") == "Riverside Hotel"
    assert names.nearest_name("Bäckerstreet") == "Baker Street"
    assert names.nearest_name("0" * 10_000) == ""
    found = names.nearest_place("Blue Bakary")
    assert found is not None
    assert found.name == "Blue Bakery"
    assert names.nearest_place("0") is None


def test_roads_are_found_by_name_number_and_sign(the_town: RoadNetwork) -> None:
    names, links = Gazetteer(the_town), the_town.all_links
    assert {links[i].name for i in names.find_roads("m1")} == {"Ring Motorway"}
    assert {links[i].destination for i in names.find_roads("northgate")} == {"Northgate;Exit 1"}
    assert names.find_roads("exit 1") == names.find_roads("northgate")
    assert len({links[i].bearing_start_cdeg // 9_000 for i in names.find_roads("mill lane")}) > 1


@pytest.mark.parametrize(
    ("at_gore", "on_ramp", "said"),
    [
        pytest.param({}, {"destination": "Ulm;Kempten"}, "Ulm;Kempten", id="where to"),
        pytest.param({}, {"destination:ref": "A 7"}, "A 7", id="which road"),
        pytest.param({"ref": "12"}, {"destination": "Ulm"}, "Ulm;Exit 12", id="number at the gore"),
        pytest.param({}, {"junction:ref": "12A"}, "Exit 12A", id="number on the ramp"),
        pytest.param({"ref": "9"}, {"junction:ref": "9"}, "Exit 9", id="the same number twice"),
    ],
)
def test_an_exit_is_told_by_all_that_its_sign_says(
    at_gore: dict[str, str], on_ramp: dict[str, str], said: str
) -> None:
    sketch, gore = Sketch(), (500_000, 0)
    sketch.way([(0, 0), gore, (1_000_000, 0)], highway="motorway")
    sketch.way([gore, (900_000, -90_000)], highway="motorway_link", **on_ramp)
    sketch.node(gore, highway="motorway_junction", **at_gore)
    network = compile_network(sketch.elements("exit"))
    assert {link.destination for link in network.all_links if link.is_ramp} == {said, ""}
    assert {link.destination for link in network.all_links if not link.is_ramp} == {""}


def test_an_empty_name_names_nothing(helsinki: RoadNetwork) -> None:
    names = Gazetteer(helsinki)
    assert not any((names.find_roads(""), names.find_roads(" - "), names.find_places("")))


def test_ambiguous_names_keep_all_their_places(helsinki: RoadNetwork) -> None:
    assert len(Gazetteer(helsinki).find_places("Espresso House")) == 7


def test_letters_without_an_accent_to_drop_are_folded_too() -> None:
    assert fold("Møllergata & Æther-Straße") == "mollergataaetherstrasse"


def test_a_car_is_where_its_distance_along_the_link_says() -> None:
    network = straight_road(1_000_000)
    assert geometry.position(network, LinkId(0), 250_000) == (250_000, 0)
    assert geometry.position(network, LinkId(1), 250_000) == (750_000, 0)
    assert geometry.position(network, LinkId(0), 2_000_000) == (1_000_000, 0)


def test_longitude_and_latitude_follow_from_the_nodes(helsinki: RoadNetwork) -> None:
    for link in helsinki.all_links[:50]:
        lon, lat = geometry.lonlat(helsinki, link.id, 0)
        assert lon == pytest.approx(helsinki.nodes.lon_e7[link.from_node] / 1e7, abs=2e-7)
        assert lat == pytest.approx(helsinki.nodes.lat_e7[link.from_node] / 1e7, abs=2e-7)


def test_a_road_without_width_still_has_a_longitude_and_latitude() -> None:
    # 1 km at the equator are 0.008993 degree.
    lon, lat = geometry.lonlat(straight_road(1_000_000), LinkId(0), 1_000_000)
    assert lon == pytest.approx(0.008_993, abs=1e-6)
    assert lat == 0


@pytest.mark.parametrize(
    ("bearing_in_cdeg", "bearing_out_cdeg", "angle"),
    [(0, 9_000, 9_000), (9_000, 0, -9_000), (35_000, 1_000, 2_000), (0, 18_000, 18_000)],
)
def test_a_turn_to_the_right_is_positive(
    bearing_in_cdeg: int, bearing_out_cdeg: int, angle: int
) -> None:
    assert geometry.turn_angle_cdeg(bearing_in_cdeg, bearing_out_cdeg) == angle


def test_headings_are_taken_at_the_ends_and_not_over_the_chord() -> None:
    sketch = Sketch()
    sketch.way([(0, 0), (0, 50_000), (50_000, 50_000)], highway="residential")
    link = compile_network(sketch.elements("corner")).all_links[0]
    assert (link.bearing_start_cdeg, link.bearing_end_cdeg) == (0, 9_000)


def test_links_meet_where_their_nodes_are(network: RoadNetwork) -> None:
    nodes, start = network.nodes, network.links.shape_start
    first, last = start[:-1], start[1:] - 1
    assert (network.links.shape_x_mm[first] == nodes.x_mm[network.links.from_node]).all()
    assert (network.links.shape_y_mm[last] == nodes.y_mm[network.links.to_node]).all()


def test_the_arms_of_a_crossing_point_where_they_are_named() -> None:
    network = crossing()
    bearings = [
        network.link(arm_link(network, arm, inward=False)).bearing_end_cdeg
        for arm in ("north", "east", "south", "west")
    ]
    assert bearings == np.arange(0, 36_000, 9_000).tolist()
