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


class Purse:
    """What is left of a budget in one trip."""

    def __init__(self, budget: Budget) -> None:
        """Fill the purse."""
        self.budget = budget
        self.changes = 0
        """Accepted changes so far."""
        self.extra_ms = 0
        """Extra time bought so far [ms]; what saves time counts 0, it cannot be sold back."""
        self.last_ms = -budget.spacing_ms
        """Time of the last accepted change [ms]."""

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
