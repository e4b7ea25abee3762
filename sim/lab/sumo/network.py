"""
Our map as a SUMO network: the legal turns are the connections, and nothing else is.

Before a car that may break the law there are the banned turns, too, as connections for the class of
the ego alone, and the one-way streets in the wrong direction: edges on the same lanes, so that what
comes of either is SUMO's to say.

The text that ``netconvert`` reads is made here without SUMO. An edge covers a link from a little
after its start to a little before its end, with exactly that length, and a junction takes half of
its shortest way from either link, so that a meter is a meter in both. Junctions have the shape, the
foes and the turning speeds that netconvert works out; only who yields to whom is put back to what
our map says.
"""

import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable
from functools import cached_property, partial
from importlib import import_module, util
from pathlib import Path
from typing import Any, Final

from guiderail.maps.errors import to_install
from guiderail.maps.geometry import shape
from guiderail.maps.network import (
    KEEPS_LANE_CDEG,
    Conflict,
    Control,
    Link,
    LinkId,
    RoadNetwork,
    Turn,
)
from guiderail.sim.contract.errors import PluginError
from guiderail.sim.driver.motion.lookahead import continuing_lanes
from guiderail.sim.lab.sumo.bans import lay_on_one_ways, set_limits
from guiderail.sim.lab.sumo.paths import Net, matrix_row

CUT_MM: Final = 4_000
"""An edge begins so far after its node, and ends so far before it where no line is painted."""
LEAST_MM: Final = 500
"""Shortest edge."""
EGO_CLASS: Final = "custom1"
"""SUMO's vehicle class of an ego that may turn where it is banned; nobody else is of it."""
_YIELDS: Final = {
    Conflict.NONE: 0,
    Conflict.LEFT_FROM_MAJOR: 1,
    Conflict.ROUNDABOUT_ENTRY: 2,
    Conflict.RIGHT_FROM_MINOR: 2,
    Conflict.THROUGH_FROM_MINOR: 3,
    Conflict.LEFT_FROM_MINOR: 4,
    Conflict.U_TURN: 5,
}
"""Rank of a movement (Highway Capacity Manual): a higher one lets a lower one pass."""


Span = tuple[int, int]
"""Part of a link that is its edge, from its start [mm]; the rest belongs to junctions."""


