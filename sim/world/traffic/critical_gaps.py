"""
Gaps that other drivers take at conflict points: Highway Capacity Manual, exhibits 20-17 and 20-18.

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
FOLLOW_UP_MS: Final = {
    Conflict.LEFT_FROM_MAJOR: (2_200, 2_200, 3_100),
    Conflict.U_TURN: (2_500, 2_500, 2_300),
    Conflict.RIGHT_FROM_MINOR: (3_300, 3_300, 3_900),
    Conflict.THROUGH_FROM_MINOR: (4_000, 4_000, 4_000),
    Conflict.LEFT_FROM_MINOR: (3_500, 3_500, 3_800),
    Conflict.ROUNDABOUT_ENTRY: (2_600, 2_600, 2_600),
}
"""Time between two cars that use the same gap, from a queue [ms]; the roundabout's is a usual
value."""
SPREAD_MS: Final = 800
"""Standard deviation of the critical headway over drivers (assumption)."""
SHORTEST_MS: Final = 3_000
"""Nobody takes a shorter gap than this."""


def _column(major_lanes: int) -> int:
    """Column of the tables; the map counts the lanes of the streams that have priority."""
    return min(2, max(0, (major_lanes - 1) // 2))


def critical_gap_ms(conflict: Conflict, major_lanes: int) -> int:
    """
    Headway in the stream with priority that half of the drivers take [ms].

    Examples
    --------
    >>> critical_gap_ms(Conflict.LEFT_FROM_MINOR, 2)
    7100
    """
    return CRITICAL_MS[conflict][_column(major_lanes)]


def follow_up_ms(conflict: Conflict, major_lanes: int) -> int:
    """Time between two cars from a queue that use one gap [ms]."""
    return FOLLOW_UP_MS[conflict][_column(major_lanes)]


def driver_gap_ms(conflict: Conflict, major_lanes: int, seed: TripSeed, key: int) -> int:
    """Critical gap of one driver [ms]: normal around the table's value."""
    spread = SPREAD_MS * normal_permille(draw(seed, Stream.CRITICAL_GAP, key, 0)) // 1_000
    return max(SHORTEST_MS, critical_gap_ms(conflict, major_lanes) + spread)
