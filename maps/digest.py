"""One hash over all arrays of a network: what a run is tied to."""

import hashlib
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guiderail.maps.network import RoadNetwork

TABLES = ("nodes", "links", "turns", "illegal_turns", "places")


def arrays(network: RoadNetwork) -> Iterator[tuple[str, NDArray[Any]]]:
    """All tables as named arrays, text as UTF-8 bytes with offsets: never an object array."""
    for table in TABLES:
        columns = getattr(network, table)
        for column in fields(columns):
            yield f"{table}.{column.name}", getattr(columns, column.name)
    encoded = [text.encode() for text in network.strings]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    yield "strings.offsets", offsets
    yield "strings.utf8", np.frombuffer(b"".join(encoded), dtype=np.uint8)
    yield "drives_on_left", np.array([network.drives_on_left], dtype=np.uint8)


def digest(network: RoadNetwork) -> str:
    """
    Hash of names, types, shapes and contents of all arrays.

    File bytes would not do: they depend on the compression library. The header is left out, so that
    a note about the source does not change what a run is tied to.
    """
    whole = hashlib.sha256()
    for name, array in arrays(network):
        little = array.astype(array.dtype.newbyteorder("<"), copy=False)
        whole.update(f"{name} {little.dtype.str} {little.shape}\n".encode())
        whole.update(np.ascontiguousarray(little).tobytes())
    return whole.hexdigest()
