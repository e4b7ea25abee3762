"""
People on foot who cross the street that the ego turns into.

They come to the kerb as a Poisson process of their own, look, and step out if the ego can still
stop for them; a few do not look. Nobody walks into a car that is already passing. Contact follows
from where car and person are.
"""

from dataclasses import dataclass
from math import isqrt
from typing import Final

from guiderail.maps.network import Link, LinkId, Turn, TurnKind
from guiderail.sim.contract.draw import Stream, TripSeed, below, draw, happens
from guiderail.sim.contract.lattice import NOTHING, TICK_MS
from guiderail.sim.contract.messages import Command
from guiderail.sim.contract.quantiles import normal_permille
from guiderail.sim.contract.trace import Trace
from guiderail.sim.world.approach import Approach
from guiderail.sim.world.ego import Ego
from guiderail.sim.world.hazards.hazard import Hazard
from guiderail.sim.world.motion import CAR_LENGTH_MM
from guiderail.sim.world.setting import Setting
from guiderail.sim.world.traffic.neighbors import Neighbors

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
MOVES_MM_S: Final = 100
"""A car slower than this hits nobody: it stands."""
PAUSE_MS: Final = 700
"""A person does not step before a car that would be there within this time."""
CARELESS_PPM: Final = 10_000
"""Share of people who do not look (assumption)."""
SEEN_COMING_MS: Final = 5_000
"""So long before reaching the kerb a person can be seen to be about to cross (7 m of pavement)."""


@dataclass(slots=True, init=False)
class Pedestrian:
    """One person crossing."""

    arrives_ms: int
    """When this person comes to the kerb."""
    speed_mm_s: int
    """Across the road, positive to the left."""
    lateral_mm: int
    """From the right kerb, in the direction of the link."""
    is_careless: bool
    """Whether this person does not look."""
    walks: bool

    def __init__(self, arrives_ms: int, seed: TripSeed, key: int, width_mm: int) -> None:
        style = draw(seed, Stream.WALKER_STYLE, key, 0)
        pace = WALK_MM_S + WALK_SPREAD_MM_S * normal_permille(style) // 1_000
        pace = max(SLOWEST_MM_S, pace)
        from_left = below(draw(seed, Stream.WALKER_STYLE, key, 1), 2)
        self.is_careless = happens(draw(seed, Stream.WALKER_STYLE, key, 2), CARELESS_PPM)
        self.arrives_ms = arrives_ms
        self.speed_mm_s = -pace if from_left else pace
        self.lateral_mm = width_mm if from_left else 0
        self.walks = False


def has_crossing(turn: Turn, target: Link) -> bool:
    """Whether people cross the street that a turn leads into."""
    bends = abs(turn.angle_cdeg) >= TURNS_CDEG and turn.kind is not TurnKind.U_TURN
    return bends and target.length_mm >= SHORTEST_LINK_MM and not target.is_roundabout


@dataclass(slots=True)
class Crosswalk:
    """The people at one crossing while the ego is near."""

    turn: Turn
    """The ego's turn, into the street that they cross."""
    width_mm: int
    """Of that street, both directions."""
    known_ms: int
    """Until when it is known who comes."""
    people: list[Pedestrian]

    def earliest_ms(self, lane: int, time_ms: int) -> int:
        """Time until the first person could be in the ego's lane; 0 for who is in it [ms]."""
        waits = (self._wait_ms(walker, lane, time_ms) for walker in self.people)
        return min(waits, default=NOTHING)

    def _wait_ms(self, walker: Pedestrian, lane: int, time_ms: int) -> int:
        aside_mm = self._aside_mm(walker, lane)
        if aside_mm is None:
            return NOTHING
        return max(0, walker.arrives_ms - time_ms) + aside_mm * 1_000 // abs(walker.speed_mm_s)

    def nearest_aside_mm(self, lane: int) -> int:
        """Way of the nearest person to the side of the ego [mm]; 0 is before it."""
        asides = (self._aside_mm(walker, lane) for walker in self.people)
        return min((aside_mm for aside_mm in asides if aside_mm is not None), default=NOTHING)

    def is_over(self, walker: Pedestrian) -> bool:
        """Whether a person has crossed."""
        return walker.walks and not 0 <= walker.lateral_mm <= self.width_mm

    def _aside_mm(self, walker: Pedestrian, lane: int) -> int | None:
        """Way to the strip that the ego drives in, 0 within it; None for who is past it."""
        first = lane * LANE_MM + CAR_SIDE_MM - BODY_MM
        last = (lane + 1) * LANE_MM - CAR_SIDE_MM + BODY_MM
        ahead = first - walker.lateral_mm if walker.speed_mm_s > 0 else walker.lateral_mm - last
        if ahead > 0:
            return ahead
        is_past = walker.lateral_mm > last if walker.speed_mm_s > 0 else walker.lateral_mm < first
        return None if is_past else 0

    def pauses(self, walker: Pedestrian, road_mm: int, speed_mm_s: int, lane: int) -> bool:
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


def crosswalk_of(setting: Setting, turn: Turn, time_ms: int) -> Crosswalk:
    """The crossing of a turn as the ego comes near: some people are on it already."""
    network = setting.network
    target = network.link(turn.to_link)
    back = 0 if target.reverse < 0 or target.is_oneway else network.link(target.reverse).lanes
    width_mm = LANE_MM * (target.lanes + back)
    crosswalk = Crosswalk(turn, width_mm, time_ms, [])
    walk_ms = width_mm * 1_000 // SLOWEST_MM_S
    people = _coming(setting, crosswalk, time_ms - walk_ms, time_ms)
    for walker in people:  # nobody was in their way so far
        walker.walks = True
        walker.lateral_mm += walker.speed_mm_s * (time_ms - walker.arrives_ms) // 1_000
    crosswalk.people = [walker for walker in people if not crosswalk.is_over(walker)]
    return crosswalk


