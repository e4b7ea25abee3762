"""Signals, stop and give-way signs: which link each one rules, its line, who switches it."""

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import Final

from guiderail.maps.compile.draft import Draft, DraftLink
from guiderail.maps.elements import RawNode, Tags
from guiderail.maps.geometry import Point, distance_mm, length_mm
from guiderail.maps.network import Control

_KINDS: Final = {
    "traffic_signals": Control.SIGNAL,
    "stop": Control.STOP,
    "give_way": Control.GIVE_WAY,
}
_NEAR_JUNCTION_MM: Final = 30_000
"""Without a direction tag a sign belongs to a junction this near; no line lies farther from it."""
_WALK_MM: Final = 60_000
"""How far to look for the junction through points where only two streets meet."""
_LINE_MM: Final = 8_000
"""From a junction's center to its stop line, where the map has only the center."""
_GROUP_MM: Final = 40_000
"""Signals this near each other change together."""
_HALF_TURN_CDEG: Final = 18_000
_SAME_ROAD_CDEG: Final = 4_500
"""Approaches whose directions differ by less than 45 degrees, straight or opposite, share a
phase."""
_DIRECTION_KEYS: Final = ("traffic_signals:direction", "direction", "stop:direction")
_JUNCTION_ARMS: Final = 3
"""Where only two streets meet nobody crosses: that is no junction."""
_RAMP_RANK: Final = 100
"""A ramp has the class of the motorway it serves, and gives way to every road that it meets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """What rules at the end of each link; lists over links."""

    kind: list[Control]
    stop_line_mm: list[int]
    controller: list[int]
    is_second: list[bool] = field(default_factory=list)
    """Whether its signal gets green in the second phase of its controller, not in the first."""
    counts: Counter[str] = field(default_factory=Counter)
    """Signals and signs, all and those not attached."""

    def source(self, draft: Draft, link: DraftLink) -> DraftLink:
        """Link whose control rules this one: itself, or one before where only two streets meet."""
        first, walked_mm = link, 0
        while self.kind[link.id] is Control.NONE and draft.arms[link.from_node] == 2:  # noqa: PLR2004
            walked_mm += link.length_mm
            before = [
                draft.links[i]
                for i in draft.incoming[link.from_node]
                if draft.links[i].stretch != link.stretch and not draft.links[i].is_phantom
            ]
            if not before or walked_mm > _GROUP_MM:
                return first
            link = before[0]
        return link


def controls(draft: Draft, nodes: Iterable[RawNode]) -> Controls:
    """Attach every control node that lies on a street to the links that it rules."""
    ruled = Controls(
        kind=[Control.NONE] * len(draft.links),
        stop_line_mm=[link.length_mm for link in draft.links],
        controller=[-1] * len(draft.links),
        is_second=[False] * len(draft.links),
    )
    ruling = {node.id: node for node in nodes if node.tags.get("highway") in _KINDS}
    passing = _passing(draft, ruling)
    for node in (ruling[number] for number in sorted(passing)):
        kind = _KINDS[node.tags["highway"]]
        found = _ruled_links(draft, node, kind, passing[node.id])
        for link, line_mm in found:
            _rule(ruled, link, kind, line_mm)
        name = "signals" if kind is Control.SIGNAL else "signs"
        ruled.counts[name] += 1
        ruled.counts[f"{name}_unresolved"] += not found
    _group(draft, ruled)
    return ruled


def _passing(draft: Draft, wanted: Container[int]) -> dict[int, list[tuple[DraftLink, int]]]:
    """For each wanted node the real links that pass it or end there, and how far along it lies."""
    passing: dict[int, list[tuple[DraftLink, int]]] = {}
    for link in draft.real_links:
        for i, node in enumerate(link.osm_nodes[1:], start=1):
            if node not in wanted:
                continue
            is_end = i == len(link.osm_nodes) - 1
            s_mm = link.length_mm if is_end else length_mm(link.points[: i + 1])
            passing.setdefault(node, []).append((link, s_mm))
    return passing


def _ruled_links(
    draft: Draft, node: RawNode, kind: Control, passing: list[tuple[DraftLink, int]]
) -> list[tuple[DraftLink, int]]:
    """Links that a control node rules, with their stop lines."""
    end = draft.node(node.id)
    if end is not None and draft.arms[end] >= _JUNCTION_ARMS:
        links = [link for link, _ in passing]
        if kind is not Control.SIGNAL and "all" not in {
            node.tags.get("stop"),
            node.tags.get("give_way"),
        }:
            links = _minor(links)
        return [(link, link.length_mm - min(_LINE_MM, link.length_mm // 3)) for link in links]
    chosen = _by_direction(draft, node.tags, passing)
    return [(link, max(s_mm, link.length_mm - _NEAR_JUNCTION_MM)) for link, s_mm in chosen]


def rank(link: DraftLink) -> int:
    """Standing of a road at a junction: the ring of a roundabout, then by class, then ramps."""
    if link.street.is_roundabout:
        return -1
    return link.street.road_class + (_RAMP_RANK if link.street.is_ramp else 0)


def _minor(links: list[DraftLink]) -> list[DraftLink]:
    best = min(map(rank, links))
    return [link for link in links if rank(link) > best] or links


def _by_direction(
    draft: Draft, tags: Tags, passing: list[tuple[DraftLink, int]]
) -> list[tuple[DraftLink, int]]:
    said = next((tags[key] for key in _DIRECTION_KEYS if key in tags), "")
    if said == "both":
        return passing
    if said in {"forward", "backward"}:
        along = 1 if said == "forward" else -1
        return [(link, s_mm) for link, s_mm in passing if link.along == along]
    if len(passing) == 1:
        return passing
    ahead = [(_to_junction_mm(draft, link, s_mm), link.id, link, s_mm) for link, s_mm in passing]
    nearest_mm, _, link, s_mm = min(ahead, key=lambda option: option[:2])
    return [(link, s_mm)] if nearest_mm <= _NEAR_JUNCTION_MM else []


def _to_junction_mm(draft: Draft, link: DraftLink, s_mm: int) -> int:
    """Way from a point of a link to the next place where three streets meet."""
    ahead_mm = link.length_mm - s_mm
    while draft.arms[link.to_node] < _JUNCTION_ARMS and ahead_mm <= _WALK_MM:
        after = [
            draft.links[i]
            for i in draft.outgoing[link.to_node]
            if draft.links[i].stretch != link.stretch and not draft.links[i].is_phantom
        ]
        if not after:
            return 2 * _WALK_MM
        link = after[0]
        ahead_mm += link.length_mm
    return ahead_mm


def _rule(ruled: Controls, link: DraftLink, kind: Control, line_mm: int) -> None:
    # A signal outranks a sign; of two of a kind the line that comes first counts.
    present = ruled.kind[link.id]
    if present is Control.NONE or kind < present:
        ruled.kind[link.id], ruled.stop_line_mm[link.id] = kind, line_mm
    elif kind is present:
        ruled.stop_line_mm[link.id] = min(line_mm, ruled.stop_line_mm[link.id])


def shares_phase(first_cdeg: int, other_cdeg: int) -> bool:
    """
    Whether an approach gets green together with the first of its controller, by their directions.

    A controller has two phases: the road of its first link (lowest id), straight or opposite, and
    all others, even if these come from two roads that cross each other.

    Examples
    --------
    >>> shares_phase(0, 18_000), shares_phase(0, 6_000), shares_phase(0, 13_000)
    (True, False, False)
    """
    apart = (first_cdeg - other_cdeg) % _HALF_TURN_CDEG
    return min(apart, _HALF_TURN_CDEG - apart) < _SAME_ROAD_CDEG


def _group(draft: Draft, ruled: Controls) -> None:
    """Number the controllers: a signal joins the first one whose anchor is near; then phases."""
    anchors: list[Point] = []
    by_node: dict[int, int] = {}
    signaled = [link for link in draft.links if ruled.kind[link.id] is Control.SIGNAL]
    for link in sorted(signaled, key=lambda k: (k.to_node, k.id)):
        node = link.to_node
        if node not in by_node:
            here = draft.points[node]
            near = (i for i, a in enumerate(anchors) if distance_mm(a, here) <= _GROUP_MM)
            by_node[node] = next(near, len(anchors))
            if by_node[node] == len(anchors):
                anchors.append(here)
        ruled.controller[link.id] = by_node[node]
    first: dict[int, int] = {}
    for link in signaled:
        start = first.setdefault(ruled.controller[link.id], link.bearing_end_cdeg)
        ruled.is_second[link.id] = not shares_phase(start, link.bearing_end_cdeg)
