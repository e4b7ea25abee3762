"""All turns of a map, legal and illegal with the reason, and the drivable world that they span."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from guiderail.maps.conflicts import Approach, Junction, approaches, junction, priority
from guiderail.maps.controls import Controls
from guiderail.maps.curves import arc_mm, cost_ms, kind_of, radius_mm
from guiderail.maps.draft import Draft, DraftLink
from guiderail.maps.geometry import turn_angle_cdeg
from guiderail.maps.lanes import Lanes, single_turn_lanes, turn_lanes
from guiderail.maps.network import Ban, LinkId, Turn
from guiderail.maps.restrictions import Restrictions, Sign
from guiderail.maps.tables import Ints, TurnTable
from guiderail.maps.tags import Arrows


@dataclass(frozen=True, slots=True, kw_only=True)
class _Movement:
    """One way through a junction, before lanes are shared out."""

    target: DraftLink
    angle_to_kerb: int
    sign: Sign | None


def all_turns(draft: Draft, ruled: Controls, signs: Restrictions) -> tuple[list[Turn], list[Turn]]:
    """Legal and illegal turns, each by link and target."""
    legal: list[Turn] = []
    illegal: list[Turn] = []
    arriving = [approaches(draft, ruled, node) for node in range(len(draft.node_ids))]
    for link in draft.links:
        for turn in _turns_from(draft, signs, arriving[link.to_node], link):
            (legal if turn.ban is None else illegal).append(turn)
    return legal, illegal


def _turns_from(
    draft: Draft, signs: Restrictions, arriving: Sequence[Approach], link: DraftLink
) -> list[Turn]:
    movements = [
        _Movement(
            target=(target := draft.links[i]),
            angle_to_kerb=_angle_to_kerb(draft, link, target),
            sign=_sign(draft, signs, link, target),
        )
        for i in draft.outgoing[link.to_node]
    ]
    legal = [movement for movement in movements if movement.sign is None]
    lanes = dict(zip((m.target.id for m in legal), _legal_lanes(draft, link, legal), strict=True))
    seen = junction(draft, arriving, link)
    return [_turn(draft, seen, m, lanes.get(m.target.id)) for m in movements]


def _angle_to_kerb(draft: Draft, link: DraftLink, target: DraftLink) -> int:
    if link.reverse == target.id:
        return -18_000  # one turns round towards the oncoming lane, away from the kerb
    return turn_angle_cdeg(link.bearing_end, target.bearing_start) * draft.near_side


def _sign(draft: Draft, signs: Restrictions, link: DraftLink, target: DraftLink) -> Sign | None:
    """Why a turn is illegal; None if it is legal."""
    if target.is_phantom:
        return Sign(ban=Ban.WRONG_WAY, relation_id=0)
    if link.is_phantom:
        return None  # whoever drives the wrong way may leave by any exit
    if sign := signs.sign(link.id, target.id):
        return sign
    is_u_turn = link.reverse == target.id
    if is_u_turn:
        may_turn_round = _is_dead_end(draft, link) or signs.demands(link.id, target.id)
        return None if may_turn_round else Sign(ban=Ban.U_TURN, relation_id=0)
    return Sign(ban=Ban.NO_ACCESS, relation_id=0) if link.to_node in draft.barriers else None


def _is_dead_end(draft: Draft, link: DraftLink) -> bool:
    """Whether traffic has no way on but back."""
    node = link.to_node
    others = (i for i in draft.outgoing[node] if i != link.reverse)
    return node in draft.barriers or all(draft.links[i].is_phantom for i in others)


def _legal_lanes(draft: Draft, link: DraftLink, legal: list[_Movement]) -> list[Lanes]:
    if link.is_phantom:
        return [(0, link.lanes - 1)] * len(legal)
    return turn_lanes(
        [movement.angle_to_kerb for movement in legal],
        link.lanes,
        [movement.target.lanes for movement in legal],
        _from_kerb(draft, link.arrows),
    )


def _from_kerb(draft: Draft, arrows: Arrows) -> Arrows:
    """Arrows as seen from the kerb: tags list lanes from left to right."""
    if draft.drives_on_left:
        return tuple(frozenset(-a if abs(a) == 1 else a for a in lane) for lane in arrows)
    return arrows[::-1]


def _turn(draft: Draft, seen: Junction, movement: _Movement, lanes: Lanes | None) -> Turn:
    link, target, angle = seen.mine.link, movement.target, movement.angle_to_kerb
    arms = draft.arms[link.to_node]
    conflict, major_lanes = priority(draft, seen, target, angle)
    radius = radius_mm(link, target, angle, arms)
    first_lane, last_lane = lanes or single_turn_lanes(angle, link.lanes)
    sign = movement.sign
    return Turn(
        from_link=LinkId(link.id),
        to_link=LinkId(target.id),
        cost_ms=cost_ms(link, target, angle, arms, seen.mine.own),
        angle_cdeg=angle * draft.near_side,
        radius_mm=radius,
        arc_mm=arc_mm(radius, angle),
        kind=kind_of(link, target, angle * draft.near_side),
        first_lane=first_lane,
        last_lane=last_lane,
        conflict=conflict,
        major_lanes=major_lanes,
        ban=sign.ban if sign else None,
        relation_id=sign.relation_id if sign else 0,
    )


_COLUMNS = tuple(
    name for name in TurnTable.__dataclass_fields__ if name not in {"start", "ban", "relation_id"}
)


def turn_table(turns: list[Turn], link_count: int) -> TurnTable:
    """Turns, sorted by link and target, as columns."""
    rows = np.array(list(map(attrgetter(*_COLUMNS), turns)), dtype=np.int32)
    columns = dict(zip(_COLUMNS, rows.reshape(-1, len(_COLUMNS)).T.copy(), strict=True))
    start = np.searchsorted([t.from_link for t in turns], np.arange(link_count + 1))
    return TurnTable(
        **columns,
        start=start.astype(np.int32),
        ban=np.array([t.ban or 0 for t in turns], dtype=np.int32),
        relation_id=np.array([t.relation_id for t in turns], dtype=np.int64),
    )


def drivable_world(turns: TurnTable, is_phantom: NDArray[np.bool_]) -> Ints:
    """
    Mark the largest set of links that all reach each other by legal turns, phantoms aside.

    Returns
    -------
    array of int
        1 inside, 0 outside; of two equally large sets the one with the lowest link id.
    """
    count = len(is_phantom)
    arcs = csr_array(
        (np.ones(len(turns.to_link), dtype=np.int8), turns.to_link, turns.start),
        shape=(count, count),
    )
    labels = connected_components(arcs, connection="strong")[1]
    real = labels[~is_phantom]  # no legal turn leads onto a phantom: each is alone in its set
    sizes = np.bincount(real)
    largest = next(int(label) for label in real.tolist() if sizes[label] == sizes.max())
    return np.asarray(labels == largest, dtype=np.int32)
