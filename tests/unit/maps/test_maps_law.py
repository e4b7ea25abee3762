"""
The law of real maps, read a second time: straight from the relations, by ways and nodes alone.

Only signs that leave no doubt are read here: the first way ends at its junction, so does the last.
"""

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from guiderail.maps.compile.compiler import compile_network
from guiderail.maps.elements import Elements, RawRelation
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.sources.osm import read_osm

ROUTES, STEPS = 10_000, 20
Step = tuple[int, int, int]
"""From way, node, to way; OpenStreetMap ids."""
SMALL = ("nyc_lower_east_side", "bad_hersfeld", "london_moorgate")
LARGE = ("portland_central", "heidelberg")


class PlainLaw:
    """Steps that signs forbid, and those that they command."""

    def __init__(self, elements: Elements) -> None:
        self._ends = {w.id: {w.nodes[0], w.nodes[-1]} for w in elements.ways}
        self._streets = {w.id for w in elements.ways}
        self.banned: set[Step] = set()
        self.only: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
        for relation in elements.relations:
            self._read(relation)

    def _read(self, relation: RawRelation) -> None:
        value = relation.tags.get("restriction", "")
        parts = {m.role: m.ref for m in relation.members}
        is_plain = len(relation.members) == 3 and set(parts) == {"from", "via", "to"}
        has_more = any(k.startswith(("except", "restriction:")) for k in relation.tags)
        if not is_plain or has_more or "w" in {m.kind for m in relation.members if m.role == "via"}:
            return
        way_from, via, way_to = parts["from"], parts["via"], parts["to"]
        if not all(via in self._ends.get(way, set()) for way in (way_from, way_to)):
            return
        if value.startswith("no_"):
            self.banned.add((way_from, via, way_to))
        elif value.startswith("only_"):
            self.only[way_from, via].add(way_to)

    def breaks(self, step: Step) -> bool:
        """Whether a step is against a sign."""
        commanded = self.only.get(step[:2])
        return step in self.banned or (commanded is not None and step[2] not in commanded)


def broken(network: RoadNetwork, law: PlainLaw) -> int:
    """Steps of random routes that break the plain law."""
    rng = np.random.default_rng(1)
    world = np.flatnonzero(network.links.in_world)
    way, osm = network.links.way_id.tolist(), network.nodes.osm_id.tolist()
    node = network.links.to_node.tolist()
    start, target = network.turns.start.tolist(), network.turns.to_link.tolist()
    found = 0
    for link, row in zip(
        rng.choice(world, ROUTES).tolist(), rng.random((ROUTES, STEPS)).tolist(), strict=True
    ):
        for share in row:
            size = start[link + 1] - start[link]
            if not size:
                break
            after = target[start[link] + int(share * size)]
            found += law.breaks((way[link], osm[node[link]], way[after]))
            link = after  # noqa: PLW2901  a walk
    return found


@pytest.mark.parametrize(
    "name", [*SMALL, *(pytest.param(name, marks=pytest.mark.slow) for name in LARGE)]
)
def test_no_random_route_breaks_a_sign_and_without_signs_many_do(
    name: str, sample_maps: Path
) -> None:
    elements = read_osm(sample_maps / f"{name}.osm.pbf")
    law = PlainLaw(elements)
    assert broken(compile_network(elements), law) == 0
    lawless = Elements(**{f: getattr(elements, f) for f in elements.__slots__} | {"relations": ()})
    assert broken(compile_network(lawless), law) > 0


@pytest.mark.parametrize(
    "name", [*SMALL, *(pytest.param(name, marks=pytest.mark.slow) for name in LARGE)]
)
def test_nearly_every_sign_is_applied_whose_members_are_all_streets_of_the_map(
    name: str, sample_maps: Path
) -> None:
    header = compile_network(read_osm(sample_maps / f"{name}.osm.pbf")).header
    total, exempt, absent, applied = (
        int(header[f"restrictions_{key}"])
        for key in ("total", "exempt", "member_absent", "applied")
    )
    assert applied >= 0.95 * (total - exempt - absent)


def test_every_banned_turn_is_missing_from_the_legal_ones(network: RoadNetwork) -> None:
    for link in range(network.link_count):
        legal = {turn.to_link for turn in network.turns_from(LinkId(link))}
        assert not legal & {turn.to_link for turn in network.illegal_turns_from(LinkId(link))}
