"""
Where maps come from: one file a kind of source, and one entry that says how such a file ends.

A reader of files is a function from a path to :class:`guiderail.maps.elements.Elements`; that of an
installed package stands in its entry points, group ``guiderail.map_sources``, under the ending.
"""

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final, cast

from guiderail.maps.elements import Elements
from guiderail.maps.errors import MapError

GROUP: Final = "guiderail.map_sources"
_READERS: Final = {
    "osm": "guiderail.maps.sources.osm:read_osm",
    "osm.pbf": "guiderail.maps.sources.osm:read_osm",
    "osm.gz": "guiderail.maps.sources.osm:read_osm",
    "osm.bz2": "guiderail.maps.sources.osm:read_osm",
    "graphml": "guiderail.maps.sources.graphs:read_graphml",
}
"""By the ending of a file; named and not imported, since most runs read no raw map."""

Reader = Callable[[Path], Elements]


def endings() -> tuple[str, ...]:
    """How files end that can be read, the built-in ones first, each with its dot."""
    return tuple(f".{name}" for name in _points())


def reader(path: str) -> Reader | None:
    """
    Find what reads a file; None when no source knows its ending.

    Raises
    ------
    MapError
        When the reader of an installed package cannot be loaded.
    """
    point = next((one for name, one in _points().items() if path.endswith(f".{name}")), None)
    if point is None:
        return None
    try:
        return cast("Reader", point.load())
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise MapError(f"the map source {point.value!r} cannot be loaded: {reason}") from error


def _points() -> dict[str, EntryPoint]:
    """All readers by the ending; nobody replaces a built-in one."""
    built_in = {name: EntryPoint(name, value, GROUP) for name, value in _READERS.items()}
    return built_in | {one.name: one for one in entry_points(group=GROUP)} | built_in
