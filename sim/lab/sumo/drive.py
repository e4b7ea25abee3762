"""
Our driver in SUMO's city: perceives what SUMO says, moves by our kinematics, is judged by SUMO.

The city reacts to the ego: this is no replay. A lane change, which takes 5 s, is made at once.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from guiderail.maps.network import Conflict, LinkId
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Command, Light, Perception
from guiderail.sim.contract.ports import Driver, Guide
from guiderail.sim.contract.trip import Trip
from guiderail.sim.lab.sumo.city import CAR_M, NOBODY, SIGHT_MM, City
from guiderail.sim.lab.sumo.voice import Place, Voice
from guiderail.sim.world.motion import advance, granted, grip_mm_s2

ARRIVAL_MM: Final = 5_000
CUT_IN_MS: Final = 5_000
"""A collision from behind so soon after a lane change is the ego's doing."""
CLOSE_BEHIND_M: Final = 50.0
"""A car behind farther than this brakes for something else."""
OVER_SPEED: Final = 1.1
"""A turn driven faster than this times SUMO's limit for it is a breach."""
SPAWN_WAIT_MS: Final = 30_000


@dataclass
class Findings:
    """What SUMO found, and how much was driven."""

    breaches: Counter[str] = field(default_factory=Counter)
    """Caused by ego, by kind."""
    others: Counter[str] = field(default_factory=Counter)
    """Not caused by ego, and how trips ended."""
    cases: list[str] = field(default_factory=list)
    ticks: int = 0
    driven_mm: int = 0

    def add(self, other: "Findings") -> None:
        """Count in what was found elsewhere."""
        self.breaches.update(other.breaches)
        self.others.update(other.others)
        self.cases.extend(other.cases)
        self.ticks += other.ticks
        self.driven_mm += other.driven_mm


