"""
Emergency vehicles with siren: they cross junctions against lights and signs, or come from behind.

Both are Poisson processes keyed by place and time, so every arm meets the same ones: at each
junction one that crosses it, on each link one that comes up behind whoever drives there. Nobody
has priority over them. What comes of not giving way follows from the motion.
"""

from math import isqrt
from typing import TYPE_CHECKING, Final

import numpy as np

from guiderail.maps.network import Link, LinkId, RoadClass, RoadNetwork, Turn
from guiderail.sim.contract.draw import Stream, draw, happens
from guiderail.sim.contract.lattice import NOTHING, SPEED_STEP_MM_S, TICK_MS
from guiderail.sim.contract.messages import Siren
from guiderail.sim.contract.trace import YieldingToSiren
from guiderail.sim.world.motion import CAR_LENGTH_MM, advance
from guiderail.sim.world.traffic.actors import Crossing, lattice
from guiderail.sim.world.traffic.conflict_zone import NEAR_MS, Zone
from guiderail.sim.world.traffic.flow import Streams

if TYPE_CHECKING:
    from guiderail.sim.world.world import World

HEARD_MM: Final = 100_000
"""As the crow flies; in a closed car people hear a siren at 30 to 50 m (assumption: microphones
outside, and the blue light, double that)."""
CROSSES_MM_S: Final = 10_000
"""Speed toward and through a junction against its rules (assumption; drivers of emergency vehicles
are taught to come down to 15 to 25 km/h at the line)."""
LINGER_MS: Final = 1_500
"""How long one is in the junction: 8.5 m and its own 6 m at that speed."""
JUNCTION_ARMS: Final = 3
"""A node with fewer neighbors is no junction."""
HURRY_PERMILLE: Final = 1_250
"""What one that comes from behind wants to drive, of the limit (assumption)."""
THROTTLE_MM_S2: Final = 2_000
BRAKING_MM_S2: Final = 4_400
REACTION_MS: Final = 600
STANDSTILL_MM: Final = 2_000
STAYS_PPM: Final = 500_000
"""Chance that it takes the ego's turn (assumption)."""
ASIDE_MS: Final = 2_000
"""A car has moved to the kerb's side of its lane after this; one that stands does so within the gap
that it keeps to the car ahead (assumption)."""
IN_THE_WAY_PERMILLE: Final = 500
"""Less far aside than this, a car is touched by who passes it."""
LEAVES_PERMILLE: Final = 550
COMES_PERMILLE: Final = 450
"""Shares of a lane change up to which the old lane is still occupied, and from which the new one
is; see ``contact.py``."""
MADE_WAY_MM: Final = 15_000
"""Cars between it and the ego have made way before it is this close to them."""
PASSED_MM: Final = 2 * CAR_LENGTH_MM
"""So far ahead of the ego's rear it has passed."""


def junctions_of(network: RoadNetwork) -> frozenset[int]:
    """Nodes at which at least three neighbors meet."""
    table = network.links
    ends = np.concatenate(
        (
            np.stack((table.from_node, table.to_node), axis=1),
            np.stack((table.to_node, table.from_node), axis=1),
        )
    )
    nodes, neighbors = np.unique(np.unique(ends, axis=0)[:, 0], return_counts=True)
    return frozenset(nodes[neighbors >= JUNCTION_ARMS].tolist())


class SirenZone(Zone):
    """One passage of the ego through a junction that an emergency vehicle may cross."""

    linger_ms = LINGER_MS

    def __init__(
        self, turn: Turn, streams: Streams, time_ms: int, inside_mm: int, heard: dict[int, int]
    ) -> None:
        super().__init__(turn, streams, time_ms, inside_mm)
        first = next((at for at in self.near if at + self.linger_ms > time_ms), NOTHING)
        self._heard_ms = heard.get(first, time_ms)

    def passing(self, turn: Turn, streams: Streams, time_ms: int) -> tuple[list[int], int]:
        """Times at which emergency vehicles come to the junction, and their speed."""
        node = streams.link(turn.from_link).to_node
        return streams.sirens_at(node, time_ms - NEAR_MS, time_ms + NEAR_MS), CROSSES_MM_S

    def account(self, time_ms: int) -> YieldingToSiren:
        """What the judge needs to know of this passage."""
        return YieldingToSiren(**self.facts(time_ms), heard_ms=self._heard_ms)

    @property
    def is_empty(self) -> bool:
        """Whether no emergency vehicle was near at all."""
        return not self.near


