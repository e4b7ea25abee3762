"""
Maps on disk: one compressed ``.npz`` of integer arrays, never a pickle.

Whatever is wrong with a file, the caller sees one :class:`MapError` in one sentence.
"""

import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from importlib.resources import as_file, files
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, get_type_hints

import numpy as np
from numpy.typing import NDArray

from guiderail.maps.checks import check_ranges
from guiderail.maps.compile.compiler import FORMAT_VERSION, compile_network
from guiderail.maps.digest import TABLES, arrays, digest
from guiderail.maps.errors import MapError
from guiderail.maps.files import replacing
from guiderail.maps.library import shelf
from guiderail.maps.network import RoadNetwork
from guiderail.maps.sources.osm import read_osm
from guiderail.maps.synthetic.networks import town
from guiderail.maps.tables import LinkTable, Longs, NodeTable, PlaceTable, TurnTable

BUNDLED: Final = ("helsinki", "town")
"""Maps that every installation has."""
_LEAST_WORLD: Final = 2
"""Links that reach each other: with fewer there is nowhere to go."""
OSM_ENDINGS: Final = (".osm", ".osm.pbf", ".osm.gz", ".osm.bz2")
_KINDS: Final = dict(
    zip(TABLES, (NodeTable, LinkTable, TurnTable, TurnTable, PlaceTable), strict=True)
)
_Arrays = dict[str, NDArray[Any]]


def load_map(name_or_path: str | Path) -> RoadNetwork:
    """
    Load a bundled map or one of the user's by name, a compiled map, or an OpenStreetMap file.

    Parameters
    ----------
    name_or_path
        ``helsinki``, ``town``, the name of an added map, or a path ending in .npz, .osm, .osm.pbf,
        .osm.gz, .osm.bz2 or .graphml.

    Raises
    ------
    MapError
        When there is no such map, or it cannot be read.
    """
    text = str(name_or_path)
    if text == "town":
        return town()
    if text == "helsinki":
        with as_file(files("guiderail.maps") / "data" / "helsinki.npz") as path:
            return load(path)
    if text.endswith(".npz"):
        return load(Path(text))
    if text.endswith(OSM_ENDINGS):
        return _with_world(compile_network(read_osm(Path(text))), text)
    if text.endswith(".graphml"):
        from guiderail.maps.sources.graphs import read_graphml  # noqa: PLC0415  networkx, rarely needed

        return _with_world(compile_network(read_graphml(Path(text))), text)
    if text in shelf.names():
        return load(shelf.path_of(text))
    known = ", ".join((*BUNDLED, *shelf.names()))
    raise MapError(
        f"no map {text!r}: name one of {known}, "
        f"or give a file ending in .npz, {', '.join(OSM_ENDINGS)}, .graphml"
    )


def is_here(name_or_path: str) -> bool:
    """Whether this names a map, or a file by its ending; else it can only be that of a place."""
    is_map = name_or_path.endswith((".npz", ".graphml", *OSM_ENDINGS)) or "/" in name_or_path
    # Not Path.exists, which raises for a name that is too long to be one.
    return is_map or os.path.exists(name_or_path) or name_or_path in (*BUNDLED, *shelf.names())  # noqa: PTH110


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


