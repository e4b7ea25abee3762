"""
Shape and price of all turns of a map at once: their names, the curves driven, the time they cost.

Arrays have one entry per turn. Angles are positive towards the kerb unless they are said to be
positive to the right.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from guiderail.maps.compile.draft import HEADING_MM
from guiderail.maps.network import Control, RoadClass, TurnKind
from guiderail.maps.tables import Flags, Longs

_STRAIGHT_CDEG: Final = 2_000
"""Below this no curve is felt."""
_SLIGHT_CDEG: Final = 5_000
_SHARP_CDEG: Final = 13_000
"""Where a slight turn ends and a sharp one begins: ours."""
_NEAR_RADIUS_MM: Final = (10_000, 8_000, 6_000)
_FAR_RADIUS_MM: Final = (15_000, 12_000, 10_000)
"""
Right-angled turns: near side 5-10 m effective, far side 10-15 m; on primary roads or greater,
tertiary or greater, and all others, by the greater of the two roads.
"""
_U_TURN_RADIUS_MM: Final = 5_500
"""A passenger car turns round in 11 to 12 m between kerbs."""
_TIGHTEST_MM: Final = 5_000
"""Least effective radius of a right turn round a kerb."""
_RAMP_RADIUS_MM: Final = 60_000
"""Loop ramps have 45-75 m."""
_FAST_RADIUS_MM: Final = 400_000
"""Bends of motorways and trunk roads themselves."""
_ROUNDING_MM: Final = 10
"""Radii are rounded to this, so that the last bit of a tangent cannot matter."""
_PENALTY_CDEG: Final = np.array([2_000, 4_500, 9_000, 13_500, 18_000])
_NEAR_PENALTY_MS: Final = np.array([0, 140, 2_100, 6_670, 7_450])
_FAR_PENALTY_MS: Final = np.array([0, 540, 5_400, 7_410, 7_490])
"""Time of a turn of these angles in OSRM's car profile, straight lines between them."""
_U_TURN_MS: Final = 20_000
"""OSRM's car profile charges as much for turning round."""
_CONTROL_MS: Final = {
    Control.NONE: 0,
    Control.SIGNAL: 2_000,
    Control.STOP: 2_000,
    Control.GIVE_WAY: 1_000,
}
"""Expected wait, for the choice of a route alone: 2 s for a signal as in OSRM's car profile, signs
ours. The world has waits of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roads:
    """One end of every turn: the road that it leaves, or the one that it leads onto."""

    road_class: Longs
    is_ramp: Flags

    @property
    def is_fast(self) -> Flags:
        """Motorways and trunk roads, their ramps aside."""
        return np.asarray((self.road_class <= RoadClass.TRUNK) & ~self.is_ramp)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meetings:
    """What the curve of every turn depends on."""

    origin: Roads
    target: Roads
    is_u_turn: Flags
    angle_to_kerb_cdeg: Longs
    arms: Longs
    """Stretches that end at the node."""

    @property
    def size(self) -> Longs:
        """Change of direction, whichever way."""
        return np.abs(self.angle_to_kerb_cdeg)


def kinds(seen: Meetings, angle_cdeg: Longs) -> Longs:
    """Name every turn; angles are positive to the right."""
    step = (seen.size >= _SLIGHT_CDEG).astype(np.int64) + (seen.size >= _SHARP_CDEG)
    first = np.where(angle_cdeg > 0, TurnKind.SLIGHT_RIGHT, TurnKind.SLIGHT_LEFT)
    return np.select(
        [
            seen.is_u_turn,
            seen.origin.is_fast & seen.target.is_ramp,
            seen.origin.is_ramp & seen.target.is_fast,
            seen.size < _STRAIGHT_CDEG,
        ],
        [TurnKind.U_TURN, TurnKind.EXIT, TurnKind.MERGE, TurnKind.STRAIGHT],
        first + step,
    )


def radii_mm(seen: Meetings) -> Longs:
    """
    Radius of the curves driven; 0 where none is felt.

    The corner takes up the same room whatever its angle, so a slight bend has the wider curve:
    R = R90 / tan(angle / 2). A slight bend is no corner: it is drawn, between the middles of the
    two chords that headings are taken over, so R is at most the road between them / angle.
    """
    is_felt = seen.size >= _STRAIGHT_CDEG
    angle = np.radians(np.where(is_felt, seen.size, _SLIGHT_CDEG) / 100)
    corner = _corners_mm(seen) / np.tan(angle / 2)
    radius = np.where(seen.size < _SLIGHT_CDEG, np.minimum(corner, HEADING_MM / angle), corner)
    rounded = np.rint(radius / _ROUNDING_MM).astype(np.int64)
    radius = np.maximum(rounded * _ROUNDING_MM, _least_radii_mm(seen))
    return np.where(seen.is_u_turn, _U_TURN_RADIUS_MM, np.where(is_felt, radius, 0))


def _corners_mm(seen: Meetings) -> Longs:
    greater = np.minimum(seen.origin.road_class, seen.target.road_class)
    rank = (greater > RoadClass.PRIMARY).astype(np.int64) + (greater > RoadClass.TERTIARY)
    near, far = np.array(_NEAR_RADIUS_MM), np.array(_FAR_RADIUS_MM)
    return np.where(seen.angle_to_kerb_cdeg > 0, near[rank], far[rank])


def _least_radii_mm(seen: Meetings) -> Longs:
    lesser = np.maximum(seen.origin.road_class, seen.target.road_class)
    is_on_ramp = (lesser <= RoadClass.TRUNK) & (seen.origin.is_ramp | seen.target.is_ramp)
    least = np.where(is_on_ramp, _RAMP_RADIUS_MM, _TIGHTEST_MM)
    return np.where(seen.origin.is_fast & seen.target.is_fast, _FAST_RADIUS_MM, least)


def arcs_mm(radius_mm: Longs, seen: Meetings) -> Longs:
    """Length of the curves."""
    return np.rint(radius_mm * np.radians(seen.size / 100)).astype(np.int64)


def penalties_ms(seen: Meetings) -> Longs:
    """Time that turns cost beyond driving; none where just two streets meet."""
    upper = np.searchsorted(_PENALTY_CDEG, seen.size, "right").clip(1, len(_PENALTY_CDEG) - 1)
    table = np.stack((_FAR_PENALTY_MS, _NEAR_PENALTY_MS))
    side = (seen.angle_to_kerb_cdeg > 0).astype(np.int64)
    low, high = table[side, upper - 1], table[side, upper]
    angle_low, angle_high = _PENALTY_CDEG[upper - 1], _PENALTY_CDEG[upper]
    bent = low + (high - low) * (seen.size - angle_low) // (angle_high - angle_low)
    is_free = (seen.arms <= 2) | (seen.size <= _PENALTY_CDEG[0])  # noqa: PLR2004
    return np.where(seen.is_u_turn, _U_TURN_MS, np.where(is_free, 0, bent))


def costs_ms(seen: Meetings, control: Longs, length_mm: Longs, speed_mm_s: Longs) -> Longs:
    """
    Price of turns plus free-flow driving of their targets, rounded up so that it is above zero.

    Parameters
    ----------
    seen
        The turns.
    control
        What rules at the end of the roads that they leave.
    length_mm, speed_mm_s
        Of the roads that they lead onto.
    """
    waiting = np.array([_CONTROL_MS[one] for one in Control])[control]
    driving = -(-length_mm * 1_000 // speed_mm_s)
    return np.asarray(np.maximum(1, penalties_ms(seen) + waiting + driving))
