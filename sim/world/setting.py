"""What stays the same during a trip, and everything that is a pure function of place and time."""

from dataclasses import dataclass

from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.trip import Trip
from guiderail.sim.world.background.flow import TrafficFlow, weather_pace_permille
from guiderail.sim.world.background.queues import Queues
from guiderail.sim.world.background.signals import Signals
from guiderail.sim.world.motion import grip_mm_s2


@dataclass(frozen=True, slots=True)
class Setting:
    """Map, trip, background traffic, signals and grip of one trip."""

    network: RoadNetwork
    trip: Trip
    flow: TrafficFlow
    signals: Signals
    grip_mm_s2: int
    """Hardest acceleration that the tires hold."""


def setting_of(network: RoadNetwork, trip: Trip) -> Setting:
    """Make the setting of one trip."""
    conditions = trip.conditions
    flow = TrafficFlow(
        network,
        trip.seed,
        conditions.flow_per_hour,
        conditions.walkers_per_hour,
        weather_pace_permille(conditions.friction_permille),
        conditions.emergency_per_hour,
    )
    if trip.bottlenecks:
        flow.queues = Queues(network, trip.bottlenecks)
    grip = grip_mm_s2(conditions.friction_permille)
    return Setting(network, trip, flow, Signals(network, trip.seed), grip)
