"""
How many messages a second the strict reader takes, beside ``json.loads`` alone.

Run it with ``.venv/bin/python benchmarks/reader.py``. The messages are those of the conformance
suite up to the byte limit, good ones and bad ones; ratios are of one run.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter

from guiderail.sim.lab.conformance.suite import load_suite
from guiderail.sim.wire.reader import BYTE_LIMIT, Message, read

ROUNDS = 5
TYPICAL = (
    b'{"protocol":"guiderail/1","occasion":12,"words":"In 200 meters, turn left into Mill Lane.",'
    b'"proposal":{"ask":"turn","seen_ms":125000,"at":1204,"direction":"left","onto":1300},'
    b'"confidence":0.93}'
)


def loads(raw: bytes) -> None:
    """Parse without any check of ours."""
    with suppress(ValueError, RecursionError):
        json.loads(raw)


def per_second(work: Callable[[bytes], object], messages: list[bytes]) -> float:
    """Best of some rounds, after one to warm up."""
    best = 0.0
    for _ in range(ROUNDS + 1):
        start = perf_counter()
        for raw in messages:
            work(raw)
        best = max(best, len(messages) / (perf_counter() - start))
    return best


def main() -> None:
    """Print one line per kind of message."""
    suite = load_suite()
    cases = [suite.sheet.filled(case.message) for case in suite.cases]
    cases = [raw for raw in cases if len(raw) <= BYTE_LIMIT]
    sorts = {
        "typical message": [TYPICAL],
        "good cases": [raw for raw in cases if isinstance(read(raw), Message)],
        "bad cases": [raw for raw in cases if not isinstance(read(raw), Message)],
        "4,096 brackets, deep": [b"[" * BYTE_LIMIT],
        "4,096 brackets, flat": [b"[]" * (BYTE_LIMIT // 2)],
    }
    for name, messages in sorts.items():
        many = messages * (2_000 // len(messages))
        ours, bare = per_second(read, many), per_second(loads, many)
        print(f"{name:26} {ours:9,.0f} /s   json.loads alone {bare:9,.0f} /s")


if __name__ == "__main__":
    main()
