"""
The world of one trip: moves the ego by the driver's command and everybody around it by themselves.

A crash is contact that the motion led to; leaving the road is more lateral acceleration than the
tires hold. Nothing here asks who drives or why. :meth:`World.step` is the order of a tick.
"""

from math import isqrt
from typing import Final

from guiderail.maps.network import Conflict, Link, LinkId, RoadNetwork, Turn
from guiderail.sim.contract.errors import KernelError
from guiderail.sim.contract.lattice import ACCEL_STEP_MM_S2, GRAVITY_MM_S2, NOTHING, TICK_MS
from guiderail.sim.contract.messages import Command, Perception
from guiderail.sim.contract.trace import Outcome, Passing, Trace
from guiderail.sim.contract.trip import Trip
from guiderail.sim.world.approach import Approach, approach_of
from guiderail.sim.world.contact import touches_beside, touches_car
from guiderail.sim.world.ego import Ego
from guiderail.sim.world.hazards.all import hazards_of, the
from guiderail.sim.world.hazards.closures import Closures
from guiderail.sim.world.hazards.emergency_vehicles import EmergencyVehicles
from guiderail.sim.world.hazards.pedestrians import Pedestrians
from guiderail.sim.world.motion import advance, granted
from guiderail.sim.world.perception.faults import with_faults
from guiderail.sim.world.perception.recorder import Recorder, lane_change_of
from guiderail.sim.world.perception.senses import Senses
from guiderail.sim.world.setting import setting_of
from guiderail.sim.world.state import State
from guiderail.sim.world.traffic.actors import ONSET_MM_S2, CrossTraffic
from guiderail.sim.world.traffic.conflict_zone import conflict_zone
from guiderail.sim.world.traffic.neighbors import Neighbors, Traffic

QUICKEST_CHANGE_MS: Final = 2_000
"""A lane change takes what the driver takes for it, but 3.25 m to the side and back to straight ask
for 4.9 m/s^2 in less time than this."""
CREEPING_MM_S: Final = 1_000
"""Below this speed a car hardly moves sideways: a lane change waits."""
BARRIER_AT_MM: Final = 15_000
"""A closed link is barred this far in, or halfway if it is shorter than twice that (assumption)."""
ARRIVAL_MM: Final = 5_000
"""Standing within this distance of the goal is having arrived (ours: a car's length)."""
TURN_BACK_MS: Final = 15_000
"""Turning round before a barrier (assumption)."""


