"""From ways to stretches: which ways are streets, and where they are cut."""

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass
from itertools import chain, pairwise

from guiderail.maps.compile import tags as osm_tags
from guiderail.maps.compile.tags import Arrows
from guiderail.maps.elements import Elements, RawWay
from guiderail.maps.network import RoadClass

_DIRECTIONS = ("forward", "backward")


@dataclass(frozen=True, slots=True, kw_only=True)
class Street:
    """One drivable way, its tags read; pairs are (forward, backward)."""

    way_id: int
    nodes: tuple[int, ...]
    road_class: RoadClass
    is_ramp: bool
    is_roundabout: bool
    oneway: int
    name: str
    ref: str
    speeds_mm_s: tuple[int, int]
    lanes: tuple[int, int]
    arrows: tuple[Arrows, Arrows]
    destinations: tuple[str, str]
    has_signed_speed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A piece of a street without a junction inside."""

    street: Street
    nodes: tuple[int, ...]
    is_first: bool
    is_last: bool


def streets(elements: Elements) -> tuple[Street, ...]:
    """Ways that this car may drive on, by id."""
    drivable = [w for w in elements.ways if osm_tags.is_street(w.tags)]
    open_ways = {w.id: w for w in drivable if not osm_tags.is_closed(w.tags)}
    return tuple(_street(open_ways[way_id]) for way_id in sorted(open_ways))


def _street(way: RawWay) -> Street:
    tags = way.tags
    forward, backward = _DIRECTIONS
    return Street(
        way_id=way.id,
        nodes=way.nodes,
        road_class=osm_tags.CLASSES[tags["highway"]],
        is_ramp=tags["highway"].endswith("_link"),
        is_roundabout=osm_tags.is_roundabout(tags),
        oneway=osm_tags.oneway(tags),
        name=tags.get("name", ""),
        ref=tags.get("ref", ""),
        speeds_mm_s=(osm_tags.speed_mm_s(tags, forward), osm_tags.speed_mm_s(tags, backward)),
        lanes=(osm_tags.lane_count(tags, forward), osm_tags.lane_count(tags, backward)),
        arrows=(osm_tags.arrows(tags, forward), osm_tags.arrows(tags, backward)),
        destinations=(osm_tags.destination(tags, forward), osm_tags.destination(tags, backward)),
        has_signed_speed=osm_tags.speed_kmh(tags, forward) is not None,
    )


def stretches(
    ways: Iterable[Street], present: Container[int], always_cut: Iterable[int]
) -> tuple[Stretch, ...]:
    """
    Cut streets at shared nodes, at their ends and at nodes that must not lie inside a piece.

    Parameters
    ----------
    ways
        Streets in the order in which their pieces shall come.
    present
        Nodes that the extract has; a street is cut where one is missing.
    always_cut
        Via nodes and barriers.

    Returns
    -------
    tuple of Stretch
        None begins where it ends: loops are cut once more in their middle.
    """
    runs = [(street, run) for street in ways for run in _present_runs(street.nodes, present)]
    # The ends count twice, so that a street is cut where another one only begins.
    uses = Counter(chain.from_iterable((*run, run[0], run[-1]) for _, run in runs))
    cuts = {node for node, count in uses.items() if count > 1} | set(always_cut)
    pieces: list[Stretch] = []
    for street, run in runs:
        pieces += _pieces(street, run, cuts)
    return tuple(pieces)


def _present_runs(nodes: tuple[int, ...], present: Container[int]) -> list[tuple[int, ...]]:
    runs: list[list[int]] = [[]]
    for node in nodes:
        if node not in present:
            runs.append([])
        elif runs[-1][-1:] != [node]:  # some ways name a node twice in a row
            runs[-1].append(node)
    return [tuple(run) for run in runs if len(run) > 1]


def _pieces(street: Street, run: tuple[int, ...], cuts: set[int]) -> list[Stretch]:
    last = len(run) - 1
    marks = [i for i, node in enumerate(run) if i in {0, last} or node in cuts]
    spans: list[tuple[int, int]] = []
    for start, end in pairwise(marks):
        if run[start] == run[end] and end - start > 1:
            middle = (start + end) // 2
            spans += [(start, middle), (middle, end)]
        else:
            spans.append((start, end))
    return [
        Stretch(
            street=street,
            nodes=run[start : end + 1],
            is_first=start == 0,
            is_last=end == last,
        )
        for start, end in spans
    ]
