"""
The parts of a scenario that make its world: road, sight, traffic, and faults of the driving layer.

Presets have names; a number may stand wherever a name may.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from guiderail.sim.contract.trip import Conditions, Faults

FRICTION: Final = {"dry": 0.8, "wet": 0.5, "snow": 0.3, "ice": 0.1}
"""Friction coefficients by name [1], after the values of the AASHTO and tire literature."""

SIGHT_M: Final = {"clear": 100.0, "night": 60.0, "fog": 50.0, "dense_fog": 30.0}
"""
Sight by name [m]: low beams light up 50 to 60 m; fog and dense fog as road weather services name
them, less than 100 m and about 30 m (assumptions, all four).
"""
HOURLY_PERMILLE: Final = (
    (10, 6, 5, 5, 9, 30, 54, 71, 58, 47, 46, 50, 53, 54, 63, 69, 72, 77, 62, 44, 35, 33, 26, 21)
)  # fmt: skip
"""Share of a weekday's traffic in each hour, urban arterial [1/1000] (HCM exhibit 17-5)."""

Share = Annotated[float, Field(ge=0, le=1, strict=True, allow_inf_nan=False)]
"""A probability or a share [1]."""
Count = Annotated[int, Field(strict=True)]
Real = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class Part(BaseModel):
    """One table of a scenario file: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _value_of(value: Any, what: str, known: Mapping[str, float]) -> Any:
    """Look a name up; a number stays."""
    if not isinstance(value, str):
        return value
    if value not in known:
        raise ValueError(f"no {what} named {value[:40]!r}; known: {', '.join(known)}")
    return known[value]


_NAMED: Final = {"friction": ("friction", FRICTION), "sight_m": ("sight", SIGHT_M)}


class RoadConditions(Part):
    """Road, sight and traffic of all trips."""

    friction: Annotated[Real, Field(ge=0.05, le=1.2)] = FRICTION["dry"]
    """Friction coefficient [1], or one of dry, wet, snow, ice."""
    sight_m: Annotated[Real, Field(ge=20, le=2_000)] = SIGHT_M["clear"]
    """How far a driver sees [m], or one of clear, night, fog, dense_fog."""
    flow_per_hour: Annotated[Count, Field(ge=0, le=2_000)] = 300
    """Vehicles per hour and lane on a secondary road; the mean of the day where an hour is set."""
    hour: Annotated[Count, Field(ge=-1, le=23)] = -1
    """Hour of a weekday, which scales the flow; -1 for the mean of the day."""
    lapses_ppm: Annotated[Count, Field(ge=0, le=1_000_000)] = 1_000
    """Chance that the driver behind lapses, per million brakings."""
    walkers_per_hour: Annotated[Count, Field(ge=0, le=1_000)] = 60
    """People on foot who cross at each junction arm, per hour."""
    hidden_share: Share = 0.2
    """Share of junctions without lights where a corner hides the road with priority."""
    emergency_per_hour: Annotated[Count, Field(ge=0, le=120)] = 0
    """Emergency vehicles with siren, per hour: at each junction, and behind each car."""

    @field_validator("friction", "sight_m", mode="before")
    @classmethod
    def _named(cls, value: Any, info: ValidationInfo) -> Any:
        return _value_of(value, *_NAMED[str(info.field_name)])

    def hourly_flow(self) -> int:
        """Vehicles per hour and lane at the hour of the scenario."""
        if self.hour < 0:
            return self.flow_per_hour
        return self.flow_per_hour * HOURLY_PERMILLE[self.hour] * 24 // 1_000

    def text_parts(self) -> dict[str, float]:
        """Everything that decides a trip; what nobody asked for is left out."""
        unused = {"emergency_per_hour"} if self.emergency_per_hour == 0 else set[str]()
        return self.model_dump(mode="json", exclude=unused)

    def conditions(self) -> Conditions:
        """In the units of the lattice."""
        return Conditions(
            friction_permille=round(self.friction * 1_000),
            sight_mm=round(self.sight_m * 1_000),
            flow_per_hour=self.hourly_flow(),
            lapses_ppm=self.lapses_ppm,
            walkers_per_hour=self.walkers_per_hour,
            hidden_permille=round(self.hidden_share * 1_000),
            emergency_per_hour=self.emergency_per_hour,
        )


QUALITY: Final = {"ideal": 0.0, "waymo_like": 1.3e-6, "supervised_like": 3.6e-3}
"""
Failures of the driving layer by name [1/km]; what comes of each is computed, so a failure is no
crash: Waymo's police-reported crashes (arXiv 2312.12675), taken as if each were a failure; critical
interventions of a supervised system as drivers of it report them (self-selected, biased).
"""


class DriverFaults(Part):
    """What is wrong with the driving layer of the machine arms; people have none of it."""

    quality: Annotated[Real, Field(ge=0, le=1_000)] = QUALITY["ideal"]
    """Failures per km that blind it for 3 s [1/km], or ideal, waymo_like, supervised_like."""
    stale_map: Share = 0.0
    """Share of the turn bans that its map does not hold."""
    friction_excess: Annotated[Real, Field(ge=0, le=9)] = 0.0
    """How much more friction it assumes than there is; 1 is double [1]."""
    miss: Share = 0.0
    """Chance that a thing is overlooked for 2 s."""
    late_s: Annotated[Real, Field(ge=0, le=5)] = 0.0
    """Age of what it perceives of traffic and lights [s]."""
    position_m: Annotated[Real, Field(ge=0, le=50)] = 0.0
    """Largest error of its position along the road [m]."""

    @field_validator("quality", mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        return _value_of(value, "quality", QUALITY)

    def faults(self) -> Faults:
        """In the units of the lattice."""
        return Faults(
            friction_permille=round(1_000 * (1 + self.friction_excess)),
            miss_ppm=round(self.miss * 1_000_000),
            late_ms=round(self.late_s * 10) * 100,
            position_mm=round(self.position_m * 1_000),
            blind_ppb_per_km=round(self.quality * 1_000_000_000),
        )
