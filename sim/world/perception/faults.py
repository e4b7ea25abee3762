"""
Latent faults of the driving layer: they change what the driver perceives, never what is true.

What comes of a fault is left to the motion that follows. Positions are off by one value per trip,
things are overlooked for two seconds at a time, or all of them for three; whatever is late is what
was perceived so long ago.
"""

from collections import deque
from typing import Any, Final

from guiderail.sim.contract.draw import Stream, below, draw, happens
from guiderail.sim.contract.lattice import NOTHING, TICK_MS
from guiderail.sim.contract.messages import Command, Light, Perception
from guiderail.sim.contract.trip import Faults, Trip
from guiderail.sim.world.approach import Approach
from guiderail.sim.world.ego import Ego
from guiderail.sim.world.perception.senses import Senses

MISS_MS: Final = 2_000
"""A thing that is overlooked is overlooked for so long."""
BLIND_MS: Final = 3_000
"""A failure of the driving layer lasts so long (assumption)."""
_SECOND_MS: Final = 1_000
_PER_KM: Final = 1_000_000
_BILLION: Final = 1_000_000_000

THINGS: Final[tuple[dict[str, Any], ...]] = (
    {"leader_gap_mm": NOTHING, "leader_speed_mm_s": 0},
    {"priority_ms": ()},
    {"walker_mm": NOTHING, "walker_ms": NOTHING},
    {"side_lead_gap_mm": NOTHING, "side_lag_gap_mm": NOTHING},
    {"oncoming_gap_mm": NOTHING, "oncoming_speed_mm_s": 0},
    {"light": Light.GREEN, "next_light": Light.GREEN},
    {"sirens": (), "siren_gap_mm": NOTHING},
)
"""What can be overlooked, and what is then perceived instead; a red light is taken for green."""
_TRAFFIC: Final = tuple(name for thing in THINGS for name in thing)


class FaultySenses:
    """Eyes with faults."""

    def __init__(self, senses: Senses, ego: Ego, trip: Trip) -> None:
        self._senses = senses
        self._ego = ego
        self._faults = trip.faults
        self._seed = trip.seed
        self._blind_until_ms = 0
        self._memory: deque[Perception] = deque(maxlen=self._faults.late_ms // TICK_MS + 1)
        most = self._faults.position_mm
        word = draw(self._seed, Stream.POSITION_ERROR, 0, 0)
        self._off_mm = below(word, 2 * most + 1) - most

    def perceive(self, approach: Approach, command: Command, time_ms: int) -> Perception:
        """What the driver takes for true."""
        seen = self._late(self._senses.perceive(approach, command, time_ms))
        for k, instead in enumerate(THINGS):
            if self._is_blind(seen) or self._misses(k, seen.time_ms):
                seen = seen.but(**_overlooked(seen, instead))
        if self._off_mm:
            place = seen.s_mm + self._off_mm
            seen = seen.but(s_mm=max(0, min(place, self._ego.link.length_mm)))
        return seen

    def _late(self, seen: Perception) -> Perception:
        """Traffic and lights as they were a while ago, on the same link."""
        memory = self._memory
        if memory and memory[-1].time_ms == seen.time_ms:
            memory.pop()
        memory.append(seen)
        past = memory[0]
        if past is seen or past.link != seen.link:
            return seen
        return seen.but(**{name: getattr(past, name) for name in _TRAFFIC})

    def _misses(self, thing: int, time_ms: int) -> bool:
        chance = self._faults.miss_ppm
        if not chance:
            return False
        return happens(draw(self._seed, Stream.PERCEPTION_MISS, thing, time_ms // MISS_MS), chance)

    def _is_blind(self, seen: Perception) -> bool:
        """Whether the driving layer has failed; the chance counts road, not time."""
        rate, now = self._faults.blind_ppb_per_km, seen.time_ms
        if rate and now % _SECOND_MS == 0 and now >= self._blind_until_ms:
            word = draw(self._seed, Stream.DRIVER_BLIND, 0, now // _SECOND_MS)
            if below(word, _BILLION) < rate * seen.speed_mm_s // _PER_KM:
                self._blind_until_ms = now + BLIND_MS
        return now < self._blind_until_ms


def _overlooked(seen: Perception, instead: dict[str, Any]) -> dict[str, Any]:
    """What is perceived of a thing that is there and overlooked; no light stays no light."""
    return {
        name: value
        for name, value in instead.items()
        if not isinstance(value, Light) or getattr(seen, name) is not Light.NONE
    }


def with_faults(senses: Senses, ego: Ego, trip: Trip) -> Senses | FaultySenses:
    """Eyes of the driver of one trip; sound ones cost nothing extra."""
    sound = Faults(friction_permille=trip.faults.friction_permille)
    return senses if trip.faults == sound else FaultySenses(senses, ego, trip)
