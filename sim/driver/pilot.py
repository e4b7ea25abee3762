"""
One car on one route: planner, lookahead, controller and lanes put together.

What it does with a proposal is another matter: see ``guarded.py`` and ``obeying.py``.
"""

from typing import Final

from guiderail.maps.network import LinkId, RoadNetwork, Turn
from guiderail.maps.routing import RouteOracle
from guiderail.sim.contract.lattice import NOTHING, SPEED_STEP_MM_S
from guiderail.sim.contract.messages import LANE_CHANGE_MS, Command, Perception
from guiderail.sim.contract.trace import Missed, Rerouted
from guiderail.sim.driver.motion.controller import Controller
from guiderail.sim.driver.motion.emergency_response import is_behind, moves_over
from guiderail.sim.driver.motion.envelope import slow_distance_mm, turn_speed_mm_s
from guiderail.sim.driver.motion.lanes import (
    gaps_are_safe,
    has_room,
    is_alone,
    is_last_call,
    wanted_step,
)
from guiderail.sim.driver.motion.lookahead import Lookahead, RoadAhead, nearest_lane
from guiderail.sim.driver.motion.style import BUILD_UP_MS, DrivingStyle
from guiderail.sim.driver.planner import Planner
from guiderail.sim.driver.route import Route

GOAL_PASSED_MM: Final = 5_000
"""Farther beyond the goal than this is having missed it."""
AT_BARRIER_MM: Final = 6_000
"""Standing this close to a barrier is having to turn round."""


