"""
People on foot who cross the street that the ego turns into.

They come to the kerb as a Poisson process of their own, look, and step out if the ego can still
stop for them; a few do not look. Nobody walks into a car that is already passing. Contact follows
from where car and person are.
"""

from math import isqrt
from typing import TYPE_CHECKING, Final

from guiderail.maps.network import Link, LinkId, Turn, TurnKind
from guiderail.sim.contract.draw import Stream, TripSeed, below, draw, happens
from guiderail.sim.contract.lattice import NOTHING, TICK_MS
from guiderail.sim.contract.messages import Command
from guiderail.sim.contract.quantiles import normal_permille
from guiderail.sim.world.motion import CAR_LENGTH_MM
from guiderail.sim.world.traffic.flow import Streams

if TYPE_CHECKING:
    from guiderail.sim.world.world import World

CROSSING_MM: Final = 6_000
"""The crossing lies so far beyond the node, a car's length behind the corner (usual layout)."""
SHORTEST_LINK_MM: Final = 20_000
"""Nobody crosses on a link shorter than this: it is a part of the junction."""
TURNS_CDEG: Final = 4_500
"""A turn of at least 45 degrees cuts across the way of people who go along the road left."""
NEAR_MM: Final = 70_000
"""From here on the people at the crossing take note of the ego."""
LANE_MM: Final = 3_250
CAR_SIDE_MM: Final = (LANE_MM - 1_800) // 2
BODY_MM: Final = 300
"""Half of a person's width, with a hand's breadth to spare."""
WALK_MM_S: Final = 1_340
"""Mean walking speed; spread 0.2 m/s (free walking, Weidmann 1993: 1.34 m/s)."""
WALK_SPREAD_MM_S: Final = 200
SLOWEST_MM_S: Final = 800
LOOKS_BRAKING_MM_S2: Final = 3_000
"""Somebody at the kerb steps out if the car can stop so gently after a second (assumption)."""
LOOKS_REACTION_MS: Final = 1_000
YIELDS_MM_S: Final = 1_500
"""A car as slow as this is taken to wait."""
PAUSE_MS: Final = 700
"""A person does not step before a car that would be there within this time."""
CARELESS_PPM: Final = 10_000
"""Share of people who do not look (assumption)."""
SEEN_COMING_MS: Final = 5_000
"""So long before reaching the kerb a person can be seen to be about to cross (7 m of pavement)."""


class Walker:
    """One person crossing."""

    __slots__ = ("arrives_ms", "is_careless", "lateral_mm", "speed_mm_s", "walks")

    def __init__(self, arrives_ms: int, seed: TripSeed, key: int, width_mm: int) -> None:
        style = draw(seed, Stream.WALKER_STYLE, key, 0)
        pace = WALK_MM_S + WALK_SPREAD_MM_S * normal_permille(style) // 1_000
        pace = max(SLOWEST_MM_S, pace)
        from_left = below(draw(seed, Stream.WALKER_STYLE, key, 1), 2)
        self.is_careless = happens(draw(seed, Stream.WALKER_STYLE, key, 2), CARELESS_PPM)
        self.arrives_ms = arrives_ms
        self.speed_mm_s = -pace if from_left else pace
        """Across the road, positive to the left [mm/s]."""
        self.lateral_mm = width_mm if from_left else 0
        """From the right kerb, in the direction of the link."""
        self.walks = False


def has_crossing(turn: Turn, target: Link) -> bool:
    """Whether people cross the street that a turn leads into."""
    bends = abs(turn.angle_cdeg) >= TURNS_CDEG and turn.kind is not TurnKind.U_TURN
    return bends and target.length_mm >= SHORTEST_LINK_MM and not target.is_roundabout


