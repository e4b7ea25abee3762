"""All turns of a map, legal and illegal with the reason, and the drivable world that they span."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from guiderail.maps.compile.conflicts import Approach, approaches, junction, priority
from guiderail.maps.compile.controls import Controls
from guiderail.maps.compile.curves import Meetings, Roads, arcs_mm, costs_ms, kinds, radii_mm
from guiderail.maps.compile.draft import Draft, DraftLink
from guiderail.maps.compile.lanes import Lanes, single_turn_lanes, turn_lanes
from guiderail.maps.compile.restrictions import Restrictions, Sign
from guiderail.maps.compile.tags import Arrows
from guiderail.maps.geometry import turn_angle_cdeg
from guiderail.maps.network import Ban
from guiderail.maps.tables import Flags, Ints, Longs, TurnTable, row_starts

_ROW: Final = (
    "from_link",
    "to_link",
    "angle_to_kerb_cdeg",
    "first_lane",
    "last_lane",
    "conflict",
    "major_lanes",
    "ban",
)
_Row = tuple[int, ...]
_AGAINST: Final = Sign(ban=Ban.WRONG_WAY, relation_id=0)
_NO_WAY_ROUND: Final = Sign(ban=Ban.U_TURN, relation_id=0)
_BARRED: Final = Sign(ban=Ban.NO_ACCESS, relation_id=0)


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


def all_turns(draft: Draft, ruled: Controls, signs: Restrictions) -> tuple[TurnTable, TurnTable]:
    """Legal and illegal turns, each by link and target."""
    legal, illegal = _Rows(), _Rows()
    for node, incoming in enumerate(draft.incoming):
        arriving = approaches(draft, ruled, node)
        targets = [draft.links[i] for i in draft.outgoing[node]]
        for i in incoming:
            for sign, row in _turns_from(draft, signs, arriving, draft.links[i], targets):
                if sign is None:
                    legal.add(row, 0)
                else:
                    illegal.add(row, sign.relation_id)
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

    def meetings(self, origin: Ints, target: Ints, to_kerb_cdeg: Longs) -> Meetings:
        """Look up the two roads of every turn."""
        return Meetings(
            origin=Roads(road_class=self.road_class[origin], is_ramp=self.is_ramp[origin]),
            target=Roads(road_class=self.road_class[target], is_ramp=self.is_ramp[target]),
            is_u_turn=self.reverse[origin] == target,
            angle_to_kerb_cdeg=to_kerb_cdeg,
            arms=self.arms[origin],
        )


def _longs(values: Iterable[int]) -> Longs:
    return np.fromiter(values, dtype=np.int64)


def _turns_from(
    draft: Draft,
    signs: Restrictions,
    arriving: Sequence[Approach],
    link: DraftLink,
    targets: Sequence[DraftLink],
) -> Iterator[tuple[Sign | None, _Row]]:
    to_kerb_cdeg = [_to_kerb_cdeg(draft, link, target) for target in targets]
    banned = [_sign(draft, signs, link, target) for target in targets]
    legal = [i for i, sign in enumerate(banned) if sign is None]
    legal_cdeg = [to_kerb_cdeg[i] for i in legal]
    lanes = iter(_legal_lanes(draft, link, legal_cdeg, [targets[i] for i in legal]))
    seen = junction(draft, arriving, link)
    for target, angle, sign in zip(targets, to_kerb_cdeg, banned, strict=True):
        span = next(lanes) if sign is None else single_turn_lanes(angle, link.lanes)
        ban = sign.ban if sign else 0
        # A plain tuple in the order of _ROW, since a city has half a million.
        yield sign, (link.id, target.id, angle, *span, *priority(draft, seen, target, angle), ban)


def _to_kerb_cdeg(draft: Draft, link: DraftLink, target: DraftLink) -> int:
    if link.reverse == target.id:
        return -18_000  # one turns round towards the oncoming lane, away from the kerb
    return turn_angle_cdeg(link.bearing_end_cdeg, target.bearing_start_cdeg) * draft.near_side


def _sign(draft: Draft, signs: Restrictions, link: DraftLink, target: DraftLink) -> Sign | None:
    """Why a turn is illegal; None if it is legal."""
    if target.is_phantom:
        return _AGAINST
    if link.is_phantom:
        return None  # whoever drives the wrong way may leave by any exit
    if sign := signs.sign(link.id, target.id):
        return sign
    if link.reverse == target.id:
        may_turn_round = _is_dead_end(draft, link) or signs.demands(link.id, target.id)
        return None if may_turn_round else _NO_WAY_ROUND
    return _BARRED if link.to_node in draft.barriers else None


def _is_dead_end(draft: Draft, link: DraftLink) -> bool:
    """Whether traffic has no way on but back."""
    node = link.to_node
    others = (i for i in draft.outgoing[node] if i != link.reverse)
    return node in draft.barriers or all(draft.links[i].is_phantom for i in others)


def _legal_lanes(
    draft: Draft, link: DraftLink, angles_cdeg: Sequence[int], targets: Sequence[DraftLink]
) -> list[Lanes]:
    if link.is_phantom:
        return [(0, link.lanes - 1)] * len(targets)
    painted = _from_kerb(draft, link.arrows)
    return turn_lanes(angles_cdeg, link.lanes, [target.lanes for target in targets], painted)


def _from_kerb(draft: Draft, arrows: Arrows) -> Arrows:
    """Arrows as seen from the kerb: tags list lanes from left to right."""
    if draft.drives_on_left:
        return tuple(frozenset(-a if abs(a) == 1 else a for a in lane) for lane in arrows)
    return arrows[::-1]


def _table(rows: _Rows, draft: Draft, facts: _Facts) -> TurnTable:
    """Turns as columns; their shape and price are worked out here, all at once."""
    row, relation_id = rows.columns()
    origin, target = row["from_link"], row["to_link"]
    to_kerb_cdeg = row["angle_to_kerb_cdeg"].astype(np.int64)
    seen = facts.meetings(origin, target, to_kerb_cdeg)
    angle_cdeg, radius = to_kerb_cdeg * draft.near_side, radii_mm(seen)
    cost = costs_ms(seen, facts.control[origin], facts.length_mm[target], facts.speed_mm_s[target])
    worked_out = {
        "cost_ms": cost,
        "angle_cdeg": angle_cdeg,
        "radius_mm": radius,
        "arc_mm": arcs_mm(radius, seen),
        "kind": kinds(seen, angle_cdeg),
    }
    columns = {name: row[name] for name in ("to_link", *_ROW[3:])}
    columns |= {name: column.astype(np.int32) for name, column in worked_out.items()}
    start = row_starts(origin, len(draft.links))
    return TurnTable(start=start, **columns, relation_id=relation_id)


def drivable_world(turns: TurnTable, is_phantom: Flags) -> Ints:
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
