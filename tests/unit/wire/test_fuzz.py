"""Mutated messages by the hundred thousand: nothing gets past the reader but messages."""

from collections import Counter

import numpy as np
import pytest

from guiderail.sim.contract.messages import Observation
from guiderail.sim.lab.conformance.suite import Suite
from guiderail.sim.wire.reader import Message, read, understand

TOKENS = (
    *(b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"null", b"true", b"NaN", b"1e999", b"-0"),
    *(b"\x00", b"\xff", b"\xef\xbb\xbf", b"\\u0000", b"\\ud800", b"9" * 400, b'"ask":', b'"at":'),
    *(b'"words":"x",', b'"proposal":{', b'"turn"', b'"left"', b" ", b"\n", b'"brake":1'),
)
BLOCK = 10_000


def mutants(seeds: list[bytes], count: int, seed: int) -> "list[bytes]":
    """Cut, splice and sprinkle messages."""
    draw = np.random.default_rng(seed)
    made = []
    for a, b, kind, at, length, token in draw.integers(2**31, size=(count, 6)).tolist():
        raw, other = seeds[a % len(seeds)], seeds[b % len(seeds)]
        cut, size = at % (len(raw) + 1), length % 9
        match kind % 5:
            case 0:
                raw = raw[:cut] + TOKENS[token % len(TOKENS)] + raw[cut:]
            case 1:
                raw = raw[:cut] + raw[cut + size :]
            case 2:
                raw = raw[:cut] + other[b % (len(other) + 1) :]
            case 3:
                raw = raw[:cut] + bytes([token % 256]) + raw[cut + 1 :]
            case _:
                raw = raw[:cut] + raw[cut : cut + size] * 3 + raw[cut + size :]
        made.append(raw)
    return made


def fuzz(suite: Suite, seen: Observation, runs: int) -> Counter[str]:
    """Read so many mutants; what is read must be understood."""
    seeds = [suite.sheet.filled(case.message)[:5_000] for case in suite.cases]
    found = Counter[str]()
    for block in range(runs // BLOCK):
        for raw in mutants(seeds, BLOCK, block):
            message = read(raw)
            if isinstance(message, Message):
                understand(message, seen)
                found["read"] += 1
            else:
                found[message.flaw] += 1
    return found


def test_a_hundred_thousand_mutants_are_read_or_refused(suite: Suite, seen: Observation) -> None:
    found = fuzz(suite, seen, 100_000)
    assert found.total() == 100_000
    # The mutants are worth something: many are read, and most flaws come up.
    assert found["read"] > 5_000
    assert len(found) > 14


@pytest.mark.nightly
def test_ten_million_mutants_are_read_or_refused(suite: Suite, seen: Observation) -> None:
    assert fuzz(suite, seen, 10_000_000).total() == 10_000_000
