"""The guarded driver: whatever the guide says passes through the guard, and nothing else does."""

from collections.abc import Callable

from guiderail.sim.contract.messages import Perception, Proposal, Verdict
from guiderail.sim.driver.guard.budget import BudgetAccount
from guiderail.sim.driver.guard.guard import Guard
from guiderail.sim.driver.pilot import Pilot, RoutedDriver

Passenger = Callable[[Verdict], bool]
"""Says whether an accepted change is the passenger's wish; the car asks, never the guide."""


def trusting(accepted: Verdict) -> bool:
    """Confirm everything: the passenger whom a guide has fooled, the worst case of a budget."""
    del accepted
    return True


class Guarded(RoutedDriver):
    """
    Accepts what the guard admits; drives by itself all the time.

    The passenger is asked only while the budget grants confirmations.
    """

    def __init__(
        self,
        name: str,
        pilot: Pilot,
        guard: Guard,
        account: BudgetAccount,
        passenger: Passenger = trusting,
    ) -> None:
        super().__init__(name, pilot)
        self._guard = guard
        self._account = account
        self._passenger = passenger

    def hear(self, proposal: Proposal, seen: Perception) -> Verdict:
        """Let the guard decide; a change that the passenger confirms re-bases the budget."""
        self._pilot.catch_up(seen)
        account = self._account
        verdict, is_charged = self._guard.decide(proposal, seen, self._pilot.planner, account)
        if is_charged and account.may_confirm() and self._passenger(verdict):
            account.confirm()
        return verdict