class Chaser:
    """An emergency vehicle that comes up behind the ego."""

    __slots__ = ("accel_mm_s2", "gap_mm", "key", "lane", "speed_mm_s", "wish_mm_s")

    def __init__(self, key: int, wish_mm_s: int, lane: int) -> None:
        self.key = key
        self.gap_mm = HEARD_MM
        self.speed_mm_s = self.wish_mm_s = wish_mm_s
        self.lane = lane
        self.accel_mm_s2 = 0

    def step(self, ego_speed_mm_s: int, grip_mm_s2: int, *, is_free: bool) -> None:
        """Drive one tick; the ego's own motion is added to the gap by the caller."""
        wish_mm_s = self.wish_mm_s if is_free else min(self.wish_mm_s, self._safe(ego_speed_mm_s))
        error = wish_mm_s - self.speed_mm_s
        accel_mm_s2 = min(THROTTLE_MM_S2, lattice(error * 2)) if error > 0 else lattice(error * 5)
        moved_mm, self.speed_mm_s, self.accel_mm_s2 = advance(
            self.speed_mm_s, max(-grip_mm_s2, accel_mm_s2)
        )
        self.gap_mm -= moved_mm

    def _safe(self, ego_speed_mm_s: int) -> int:
        """Speed from which it can stop behind the ego (Gipps)."""
        reach_mm_s = BRAKING_MM_S2 * REACTION_MS // 1_000
        room_mm = self.gap_mm - STANDSTILL_MM
        square = (
            reach_mm_s * reach_mm_s + ego_speed_mm_s * ego_speed_mm_s + 2 * BRAKING_MM_S2 * room_mm
        )
        return max(0, isqrt(square) - reach_mm_s) if square > 0 else 0


class Sirens:
    """The emergency vehicles near the ego in one trip."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._junctions = junctions_of(world.network)
        self._ahead: tuple[tuple[int, int], ...] = ()
        """(place from the start of the link [mm], junction) within hearing."""
        self._since: dict[int, dict[int, int]] = {}
        """By junction, since when each that comes to it can be heard."""
        self.heard: tuple[Siren, ...] = ()
        self.node_mm = NOTHING
        """Road to the nearest junction that one is heard to cross."""
        self._last = LinkId(-1)
        """Link that the ego is on."""
        self.zone: SirenZone | None = None
        self.chaser: Chaser | None = None
        self.aside_ms = 0
        self._looked_until_ms = world.time_ms

    @property
    def aside_permille(self) -> int:
        """How far the ego has moved to the kerb's side of its lane."""
        return self.aside_ms * 1_000 // ASIDE_MS

    # -- along the road ---------------------------------------------------------------------------

    def enter(self, link: Link, *, goes_on: bool) -> None:
        """Take note that the ego has come onto a link."""
        self._ahead = junctions_ahead(self._world.network, link, self._junctions)
        turned_round, self._last = link.reverse == self._last, link.id
        chaser = self.chaser
        if chaser is None:
            return
        if link.against_oneway or turned_round or not (goes_on or self._stays(chaser, link)):
            self.chaser = None
            return
        chaser.wish_mm_s = self._wish(link)
        if not goes_on:
            chaser.lane = self._world.lane

    def _stays(self, chaser: Chaser, link: Link) -> bool:
        """Whether one that is still behind takes the ego's turn."""
        word = draw(self._world.trip.seed, Stream.SIREN_STAYS, chaser.key, link.id)
        return chaser.gap_mm > 0 and happens(word, STAYS_PPM)

    def pass_node(self, turn: Turn, inside_mm: int) -> None:
        """Take note that the ego has come into a junction, if it is one."""
        self.leave()
        world = self._world
        node = world.network.link(turn.from_link).to_node
        if node in self._junctions and crosses(world.network, turn):
            heard = self._since.get(node, {})
            zone = SirenZone(turn, world.streams, world.time_ms, inside_mm, heard)
            self.zone = None if zone.is_empty else zone

    def leave(self) -> None:
        """The ego is clear of the junction, or the trip has ended in it."""
        if self.zone:
            self._world.trace.events.append(self.zone.account(self._world.time_ms))
            self.zone = None

    # -- one tick ---------------------------------------------------------------------------------

    def step(self, moved_mm: int, *, aside: bool) -> None:
        """Let one tick pass; the ego has moved so far."""
        world = self._world
        change = TICK_MS if aside else -TICK_MS
        self.aside_ms = max(0, min(ASIDE_MS, self.aside_ms + change))
        if self.zone:
            self.zone.step(world.grip_mm_s2)
            if self.zone.advance(moved_mm):
                self.leave()
        chaser = self.chaser
        if chaser:
            chaser.gap_mm += moved_mm
            chaser.step(world.speed_mm_s, world.grip_mm_s2, is_free=self._may_pass(chaser))
            self._make_others_way(chaser)
            if chaser.gap_mm < -PASSED_MM:
                self.chaser = None

    def listen(self) -> None:
        """Hear who is near now, and note it in the trace."""
        world, now = self._world, self._world.time_ms
        if self.chaser is None:
            self._meet_chaser(now)
        self._looked_until_ms = now
        found, self.node_mm = [], NOTHING
        for place_mm, node in self._ahead:
            road_mm = place_mm - world.s_mm
            for at in self._coming(node, road_mm, now):
                self._since.setdefault(node, {}).setdefault(at, now)
                found.append(Siren(node, at - now, at + LINGER_MS - now))
                self.node_mm = min(self.node_mm, road_mm)
        self.heard = tuple(found)
        if found or self.chaser:
            self._record(self.chaser)

    def touches(self) -> bool:
        """Whether the one from behind and the ego touch."""
        chaser = self.chaser
        if chaser is None or not -PASSED_MM <= chaser.gap_mm <= 0:
            return False
        return self._holds_lane(chaser) and self.aside_permille < IN_THE_WAY_PERMILLE

    def gap_and_lane(self) -> tuple[int, int]:
        """Gap to the one from behind, and its lane."""
        return (self.chaser.gap_mm, self.chaser.lane) if self.chaser else (NOTHING, -1)

    def _record(self, chaser: Chaser | None) -> None:
        behind = (NOTHING, 0, 0, -1)
        if chaser:
            behind = (chaser.gap_mm, chaser.speed_mm_s, chaser.wish_mm_s, chaser.lane)
        row = (self._world.time_ms, self.node_mm, *behind, self.aside_permille)
        self._world.trace.sirens.extend(row)

    def _coming(self, node: int, road_mm: int, now: int) -> list[int]:
        """Times at which those come to a junction that can be heard from the ego now."""
        if not 0 <= road_mm <= HEARD_MM:
            return []
        way_mm = isqrt(HEARD_MM * HEARD_MM - road_mm * road_mm)  # as if it came at a right angle
        ahead_ms = way_mm * 1_000 // CROSSES_MM_S
        return self._world.streams.sirens_at(node, now - LINGER_MS + 1, now + ahead_ms)

    # -- from behind ------------------------------------------------------------------------------

    def _wish(self, link: Link) -> int:
        pace = self._world.streams.pace_permille
        wish_mm_s = link.speed_mm_s * HURRY_PERMILLE * pace // 1_000_000
        return wish_mm_s - wish_mm_s % SPEED_STEP_MM_S

    def _meet_chaser(self, now: int) -> None:
        world = self._world
        link = world.link
        if link.against_oneway:
            return
        times = world.streams.sirens_behind(link.id, self._looked_until_ms + 1, now)
        if times:
            key = (link.id << 20) + times[0] % (1 << 20)
            self.chaser = Chaser(key, self._wish(link), world.lane)

    def _holds_lane(self, chaser: Chaser) -> bool:
        """Whether the ego occupies the lane of the one from behind."""
        world = self._world
        share = world.lateral_permille()
        if chaser.lane == world.target_lane:
            return world.target_lane == world.lane or share > COMES_PERMILLE
        return chaser.lane == world.lane and share < LEAVES_PERMILLE

    def _may_pass(self, chaser: Chaser) -> bool:
        """Whether the ego leaves room: another lane, or aside at half the limit or less."""
        world = self._world
        if not self._holds_lane(chaser):
            return True
        is_slow = 2 * world.speed_mm_s <= world.link.speed_mm_s or chaser.gap_mm <= 0
        return self.aside_ms == ASIDE_MS and is_slow

    def _make_others_way(self, chaser: Chaser) -> None:
        neighbors = self._world.neighbors
        follower = neighbors.follower
        if follower and chaser.gap_mm <= follower.gap_mm + MADE_WAY_MM:
            neighbors.follower = None


