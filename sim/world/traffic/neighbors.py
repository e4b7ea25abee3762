"""
Who drives around the ego: picks vehicles out of the background streams and makes them act.

A vehicle becomes an actor when it is next to the ego (ahead, behind, beside, head-on, crossing);
the rest of its stream stays a pure function of place and time. Nobody is put where only a crash
could follow: a vehicle that has just come into view keeps the distance that an ordinary driver
would have kept.
"""

from dataclasses import dataclass
from typing import Final

from guiderail.maps.network import LinkId
from guiderail.sim.contract.draw import Stream, draw, happens
from guiderail.sim.contract.lattice import ACCEL_STEP_MM_S2, NOTHING
from guiderail.sim.world.approach import Approach
from guiderail.sim.world.ego import Ego
from guiderail.sim.world.motion import CAR_LENGTH_MM
from guiderail.sim.world.setting import Setting
from guiderail.sim.world.traffic.actors import (
    CALM_BRAKING_MM_S2,
    CrossTraffic,
    Follower,
    Leader,
    Oncoming,
)
from guiderail.sim.world.traffic.lines import has_braked_already, line_ahead_of

LEADER_STAYS_PPM: Final = 500_000
"""Chance that the car ahead takes the ego's turn."""
FOLLOWER_STAYS_PPM: Final = 600_000
"""Chance that the car behind takes the ego's turn."""
HORIZON_MM: Final = 150_000
"""Beyond this nobody matters."""
_KEYS_PER_LINK: Final = 1 << 20


