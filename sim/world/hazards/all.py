"""The hazards of the world, in the order in which they act."""

from collections.abc import Sequence
from typing import Final, TypeVar

from guiderail.sim.contract.trace import Trace
from guiderail.sim.world.ego import Ego
from guiderail.sim.world.hazards.emergency_vehicles import EmergencyVehicles
from guiderail.sim.world.hazards.hazard import Hazard
from guiderail.sim.world.hazards.pedestrians import Pedestrians
from guiderail.sim.world.setting import Setting
from guiderail.sim.world.traffic.neighbors import Neighbors

_Kind = TypeVar("_Kind", bound=Hazard)

HAZARDS: Final[tuple[type[Hazard], ...]] = (EmergencyVehicles, Pedestrians)
"""A new hazard is added here."""


def hazards_of(
    setting: Setting, ego: Ego, neighbors: Neighbors, trace: Trace
) -> tuple[Hazard, ...]:
    """Those that there are on one trip."""
    return tuple(kind(setting, ego, neighbors, trace) for kind in HAZARDS if kind.exists(setting))


def the(kind: type[_Kind], hazards: Sequence[Hazard]) -> _Kind | None:
    """Find the hazard of a kind; None where there is none on this trip."""
    return next((one for one in hazards if isinstance(one, kind)), None)
