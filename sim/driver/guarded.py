"""The guarded driver: whatever the guide says passes through the guard, and nothing else does."""

from guiderail.maps.network import LinkId
from guiderail.sim.contract.messages import Command, Perception, Proposal, Verdict
from guiderail.sim.contract.trace import Missed, Rerouted
from guiderail.sim.driver.budget import Purse
from guiderail.sim.driver.guard import Guard
from guiderail.sim.driver.pilot import Pilot


class Guarded:
    """Accepts what the guard admits; drives by itself all the time."""

    def __init__(self, name: str, pilot: Pilot, guard: Guard, purse: Purse) -> None:
        self.name = name
        self._pilot = pilot
        self._guard = guard
        self._purse = purse

    def hear(self, proposal: Proposal, seen: Perception) -> Verdict:
        """Let the guard decide."""
        self._pilot.catch_up(seen)
        return self._guard.decide(proposal, seen, self._pilot.planner, self._purse)

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
