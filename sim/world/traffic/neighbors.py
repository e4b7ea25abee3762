"""
Who drives around the ego: picks vehicles out of the background streams and makes them act.

A vehicle becomes an actor when it is next to the ego (ahead, behind, beside, head-on, crossing);
the rest of its stream stays a pure function of place and time. Nobody is put where only a crash
could follow: a vehicle that has just come into view keeps the distance that an ordinary driver
would have kept.
"""

from typing import Final

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.sim.contract.draw import Stream, TripSeed, draw, happens
from guiderail.sim.contract.lattice import ACCEL_STEP_MM_S2, NOTHING
from guiderail.sim.world.motion import CAR_LENGTH_MM
from guiderail.sim.world.traffic.actors import (
    CALM_BRAKING_MM_S2,
    Crossing,
    Follower,
    Leader,
    Oncoming,
)
from guiderail.sim.world.traffic.flow import Streams

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


class Neighbors:
    """The vehicles next to the ego in one trip."""

    def __init__(
        self, network: RoadNetwork, streams: Streams, seed: TripSeed, grip_mm_s2: int
    ) -> None:
        self._network = network
        self._grip = grip_mm_s2
        self._streams = streams
        self._seed = seed
        self.leader: Leader | None = None
        self.follower: Follower | None = None
        self.oncoming: Oncoming | None = None
        self.side_lead: Leader | None = None
        self.side_lag: Follower | None = None

    def meet(
        self,
        link: LinkId,
        lane: int,
        s_mm: int,
        speed_mm_s: int,
        time_ms: int,
        *,
        all_stay: bool,
    ) -> None:
        """
        Take note that the ego has come onto a link: some neighbors turned off, others are there.

        ``all_stay`` where the node was a mere cut in the road, so that nobody could turn off.
        """
        if self._network.link(link).against_oneway:
            self.leader = self.follower = None
            ahead = self.meet_oncoming(link, s_mm, time_ms)
            if ahead and (self.oncoming is None or ahead.gap_mm < self.oncoming.gap_mm):
                self.oncoming = ahead
            return
        self.oncoming = None
        if not all_stay and not self._stays(self.leader, LEADER_STAYS_PPM, link):
            self.leader = None
        if self.leader:
            self.leader.wish_mm_s = self._streams.speed_mm_s(link, lane)
            self.leader.goes = False
        found = self._leader(link, lane, s_mm, speed_mm_s, time_ms)
        if found and (self.leader is None or found.gap_mm < self.leader.gap_mm):
            self.leader = found
        if all_stay and self.follower is not None:
            return
        if not self._stays(self.follower, FOLLOWER_STAYS_PPM, link):
            self.follower = self._follower(link, lane, s_mm, speed_mm_s, time_ms)

    def beside(
        self, link: LinkId, lane: int, s_mm: int, time_ms: int
    ) -> tuple[Leader | None, Follower | None]:
        """Who is ahead and behind in another lane right now; gaps <= 0 are alongside the ego."""
        speed_mm_s = self._streams.speed_mm_s(link, lane)
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

    def sort_beside(self) -> None:
        """Whoever beside has overtaken the ego, or was overtaken, is ahead or behind from now."""
        lead, lag, passed = self.side_lead, self.side_lag, 2 * CAR_LENGTH_MM
        if lead and lead.gap_mm < -passed:
            self.side_lead = None
            self.side_lag = Follower(lead.key, -passed - lead.gap_mm, lead.speed_mm_s, self._seed)
        elif lag and lag.gap_mm < -passed:
            self.side_lead = Leader(lag.key, -passed - lag.gap_mm, lag.speed_mm_s)
            self.side_lag = None

    def move_oncoming(self, moved_mm: int) -> None:
        """Let whoever comes head-on drive one tick; the ego has moved so far."""
        oncoming = self.oncoming
        if oncoming is None:
            return
        oncoming.gap_mm -= moved_mm
        oncoming.step(self._grip)
        if oncoming.has_gone():
            self.oncoming = None

    def rest(self, time_ms: int) -> bool:
        """Whether all stand and will go on standing until a light changes."""
        if self.oncoming or self.side_lead or self.side_lag:
            return False
        return (self.leader is None or self.leader.is_at_rest(time_ms)) and (
            self.follower is None or self.follower.is_at_rest()
        )

    def _around(
        self, link: LinkId, lane: int, s_mm: int, time_ms: int
    ) -> tuple[int | None, int | None]:
        """Passing times of the first vehicle beyond ``s_mm`` and of the one behind it."""
        # Who passed the start at this time is exactly here now, however long the link is.
        here_ms = time_ms - s_mm * 1_000 // self._streams.speed_mm_s(link, lane)
        passed, coming = self._streams.around(link, lane, here_ms)
        return (passed[0] if passed else None), (coming[0] if coming else None)

    def _stays(self, actor: Leader | Follower | None, chance_ppm: int, link: LinkId) -> bool:
        if actor is None or actor.gap_mm > HORIZON_MM:
            return False
        word = draw(self._seed, Stream.ACTOR_STAYS, actor.key, link)
        return happens(word, chance_ppm)

    def _leader(
        self, link: LinkId, lane: int, s_mm: int, speed_mm_s: int, time_ms: int
    ) -> Leader | None:
        own = self._streams.speed_mm_s(link, lane)
        at_ms, _ = self._around(link, lane, s_mm + CAR_LENGTH_MM, time_ms)
        if at_ms is None:
            return None
        gap_mm = own * (time_ms - at_ms) // 1_000 - CAR_LENGTH_MM - s_mm
        if gap_mm > min(HORIZON_MM, self._network.link(link).length_mm):
            return None
        return Leader(
            actor_key(link, at_ms), max(gap_mm, ordinary_gap_mm(speed_mm_s, own, self._grip)), own
        )

    def _follower(
        self, link: LinkId, lane: int, s_mm: int, speed_mm_s: int, time_ms: int
    ) -> Follower | None:
        own = self._streams.speed_mm_s(link, lane)
        _, at_ms = self._around(link, lane, s_mm, time_ms)
        if at_ms is None:
            return None
        gap_mm = s_mm - CAR_LENGTH_MM - own * (time_ms - at_ms) // 1_000
        gap_mm = max(gap_mm, ordinary_gap_mm(own, speed_mm_s, self._grip))
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
        speed_mm_s = self._streams.speed_mm_s(true_link.id, 0)
        gap_mm = own - speed_mm_s * (time_ms - at_ms) // 1_000
        return Oncoming(actor_key(true_link.id, at_ms), gap_mm, speed_mm_s)


def gap_and_speed(actor: Leader | Follower | Oncoming | Crossing | None) -> tuple[int, int]:
    """Gap and speed of an actor as a row of the trace wants them."""
    return (NOTHING, 0) if actor is None else (actor.gap_mm, actor.speed_mm_s)
