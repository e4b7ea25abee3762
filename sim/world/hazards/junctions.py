"""Junctions that an emergency vehicle may cross, and which of them can be heard from a link."""

from typing import Final

import numpy as np

from guiderail.maps.network import Link, LinkId, RoadClass, RoadNetwork, Turn

HEARD_MM: Final = 100_000
"""As the crow flies; in a closed car people hear a siren at 30 to 50 m (assumption: microphones
outside, and the blue light, double that)."""
JUNCTION_ARMS: Final = 3
"""A node with fewer neighbors is no junction."""


def junctions_of(network: RoadNetwork) -> frozenset[int]:
    """Nodes at which at least three neighbors meet."""
    table = network.links
    ends = np.concatenate(
        (
            np.stack((table.from_node, table.to_node), axis=1),
            np.stack((table.to_node, table.from_node), axis=1),
        )
    )
    nodes, neighbors = np.unique(np.unique(ends, axis=0)[:, 0], return_counts=True)
    return frozenset(nodes[neighbors >= JUNCTION_ARMS].tolist())


def crosses(network: RoadNetwork, turn: Turn) -> bool:
    """Whether anybody crosses the end of a link: not on motorways and ramps, nor in mid-road."""
    link = network.link(turn.from_link)
    is_apart = link.road_class is RoadClass.MOTORWAY or link.is_ramp
    return not is_apart and not (turn.ban is None and network.goes_on(turn))


def junctions_ahead(
    network: RoadNetwork, link: Link, junctions: frozenset[int]
) -> tuple[tuple[int, int], ...]:
    """Junctions that can be heard from a link, each with its place from the start of that link."""
    found: dict[int, int] = {}
    seen: set[LinkId] = set()
    reached = [(link.length_mm, link.id)]
    horizon_mm = link.length_mm + HEARD_MM
    while reached:
        place_mm, last = reached.pop(0)
        if last in seen:
            continue
        seen.add(last)
        turns = (*network.turns_from(last), *network.illegal_turns_from(last))
        node = network.link(last).to_node
        if node in junctions and any(crosses(network, turn) for turn in turns):
            found[node] = min(place_mm, found.get(node, place_mm))
        beyond = ((place_mm + network.link(turn.to_link).length_mm, turn.to_link) for turn in turns)
        reached = sorted((*reached, *((at, ahead) for at, ahead in beyond if at <= horizon_mm)))
    return tuple((place_mm, node) for node, place_mm in found.items())
