from collections.abc import Callable

import pytest

from guiderail.maps.library.load import load_map
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.synthetic.networks import arm_link, crossing
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Command, Light, Perception
from guiderail.sim.world.traffic.actors import Follower, Leader, Oncoming
from guiderail.sim.world.world import World

Place = Callable[..., World]
Steps = Callable[..., World]
SEED = TripSeed(1, 2)
MINOR = {"north": "residential", "south": "residential"}
NETWORK = crossing(control="signal", has_ring=True)
SOUTH, EAST = arm_link(NETWORK, "south", inward=True), arm_link(NETWORK, "east", inward=False)
LINE_MM = NETWORK.link(SOUTH).stop_line_mm
END_MM = NETWORK.link(SOUTH).length_mm


def _sees(world: World, next_link: int = -1, look: int = 0) -> Perception:
    return world.perceive(Command(0, LinkId(next_link), look=look))


@pytest.mark.parametrize(
    ("sight_mm", "gap_mm", "seen_mm"),
    [
        pytest.param(100_000, 100_000, 100_000, id="just in sight"),
        pytest.param(100_000, 100_001, NOTHING, id="a millimeter farther"),
        pytest.param(40_000, 60_000, NOTHING, id="fog"),
    ],
)
def test_nobody_is_seen_beyond_sight(
    place: Place, road: RoadNetwork, sight_mm: int, gap_mm: int, seen_mm: int
) -> None:
    world = place(road, s_mm=500_000, conditions={"sight_mm": sight_mm})
    world.neighbors.leader = Leader(7, gap_mm, 10_000)
    world.neighbors.follower = Follower(8, gap_mm, 10_000, SEED)
    world.neighbors.oncoming = Oncoming(9, gap_mm, 10_000)
    seen = _sees(world)
    gaps = {seen.leader_gap_mm, seen.follower_gap_mm, seen.oncoming_gap_mm}
    speeds = {seen.leader_speed_mm_s, seen.follower_speed_mm_s, seen.oncoming_speed_mm_s}
    assert gaps == {seen_mm}
    assert speeds == {0 if seen_mm == NOTHING else 10_000}


@pytest.mark.parametrize(
    ("road_mm", "is_seen"), [(100_000, True), (100_001, False), (0, True), (-1, False)]
)
def test_a_light_is_seen_from_sight_to_the_stop_line(
    place: Place, road_mm: int, *, is_seen: bool
) -> None:
    world = place(NETWORK, SOUTH, s_mm=LINE_MM - road_mm)
    assert (_sees(world).light is not Light.NONE) is is_seen


def test_a_closed_street_is_seen_from_60_meters_on_and_remembered(place: Place) -> None:
    closed = frozenset({LinkId(EAST)})
    assert _sees(place(NETWORK, SOUTH, s_mm=END_MM - 60_001, closed=closed)).closed == frozenset()
    world = place(NETWORK, SOUTH, s_mm=END_MM - 60_000, closed=closed)
    assert _sees(world).closed == closed
    world.ego.s_mm = 0
    assert _sees(world).closed == closed


def _behind_a_short_link(network: RoadNetwork) -> tuple[LinkId, LinkId, LinkId]:
    """Three links in a row, the middle one shorter than 10 m and the only one between."""
    for first in network.all_links:
        for turn in network.turns_from(first.id):
            short = network.link(turn.to_link)
            if short.length_mm < 10_000 and first.length_mm > 20_000 and first.in_world:
                for beyond in network.turns_from(short.id):
                    if network.turn(first.id, beyond.to_link) is None:
                        return first.id, short.id, beyond.to_link
    raise AssertionError("no short link on this map")


def test_a_closure_behind_a_short_link_is_seen_before_that_is_entered(place: Place) -> None:
    helsinki = load_map("helsinki")
    first, short, barred = _behind_a_short_link(helsinki)
    length_mm = helsinki.link(first).length_mm
    closed = frozenset({barred})
    assert _sees(place(helsinki, first, s_mm=length_mm - 20_000, closed=closed)).closed == closed
    far_mm = length_mm + helsinki.link(short).length_mm - 60_001
    unseen = place(helsinki, first, s_mm=max(0, far_mm), closed=closed)
    assert far_mm < 0 or _sees(unseen).closed == frozenset()


def test_closures_elsewhere_are_not_known(place: Place) -> None:
    far = frozenset({arm_link(NETWORK, "east", inward=True)})
    assert _sees(place(NETWORK, SOUTH, s_mm=END_MM, closed=far)).closed == frozenset()


