"""
Crashes and who caused them: contact between vehicles, and leaving the road.

Fault follows nuPlan's classes: whoever drives into somebody ahead, moves into an occupied lane,
takes the way of traffic with priority or drives against a one-way street is at fault; whoever is
hit from behind is not, unless the braking was provoked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from guiderail.maps.network import Conflict, LinkId
from guiderail.sim.contract.lattice import GRAVITY_MM_S2, NOTHING
from guiderail.sim.contract.messages import Light
from guiderail.sim.contract.trace import Passing, Yielding, YieldingToSiren
from guiderail.sim.judge.articles.emergency_vehicles import could_have_waited
from guiderail.sim.judge.causes import Causes
from guiderail.sim.judge.conflict import Flags, Longs
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.ride import Ride

CAR_WIDTH_MM: Final = 1_800
"""Width of a passenger car without mirrors."""
LANE_WIDTH_MM: Final = 3_250
"""Width of an urban lane; 3.0 to 3.5 m is usual."""
TOUCHES_PERMILLE: Final = round((LANE_WIDTH_MM - CAR_WIDTH_MM) * 20 / LANE_WIDTH_MM) * 50
"""From here on ego, moving over, reaches a car in the target lane: 446, to the nearest 50."""
CLEARS_PERMILLE: Final = round(CAR_WIDTH_MM * 20 / LANE_WIDTH_MM) * 50
"""Up to here it still reaches a car in the old lane: 554, to the nearest 50."""

RECENT_MS: Final = 3_000
"""How far back a braking or a lane change is looked for behind a rear hit [ms]."""
PROVOKING_MM_S2: Final = 3_000
"""Braking harder than this without any cause provokes a rear hit (hard-brake event)."""
HAZARD_BRAKING_MM_S2: Final = 4_000
"""The same before a hazard; a leader or a red light excuses any. This project's choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody whom ego can meet, as the columns name them."""

    name: str
    code: int
    """How the evidence names it."""
    is_behind: bool = False
    is_beside: bool = False
    """In the lane that ego moves into, so there is nobody to meet before it is reached."""
    meets_head_on: bool = False

    def gap(self, ride: Ride) -> Longs:
        """Gap to it [mm]; ``NOTHING`` where it is not in the way."""
        gap, lateral = ride.column(f"{self.name}_gap_mm"), ride.lateral
        if self.is_beside:
            return np.where(lateral >= TOUCHES_PERMILLE, gap, NOTHING)
        if self.meets_head_on:
            return gap
        return np.where(lateral <= CLEARS_PERMILLE, gap, NOTHING)

    def closing(self, ride: Ride) -> Longs:
        """Speed at which the gap shrinks if nobody brakes [mm/s]."""
        other = ride.column(f"{self.name}_speed_mm_s")
        if self.meets_head_on:
            return ride.speed + other
        return other - ride.speed if self.is_behind else ride.speed - other


LEADER: Final = Party(name="leader", code=1)
FOLLOWER: Final = Party(name="follower", code=2, is_behind=True)
SIDE_LEAD: Final = Party(name="side_lead", code=3, is_beside=True)
SIDE_LAG: Final = Party(name="side_lag", code=4, is_behind=True, is_beside=True)
ONCOMING: Final = Party(name="oncoming", code=5, meets_head_on=True)
LANE_PARTIES: Final = (LEADER, FOLLOWER, SIDE_LEAD, SIDE_LAG, ONCOMING)
CROSSING: Final = Party(name="crossing", code=6, meets_head_on=True)


def collisions(ride: Ride, causes: Causes) -> Iterator[Infraction]:
    """C2 and C2b: contact with another vehicle."""
    for party in (*LANE_PARTIES, CROSSING):
        for rows in ride.episodes(party.gap(ride) <= 0):
            yield _collision(ride, causes, party, int(rows[0]))


