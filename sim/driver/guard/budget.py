"""
What one guide may spend in one trip: the liveness half of the guarantee.

Safety alone lets a guide circle a safe car for ever. With a bound on accepted changes and on their
predicted extra time, the planned time that a guide can buy is bounded, and arrival is certain in a
world where lights cycle and gaps come.
"""

from dataclasses import dataclass

from guiderail.sim.contract.errors import KernelError


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a trip grants its guide; nothing at all with ``changes=0``."""

    changes: int = 8
    """Accepted proposals that change anything."""
    extra_ms: int = 300_000
    """Predicted extra time of all accepted changes together [ms]: traffic adds to it, so a car
    that spends it all may still run out of the time of its trip."""
    spacing_ms: int = 5_000
    """Least time between two accepted changes [ms], so that a flood cannot toggle the route."""
    confirmations: int = 0
    """Accepted changes that the passenger may make his own in one trip. Each re-bases the budget:
    what it took is given back, because the detour is then the passenger's wish."""

    @property
    def most_extra_ms(self) -> int:
        """
        Planned extra time that guides can ever buy in one trip [ms].

        Never exceeded, whatever the map: the account grants each change, confirmed or not, out of
        ``extra_ms``. A trip without changes or without time buys nothing.
        """
        return (1 + self.confirmations) * self.extra_ms if self.changes else 0


class BudgetAccount:
    """What is left of a budget in one trip."""

    def __init__(self, budget: Budget) -> None:
        """Fill the account."""
        self.budget = budget
        self.changes = 0
        """Accepted changes so far."""
        self.extra_ms = 0
        """Extra time bought so far [ms]; what saves time counts 0, it cannot be sold back."""
        self.last_ms = -budget.spacing_ms
        """Time of the last accepted change [ms]."""
        self.confirmed = 0
        """Changes that the passenger has made his own."""
        self.confirmed_ms = 0
        """Extra time of those [ms]."""
        self._open_ms: int | None = None
        """Extra time of the last change, while it can still be confirmed [ms]."""

    def is_too_soon(self, now_ms: int) -> bool:
        """Whether the last change is too fresh for another."""
        return now_ms - self.last_ms < self.budget.spacing_ms

    def affords(self, extra_ms: int) -> bool:
        """Whether one more change, of this predicted extra time, is within the budget."""
        left_ms = self.budget.extra_ms - self.extra_ms
        return self.changes < self.budget.changes and extra_ms <= left_ms

    def spend(self, extra_ms: int, now_ms: int) -> None:
        """
        Book one accepted change.

        Raises
        ------
        KernelError
            When it was not affordable: the guard has to ask first.
        """
        if not self.affords(extra_ms):
            raise KernelError(f"a change of {extra_ms} ms was accepted beyond the budget")
        self.changes += 1
        self.extra_ms += max(0, extra_ms)
        self.last_ms = now_ms
        self._open_ms = max(0, extra_ms)

    def may_confirm(self) -> bool:
        """Whether the last change is one that the passenger may still make his own."""
        return self._open_ms is not None and self.confirmed < self.budget.confirmations

    def confirm(self) -> None:
        """
        Re-base on the last change: give back what it took.

        Raises
        ------
        KernelError
            When there is nothing to confirm, or too much was confirmed already.
        """
        if self._open_ms is None or not self.may_confirm():
            raise KernelError("there is no change that the passenger could confirm")
        self.changes -= 1
        self.extra_ms -= self._open_ms
        self.confirmed += 1
        self.confirmed_ms += self._open_ms
        self._open_ms = None
