"""What every car has in common: a pilot that drives it, whoever it listens to."""

from guiderail.maps.network import LinkId
from guiderail.sim.contract.messages import Command, Perception
from guiderail.sim.contract.trace import Missed, Rerouted
from guiderail.sim.driver.pilot import Pilot


class Steered:
    """Drives by its pilot; how it answers a proposal is what the kinds of drivers differ in."""

    def __init__(self, name: str, pilot: Pilot) -> None:
        self.name = name
        self._pilot = pilot

    def command(self, seen: Perception) -> Command:
        """Drive."""
        return self._pilot.drive(seen)

    def route(self) -> tuple[LinkId, ...]:
        """Planned links."""
        return self._pilot.planner.route

    def remaining_ms(self) -> int:
        """Predicted time along the route [ms]."""
        return self._pilot.planner.remaining_ms()

    def news(self) -> list[Missed | Rerouted]:
        """What happened to the plan."""
        return self._pilot.planner.news()
