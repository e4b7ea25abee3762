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
    emergency_per_hour: int = 0
    """Emergency vehicles with siren: so many cross each junction, so many come up behind a car."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """
    What is wrong with the senses and beliefs of the driving layer; nothing by default.

    The world lets them act on what the driver perceives and assumes, and computes what follows.
    """

    friction_permille: int = 1_000
    """Friction that the driver assumes, against the true one."""
    miss_ppm: int = 0
    """Chance that a thing is overlooked for two seconds: a car ahead, a light, whoever crosses."""
    late_ms: int = 0
    """Age of what is perceived of traffic and lights."""
    position_mm: int = 0
    """Largest error of the own position along the road; one value for the whole trip."""
    blind_ppb_per_km: int = 0
    """Failures per 10^9 km: for three seconds nothing of traffic and lights is perceived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """A closure that begins or ends while a trip is under way; times since its start."""

    links: frozenset[LinkId]
    from_ms: int
    """May be before the start [ms]."""
    until_ms: int
    reported_from_ms: int
    reported_until_ms: int
    """No report at all where this is not after ``reported_from_ms`` [ms]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bottleneck:
    """An incident that leaves a lane open; times since the start of the trip."""

    upstream: tuple[LinkId, ...]
    """The link at whose end it lies, then the links on which its queue can stand."""
    from_ms: int
    """May be before the start [ms]."""
    until_ms: int
    capacity_per_hour: int
    """Vehicles that can still pass it, all lanes together."""
    demand_per_hour: int
    """Vehicles that want to."""


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
    """Links that truly are closed, all the time."""
    reported_closed: frozenset[LinkId] = frozenset()
    """What the traffic reports say all the time; the guide is shown this."""
    closings: tuple[Closing, ...] = ()
    """What is closed or reported for a part of the trip, beyond that."""
    bottlenecks: tuple[Bottleneck, ...] = ()
    """Incidents that do not close their road; nobody reports them."""
    time_limit_ms: int = 3_600_000
    faults: Faults = field(default_factory=Faults)

    @property
    def assumed_friction_permille(self) -> int:
        """What the driver takes the road for."""
        return self.conditions.friction_permille * self.faults.friction_permille // 1_000
