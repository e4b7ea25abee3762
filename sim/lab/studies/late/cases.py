"""
What is asked for late: one crossing in several shapes, each with what makes a late word dangerous.

The car comes from the west in the right lane and would go straight on to the east. Conditions,
lights and priority are those of any map; nothing here says what a word does to a driver.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.synthetic.networks import arm_link, crossing
from guiderail.sim.contract.trip import Conditions

SHORT_S: Final = (1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0)
"""Lead times where a turn takes no more than slowing down [s]."""
LONG_S: Final = (2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 15.0)
"""Lead times where it takes a lane change as well [s]."""
_MINOR: Final = {"north": "residential", "south": "residential"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One shape of the crossing, and the turn asked for."""

    title: str
    """What the words ask for."""
    onto: str = "south"
    """Arm to turn into: south is to the right, north to the left."""
    leads_s: tuple[float, ...] = SHORT_S
    """Lead times of its table [s]."""
    friction: float = 0.8
    """Friction coefficient, unless another is asked for."""
    flow_per_hour: int = 0
    """Vehicles per hour and lane on the road that the car is on; a fifth of it on the others."""
    lanes: int = 1
    oneway: Mapping[str, str] = field(default_factory=dict)
    """One-way arms, as :func:`guiderail.maps.synthetic.networks.crossing` takes them."""
    is_closed: bool = False
    """Whether the road asked for is closed, which shows 60 m ahead."""

    def network(self, speed_kmh: int) -> RoadNetwork:
        """Draw the map; the road from west to east has priority."""
        return crossing(
            lanes=self.lanes,
            control="give_way",
            oneway=self.oneway,
            classes=_MINOR,
            has_ring=True,
            speed_kmh=speed_kmh,
        )

    def asked(self, network: RoadNetwork) -> LinkId:
        """Road that the words name."""
        return arm_link(network, self.onto, inward=False)

    def conditions(self, friction: float | None = None) -> Conditions:
        """Road and traffic; of friction the case's own unless another one is given."""
        held = self.friction if friction is None else friction
        return Conditions(
            friction_permille=round(held * 1_000),
            flow_per_hour=self.flow_per_hour,
            walkers_per_hour=0,
        )


_EASTWARD: Final = {"west": "in", "east": "out"}
"""The approach is a one-way street: nobody comes the other way, and only the lanes matter."""
CASES: Final = {
    "in_lane": Case(title="A turn right in lane, on an empty road"),
    "wet": Case(title="The same in the wet (friction 0.5)", friction=0.5),
    "snow": Case(title="The same on snow (friction 0.3)", friction=0.3),
    "lane_change": Case(
        title="A turn left from the other lane, nobody beside",
        onto="north",
        leads_s=LONG_S,
        lanes=2,
        oneway=_EASTWARD,
    ),
    "busy_lane": Case(
        title="The same with 600 vehicles per hour in each lane",
        onto="north",
        leads_s=LONG_S,
        flow_per_hour=600,
        lanes=2,
        oneway=_EASTWARD,
    ),
    "wrong_way": Case(
        title="A turn right into a one-way street, against it",
        flow_per_hour=600,
        oneway={"south": "in"},
    ),
    "closure": Case(title="A turn right into a closed road", is_closed=True),
    "conflict": Case(
        title="A turn left across 600 vehicles per hour that have priority",
        onto="north",
        flow_per_hour=600,
    ),
}
"""All of them, by name."""
