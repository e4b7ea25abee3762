"""
From raw elements to a road network: the same steps for a real extract and for the synthetic town.

Everything is sorted by OpenStreetMap id and no order of a set reaches an output, so the same
elements give the same arrays in any order and in any process.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import numpy as np

from guiderail.maps.compile import tags as osm_tags
from guiderail.maps.compile.controls import Controls, controls
from guiderail.maps.compile.draft import Draft, DraftLink, draft
from guiderail.maps.compile.gc_pause import gc_paused
from guiderail.maps.compile.lanes import lead_back
from guiderail.maps.compile.link_copies import links_with_copies, needed_copies, turns_with_copies
from guiderail.maps.compile.places import DraftPlace, places
from guiderail.maps.compile.restrictions import Restrictions, restrictions
from guiderail.maps.compile.turns import all_turns, drivable_world
from guiderail.maps.digest import digest
from guiderail.maps.elements import Elements
from guiderail.maps.network import RoadNetwork
from guiderail.maps.tables import Ints, LinkTable, NodeTable, PlaceTable

COMPILER_VERSION: Final = "5"
"""Raise it when the same elements give other arrays."""
FORMAT_VERSION: Final = "1"
"""Raise it when the arrays themselves change."""


def compile_network(elements: Elements) -> RoadNetwork:
    """
    Compile a map.

    Raises
    ------
    MapError
        When no drivable street is left.
    """
    with gc_paused():
        return _compiled(elements)


def _compiled(elements: Elements) -> RoadNetwork:
    graph = draft(elements)
    signs = restrictions(graph, elements.relations)
    ruled = controls(graph, elements.nodes)
    legal, illegal = all_turns(graph, ruled, signs)
    turn_count = sum(not graph.links[i].is_phantom for i in legal.from_link().tolist())
    known, left_out = needed_copies(signs.sequences, legal)
    signs.counts.update({"applied": -left_out, "unresolved": left_out, "no_fit": left_out})
    legal, illegal = turns_with_copies(legal, illegal, known)
    driven = [*graph.links, *(graph.links[i] for i in known.originals)]
    is_phantom = np.array([link.is_phantom for link in driven])
    in_world = drivable_world(legal, is_phantom)
    legal = lead_back(legal, in_world, [link.lanes for link in driven])
    found, too_far = places(graph, elements, in_world)
    text = _Text(_texts(graph, found))
    network = RoadNetwork(
        nodes=_node_table(graph),
        links=links_with_copies(
            _link_table(graph, ruled, in_world[: len(graph.links)], text), known, in_world
        ),
        turns=legal,
        illegal_turns=illegal,
        places=_place_table(found, text),
        strings=text.strings,
        drives_on_left=elements.drives_on_left,
        header=_header(elements)
        | _counts(graph, ruled, signs, in_world)
        | {"legal_turns": str(turn_count), "link_copies": str(len(known.copies))}
        | {"places": str(len(found)), "places_too_far": str(too_far)}
        | _losses(elements, graph),
    )
    return replace(network, header=network.header | {"digest": digest(network)})


class _Text:
    """Every text once, sorted; the empty one first."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.strings = tuple(sorted({"", *texts}))
        self._index = {text: i for i, text in enumerate(self.strings)}

    def column(self, texts: Iterable[str]) -> Ints:
        return _ints(self._index[text] for text in texts)


def _texts(graph: Draft, found: Iterable[DraftPlace]) -> Iterable[str]:
    for link in graph.links:
        yield from (link.street.name, link.street.ref, link.destination)
    for place in found:
        yield from (place.name, place.kind)


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int32)


def _node_table(graph: Draft) -> NodeTable:
    return NodeTable(
        osm_id=np.array(graph.node_ids, dtype=np.int64),
        lon_e7=_ints(node.lon_e7 for node in graph.raw_nodes),
        lat_e7=_ints(node.lat_e7 for node in graph.raw_nodes),
        x_mm=_ints(x for x, _ in graph.points),
        y_mm=_ints(y for _, y in graph.points),
    )