def edge_span_mm(link: Link, into_mm: int = 2 * CUT_MM, out_mm: int = 2 * CUT_MM) -> Span:
    """
    Part of a link that is its edge, by the shortest ways through the junctions at its two ends.

    Half of each way belongs to this link, so that no road is lost where SUMO's junction is small.
    """
    most = min(CUT_MM, link.length_mm // 5)
    first, last = min(most, into_mm // 2), link.length_mm - min(most, out_mm // 2)
    line = 0 if link.control is Control.NONE else link.stop_line_mm
    return first, max(first + LEAST_MM, last, line)


def edge_spans_mm(
    network: RoadNetwork, ways: Iterable[tuple[LinkId, LinkId, float]]
) -> dict[LinkId, Span]:
    """Parts of all links that are edges, by the ways (from, to, length [m]) of a built network."""
    into: dict[LinkId, int] = {}
    out: dict[LinkId, int] = {}
    for start, end, length_m in ways:
        length = round(length_m * 1_000)
        out[start] = min(out.get(start, length), length)
        into[end] = min(into.get(end, length), length)
    most = 2 * CUT_MM
    spans = {
        link.id: edge_span_mm(link, into.get(link.id, most), out.get(link.id, most))
        for link in real_links(network)
    }
    return spans | {link.id: _mirrored(link, spans[link.reverse]) for link in phantoms(network)}


def _mirrored(link: Link, span: Span) -> Span:
    """Span of the wrong direction: the same stretch of road, seen from its other end."""
    return link.length_mm - span[1], link.length_mm - span[0]


def real_links(network: RoadNetwork) -> list[Link]:
    """Links that become edges: all but those against a one-way street."""
    return [link for link in network.all_links if not link.against_oneway]


def phantoms(network: RoadNetwork) -> list[Link]:
    """One-way streets in the wrong direction: edges for the ego alone, or none."""
    return [link for link in network.all_links if link.against_oneway]


def lane_pairs(network: RoadNetwork, turn: Turn) -> list[tuple[int, int]]:
    """From which lane to which lane a turn leads."""
    lanes = range(turn.first_lane, turn.last_lane + 1)
    most = network.link(turn.to_link).lanes - 1
    if abs(turn.angle_cdeg) < KEEPS_LANE_CDEG:
        return _going_on(network, turn, lanes, most)
    if len(lanes) == 1:
        return [(turn.first_lane, to) for to in range(most + 1)]
    if turn.angle_cdeg > 0:  # side by side, from the inside of the curve
        return [(lane, min(lane - turn.first_lane, most)) for lane in lanes]
    return [(lane, max(0, most - (turn.last_lane - lane))) for lane in lanes]


def _going_on(network: RoadNetwork, turn: Turn, lanes: range, most: int) -> list[tuple[int, int]]:
    """Each lane onto one of its own, so that none cuts another off; the last one fans out."""
    pairs, free = [], 0
    for lane in lanes:
        first, last = network.exit_lanes(turn, lane)
        to = max(first, min(free, last))
        pairs.append((lane, to))
        free = to + 1
    return pairs + [(lanes[-1], to) for to in range(free, most + 1)]


def nodes_xml(network: RoadNetwork) -> str:
    """Junctions; those where a signal rules belong to the signal's controller."""
    root = ET.Element("nodes")
    ruled = {
        link.to_node: link.controller
        for link in real_links(network)
        if link.control is Control.SIGNAL
    }
    used = {node for link in real_links(network) for node in (link.from_node, link.to_node)}
    for node in sorted(used):
        x, y = network.nodes.x_mm[node] / 1_000, network.nodes.y_mm[node] / 1_000
        row = ET.SubElement(root, "node", id=f"n{node}", x=f"{x:.3f}", y=f"{y:.3f}")
        row.set("type", "traffic_light" if node in ruled else "priority")
        if node in ruled:
            row.set("tl", f"c{ruled[node]}")
    return ET.tostring(root, encoding="unicode")


def edges_xml(network: RoadNetwork, *, with_banned: bool = False) -> str:
    """Edges: lanes, speed, length and shape of every link; wrong ways for the ego alone."""
    root = ET.Element("edges")
    for link in real_links(network) + (phantoms(network) if with_banned else []):
        first, last = edge_span_mm(link)
        line = [(x / 1_000, y / 1_000) for x, y in shape(network, link.id)]
        ET.SubElement(
            root,
            "edge",
            {
                "id": str(link.id),
                "from": f"n{link.from_node}",
                "to": f"n{link.to_node}",
                "numLanes": str(link.lanes),
                "speed": f"{link.speed_mm_s / 1_000:.2f}",
                "priority": str(10 - link.road_class),
                "length": f"{(last - first) / 1_000:.3f}",
                "spreadType": "center" if link.is_oneway else "right",
                "shape": " ".join(f"{x:.3f},{y:.3f}" for x, y in line),
            }
            | _allowed(is_law=not link.against_oneway),
        )
    return ET.tostring(root, encoding="unicode")


def connections_xml(network: RoadNetwork, *, with_banned: bool = False) -> str:
    """
    Connections: the legal turns, and for the ego alone the banned ones.

    A link without any gets an empty one, so none is guessed.
    """
    root = ET.Element("connections")
    for link in real_links(network) + (phantoms(network) if with_banned else []):
        banned = network.illegal_turns_from(link.id) if with_banned else ()
        turns = network.turns_from(link.id) + banned
        if not turns:
            ET.SubElement(root, "connection", {"from": str(link.id)})
        for turn in turns:
            allowed = _allowed(is_law=turn.ban is None and not link.against_oneway)
            ends = {"from": str(link.id), "to": str(turn.to_link)}
            for lane, to in lane_pairs(network, turn):
                lanes = {"fromLane": str(lane), "toLane": str(to)}
                ET.SubElement(root, "connection", ends | lanes | allowed)
    return ET.tostring(root, encoding="unicode")


def _allowed(*, is_law: bool) -> dict[str, str]:
    """Who may drive there: everybody, or where the law says no the ego alone."""
    return {} if is_law else {"allow": EGO_CLASS}


def build_net(network: RoadNetwork, folder: Path, *, with_banned: bool = False) -> Path:
    """
    Build the SUMO network of a map in a folder, if asked with the banned turns for the ego.

    Raises
    ------
    PluginError
        When SUMO is not installed, or netconvert does not take the map.
    """
    net = _convert(network, folder / "map.net.xml", with_banned=with_banned)
    tree = ET.parse(net)  # noqa: S314  netconvert wrote it a moment ago
    RightOfWay(network, tree.getroot()).apply()
    tree.write(net, encoding="utf-8")
    _set_lengths(edge_spans_mm(network, Net(net).lengths()), tree.getroot())
    if with_banned:
        lay_on_one_ways(phantoms(network), tree.getroot())
        legal = _convert(network, folder / "legal.net.xml", with_banned=False)
        set_limits(ET.parse(legal).getroot(), tree.getroot())  # noqa: S314
    tree.write(net, encoding="utf-8")
    return net


def _convert(network: RoadNetwork, net: Path, *, with_banned: bool) -> Path:
    """Let netconvert make a network file."""
    parts: dict[str, Callable[[RoadNetwork], str]] = {
        "node": nodes_xml,
        "edge": partial(edges_xml, with_banned=with_banned),
        "connection": partial(connections_xml, with_banned=with_banned),
    }
    arguments = [netconvert(), "--output-file", str(net), "--no-turnarounds", "--no-warnings"]
    arguments += ["--offset.disable-normalization", "--junctions.limit-turn-speed", "5.5"]
    for name, made in parts.items():
        file = net.with_name(f"{name}.xml")
        file.write_text(made(network), "utf-8")
        arguments += [f"--{name}-files", str(file)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode or not net.exists():
        raise PluginError(f"netconvert refused map {network.name!r}: {done.stderr[-300:]}")
    return net


def _set_lengths(spans: dict[LinkId, Span], root: ET.Element) -> None:
    for edge in root.iter("edge"):
        if not edge.get("id", ":").startswith(":"):
            first, last = spans[LinkId(int(edge.get("id", 0)))]
            for lane in edge.iter("lane"):
                lane.set("length", f"{(last - first) / 1_000:.3f}")


def netconvert() -> str:
    """Path of netconvert, from the extra ``sumo``."""
    if util.find_spec("sumo") is None or util.find_spec("libsumo") is None:
        raise PluginError(f"the referee needs SUMO: {to_install('sumo')}")
    home: Any = import_module("sumo")
    name = "netconvert.exe" if sys.platform == "win32" else "netconvert"
    return str(Path(home.SUMO_HOME) / "bin" / name)


class RightOfWay:
    """Who yields to whom at the junctions of a built network, as our map has it."""

    def __init__(self, network: RoadNetwork, root: ET.Element) -> None:
        self._network = network
        self._root = root

    def apply(self) -> None:
        """Put our right of way into the network."""
        for junction in self._root.iter("junction"):
            node, requests = junction.get("id", ""), junction.findall("request")
            ways = [self._ways_of_junction.get((node, i)) for i in range(len(requests))]
            for request in requests:
                self._rule(request, ways)

    @cached_property
    def _ways_of_junction(self) -> dict[tuple[str, int], ET.Element]:
        """Connections that begin at a stop line, by junction and row of its matrix."""
        return {
            matrix_row(row.get("via", "")): row
            for row in self._root.iter("connection")
            if row.get("via") and not row.get("from", ":").startswith(":")
        }

    def _rule(self, request: ET.Element, ways: list[ET.Element | None]) -> None:
        index, size = int(request.get("index", "0")), len(ways)
        mine = ways[index]
        if mine is None:
            return
        bits = list(request.get("response", "0" * size))
        for other, way in enumerate(ways):
            # The matrix is written from the right: bit 0 is the last character.
            at = size - 1 - other
            if way is not None and request.get("foes", "")[at] == "1":
                order = self._rank(mine) - self._rank(way) or self._ends(mine) - self._ends(way)
                bits[at] = bits[at] if order == 0 else "01"[order > 0]
        request.set("response", "".join(bits))
        if mine.get("tl") is None:
            mine.set("state", "m" if "1" in bits else "M")

    def _turn(self, row: ET.Element) -> Turn:
        turn = self._network.turn(LinkId(int(row.get("from", 0))), LinkId(int(row.get("to", 0))))
        assert turn is not None  # noqa: S101  connections are made from turns
        return turn

    def _rank(self, row: ET.Element) -> int:
        return _YIELDS[self._turn(row).conflict]

    def _ends(self, row: ET.Element) -> bool:
        """Whether a lane ends, so that who is on it lets those pass whose lane goes on."""
        first, last = continuing_lanes(self._network, self._turn(row))
        return not first <= int(row.get("fromLane", 0)) <= last
