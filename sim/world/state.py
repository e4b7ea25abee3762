"""The state of a trip: what changes, as data that can be printed, copied and compared."""

from dataclasses import dataclass, field

from guiderail.sim.contract.trace import Outcome
from guiderail.sim.world.approach import Approach
from guiderail.sim.world.ego import Ego
from guiderail.sim.world.traffic.conflict_zone import ConflictZone
from guiderail.sim.world.traffic.neighbors import Neighbors


@dataclass(slots=True)
class State:
    """What is true at one time."""

    ego: Ego
    approach: Approach
    """What rules at the end of the ego's link."""
    neighbors: Neighbors = field(default_factory=Neighbors)
    zone: ConflictZone | None = None
    """Conflict zone that the ego is in."""
    hazards: dict[str, object] = field(default_factory=dict)
    """State of each kind of hazard, by its name."""
    time_ms: int = 0
    outcome: Outcome | None = None
    """How the trip ended; None while it goes on."""
