"""What one trip is before anybody drives it: shared by all arms, so they meet the same world."""

from dataclasses import dataclass, field

from guiderail.maps.network import LinkId
from guiderail.sim.contract.draw import TripSeed


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Road, sight and traffic; the same for all trips of a scenario."""

    friction_permille: int = 800
    """Friction coefficient, in thousandths: 800 dry, 500 wet, 300 snow, 100 ice."""
    sight_mm: int = 100_000
    """How far a driver sees lights, closures and vehicles."""
    flow_per_hour: int = 300
    """Vehicles per hour and lane on a secondary road; other classes scale with it."""
    lapses_ppm: int = 1_000
    """Chance that the driver behind lapses when the ego brakes, per million brakings."""
    walkers_per_hour: int = 0
    """People on foot who cross at each junction arm."""
    hidden_permille: int = 0
    """Share of junctions without lights where a corner hides the road with priority."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """One origin, one goal, one world."""

    seed: TripSeed
    origin: LinkId
    origin_mm: int
    goal: LinkId
    goal_mm: int
    goal_name: str
    conditions: Conditions = field(default_factory=Conditions)
    closed: frozenset[LinkId] = frozenset()
    """Links that truly are closed, from the start."""
    reported_closed: frozenset[LinkId] = frozenset()
    """What the traffic reports say; the guide is shown this."""
    time_limit_ms: int = 3_600_000
