"""
A run in which every word is that of another run is that run, and is not driven again.

Nothing but its words connects a guide with the car, and everything else is a function of the trip.
If a guide answers every question of a run as the guide of that run did, the next question is the
same again, and so on to the end: the two traces are one. At low rates most trips hear no wrong
word, so much of a sweep over rates need not be driven.
"""

from collections.abc import Sequence

from guiderail.sim.contract.messages import Advice, Observation
from guiderail.sim.contract.ports import Guide

Dialog = Sequence[tuple[Observation, Advice | None]]
"""What a guide was asked on a trip, and what it said."""


def is_repeatable(guide: Guide) -> bool:
    """
    Whether a guide declares ``repeatable``: it answers by the questions so far, and by no more.

    A guide that measures time, calls a model or remembers earlier trips must not.
    """
    return getattr(guide, "repeatable", False) is True


def says_the_same(guide: Guide, dialog: Dialog) -> bool:
    """Whether a fresh guide would have said, question by question, what was said there."""
    return is_repeatable(guide) and all(guide.advise(seen) == said for seen, said in dialog)