def run_off(ride: Ride) -> Iterator[Infraction]:
    """C3: more asked of the tires than they hold, a barrier driven through, a road's end."""
    gone = ride.column("barrier_mm") < 0
    gone[-1] |= ride.s_mm[-1] > ride.length[-1]
    for rows in ride.episodes(gone | _beyond_grip(ride)):
        k = int(rows[0])
        lateral = int(ride.speed[k] ** 2 // max(int(ride.radius[k]), 1))
        yield ride.infraction(
            "C3",
            k,
            (
                ("barrier_mm", int(ride.column("barrier_mm")[k])),
                ("lateral_mm_s2", lateral if ride.radius[k] else 0),
                ("speed_mm_s", int(ride.speed[k])),
            ),
        )


def _beyond_grip(ride: Ride) -> Flags:
    """Rows in a curve that the friction circle does not hold."""
    curve = ride.radius > 0
    if not curve.any():
        return curve
    grip = ride.trace.friction_permille * GRAVITY_MM_S2 / 1000
    lateral = np.square(ride.speed, dtype=np.float64) / np.maximum(ride.radius, 1)
    # An acceleration belongs to the tick before its row. A tick that only ends in the curve mixes
    # two states: there the lateral part alone counts, and doubt speaks for ego.
    along = np.zeros_like(lateral)
    along[:-1] = ride.accel[1:]
    return curve & (np.square(lateral) + np.square(along) > grip * grip)


def _collision(ride: Ride, causes: Causes, party: Party, k: int) -> Infraction:
    provoked = party is FOLLOWER and not has_moved_over(ride, k) and _provoked(ride, causes, k)
    evidence = (
        ("party", party.code),
        ("closing_mm_s", int(party.closing(ride)[k])),
        ("speed_mm_s", int(ride.speed[k])),
        ("hardest_braking_mm_s2", int(ride.accel[ride.rows_back(k, RECENT_MS)].min())),
    )
    at_fault = provoked or is_at_fault(ride, party, k)
    return ride.infraction("C2b" if provoked else "C2", k, evidence, at_fault=at_fault)


def is_at_fault(ride: Ride, party: Party, k: int) -> bool:
    """Whether ego brought itself into contact with this party, braking aside."""
    if party is FOLLOWER:
        return has_moved_over(ride, k)
    if party is ONCOMING:
        return bool(ride.is_against[k]) or has_moved_over(ride, k)
    if party is CROSSING:
        return _took_the_way(ride, k)
    return True


def has_moved_over(ride: Ride, k: int) -> bool:
    """Whether ego was changing lane within the last 3 s."""
    return bool(ride.is_changing[ride.rows_back(k, RECENT_MS)].any())


def _provoked(ride: Ride, causes: Causes, k: int) -> bool:
    """Whether ego braked hard for nothing, or harder than a hazard excuses, in the last 3 s."""
    rows = ride.rows_back(k, RECENT_MS)
    braking = -ride.accel[rows]
    limit = np.where(causes.hazard[rows], HAZARD_BRAKING_MM_S2, PROVOKING_MM_S2)
    excused = causes.leader[rows] | causes.stop_line[rows]
    return bool(((braking > limit) & ~excused).any())


def _took_the_way(ride: Ride, k: int) -> bool:
    """Whether ego, hit in a conflict zone, had to let the other pass."""
    now_ms = int(ride.time_ms[k])
    for met in ride.events(YieldingToSiren):
        if met.enter_ms <= now_ms <= met.leave_ms and met.arrival_ms <= now_ms:
            return could_have_waited(ride, met)
    ways = _ways_at(ride, now_ms)
    if not ways:
        return False
    turn = ride.network.turn(*ways)
    lawful = turn is not None and turn.ban is None and turn.conflict is Conflict.NONE
    return not lawful or _ran_red(ride, k)


def _ways_at(ride: Ride, time_ms: int) -> tuple[LinkId, LinkId] | None:
    """Links of the turn whose zone ego is in."""
    for met in ride.events(Yielding):
        if met.enter_ms <= time_ms <= met.leave_ms:
            return met.from_link, met.to_link
    passed = [event for event in ride.events(Passing) if event.time_ms <= time_ms]
    return (passed[-1].from_link, passed[-1].to_link) if passed else None


def _ran_red(ride: Ride, k: int) -> bool:
    """Whether the last stop line before row ``k`` was crossed on red."""
    before = ride.line_crossings[ride.line_crossings < k]
    return before.size > 0 and is_red(ride, int(before[-1]))


def is_red(ride: Ride, tick: int) -> bool:
    """Whether the light of the link was red while the tick passed."""
    if ride.light[tick] != Light.RED:
        return False
    skipped = ride.time_ms[tick + 1] - ride.time_ms[tick] > ride.tick[tick]
    # After rows left out the light of the one moving tick is not in the trace: without a red light
    # on this link at its end, too, doubt speaks for ego.
    return not skipped or bool(not ride.leaves[tick] and ride.light[tick + 1] == Light.RED)
