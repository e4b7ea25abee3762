"""The guide beside our driver in SUMO's city: when it is asked, what it sees, when it is heard."""

from typing import NamedTuple

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.sim.contract.lattice import TICK_MS
from guiderail.sim.contract.messages import Advice, Observation
from guiderail.sim.contract.ports import Driver, Guide
from guiderail.sim.contract.trip import Trip


class Place(NamedTuple):
    """Where the ego is on our map, and how fast."""

    link: LinkId
    s_mm: int
    lane: int
    speed_mm_s: int


class Voice:
    """Asks the guide at every junction with a choice, and speaks after its latency."""

    def __init__(self, network: RoadNetwork, trip: Trip, driver: Driver, guide: Guide) -> None:
        self._network, self._trip = network, trip
        self._driver, self._guide = driver, guide
        self._asked_on = LinkId(-1)
        self._occasion = 0
        self._due: tuple[int, Advice] | None = None

    def listen(self, now_ms: int, here: Place) -> Advice | None:
        """Ask, if it is time; what is heard now, if anything."""
        if self._due is not None:
            due_ms, advice = self._due
            if now_ms < due_ms:
                return None
            self._due = None
            return advice
        if here.link == self._asked_on or not self._has_choice(here.link):
            return None
        seen = self._observation(now_ms, here)
        self._asked_on = here.link
        self._occasion += 1
        said = self._guide.advise(seen)
        if said is not None:
            self._due = now_ms + max(TICK_MS, said.latency_ms), said
        return None

    def _has_choice(self, link: LinkId) -> bool:
        """Whether there is more than one way on from a link, legal or not."""
        return len(self._network.ways_out(link)) > 1

    def _observation(self, now_ms: int, here: Place) -> Observation:
        return Observation(
            time_ms=now_ms,
            occasion=self._occasion,
            link=here.link,
            distance_to_node_mm=self._network.link(here.link).length_mm - here.s_mm,
            speed_mm_s=here.speed_mm_s,
            lane=here.lane,
            route=self._driver.route(),
            goal=self._trip.goal,
            goal_name=self._trip.goal_name,
            eta_ms=self._driver.remaining_ms(),
            reported_closed=frozenset(),
        )
