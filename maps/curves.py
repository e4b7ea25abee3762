"""Shape and price of a turn: its name, the curve that is driven, the time that it costs."""

import math
from bisect import bisect_right
from typing import Final

from guiderail.maps.draft import DraftLink
from guiderail.maps.network import Control, RoadClass, TurnKind

_STRAIGHT_CDEG: Final = 2_000
"""Below this no curve is felt."""
_SLIGHT_CDEG: Final = 5_000
_SHARP_CDEG: Final = 13_000
_NEAR_RADIUS_MM: Final = {RoadClass.PRIMARY: 10_000, RoadClass.TERTIARY: 8_000}
_FAR_RADIUS_MM: Final = {RoadClass.PRIMARY: 15_000, RoadClass.TERTIARY: 12_000}
"""Right-angled turns: near side 5-10 m effective, far side 10-15 m, by the greater of two roads."""
_NEAR_ELSE_MM, _FAR_ELSE_MM = 6_000, 10_000
_U_TURN_RADIUS_MM: Final = 5_500
_TIGHTEST_MM: Final = 5_000
_RAMP_RADIUS_MM: Final = 60_000
"""Loop ramps have 45-75 m."""
_FAST_RADIUS_MM: Final = 400_000
"""Bends of motorways and trunk roads themselves."""
_ROUNDING_MM: Final = 10
"""Radii are rounded to this, so that the last bit of a tangent cannot matter."""
_PENALTY_MS: Final = {
    1: ((2_000, 0), (4_500, 140), (9_000, 2_100), (13_500, 6_670), (18_000, 7_450)),
    -1: ((2_000, 0), (4_500, 540), (9_000, 5_400), (13_500, 7_410), (18_000, 7_490)),
}
"""(angle, ms) of OSRM's car profile, straight lines between them; 1 near side, -1 far side."""
_U_TURN_MS: Final = 20_000
_CONTROL_MS: Final = {
    Control.NONE: 0,
    Control.SIGNAL: 2_000,
    Control.STOP: 2_000,
    Control.GIVE_WAY: 1_000,
}


def kind_of(origin: DraftLink, target: DraftLink, angle_cdeg: int) -> TurnKind:
    """Name a turn."""
    if origin.reverse == target.id:
        return TurnKind.U_TURN
    if _is_fast(origin) and target.street.is_ramp:
        return TurnKind.EXIT
    if origin.street.is_ramp and _is_fast(target):
        return TurnKind.MERGE
    size = abs(angle_cdeg)
    if size < _STRAIGHT_CDEG:
        return TurnKind.STRAIGHT
    step = 0 if size < _SLIGHT_CDEG else 1 if size < _SHARP_CDEG else 2
    first = TurnKind.SLIGHT_RIGHT if angle_cdeg > 0 else TurnKind.SLIGHT_LEFT
    return TurnKind(first + step)


def _is_fast(link: DraftLink) -> bool:
    return link.street.road_class <= RoadClass.TRUNK and not link.street.is_ramp


def radius_mm(origin: DraftLink, target: DraftLink, angle_to_kerb: int, arms: int) -> int:
    """
    Radius of the curve driven; 0 where none is felt.

    The corner takes up the same room whatever its angle, so a slight bend has the wider curve:
    R = R90 / tan(angle / 2). A bend between just two streets is the road's own and, like a bend
    inside a link, is not a turn.
    """
    if origin.reverse == target.id:
        return _U_TURN_RADIUS_MM
    size = abs(angle_to_kerb)
    if size < _STRAIGHT_CDEG or (arms == 2 and size < _SLIGHT_CDEG):  # noqa: PLR2004
        return 0
    exact_mm = _corner_mm(origin, target, angle_to_kerb) / math.tan(math.radians(size / 200))
    radius = round(exact_mm / _ROUNDING_MM) * _ROUNDING_MM
    return max(radius, _least_radius_mm(origin, target))


def _corner_mm(origin: DraftLink, target: DraftLink, angle_to_kerb: int) -> int:
    greater = min(origin.street.road_class, target.street.road_class)
    radii, smallest = (
        (_NEAR_RADIUS_MM, _NEAR_ELSE_MM) if angle_to_kerb > 0 else (_FAR_RADIUS_MM, _FAR_ELSE_MM)
    )
    return next((radius for road_class, radius in radii.items() if greater <= road_class), smallest)


def _least_radius_mm(origin: DraftLink, target: DraftLink) -> int:
    if _is_fast(origin) and _is_fast(target):
        return _FAST_RADIUS_MM
    is_fast_pair = max(origin.street.road_class, target.street.road_class) <= RoadClass.TRUNK
    is_ramp = origin.street.is_ramp or target.street.is_ramp
    return _RAMP_RADIUS_MM if is_fast_pair and is_ramp else _TIGHTEST_MM


def arc_mm(radius: int, angle_cdeg: int) -> int:
    """Length of the curve."""
    return round(radius * math.radians(abs(angle_cdeg) / 100))


def penalty_ms(angle_to_kerb: int, arms: int) -> int:
    """Time that a turn costs beyond driving; none where just two streets meet."""
    size = abs(angle_to_kerb)
    table = _PENALTY_MS[1 if angle_to_kerb > 0 else -1]
    if arms <= 2 or size <= table[0][0]:  # noqa: PLR2004
        return 0
    upper = min(bisect_right([angle for angle, _ in table], size), len(table) - 1)
    (angle_0, ms_0), (angle_1, ms_1) = table[upper - 1 : upper + 1]
    return ms_0 + (ms_1 - ms_0) * (size - angle_0) // (angle_1 - angle_0)


def cost_ms(
    origin: DraftLink, target: DraftLink, angle_to_kerb: int, arms: int, control: Control
) -> int:
    """Price of a turn plus free-flow driving of its target, rounded up so that it is above zero."""
    is_u_turn = origin.reverse == target.id
    turning_ms = _U_TURN_MS if is_u_turn else penalty_ms(angle_to_kerb, arms)
    driving_ms = -(-target.length_mm * 1_000 // target.speed_mm_s)
    return max(1, turning_ms + _CONTROL_MS[control] + driving_ms)
