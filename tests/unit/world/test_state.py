"""The state of a trip is data: it can be printed, copied and compared, and looking changes none."""

from collections.abc import Callable
from copy import deepcopy

from guiderail.maps.synthetic.networks import arm_link, crossing
from guiderail.sim.contract.messages import Command
from guiderail.sim.world.world import World

Place = Callable[..., World]
NETWORK = crossing(control="none")
SOUTH, EAST = arm_link(NETWORK, "south", inward=True), arm_link(NETWORK, "east", inward=False)
TURN = Command(0, EAST)
BUSY = {"flow_per_hour": 900, "walkers_per_hour": 600, "emergency_per_hour": 60}


def _before_the_turn(place: Place) -> World:
    end_mm = NETWORK.link(SOUTH).length_mm
    world = place(NETWORK, SOUTH, s_mm=end_mm - 20_000, speed=5_000, conditions=BUSY)
    world.meet(TURN)
    return world


def test_looking_changes_nothing_however_often(place: Place) -> None:
    world = _before_the_turn(place)
    before = deepcopy(world.state)
    assert world.perceive(TURN) == world.perceive(TURN)
    assert world.state == before


def test_a_copy_of_the_state_stays_while_the_world_goes_on(place: Place) -> None:
    world = _before_the_turn(place)
    before = deepcopy(world.state)
    world.step(TURN)
    assert before != world.state
    assert (before.time_ms, before.ego.s_mm) == (0, NETWORK.link(SOUTH).length_mm - 20_000)
    assert world.state.ego.s_mm - before.ego.s_mm == 500


def test_the_state_says_where_everybody_is(place: Place) -> None:
    world = _before_the_turn(place)
    told = repr(world.state)
    assert f"s_mm={world.ego.s_mm}" in told
    assert "Crosswalk(" in told
    assert "EmergencyState(" in told
    assert "World" not in told


def test_the_same_trip_has_the_same_state_after_the_same_commands(place: Place) -> None:
    one, other = _before_the_turn(place), _before_the_turn(place)
    for _ in range(60):
        for world in (one, other):
            world.meet(TURN)
            world.step(TURN)
    assert one.state == other.state
