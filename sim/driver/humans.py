"""
The people without a guard: one who obeys, and one who judges what is still possible.

They drive by the machine's controller, but act a reaction time late, take the gaps of people,
sometimes look away, and are flustered by what comes late or contradicts what came before.
"""

from collections import deque
from typing import Final

from guiderail.maps.gazetteer import Gazetteer
from guiderail.maps.network import Ban, Turn
from guiderail.sim.contract.draw import Stream, TripSeed, draw, happens
from guiderail.sim.contract.lattice import NOTHING, TICK_MS
from guiderail.sim.contract.messages import (
    Ask,
    Command,
    Decision,
    Light,
    Perception,
    Proposal,
    Reason,
    Siren,
    Verdict,
)
from guiderail.sim.driver.obeying import ObeyingMachine, answer
from guiderail.sim.driver.people import Traits
from guiderail.sim.driver.pilot import Pilot
from guiderail.sim.driver.route import Route, branch_index

WATCHED_TICKS: Final = 5
"""A light ahead is watched: it is known half a second sooner than what others do."""
MOST_TICKS: Final = 60
"""Nobody drives on what he saw longer ago than this."""
PERSON_CHANGE_MS: Final = 6_300
"""A person's lane change (mean of 7,192; Lee, Olsen and Wierwille 2004)."""
SECOND_MS: Final = 1_000


