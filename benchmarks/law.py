"""
Whether maps keep the law, and what share of their turn restrictions they could read.

Run it with ``.venv/bin/python benchmarks/law.py [FILE ...]``; without files it takes the sample
maps that ``GUIDERAIL_SAMPLE_MAPS`` names. The referee takes the relations of the file as they are,
by way and node ids, and shares nothing with the compiler but the reader. Per map:

- every ban of a sign is checked: junction by junction the street goes on there, so a router over
  junctions drives it, and the best route of the turn graph does not;
- so many random best routes are driven past the referee, and as many of a router over junctions,
  which it must convict where there are signs to break;
- so many random costs are compared with networkx on the exported turn graph, to the millisecond;
- all links of the drivable world reach each other, says networkx.

It fails on a wrong result only.
"""

import argparse
import json
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from guiderail.maps.compile.compiler import compile_network
from guiderail.maps.elements import Elements, RawRelation
from guiderail.maps.library.exports import turn_graph
from guiderail.maps.network import Ban, LinkId, RoadNetwork
from guiderail.maps.routing import RouteOracle
from guiderail.maps.sources.osm import read_osm

GOALS = 100
"""Goals that the random routes share, so that a tree serves many."""
QUERIES_PER_GOAL = 50
SIGNS = (Ban.RESTRICTION, Ban.ONLY, Ban.CONDITIONAL)
Step = tuple[int, int, int]
"""Way driven on, node where it is left, way driven onto; OpenStreetMap ids."""


class Signs(NamedTuple):
    """Node-via relations in terms of ways and nodes, those beyond doubt."""

    banned: set[Step]
    only: dict[tuple[int, int], set[int]]
    """Ways that an ``only_*`` sign leaves, by way and node."""

    def breaks(self, step: Step) -> bool:
        """Whether a step breaks a sign."""
        way, node, onto = step
        left = self.only.get((way, node))
        return step in self.banned or (left is not None and onto not in left)


def read_signs(elements: Elements) -> Signs:
    """
    Read the signs again, from the file alone.

    A sign counts where each of its ways ends at the node: one that passes through has two arms
    there, and which is meant is a matter of angles. U-turns are left to the compiler's own tests.
    """
    ends: defaultdict[int, Counter[int]] = defaultdict(Counter)
    passing: set[tuple[int, int]] = set()
    for way in elements.ways:
        ends[way.nodes[0]][way.id] += 1
        ends[way.nodes[-1]][way.id] += 1
        passing |= {(way.id, node) for node in way.nodes[1:-1]}
    signs = Signs(set(), {})
    here = {way.id for way in elements.ways}
    for relation in elements.relations:
        step = _step(relation)
        value = relation.tags.get("restriction", "")
        is_plain = value.startswith(("no_", "only_")) and "u_turn" not in value
        if step is None or not is_plain or "except" in relation.tags:
            continue
        way, node, onto = step
        arms = [(way, node), (onto, node)]
        if way == onto or not {way, onto} <= here or any(arm in passing for arm in arms):
            continue
        if any(ends[node][arm[0]] != 1 for arm in arms):
            continue
        if value.startswith("no_"):
            signs.banned.add(step)
        else:
            signs.only.setdefault((way, node), set()).add(onto)
    return signs


def _step(relation: RawRelation) -> Step | None:
    roles = {
        role: [m for m in relation.members if m.role == role] for role in ("from", "via", "to")
    }
    if any(len(members) != 1 for members in roles.values()):
        return None
    (start,), (via,), (end,) = roles["from"], roles["via"], roles["to"]
    return (
        (start.ref, via.ref, end.ref)
        if (start.kind, via.kind, end.kind) == ("w", "n", "w")
        else None
    )


def steps(network: RoadNetwork, route: tuple[LinkId, ...]) -> Iterator[Step]:
    """Steps of a route from way to way; going on along one way is none."""
    way, node = network.links.way_id, network.nodes.osm_id
    for here, onto in pairwise(route):
        if way[here] != way[onto]:
            yield int(way[here]), int(node[network.links.to_node[here]]), int(way[onto])


class JunctionRouter:
    """Best routes over junctions, as on a plain street graph: it knows no sign."""

    def __init__(self, network: RoadNetwork) -> None:
        """Let every open link go on to every other that begins where it ends."""
        links = network.links
        is_open = links.is_real()
        starting: defaultdict[int, list[int]] = defaultdict(list)
        for link in np.flatnonzero(is_open).tolist():
            starting[int(links.from_node[link])].append(link)
        pairs = [
            (link, onto)
            for link in np.flatnonzero(is_open).tolist()
            for onto in starting[int(links.to_node[link])]
            if onto != links.reverse[link]
        ]
        origin, target = np.array(pairs).T
        cost = links.length_mm[target] * 1_000.0 / links.speed_mm_s[target] + 1.0
        size = (network.link_count, network.link_count)
        self._arcs = csr_array((cost, (target, origin)), shape=size)

    def routes(self, goal: LinkId, starts: list[LinkId]) -> Iterator[tuple[LinkId, ...]]:
        """Routes from each start that has one."""
        cost, onward = dijkstra(self._arcs, indices=goal, return_predecessors=True)
        for start in starts:
            if np.isfinite(cost[start]):
                route = [start]
                while route[-1] != goal:
                    route.append(LinkId(int(onward[route[-1]])))
                yield tuple(route)


