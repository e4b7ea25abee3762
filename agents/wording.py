"""Plain English for turns and roads; people hear it, and nothing ever reads commands out of it."""

from typing import Final

from guiderail.maps.network import Link, LinkId, RoadNetwork, Turn, TurnKind
from guiderail.sim.contract.messages import Direction

_SAID: Final = {
    TurnKind.STRAIGHT: Direction.STRAIGHT,
    TurnKind.SLIGHT_LEFT: Direction.LEFT,
    TurnKind.LEFT: Direction.LEFT,
    TurnKind.SHARP_LEFT: Direction.LEFT,
    TurnKind.SLIGHT_RIGHT: Direction.RIGHT,
    TurnKind.RIGHT: Direction.RIGHT,
    TurnKind.SHARP_RIGHT: Direction.RIGHT,
    TurnKind.U_TURN: Direction.BACK,
}

MIRRORED: Final = {Direction.LEFT: Direction.RIGHT, Direction.RIGHT: Direction.LEFT}

_STRAIGHT_CDEG: Final = 2_000
"""A merge that bends less goes straight on, as people speak [0.01 degree]."""
_NEAR_MM: Final = 100_000
"""Closer turns are named without a distance [mm]: nobody can count meters that fast."""
_ROUND_M: Final = 50
"""Distances are spoken in these steps [m]."""


def direction_of(turn: Turn) -> Direction:
    """Which way a turn goes, as spoken; an exit or a merge goes to the side it bends to."""
    said = _SAID.get(turn.kind)
    if said is not None:
        return said
    if turn.kind is TurnKind.MERGE and abs(turn.angle_cdeg) <= _STRAIGHT_CDEG:
        return Direction.STRAIGHT
    return Direction.RIGHT if turn.angle_cdeg > 0 else Direction.LEFT


def road_name(link: Link) -> str:
    """Name of a road, else its number; empty where it has neither."""
    return link.name or link.ref


def turn_words(network: RoadNetwork, turn: Turn, direction: Direction) -> str:
    """Ask for a turn, in the given direction, right or not."""
    road = road_name(network.link(turn.to_link))
    if turn.kind is TurnKind.EXIT:
        return f"Take the exit to {road}." if road else "Take the next exit."
    if direction is Direction.STRAIGHT:
        return f"Go straight on along {road}." if road else "Go straight on."
    if direction is Direction.BACK:
        return f"Make a U-turn on {road}." if road else "Make a U-turn."
    return f"Turn {direction} into {road}." if road else f"Take the next {direction}."


def from_afar(words: str, ahead_mm: int) -> str:
    """Put the distance before the words where there is time to use it."""
    if ahead_mm < _NEAR_MM:
        return words
    meters = ahead_mm // (_ROUND_M * 1_000) * _ROUND_M
    return f"In {meters} meters, {words[0].lower()}{words[1:]}"


def closed_words(network: RoadNetwork, link: LinkId) -> str:
    """Say that a road is closed."""
    road = road_name(network.link(link))
    return f"{road} is closed ahead, so keep off it." if road else "The road ahead is closed."
