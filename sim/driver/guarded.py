"""The guarded driver: whatever the guide says passes through the guard, and nothing else does."""

from collections.abc import Callable

from guiderail.sim.contract.messages import Perception, Proposal, Verdict
from guiderail.sim.driver.guard.budget import Purse
from guiderail.sim.driver.guard.guard import Guard
from guiderail.sim.driver.pilot import Pilot
from guiderail.sim.driver.steered import Steered

Passenger = Callable[[Verdict], bool]
"""Says whether an accepted change is the passenger's wish; the car asks, never the guide."""


def trusting(accepted: Verdict) -> bool:
    """Confirm everything: the passenger whom a guide has fooled, the worst case of a budget."""
    del accepted
    return True


class Guarded(Steered):
    """
    Accepts what the guard admits; drives by itself all the time.

    The passenger is asked only while the budget grants confirmations.
    """

    def __init__(
        self,
        name: str,
        pilot: Pilot,
        guard: Guard,
        purse: Purse,
        passenger: Passenger = trusting,
    ) -> None:
        super().__init__(name, pilot)
        self._guard = guard
        self._purse = purse
        self._passenger = passenger

    def hear(self, proposal: Proposal, seen: Perception) -> Verdict:
        """Let the guard decide; a change that the passenger confirms re-bases the budget."""
        self._pilot.catch_up(seen)
        changes = self._purse.changes
        verdict = self._guard.decide(proposal, seen, self._pilot.planner, self._purse)
        is_booked = self._purse.changes > changes
        if is_booked and self._purse.may_confirm() and self._passenger(verdict):
            self._purse.confirm()
        return verdict
