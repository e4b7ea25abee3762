"""
Messages as documents of the schema: what the guide outside is told, with names beside the numbers.

A guide in another language has no map, so an observation names the roads, the turns of the junction
ahead and the places near by. All of it is text from a map or from the guide itself: data, never an
instruction.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from guiderail.maps.gazetteer import Gazetteer
from guiderail.maps.network import Link, LinkId, RoadNetwork, Turn, TurnKind
from guiderail.sim.contract.messages import Advice, Direction, Observation, Proposal, Verdict
from guiderail.sim.wire.reader import NAME_LIMIT, PROTOCOL

Document = dict[str, Any]

PLACES_SHOWN: Final = 5
"""Places near by that an observation names."""
_STRAIGHT_CDEG: Final = 2_000
"""Up to this change of direction a turn is called straight [0.01 degree]; the driver's rule."""


def encoded(document: Document) -> bytes:
    """One line of JSON without its line end."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode(
        "utf-8", "replace"
    )


def proposal_document(proposal: Proposal) -> Document:
    """Every field that is given."""
    fields = {
        "ask": proposal.ask,
        "seen_ms": proposal.seen_ms,
        "at": proposal.at,
        "direction": proposal.direction,
        "onto": proposal.onto,
        "road": proposal.road,
        "place": proposal.place,
    }
    return {name: value for name, value in fields.items() if value is not None}


def verdict_document(verdict: Verdict) -> Document:
    """The answer to one proposal."""
    return {
        "proposal": proposal_document(verdict.proposal),
        "decision": verdict.decision.value,
        "reason": verdict.reason.value,
        "changes_route": verdict.changes_route,
        "extra_ms": verdict.extra_ms,
        "counter": None if verdict.counter is None else proposal_document(verdict.counter),
    }


def advice_document(advice: Advice | None) -> Document:
    """What a guide says; nothing but the protocol's name for silence."""
    document: Document = {"protocol": PROTOCOL}
    if advice is None:
        return document
    document |= {"words": advice.words, "confidence": advice.confidence}
    if advice.proposal is not None:
        document["proposal"] = proposal_document(advice.proposal)
    return document


def observation_document(seen: Observation, network: RoadNetwork) -> Document:
    """What a guide is shown, for one that has no map; any observation gives a document."""
    return {
        "protocol": PROTOCOL,
        "occasion": seen.occasion,
        "time_ms": seen.time_ms,
        "link": seen.link,
        "road": _road(network, seen.link),
        "distance_to_node_mm": seen.distance_to_node_mm,
        "speed_mm_s": seen.speed_mm_s,
        "lane": seen.lane,
        "goal": seen.goal,
        "goal_name": seen.goal_name,
        "eta_ms": seen.eta_ms,
        "route": [_stretch(network, link) for link in seen.route],
        "turns": list(_turns(seen, network)),
        "reported_closed": [
            {"link": link, "road": _road(network, link)} for link in sorted(seen.reported_closed)
        ],
        "places": list(_places(network, seen.link)),
        "verdicts": [verdict_document(verdict) for verdict in seen.verdicts],
    }


def places_named(gazetteer: Gazetteer, network: RoadNetwork, name: str) -> list[Document]:
    """Places of a name with kind and road; the place with the closest name where none has it."""
    found = gazetteer.find_places(name[:NAME_LIMIT])[:PLACES_SHOWN]
    if not found:
        near = gazetteer.nearest_place(name[:NAME_LIMIT])
        found = () if near is None else (near,)
    return [{"name": one.name, "kind": one.kind, "road": _road(network, one.link)} for one in found]


def direction_of(turn: Turn) -> Direction:
    """Name a turn by its direction, such that the driver understands it by that name."""
    if turn.kind is TurnKind.U_TURN:
        return Direction.BACK
    if abs(turn.angle_cdeg) <= _STRAIGHT_CDEG:
        return Direction.STRAIGHT
    return Direction.RIGHT if turn.angle_cdeg > 0 else Direction.LEFT


def _link(network: RoadNetwork, link: LinkId) -> Link | None:
    return network.link(link) if 0 <= link < network.link_count else None


def _road(network: RoadNetwork, link: LinkId) -> str:
    found = _link(network, link)
    return "" if found is None else found.name or found.ref


def _stretch(network: RoadNetwork, link: LinkId) -> Document:
    found = _link(network, link)
    return {
        "link": link,
        "road": _road(network, link),
        "length_mm": 0 if found is None else found.length_mm,
    }


def _turns(seen: Observation, network: RoadNetwork) -> Iterator[Document]:
    """Ways on at the end of this link, legal or not."""
    if _link(network, seen.link) is None:
        return
    following = dict(zip(seen.route, seen.route[1:], strict=False))
    for turn in network.ways_out(seen.link):
        yield {
            "onto": turn.to_link,
            "road": _road(network, turn.to_link),
            "direction": direction_of(turn).value,
            "is_legal": turn.ban is None,
            "is_planned": following.get(seen.link) == turn.to_link,
        }


def _places(network: RoadNetwork, link: LinkId) -> Iterator[Document]:
    """Nearest places to the end of this link, as the crow flies."""
    here = _link(network, link)
    if here is None or not len(network.places.x_mm):
        return
    node = here.to_node
    x_mm, y_mm = int(network.nodes.x_mm[node]), int(network.nodes.y_mm[node])
    away = np.hypot(network.places.x_mm - float(x_mm), network.places.y_mm - float(y_mm))
    for k in np.argsort(away, kind="stable")[:PLACES_SHOWN]:
        place = network.all_places[k]
        yield {"name": place.name, "kind": place.kind, "distance_m": round(float(away[k]) / 1_000)}
