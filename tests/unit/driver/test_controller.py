"""Speed, ten times a second: a car on a crossing, moved by nothing but the controller's words."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.synthetic.networks import arm_link, crossing, straight_road
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Light, Perception
from guiderail.sim.driver.motion.controller import Controller
from guiderail.sim.driver.motion.envelope import turn_speed_mm_s
from guiderail.sim.driver.motion.lookahead import Lookahead, RoadAhead
from guiderail.sim.driver.motion.style import SLACK_MS, DrivingStyle

BUILD_UP_MM_S2 = 1_200
LIMIT = 13_880
"""50 km/h on the lattice [mm/s]."""


class Car:
    """A point mass whose brakes build up as those of the world do; records what it did."""

    def __init__(
        self, ahead: RoadAhead, seen: Perception, friction: int = 800, **style: Any
    ) -> None:
        self.ahead = ahead
        self.seen = seen
        self.controller = Controller(DrivingStyle(**style), friction)
        self.speeds: list[int] = []
        self.accels: list[int] = []

    def see(self, **values: Any) -> None:
        """Let it perceive something else from now on."""
        self.seen = self.seen.but(**values)

    def tick(self) -> None:
        """Ask the controller once and move."""
        seen, last = self.seen, self.seen.accel_mm_s2
        asked = self.controller.accel_mm_s2(seen, self.ahead, NOTHING)
        accel = max(last - BUILD_UP_MM_S2, min(asked, last + BUILD_UP_MM_S2))
        speed = max(0, seen.speed_mm_s + accel // 10)
        accel = (speed - seen.speed_mm_s) * 10
        moved = (seen.speed_mm_s * 20 + accel) // 200
        self.speeds.append(speed)
        self.accels.append(accel)
        gap = seen.leader_gap_mm
        if gap < NOTHING:
            gap += seen.leader_speed_mm_s // 10 - moved
        self.see(
            time_ms=seen.time_ms + 100,
            s_mm=seen.s_mm + moved,
            speed_mm_s=speed,
            accel_mm_s2=accel,
            leader_gap_mm=gap,
            priority_ms=tuple(at - 100 for at in seen.priority_ms if at > -900),
        )

    def run(self, until: Callable[["Car"], bool], ticks: int = 1_500) -> "Car":
        """Drive until something is true of the car."""
        for _ in range(ticks):
            if until(self):
                return self
            self.tick()
        raise AssertionError(f"never happened; the car is at {self.seen}")

    def stop(self) -> "Car":
        """Drive until it stands."""
        return self.run(lambda car: car.seen.speed_mm_s == 0 and len(car.speeds) > 5)

    def pass_node(self) -> "Car":
        """Drive beyond the end of the link."""
        return self.run(lambda car: car.seen.s_mm > car.ahead.link.length_mm)

    @property
    def hardest(self) -> int:
        """Hardest braking so far [mm/s^2]."""
        return -min(self.accels)


def look(network: RoadNetwork, *route: int, goal_mm: int = 100_000, lane: int = 0) -> RoadAhead:
    links = tuple(map(LinkId, route))
    lookahead = Lookahead(network, links[-1], goal_mm, lambda radius: turn_speed_mm_s(radius, 800))
    return lookahead.look(links, lane)


@pytest.fixture
def car(seen: Perception) -> Callable[..., Car]:
    """Put a car on a crossing's south arm, 150 m before the node, bound for another arm."""

    def make(control: str = "none", onto: str = "north", s_mm: int = 250_000, **more: Any) -> Car:
        network = crossing(control=control, has_ring=True)
        here = arm_link(network, "south", inward=True)
        there = arm_link(network, onto, inward=False)
        where = {"link": here, "s_mm": s_mm, "speed_mm_s": more.pop("speed", LIMIT)}
        style = {name: more.pop(name) for name in ("headway_ms", "obeys") if name in more}
        now = seen.but(**where | more)
        return Car(look(network, here, there), now, now.friction_permille, **style)

    return make


