"""Turns told by counting: the second left, the next exit, as one counts along a route."""

from collections.abc import Callable, Sequence
from typing import Final

from guiderail.maps.network import LinkId, RoadNetwork, Turn

_SQUARE_CDEG: Final = 9_000
"""A right angle: of two turns the squarer is what people mean."""


def counted_turn(
    network: RoadNetwork,
    route: Sequence[LinkId],
    count: int,
    is_meant: Callable[[Turn], bool],
) -> Turn | None:
    """
    Find the n-th turn of a kind along a route.

    Streets that may be turned into count, one to a junction: of two at one junction the squarer is
    meant. Where the route itself turns, counting goes on round the corner.

    Parameters
    ----------
    network
        The map.
    route
        Links ahead, the current one first; nothing is turned into from the last.
    count
        1 for the next, 2 for the second.
    is_meant
        Whether a turn is of that kind, such as to the left.

    Returns
    -------
    Turn or None
        None where the route has fewer.
    """
    for link in route[:-1]:
        turns = [turn for turn in network.turns_from(link) if is_meant(turn)]
        count -= bool(turns)
        if turns and count == 0:
            return min(turns, key=_oddness)
    return None


def _oddness(turn: Turn) -> tuple[int, LinkId]:
    return abs(abs(turn.angle_cdeg) - _SQUARE_CDEG), turn.to_link
