"""What the adapter tells our driver of SUMO's cars: those across, beside, and on their way."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from guiderail.maps.library.load import load_map
from guiderail.maps.network import Conflict, Control, Link, LinkId, RoadNetwork
from guiderail.maps.synthetic.networks import arm_link, crossing
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.lab.sumo.city import City
from guiderail.sim.lab.sumo.network import build_net
from guiderail.sim.lab.sumo.paths import Net
from guiderail.sim.world.background.signals import Signals

pytest.importorskip("sumo", reason="needs the extra sumo")
CROSSING = crossing(lanes=2, control="signal", has_ring=True, arm_mm=200_000)


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A crossing of two roads of two lanes, without any traffic but what a test puts there."""
    made = City(CROSSING, build_net(CROSSING, tmp_path), seed=1, cars=0)
    yield made
    made.close()


def arm(name: str, *, inward: bool) -> LinkId:
    return arm_link(CROSSING, name, inward=inward)


def put(city: City, name: str, start: str, end: str, place: float, lane: int = 0) -> None:
    """Let a car stand so many meters along one arm, bound for another."""
    route = (str(arm(start, inward=True)), str(arm(end, inward=False)))
    city.sumo.route.add(name, route)
    city.sumo.vehicle.add(name, name, departLane=str(lane), departPos=str(place), departSpeed="0")
    city.step()
    city.sumo.vehicle.setSpeedMode(name, 0)
    city.sumo.vehicle.setLaneChangeMode(name, 0)
    city.sumo.vehicle.setSpeed(name, 0)
    city.step()


def across(city: City) -> tuple[int, int]:
    here = arm("south", inward=True)
    lane = city.sumo.vehicle.getLaneID("ego")
    return city.across("ego", lane, 0, (here, arm("north", inward=False)))


def drive_in(city: City, name: str, meters: float) -> None:
    """Let a car drive on into the junction and stop there."""
    city.sumo.vehicle.setSpeed(name, 10)
    while not city.sumo.vehicle.getLaneID(name).startswith(":"):
        city.step()
    while city.sumo.vehicle.getLanePosition(name) < meters:
        city.step()
    city.sumo.vehicle.setSpeed(name, 0)
    city.step()


def test_a_car_that_stands_across_the_way_is_seen_as_one_ahead(city: City) -> None:
    put(city, "ego", "south", "north", 150)
    put(city, "other", "east", "west", 190)
    assert across(city) == (NOTHING, 0)
    drive_in(city, "other", 7)
    gap, speed = across(city)
    # Some 42 m to the stop line, then up to the middle of a crossing of 4 lanes.
    assert 35_000 < gap < 60_000
    assert speed == 0


def test_a_car_that_has_left_the_crossing_is_across_no_more(city: City) -> None:
    put(city, "ego", "south", "north", 150)
    put(city, "other", "east", "west", 190)
    drive_in(city, "other", 7)
    city.sumo.vehicle.setSpeed("other", 10)
    for _ in range(30):
        city.step()
    assert across(city) == (NOTHING, 0)


def test_a_car_behind_in_the_next_lane_is_seen_and_one_in_the_own_lane_is_not(city: City) -> None:
    put(city, "ego", "south", "north", 100)
    put(city, "other", "south", "north", 70, lane=1)
    lead, lag = city.beside("ego", arm("south", inward=True), 1)
    assert lead == (NOTHING, 0)
    assert lag == (pytest.approx(25_500, abs=200), 0)  # 30 m from front to front, 4.5 m of ego
    assert city.beside("other", arm("south", inward=True), 1)[1] == (NOTHING, 0)


def test_a_car_still_in_the_junction_before_is_on_its_way(city: City) -> None:
    put(city, "other", "east", "west", 190)
    drive_in(city, "other", 3)
    west = arm("west", inward=False)
    (found,) = list(city.upstream(west))
    length = city.spans[west][1] - city.spans[west][0]
    assert found[0] == "other"
    assert found[1] * 1_000 > length


def _ruling(network: RoadNetwork, link: LinkId) -> Link:
    """Link whose light a car had on its way to the end of a link, over plain nodes, or itself."""
    here, walked_mm = network.link(link), 0
    while here.control is Control.NONE and walked_mm <= 40_000:
        walked_mm += here.length_mm
        before = [
            other
            for other in network.all_links
            if other.to_node == here.from_node
            and other.from_node != here.to_node
            and not other.against_oneway
        ]
        if len(before) != 1:
            break
        here = before[0]
    return here


def _keeps_apart(network: RoadNetwork, plans: Signals, mine: LinkId, foe: LinkId) -> bool:
    """Whether a common controller never shows green to both."""
    one, other = _ruling(network, mine), _ruling(network, foe)
    is_common = one.controller == other.controller >= 0
    return is_common and plans.plan(one.id) != plans.plan(other.id)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["helsinki", "town"])
