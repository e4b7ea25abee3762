"""Restrictions whose via is one or more ways: which sequences of links they speak of."""

from collections.abc import Iterator
from dataclasses import dataclass

from guiderail.maps.compile.draft import Draft, DraftLink
from guiderail.maps.elements import RawRelation

_MOST_LINKS = 24
"""A via longer than this is no junction; it also bounds the search."""

Walk = tuple[DraftLink, ...]
"""Links driven one after another: from, the via links, to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ends:
    origins: frozenset[int]
    vias: frozenset[int]
    targets: frozenset[int]


def walks(draft: Draft, relation: RawRelation) -> list[Walk]:
    """
    Every way to drive from the first member over all via ways to the last one.

    Returns
    -------
    list of Walk
        For each pair of first and last link the shortest one; empty when the members do not meet
        or there is not exactly one of each.
    """
    ways = {
        role: [m.ref for m in relation.members if m.role == role and m.kind == "w"]
        for role in ("from", "via", "to")
    }
    if len(ways["from"]) != 1 or len(ways["to"]) != 1:
        return []
    ends = _Ends(
        origins=frozenset(ways["from"]),
        vias=frozenset(ways["via"]),
        targets=frozenset(ways["to"]),
    )
    shortest: dict[tuple[int, int], Walk] = {}
    for walk in _all_walks(draft, ends):
        key = walk[0].id, walk[-1].id
        if key not in shortest or _size(walk) < _size(shortest[key]):
            shortest[key] = walk
    return [shortest[key] for key in sorted(shortest)]


def _size(walk: Walk) -> tuple[int, int]:
    return len(walk), sum(link.length_mm for link in walk)


def _all_walks(draft: Draft, ends: _Ends) -> Iterator[Walk]:
    for start in _leaving_origins(draft, ends):
        stack: list[Walk] = [start]
        while stack:
            walk = stack.pop()
            after = _ways_on(draft, walk)
            if ends.vias <= {link.street.way_id for link in walk[1:]}:
                yield from ((*walk, link) for link in after if link.street.way_id in ends.targets)
            if len(walk) < _MOST_LINKS:
                stack += [(*walk, link) for link in after if link.street.way_id in ends.vias]


def _leaving_origins(draft: Draft, ends: _Ends) -> list[Walk]:
    """The step from the first member onto the via, wherever the two meet."""
    via = [link for link in draft.real_links if link.street.way_id in ends.vias]
    return [
        (draft.links[i], link)
        for link in via
        for i in draft.incoming[link.from_node]
        if draft.links[i].street.way_id in ends.origins
        and not draft.links[i].is_phantom
        and draft.links[i].stretch != link.stretch
    ]


def _ways_on(draft: Draft, walk: Walk) -> list[DraftLink]:
    passed = {link.stretch for link in walk[1:]}
    onward = (draft.links[i] for i in draft.outgoing[walk[-1].to_node])
    return [link for link in onward if link.stretch not in passed and not link.is_phantom]
