"""
Limits on what a file may unpack to, checked before any of it is kept.

A PBF file is a row of blocks: four bytes of length, a header, then data that is packed or not. What
it unpacks to is told from the sizes that its blocks state, without unpacking any; its reader
believes them as well: a block that unpacks to anything else is an error there.
"""

import bz2
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from guiderail.maps.errors import MapError

MOST_BYTES: Final = 400_000_000
"""Size of a file once unpacked; a city of a million people takes half of it as XML."""
MOST_NODES: Final = 2_000_000
"""Points of streets; the largest sample map has a quarter of it."""
_PIECE: Final = 1_000_000
_LENGTH_BYTES: Final = 4
_LONGEST_HEADER: Final = 65_536
"""Limit of the format [bytes]."""
_LARGEST_DATA: Final = 2**31
"""Largest block that is skipped [bytes]: far above the limit of the format."""
_DATA_SIZE: Final = 3
"""Field of a block's header: bytes of data that follow."""
_RAW, _UNPACKED_SIZE = 1, 2
"""Fields of a block's data: the data itself where it is not packed, else its unpacked size."""
_VARINT, _BYTES = 0, 2
"""Kinds of fields that blocks have."""
_FIRST_FIELDS: Final = 64
"""Bytes of a block that are looked at: the stated size stands before the packed data."""


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


def unpacked_bytes(path: Path) -> Iterator[int]:
    """
    Sizes that the blocks of a file unpack to, as stated.

    Ends early where the file is no PBF: its reader will say what is wrong.
    """
    with path.open("rb") as file:
        while len(length := file.read(_LENGTH_BYTES)) == _LENGTH_BYTES:
            header = file.read(min(int.from_bytes(length, "big"), _LONGEST_HEADER))
            size = dict(_fields(header)).get(_DATA_SIZE, 0)
            if not 0 < size <= _LARGEST_DATA:
                return
            yield _stated(file, size)


def _stated(file: BinaryIO, size: int) -> int:
    start = file.tell()
    fields = dict(_fields(file.read(min(size, _FIRST_FIELDS))))
    file.seek(start + size)
    return max(fields.get(_UNPACKED_SIZE, 0), fields.get(_RAW, 0))


def _fields(message: bytes) -> Iterator[tuple[int, int]]:
    """Numbers of the fields of a message, with their value, or their length if they are bytes."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        value, at = _varint(message, at)
        if key & 7 not in {_VARINT, _BYTES}:
            return
        yield key >> 3, value
        at += value if key & 7 == _BYTES else 0


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """Whole number in groups of seven bits, lowest first, and where it ends."""
    value = shift = 0
    while at < len(message):
        value |= (message[at] & 0x7F) << shift
        shift += 7
        at += 1
        if message[at - 1] < 0x80:  # noqa: PLR2004  the high bit says that more follows
            break
    return value, at
