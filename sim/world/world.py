"""
The world of one trip: moves the ego by the driver's command and everybody around it by themselves.

A crash is contact that the motion led to; leaving the road is more lateral acceleration than the
tires hold. Nothing here asks who drives or why.
"""

from math import isqrt
from typing import Final

from guiderail.maps.network import Conflict, Link, LinkId, RoadNetwork, Turn, TurnKind
from guiderail.sim.contract.errors import KernelError
from guiderail.sim.contract.lattice import ACCEL_STEP_MM_S2, NOTHING, TICK_MS
from guiderail.sim.contract.messages import LANE_CHANGE_MS, Command, Perception
from guiderail.sim.contract.trace import Outcome, Passing, Trace
from guiderail.sim.contract.trip import Trip
from guiderail.sim.world.contact import touches, touches_beside
from guiderail.sim.world.hazards.closures import Closures
from guiderail.sim.world.hazards.emergency_vehicles import Sirens
from guiderail.sim.world.hazards.pedestrians import NEAR_MM, Pavement
from guiderail.sim.world.hazards.queues import Queues
from guiderail.sim.world.motion import advance, granted, grip_mm_s2
from guiderail.sim.world.perception.faults import senses_of
from guiderail.sim.world.perception.recorder import lane_change_of, row_of
from guiderail.sim.world.perception.senses import closed_ahead
from guiderail.sim.world.traffic.actors import ONSET_MM_S2
from guiderail.sim.world.traffic.conflict_zone import Zone
from guiderail.sim.world.traffic.flow import Streams, weather_pace_permille
from guiderail.sim.world.traffic.lines import line_ahead_of, spare_a_late_stop, yielding_turn
from guiderail.sim.world.traffic.neighbors import Neighbors
from guiderail.sim.world.traffic.signals import Plan, Signals

QUICKEST_CHANGE_MS: Final = 2_000
"""A lane change takes what the driver takes for it, but 3.25 m to the side and back to straight ask
for 4.9 m/s^2 in less time than this."""
CREEPING_MM_S: Final = 1_000
"""Below this speed a car hardly moves sideways: a lane change waits."""
BARRIER_AT_MM: Final = 15_000
"""A closed link is barred this far in, or halfway if it is shorter than twice that."""
ARRIVAL_MM: Final = 5_000
"""Standing within this distance of the goal is having arrived."""
TURN_BACK_MS: Final = 15_000
"""Turning round before a barrier."""