class Pilot:
    """Drives the planner's route; answers to nobody."""

    def __init__(  # noqa: PLR0913  the trip's two ends, and who drives how
        self,
        network: RoadNetwork,
        routes: RouteOracle,
        *,
        origin: tuple[LinkId, int],
        goal: tuple[LinkId, int],
        goal_name: str,
        style: DrivingStyle,
        friction_permille: int,
        lateral_percent: int = 100,
    ) -> None:
        self.planner = Planner(
            network,
            routes,
            origin[0],
            goal[0],
            is_goal_behind=origin[0] == goal[0] and origin[1] > goal[1],
            goal_name=goal_name,
        )
        self.controller = Controller(style, friction_permille)
        self._network = network
        self._goal, self._goal_mm = goal
        self._friction_permille = friction_permille
        self._lateral_percent = lateral_percent
        self._lookahead = Lookahead(network, goal[0], goal[1], self.turn_speed_mm_s)
        self._link = origin[0]
        self._s_mm = origin[1]
        self._curve_left_mm = 0
        self._curve_mm_s = NOTHING
        self._planned: Route = ()
        self._ahead: RoadAhead | None = None
        self._looked = 0
        self._changes = 0
        """Lane changes begun, where each takes a time of its own; else 0."""
        self._exit = 0
        self._exit_from_lane = -1
        self._exit_for: RoadAhead | None = None
        """RoadAhead that :attr:`_exit` was worked out for."""

    def turn_speed_mm_s(self, radius_mm: int) -> int:
        """Speed for a curve [mm/s], by this driver's taste."""
        speed_mm_s = turn_speed_mm_s(radius_mm, self._friction_permille)
        if speed_mm_s < NOTHING:
            speed_mm_s = speed_mm_s * self._lateral_percent // 100
        return speed_mm_s - speed_mm_s % SPEED_STEP_MM_S

    def drive(self, seen: Perception) -> Command:
        """Decide what to do in the next tick."""
        self._follow_the_road(seen)
        ahead = self._road_ahead(seen)
        if ahead.turn is None and self._has_passed_goal(seen, ahead):
            self.planner.pass_goal(seen.time_ms)
            ahead = self._road_ahead(seen)
        step, look = 0, 0
        if seen.siren_gap_mm < NOTHING:
            step, look = self._make_way(seen, ahead)
            ahead = self._road_ahead(seen)
        elif ahead.wanted_lanes[0] <= seen.target_lane <= ahead.wanted_lanes[1]:
            self._looked = 0
        else:
            step, look = self._lane(seen, ahead)
            ahead = self._road_ahead(seen)
        curve_mm_s = self._curve_mm_s if self._curve_left_mm > 0 else NOTHING
        accel = self.controller.accel_mm_s2(seen, ahead, curve_mm_s)
        return Command(
            accel,
            self.planner.next_link(),
            step,
            look,
            ahead.is_stranded,
            0 if ahead.turn is None else self._exit_lane(seen, ahead),
            seen.barrier_mm <= AT_BARRIER_MM and seen.speed_mm_s == 0,
            self._begin_change() if step else LANE_CHANGE_MS,
            is_behind(seen) and step == 0,
        )

    def catch_up(self, seen: Perception) -> None:
        """Take note of where the car is, before words about the route are understood."""
        self._follow_the_road(seen)

    def road_left_mm(self, seen: Perception) -> int:
        """Road left to the end of this link [mm]."""
        return self._network.link(seen.link).length_mm - seen.s_mm

    def can_drive(self, route: Route, seen: Perception) -> bool:
        """
        Whether calm braking alone can join a route from here: every stop and limit.

        What the turn that the car is making anyway asks for is not asked again: a car past calm
        stopping for this node can still be told where to turn at the next.
        """
        ahead = self._lookahead.look(route, seen.target_lane)
        speed_mm_s, braking_mm_s2, s_mm = seen.speed_mm_s, self.controller.calm_mm_s2, seen.s_mm
        if speed_mm_s == 0:
            return True
        slack_mm = speed_mm_s * BUILD_UP_MS // 1_000
        limits, stops = ahead.limits, [ahead.stop_mm, ahead.yield_mm, ahead.goal_mm]
        if self._ahead is not None and ahead.turn is not None and ahead.turn == self._ahead.turn:
            limits, stops = limits[1:], [ahead.stop_mm]
        return all(
            place_mm - s_mm - slack_mm >= slow_distance_mm(speed_mm_s, limit_mm_s, braking_mm_s2)
            for place_mm, limit_mm_s in (*limits, *((stop_mm, 0) for stop_mm in stops))
            if place_mm - s_mm < NOTHING // 2
        )

    # -- along the road ---------------------------------------------------------------------------

    def _follow_the_road(self, seen: Perception) -> None:
        """Keep track of where the car is, and of the curve that it is in."""
        if seen.link != self._link:
            turn = self._network.turn(self._link, seen.link)
            self.planner.enter(seen.link, seen.time_ms)
            self.controller.enter(seen.link)
            self._leave_curve(seen.s_mm)
            if turn is not None and turn.arc_mm:
                self._curve_left_mm = turn.arc_mm - seen.s_mm
                self._curve_mm_s = self.turn_speed_mm_s(turn.radius_mm)
            self._link = seen.link
            self._planned = ()
        else:
            self._leave_curve(seen.s_mm - self._s_mm)
        self._s_mm = seen.s_mm
        if not seen.closed <= self.planner.closed:
            self.planner.see_closed(seen.closed, seen.time_ms)

    def _leave_curve(self, moved_mm: int) -> None:
        # Never below 0: what lies behind is no part of the car's state.
        self._curve_left_mm = max(0, self._curve_left_mm - moved_mm)

    def _road_ahead(self, seen: Perception) -> RoadAhead:
        """Look along the planned route again if it is another one."""
        if self._ahead is not None and self._planned is self.planner.route:
            return self._ahead
        rerouted = bool(self._planned)
        self._planned = self.planner.route
        if rerouted and not self._must_turn():
            self._settle_for_feasible(seen)
        self._planned = self.planner.route
        self._ahead = self._lookahead.look(
            self._planned, seen.target_lane, must_turn=self._must_turn()
        )
        return self._ahead

    def _must_turn(self) -> bool:
        """Whether the next turn is one that a guide asked for, of a driver who obeys."""
        planner = self.planner
        step = (planner.link, planner.next_link())
        return self.controller.style.obeys and planner.is_from_guide(step)

    def _settle_for_feasible(self, seen: Perception) -> None:
        """After a reroute in mid-road: its next turn may be too close."""
        if not self.can_drive(self.planner.route, seen) and not self._pass_by(seen):
            self._stay_the_course(seen)

    def _stay_the_course(self, seen: Perception) -> None:
        """Make the turn that was planned until now: a car past waiting is ready for no other."""
        turn = None if self._ahead is None else self._ahead.turn
        if turn is None or turn.from_link != seen.link or turn.to_link in self.planner.closed:
            return
        if turn.to_link != self.planner.next_link() and turn.ban is None:
            self.planner.miss(turn, seen.time_ms)

    def _pass_by(self, seen: Perception) -> bool:
        """Give the planned turn up for the cheapest one that lane, speed and law allow."""
        left = list(self._in_lane(seen))
        while left:
            turn = self.planner.alternative(seen.link, left)
            if turn is None:
                return False
            route = self.planner.route_with_turn(turn)
            if route is not None and self.can_drive(route, seen):
                self.planner.miss(turn, seen.time_ms)
                return True
            left.remove(turn)
        return False

    def _in_lane(self, seen: Perception) -> tuple[Turn, ...]:
        lane = seen.target_lane
        return tuple(
            turn
            for turn in self._network.turns_from(seen.link)
            if turn.first_lane <= lane <= turn.last_lane
        )

    def _has_passed_goal(self, seen: Perception, ahead: RoadAhead) -> bool:
        return ahead.goal_mm != NOTHING and seen.s_mm > ahead.goal_mm + GOAL_PASSED_MM

    # -- lanes ------------------------------------------------------------------------------------

    def _lane(self, seen: Perception, ahead: RoadAhead) -> tuple[int, int]:
        """Step and look for the lane that the route wants; or give the turn up."""
        if seen.target_lane != seen.lane:
            return 0, 0
        step = wanted_step(seen.lane, *ahead.wanted_lanes)
        looked, self._looked = self._looked, step
        if looked == step and self._may_change(seen, ahead):
            return step, step
        if not ahead.must_turn and self._must_settle(seen, ahead):
            self._pass_by(seen)
        return 0, step

    def _make_way(self, seen: Perception, ahead: RoadAhead) -> tuple[int, int]:
        """Leave the lane to an emergency vehicle; no other lane is changed to before it is gone."""
        if seen.target_lane != seen.lane:
            return 0, 0
        if is_behind(seen) and moves_over(seen, ahead):
            looked, self._looked = self._looked, -1
            may_change = looked == -1 and self._may_change(seen, ahead)
            return -int(may_change), -1
        self._looked = 0
        if not ahead.must_turn and self._must_settle(seen, ahead):
            self._pass_by(seen)
        return 0, 0

    def _exit_lane(self, seen: Perception, ahead: RoadAhead) -> int:
        is_known = self._exit_from_lane == seen.target_lane and self._exit_for is ahead
        if ahead.turn is not None and not is_known:
            self._exit_from_lane, self._exit_for = seen.target_lane, ahead
            allowed = self._network.exit_lanes(ahead.turn, seen.target_lane)
            self._exit = nearest_lane(allowed, ahead.exit_lanes)
        return self._exit

    def _may_change(self, seen: Perception, ahead: RoadAhead) -> bool:
        if ahead.must_turn:
            return is_alone(seen)
        in_curve = self._curve_left_mm > 0
        if in_curve or not has_room(seen, ahead, self._change_ms()):
            return False
        return gaps_are_safe(seen, ahead.link.speed_mm_s)

    def _change_ms(self) -> int:
        """Time that the next lane change takes."""
        change_ms = self.controller.style.change_ms
        return LANE_CHANGE_MS if change_ms is None else change_ms(self._changes)

    def _begin_change(self) -> int:
        change_ms = self._change_ms()
        self._changes += self.controller.style.change_ms is not None
        return change_ms

    def _must_settle(self, seen: Perception, ahead: RoadAhead) -> bool:
        return not ahead.allows_turn_from(seen.lane) and is_last_call(
            seen, ahead, self.controller.comfort_mm_s2
        )


class RoutedDriver:
    """Drives by its pilot; how it answers a proposal is what the kinds of drivers differ in."""

    def __init__(self, name: str, pilot: Pilot) -> None:
        self.name = name
        self._pilot = pilot

    def command(self, seen: Perception) -> Command:
        """Drive."""
        return self._pilot.drive(seen)

    def route(self) -> tuple[LinkId, ...]:
        """Planned links."""
        return self._pilot.planner.route

    def remaining_ms(self) -> int:
        """Predicted time along the route [ms]."""
        return self._pilot.planner.remaining_ms()

    def news(self) -> list[Missed | Rerouted]:
        """What happened to the plan."""
        return self._pilot.planner.news()