def ordinary_gap_mm(behind: int, ahead: int, grip_mm_s2: int) -> int:
    """Gap that an ordinary driver keeps [mm]: 1.3 s, 3 m, and calm braking to the other's speed."""
    closing = max(0, behind * behind - ahead * ahead)
    braking_mm_s2 = max(ACCEL_STEP_MM_S2, min(CALM_BRAKING_MM_S2, grip_mm_s2 // 2))
    return behind * 1_300 // 1_000 + 3_000 + closing // (2 * braking_mm_s2)


def actor_key(link: LinkId, time_ms: int) -> int:
    """Name an actor by the stream it came from and its own passing time."""
    return (link << 20) + time_ms % _KEYS_PER_LINK


@dataclass(slots=True)
class Neighbors:
    """The vehicles next to the ego: data alone, moved by :class:`Traffic`."""

    leader: Leader | None = None
    follower: Follower | None = None
    oncoming: Oncoming | None = None
    side_lead: Leader | None = None
    """Ahead in the lane that the ego is changing to."""
    side_lag: Follower | None = None
    """Behind in that lane."""

    def rest(self, time_ms: int) -> bool:
        """Whether all stand and will go on standing until a light changes."""
        if self.oncoming or self.side_lead or self.side_lag:
            return False
        return (self.leader is None or self.leader.is_at_rest(time_ms)) and (
            self.follower is None or self.follower.is_at_rest()
        )

    def forget_beside(self) -> None:
        """Nobody is looked for beside any more."""
        self.side_lead = self.side_lag = None


class Traffic:
    """Puts vehicles of the background next to the ego, moves them, and lets them go."""

    def __init__(self, setting: Setting, neighbors: Neighbors) -> None:
        self._network = setting.network
        self._setting = setting
        self._grip_mm_s2 = setting.grip_mm_s2
        self._flow = setting.flow
        self._seed = setting.trip.seed
        self._lapses_ppm = setting.trip.conditions.lapses_ppm
        self._near = neighbors

    # -- along the road ---------------------------------------------------------------------------

    def enter(self, ego: Ego, approach: Approach, time_ms: int, *, all_stay: bool) -> None:
        """
        Take note that the ego has come onto a link: some neighbors turned off, others are there.

        ``all_stay`` where the node was a mere cut in the road, so that nobody could turn off.
        """
        near, link = self._near, ego.link.id
        if ego.link.against_oneway:
            near.leader = near.follower = None
            ahead = self.meet_oncoming(link, ego.s_mm, time_ms)
            if ahead and (near.oncoming is None or ahead.gap_mm < near.oncoming.gap_mm):
                near.oncoming = ahead
            return
        near.oncoming = None
        self._meet_leader(ego, time_ms, all_stay=all_stay)
        if near.leader and has_braked_already(ego, approach, near.leader, time_ms):
            near.leader = None
        if all_stay and near.follower is not None:
            return
        if not self._stays(near.follower, FOLLOWER_STAYS_PPM, link):
            near.follower = self._follower(link, ego.lane, ego.s_mm, ego.speed_mm_s, time_ms)

    def _meet_leader(self, ego: Ego, time_ms: int, *, all_stay: bool) -> None:
        near, link = self._near, ego.link.id
        if not all_stay and not self._stays(near.leader, LEADER_STAYS_PPM, link):
            near.leader = None
        if near.leader:
            near.leader.wish_mm_s = self._flow.speed_mm_s(link, ego.lane)
            near.leader.goes = False
        found = self._leader(link, ego.lane, ego.s_mm, ego.speed_mm_s, time_ms)
        if found and (near.leader is None or found.gap_mm < near.leader.gap_mm):
            near.leader = found

    def look_beside(self, ego: Ego, lane: int, time_ms: int) -> None:
        """Make actors of who is ahead and behind in another lane."""
        if not ego.link.against_oneway:
            near = self._near
            near.side_lead, near.side_lag = self.beside(ego.link.id, lane, ego.s_mm, time_ms)

    def settle(self) -> None:
        """The ego is in its new lane: who was beside is now ahead and behind."""
        near = self._near
        near.leader, near.follower = near.side_lead, near.side_lag
        near.forget_beside()

    # -- one tick ---------------------------------------------------------------------------------

    def step(
        self, ego: Ego, approach: Approach, moved_mm: int, time_ms: int, *, onset: bool
    ) -> None:
        """Let everybody drive one tick; the ego has moved so far, ``onset``: it began to brake."""
        near, seed, grip_mm_s2 = self._near, self._seed, self._grip_mm_s2
        leader = near.leader
        if leader:
            line_mm = line_ahead_of(self._setting, ego, approach, leader, time_ms)
            leader.step(time_ms, seed, line_mm, grip_mm_s2)
            leader.gap_mm -= moved_mm
        for follower in (near.follower, near.side_lag):
            if follower:
                if onset:
                    follower.notice_braking(seed, time_ms, self._lapses_ppm)
                follower.step(ego.speed_mm_s, grip_mm_s2)
                follower.gap_mm += moved_mm
        if near.side_lead:
            near.side_lead.step(time_ms, seed, -1, grip_mm_s2)
            near.side_lead.gap_mm -= moved_mm
        if near.side_lead or near.side_lag:
            self._sort_beside()
        if near.oncoming:
            self._move_oncoming(near.oncoming, moved_mm)

    def _sort_beside(self) -> None:
        """Who is beside and has overtaken the ego is ahead of it from now, and the reverse."""
        near, passed_mm = self._near, 2 * CAR_LENGTH_MM
        lead, lag = near.side_lead, near.side_lag
        if lead and lead.gap_mm < -passed_mm:
            near.side_lead = None
            near.side_lag = Follower(
                lead.key, -passed_mm - lead.gap_mm, lead.speed_mm_s, self._seed
            )
        elif lag and lag.gap_mm < -passed_mm:
            near.side_lead = Leader(lag.key, -passed_mm - lag.gap_mm, lag.speed_mm_s)
            near.side_lag = None

    def _move_oncoming(self, oncoming: Oncoming, moved_mm: int) -> None:
        oncoming.gap_mm -= moved_mm
        oncoming.step(self._grip_mm_s2)
        if oncoming.has_gone():
            self._near.oncoming = None

    # -- out of the background --------------------------------------------------------------------

    def beside(
        self, link: LinkId, lane: int, s_mm: int, time_ms: int
    ) -> tuple[Leader | None, Follower | None]:
        """Who is ahead and behind in another lane right now; gaps <= 0 are alongside the ego."""
        speed_mm_s = self._flow.speed_mm_s(link, lane)
        lead_ms, lag_ms = self._around(link, lane, s_mm, time_ms)
        lead = lag = None
        if lead_ms is not None:
            gap_mm = speed_mm_s * (time_ms - lead_ms) // 1_000 - CAR_LENGTH_MM - s_mm
            if gap_mm < HORIZON_MM:
                lead = Leader(actor_key(link, lead_ms), gap_mm, speed_mm_s)
        if lag_ms is not None:
            gap_mm = s_mm - CAR_LENGTH_MM - speed_mm_s * (time_ms - lag_ms) // 1_000
            if gap_mm < HORIZON_MM:
                lag = Follower(actor_key(link, lag_ms), gap_mm, speed_mm_s, self._seed)
        return lead, lag

    def _around(
        self, link: LinkId, lane: int, s_mm: int, time_ms: int
    ) -> tuple[int | None, int | None]:
        """Passing times of the first vehicle beyond ``s_mm`` and of the one behind it."""
        # Who passed the start at this time is exactly here now, however long the link is.
        here_ms = time_ms - s_mm * 1_000 // self._flow.speed_mm_s(link, lane)
        passed, coming = self._flow.around(link, lane, here_ms)
        return (passed[0] if passed else None), (coming[0] if coming else None)

    def _stays(self, actor: Leader | Follower | None, chance_ppm: int, link: LinkId) -> bool:
        if actor is None or actor.gap_mm > HORIZON_MM:
            return False
        word = draw(self._seed, Stream.ACTOR_STAYS, actor.key, link)
        return happens(word, chance_ppm)

    def _leader(
        self, link: LinkId, lane: int, s_mm: int, speed_mm_s: int, time_ms: int
    ) -> Leader | None:
        own = self._flow.speed_mm_s(link, lane)
        at_ms, _ = self._around(link, lane, s_mm + CAR_LENGTH_MM, time_ms)
        if at_ms is None:
            return None
        gap_mm = own * (time_ms - at_ms) // 1_000 - CAR_LENGTH_MM - s_mm
        if gap_mm > min(HORIZON_MM, self._network.link(link).length_mm):
            return None
        return Leader(
            actor_key(link, at_ms),
            max(gap_mm, ordinary_gap_mm(speed_mm_s, own, self._grip_mm_s2)),
            own,
        )

    def _follower(
        self, link: LinkId, lane: int, s_mm: int, speed_mm_s: int, time_ms: int
    ) -> Follower | None:
        own = self._flow.speed_mm_s(link, lane)
        _, at_ms = self._around(link, lane, s_mm, time_ms)
        if at_ms is None:
            return None
        gap_mm = s_mm - CAR_LENGTH_MM - own * (time_ms - at_ms) // 1_000
        gap_mm = max(gap_mm, ordinary_gap_mm(own, speed_mm_s, self._grip_mm_s2))
        return (
            Follower(actor_key(link, at_ms), gap_mm, own, self._seed)
            if gap_mm < HORIZON_MM
            else None
        )

    def meet_oncoming(self, link: LinkId, s_mm: int, time_ms: int) -> Oncoming | None:
        """Find whoever drives the right way toward a car on the wrong side."""
        true_link = self._network.link(self._network.link(link).reverse)
        own = true_link.length_mm - s_mm
        _, at_ms = self._around(true_link.id, 0, own, time_ms)
        if at_ms is None:
            return None
        speed_mm_s = self._flow.speed_mm_s(true_link.id, 0)
        gap_mm = own - speed_mm_s * (time_ms - at_ms) // 1_000
        return Oncoming(actor_key(true_link.id, at_ms), gap_mm, speed_mm_s)


def gap_and_speed(actor: Leader | Follower | Oncoming | CrossTraffic | None) -> tuple[int, int]:
    """Gap and speed of an actor as a row of the trace wants them."""
    return (NOTHING, 0) if actor is None else (actor.gap_mm, actor.speed_mm_s)
