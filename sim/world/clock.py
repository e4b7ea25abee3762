"""
The clock of one trip: SimPy processes for the ego and for the guide's voice.

The clock counts ``time_ms * 16 + rank``, one rank per kind of event, so that no two kinds ever tie.
Nothing polls: the ego sleeps from tick to tick, and through a red light until something moves; a
message wakes it. **The world never waits for the guide**: an answer lands its latency after the
question, and the car has moved on.
"""

from collections.abc import Generator
from typing import Any, Final

import simpy

from guiderail.maps.network import Link, RoadNetwork
from guiderail.sim.contract.lattice import TICK_MS
from guiderail.sim.contract.messages import Advice, Command, Light, Observation, Perception, Verdict
from guiderail.sim.contract.ports import Driver, Guide
from guiderail.sim.contract.trace import Heard, Trace
from guiderail.sim.contract.trip import Trip
from guiderail.sim.world.world import World

Process = Generator[simpy.Event, Any, None]
"""A SimPy process."""

RANKS: Final = 16
RANK_SPEECH: Final = 4
RANK_EGO: Final = 8
SECOND_OCCASION_MM: Final = 150_000
"""On a link longer than this the guide is asked again so far before its end."""
ROUTE_SHOWN: Final = 40
"""Links of the planned route that a guide is shown, the goal added."""
VERDICTS_SHOWN: Final = 8


def simulate(network: RoadNetwork, trip: Trip, driver: Driver, guide: Guide) -> Trace:
    """
    Run one trip and return what happened.

    Everything random is a pure function of the trip's seed, so the same trip, driver and guide give
    the same trace, bit for bit.
    """
    trace = Trace(
        map_digest=network.header.get("digest", ""),
        arm=driver.name,
        start_link=trip.origin,
        start_mm=trip.origin_mm,
        goal_link=trip.goal,
        goal_mm=trip.goal_mm,
        friction_permille=trip.conditions.friction_permille,
        assumed_friction_permille=trip.assumed_friction_permille,
        closed=trip.closed,
        time_limit_ms=trip.time_limit_ms,
    )
    Drive(World(network, trip, trace), driver, guide).run()
    return trace


