"""
What a built SUMO network needs where the ego may break the law.

A wrong way shares the lanes of its one-way street, and what is legal is as fast as without it all.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator

from guiderail.maps.network import Link


def lay_on_one_ways(phantoms: Iterable[Link], root: ET.Element) -> None:
    """Put each wrong way onto the lanes of its street, so that SUMO sees who meets head-on."""
    edges = {edge.get("id", ""): edge for edge in root.iter("edge")}
    for link in phantoms:
        wrong, right = edges[str(link.id)], edges[str(link.reverse)]
        wrong.set("bidi", str(link.reverse))
        right.set("bidi", str(link.id))
        wrong.set("shape", _backwards(right.get("shape", "")))
        for lane, under in zip(wrong.iter("lane"), reversed(list(right.iter("lane"))), strict=True):
            lane.set("shape", _backwards(under.get("shape", "")))


def _backwards(line: str) -> str:
    return " ".join(reversed(line.split()))


def set_limits(legal: ET.Element, root: ET.Element) -> None:
    """Give legal ways the speeds that they have where no banned turn squeezes the junctions."""
    known = dict(_inner_speeds(legal))
    for way, lanes in _inner_lanes(root):
        for lane in lanes if way in known else ():
            lane.set("speed", known[way])


def _inner_speeds(root: ET.Element) -> Iterator[tuple[tuple[str, ...], str]]:
    for way, lanes in _inner_lanes(root):
        yield way, min((lane.get("speed", "") for lane in lanes), key=float)


def _inner_lanes(root: ET.Element) -> Iterator[tuple[tuple[str, ...], list[ET.Element]]]:
    """Internal lanes of each way, by its links and lanes."""
    rows = list(root.iter("connection"))
    onward = {f"{row.get('from')}_{row.get('fromLane')}": row.get("via", "") for row in rows}
    lanes = {lane.get("id", ""): lane for lane in root.iter("lane")}
    for row in rows:
        found, via = [], row.get("via", "")
        while via:
            found.append(lanes[via])
            via = onward.get(via, "")
        if found and not row.get("from", ":").startswith(":"):
            yield tuple(row.get(part, "") for part in ("from", "fromLane", "to", "toLane")), found
