"""
Gaps that other drivers take at conflict points: Highway Capacity Manual, exhibit 20-17.

Base values without adjustment for grade or heavy vehicles. The person in the driver's seat has a
table of its own (``driver/people.py``).
"""

from typing import Final

from guiderail.maps.network import Conflict
from guiderail.sim.contract.draw import Stream, TripSeed, draw
from guiderail.sim.contract.quantiles import normal_permille

CRITICAL_MS: Final = {
    Conflict.LEFT_FROM_MAJOR: (4_100, 4_100, 5_300),
    Conflict.U_TURN: (6_400, 6_400, 5_600),
    Conflict.RIGHT_FROM_MINOR: (6_200, 6_900, 7_100),
    Conflict.THROUGH_FROM_MINOR: (6_500, 6_500, 6_500),
    Conflict.LEFT_FROM_MINOR: (7_100, 7_500, 6_400),
    Conflict.ROUNDABOUT_ENTRY: (4_500, 4_500, 4_500),
}
"""Critical headway where the major road has 2, 4 and 6 lanes in both directions [ms]; the
roundabout's is a usual value, not from the manual's table."""
SPREAD_MS: Final = 800
"""Standard deviation of the critical headway over drivers (assumption)."""
SHORTEST_MS: Final = 3_000
"""Nobody takes a shorter gap than this."""


def critical_gap_ms(conflict: Conflict, major_lanes: int) -> int:
    """
    Headway in the stream with priority that half of the drivers take [ms].

    Examples
    --------
    >>> critical_gap_ms(Conflict.LEFT_FROM_MINOR, 2)
    7100
    """
    # The map counts the lanes of the streams that have priority.
    return CRITICAL_MS[conflict][min(2, max(0, (major_lanes - 1) // 2))]


def driver_gap_ms(conflict: Conflict, major_lanes: int, seed: TripSeed, key: int) -> int:
    """Critical gap of one driver [ms]: normal around the table's value."""
    spread = SPREAD_MS * normal_permille(draw(seed, Stream.CRITICAL_GAP, key, 0)) // 1_000
    return max(SHORTEST_MS, critical_gap_ms(conflict, major_lanes) + spread)