class World:
    """Ground truth of one trip; one call of :meth:`step` is one tick."""

    def __init__(self, network: RoadNetwork, trip: Trip, trace: Trace) -> None:
        conditions = trip.conditions
        self.network = network
        self.trip = trip
        self.trace = trace
        self.streams = Streams(
            network,
            trip.seed,
            conditions.flow_per_hour,
            conditions.walkers_per_hour,
            weather_pace_permille(conditions.friction_permille),
            conditions.emergency_per_hour,
        )
        if trip.bottlenecks:
            self.streams.queues = Queues(network, trip.bottlenecks)
        self.signals = Signals(network, trip.seed)
        self.grip_mm_s2 = grip_mm_s2(conditions.friction_permille)
        self.neighbors = Neighbors(network, self.streams, trip.seed, self.grip_mm_s2)
        self.sight_mm = conditions.sight_mm
        self.time_ms = 0
        self.outcome: Outcome | None = None
        self.s_mm = trip.origin_mm
        self.speed_mm_s = 0
        self.accel_mm_s2 = 0
        self.lane = 0
        self.target_lane = 0
        self.lateral_ms = 0
        self.change_ms = LANE_CHANGE_MS
        self.radius_mm = 0
        self.arc_left_mm = 0
        self.barrier_mm = NOTHING
        self.minimal_risk = False
        self._turning_back_ms = 0
        self.zone: Zone | None = None
        """Conflict zone that the ego is in."""
        self.walks = conditions.walkers_per_hour > 0
        """Whether anybody is about on foot."""
        self.pavement = Pavement(self)
        self.closures = Closures(trip, trace)
        self.sirens = Sirens(self) if conditions.emergency_per_hour else None
        self._enter_link(network.link(trip.origin))
        self._senses = senses_of(self)
        self.record()

    def perceive(self, command: Command) -> Perception:
        """What the driver perceives now, looking where it said it would."""
        if self.walks and (self.pavement.people or self.link.length_mm - self.s_mm <= NEAR_MM):
            self.pavement.look(command)
        if self.time_ms >= self.closures.due_ms and self.closures.switch(self):
            self.closed_ahead = closed_ahead(self.network, self.link, self.closures.now)
            if self.link.id not in self.closures.now:
                self.barrier_mm = NOTHING
        return self._senses.perceive(command)

    def choices(self) -> int:
        """Ways to go on at the end of this link, legal or not; turning round is none."""
        return sum(turn.kind is not TurnKind.U_TURN for turn in self._turns.values())

    # -- one tick ---------------------------------------------------------------------------------

    def step(self, command: Command) -> None:
        """Let one tick pass."""
        self.time_ms += TICK_MS
        self.minimal_risk = command.minimal_risk
        if self._turning_back_ms or (command.turn_back and self.speed_mm_s == 0):
            self._turn_back()
        if command.lane_step:
            self._start_lane_change(command.lane_step, command.change_ms)
        before = self.accel_mm_s2
        asked = granted(command.accel_mm_s2, before, self.grip_mm_s2)
        if self.arc_left_mm:
            asked = self._within_ellipse(asked)
        moved_mm, self.speed_mm_s, self.accel_mm_s2 = advance(self.speed_mm_s, asked)
        self._move_others(moved_mm, onset=self.accel_mm_s2 <= ONSET_MM_S2 < before)
        if self.sirens:
            self.sirens.step(moved_mm, aside=command.aside)
        if self.target_lane != self.lane:
            self._finish_lane_change()
        self._go_on(moved_mm, command.next_link, command.exit_lane)
        if self.pavement.people:
            self.pavement.step()
        self.record()
        if self.outcome is None:
            self.outcome = self._end()
        if self.outcome is not None:
            self._close(self.outcome)

    def _close(self, outcome: Outcome) -> None:
        self._leave_zone()
        if self.sirens:
            self.sirens.leave()
        self.trace.outcome, self.trace.end_ms = outcome, self.time_ms

    def record(self) -> None:
        """Add a row to the trace."""
        if self.sirens:
            self.sirens.listen()
        self.trace.motion.extend(row_of(self))

    def stand_until(self, time_ms: int) -> None:
        """Skip ticks in which nothing moves; the caller has made sure that nothing does."""
        if self.speed_mm_s or self.accel_mm_s2:
            raise KernelError(f"cannot skip ticks at speed {self.speed_mm_s} mm/s")
        self.time_ms = time_ms
        self.pavement.forget()

    def others_rest(self) -> bool:
        """Whether nobody around will move before a light changes."""
        return self.zone is None and self.sirens is None and self.neighbors.rest(self.time_ms)

    def _within_ellipse(self, asked: int) -> int:
        """Share the grip between turning and braking."""
        lateral = self.speed_mm_s * self.speed_mm_s // self.radius_mm
        left_square = self.grip_mm_s2 * self.grip_mm_s2 - lateral * lateral
        left = isqrt(left_square) if left_square > 0 else 0
        left -= left % ACCEL_STEP_MM_S2
        return max(-left, min(asked, left))

    def _start_lane_change(self, step: int, change_ms: int) -> None:
        lane = self.lane + step
        if self.target_lane != self.lane or not 0 <= lane < self.link.lanes:
            return
        self.target_lane, self.lateral_ms = lane, 0
        self.change_ms = max(QUICKEST_CHANGE_MS, change_ms)
        # Nobody has moved in this tick yet: who is beside is who was seen beside.
        self._look_beside(lane, self.time_ms - TICK_MS)
        self.trace.events.append(lane_change_of(self, lane))

    def _look_beside(self, lane: int, time_ms: int) -> None:
        if self.link.against_oneway:
            return
        neighbors = self.neighbors
        neighbors.side_lead, neighbors.side_lag = neighbors.beside(
            self.link.id, lane, self.s_mm, time_ms
        )

    def lateral_permille(self) -> int:
        """How far the car has moved over to the lane it is changing to."""
        return self.lateral_ms * 1_000 // self.change_ms

    def _finish_lane_change(self) -> None:
        if self.speed_mm_s >= CREEPING_MM_S:
            self.lateral_ms += TICK_MS
        if self.lateral_ms >= self.change_ms:
            self._settle()

    def _settle(self) -> None:
        """The car is in its new lane: who was beside is now ahead and behind."""
        neighbors = self.neighbors
        self.lane, self.lateral_ms = self.target_lane, 0
        neighbors.leader, neighbors.follower = neighbors.side_lead, neighbors.side_lag
        neighbors.side_lead = neighbors.side_lag = None

    def _move_others(self, moved_mm: int, *, onset: bool) -> None:
        neighbors, seed, now = self.neighbors, self.trip.seed, self.time_ms
        leader = neighbors.leader
        if leader:
            leader.step(now, seed, line_ahead_of(self, leader), self.grip_mm_s2)
            leader.gap_mm -= moved_mm
        for follower in (neighbors.follower, neighbors.side_lag):
            if follower:
                if onset:
                    follower.notice_braking(seed, now, self.trip.conditions.lapses_ppm)
                follower.step(self.speed_mm_s, self.grip_mm_s2)
                follower.gap_mm += moved_mm
        if neighbors.side_lead:
            neighbors.side_lead.step(now, seed, -1, self.grip_mm_s2)
            neighbors.side_lead.gap_mm -= moved_mm
        neighbors.sort_beside()
        if neighbors.oncoming:
            neighbors.move_oncoming(moved_mm)
        if self.zone:
            self.zone.step(self.grip_mm_s2)

    # -- along the road ---------------------------------------------------------------------------

    def turn_to(self, next_link: LinkId) -> Turn | None:
        """Turn from here onto a link, legal or not."""
        return self._turns.get(next_link)

    def _go_on(self, moved_mm: int, next_link: LinkId, exit_lane: int) -> None:
        self.s_mm += moved_mm
        if self.arc_left_mm:
            self.arc_left_mm = max(0, self.arc_left_mm - moved_mm)
        if self.barrier_mm != NOTHING:
            self.barrier_mm -= moved_mm
        if self.zone and self.zone.advance(moved_mm):
            self._leave_zone()
        while self.s_mm > self.link.length_mm and self.outcome is None:
            turn = self.turn_to(next_link)
            if turn is None:
                # No road there: the car runs off the end of what it was told to drive.
                self.barrier_mm = self.link.length_mm - self.s_mm
                return
            self._pass(turn, exit_lane)
            next_link = LinkId(-1)

    def _leave_zone(self) -> None:
        """The car is clear of the zone, or the trip has ended in it."""
        if self.zone:
            self.trace.events.append(self.zone.account(self.time_ms))
            self.zone = None

    def _pass(self, turn: Turn, exit_lane: int) -> None:
        """Go from link to link."""
        rest = self.s_mm - self.link.length_mm
        self.trace.events.append(
            Passing(
                time_ms=self.time_ms,
                from_link=turn.from_link,
                to_link=turn.to_link,
                from_lane=self.lane,
                speed_mm_s=self.speed_mm_s,
            )
        )
        goes_on = turn.ban is None and self.network.goes_on(turn)
        if not goes_on:
            self._sweep(turn)
        if turn.arc_mm:
            self.radius_mm, self.arc_left_mm = turn.radius_mm, max(1, turn.arc_mm - rest)
        if turn.conflict is not Conflict.NONE:
            self._leave_zone()
            self.zone = Zone(turn, self.streams, self.time_ms, rest)
        if self.sirens:
            self.sirens.pass_node(turn, rest)
        self.s_mm = rest
        if not goes_on:
            first, last = self.network.exit_lanes(turn, self.lane)
            self.lane = self.target_lane = max(first, min(exit_lane, last))
            self.neighbors.side_lead = self.neighbors.side_lag = None
        self._enter_link(self.network.link(turn.to_link), goes_on=goes_on)

    def _sweep(self, turn: Turn) -> None:
        """Cut across the lanes that do not lead into the turn, and touch whoever is there."""
        lane = self.target_lane
        nearest = max(turn.first_lane, min(lane, turn.last_lane))
        if self.target_lane != self.lane:
            self._settle()
        while self.lane != nearest and not self.link.against_oneway:
            lane = self.lane + (1 if nearest > self.lane else -1)
            self._look_beside(lane, self.time_ms)
            self.trace.events.append(lane_change_of(self, lane))
            self.target_lane, self.lateral_ms = lane, self.change_ms
            if touches_beside(self.neighbors):
                self.record()
                self.outcome = Outcome.CRASHED
                return
            self._settle()

    def _enter_link(self, link: Link, *, goes_on: bool = False) -> None:
        self.link = link
        turns = (*self.network.turns_from(link.id), *self.network.illegal_turns_from(link.id))
        self._turns = {turn.to_link: turn for turn in turns}
        self.closed_ahead = closed_ahead(self.network, link, self.closures.now)
        self.plan: Plan | None = self.signals.plan(link.id)
        self.gives_way = yielding_turn(self.network, link)
        self.barrier_mm = NOTHING
        if link.id in self.closures.now:
            self.barrier_mm = min(BARRIER_AT_MM, link.length_mm // 2) - self.s_mm
        if self.streams.enter(link.id, self.time_ms):
            self.trace.queued.append((link.id, self.time_ms))
        self.neighbors.meet(
            link.id, self.lane, self.s_mm, self.speed_mm_s, self.time_ms, all_stay=goes_on
        )
        spare_a_late_stop(self)
        if self.sirens:
            self.sirens.enter(link, goes_on=goes_on)

    def _turn_back(self) -> None:
        """Turn round on the spot before a barrier."""
        self._turning_back_ms += TICK_MS
        if self._turning_back_ms < TURN_BACK_MS or self.link.reverse < 0:
            return
        self._turning_back_ms = 0
        back = self.network.link(self.link.reverse)
        self.s_mm = max(0, back.length_mm - self.s_mm)
        self.lane = self.target_lane = 0
        self._enter_link(back)
        self.barrier_mm = NOTHING

    # -- ends -------------------------------------------------------------------------------------

    def _slips(self) -> bool:
        friction = self.trip.conditions.friction_permille * 9_810 // 1_000
        return self.speed_mm_s * self.speed_mm_s > friction * self.radius_mm

    def _end(self) -> Outcome | None:
        if touches(self) or self.barrier_mm < 0 or (self.arc_left_mm and self._slips()):
            return Outcome.CRASHED
        if self.speed_mm_s == 0 and self._is_at_goal():
            return Outcome.ARRIVED
        if self.time_ms >= self.trip.time_limit_ms:
            return Outcome.TIMED_OUT
        return None

    def _is_at_goal(self) -> bool:
        return self.link.id == self.trip.goal and abs(self.s_mm - self.trip.goal_mm) <= ARRIVAL_MM