class Drive:
    """One trip under way."""

    def __init__(self, world: World, driver: Driver, guide: Guide) -> None:
        self._world = world
        self._driver = driver
        self._guide = guide
        self._env = simpy.Environment(initial_time=RANK_EGO)
        self._asleep = False
        self._guide_is_busy = False
        self._occasion = 0
        self._asked_on: Link | None = None
        self._due_mm = -1
        """The next occasion on this link comes with this much road left; -1 for never."""
        self._verdicts: list[Verdict] = []
        self._command = Command(0, world.ego.link.id)
        """What the driver wants now; it also says where the driver looks."""

    def run(self) -> None:
        """Drive until the trip ends."""
        self._ego = self._env.process(self._drive())
        self._env.run(until=self._ego)

    def _drive(self) -> Process:
        """Perceive, decide, move; hand over whenever somebody else has something to do."""
        world, driver, env = self._world, self._driver, self._env
        state = world.state
        while state.outcome is None:
            self._give_occasion()
            world.meet(self._command)
            seen = world.perceive(self._command)
            self._command = command = driver.command(seen)
            self._note_news()
            if seen.speed_mm_s == 0:
                until_ms = self._standstill_until(seen, command)
                if until_ms > state.time_ms + TICK_MS:
                    yield from self._sleep(until_ms)
                    continue
            world.step(command)
            # The clock comes to where the car is only if anybody else acts before or then.
            due = state.time_ms * RANKS + RANK_EGO
            if env.peek() <= due:
                yield env.timeout(due - env.now)

    def _sleep(self, until_ms: int) -> Process:
        """Skip ticks in which nothing moves; words may wake the car early."""
        env, world = self._env, self._world
        self._asleep = True
        try:
            yield env.timeout(until_ms * RANKS + RANK_EGO - env.now)
            world.stand_until(until_ms)
            world.record()
        except simpy.Interrupt:
            # Words alone leave no row: a stream that is refused leaves the same motion as silence.
            yield env.timeout(RANK_EGO - RANK_SPEECH)
        self._asleep = False

    def _standstill_until(self, seen: Perception, command: Command) -> int:
        """Time until which nothing around a waiting car moves; 0 if something does."""
        world = self._world
        if seen.accel_mm_s2 or command.accel_mm_s2 > 0 or command.lane_step:
            return 0
        if seen.light not in (Light.RED, Light.YELLOW) or world.approach.plan is None:
            return 0
        if seen.target_lane != seen.lane or command.turn_back or not world.others_rest():
            return 0
        latest_ms = world.trip.time_limit_ms - TICK_MS  # the trip ends in a tick like any other
        # Rounded up to the tick in which a change is noticed.
        change_ms = -(-world.closures.due_ms // TICK_MS) * TICK_MS
        return min(world.approach.plan.next_change_ms(world.time_ms), latest_ms, change_ms)

    def _note_news(self) -> None:
        news = self._driver.news()
        if news:
            self._world.trace.events.extend(news)

    # -- the guide's voice ------------------------------------------------------------------------

    def _give_occasion(self) -> None:
        """Ask the guide where there is a choice; while it still thinks, the occasion is lost."""
        world, ego = self._world, self._world.ego
        if ego.link is not self._asked_on:
            self._asked_on = ego.link
            self._due_mm = ego.link.length_mm if world.approach.choices() > 1 else -1
        left_mm = ego.link.length_mm - ego.s_mm
        if left_mm > self._due_mm:
            return
        self._due_mm = SECOND_OCCASION_MM if left_mm > SECOND_OCCASION_MM else -1
        if not self._guide_is_busy:
            self._ask()

    def _ask(self) -> None:
        world = self._world
        seen = self._observation()
        self._occasion += 1
        advice = self._guide.advise(seen)
        if advice is not None:
            self._guide_is_busy = True
            self._env.process(self._speak(advice, seen, world.time_ms))

    def _observation(self) -> Observation:
        world = self._world
        route = self._driver.route()
        shown = route if len(route) <= ROUTE_SHOWN else (*route[:ROUTE_SHOWN], route[-1])
        return Observation(
            time_ms=world.time_ms,
            occasion=self._occasion,
            link=world.ego.link.id,
            distance_to_node_mm=world.ego.link.length_mm - world.ego.s_mm,
            speed_mm_s=world.ego.speed_mm_s,
            lane=world.ego.lane,
            route=shown,
            goal=world.trip.goal,
            goal_name=world.trip.goal_name,
            eta_ms=self._driver.remaining_ms(),
            reported_closed=world.closures.reported(world.time_ms),
            verdicts=tuple(self._verdicts[-VERDICTS_SHOWN:]),
        )

    def _speak(self, advice: Advice, seen: Observation, asked_ms: int) -> Process:
        """Think and talk for the latency, then be heard; the car has driven on meanwhile."""
        ticks = max(1, -(-advice.latency_ms // TICK_MS))
        due = (asked_ms + ticks * TICK_MS) * RANKS + RANK_SPEECH
        yield self._env.timeout(due - self._env.now)
        self._guide_is_busy = False
        if self._asleep:
            self._ego.interrupt()
            self._world.stand_until((int(self._env.now) - RANK_SPEECH) // RANKS)
        self._hear(advice, seen, asked_ms)

    def _hear(self, advice: Advice, seen: Observation, asked_ms: int) -> None:
        world = self._world
        now_ms = (int(self._env.now) - RANK_SPEECH) // RANKS
        verdict = None
        if advice.proposal is not None:
            world.meet(self._command)
            verdict = self._driver.hear(advice.proposal, world.perceive(self._command))
            self._verdicts.append(verdict)
        world.trace.events.append(
            Heard(
                time_ms=now_ms,
                asked_ms=asked_ms,
                occasion=seen.occasion,
                link=world.ego.link.id,
                distance_to_node_mm=world.ego.link.length_mm - world.ego.s_mm,
                speed_mm_s=world.ego.speed_mm_s,
                advice=advice,
                verdict=verdict,
            )
        )
        self._note_news()