def check_bans(network: RoadNetwork) -> int:
    """Try every ban of a sign; how many there are."""
    table, links, oracle = network.illegal_turns, network.links, RouteOracle(network)
    own = links.original()
    rows = np.flatnonzero(np.isin(table.ban, [int(ban) for ban in SIGNS]))
    origin, target = table.from_link()[rows].tolist(), table.to_link[rows].tolist()
    for link, onto in sorted(zip(origin, target, strict=True), key=lambda pair: pair[1]):
        if links.to_node[link] != links.from_node[onto]:
            sys.exit(f"{network.name}: the ban {link} -> {onto} is no way on")
        route = oracle.tree(LinkId(onto)).route(LinkId(link))
        if route and own[route[1]] == own[onto]:
            sys.exit(f"{network.name}: the best route drives the banned turn {link} -> {onto}")
    return len(rows)


def drive(network: RoadNetwork, signs: Signs, count: int) -> dict[str, int]:
    """Drive random routes past the referee, ours and those of a router over junctions."""
    oracle, junctions = RouteOracle(network), JunctionRouter(network)
    world, source = np.flatnonzero(network.links.in_world), np.random.default_rng(1)
    seen = Counter[str]()
    for goal in map(LinkId, source.choice(world, GOALS).tolist()):
        starts = [LinkId(link) for link in source.choice(world, -(-count // GOALS)).tolist()]
        for start in starts:
            route = oracle.tree(goal).route(start)
            if not route:
                sys.exit(f"{network.name}: no route from {start} to {goal} inside the world")
            seen["routes"] += 1
            seen["bad"] += any(map(signs.breaks, steps(network, route)))
        for route in junctions.routes(goal, starts):
            seen["junction_routes"] += 1
            seen["junction_bad"] += any(map(signs.breaks, steps(network, route)))
    if seen["bad"]:
        sys.exit(f"{network.name}: {seen['bad']} of {seen['routes']} routes break a sign")
    return dict(seen)


def compare_costs(network: RoadNetwork, count: int) -> int:
    """Compare random costs with networkx on the exported turn graph; how many were equal."""
    graph, oracle = turn_graph(network).reverse(), RouteOracle(network)
    world, source = np.flatnonzero(network.links.in_world), np.random.default_rng(2)
    goals = source.choice(world, max(1, count // QUERIES_PER_GOAL)).tolist()
    for goal in goals:
        theirs = nx.single_source_dijkstra_path_length(graph, goal, weight="cost_ms")
        costs = oracle.tree(LinkId(goal)).cost_to_go_ms
        for start in source.choice(world, QUERIES_PER_GOAL).tolist():
            if costs[start] != theirs[start]:
                sys.exit(
                    f"{network.name}: {start} -> {goal} costs {costs[start]} or {theirs[start]} ms"
                )
    if not nx.is_strongly_connected(graph.subgraph(world.tolist())):
        sys.exit(f"{network.name}: the links of its world do not all reach each other")
    return len(goals) * QUERIES_PER_GOAL


def measure(source: str, routes: int, queries: int) -> dict[str, Any]:
    """Compile and check one map."""
    elements = read_osm(Path(source))
    network, signs = compile_network(elements), read_signs(elements)
    fates = ("applied", "no_fit", "member_absent", "unsupported", "exempt")
    counts = {fate: int(network.header[f"restrictions_{fate}"]) for fate in fates}
    resolvable = counts["applied"] + counts["no_fit"] + counts["unsupported"]
    return {
        "map": network.name,
        "links": int(network.header["links"]),
        "km": float(network.header["km"]),
        **counts,
        "applied_share": counts["applied"] / resolvable if resolvable else None,
        "bans": check_bans(network),
        "signs_of_referee": len(signs.banned) + len(signs.only),
        **drive(network, signs, routes),
        "equal_costs": compare_costs(network, queries),
    }


def main() -> None:
    """Check every map and print one line each, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--routes", type=int, default=10_000)
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    samples = Path(os.environ.get("GUIDERAIL_SAMPLE_MAPS", "../shared/maps"))
    files = options.files or [*map(str, sorted(samples.glob("*.osm.pbf")))]
    rows = [measure(file, options.routes, options.queries) for file in files]
    print(json.dumps(rows, indent=1) if options.json else "\n".join(_lines(rows)))


def _lines(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield (
        f"{'map':26}{'applied':>8}{'no fit':>7}{'share':>7}{'absent':>7}{'bans':>6}{'routes':>8}"
        f"{'bad':>4}{'by junctions':>14}{'equal costs':>13}"
    )
    for row in rows:
        share = "-" if row["applied_share"] is None else f"{row['applied_share']:.1%}"
        convicted = row["junction_bad"] / row["junction_routes"]
        yield (
            f"{row['map']:26}{row['applied']:8}{row['no_fit']:7}{share:>7}{row['member_absent']:7}"
            f"{row['bans']:6}{row['routes']:8,}{row['bad']:4}{convicted:14.1%}"
            f"{row['equal_costs']:13,}"
        )


if __name__ == "__main__":
    main()
