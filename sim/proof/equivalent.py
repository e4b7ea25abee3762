"""Mutants that nothing can tell from what is shipped, each with the reason."""

from typing import Final

EQUIVALENT: Final[dict[str, str]] = {}
"""Names of mutants as :mod:`guiderail.sim.proof.mutation` makes them, and why they are the same."""