def test_an_open_road_is_driven_at_the_limit_and_never_above(car: Callable[..., Car]) -> None:
    one = car(s_mm=0, speed=0, light=Light.GREEN, control="signal").pass_node()
    assert max(one.speeds) == LIMIT
    assert one.accels[-1] == 0


def test_speeding_up_is_calm_and_free_of_jerk(car: Callable[..., Car]) -> None:
    one = car(s_mm=0, speed=0, light=Light.GREEN, control="signal").pass_node()
    assert max(one.accels) == 1_200
    steps = [abs(b - a) for a, b in zip(one.accels[2:], one.accels[3:], strict=False)]
    assert max(steps) <= 400


def test_a_turn_is_entered_at_the_speed_of_its_radius_by_calm_braking(
    car: Callable[..., Car],
) -> None:
    # Radius 8 m at 2 m/s^2: 4 m/s.
    one = car("signal", onto="east", light=Light.GREEN).pass_node()
    assert one.speeds[-1] <= turn_speed_mm_s(8_000, 800) == 4_000
    assert one.hardest <= 2_400


@pytest.mark.parametrize("friction", [800, 500, 300])
def test_the_car_stops_before_a_red_light(car: Callable[..., Car], friction: int) -> None:
    one = car("signal", light=Light.RED, friction_permille=friction).stop()
    assert 390_000 < one.seen.s_mm <= 392_000
    assert one.hardest <= 2_400


@pytest.mark.parametrize("seen_late", [Light.RED, Light.YELLOW])
def test_a_light_that_changes_in_time_is_stopped_for(
    car: Callable[..., Car], seen_late: Light
) -> None:
    # 50 km/h at 3 m/s^2: 32.1 m, 4.2 m until the brakes hold, 1 m before the line.
    one = car("signal", s_mm=392_000 - 38_000, light=seen_late).stop()
    assert one.seen.s_mm <= 392_000
    assert one.hardest <= 4_000


def test_at_yellow_the_car_goes_on_if_stopping_needs_more_than_3_m_s2(
    car: Callable[..., Car],
) -> None:
    one = car("signal", s_mm=392_000 - 36_000, light=Light.YELLOW).pass_node()
    assert one.hardest == 0


def test_who_goes_on_at_yellow_does_not_brake_when_red_follows(car: Callable[..., Car]) -> None:
    one = car("signal", s_mm=392_000 - 30_000, light=Light.YELLOW)
    one.tick()
    one.see(light=Light.RED)
    assert one.pass_node().hardest == 0


def test_who_stops_at_yellow_does_not_change_his_mind(car: Callable[..., Car]) -> None:
    one = car("signal", s_mm=392_000 - 50_000, light=Light.YELLOW)
    one.run(lambda car: car.seen.s_mm > 380_000)
    assert one.stop().seen.s_mm <= 392_000


def test_a_green_light_ends_the_wait(car: Callable[..., Car]) -> None:
    one = car("signal", light=Light.RED).stop()
    one.see(light=Light.GREEN)
    one.pass_node()


def test_a_stop_sign_gets_a_full_stop_within_4_m(car: Callable[..., Car]) -> None:
    one = car("stop").stop()
    assert 390_000 - 4_000 <= one.seen.s_mm <= 390_000
    one.pass_node()
    assert one.speeds.count(0) >= 1


def test_a_stop_too_early_does_not_count_and_the_car_moves_up(car: Callable[..., Car]) -> None:
    one = car("stop", s_mm=380_000, speed=0)
    one.run(lambda car: car.seen.s_mm > 386_500)
    assert one.stop().seen.s_mm <= 390_000


def test_the_car_waits_for_a_gap_and_then_goes(car: Callable[..., Car]) -> None:
    stream = tuple(range(12_000, 60_000, 3_000))
    one = car("give_way", priority_ms=stream).stop()
    assert one.seen.s_mm <= 390_000
    one.pass_node()
    assert max(one.seen.priority_ms, default=0) < 1_000


def test_a_long_gap_is_taken_without_a_stop(car: Callable[..., Car]) -> None:
    one = car("give_way", s_mm=370_000, speed=4_000, priority_ms=(60_000,)).pass_node()
    assert min(one.speeds) > 0