def _coming(setting: Setting, crosswalk: Crosswalk, from_ms: int, to_ms: int) -> list[Pedestrian]:
    """Whoever comes to the kerb in a span, ``from_ms`` not included."""
    link, seed = crosswalk.turn.to_link, setting.trip.seed
    times = setting.flow.walker_arrivals(link, from_ms + 1, to_ms)
    return [Pedestrian(at, seed, _key(link, at), crosswalk.width_mm) for at in times]


@dataclass(slots=True)
class PedestriansState:
    """Which people the ego meets: those at the crossing of the turn that it is about to make."""

    crosswalk: Crosswalk | None = None
    exit_lane: int = 0
    """Lane that the ego will be in there."""


class Pedestrians(Hazard):
    """People on foot at the crossing that the ego comes to."""

    name = "pedestrians"

    def __init__(self, setting: Setting, ego: Ego, neighbors: Neighbors, trace: Trace) -> None:
        super().__init__(setting, ego, neighbors, trace)
        self.state: PedestriansState = PedestriansState()

    @classmethod
    def exists(cls, setting: Setting) -> bool:
        """Whether anybody is about on foot."""
        return setting.trip.conditions.walkers_per_hour > 0

    def meet(self, approach: Approach, command: Command, time_ms: int) -> None:
        """Take note of the people at the crossing of the commanded turn, once it is near."""
        state, ego, network = self.state, self.ego, self.setting.network
        is_far = ego.link.length_mm - ego.s_mm > NEAR_MM
        if state.crosswalk is None and is_far:
            return
        state.exit_lane = command.exit_lane
        if state.crosswalk is not None:
            if state.crosswalk.turn.to_link in (command.next_link, ego.link.id):
                return
            state.crosswalk = None
        if is_far:
            return
        turn = approach.turns.get(command.next_link)
        if turn is not None and has_crossing(turn, network.link(turn.to_link)):
            state.crosswalk = crosswalk_of(self.setting, turn, time_ms)

    def act(self, time_ms: int) -> None:
        """Let everybody walk for one tick, after the ego has moved."""
        crosswalk = self.state.crosswalk
        if crosswalk is None:
            return
        turn, road_mm = crosswalk.turn, self.road_mm()
        if self.ego.link.id not in (turn.from_link, turn.to_link) or road_mm < -CAR_LENGTH_MM:
            self.state.crosswalk = None
        else:
            self._walk(crosswalk, road_mm, time_ms)

    def _walk(self, crosswalk: Crosswalk, road_mm: int, time_ms: int) -> None:
        speed_mm_s, lane = self.ego.speed_mm_s, self._lane(crosswalk)
        until_ms = time_ms + SEEN_COMING_MS
        crosswalk.people += _coming(self.setting, crosswalk, crosswalk.known_ms, until_ms)
        crosswalk.known_ms = max(crosswalk.known_ms, until_ms)
        for walker in crosswalk.people:
            if time_ms < walker.arrives_ms:
                continue
            steps_out = walker.walks or walker.is_careless or _can_stop(road_mm, speed_mm_s)
            walker.walks = steps_out
            if steps_out and not crosswalk.pauses(walker, road_mm, speed_mm_s, lane):
                walker.lateral_mm += walker.speed_mm_s * TICK_MS // 1_000
        crosswalk.people = [one for one in crosswalk.people if not crosswalk.is_over(one)]

    def skip(self) -> None:
        """Forget them: who crosses meanwhile is met anew when the car moves on."""
        self.state.crosswalk = None

    def touches(self) -> bool:
        """Whether somebody is before the moving car or under it."""
        if self.state.crosswalk is None:
            return False
        is_over = -CAR_LENGTH_MM <= self.road_mm() <= 0
        return self.ego.speed_mm_s > MOVES_MM_S and is_over and self.aside_mm() == 0

    def road_mm(self) -> int:
        """Road from the front bumper to the crossing; negative beyond it, NOTHING for none."""
        if self.state.crosswalk is None:
            return NOTHING
        ego, turn = self.ego, self.state.crosswalk.turn
        beyond_mm = CROSSING_MM - ego.s_mm
        return beyond_mm if ego.link.id == turn.to_link else beyond_mm + ego.link.length_mm

    def aside_mm(self) -> int:
        """Way of the nearest person to the side of the car [mm]; 0 is before it."""
        crosswalk = self.state.crosswalk
        return NOTHING if crosswalk is None else crosswalk.nearest_aside_mm(self._lane(crosswalk))

    def earliest_ms(self, time_ms: int) -> int:
        """Time until the first person could be in the ego's way; NOTHING for nobody."""
        crosswalk = self.state.crosswalk
        if crosswalk is None:
            return NOTHING
        return crosswalk.earliest_ms(self._lane(crosswalk), time_ms)

    def _lane(self, crosswalk: Crosswalk) -> int:
        if self.ego.link.id == crosswalk.turn.to_link:
            return self.ego.lane
        lanes = self.setting.network.link(crosswalk.turn.to_link).lanes
        return min(self.state.exit_lane, lanes - 1)
