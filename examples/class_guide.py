"""
A guide as a class: the whole of what has to be written.

    guiderail run --guide examples/class_guide.py:Calm --story
"""

from guiderail.sim.contract.messages import Advice, Observation


class Calm:
    """Say how far it is, once a minute, and nothing else."""

    name = "calm"

    def __init__(self) -> None:
        self._next_ms = 0

    def advise(self, seen: Observation) -> Advice | None:
        """Speak when a minute has passed."""
        if seen.time_ms < self._next_ms:
            return None
        self._next_ms = seen.time_ms + 60_000
        return Advice(words=f"About {round(seen.eta_ms / 60_000)} minutes to go.", latency_ms=800)
