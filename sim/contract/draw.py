"""
Named, stateless randomness: a draw is a pure function of (trip seed, stream, entity, k).

Arms that draw a different number of times still meet the same world, since ``k`` means something
(the ordinal of an utterance, the time window of a hazard) and is never "the next number". Two words
of seed are mixed because one word would put all streams on one sequence of 2**64 (splitmix64,
Steele et al. 2014).
"""

from enum import IntEnum
from typing import Final, NamedTuple

_MASK: Final = (1 << 64) - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15
_MILLION: Final = 1_000_000


class TripSeed(NamedTuple):
    """The 128-bit seed of one trip, made from what the arms share."""

    a: int
    b: int


class Stream(IntEnum):
    """Who draws; a new consumer gets a new number and shifts nobody else's draws."""

    LANE_ARRIVALS = 1
    LANE_SPEED = 2
    LEADER_BRAKES = 3
    FOLLOWER_STYLE = 4
    FOLLOWER_LAPSE = 5
    ACTOR_STAYS = 6
    CONFLICT_ARRIVALS = 7
    SIGNAL_OFFSET = 8
    CLOSURES = 9
    HUMAN_STYLE = 10
    HUMAN_REACTION = 11
    CRITICAL_GAP = 12
    LEADER_PACE = 13
    CORNER_SIGHT = 14
    WALKERS = 15
    WALKER_STYLE = 16
    DRIVER_BLIND = 17
    PERCEPTION_MISS = 18
    POSITION_ERROR = 19
    GUIDE_COMPETENCE = 20
    GUIDE_SPEAKS = 21
    GUIDE_ERRS = 22
    GUIDE_KIND = 23
    GUIDE_CHOICE = 24
    GUIDE_LATENCY = 25
    GUIDE_CONFIDENCE = 26
    HUMAN_LAPSE = 27
    SIREN_CROSSES = 28
    SIREN_BEHIND = 29
    SIREN_STAYS = 30


def _mix(word: int) -> int:
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & _MASK
    return word ^ (word >> 31)


def draw(seed: TripSeed, stream: int, entity: int, k: int) -> int:
    """
    Draw a 64-bit integer, uniform on 0 .. 2**64 - 1.

    Parameters
    ----------
    seed
        Seed of the trip.
    stream
        Who draws, a :class:`Stream`.
    entity
        Which one of its kind: a link id, an actor id; >= 0.
    k
        Which draw of that entity: a time window, an ordinal; >= 0.
    """
    key = _mix((seed.a + k * _GOLDEN) & _MASK)
    return _mix((_mix((key + seed.b) & _MASK) + ((stream << 40) + entity) * _GOLDEN) & _MASK)


def below(word: int, count: int) -> int:
    """Map a draw to 0 .. count - 1."""
    return (word * count) >> 64


def happens(word: int, chance_ppm: int) -> bool:
    """Whether an event of this chance [per million] happens; nested as the chance grows."""
    return below(word, _MILLION) < chance_ppm
