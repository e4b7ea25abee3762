"""Whatever a driver does, the trace obeys physics and stays on the lattice."""

from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from guiderail.maps.network import LinkId
from guiderail.maps.synthetic.networks import straight_road, town
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.lattice import ACCEL_STEP_MM_S2, NOTHING, SPEED_STEP_MM_S, TICK_MS
from guiderail.sim.contract.messages import Command
from guiderail.sim.contract.trace import COLUMNS, Trace
from guiderail.sim.contract.trip import Conditions, Trip
from guiderail.sim.world.motion import FULL_THROTTLE_MM_S2, advance, granted, grip_mm_s2
from guiderail.sim.world.world import World

TOWN = town(size=4)
STARTS = [link.id for link in TOWN.all_links if link.in_world]
ROAD = straight_road(3_000_000, 3)
CHANGES = st.lists(
    st.tuples(
        st.integers(-40, 13),
        st.integers(1, 30),
        st.sampled_from((-1, 0, 0, 0, 1)),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=15,
)
FRICTIONS = st.sampled_from((800, 500, 300, 100))
SEEDS = st.integers(0, 1_000)


def _world(network: Any, link: int, seed: int, friction: int, s_mm: int = 0) -> World:
    start = LinkId(link)
    trip = Trip(
        seed=TripSeed(seed, 11),
        origin=start,
        origin_mm=s_mm,
        goal=start,
        goal_mm=NOTHING,
        goal_name="",
        conditions=Conditions(friction_permille=friction, flow_per_hour=900),
    )
    trace = Trace(
        map_digest="",
        arm="",
        start_link=start,
        start_mm=0,
        goal_link=start,
        goal_mm=NOTHING,
        friction_permille=friction,
        closed=frozenset(),
    )
    return World(network, trip, trace)


def _wander(world: World, changes: list[tuple[int, int, int, int]]) -> dict[str, Any]:
    """Drive at random: an acceleration, for so long, a lane change first, a choice of turn."""
    for accel, ticks, step, choice in changes:
        for tick in range(ticks):
            if world.outcome is not None:
                break
            turns = world.network.turns_from(world.ego.link.id)
            onto = turns[choice % len(turns)].to_link if turns else LinkId(-1)
            world.step(Command(accel * ACCEL_STEP_MM_S2, onto, step if tick == 0 else 0))
    return {name: world.trace.column(name) for name in COLUMNS}


@settings(max_examples=60, deadline=None)
@given(changes=CHANGES, start=st.sampled_from(STARTS), seed=SEEDS, friction=FRICTIONS)
def test_every_sample_is_on_the_lattice_and_within_physics(
    changes: list[tuple[int, int, int, int]], start: int, seed: int, friction: int
) -> None:
    rows = _wander(_world(TOWN, start, seed, friction), changes)
    grip = grip_mm_s2(friction)
    assert (rows["time_ms"] % TICK_MS == 0).all()
    assert (rows["speed_mm_s"] >= 0).all()
    assert (rows["accel_mm_s2"] <= min(grip, FULL_THROTTLE_MM_S2)).all()
    assert (rows["accel_mm_s2"] >= -grip).all()
    for name in ("speed_mm_s", "leader_speed_mm_s", "follower_speed_mm_s", "oncoming_speed_mm_s"):
        assert (rows[name] % SPEED_STEP_MM_S == 0).all()
        assert (rows[name] >= 0).all()
    assert (rows["accel_mm_s2"] % ACCEL_STEP_MM_S2 == 0).all()


@settings(max_examples=60, deadline=None)
@given(changes=CHANGES, start=st.sampled_from(STARTS), seed=SEEDS)
def test_the_position_is_continuous_along_the_road(
    changes: list[tuple[int, int, int, int]], start: int, seed: int
) -> None:
    rows = _wander(_world(TOWN, start, seed, 800), changes)
    for k, later in pairwise(range(len(rows["time_ms"]))):
        ran = rows["s_mm"][later] - rows["s_mm"][k]
        if rows["link"][later] != rows["link"][k]:
            ran += TOWN.link(LinkId(int(rows["link"][k]))).length_mm
        # Trapezoid: with constant acceleration over the tick it is exact.
        assert ran == (rows["speed_mm_s"][k] + rows["speed_mm_s"][later]) * TICK_MS // 2_000


@settings(max_examples=60, deadline=None)
@given(changes=CHANGES, seed=SEEDS, s_mm=st.integers(0, 1_000_000))
def test_gaps_change_by_what_both_cars_moved(
    changes: list[tuple[int, int, int, int]], seed: int, s_mm: int
) -> None:
    straight = [(accel, ticks, 0, choice) for accel, ticks, _, choice in changes]
    rows = _wander(_world(ROAD, 0, seed, 800, s_mm), straight)
    on_road = rows["link"] == 0
    own = np.diff(rows["s_mm"])
    for name, sign in (("leader", 1), ("follower", -1)):
        gap, speed = rows[f"{name}_gap_mm"], rows[f"{name}_speed_mm_s"]
        both = (gap[1:] < NOTHING) & (gap[:-1] < NOTHING) & on_road[1:] & on_road[:-1]
        moved = (speed[1:] + speed[:-1]) * TICK_MS // 2_000
        assert (np.diff(gap)[both] == (sign * (moved - own))[both]).all()


@settings(max_examples=200, deadline=None)
@given(
    asked=st.lists(st.integers(-12_000, 6_000), min_size=1, max_size=80),
    speed=st.integers(0, 1_800).map(lambda steps: steps * SPEED_STEP_MM_S),
    friction=st.integers(0, 1_000),
)
def test_a_car_does_only_what_motion_allows(asked: list[int], speed: int, friction: int) -> None:
    grip, accel = grip_mm_s2(friction), 0
    for wish in asked:
        before = speed
        moved, speed, accel = advance(speed, granted(wish, accel, grip))
        assert 0 <= speed <= before + min(grip, FULL_THROTTLE_MM_S2) // 10
        assert before - speed <= grip // 10
        assert (
            min(before, speed) * TICK_MS // 1_000 <= moved <= max(before, speed) * TICK_MS // 1_000
        )
        assert speed % SPEED_STEP_MM_S == 0
        assert accel % ACCEL_STEP_MM_S2 == 0


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, s_mm=st.integers(0, 2_900_000), lane=st.integers(0, 2))
def test_a_car_that_comes_into_view_keeps_an_ordinary_distance(
    seed: int, s_mm: int, lane: int
) -> None:
    world = _world(ROAD, 0, seed, 800, s_mm)
    world.neighbors.follower = world.neighbors.leader = None
    world.ego.lane, world.ego.speed_mm_s = lane, 8_000
    world.traffic.enter(world.ego, world.approach, 50_000, all_stay=False)
    leader, follower = world.neighbors.leader, world.neighbors.follower
    # At least 3 m and 1.3 s of the rear car: 8 m/s for ego, 88 % of 13.88 m/s for who is behind
    assert leader is None or leader.gap_mm >= 13_400
    assert follower is None or follower.gap_mm >= 18_800