class Walkers:
    """The people at one crossing while the ego is near."""

    def __init__(self, turn: Turn, streams: Streams, seed: TripSeed, time_ms: int) -> None:
        self.turn = turn
        self._streams = streams
        self._seed = seed
        target = streams.link(turn.to_link)
        reverse = 0 if target.reverse < 0 else streams.link(target.reverse).lanes
        self.width_mm = LANE_MM * (target.lanes + (0 if target.is_oneway else reverse))
        self._known_ms = time_ms
        walk_ms = self.width_mm * 1_000 // SLOWEST_MM_S
        self._people = self._coming(time_ms - walk_ms, time_ms)
        for walker in self._people:  # nobody was in their way so far
            walker.walks = True
            walker.lateral_mm += walker.speed_mm_s * (time_ms - walker.arrives_ms) // 1_000
        self._people = [walker for walker in self._people if not self._is_over(walker)]

    def step(self, time_ms: int, road_mm: int, speed_mm_s: int, lane: int) -> None:
        """Let everybody take one tick; ``road_mm`` is the ego's road to the crossing."""
        self._people += self._coming(self._known_ms, time_ms + SEEN_COMING_MS)
        self._known_ms = max(self._known_ms, time_ms + SEEN_COMING_MS)
        for walker in self._people:
            if time_ms < walker.arrives_ms:
                continue
            walker.walks = walker.walks or walker.is_careless or _can_stop(road_mm, speed_mm_s)
            if walker.walks and not self._pauses(walker, road_mm, speed_mm_s, lane):
                walker.lateral_mm += walker.speed_mm_s * TICK_MS // 1_000
        self._people = [walker for walker in self._people if not self._is_over(walker)]

    def earliest_ms(self, lane: int, time_ms: int) -> int:
        """Time until the first person could be in the ego's lane; 0 for who is in it [ms]."""
        waits = (self._wait_ms(walker, lane, time_ms) for walker in self._people)
        return min(waits, default=NOTHING)

    def _wait_ms(self, walker: Walker, lane: int, time_ms: int) -> int:
        aside_mm = self._aside_mm(walker, lane)
        if aside_mm is None:
            return NOTHING
        return max(0, walker.arrives_ms - time_ms) + aside_mm * 1_000 // abs(walker.speed_mm_s)

    def nearest_aside_mm(self, lane: int) -> int:
        """Way of the nearest person to the side of the ego [mm]; 0 is before it."""
        asides = (self._aside_mm(walker, lane) for walker in self._people)
        return min((aside_mm for aside_mm in asides if aside_mm is not None), default=NOTHING)

    def _coming(self, from_ms: int, to_ms: int) -> list[Walker]:
        link = self.turn.to_link
        times = self._streams.walker_arrivals(link, from_ms + 1, to_ms)
        return [Walker(at, self._seed, _key(link, at), self.width_mm) for at in times]

    def _is_over(self, walker: Walker) -> bool:
        return walker.walks and not 0 <= walker.lateral_mm <= self.width_mm

    def _aside_mm(self, walker: Walker, lane: int) -> int | None:
        """Way to the strip that the ego drives in, 0 within it; None for who is past it."""
        first = lane * LANE_MM + CAR_SIDE_MM - BODY_MM
        last = (lane + 1) * LANE_MM - CAR_SIDE_MM + BODY_MM
        ahead = first - walker.lateral_mm if walker.speed_mm_s > 0 else walker.lateral_mm - last
        if ahead > 0:
            return ahead
        is_past = walker.lateral_mm > last if walker.speed_mm_s > 0 else walker.lateral_mm < first
        return None if is_past else 0

    def _pauses(self, walker: Walker, road_mm: int, speed_mm_s: int, lane: int) -> bool:
        """Whether a person about to step before the car lets it pass first."""
        aside_mm = self._aside_mm(walker, lane)
        if aside_mm is None or not 0 < aside_mm <= abs(walker.speed_mm_s) * PAUSE_MS // 1_000:
            return False
        if -CAR_LENGTH_MM <= road_mm <= 0:
            return True  # nobody walks through a car
        comes = road_mm > 0 and speed_mm_s > YIELDS_MM_S and road_mm * 1_000 < speed_mm_s * PAUSE_MS
        return comes and not walker.is_careless


def _can_stop(road_mm: int, speed_mm_s: int) -> bool:
    """Whether a person at the kerb trusts the car to stop, or sees that it is past."""
    if road_mm < -CAR_LENGTH_MM or speed_mm_s <= YIELDS_MM_S:
        return True
    room_mm = road_mm - speed_mm_s * LOOKS_REACTION_MS // 1_000
    return room_mm > 0 and speed_mm_s <= isqrt(2 * LOOKS_BRAKING_MM_S2 * room_mm)


def _key(link: LinkId, time_ms: int) -> int:
    return (link << 20) + time_ms % (1 << 20)


class Pavement:
    """Which people the ego meets: those at the crossing of the turn that it is about to make."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._exit_lane = 0
        self.people: Walkers | None = None

    def look(self, command: Command) -> None:
        """Take note of the people at the crossing of the commanded turn, once it is near."""
        self._exit_lane = command.exit_lane
        world, people = self._world, self.people
        if people is not None:
            if people.turn.to_link in (command.next_link, world.link.id):
                return
            self.people = None
        if world.link.length_mm - world.s_mm > NEAR_MM:
            return
        turn = world.turn_to(command.next_link)
        if turn is not None and has_crossing(turn, world.network.link(turn.to_link)):
            self.people = Walkers(turn, world.streams, world.trip.seed, world.time_ms)

    def step(self) -> None:
        """Let one tick pass, after the ego has moved."""
        world, people, road_mm = self._world, self.people, self.road_mm()
        if people is None:
            return
        turn = people.turn
        if world.link.id not in (turn.from_link, turn.to_link) or road_mm < -CAR_LENGTH_MM:
            self.people = None
        else:
            people.step(world.time_ms, road_mm, world.speed_mm_s, self._lane())

    def forget(self) -> None:
        """Ticks are skipped: whoever crosses meanwhile is met anew when the car moves on."""
        self.people = None

    def road_mm(self) -> int:
        """Road from the front bumper to the crossing; negative beyond it, NOTHING for none."""
        if self.people is None:
            return NOTHING
        world, turn = self._world, self.people.turn
        beyond = CROSSING_MM - world.s_mm
        return beyond if world.link.id == turn.to_link else beyond + world.link.length_mm

    def aside_mm(self) -> int:
        """Way of the nearest person to the side of the car [mm]; 0 is before it."""
        return NOTHING if self.people is None else self.people.nearest_aside_mm(self._lane())

    def earliest_ms(self) -> int:
        """Time until the first person could be in the ego's way; NOTHING for nobody."""
        if self.people is None:
            return NOTHING
        return self.people.earliest_ms(self._lane(), self._world.time_ms)

    def _lane(self) -> int:
        world = self._world
        if self.people is None or world.link.id == self.people.turn.to_link:
            return world.lane
        return min(self._exit_lane, world.network.link(self.people.turn.to_link).lanes - 1)
