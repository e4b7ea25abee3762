"""
Shortest paths over turns: trees, detours and what may be closed.

``trees`` prices every link for one goal, ``bucket`` builds such a tree in compiled code,
``detours`` searches round closures and prices proposals, ``closable`` says what may be closed.
"""

from guiderail.maps.routing.closable import (
    StretchFinder,
    is_harmless,
    leaves_lanes_open,
    stays_connected,
)
from guiderail.maps.routing.detours import (
    Alternative,
    Detour,
    DetourFinder,
    Ways,
    alternatives,
    extra_ms,
    is_blocked,
)
from guiderail.maps.routing.trees import UNREACHABLE, RouteOracle, Tree

__all__ = [
    "UNREACHABLE",
    "Alternative",
    "Detour",
    "DetourFinder",
    "RouteOracle",
    "StretchFinder",
    "Tree",
    "Ways",
    "alternatives",
    "extra_ms",
    "is_blocked",
    "is_harmless",
    "leaves_lanes_open",
    "stays_connected",
]
