"""People hear short sentences that name roads where roads have names."""

from dataclasses import replace

import pytest

from guiderail.agents.wording import (
    closed_words,
    direction_of,
    from_afar,
    road_name,
    turn_words,
)
from guiderail.maps.network import LinkId, RoadNetwork, Turn, TurnKind
from guiderail.sim.contract.messages import Direction


def _turn(network: RoadNetwork, start: int, end: int) -> Turn:
    turn = network.turn(LinkId(start), LinkId(end))
    assert turn is not None
    return turn


@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        (1, "Turn left into High Street."),
        (2, "Turn right into Station Road."),
        (3, "Go straight on along Mill Lane."),
    ],
)
def test_a_turn_is_named_by_side_and_road(network: RoadNetwork, end: int, sentence: str) -> None:
    turn = _turn(network, 0, end)
    assert turn_words(network, turn, direction_of(turn)) == sentence


@pytest.mark.parametrize(
    ("direction", "sentence"),
    [
        (Direction.RIGHT, "Take the next right."),
        (Direction.STRAIGHT, "Go straight on."),
        (Direction.BACK, "Make a U-turn."),
    ],
)
def test_an_unnamed_road_is_named_by_side_alone(
    network: RoadNetwork, direction: Direction, sentence: str
) -> None:
    assert turn_words(network, _turn(network, 3, 7), direction) == sentence


def test_turning_round_names_the_road(network: RoadNetwork) -> None:
    words = turn_words(network, _turn(network, 0, 1), Direction.BACK)
    assert words == "Make a U-turn on High Street."


def test_an_exit_is_called_an_exit(network: RoadNetwork) -> None:
    named = replace(_turn(network, 0, 1), kind=TurnKind.EXIT)
    unnamed = replace(_turn(network, 3, 7), kind=TurnKind.EXIT)
    assert turn_words(network, named, Direction.LEFT) == "Take the exit to High Street."
    assert turn_words(network, unnamed, Direction.RIGHT) == "Take the next exit."


@pytest.mark.parametrize(
    ("kind", "angle_cdeg", "direction"),
    [
        (TurnKind.SHARP_LEFT, -12_000, Direction.LEFT),
        (TurnKind.U_TURN, 18_000, Direction.BACK),
        (TurnKind.EXIT, 1_000, Direction.RIGHT),
        (TurnKind.EXIT, -1_000, Direction.LEFT),
        (TurnKind.MERGE, 1_500, Direction.STRAIGHT),
        (TurnKind.MERGE, 3_000, Direction.RIGHT),
    ],
)
def test_every_kind_of_turn_has_a_side(
    network: RoadNetwork, kind: TurnKind, angle_cdeg: int, direction: Direction
) -> None:
    turn = replace(_turn(network, 0, 1), kind=kind, angle_cdeg=angle_cdeg)
    assert direction_of(turn) is direction


def test_a_road_without_a_name_goes_by_its_number(network: RoadNetwork) -> None:
    link = network.link(LinkId(7))
    assert road_name(link) == ""
    assert road_name(replace(link, ref="E75")) == "E75"


def test_distance_comes_first_where_there_is_time() -> None:
    assert from_afar("Turn left.", 99_999) == "Turn left."
    assert from_afar("Turn left.", 249_000) == "In 200 meters, turn left."


def test_a_closed_road_is_named_if_it_can_be(network: RoadNetwork) -> None:
    assert closed_words(network, LinkId(3)) == "Mill Lane is closed ahead, so keep off it."
    assert closed_words(network, LinkId(7)) == "The road ahead is closed."