class World:
    """Ground truth of one trip; one call of :meth:`step` is one tick."""

    def __init__(self, network: RoadNetwork, trip: Trip, trace: Trace) -> None:
        self.network = network
        self.trip = trip
        self.trace = trace
        self.setting = setting = setting_of(network, trip)
        self.ego = ego = Ego(network.link(trip.origin), trip.origin_mm)
        self.neighbors = neighbors = Neighbors()
        self.closures = Closures(setting, trace)
        approach = approach_of(setting, ego.link, self.closures.now)
        self.state = State(ego, approach, neighbors)
        self.hazards = hazards_of(setting, ego, neighbors, trace)
        self.state.hazards = {one.name: one.state for one in self.hazards}
        self._emergency = the(EmergencyVehicles, self.hazards)
        self.traffic = Traffic(setting, neighbors)
        self._senses = with_faults(Senses(setting, ego, neighbors, self.hazards), ego, trip)
        self._recorder = Recorder(setting, ego, neighbors, the(Pedestrians, self.hazards))
        self._enter_link(ego.link)
        self.record()

    @property
    def time_ms(self) -> int:
        """Time since the start of the trip."""
        return self.state.time_ms

    @property
    def outcome(self) -> Outcome | None:
        """How the trip ended; None while it goes on."""
        return self.state.outcome

    @property
    def approach(self) -> Approach:
        """What rules at the end of the ego's link."""
        return self.state.approach

    # -- one tick ---------------------------------------------------------------------------------

    def step(self, command: Command) -> None:
        """Let one tick pass: the order in which everything moves."""
        state, ego = self.state, self.ego
        state.time_ms += TICK_MS
        if ego.turning_back_ms or command.turn_back:
            self._turn_back()
        if command.lane_step:
            self._start_lane_change(command)
        before_mm_s2 = ego.accel_mm_s2
        moved_mm = self._move_ego(command)
        is_onset = ego.accel_mm_s2 <= ONSET_MM_S2 < before_mm_s2
        self._move_others(command, moved_mm, onset=is_onset)
        if ego.target_lane != ego.lane:
            self._finish_lane_change()
        self._go_on(moved_mm, command.next_link, command.exit_lane)
        for hazard in self.hazards:
            hazard.act(state.time_ms)
        self.record()
        if state.outcome is None:
            state.outcome = self._outcome()
        if state.outcome is not None:
            self._end(state.outcome)

    def meet(self, command: Command) -> None:
        """Let come into play, before the driver looks, what the ego is about to meet."""
        state, now_ms = self.state, self.state.time_ms
        for hazard in self.hazards:
            hazard.meet(state.approach, command, now_ms)
        if now_ms >= self.closures.due_ms and self.closures.switch(self.ego, now_ms):
            self._look_up_approach()
            if self.ego.link.id not in self.closures.now:
                self.ego.barrier_mm = NOTHING

    def perceive(self, command: Command) -> Perception:
        """What the driver perceives now, looking where it said it would; nothing is changed."""
        return self._senses.perceive(self.state.approach, command, self.state.time_ms)

    def record(self) -> None:
        """Add a row to the trace."""
        state, trace = self.state, self.trace
        now_ms = state.time_ms
        for hazard in self.hazards:
            row = hazard.record(now_ms)
            if row:
                trace.hazards.setdefault(hazard.name, []).append((now_ms, *row))
        crossing = self._crossing() if state.zone or self._emergency else None
        trace.add(self._recorder.sample(now_ms, state.approach, crossing))

    def stand_until(self, time_ms: int) -> None:
        """Skip ticks in which nothing moves; the caller has made sure that nothing does."""
        ego = self.ego
        if ego.speed_mm_s or ego.accel_mm_s2:
            raise KernelError(f"cannot skip ticks at speed {ego.speed_mm_s} mm/s")
        self.state.time_ms = time_ms
        for hazard in self.hazards:
            hazard.skip()

    def others_rest(self) -> bool:
        """Whether nobody around will move before a light changes."""
        if self.state.zone is not None or not all(one.rests() for one in self.hazards):
            return False
        return self.neighbors.rest(self.state.time_ms)

    # -- the ego ----------------------------------------------------------------------------------

    def _move_ego(self, command: Command) -> int:
        """Change speed by what pedals, tires and curve allow; returns the road driven [mm]."""
        ego, grip_mm_s2 = self.ego, self.setting.grip_mm_s2
        ego.minimal_risk = command.minimal_risk
        asked_mm_s2 = granted(command.accel_mm_s2, ego.accel_mm_s2, grip_mm_s2)
        if ego.arc_left_mm:
            asked_mm_s2 = _within_ellipse(asked_mm_s2, ego, grip_mm_s2)
        moved_mm, ego.speed_mm_s, ego.accel_mm_s2 = advance(ego.speed_mm_s, asked_mm_s2)
        return moved_mm

    def _start_lane_change(self, command: Command) -> None:
        ego = self.ego
        lane = ego.lane + command.lane_step
        if ego.target_lane != ego.lane or not 0 <= lane < ego.link.lanes:
            return
        ego.target_lane, ego.lateral_ms = lane, 0
        ego.change_ms = max(QUICKEST_CHANGE_MS, command.change_ms)
        # Nobody has moved in this tick yet: who is beside is who was seen beside.
        self.traffic.look_beside(ego, lane, self.time_ms - TICK_MS)
        self.trace.events.append(lane_change_of(self.time_ms, ego, self.neighbors, lane))

    def _finish_lane_change(self) -> None:
        ego = self.ego
        if ego.speed_mm_s >= CREEPING_MM_S:
            ego.lateral_ms += TICK_MS
        if ego.lateral_ms >= ego.change_ms:
            self._settle()

    def _settle(self) -> None:
        """The car is in its new lane."""
        self.ego.lane, self.ego.lateral_ms = self.ego.target_lane, 0
        self.traffic.settle()

    def _turn_back(self) -> None:
        """Turn round on the spot before a barrier; once begun, it is ended."""
        ego = self.ego
        if not ego.turning_back_ms and ego.speed_mm_s:
            return
        ego.turning_back_ms += TICK_MS
        if ego.turning_back_ms < TURN_BACK_MS or ego.link.reverse < 0:
            return
        ego.turning_back_ms = 0
        back = self.network.link(ego.link.reverse)
        ego.s_mm = max(0, back.length_mm - ego.s_mm)
        ego.lane = ego.target_lane = 0
        self._enter_link(back)
        ego.barrier_mm = NOTHING

    # -- the others -------------------------------------------------------------------------------

    def _move_others(self, command: Command, moved_mm: int, *, onset: bool) -> None:
        state = self.state
        now_ms = state.time_ms
        self.traffic.step(self.ego, state.approach, moved_mm, now_ms, onset=onset)
        if state.zone:
            state.zone.step(self.setting.grip_mm_s2)
        for hazard in self.hazards:
            hazard.move(moved_mm, command, now_ms)

    def _crossing(self) -> CrossTraffic | None:
        """Whoever crosses the ego's way, siren or not, and is nearest to the zone it is in."""
        own = self.state.zone.crossing if self.state.zone else None
        zone = self._emergency.state.zone if self._emergency else None
        siren = zone.crossing if zone else None
        if own is None or siren is None:
            return own or siren
        return min(own, siren, key=lambda one: one.gap_mm)

    # -- along the road ---------------------------------------------------------------------------

    def _go_on(self, moved_mm: int, next_link: LinkId, exit_lane: int) -> None:
        ego, state = self.ego, self.state
        ego.s_mm += moved_mm
        if ego.arc_left_mm:
            ego.arc_left_mm = max(0, ego.arc_left_mm - moved_mm)
        if ego.barrier_mm != NOTHING:
            ego.barrier_mm -= moved_mm
        if state.zone and state.zone.advance(moved_mm):
            self._leave_zone()
        while ego.s_mm > ego.link.length_mm and state.outcome is None:
            turn = state.approach.turns.get(next_link)
            if turn is None:
                # No road there: the car runs off the end of what it was told to drive.
                ego.barrier_mm = ego.link.length_mm - ego.s_mm
                return
            self._pass(turn, exit_lane)
            next_link = LinkId(-1)

    def _leave_zone(self) -> None:
        """The car is clear of the zone, or the trip has ended in it."""
        if self.state.zone:
            self.trace.events.append(self.state.zone.account(self.time_ms))
            self.state.zone = None

    def _pass(self, turn: Turn, exit_lane: int) -> None:
        """Go from link to link."""
        ego, now_ms = self.ego, self.time_ms
        inside_mm = ego.s_mm - ego.link.length_mm
        self.trace.events.append(
            Passing(
                time_ms=now_ms,
                from_link=turn.from_link,
                to_link=turn.to_link,
                from_lane=ego.lane,
                speed_mm_s=ego.speed_mm_s,
            )
        )
        goes_on = turn.ban is None and self.network.goes_on(turn)
        if not goes_on:
            self._sweep(turn)
        if turn.arc_mm:
            ego.radius_mm, ego.arc_left_mm = turn.radius_mm, max(1, turn.arc_mm - inside_mm)
        if turn.conflict is not Conflict.NONE:
            self._leave_zone()
            self.state.zone = conflict_zone(turn, self.setting.flow, now_ms, inside_mm)
        for hazard in self.hazards:
            hazard.pass_node(turn, inside_mm, now_ms)
        ego.s_mm = inside_mm
        if not goes_on:
            first, last = self.network.exit_lanes(turn, ego.lane)
            ego.lane = ego.target_lane = max(first, min(exit_lane, last))
            self.neighbors.forget_beside()
        self._enter_link(self.network.link(turn.to_link), goes_on=goes_on)

    def _sweep(self, turn: Turn) -> None:
        """Cut across the lanes that do not lead into the turn, and touch whoever is there."""
        ego, neighbors = self.ego, self.neighbors
        nearest = max(turn.first_lane, min(ego.target_lane, turn.last_lane))
        if ego.target_lane != ego.lane:
            self._settle()
        while ego.lane != nearest and not ego.link.against_oneway:
            lane = ego.lane + (1 if nearest > ego.lane else -1)
            self.traffic.look_beside(ego, lane, self.time_ms)
            self.trace.events.append(lane_change_of(self.time_ms, ego, neighbors, lane))
            ego.target_lane, ego.lateral_ms = lane, ego.change_ms
            if touches_beside(neighbors):
                self.record()
                self.state.outcome = Outcome.CRASHED
                return
            self._settle()

    def _enter_link(self, link: Link, *, goes_on: bool = False) -> None:
        ego, now_ms = self.ego, self.time_ms
        ego.link = link
        self._look_up_approach()
        ego.barrier_mm = NOTHING
        if link.id in self.closures.now:
            ego.barrier_mm = min(BARRIER_AT_MM, link.length_mm // 2) - ego.s_mm
        if self.setting.flow.enter(link.id, now_ms):
            self.trace.queued.append((link.id, now_ms))
        self.traffic.enter(ego, self.state.approach, now_ms, all_stay=goes_on)
        for hazard in self.hazards:
            hazard.enter(now_ms, goes_on=goes_on)

    def _look_up_approach(self) -> None:
        self.state.approach = approach_of(self.setting, self.ego.link, self.closures.now)

    # -- ends -------------------------------------------------------------------------------------

    def _end(self, outcome: Outcome) -> None:
        self._leave_zone()
        for hazard in self.hazards:
            hazard.end(self.time_ms)
        self.trace.outcome, self.trace.end_ms = outcome, self.time_ms

    def _outcome(self) -> Outcome | None:
        """How the trip ends now, if it crashed, arrived or took too long."""
        ego, zone = self.ego, self.state.zone
        touches = touches_car(ego, self.neighbors, zone.crossing if zone else None)
        for hazard in self.hazards:
            touches = touches or hazard.touches()
        if touches or ego.barrier_mm < 0 or (ego.arc_left_mm and self._slips()):
            return Outcome.CRASHED
        if ego.speed_mm_s == 0 and self._is_at_goal():
            return Outcome.ARRIVED
        return Outcome.TIMED_OUT if self.state.time_ms >= self.trip.time_limit_ms else None

    def _slips(self) -> bool:
        """Whether the curve asks for more than the tires hold."""
        friction = self.trip.conditions.friction_permille
        held_mm_s2 = friction * GRAVITY_MM_S2 // 1_000
        return self.ego.speed_mm_s * self.ego.speed_mm_s > held_mm_s2 * self.ego.radius_mm

    def _is_at_goal(self) -> bool:
        ego, trip = self.ego, self.trip
        return ego.link.id == trip.goal and abs(ego.s_mm - trip.goal_mm) <= ARRIVAL_MM


def _within_ellipse(asked_mm_s2: int, ego: Ego, grip_mm_s2: int) -> int:
    """Share the grip between turning and braking."""
    lateral_mm_s2 = ego.speed_mm_s * ego.speed_mm_s // ego.radius_mm
    left_square = grip_mm_s2 * grip_mm_s2 - lateral_mm_s2 * lateral_mm_s2
    left_mm_s2 = isqrt(left_square) if left_square > 0 else 0
    left_mm_s2 -= left_mm_s2 % ACCEL_STEP_MM_S2
    return max(-left_mm_s2, min(asked_mm_s2, left_mm_s2))