class SumoDrive:
    """One trip of our ego through SUMO's city."""

    def __init__(self, city: City, name: str, trip: Trip, driver: Driver, guide: Guide) -> None:
        self._city, self._sumo, self._ego = city, city.sumo, name
        self._trip, self._driver = trip, driver
        self._network = city.network
        self._voice = Voice(self._network, trip, driver, guide)
        self._grip = grip_mm_s2(trip.conditions.friction_permille)
        self._speed = self._accel = 0
        self._link, self._s_mm, self._lane = trip.origin, trip.origin_mm, 0
        self._command = Command(0, trip.origin)
        self._route: tuple[str, ...] = ()
        self._lane_id = ""
        self._changed_ms = -NOTHING
        self._is_way_on = True
        self._banned: list[tuple[LinkId, LinkId]] = []
        self._found = Findings()

    def run(self, limit_ms: int) -> Findings:
        """Drive until the trip ends or the city's time is up."""
        if not self._enter():
            self._found.others["not_inserted"] += 1
            return self._found
        begin = self._city.time_ms
        until = min(limit_ms, begin + self._trip.time_limit_ms)
        outcome = ""
        while not outcome and self._city.time_ms < until:
            outcome = self._tick(self._city.time_ms - begin)
        self._found.others[outcome or "time_up"] += 1
        if self._is_here():
            self._sumo.vehicle.remove(self._ego)
        return self._found

    def _is_here(self) -> bool:
        return self._ego in self._sumo.vehicle.getIDList()

    def _enter(self) -> bool:
        first, last = self._city.spans[self._trip.origin]
        place = max(0.1, min(self._trip.origin_mm, last) - first)
        self._route = self._drivable((self._trip.origin,))
        self._sumo.route.add(self._ego, self._route)
        self._sumo.vehicle.add(
            self._ego, self._ego, typeID="ego", departLane="0", departPos=f"{place / 1_000:.3f}"
        )
        until = self._city.time_ms + SPAWN_WAIT_MS
        while self._city.time_ms < until:
            self._city.step()
            if self._is_here():
                self._sumo.vehicle.setSpeedMode(self._ego, 0)
                self._sumo.vehicle.setLaneChangeMode(self._ego, 0)
                self._sumo.vehicle.setSpeed(self._ego, 0.0)
                return True
        if self._ego in self._sumo.vehicle.getLoadedIDList():
            self._sumo.vehicle.remove(self._ego)
        return False

    def _tick(self, now_ms: int) -> str:
        """Perceive, decide, move; returns how the trip ended, or nothing."""
        came_from = self._link
        self._locate()
        self._note_ban(came_from)
        self._listen(now_ms)
        seen = self._perceive(now_ms, self._command)
        self._command = command = self._driver.command(seen)
        self._driver.news()
        self._steer(command)
        asked = granted(command.accel_mm_s2, self._accel, self._grip)
        moved, self._speed, self._accel = advance(self._speed, asked)
        self._sumo.vehicle.setSpeed(self._ego, self._speed / 1_000)
        red = self._shows_red()
        before, link, place = self._lane_id, self._network.link(self._link), self._s_mm
        self._city.step()
        self._found.ticks += 1
        self._found.driven_mm += moved
        if red and place <= link.stop_line_mm < place + moved:
            return self._breach("red_light", before)
        return self._judge(before)

    def _listen(self, now_ms: int) -> None:
        here = Place(self._link, self._s_mm, self._lane, self._speed)
        advice = self._voice.listen(now_ms, here)
        if advice is not None and advice.proposal is not None:
            self._driver.hear(advice.proposal, self._perceive(now_ms, self._command))

    # -- where it is ------------------------------------------------------------------------------

    def _locate(self) -> None:
        """Find link and place from SUMO's lane and position; a junction is halved at its node."""
        self._lane_id = lane = self._sumo.vehicle.getLaneID(self._ego)
        pos = self._sumo.vehicle.getLanePosition(self._ego)
        self._lane = self._sumo.vehicle.getLaneIndex(self._ego)
        inside = self._city.net.inside.get(lane)
        if inside is None:
            self._link = LinkId(int(lane.rpartition("_")[0]))
            link = self._network.link(self._link)
            self._s_mm = self._city.spans[link.id][0] + int(pos * 1_000)
            return
        share = 2 * (inside.before_m + pos) / max(inside.total_m, 0.1)
        if share < 1:
            link = self._network.link(inside.from_link)
            line = self._city.spans[link.id][1]
            self._s_mm = line + int(share * (link.length_mm - line))
            self._lane = min(self._lane, link.lanes - 1)
        else:
            link = self._network.link(inside.to_link)
            self._s_mm = int((share - 1) * self._city.spans[link.id][0])
            self._lane = min(self._lane, link.lanes - 1)
        self._link = link.id

    def _perceive(self, now_ms: int, command: Command) -> Perception:
        city, link = self._city, self._network.link(self._link)
        lead, lag = NOBODY, NOBODY
        lane = self._lane + command.look
        if command.look and not self._lane_id.startswith(":") and 0 <= lane < link.lanes:
            lead, lag = city.beside(self._ego, self._link, lane)
        road_mm = link.stop_line_mm - self._s_mm
        light = city.lights.shown(link) if 0 <= road_mm <= SIGHT_MM else Light.NONE
        route = self._route_ahead(command.next_link)
        across = city.across(self._ego, self._lane_id, self._lane, route)
        leader, follower = min(city.leader(self._ego), across), city.follower(self._ego)
        return Perception(
            now_ms,
            self._link,
            self._s_mm,
            self._lane,
            self._lane,
            self._speed,
            self._accel,
            light,
            *leader,
            *follower,
            *lead,
            *lag,
            *self._oncoming(command.next_link),
            self._priority(command.next_link),
            NOTHING,
            frozenset(),
            self._trip.conditions.friction_permille,
            self._next_light(link.length_mm - self._s_mm, command.next_link),
        )

    def _route_ahead(self, next_link: LinkId) -> list[LinkId]:
        """Links from the one that SUMO has the ego on, in a junction the one that it came from."""
        inside = self._city.net.inside.get(self._lane_id)
        links = [self._link] if inside is None else [inside.from_link, inside.to_link]
        route = self._driver.route()
        if links[-1] in route:
            links += route[route.index(links[-1]) + 1 :][:3]
        elif next_link >= 0 and inside is None:
            links.append(next_link)
        return links

    def _next_light(self, left_mm: int, next_link: LinkId) -> Light:
        if next_link < 0:
            return Light.NONE
        target = self._network.link(next_link)
        is_near = left_mm + target.stop_line_mm <= SIGHT_MM and not target.against_oneway
        return self._city.lights.shown(target) if is_near else Light.NONE

    def _oncoming(self, next_link: LinkId) -> tuple[int, int]:
        """Whoever comes head-on on a wrong way, this or the one to be entered."""
        link = self._network.link(self._link)
        if link.against_oneway:
            return self._city.oncoming(self._link, self._s_mm, self._lane)
        if next_link < 0 or not self._goes_wrong(next_link):
            return NOBODY
        gap_mm, speed = self._city.oncoming(next_link, 0)
        return min((gap_mm + link.length_mm - self._s_mm, speed), NOBODY)

    def _priority(self, next_link: LinkId) -> tuple[int, ...]:
        turn = self._network.turn(self._link, next_link)
        left_mm = self._network.link(self._link).length_mm - self._s_mm
        if turn is None or turn.conflict is Conflict.NONE or left_mm > SIGHT_MM:
            return ()
        return self._city.arrivals_ms(self._link, self._lane, next_link)

    # -- moving -----------------------------------------------------------------------------------

    def _steer(self, command: Command) -> None:
        if self._lane_id.startswith(":"):
            return
        if command.lane_step:
            lane = self._lane + command.lane_step
            if 0 <= lane < self._network.link(self._link).lanes:
                self._sumo.vehicle.changeLane(self._ego, lane, 0.0)
                self._changed_ms = self._city.time_ms
        route = self._drivable(self._driver.route())
        if route != self._route and route[0] == self._lane_id.rpartition("_")[0]:
            self._route = route
            self._sumo.vehicle.setRoute(self._ego, route)

    def _drivable(self, route: tuple[LinkId, ...]) -> tuple[str, ...]:
        """Part of a route that is connected in SUMO."""
        kept = [route[0]]
        for link in route[1:30]:
            if not self._city.net.ways_of(kept[-1], link):
                break
            kept.append(link)
        self._is_way_on = len(kept) > 1 or len(route) == 1
        return tuple(map(str, kept))

    def _note_ban(self, came_from: LinkId) -> None:
        """Count a banned turn as it begins, by our map; the drive goes on, and SUMO judges it."""
        inside = self._city.net.inside.get(self._lane_id)
        step = (came_from, self._link) if inside is None else (inside.from_link, inside.to_link)
        turn = self._network.turn(*step)
        is_illegal = turn is not None and turn.ban is not None  # once per one-way street
        if is_illegal and not self._goes_wrong(step[0]) and step not in self._banned[-1:]:
            self._banned.append(step)
            self._breach("illegal_turn", f"{step[0]} onto {step[1]}")

    # -- what SUMO says ---------------------------------------------------------------------------

    def _shows_red(self) -> bool:
        if self._lane_id.startswith(":"):
            return False
        return self._city.lights.shown(self._network.link(self._link)) is Light.RED

    def _judge(self, before: str) -> str:
        """How the trip ended in this tick; empty if it goes on."""
        for hit in self._sumo.simulation.getCollisions():
            if self._ego in (hit.collider, hit.victim):
                return self._collided(hit.collider, hit.victim, hit.lane)
        if self._ego in self._sumo.simulation.getEmergencyStoppingVehiclesIDList():
            return self._breach("emergency_stop", before)
        if not self._is_here():
            return self._gone(before)
        return self._forced() or self._still_driving()

    def _gone(self, before: str) -> str:
        """Why SUMO took the ego out: it gives up who has stood for 300 s."""
        if self._ego in self._sumo.simulation.getStartingTeleportIDList():
            return self._breach("blocked", before) if self._goes_wrong(self._link) else "teleported"
        return "left_the_map" if self._is_way_on else self._breach("no_connection", before)

    def _forced(self) -> str:
        """Whether a car with priority, one head-on, or one behind a lane change braked hard."""
        lane = self._sumo.vehicle.getLaneID(self._ego)
        is_inside = lane in self._city.net.inside
        forced = self._city.forced_to_brake(self._ego, lane) if is_inside else ""
        if not is_inside and self._goes_wrong(self._link):
            forced = self._city.forced_head_on(self._link, self._s_mm, self._lane)
        if not forced and self._city.time_ms - self._changed_ms < CUT_IN_MS:
            behind = self._sumo.vehicle.getFollower(self._ego, CLOSE_BEHIND_M)
            if behind and behind[0] and self._city.brakes_hard(behind[0]):
                # SUMO also tells who is behind in the junction and turns off there.
                is_behind = self._city.comes_onto(behind[0], self._link)
                forced = behind[0] if is_behind else ""
        return self._breach("forced_braking", f"{forced} on {lane}") if forced else ""

    def _goes_wrong(self, link: LinkId) -> bool:
        return self._network.link(link).against_oneway

    def _still_driving(self) -> str:
        lane = self._sumo.vehicle.getLaneID(self._ego)
        if not lane:
            return "teleported"
        inside = self._city.net.inside.get(lane)
        if inside is not None and self._is_too_fast(lane, inside.before_m, inside.total_m):
            limit = self._sumo.lane.getMaxSpeed(lane)
            return self._breach("turn_speed", f"{inside} limit {limit:.2f} m/s")
        is_at_goal = self._link == self._trip.goal and not lane.startswith(":")
        off_mm = abs(self._s_mm - self._trip.goal_mm)
        return "arrived" if self._speed == 0 and is_at_goal and off_mm <= ARRIVAL_MM else ""

    def _is_too_fast(self, lane: str, before_m: float, total_m: float) -> bool:
        """Whether the second half of a turn is driven too fast: our curves begin at the node."""
        limit: float = self._sumo.lane.getMaxSpeed(lane)
        if total_m < CAR_M:  # no curve is drawn there
            return False
        half: bool = before_m + self._sumo.vehicle.getLanePosition(self._ego) > total_m / 2
        return half and self._speed / 1_000 > OVER_SPEED * limit

    def _collided(self, collider: str, victim: str, lane: str) -> str:
        is_cut_in = self._city.time_ms - self._changed_ms < CUT_IN_MS
        inside = self._city.net.inside.get(lane)
        # On a junction the collider may be either: who had to let the other pass is to blame.
        must_yield = (
            inside is not None
            and self._speed > 0
            and (turn := self._network.turn(inside.from_link, inside.to_link)) is not None
            and turn.conflict is not Conflict.NONE
        )
        if collider == self._ego or is_cut_in or must_yield or self._goes_wrong(self._link):
            is_map = not must_yield and lane in self._city.net.yields_to
            is_map = is_map and bool(self._city.net.yields_to[lane])
            note = "; SUMO's junction makes this way yield, our map does not" if is_map else ""
            return self._breach("collision", f"{lane} {collider} into {victim}{note}")
        self._found.others["hit_by_other"] += 1
        self._found.cases.append(f"hit by {collider} on {lane} at {self._city.time_ms} ms")
        return "hit"

    def _breach(self, kind: str, where: str) -> str:
        self._found.breaches[kind] += 1
        self._found.cases.append(
            f"{kind} at {self._city.time_ms} ms, {self._ego}, link {self._link} s {self._s_mm} mm, "
            f"{self._speed} mm/s, next {self._command.next_link}: {where}"
        )
        return kind
