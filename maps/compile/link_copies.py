"""
Copies of links that tell where a car came from: how a sign about a *sequence* becomes turns.

A sign may ban a whole sequence, such as turning round over the crossing street of a dual
carriageway. Each via link then gets a *copy* that only those enter who have driven the sequence so
far; the turn that would complete it is illegal from the copy and legal from the link itself. A copy
is the same asphalt under another id, after all other links: its reverse is the reverse of the link
that it copies, so ``reverse[reverse[i]]`` is that link, and ``i`` itself for all other links.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from guiderail.maps.network import Ban
from guiderail.maps.tables import (
    LINK_COLUMNS,
    TURN_COLUMNS,
    Ints,
    LinkTable,
    TurnTable,
    row_starts,
)

_Path = tuple[int, ...]
_Columns = dict[str, NDArray[Any]]


class SequenceSign(NamedTuple):
    """A sign about links driven in this order: banned, or the only way on once begun."""

    links: _Path
    is_only: bool
    ban: Ban
    relation_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCopies:
    """Which copies there are, and which steps from them are banned."""

    link_count: int
    """Links without the copies."""
    copies: tuple[_Path, ...]
    """What a car on each copy has driven, the copied link last."""
    banned: dict[_Path, SequenceSign]
    permitted: dict[_Path, tuple[set[int], SequenceSign]]
    """What ``only_*`` signs leave, by what was driven."""

    @property
    def originals(self) -> list[int]:
        """Link that each copy copies."""
        return [path[-1] for path in self.copies]

    def sign(self, path: _Path) -> SequenceSign | None:
        """Sign that forbids the last step of a path."""
        for ending in (path[i:] for i in range(len(path) - 1)):
            if ending in self.banned:
                return self.banned[ending]
            if only := self.permitted.get(ending[:-1]):
                targets, sign = only
                if ending[-1] not in targets:
                    return sign
        return None


def needed_copies(signs: Iterable[SequenceSign], legal: TurnTable) -> tuple[LinkCopies, int]:
    """
    Lay out the copies that these signs need, in the order of what they remember.

    Returns
    -------
    LinkCopies, int
        The second is how many ``only_*`` signs name a sequence that is itself illegal: those are
        left out, lest they close the street.
    """
    banned: dict[_Path, SequenceSign] = {}
    permitted: dict[_Path, tuple[set[int], SequenceSign]] = {}
    paths: list[_Path] = []
    left_out = 0
    for sign in signs:
        if sign.is_only and not _is_legal(sign.links, legal):
            left_out += 1
            continue
        paths.append(sign.links)
        if not sign.is_only:
            banned.setdefault(sign.links, sign)
            continue
        for i in range(1, len(sign.links)):
            permitted.setdefault(sign.links[:i], (set(), sign))[0].add(sign.links[i])
    copies = sorted({path[:i] for path in paths for i in range(2, len(path))})
    known = LinkCopies(
        link_count=len(legal.start) - 1, copies=tuple(copies), banned=banned, permitted=permitted
    )
    return known, left_out


def _is_legal(path: _Path, legal: TurnTable) -> bool:
    rows = ((legal.to_link[legal.start[a] : legal.start[a + 1]], b) for a, b in pairwise(path))
    return all(b in row for row, b in rows)


def turns_with_copies(
    legal: TurnTable, illegal: TurnTable, known: LinkCopies
) -> tuple[TurnTable, TurnTable]:
    """Lead turns onto the copies, give the copies turns of their own, make the banned illegal."""
    if not known.copies:
        return legal, illegal
    touched = sorted({path[0] for path in known.copies})
    plain = [_untouched(table, touched) for table in (legal, illegal)]
    sides: tuple[list[_Columns], list[_Columns]] = ([plain[0]], [plain[1]])
    paths = [*((link,) for link in touched), *known.copies]
    ids = {path: known.link_count + i for i, path in enumerate(known.copies)}
    for path in paths:
        for table in (legal, illegal):
            for row in _steps(table, path, known, ids):
                sides[bool(row["ban"][0])].append(row)
    count = known.link_count + len(known.copies)
    return _table(sides[0], count), _table(sides[1], count)


def _untouched(table: TurnTable, touched: list[int]) -> _Columns:
    origin = table.from_link()
    rest = ~np.isin(origin, touched)
    columns = {name: getattr(table, name)[rest] for name in TURN_COLUMNS}
    return columns | {"from_link": origin[rest]}


def _steps(
    table: TurnTable, path: _Path, known: LinkCopies, ids: dict[_Path, int]
) -> Iterator[_Columns]:
    """Turns of one table from a link or copy, each as a row of its own."""
    link = path[-1]
    for k in range(int(table.start[link]), int(table.start[link + 1])):
        row = {name: getattr(table, name)[k : k + 1].copy() for name in TURN_COLUMNS}
        driven = (*path, int(table.to_link[k]))
        endings = (driven[i:] for i in range(len(driven)))
        row["from_link"] = np.array([ids.get(path, link)], dtype=np.int32)
        row["to_link"][0] = next((ids[e] for e in endings if e in ids), driven[-1])
        sign = known.sign(driven)
        if sign is not None and not row["ban"][0]:
            row["ban"][0], row["relation_id"][0] = sign.ban, sign.relation_id
        yield row


def _table(parts: list[_Columns], count: int) -> TurnTable:
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort((columns["to_link"], columns["from_link"]))
    start = row_starts(columns.pop("from_link"), count)
    return TurnTable(start=start, **{name: column[order] for name, column in columns.items()})


def links_with_copies(links: LinkTable, known: LinkCopies, in_world: Ints) -> LinkTable:
    """Append a row for each copy; ``in_world`` covers them already."""
    if not known.copies:
        return links
    rows = np.concatenate([np.arange(known.link_count), np.array(known.originals)])
    columns: _Columns = {name: getattr(links, name)[rows] for name in LINK_COLUMNS}
    sizes = np.diff(links.shape_start)[rows]
    points = np.concatenate(
        [np.arange(links.shape_start[row], links.shape_start[row + 1]) for row in known.originals]
    )
    return LinkTable(
        **columns | {"in_world": in_world},
        shape_start=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
        shape_x_mm=np.concatenate([links.shape_x_mm, links.shape_x_mm[points]]),
        shape_y_mm=np.concatenate([links.shape_y_mm, links.shape_y_mm[points]]),
    )
