"""What a map holds, what of its source was applied, and what was lost, in numbers."""

from collections import Counter
from typing import Any, Final

from guiderail.maps.network import Control, RoadNetwork, TurnKind

_FATES: Final = ("total", "applied", "unresolved", "unsupported", "exempt")
_UNRESOLVED: Final = ("member_absent", "no_fit")
"""Why a restriction is unresolved: the extract lacks a part of it, or it fits no turn."""
_LOSSES: Final = (
    "signals_unresolved",
    "signs_unresolved",
    "places_too_far",
    "closed_ways",
    "no_through_ways",
    "defaulted_speeds",
    "missing_nodes",
    "barriers",
    "conditional_ways",
)


def summary(network: RoadNetwork) -> dict[str, Any]:
    """
    Summarize a map; whole numbers but for ``km``, the length of its center lines.

    ``links`` are those that traffic may use, ``turns`` those from them, and ``links_in_world``
    those that all reach each other.
    What the compiler counted in the source, and a hand-made map does not say, is None.
    """
    header, links, turns = network.header, network.links, network.turns
    real = links.is_real()
    # Whoever drives against a one-way street may turn off it; that is no movement of traffic.
    legal, illegal = (real[table.from_link()] for table in (turns, network.illegal_turns))
    return {
        "name": network.name,
        "source": header.get("source"),
        "source_sha256": header.get("source_sha256"),
        "digest": header.get("digest"),
        "data_date": header.get("data_date") or None,
        "driving_side": "left" if network.drives_on_left else "right",
        "attribution": header.get("attribution"),
        "licence": header.get("licence"),
        "nodes": len(network.nodes.osm_id),
        "links": int(real.sum()),
        "links_in_world": int((real & (links.in_world != 0)).sum()),
        "turns": int(legal.sum()),
        "illegal_turns": int(illegal.sum()),
        "km": float(header["km"]) if "km" in header else None,
        "oneway_links": int((real & (links.is_oneway != 0)).sum()),
        "signals": _count(header, "signals"),
        "approaches": {
            control.name.lower(): int((real & (links.control == control)).sum())
            for control in Control
            if control is not Control.NONE
        },
        "restrictions": {
            fate: _count(header, f"restrictions_{fate}") for fate in (*_FATES, *_UNRESOLVED)
        },
        "places": len(network.places.name),
        "categories": _most_common(network),
        "exits": int((legal & (turns.kind == TurnKind.EXIT)).sum()),
        "losses": {name: _count(header, name) for name in _LOSSES},
    }


def _most_common(network: RoadNetwork) -> dict[str, int]:
    """Kinds of places with their number, the most frequent first, then by name."""
    counts = Counter(place.kind for place in network.all_places)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _count(header: dict[str, str], name: str) -> int | None:
    return int(header[name]) if name in header else None
