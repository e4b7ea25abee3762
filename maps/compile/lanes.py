"""Lanes that a turn may be made from: painted arrows where they fit, else the custom."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from guiderail.maps.compile.tags import Arrows
from guiderail.maps.tables import Ints, TurnTable

_BEND_CDEG: Final = 3_000
"""From here on a movement is a turn and not straight on."""
_STRAIGHT_AT_MOST_CDEG: Final = 5_000
"""The least bent movement goes straight on if it bends no more than this."""

Lanes = tuple[int, int]
"""First and last lane, lane 0 at the kerb."""


def side(angle_to_kerb_cdeg: int) -> int:
    """1 for a turn to the near side, -1 to the far side, 0 for straight on."""
    if abs(angle_to_kerb_cdeg) < _BEND_CDEG:
        return 0
    return 1 if angle_to_kerb_cdeg > 0 else -1


def turn_lanes(
    angles_to_kerb_cdeg: Sequence[int], lane_count: int, targets: Sequence[int], painted: Arrows
) -> list[Lanes]:
    """
    Lanes for all legal turns from one link; every lane gets at least one.

    Parameters
    ----------
    angles_to_kerb_cdeg
        Angle of each turn, positive towards the kerb [0.01 degree].
    lane_count
        Lanes of the link.
    targets
        Lanes of the link that each turn leads onto.
    painted
        Arrows from the kerb lane inwards, 1 towards the kerb; empty if there are none.

    Returns
    -------
    list of (int, int)
        First and last lane of each turn.

    Examples
    --------
    Near-side turn, straight on and far-side turn from two lanes:

    >>> turn_lanes([9_000, 0, -9_000], 2, [1, 2, 1], ())
    [(0, 0), (0, 1), (1, 1)]

    Three lanes, two of which go on; the third is left to those who turn off:

    >>> turn_lanes([9_000, 0], 3, [1, 2], ())
    [(0, 0), (1, 2)]
    """
    if len(angles_to_kerb_cdeg) <= 1 or lane_count == 1:
        return [(0, lane_count - 1)] * len(angles_to_kerb_cdeg)
    if len(painted) == lane_count and (lanes := _by_arrows(angles_to_kerb_cdeg, painted)):
        return lanes
    order = sorted(range(len(angles_to_kerb_cdeg)), key=lambda i: (-angles_to_kerb_cdeg[i], i))
    ordered = _by_custom(
        [angles_to_kerb_cdeg[i] for i in order], lane_count, [targets[i] for i in order]
    )
    return [ordered[order.index(i)] for i in range(len(order))]


def single_turn_lanes(angle_to_kerb_cdeg: int, lane_count: int) -> Lanes:
    """Lanes from which somebody would try a turn that is not allowed."""
    inner = lane_count - 1
    return {0: (0, inner), 1: (0, 0), -1: (inner, inner)}[side(angle_to_kerb_cdeg)]


def _by_arrows(angles_cdeg: Sequence[int], painted: Arrows) -> list[Lanes]:
    """Lanes by painted arrows; empty if arrows and turns do not fit each other."""
    spans: list[Lanes] = []
    for angle in angles_cdeg:
        wanted = {side(angle), 2} if abs(angle) == 18_000 else {side(angle)}  # noqa: PLR2004
        lanes = [i for i, arrows in enumerate(painted) if arrows & wanted]
        if not lanes:
            return []
        spans.append((lanes[0], lanes[-1]))
    covered = {lane for first, last in spans for lane in range(first, last + 1)}
    return spans if len(covered) == len(painted) else []


def _by_custom(angles_cdeg: Sequence[int], lane_count: int, targets: Sequence[int]) -> list[Lanes]:
    """Lanes for turns that are sorted from the near side to the far side."""
    straightest = min(range(len(angles_cdeg)), key=lambda i: (abs(angles_cdeg[i]), i))
    if (
        sum(targets) == lane_count
        and abs(angles_cdeg[0] - angles_cdeg[-1]) < _STRAIGHT_AT_MOST_CDEG
    ):
        return _lane_drop(targets)
    if abs(angles_cdeg[straightest]) > _STRAIGHT_AT_MOST_CDEG:
        return _shared_out(len(angles_cdeg), lane_count)
    inner = lane_count - 1
    return [
        _straight_on(i, len(angles_cdeg), lane_count, targets[i])
        if i == straightest
        else (0, 0)
        if i < straightest
        else (inner, inner)
        for i in range(len(angles_cdeg))
    ]


def _straight_on(place: int, turns: int, lane_count: int, target: int) -> Lanes:
    """Lanes that go straight on: an outer one that finds no room beyond is left to its turn."""
    first, last = 0, lane_count - 1
    if place > 0 and lane_count > target:
        first = 1
    if place < turns - 1 and last - first >= target:
        last -= 1
    return first, last


def _lane_drop(targets: Sequence[int]) -> list[Lanes]:
    """A fork that hands every lane on to exactly one branch."""
    firsts = [sum(targets[:i]) for i in range(len(targets))]
    return [(first, first + count - 1) for first, count in zip(firsts, targets, strict=True)]


def _shared_out(turns: int, lane_count: int) -> list[Lanes]:
    """Nothing leads straight on: equal shares, lanes in common where there are too few."""
    firsts = [i * lane_count // turns for i in range(turns)]
    return [
        (first, max(first, (i + 1) * lane_count // turns - 1)) for i, first in enumerate(firsts)
    ]


def lead_back(legal: TurnTable, in_world: Ints, lane_counts: Sequence[int]) -> TurnTable:
    """
    Widen turns so that every lane of the drivable world has one that stays in it.

    Where a clipped extract ends, a lane may lead out of the map only; a car that finds itself there
    has to get back, so the nearest turn that stays is opened to that lane.
    """
    first, last = legal.first_lane.tolist(), legal.last_lane.tolist()
    start, stays = legal.start.tolist(), in_world[legal.to_link].tolist()
    for link in np.flatnonzero(in_world).tolist():
        staying = [k for k in range(start[link], start[link + 1]) if stays[k]]
        for lane in range(lane_counts[link]):
            away = [max(first[k] - lane, lane - last[k], 0) for k in staying]
            if not away or min(away) == 0:
                continue
            nearest = staying[away.index(min(away))]
            first[nearest] = min(first[nearest], lane)
            last[nearest] = max(last[nearest], lane)
    first_lane, last_lane = (np.array(each, dtype=np.int32) for each in (first, last))
    return replace(legal, first_lane=first_lane, last_lane=last_lane)
