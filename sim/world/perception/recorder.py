"""What the trace keeps of the present state: a row of motion, a lane change that begins."""

from typing import Final

from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.trace import COLUMNS, LaneChange, Sample
from guiderail.sim.world.approach import Approach
from guiderail.sim.world.ego import Ego
from guiderail.sim.world.hazards.pedestrians import Pedestrians
from guiderail.sim.world.setting import Setting
from guiderail.sim.world.traffic.actors import CrossTraffic
from guiderail.sim.world.traffic.neighbors import Neighbors, gap_and_speed

_NOBODY: Final = (NOTHING, 0)


class Recorder:
    """Makes the rows of motion of one trip."""

    def __init__(
        self, setting: Setting, ego: Ego, neighbors: Neighbors, pedestrians: Pedestrians | None
    ) -> None:
        self._ego = ego
        self._neighbors = neighbors
        self._pedestrians = pedestrians
        self._row = Sample(**dict.fromkeys(COLUMNS, 0))
        self._row.sight_mm = setting.trip.conditions.sight_mm

    def sample(self, time_ms: int, approach: Approach, crossing: CrossTraffic | None) -> Sample:
        """
        Row of this tick.

        ``crossing`` is the vehicle with priority, siren or not, nearest to the zone the ego is in.
        """
        ego, near, pedestrians = self._ego, self._neighbors, self._pedestrians
        leader, follower = near.leader, near.follower
        lead = lag = _NOBODY
        if ego.target_lane != ego.lane:
            lead, lag = gap_and_speed(near.side_lead), gap_and_speed(near.side_lag)
        across = gap_and_speed(crossing) if crossing else _NOBODY
        oncoming = gap_and_speed(near.oncoming) if near.oncoming else _NOBODY
        walker_gap_mm, walker_aside_mm = _NOBODY
        if pedestrians and pedestrians.state.crosswalk:
            walker_gap_mm, walker_aside_mm = _nearest_walker(pedestrians)
        row = self._row
        row.time_ms = time_ms
        row.link = ego.link.id
        row.s_mm = ego.s_mm
        row.lane = ego.lane
        row.target_lane = ego.target_lane
        row.lateral_permille = ego.lateral_permille() if ego.lateral_ms else 0
        row.speed_mm_s = ego.speed_mm_s
        row.accel_mm_s2 = ego.accel_mm_s2
        row.radius_mm = ego.radius_mm if ego.arc_left_mm else 0
        row.light = approach.plan.light(time_ms) if approach.plan else 0
        row.leader_gap_mm = leader.gap_mm if leader else NOTHING
        row.leader_speed_mm_s = leader.speed_mm_s if leader else 0
        row.follower_gap_mm = follower.gap_mm if follower else NOTHING
        row.follower_speed_mm_s = follower.speed_mm_s if follower else 0
        row.side_lead_gap_mm = lead[0]
        row.side_lead_speed_mm_s = lead[1]
        row.side_lag_gap_mm = lag[0]
        row.side_lag_speed_mm_s = lag[1]
        row.crossing_gap_mm = across[0]
        row.crossing_speed_mm_s = across[1]
        row.oncoming_gap_mm = oncoming[0]
        row.oncoming_speed_mm_s = oncoming[1]
        row.barrier_mm = ego.barrier_mm
        row.minimal_risk = 1 if ego.minimal_risk else 0
        row.walker_gap_mm = walker_gap_mm
        row.walker_aside_mm = walker_aside_mm
        return row


def lane_change_of(time_ms: int, ego: Ego, neighbors: Neighbors, lane: int) -> LaneChange:
    """Say which lane change begins now, and who is beside."""
    lead = gap_and_speed(neighbors.side_lead)
    lag = gap_and_speed(neighbors.side_lag)
    return LaneChange(
        time_ms=time_ms,
        link=ego.link.id,
        from_lane=ego.lane,
        to_lane=lane,
        lead_gap_mm=lead[0],
        lead_speed_mm_s=lead[1],
        lag_gap_mm=lag[0],
        lag_speed_mm_s=lag[1],
    )


def _nearest_walker(pedestrians: Pedestrians) -> tuple[int, int]:
    """Road to the crossing, and how far the nearest person on the road is from the ego's side."""
    aside_mm = pedestrians.aside_mm()
    return _NOBODY if aside_mm >= NOTHING else (pedestrians.road_mm(), aside_mm)
