"""The world of the search moves like the world, and the specification convicts in it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guiderail.sim.contract.messages import Command, Light
from guiderail.sim.proof.search.arena import NO_RIVAL, Arena, State, Step
from guiderail.sim.proof.search.sites import SITES, Site
from guiderail.sim.proof.search.spec import CLAUSES, broken
from guiderail.sim.world.motion import advance, granted


@pytest.fixture(scope="module")
def signal() -> Site:
    return SITES["signal"]()


@given(
    st.integers(0, 2_000).map(lambda v: 20 * v),
    st.integers(-39, 13).map(lambda a: 200 * a),
    st.integers(-10_000, 5_000),
)
def test_a_car_moves_as_in_the_world(signal: Site, speed: int, last: int, asked: int) -> None:
    arena = Arena(signal.network, is_calm=True)
    car = arena.start(signal.origin, 0, speed)._replace(accel=last)
    (step,) = arena.moves(car, Command(asked, signal.goal))
    moved, after, accel = advance(speed, granted(asked, last, 7_800))
    assert (step.after.speed, step.after.accel) == (after, accel)
    assert step.after.s_mm == moved


def test_a_green_light_may_end_and_a_red_one_ends_for_who_waits(signal: Site) -> None:
    arena = Arena(signal.network)
    car = arena.start(signal.origin, 29_900, 8_000)
    lights = {step.after.light for step in arena.moves(car, Command(0, signal.goal))}
    assert lights == {0, 30}
    waits = arena.start(signal.origin, 50_000, 0)._replace(light=NO_RIVAL)
    lights = {step.after.light for step in arena.moves(waits, Command(0, signal.goal))}
    assert lights == {0, NO_RIVAL}


def test_what_is_out_of_sight_is_not_perceived(signal: Site) -> None:
    arena = Arena(signal.network)
    car = arena.start(signal.origin, 55_000, 0)._replace(light=NO_RIVAL)
    seen = arena.perceive(car, Command(0, signal.goal))
    assert seen.light is Light.NONE  # the line lies behind


STRAIGHT, RIGHT = 0, 1


def _step(site: Site, which: int = STRAIGHT, **values: Any) -> Step:
    """A tick in which the car passes the node of a junction, some of it changed."""
    arena = Arena(site.network)
    ban, *_ = site.network.illegal_turns_from(site.origin)
    turns = {turn.to_link: turn for turn in site.network.turns_from(site.origin)}
    straight = turns[site.goal]
    right = max(turns.values(), key=lambda turn: turn.angle_cdeg)
    turn = {STRAIGHT: straight, RIGHT: right}.get(which, ban)
    before = arena.start(site.origin, 59_900, 3_000)._replace(**values.pop("before", {}))
    after = arena.start(turn.to_link, 200, 3_000)._replace(**values.pop("after", {}))
    made = {"command": Command(0, turn.to_link), "turn": turn, "ran_off": False, **values}
    return Step(before=before, after=after, **made)


def _stays(site: Site, before: State, **after: Any) -> Step:
    return Step(before, Command(0, site.goal), before._replace(**after), None, ran_off=False)


def test_an_ordinary_tick_breaks_nothing(signal: Site) -> None:
    assert broken(_step(signal), signal.network) == []


PLANTED = {
    "no_road": ("signal", {"ran_off": True}),
    "illegal_turn": ("signal", {"which": 2}),
    "wrong_lane": ("signal", {"before": {"lane": 1, "target_lane": 1}}),
    "turn_too_fast": ("signal", {"which": RIGHT, "after": {"speed": 6_260}}),
    "stop_sign": ("stop", {}),
    "failure_to_yield": ("signal", {"after": {"zone_mm": 9_000, "rival": 9}}),
    "hard_braking": ("signal", {"after": {"accel": -3_200}}),
    "over_speed": ("signal", {"after": {"speed": 8_900}}),
}


@pytest.mark.parametrize("clause", PLANTED)
def test_a_planted_tick_is_convicted_by_its_clause_alone(clause: str) -> None:
    kind, values = PLANTED[clause]
    site = SITES[kind]()
    assert broken(_step(site, **values), site.network) == [clause]


def test_crossing_the_line_at_red_is_convicted_and_at_yellow_is_not(signal: Site) -> None:
    before = Arena(signal.network).start(signal.origin, 51_900, 3_000)
    red = _stays(signal, before._replace(light=NO_RIVAL), s_mm=52_200)
    assert broken(red, signal.network) == ["red_light"]
    assert broken(_stays(signal, before._replace(light=3), s_mm=52_200), signal.network) == []


def test_changing_lanes_beside_somebody_is_convicted() -> None:
    site = SITES["motorway_exit"]()
    before = Arena(site.network).start(site.origin, 9_000, 20_000, 1)
    before = before._replace(is_beside_free=False)
    step = _stays(site, before, target_lane=0, lateral=1)
    assert broken(step, site.network) == ["unsafe_lane_change"]


def test_every_clause_has_a_planted_tick() -> None:
    assert set(CLAUSES) == {*PLANTED, "red_light", "unsafe_lane_change"}
