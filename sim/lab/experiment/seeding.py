"""
Named randomness: one seed per trip from what the arms share, and named streams outside a trip.

A trip's seed never depends on arm, guide or rate, so every arm meets the same world. It is a keyed
hash, not ``seed + index``: neighboring seeds would share trips, and 32-bit sums collide.
"""

import hashlib

import numpy as np

from guiderail.sim.contract.draw import TripSeed


def trip_seed(map_digest: str, shared_part: str, seed: int, trip: int) -> TripSeed:
    """
    Make the 128-bit seed of one trip.

    Parameters
    ----------
    map_digest
        Digest of the map's content.
    shared_part
        What all arms of the scenario share, as canonical text.
    seed
        Seed of the scenario.
    trip
        Index of the trip in its cell, from 0.
    """
    key = "\0".join(("guiderail.trip", map_digest, shared_part, str(seed), str(trip)))
    words = hashlib.blake2b(key.encode(), digest_size=16).digest()
    return TripSeed(int.from_bytes(words[:8], "big"), int.from_bytes(words[8:], "big"))


def generator(seed: int, name: str, index: int = 0) -> np.random.Generator:
    """
    Make a fresh generator for one consumer outside a trip.

    Parameters
    ----------
    seed
        Seed of the scenario, or a word of a trip's seed.
    name
        Who draws, e.g. ``"goals"``; a new name shifts nobody else's draws.
    index
        Which one of its kind.
    """
    key = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "big")
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(key, index)))