def test_nobody_enters_the_box_behind_a_queue(car: Callable[..., Car]) -> None:
    queue = {"leader_gap_mm": 160_000, "leader_speed_mm_s": 0}
    one = car("give_way", **queue).stop()
    assert one.seen.s_mm <= 390_000


def test_a_standing_car_is_stopped_behind_with_room(car: Callable[..., Car]) -> None:
    one = car("signal", s_mm=200_000, light=Light.GREEN, leader_gap_mm=120_000).stop()
    assert 2_000 <= one.seen.leader_gap_mm <= 5_000
    assert one.hardest <= 2_400


def test_a_slower_car_is_followed_at_the_headway_or_the_rss_gap(car: Callable[..., Car]) -> None:
    leader = {"leader_gap_mm": 60_000, "leader_speed_mm_s": 8_000}
    one = car("signal", s_mm=0, light=Light.GREEN, **leader)
    one.run(lambda car: len(car.speeds) == 400)
    assert one.seen.speed_mm_s == pytest.approx(8_000, abs=400)
    assert one.seen.leader_gap_mm >= 3_000 + 8_000 * 1_200 // 1_000 - 500


def test_a_close_car_that_keeps_its_speed_is_given_room_calmly(car: Callable[..., Car]) -> None:
    # 15 m at 50 km/h is far below RSS, but nothing happens: no reason for hard braking.
    leader = {"leader_gap_mm": 15_000, "leader_speed_mm_s": LIMIT}
    one = car("signal", s_mm=0, light=Light.GREEN, **leader)
    one.run(lambda car: len(car.speeds) == 250)
    assert one.hardest <= 2_400
    assert one.seen.leader_gap_mm > 19_000


def test_a_close_car_that_brakes_hard_is_answered_hard(car: Callable[..., Car]) -> None:
    leader = {"leader_gap_mm": 15_000, "leader_speed_mm_s": LIMIT}
    one = car("signal", s_mm=0, light=Light.GREEN, **leader)
    for _ in range(25):
        one.tick()
        one.see(leader_speed_mm_s=max(0, one.seen.leader_speed_mm_s - 600))
    one.stop()
    assert one.seen.leader_gap_mm > 0
    assert one.hardest > 2_400


def test_another_slower_car_ahead_is_no_braking(car: Callable[..., Car]) -> None:
    one = car("signal", s_mm=0, light=Light.GREEN, leader_gap_mm=25_000, leader_speed_mm_s=LIMIT)
    one.tick()
    one.see(leader_speed_mm_s=LIMIT - 2_000)
    one.tick()
    assert one.hardest <= 2_400


def test_while_changing_lanes_the_car_ahead_in_the_target_lane_counts_too(
    car: Callable[..., Car],
) -> None:
    side = {"side_lead_gap_mm": 6_000, "side_lead_speed_mm_s": 8_000}
    one = car("signal", s_mm=0, light=Light.GREEN, leader_gap_mm=90_000, target_lane=1, **side)
    one.tick()
    assert one.accels[-1] < 0


def test_a_car_head_on_is_braked_for(car: Callable[..., Car]) -> None:
    one = car("signal", s_mm=0, light=Light.GREEN)
    one.see(oncoming_gap_mm=60_000, oncoming_speed_mm_s=LIMIT)
    one.run(lambda car: len(car.accels) == 4)
    assert one.hardest > 2_400


def test_nobody_enters_a_street_that_somebody_is_about_to_leave(car: Callable[..., Car]) -> None:
    # Somebody 10 m beyond the mouth comes at 5 m/s: there in 2 s.
    one = car("signal", light=Light.GREEN)
    while one.seen.speed_mm_s:
        one.see(oncoming_gap_mm=400_000 - one.seen.s_mm + 10_000, oncoming_speed_mm_s=5_000)
        one.tick()
    assert one.seen.s_mm < 400_000


def test_a_barrier_is_stopped_before(car: Callable[..., Car]) -> None:
    one = car("signal", s_mm=0, light=Light.GREEN)
    while one.seen.speed_mm_s:
        one.see(barrier_mm=60_000 - one.seen.s_mm)
        one.tick()
    assert 0 < one.seen.barrier_mm <= 4_000