def test_a_side_is_seen_only_while_looking_there(place: Place, road: RoadNetwork) -> None:
    world = place(road, s_mm=500_000, speed=10_000, conditions={"flow_per_hour": 1_500})
    assert _sees(world).side_lag_gap_mm == _sees(world).side_lead_gap_mm == NOTHING
    left, right = _sees(world, look=1), _sees(world, look=-1)
    assert min(left.side_lag_gap_mm, left.side_lead_gap_mm) < NOTHING
    assert right.side_lag_gap_mm == right.side_lead_gap_mm == NOTHING  # the kerb


def test_looking_changes_nothing(place: Place, road: RoadNetwork) -> None:
    world = place(road, s_mm=500_000, speed=10_000, conditions={"flow_per_hour": 1_500})
    before = _sees(world, look=1)
    assert _sees(world, look=1) == before
    assert world.neighbors.side_lead is world.neighbors.side_lag is None


def test_who_is_beside_in_the_stream_moves_on_with_time(place: Place, road: RoadNetwork) -> None:
    # Gaps are not redrawn: the lead gains its speed less the ego's (0) in each tick.
    world = place(road, s_mm=500_000, conditions={"flow_per_hour": 600})
    first = _sees(world, look=1)
    world.stand_until(100)
    later = _sees(world, look=1)
    assert later.side_lead_gap_mm - first.side_lead_gap_mm == pytest.approx(
        first.side_lead_speed_mm_s // 10, abs=1
    )


def test_the_car_ahead_is_found_on_a_long_road_too(place: Place, road: RoadNetwork) -> None:
    # At 1,900 m the vehicles next to the ego passed the start more than two minutes ago.
    world = place(road, s_mm=1_900_000, conditions={"flow_per_hour": 1_500})
    lead, lag = world.traffic.beside(LinkId(0), 1, world.ego.s_mm, 0)
    assert lead
    assert lag
    assert -4_500 <= lag.gap_mm < 60_000
    assert -4_500 <= lead.gap_mm < 60_000


def test_arrivals_with_priority_are_times_from_now(place: Place) -> None:
    network = crossing(control="stop", classes=MINOR, has_ring=True)
    south, north = arm_link(network, "south", inward=True), arm_link(network, "north", inward=False)
    world = place(network, south, s_mm=380_000, conditions={"flow_per_hour": 900})
    first = _sees(world, north).priority_ms
    world.stand_until(200)
    assert first
    assert all(-800 <= at <= 10_000 for at in first)
    later = {at + 200 for at in _sees(world, north).priority_ms}
    assert set(first) - later <= {at for at in first if at < -600}


def test_nobody_has_priority_over_a_car_that_goes_nowhere(place: Place) -> None:
    network = crossing(control="stop", classes=MINOR, has_ring=True)
    south = arm_link(network, "south", inward=True)
    world = place(network, south, s_mm=380_000, conditions={"flow_per_hour": 900})
    assert _sees(world).priority_ms == ()


def test_the_wrong_end_of_a_one_way_street_shows_who_comes_out(place: Place) -> None:
    network = crossing(oneway={"east": "in"}, has_ring=True)
    south, east = arm_link(network, "south", inward=True), arm_link(network, "east", inward=False)
    knobs = {"flow_per_hour": 1_500}
    near = place(network, south, s_mm=380_000, conditions=knobs)
    far = place(network, south, s_mm=300_000, conditions=knobs)
    assert _sees(near, east).oncoming_gap_mm > 20_000
    assert _sees(far, east).oncoming_gap_mm == NOTHING


def test_the_trace_says_at_every_tick_how_far_the_driver_could_sense(
    road: RoadNetwork, place: Place, drive: Steps
) -> None:
    world = drive(place(road, conditions={"sight_mm": 45_000}), 3)
    assert world.trace.column("sight_mm").tolist() == [45_000] * 4


def _toward_a_hidden_corner(place: Place, left_mm: int, hidden_permille: int) -> Perception:
    network = crossing(control="give_way", classes=MINOR)
    south = arm_link(network, "south", inward=True)
    line_mm = network.link(south).stop_line_mm
    conditions = {"hidden_permille": hidden_permille, "flow_per_hour": 900}
    world = place(network, south, s_mm=line_mm - left_mm, conditions=conditions)
    return _sees(world, arm_link(network, "north", inward=False))


def test_a_hidden_corner_shows_little_of_the_other_road_until_the_line_is_near(
    place: Place,
) -> None:
    far = _toward_a_hidden_corner(place, 30_000, 1_000)
    # 30 to 60 m at 50 km/h
    assert 2_160 <= far.corner_ms <= 4_330
    assert all(at <= far.corner_ms for at in far.priority_ms)
    assert _toward_a_hidden_corner(place, 9_000, 1_000).corner_ms == NOTHING
    assert _toward_a_hidden_corner(place, 30_000, 0).corner_ms == NOTHING
