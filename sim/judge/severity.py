"""How grave an infraction is."""

from enum import StrEnum
from typing import Final


class Severity(StrEnum):
    """Class of an infraction; what each one means is in :data:`MEANING`."""

    S4 = "S4"
    S3 = "S3"
    S2 = "S2"
    S1 = "S1"
    SURROGATE = "surrogate"
    COMFORT = "comfort"
    PURPOSE = "purpose"


MEANING: Final = {
    Severity.S4: "Crash or loss of the road.",
    Severity.S3: "Serious breach; that no crash follows is luck.",
    Severity.S2: "Breach of a rule or of the safe envelope.",
    Severity.S1: "Minor breach.",
    Severity.SURROGATE: "Near miss or conflict: no rule is broken, it weighs nothing.",
    Severity.COMFORT: "Uncomfortable: no rule is broken, it weighs nothing.",
    Severity.PURPOSE: "The purpose of the trip failed.",
}
"""One sentence for each class."""
BREACHES: Final = frozenset({Severity.S4, Severity.S3, Severity.S2, Severity.S1})
"""Severities that break a rule; the others only measure."""
SERIOUS: Final = BREACHES - {Severity.S1}
"""Severities of the headline: breaches worse than minor."""