def test_the_goal_is_stopped_at(seen: Perception) -> None:
    road = look(straight_road(), 0, goal_mm=600_000)
    one = Car(road, seen.but(link=LinkId(0), s_mm=0)).stop()
    assert one.seen.s_mm == pytest.approx(600_000, abs=1_500)
    assert one.hardest <= 2_400


def test_where_no_road_is_planned_the_car_stops_before_the_end(seen: Perception) -> None:
    network = straight_road()
    lookahead = Lookahead(network, LinkId(1), 0, lambda radius: turn_speed_mm_s(radius, 800))
    lost = lookahead.look((LinkId(0),), 0)
    assert lost.is_stranded
    one = Car(lost, seen.but(link=LinkId(0), s_mm=800_000)).stop()
    assert one.seen.s_mm <= 999_000


def test_the_light_of_the_next_link_is_seen_in_time(seen: Perception) -> None:
    network = crossing(control="signal", has_ring=True)
    here = arm_link(network, "south", inward=True)
    before = next(link.id for link in network.all_links if network.turn(link.id, here))
    ahead = look(network, before, here, arm_link(network, "north", inward=False))
    length = network.link(before).length_mm
    assert ahead.next_light_mm == length + 392_000
    one = Car(ahead, seen.but(link=before, s_mm=length - 1, next_light=Light.RED))
    assert one.controller.style.obeys is False
    one.run(lambda car: car.seen.s_mm > length + 300_000)
    assert one.stop().seen.s_mm <= length + 392_000


def test_what_was_decided_for_a_link_is_over_on_the_next(car: Callable[..., Car]) -> None:
    one = car("stop").stop()
    one.tick()
    one.controller.enter(LinkId(99))
    one.see(s_mm=380_000, speed_mm_s=3_000)
    assert one.stop().seen.s_mm <= 390_000


def test_slack_is_kept_for_brakes_that_build_up() -> None:
    assert SLACK_MS >= 500


def narrows(ahead: RoadAhead) -> RoadAhead:
    """The same road, but only the kerb lane goes on; lane 1 ends."""
    assert ahead.turn is not None
    turn = replace(ahead.turn, first_lane=0, last_lane=1)
    return replace(ahead, turn=turn, continuing_lanes=(0, 0), wanted_lanes=(0, 0))


@pytest.mark.parametrize(("gap_mm", "stops"), [(5_000, True), (60_000, False)])
def test_a_car_whose_lane_ends_waits_for_a_gap_beside_it(
    car: Callable[..., Car], gap_mm: int, *, stops: bool
) -> None:
    # A car at 8 m/s needs 1.3 s and 8^2 / 4.8 m to let a standing one in: 28 m with 4 m in hand.
    one = car("signal", light=Light.GREEN)
    one.ahead = narrows(one.ahead)
    one.see(lane=1, target_lane=1, side_lag_gap_mm=gap_mm, side_lag_speed_mm_s=8_000)
    if stops:
        assert one.stop().seen.s_mm < one.ahead.link.length_mm
    else:
        one.pass_node()


@pytest.mark.parametrize(
    ("gap_mm", "ahead_mm_s", "hard"),
    [
        pytest.param(14_500, 9_800, True, id="closer than RSS and closing in"),
        pytest.param(16_500, 9_800, False, id="2 m farther"),
        pytest.param(14_500, 10_200, False, id="the car ahead draws away"),
    ],
)
def test_closer_than_rss_allows_and_closing_in_the_car_brakes_with_4(
    car: Callable[..., Car], gap_mm: int, ahead_mm_s: int, *, hard: bool
) -> None:
    # RSS at 10 behind 9.8 m/s: 5.25 m while it reacts, 11^2 / 8 - 9.8^2 / 16 = 9.12 m to stop.
    one = car(s_mm=100_000, speed=10_000, leader_gap_mm=gap_mm, leader_speed_mm_s=ahead_mm_s)
    one.tick()
    asked = one.controller.accel_mm_s2(one.seen, one.ahead, NOTHING)
    assert (asked <= -4_000) is hard
