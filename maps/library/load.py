"""A map by its name, its file or its place."""

import os
from collections.abc import Callable, Mapping
from importlib.resources import as_file, files
from pathlib import Path
from types import MappingProxyType
from typing import Final

from guiderail.maps.compile.compiler import compile_network
from guiderail.maps.errors import MapError
from guiderail.maps.library import added, npz
from guiderail.maps.network import RoadNetwork
from guiderail.maps.sources import endings, reader
from guiderail.maps.synthetic.networks import town

_LEAST_WORLD: Final = 2
"""Links that reach each other: with fewer there is nowhere to go."""


def _helsinki() -> RoadNetwork:
    with as_file(files("guiderail.maps") / "data" / "helsinki.npz") as path:
        return npz.load(path)


BUNDLED: Final[Mapping[str, Callable[[], RoadNetwork]]] = MappingProxyType(
    {"helsinki": _helsinki, "town": town}
)
"""Maps that every installation has, and what makes them."""


def load_map(name_or_path: str | Path) -> RoadNetwork:
    """
    Load a bundled map or one that was added by its name, or a file by its ending.

    Parameters
    ----------
    name_or_path
        ``helsinki``, ``town``, the name of an added map, or a path ending in .npz (a compiled map)
        or as one of :func:`guiderail.maps.sources.endings` (.osm, .osm.pbf, .graphml, ...).

    Raises
    ------
    MapError
        When there is no such map, or it cannot be read.
    """
    text = str(name_or_path)
    if text in BUNDLED:
        return BUNDLED[text]()
    if text.endswith(".npz"):
        return npz.load(Path(text))
    if text in added.names():
        return npz.load(added.path_of(text))
    read = reader(text)
    if read is not None:
        return _with_world(compile_network(read(Path(text))), text)
    raise MapError(
        f"no map {text!r}: name one of {', '.join((*BUNDLED, *added.names()))}, "
        f"or give a file ending in {', '.join(('.npz', *endings()))}"
    )


def is_here(name_or_path: str) -> bool:
    """Whether this names a map, or a file by its ending; else it can only be that of a place."""
    is_map = name_or_path.endswith((".npz", *endings())) or "/" in name_or_path
    # Not Path.exists, which raises for a name that is too long to be one.
    return is_map or os.path.exists(name_or_path) or name_or_path in (*BUNDLED, *added.names())  # noqa: PTH110


def compile_place(name: str) -> RoadNetwork:
    """
    Compile the streets of a named place, from the network.

    Raises
    ------
    MapError
        When the place or the network is not there; see
        :func:`guiderail.maps.sources.online.read_place`.
    """
    from guiderail.maps.sources.online import read_place  # noqa: PLC0415  needs an extra

    return _with_world(compile_network(read_place(name)), name)


def _with_world(network: RoadNetwork, source: str) -> RoadNetwork:
    if network.links.in_world.sum() < _LEAST_WORLD:
        raise MapError(
            f"{source} has no drivable world: of its {network.link_count} links no two reach each "
            "other by legal turns"
        )
    return network
