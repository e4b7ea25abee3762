"""All turns of a map, legal and illegal with the reason, and the drivable world that they span."""

from array import array
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from guiderail.maps.conflicts import Approach, Junction, approaches, junction, priority
from guiderail.maps.controls import Controls
from guiderail.maps.curves import Meetings, Roads, arcs_mm, costs_ms, kinds, radii_mm
from guiderail.maps.draft import Draft, DraftLink
from guiderail.maps.geometry import turn_angle_cdeg
from guiderail.maps.lanes import Lanes, single_turn_lanes, turn_lanes
from guiderail.maps.network import Ban
from guiderail.maps.restrictions import Restrictions, Sign
from guiderail.maps.tables import Ints, Longs, TurnTable
from guiderail.maps.tags import Arrows

_ROW: Final = (
    "from_link",
    "to_link",
    "angle_to_kerb",
    "first_lane",
    "last_lane",
    "conflict",
    "major_lanes",
    "ban",
)
_Row = tuple[int, ...]


class _Rows:
    """Turns as they are found, in plain integers: as objects those of a city take 100 MB."""

    def __init__(self) -> None:
        self._cells = array("i")
        self._relations = array("q")

    def add(self, row: _Row, relation_id: int) -> None:
        self._cells.extend(row)
        self._relations.append(relation_id)

    def columns(self) -> tuple[dict[str, Ints], Longs]:
        """Columns of :data:`_ROW` and the relations, sorted by link and target."""
        cells = np.frombuffer(self._cells, dtype=np.int32).reshape(-1, len(_ROW))
        order = np.argsort(cells[:, 0], kind="stable")  # targets of one link come in order
        columns = {name: cells[order, i] for i, name in enumerate(_ROW)}
        return columns, np.frombuffer(self._relations, dtype=np.int64)[order]


class _Movement(NamedTuple):
    """One way through a junction, before lanes are shared out."""

    target: DraftLink
    angle_to_kerb: int
    sign: Sign | None


def all_turns(draft: Draft, ruled: Controls, signs: Restrictions) -> tuple[TurnTable, TurnTable]:
    """Legal and illegal turns, each by link and target."""
    legal, illegal = _Rows(), _Rows()
    for node, incoming in enumerate(draft.incoming):
        arriving = approaches(draft, ruled, node)
        for i in incoming:
            for sign, row in _turns_from(draft, signs, arriving, draft.links[i]):
                (illegal if sign else legal).add(row, sign.relation_id if sign else 0)
    facts = _Facts(draft, ruled)
    return _table(legal, draft, facts), _table(illegal, draft, facts)


class _Facts:
    """What the shapes of turns depend on, one array entry per link."""

    def __init__(self, draft: Draft, ruled: Controls) -> None:
        links = draft.links
        self.road_class = _longs(link.street.road_class for link in links)
        self.is_ramp = _longs(link.street.is_ramp for link in links).astype(np.bool_)
        self.reverse = _longs(link.reverse for link in links)
        self.arms = _longs(draft.arms[link.to_node] for link in links)
        self.length_mm = _longs(link.length_mm for link in links)
        self.speed_mm_s = _longs(link.speed_mm_s for link in links)
        # Nothing rules who drives against a one-way street: the signs face the other way.
        kinds_of = zip(links, ruled.kind, strict=True)
        self.control = _longs(0 if link.is_phantom else kind for link, kind in kinds_of)

    def meetings(self, origin: Ints, target: Ints, angle: Longs) -> Meetings:
        """Look up the two roads of every turn."""
        return Meetings(
            origin=Roads(road_class=self.road_class[origin], is_ramp=self.is_ramp[origin]),
            target=Roads(road_class=self.road_class[target], is_ramp=self.is_ramp[target]),
            is_u_turn=self.reverse[origin] == target,
            angle_to_kerb=angle,
            arms=self.arms[origin],
        )


def _longs(values: Iterable[int]) -> Longs:
    return np.fromiter(values, dtype=np.int64)


def _turns_from(
    draft: Draft, signs: Restrictions, arriving: Sequence[Approach], link: DraftLink
) -> list[tuple[Sign | None, _Row]]:
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
    return [(m.sign, _turn(draft, seen, m, lanes.get(m.target.id))) for m in movements]


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


def _turn(draft: Draft, seen: Junction, movement: _Movement, lanes: Lanes | None) -> _Row:
    """One turn in the order of :data:`_ROW`; a plain tuple, since a city has half a million."""
    link, target, angle = seen.mine.link, movement.target, movement.angle_to_kerb
    first_lane, last_lane = lanes or single_turn_lanes(angle, link.lanes)
    conflict, major_lanes = priority(draft, seen, target, angle)
    return (
        link.id,
        target.id,
        angle,
        first_lane,
        last_lane,
        conflict,
        major_lanes,
        movement.sign.ban if movement.sign else 0,
    )


def _table(rows: _Rows, draft: Draft, facts: _Facts) -> TurnTable:
    """Turns as columns; their shape and price are worked out here, all at once."""
    row, relation_id = rows.columns()
    origin, target, angle = row["from_link"], row["to_link"], row["angle_to_kerb"].astype(np.int64)
    seen = facts.meetings(origin, target, angle)
    angle_cdeg, radius = angle * draft.near_side, radii_mm(seen)
    cost = costs_ms(seen, facts.control[origin], facts.length_mm[target], facts.speed_mm_s[target])
    worked_out = {
        "cost_ms": cost,
        "angle_cdeg": angle_cdeg,
        "radius_mm": radius,
        "arc_mm": arcs_mm(radius, seen),
        "kind": kinds(seen, angle_cdeg),
        "start": np.searchsorted(origin, np.arange(len(draft.links) + 1)),
    }
    columns = {name: row[name] for name in ("to_link", *_ROW[3:])}
    columns |= {name: column.astype(np.int32) for name, column in worked_out.items()}
    return TurnTable(**columns, relation_id=relation_id)


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