def crosses(network: RoadNetwork, turn: Turn) -> bool:
    """Whether anybody crosses the end of a link: not on motorways and ramps, nor in mid-road."""
    link = network.link(turn.from_link)
    is_apart = link.road_class is RoadClass.MOTORWAY or link.is_ramp
    return not is_apart and not (turn.ban is None and network.goes_on(turn))


def junctions_ahead(
    network: RoadNetwork, link: Link, junctions: frozenset[int]
) -> tuple[tuple[int, int], ...]:
    """Junctions that can be heard from a link, each with its place from the start of that link."""
    found: dict[int, int] = {}
    seen: set[LinkId] = set()
    reached = [(link.length_mm, link.id)]
    horizon_mm = link.length_mm + HEARD_MM
    while reached:
        place_mm, last = reached.pop(0)
        if last in seen:
            continue
        seen.add(last)
        turns = (*network.turns_from(last), *network.illegal_turns_from(last))
        node = network.link(last).to_node
        if node in junctions and any(crosses(network, turn) for turn in turns):
            found[node] = min(place_mm, found.get(node, place_mm))
        beyond = ((place_mm + network.link(turn.to_link).length_mm, turn.to_link) for turn in turns)
        reached = sorted((*reached, *((at, ahead) for at, ahead in beyond if at <= horizon_mm)))
    return tuple((place_mm, node) for node, place_mm in found.items())


def nearest_crossing(world: "World") -> Crossing | None:
    """The vehicle with priority, siren or not, that is nearest to the zone the ego is in."""
    own = world.zone.crossing if world.zone else None
    siren = world.sirens.zone.crossing if world.sirens and world.sirens.zone else None
    if own is None or siren is None:
        return own or siren
    return min(own, siren, key=lambda one: one.gap_mm)