def keep(network: RoadNetwork, name: str) -> RoadNetwork:
    """
    Keep a map under a name on the user's shelf.

    Raises
    ------
    MapError
        When the name is none, or the folder cannot be written.
    """
    path = shelf.path_of(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MapError(f"cannot keep maps in {path.parent}: {error.strerror or error}") from error
    named = replace(network, header=network.header | {"name": name})
    save(named, path, compress=False)  # every worker of every sweep reads it
    return named


def save(network: RoadNetwork, path: Path, *, compress: bool = True) -> None:
    """Write a map, small or quick to load; the file appears whole or not at all."""
    header = json.dumps(network.header, sort_keys=True, ensure_ascii=False).encode()
    content = {name: _narrowed(array) for name, array in arrays(network)} | {
        "header": np.frombuffer(header, dtype=np.uint8)
    }
    write = np.savez_compressed if compress else np.savez
    try:
        with replacing(path) as fresh, fresh.open("wb") as file:
            write(file, allow_pickle=False, **content)
    except OSError as error:
        raise MapError(f"cannot write the map {path}: {error}") from error


def _narrowed(array: NDArray[Any]) -> NDArray[Any]:
    """Store whole numbers in as few bytes as they need: unpacking is most of the loading time."""
    if array.dtype.kind != "i" or not array.size:
        return array
    least, most = int(array.min()), int(array.max())
    fits = (dtype for dtype in (np.int8, np.int16, np.int32) if least >= np.iinfo(dtype).min)
    return array.astype(next((d for d in fits if most <= np.iinfo(d).max), np.int64))


def load(path: Path) -> RoadNetwork:
    """
    Read a compiled map.

    Raises
    ------
    MapError
        When the file is missing, damaged, of another version, or its tables do not hold together.
    """
    if not path.is_file():
        raise MapError(f"no such map file: {path}")
    if not zipfile.is_zipfile(path):  # told here: numpy would advise to load it unsafely
        raise MapError(f"{path.name} is no map that can be read: it is no .npz file, or cut short")
    with _one_error(path), path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        content: _Arrays = {name: stored[name] for name in stored.files}
        header = _header(content)
        network = RoadNetwork(
            **{table: _table(content, table) for table in TABLES},
            strings=_strings(content),
            drives_on_left=bool(content["drives_on_left"][0]),
            header=header,
        )
        check_ranges(network)
    return _with_digest(network, path)


@contextmanager
def _one_error(path: Path) -> Iterator[None]:
    broken = (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, EOFError)
    try:
        yield
    except (*broken, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        reason = error.args[0] if isinstance(error, MapError) else f"{error!r}"
        raise MapError(f"{path.name} is no map that can be read: {reason}") from error


def _header(content: _Arrays) -> dict[str, str]:
    header = json.loads(content["header"].tobytes().decode())
    if not isinstance(header, dict):
        raise MapError("its header is no table of texts")
    version = header.get("format_version")
    if version != FORMAT_VERSION:
        raise MapError(f"it has format version {version}, and this program reads {FORMAT_VERSION}")
    return {str(key): str(value) for key, value in header.items()}


def _table(content: _Arrays, table: str) -> Any:
    kind = _KINDS[table]
    hints = get_type_hints(kind)
    columns = {}
    for column in fields(kind):
        wanted = np.dtype(np.int64 if hints[column.name] == Longs else np.int32)
        array = content[f"{table}.{column.name}"]
        fits = array.dtype.kind == "i" and array.dtype.itemsize <= wanted.itemsize
        if array.ndim != 1 or not fits:
            raise MapError(
                f"column {table}.{column.name} is {array.dtype}, {array.ndim}-dimensional: "
                f"it must be {wanted} or narrower in one dimension"
            )
        columns[column.name] = array.astype(wanted, copy=False)
    return kind(**columns)


def _strings(content: _Arrays) -> tuple[str, ...]:
    blob = content["strings.utf8"].tobytes()
    offsets = content["strings.offsets"].tolist()
    if offsets != sorted(offsets) or offsets[:1] != [0] or offsets[-1:] != [len(blob)]:
        raise MapError("the offsets of its texts do not span them")
    return tuple(blob[start:end].decode() for start, end in pairwise(offsets))


def _with_digest(network: RoadNetwork, path: Path) -> RoadNetwork:
    actual, stated = digest(network), network.header.get("digest")
    if stated is None:
        return replace(network, header=network.header | {"digest": actual})
    if stated != actual:
        raise MapError(f"{path.name} is no map that can be read: its arrays differ from its digest")
    return network
