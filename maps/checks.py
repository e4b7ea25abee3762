"""Whether every number of a stored map points to something that is there."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guiderail.maps.errors import MapError
from guiderail.maps.network import Ban, Conflict, Control, RoadClass, RoadNetwork, TurnKind

_Limits = Iterator[tuple[str, NDArray[Any], int, int]]


def check_ranges(network: RoadNetwork) -> None:
    """
    Refuse a map whose columns have unequal lengths or lead nowhere.

    Raises
    ------
    MapError
        Naming the column and what its numbers may be.
    """
    for name, column, low, high in (*_links(network), *_turns(network), *_places(network)):
        if column.size and (column.min() < low or column.max() > high):
            raise MapError(f"a number in {name} is outside {low} .. {high}")
    _check_shapes(network)


def _links(network: RoadNetwork) -> _Limits:
    links, nodes = network.links, len(network.nodes.x_mm) - 1
    texts, longest = len(network.strings) - 1, int(links.length_mm.max())
    yield "links.from_node", links.from_node, 0, nodes
    yield "links.to_node", links.to_node, 0, nodes
    yield "links.reverse", links.reverse, -1, network.link_count - 1
    yield "links.road_class", links.road_class, 0, max(RoadClass)
    yield "links.control", links.control, 0, max(Control)
    yield "links.stop_line_mm", links.stop_line_mm, 0, longest
    for name in ("name", "ref", "destination"):
        yield f"links.{name}", getattr(links, name), 0, texts


def _turns(network: RoadNetwork) -> _Limits:
    for name in ("turns", "illegal_turns"):
        table = getattr(network, name)
        yield f"{name}.kind", table.kind, 0, max(TurnKind)
        yield f"{name}.conflict", table.conflict, 0, max(Conflict)
        yield f"{name}.ban", table.ban, 0, max(Ban)
        yield f"{name}.first_lane", table.first_lane, 0, int(network.links.lanes.max()) - 1
        yield f"{name}.last_lane", table.last_lane, 0, int(network.links.lanes.max()) - 1


def _places(network: RoadNetwork) -> _Limits:
    places, texts = network.places, len(network.strings) - 1
    yield "places.link", places.link, 0, network.link_count - 1
    yield "places.name", places.name, 0, texts
    yield "places.kind", places.kind, 0, texts
    yield "places.offset_mm", places.offset_mm, 0, int(network.links.length_mm.max())


def _check_shapes(network: RoadNetwork) -> None:
    for table in (network.nodes, network.places, network.turns, network.illegal_turns):
        columns = {name: getattr(table, name) for name in table.__dataclass_fields__}
        columns.pop("start", None)
        if len({len(column) for column in columns.values()}) > 1:
            raise MapError(f"the columns {', '.join(columns)} have unequal lengths")
    start, points = network.links.shape_start, len(network.links.shape_x_mm)
    is_whole = len(start) == network.link_count + 1 and start[0] == 0 and start[-1] == points
    if not is_whole or (np.diff(start) < 2).any() or len(network.links.shape_y_mm) != points:  # noqa: PLR2004
        raise MapError("the geometry of its links does not span its points")