class ObeyingHuman(ObeyingMachine):
    """A person who obeys: hears, takes time to act, and is flustered by what comes late."""

    def __init__(
        self, name: str, pilot: Pilot, gazetteer: Gazetteer, traits: Traits, seed: TripSeed
    ) -> None:
        super().__init__(name, pilot, gazetteer)
        self._traits = traits
        self._seed = seed
        self._heard = 0
        self._pending: tuple[int, Proposal] | None = None
        self._lost_permille = 0
        self._lost_since_ms = 0
        self._lapse_ticks = 0
        """Ticks since the person looked away; 0 for eyes on the road."""
        self._memory: deque[Perception] = deque(maxlen=MOST_TICKS + 1)

    def hear(self, proposal: Proposal, seen: Perception) -> Verdict:
        """Take the words in; act on them after a reaction time."""
        self._pilot.catch_up(seen)
        wish = self._take_wish(proposal)
        verdict = answer(proposal, wish, self._pilot)
        if verdict.changes_route and not isinstance(wish, Reason):
            self._heard += 1
            objection = self._objection(wish, seen)
            if objection is not None:
                return Verdict(proposal=proposal, decision=Decision.REFUSE, reason=objection)
            self._take_in(proposal, seen)
        return verdict

    def command(self, seen: Perception) -> Command:
        """Drive by what was perceived a moment ago."""
        if self._pending is not None and seen.time_ms >= self._pending[0]:
            self._act(self._pending[1], seen)
        lost = self._lost_now_permille(seen.time_ms)
        hurry = self._traits.person.hurry_permille
        self._pilot.controller.gap_permille = 1_000 - lost * hurry // 1_000
        return self._pilot.drive(self._blurred(seen))

    def _objection(self, wish: Route, seen: Perception) -> Reason | None:
        """Who obeys has none."""

    def _take_in(self, proposal: Proposal, seen: Perception) -> None:
        if self._pending is not None or self._is_late(proposal, seen):
            self._lost_permille = self._traits.loss_permille(self._heard)
            self._lost_since_ms = seen.time_ms
        # Awareness that is lost costs time as well: reaction x (1 + loss).
        reaction_ms = self._traits.reaction_ms(self._heard)
        reaction_ms += reaction_ms * self._lost_now_permille(seen.time_ms) // 1_000
        self._pending = (seen.time_ms + reaction_ms, proposal)

    def _is_late(self, proposal: Proposal, seen: Perception) -> bool:
        if proposal.ask is not Ask.TURN or proposal.at != seen.link:
            return False
        left_mm = self._pilot.road_left_mm(seen)
        return left_mm * 1_000 < self._traits.person.late_ms * max(seen.speed_mm_s, 1)

    def _act(self, proposal: Proposal, seen: Perception) -> None:
        self._pending = None
        self._pilot.catch_up(seen)
        wish = self._take_wish(proposal)
        if not isinstance(wish, Reason) and wish != self._pilot.planner.route:
            self._adopt(proposal, wish, seen)

    # -- what is seen -----------------------------------------------------------------------------

    def _lost_now_permille(self, time_ms: int) -> int:
        """Awareness that is still lost [1/1000]."""
        halvings = (time_ms - self._lost_since_ms) // self._traits.person.half_life_ms
        return self._lost_permille >> min(halvings, 16)

    def _ticks_away(self, time_ms: int) -> int:
        """Ticks since the eyes left the road."""
        person = self._traits.person
        if self._lapse_ticks:
            self._lapse_ticks += 1
            if self._lapse_ticks * TICK_MS > person.lapse_ms:
                self._lapse_ticks = 0
        elif time_ms % SECOND_MS == 0 and person.lapses_ppm:
            word = draw(self._seed, Stream.HUMAN_LAPSE, 0, time_ms // SECOND_MS)
            self._lapse_ticks = int(happens(word, person.lapses_ppm))
        return self._lapse_ticks

    def _blurred(self, seen: Perception) -> Perception:
        """Own motion as it is, traffic and lights as they were when last taken in."""
        self._memory.append(seen)
        person = self._traits.person
        delay_ms = self._lost_now_permille(seen.time_ms) * person.full_loss_ms // 1_000
        ticks = (person.attentive_ms + delay_ms) // TICK_MS + self._ticks_away(seen.time_ms)
        ticks = min(ticks, MOST_TICKS)
        if len(self._memory) <= ticks:
            return seen
        past = self._memory[-1 - ticks]
        watched = self._memory[-1 - max(0, ticks - WATCHED_TICKS)]
        stale = seen.time_ms - past.time_ms > 2 * MOST_TICKS * TICK_MS
        if past.link != seen.link or stale or _has_traffic_of(seen, past):
            return seen
        return _with_traffic_of(seen, past).but(
            light=watched.light if watched.link == seen.link else past.light,
            next_light=watched.next_light if watched.link == seen.link else past.next_light,
        )


class JudgingHuman(ObeyingHuman):
    """A person with judgement: lets go what looks forbidden, and what would need too much."""

    def _objection(self, wish: Route, seen: Perception) -> Reason | None:
        planner = self._pilot.planner
        branch = branch_index(planner.route, wish)
        if branch is None:
            return None
        turn = planner.network.turn(wish[branch], wish[branch + 1])
        if turn is None:
            return Reason.NO_SUCH_TURN
        if turn.ban is not None and self._traits.heeds(self._heard):
            return Reason.WRONG_WAY if turn.ban is Ban.WRONG_WAY else Reason.ILLEGAL_TURN
        if not planner.closed.isdisjoint(wish):
            return Reason.CLOSED
        road_mm = sum(planner.network.link(link).length_mm for link in wish[: branch + 1])
        needed_mm_s2 = self._braking_mm_s2(turn, road_mm - seen.s_mm, seen)
        most_mm_s2 = self._traits.most_braking_mm_s2(self._heard)
        return Reason.TOO_LATE if needed_mm_s2 > most_mm_s2 else None

    def _adopt(self, proposal: Proposal, wish: Route, seen: Perception) -> None:
        """Let go what was seen to be barred while the words were taken in."""
        if self._pilot.planner.closed.isdisjoint(wish):
            super()._adopt(proposal, wish, seen)

    def _braking_mm_s2(self, turn: Turn, road_mm: int, seen: Perception) -> int:
        """Braking that the turn would need after the reaction and the lane changes [mm/s^2]."""
        changes = turn.lanes_from(seen.lane)
        first_link = turn.from_link == seen.link
        lost_ms = self._traits.reaction_ms(self._heard) + PERSON_CHANGE_MS * changes * first_link
        room_mm = road_mm - seen.speed_mm_s * lost_ms // 1_000
        speed_mm_s, limit_mm_s = seen.speed_mm_s, self._pilot.turn_speed_mm_s(turn.radius_mm)
        if speed_mm_s <= limit_mm_s:
            return 0 if room_mm > 0 or not changes else NOTHING
        return NOTHING if room_mm <= 0 else (speed_mm_s**2 - limit_mm_s**2) // (2 * room_mm)


def _has_traffic_of(seen: Perception, past: Perception) -> bool:
    """Whether :func:`_with_traffic_of` would change nothing, as on an empty road."""
    return (
        seen.leader_gap_mm == past.leader_gap_mm == NOTHING
        and seen.leader_speed_mm_s == past.leader_speed_mm_s
        and seen.light is past.light is Light.NONE
        and seen.next_light is past.next_light is Light.NONE
        and seen.oncoming_gap_mm == past.oncoming_gap_mm
        and seen.oncoming_speed_mm_s == past.oncoming_speed_mm_s
        and not seen.priority_ms
        and not past.priority_ms
        and seen.walker_mm == past.walker_mm == NOTHING
        and not seen.sirens
        and not past.sirens
        and seen.siren_gap_mm == past.siren_gap_mm == NOTHING
    )


def _with_traffic_of(seen: Perception, past: Perception) -> Perception:
    since_ms = seen.time_ms - past.time_ms
    return seen.but(
        leader_gap_mm=_expected_gap_mm(seen, past),
        leader_speed_mm_s=past.leader_speed_mm_s,
        oncoming_gap_mm=_expected_room_mm(seen, past),
        oncoming_speed_mm_s=past.oncoming_speed_mm_s,
        priority_ms=tuple(at - since_ms for at in past.priority_ms),
        walker_mm=_walker_mm(seen, past),
        walker_ms=past.walker_ms,
        sirens=tuple(
            Siren(one.node, one.from_ms - since_ms, one.until_ms - since_ms) for one in past.sirens
        ),
        siren_gap_mm=past.siren_gap_mm,
        siren_lane=past.siren_lane,
    )


def _walker_mm(seen: Perception, past: Perception) -> int:
    """Road left to a crossing where somebody was seen a moment ago."""
    if past.walker_mm >= NOTHING:
        return NOTHING
    return max(0, past.walker_mm - (seen.s_mm - past.s_mm))


def _expected_room_mm(seen: Perception, past: Perception) -> int:
    """Road to the car head-on as it would be now had it come on at the speed last seen."""
    if past.oncoming_gap_mm >= NOTHING:
        return NOTHING
    since_ms = seen.time_ms - past.time_ms
    its_way_mm = past.oncoming_speed_mm_s * since_ms // 1_000
    return past.oncoming_gap_mm - its_way_mm - (seen.s_mm - past.s_mm)


def _expected_gap_mm(seen: Perception, past: Perception) -> int:
    """Gap to the car ahead as it would be now had it kept the speed last seen."""
    if past.leader_gap_mm >= NOTHING:
        return NOTHING
    since_ms = seen.time_ms - past.time_ms
    its_way_mm = past.leader_speed_mm_s * since_ms // 1_000
    return past.leader_gap_mm + its_way_mm - (seen.s_mm - past.s_mm)
