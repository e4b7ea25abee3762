"""The guarded driver: whatever the guide says passes through the guard, and nothing else does."""

from guiderail.sim.contract.messages import Perception, Proposal, Verdict
from guiderail.sim.driver.budget import Purse
from guiderail.sim.driver.guard import Guard
from guiderail.sim.driver.pilot import Pilot
from guiderail.sim.driver.steered import Steered


class Guarded(Steered):
    """Accepts what the guard admits; drives by itself all the time."""

    def __init__(self, name: str, pilot: Pilot, guard: Guard, purse: Purse) -> None:
        super().__init__(name, pilot)
        self._guard = guard
        self._purse = purse

    def hear(self, proposal: Proposal, seen: Perception) -> Verdict:
        """Let the guard decide."""
        self._pilot.catch_up(seen)
        return self._guard.decide(proposal, seen, self._pilot.planner, self._purse)
