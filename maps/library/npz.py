"""
The stored form of a map: one compressed ``.npz`` of integer arrays, never a pickle.

Whatever is wrong with a file, the caller sees one :class:`MapError` in one sentence.
"""

import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, get_type_hints

import numpy as np
from numpy.typing import NDArray

from guiderail.maps.checks import check_ranges
from guiderail.maps.compile.compiler import FORMAT_VERSION
from guiderail.maps.digest import TABLES, arrays, digest
from guiderail.maps.errors import MapError
from guiderail.maps.files import replacing
from guiderail.maps.network import RoadNetwork
from guiderail.maps.tables import LinkTable, Longs, NodeTable, PlaceTable, TurnTable

_KINDS: Final = dict(
    zip(TABLES, (NodeTable, LinkTable, TurnTable, TurnTable, PlaceTable), strict=True)
)
_Arrays = dict[str, NDArray[Any]]


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