def test_where_sumo_finds_two_ways_to_meet_our_map_or_a_common_signal_rules(
    name: str, tmp_path: Path
) -> None:
    network = load_map(name)
    net = Net(build_net(network, tmp_path))
    first = {way.inside[0]: way for way in net.ways if way.inside}
    conflict = {
        (way.from_link, way.to_link): turn.conflict
        for way in net.ways
        if (turn := network.turn(way.from_link, way.to_link))
    }
    plans = Signals(network, TripSeed(1, 2))
    pairs = [(first[lane], foe) for lane, foes in net.foes.items() for foe in foes]
    lawless = {
        (mine[:3], foe[:3])
        for mine, foe in pairs
        if mine.from_link != foe.from_link
        and not {mine.from_link, foe.from_link} & set(network.copies)
        and conflict[mine.from_link, mine.to_link] is Conflict.NONE
        and conflict[foe.from_link, foe.to_link] is Conflict.NONE
        and not _keeps_apart(network, plans, mine.from_link, foe.from_link)
    }
    assert len(pairs) > 500
    assert not lawless


def test_a_car_from_the_own_lane_that_turns_elsewhere_is_ahead_until_it_is_out_of_the_way(
    city: City,
) -> None:
    put(city, "ego", "south", "north", 150)
    put(city, "other", "south", "east", 190)
    drive_in(city, "other", 5)
    gap, speed = across(city)
    # Some 42 m to the line and 5 m beyond it to its front, 4.5 m of car.
    assert 35_000 < gap < 48_000
    assert speed == 0


ONE_WAY = crossing(lanes=2, oneway={"east": "in"}, arm_mm=200_000)
"""Traffic comes from the east; whoever drives out to the east meets it head-on."""


@pytest.fixture
def lawless(tmp_path: Path) -> Iterator[City]:
    """A crossing with a one-way arm, which the ego may enter from the wrong end."""
    net = build_net(ONE_WAY, tmp_path, with_banned=True)
    made = City(ONE_WAY, net, seed=1, cars=0)
    yield made
    made.close()


def drive_the_wrong_way(city: City, lane: int) -> Iterator[tuple[LinkId, int]]:
    """Let the ego drive out to the east in a lane; its wrong way and its place there, by ticks."""
    street = arm_link(ONE_WAY, "east", inward=True)
    wrong = ONE_WAY.link(street).reverse
    west = (arm_link(ONE_WAY, "west", inward=inward) for inward in (True, False))
    city.sumo.route.add("out", (str(next(west)), str(wrong)))
    city.sumo.route.add("in", (str(street), str(next(west))))
    city.sumo.vehicle.add("ego", "out", typeID="ego", departLane=str(lane), departPos="150")
    city.sumo.vehicle.add("other", "in", departLane="1", departPos="20", departSpeed="10")
    city.step()
    for car in ("ego", "other"):
        city.sumo.vehicle.setLaneChangeMode(car, 0)
    city.sumo.vehicle.setSpeedMode("ego", 0)
    city.sumo.vehicle.setSpeed("ego", 12)
    while "ego" in city.sumo.vehicle.getIDList():
        if city.sumo.vehicle.getLaneID("ego").startswith(f"{wrong}_"):
            place_mm = int(city.sumo.vehicle.getLanePosition("ego") * 1_000)
            yield wrong, city.spans[wrong][0] + place_mm
        city.step()


def test_nobody_but_the_ego_is_sent_along_a_wrong_way(lawless: City) -> None:
    street = arm_link(ONE_WAY, "east", inward=True)
    start, end = str(arm_link(ONE_WAY, "west", inward=True)), str(ONE_WAY.link(street).reverse)
    assert not lawless.sumo.simulation.findRoute(start, end).edges
    assert lawless.sumo.simulation.findRoute(start, end, vType="ego").edges == (start, end)


def test_on_the_wrong_way_sumos_car_brakes_as_it_must_and_is_hit_head_on(lawless: City) -> None:
    forced, seen_mm, hits = "", [], []
    for wrong, s_mm in drive_the_wrong_way(lawless, lane=0):  # its lane 0 is lane 1 of the street
        seen_mm += [gap for gap, _ in [lawless.oncoming(wrong, s_mm, 0)] if gap < NOTHING]
        forced = forced or lawless.forced_head_on(wrong, s_mm, 0)
        hits = [(hit.collider, hit.type) for hit in lawless.sumo.simulation.getCollisions()]
        if hits:
            break
    assert 95_000 < seen_mm[0] < 100_000  # both drive: some 2.6 m nearer with every tick
    assert seen_mm == sorted(seen_mm, reverse=True)
    assert seen_mm[-1] < 5_000
    assert forced == "other"
    assert hits == [("ego", "frontal")]


def test_in_the_other_lane_of_the_wrong_way_the_two_pass_each_other(lawless: City) -> None:
    for wrong, s_mm in drive_the_wrong_way(lawless, lane=1):
        assert lawless.oncoming(wrong, s_mm, 1) == (NOTHING, 0)
        assert not lawless.sumo.simulation.getCollisions()


def test_banned_turns_leave_the_limits_of_legal_ways_as_they_are(tmp_path: Path) -> None:
    limits = []
    for with_banned in (False, True):
        folder = tmp_path / str(with_banned)
        folder.mkdir()
        file = build_net(ONE_WAY, folder, with_banned=with_banned)
        speeds = {lane.get("id"): lane.get("speed") for lane in ET.parse(file).iter("lane")}  # noqa: S314
        ways = [way for way in Net(file).ways if not way.is_egos]
        limits.append({way[:4]: {speeds[lane] for lane in way.inside} for way in ways})
    assert len(limits[0]) > 5
    assert limits[0] == limits[1]
