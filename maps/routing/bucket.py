"""
Trees in compiled code: a bucket queue of any width, and the pass that chooses the pointers.

Both are plain functions of integers; numba compiles them when the extra ``fast`` is installed. The
queue keeps labels in a ring of buckets and corrects them inside a bucket, so it is exact for every
cost of at least 1 ms (Denardo and Fox 1979), also on maps with turns of a few milliseconds.
"""

import hashlib
import importlib
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from guiderail.maps.errors import MapError, to_install
from guiderail.maps.files import cache_home
from guiderail.maps.tables import Flags, Ints, Longs

BUCKET_BITS: Final = 12
"""A bucket is 2**12 ms wide: about one turn of a city, so few links are scanned twice."""
ENTRIES_PER_ARC: Final = 4
"""Room of the queue; entries are used again, and a queue that is full says so."""
NEEDS_NUMBA: Final = f"compiled routing needs numba, which is not installed: {to_install('fast')}"


class Kernels(NamedTuple):
    """The two functions of this module, compiled."""

    price: Callable[..., bool]
    """:func:`price_links`."""
    point: Callable[..., None]
    """:func:`choose_next`."""


def price_links(
    start: Ints, origin: Ints, cost_ms: Ints, goal: int, closed: Flags, costs_ms: Longs
) -> bool:
    """
    Price every link by the cheapest way to the goal.

    Parameters
    ----------
    start, origin, cost_ms
        Turns by the link they lead to: first turn of each link, link turned from, price [ms].
    goal
        Link that ways end on.
    closed
        Links that no way enters.
    costs_ms
        Filled by the caller with a number above every cost; overwritten where the goal can be
        reached [ms].

    Returns
    -------
    bool
        False when the queue was full: then ``costs_ms`` is worthless.
    """
    rings = 2
    for arc in range(len(cost_ms)):
        rings = max(rings, (cost_ms[arc] >> BUCKET_BITS) + 2)
    room = ENTRIES_PER_ARC * len(cost_ms) + 1
    head = np.full(rings, -1, np.int64)
    after = np.empty(room, np.int64)
    at = np.empty(room, np.int64)
    label = np.empty(room, np.int64)
    head[0], after[0], at[0], label[0] = 0, -1, goal, 0
    costs_ms[goal] = 0
    used, free, pending, bucket = 1, -1, 1, 0
    while pending > 0:
        entry = head[bucket]
        if entry < 0:
            bucket = (bucket + 1) % rings
            continue
        head[bucket] = after[entry]
        after[entry] = free
        free = entry
        pending -= 1
        link, spent = at[entry], label[entry]
        if spent != costs_ms[link] or closed[link]:
            continue
        for arc in range(start[link], start[link + 1]):
            before, total = origin[arc], spent + cost_ms[arc]
            if total < costs_ms[before]:
                costs_ms[before] = total
                if free >= 0:
                    entry = free
                    free = after[entry]
                elif used < room:
                    entry = used
                    used += 1
                else:
                    return False
                slot = (total >> BUCKET_BITS) % rings
                at[entry], label[entry], after[entry] = before, total, head[slot]
                head[slot] = entry
                pending += 1
    return True


def choose_next(
    start: Ints, target: Ints, cost_ms: Ints, closed: Flags, costs_ms: Longs, following: Ints
) -> None:
    """
    Point every link to the first of its turns that lies on a cheapest way.

    Parameters
    ----------
    start, target, cost_ms
        Turns by the link they leave, sorted by target: so the first is the one with the lowest id.
    closed
        Links that no way enters.
    costs_ms
        Exact prices [ms].
    following
        Overwritten where a link has a best turn.
    """
    for link in range(len(costs_ms)):
        for turn in range(start[link], start[link + 1]):
            onto = target[turn]
            if cost_ms[turn] + costs_ms[onto] == costs_ms[link] and not closed[onto]:
                following[link] = onto
                break


def has_numba() -> bool:
    """Whether the extra ``fast`` is installed; does not load it."""
    return find_spec("numba") is not None


@cache
def kernels() -> Kernels:
    """
    Compile both functions, or load what an earlier run compiled.

    Raises
    ------
    MapError
        When numba is not installed.
    """
    if not has_numba():
        raise MapError(NEEDS_NUMBA)
    numba = importlib.import_module("numba")
    return Kernels(_compiled(numba, price_links), _compiled(numba, choose_next))


def _compiled(numba: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    # The cache of numba does not notice an edited helper or constant: its folder is named by the
    # whole source, and the user's own folder stays set for everybody else.
    folder = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(cache_folder(folder, str(numba.__version__)))
    try:
        return _jit(numba, function, is_cached=True)
    except (OSError, RuntimeError):  # a cache that cannot be written costs a second, no more
        return _jit(numba, function, is_cached=False)
    finally:
        numba.config.CACHE_DIR = folder


def _jit(numba: Any, function: Callable[..., Any], *, is_cached: bool) -> Callable[..., Any]:
    compiled: Callable[..., Any] = numba.njit(cache=is_cached)(function)
    return compiled


def cache_folder(base: str, version: str) -> Path:
    """Where compiled code of exactly this source and numba is kept, below ``base`` if given."""
    source = Path(__file__).read_bytes() + version.encode()
    digest = hashlib.blake2b(source, digest_size=8).hexdigest()
    return (Path(base) if base else cache_home() / "guiderail" / "kernels") / digest
