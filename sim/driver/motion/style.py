"""How a driver drives: what all of them call calm, and what tells the arms apart."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from guiderail.maps.network import Turn

CALM_THROTTLE_MM_S2: Final = 1_200
"""Acceleration that passengers call calm; one tick of brake build-up takes it back."""
CALM_JERK_MM_S2: Final = 400
"""Change of acceleration in one tick that passengers call calm: 4 m/s^3 (nuPlan: 4.13)."""
BUILD_UP_MS: Final = 300
"""Time until the brakes hold as planned."""
SLACK_MS: Final = 600
"""Road of this many ms is kept in hand: brakes build up over two ticks."""
LEADER_HEADWAY_MS: Final = 1_200


@dataclass(frozen=True, slots=True, kw_only=True)
class DrivingStyle:
    """How a driver drives; the differences between the arms are here and in what they obey."""

    headway_ms: int = LEADER_HEADWAY_MS
    obeys: bool = False
    """Whether a turn that the guide asked for is made whatever it takes: lanes are changed without
    a safe gap, and a turn that cannot be made safely is tried all the same."""
    keeps_rss: bool = True
    """Whether the gap to the car ahead is that of RSS where it is longer than the headway."""
    critical_gap_ms: Callable[[Turn], int] | None = None
    """Gap that a person takes; None for a driver who computes when the zone is clear."""
    change_ms: Callable[[int], int] | None = None
    """Time that a person's first, second, .. lane change takes; None for a machine's 5 s."""