def _link_table(graph: Draft, ruled: Controls, in_world: Ints, text: _Text) -> LinkTable:
    links = graph.links
    shape = [point for link in links for point in link.points]
    return LinkTable(
        from_node=_ints(link.from_node for link in links),
        to_node=_ints(link.to_node for link in links),
        way_id=np.array([link.street.way_id for link in links], dtype=np.int64),
        road_class=_ints(link.street.road_class for link in links),
        length_mm=_ints(link.length_mm for link in links),
        speed_mm_s=_ints(link.speed_mm_s for link in links),
        lanes=_ints(link.lanes for link in links),
        is_oneway=_ints(link.street.oneway != 0 for link in links),
        is_roundabout=_ints(link.street.is_roundabout for link in links),
        is_ramp=_ints(link.street.is_ramp for link in links),
        against_oneway=_ints(link.is_phantom for link in links),
        in_world=in_world,
        name=text.column(link.street.name for link in links),
        ref=text.column(link.street.ref for link in links),
        destination=text.column(link.destination for link in links),
        bearing_start_cdeg=_ints(link.bearing_start_cdeg for link in links),
        bearing_end_cdeg=_ints(link.bearing_end_cdeg for link in links),
        reverse=_ints(link.reverse for link in links),
        control=_ints(ruled.kind),
        controller=_ints(ruled.controller),
        stop_line_mm=_ints(ruled.stop_line_mm),
        shape_start=_ints([0, *np.cumsum([len(link.points) for link in links])]),
        shape_x_mm=_ints(x for x, _ in shape),
        shape_y_mm=_ints(y for _, y in shape),
    )


def _place_table(found: tuple[DraftPlace, ...], text: _Text) -> PlaceTable:
    return PlaceTable(
        name=text.column(place.name for place in found),
        kind=text.column(place.kind for place in found),
        link=_ints(place.link for place in found),
        offset_mm=_ints(place.offset_mm for place in found),
        is_right=_ints(place.is_right for place in found),
        x_mm=_ints(place.point[0] for place in found),
        y_mm=_ints(place.point[1] for place in found),
    )


def _header(elements: Elements) -> dict[str, str]:
    return {
        "name": elements.name,
        "source": elements.source,
        "source_sha256": elements.source_sha256,
        "compiler_version": COMPILER_VERSION,
        "format_version": FORMAT_VERSION,
        "attribution": elements.attribution,
        "licence": elements.licence,
        "data_date": elements.data_date,
        "driving_side": "left" if elements.drives_on_left else "right",
    }


def _counts(graph: Draft, ruled: Controls, signs: Restrictions, in_world: Ints) -> dict[str, str]:
    real = list(graph.real_links)
    counts = {
        "nodes": len(graph.node_ids),
        "links": len(real),
        "phantom_links": len(graph.links) - len(real),
        "in_world_links": int(in_world.sum()),
        "controllers": max(ruled.controller) + 1,
        **{key: ruled.counts[key] for key in ("signals", "signals_unresolved")},
        **{key: ruled.counts[key] for key in ("signs", "signs_unresolved")},
    }
    fates = ("total", "applied", "unresolved", "unsupported", "exempt", "member_absent", "no_fit")
    counts |= {f"restrictions_{fate}": signs.counts[fate] for fate in fates}
    return {key: str(value) for key, value in counts.items()} | {"km": _km(real)}


def _km(real: list[DraftLink]) -> str:
    """Length of the center lines, to 0.1 km."""
    lengths = {link.stretch: link.length_mm for link in real}
    return f"{sum(lengths.values()) / 1_000_000:.1f}"


def _losses(elements: Elements, graph: Draft) -> dict[str, str]:
    """What the map lacks or the compiler left out: said out loud."""
    drivable = [way for way in elements.ways if osm_tags.is_street(way.tags)]
    present = {node.id for node in elements.nodes}
    open_ways = [way for way in drivable if not osm_tags.is_closed(way.tags)]
    signed = {link.street.way_id for link in graph.links if link.street.has_signed_speed}
    losses = {
        "closed_ways": len(drivable) - len(open_ways),
        "no_through_ways": sum(osm_tags.is_no_through(way.tags) for way in open_ways),
        "defaulted_speeds": len({link.street.way_id for link in graph.links} - signed),
        "missing_nodes": len({node for way in open_ways for node in way.nodes} - present),
        "barriers": len(graph.barriers),
        "conditional_ways": sum(any(":conditional" in k for k in w.tags) for w in open_ways),
    }
    return {key: str(value) for key, value in losses.items()}
