"""
What incidents that leave a lane open do to the traffic before them.

Demand above the capacity that is left makes a queue, after the deterministic queue model: it grows
at demand less capacity while the incident lasts, and shrinks at full capacity less demand
afterwards. Its cars are as far apart, and as fast, as the congested branch of a triangular
fundamental diagram has it for the flow that is let through. Demand below the capacity slows the
link of the incident alone (BPR on the capacity that is left).
"""

from collections.abc import Sequence
from typing import Final

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.sim.contract.lattice import SPEED_STEP_MM_S
from guiderail.sim.contract.trip import Bottleneck
from guiderail.sim.world.background.capacity import CAPACITY_PER_HOUR, bpr_speed_mm_s

JAM_MM: Final = 7_000
"""Road per standing car (usual: 130 to 150 cars per km and lane)."""
WAVE_MM_S: Final = 5_000
"""Speed at which a jam travels upstream (usual: 15 to 20 km/h)."""
_HOUR_S: Final = 3_600
_HOUR_MS: Final = 3_600_000


def queue_speed_mm_s(flow_per_hour: int) -> int:
    """
    Speed of a queue of which so many cars per hour and lane are let through.

    Flow over density; the density is that of standing cars less flow / wave speed.

    Examples
    --------
    >>> queue_speed_mm_s(630)  # 0.175 cars/s; 143 - 35 = 108 cars per km
    1620
    """
    # v = q / (1 / jam - q / wave) = q * jam * wave / (wave - q * jam), q in cars per second.
    way = flow_per_hour * JAM_MM
    speed_mm_s = way * WAVE_MM_S // (WAVE_MM_S * _HOUR_S - way)
    return max(SPEED_STEP_MM_S, speed_mm_s - speed_mm_s % SPEED_STEP_MM_S)


class Queues:
    """The queues of one trip: a pure function of place and time."""

    def __init__(self, network: RoadNetwork, bottlenecks: Sequence[Bottleneck]) -> None:
        self._network = network
        self._near: dict[LinkId, list[tuple[Bottleneck, int]]] = {}
        """By link, the incidents before which it lies, each with the road from it to them."""
        for one in bottlenecks:
            road_mm = 0
            for link in one.upstream:
                self._near.setdefault(link, []).append((one, road_mm))
                road_mm += network.link(link).length_mm

    def affects(self, link: LinkId) -> bool:
        """Whether a queue can ever stand on a link."""
        return link in self._near

    def stands_on(self, link: LinkId, time_ms: int) -> bool:
        """Whether a link is in a queue at a time: the queue reaches its middle."""
        middle_mm = self._network.link(link).length_mm // 2
        near = self._near.get(link, ())
        return any(self.length_mm(one, time_ms) > road_mm + middle_mm for one, road_mm in near)

    def speed_mm_s(self, link: LinkId, time_ms: int, free_mm_s: int) -> int:
        """Speed on a link at a time; all of it is in a queue that reaches its middle [mm/s]."""
        middle_mm = self._network.link(link).length_mm // 2
        found = self._near.get(link, ())
        return min(
            (self._before(one, road_mm, middle_mm, time_ms, free_mm_s) for one, road_mm in found),
            default=free_mm_s,
        )

    def _before(
        self, one: Bottleneck, road_mm: int, middle_mm: int, time_ms: int, free_mm_s: int
    ) -> int:
        lanes = self._lanes(one)
        is_on = one.from_ms <= time_ms < one.until_ms
        passing = one.capacity_per_hour // lanes if is_on else CAPACITY_PER_HOUR
        if self.length_mm(one, time_ms) > road_mm + middle_mm:
            return min(free_mm_s, queue_speed_mm_s(passing))
        if is_on and road_mm == 0:
            return bpr_speed_mm_s(free_mm_s, one.demand_per_hour // lanes, passing)
        return free_mm_s

    def length_mm(self, one: Bottleneck, time_ms: int) -> int:
        """Road that a queue takes at a time [mm]; what waits stands in all lanes."""
        lanes, passing = self._lanes(one), one.capacity_per_hour // self._lanes(one)
        apart_mm = queue_speed_mm_s(passing) * _HOUR_S // passing
        return self.cars(one, time_ms) * apart_mm // lanes

    def cars(self, one: Bottleneck, time_ms: int) -> int:
        """Cars that wait at a time, all lanes together."""
        grown_ms = max(0, min(time_ms, one.until_ms) - one.from_ms)
        shrunk_ms = max(0, time_ms - one.until_ms)
        growing = one.demand_per_hour - one.capacity_per_hour
        shrinking = CAPACITY_PER_HOUR * self._lanes(one) - one.demand_per_hour
        waiting = max(0, growing) * grown_ms - max(0, shrinking) * shrunk_ms
        return max(0, waiting) // _HOUR_MS

    def _lanes(self, one: Bottleneck) -> int:
        return self._network.link(one.upstream[0]).lanes
