"""Limits on what a file may unpack to, checked before any of it is kept."""

import bz2
import gzip
import zlib
from pathlib import Path
from typing import Final

from guiderail.maps.errors import MapError

MOST_BYTES: Final = 200_000_000
"""Unpacked size of a packed XML file; a large city takes half of it."""
MOST_NODES: Final = 2_000_000
"""Points of streets; the largest sample map has a quarter of it."""
_PIECE: Final = 1_000_000


def check_unpacked_size(path: Path) -> None:
    """
    Unpack a .gz or .bz2 file piece by piece, keeping nothing, and stop at the limit.

    Raises
    ------
    MapError
        When it unpacks to more than ``MOST_BYTES``, or is cut short.
    """
    if path.suffix not in {".gz", ".bz2"}:
        return
    size = 0
    try:
        with gzip.open(path) if path.suffix == ".gz" else bz2.open(path) as file:
            while piece := file.read(_PIECE):
                size += len(piece)
                if size > MOST_BYTES:
                    raise MapError(
                        f"{path.name} unpacks to more than {MOST_BYTES // 1_000_000} MB, the most "
                        "that is read: cut out the city that you need"
                    )
    except (OSError, EOFError, zlib.error) as error:
        raise MapError(f"{path.name} cannot be unpacked ({error}): it must be whole") from error


def check_node_count(count: int) -> None:
    """Refuse more points of streets than a map may have."""
    if count > MOST_NODES:
        raise MapError(
            f"the streets have {count} points: a map may have {MOST_NODES} at most; "
            "cut out the city that you need"
        )
