"""Limits on what a file may unpack to, checked before any of it is kept."""

import bz2
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from guiderail.maps.errors import MapError
from guiderail.maps.sources.pbf import unpacked_bytes

MOST_BYTES: Final = 400_000_000
"""Size of a file once unpacked; a city of a million people takes half of it as XML."""
MOST_NODES: Final = 2_000_000
"""Points of streets; the largest sample map has a quarter of it."""
_PIECE: Final = 1_000_000


def check_unpacked_size(path: Path) -> None:
    """
    Add up what a packed file unpacks to, piece by piece, keeping nothing; stop at the limit.

    Raises
    ------
    MapError
        When that is more than ``MOST_BYTES``, or a .gz or .bz2 file is cut short.
    """
    size = 0
    try:
        for piece in _pieces(path):
            size += piece
            if size > MOST_BYTES:
                raise MapError(
                    f"{path.name} unpacks to more than {MOST_BYTES // 1_000_000} MB, the most "
                    "that is read: cut out the city that you need"
                )
    except (OSError, EOFError, zlib.error) as error:
        raise MapError(f"{path.name} cannot be unpacked ({error}): it must be whole") from error


def _pieces(path: Path) -> Iterator[int]:
    if path.suffix == ".pbf":
        yield from unpacked_bytes(path)
    elif path.suffix in {".gz", ".bz2"}:
        with gzip.open(path) if path.suffix == ".gz" else bz2.open(path) as file:
            while piece := file.read(_PIECE):
                yield len(piece)
    else:
        yield path.stat().st_size


def check_node_count(count: int) -> None:
    """Refuse more points of streets than a map may have."""
    if count > MOST_NODES:
        raise MapError(
            f"the streets have {count} points: a map may have {MOST_NODES} at most; "
            "cut out the city that you need"
        )
