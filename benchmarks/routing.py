"""
Routing against other routers in one run: trees, reroutes and the search round closures.

Run it with ``.venv/bin/python benchmarks/routing.py``. All routers answer the same queries on the
same turn graph, in rounds taken in turn, and their costs are compared first; it fails on a wrong
cost only, never on a slow one. Ratios are those of medians of one run; absolute times depend on the
machine. igraph and osmnx take part when they are installed. The osmnx row is about junctions: its
graph knows no banned turn, so its costs cannot be compared and its routes may be illegal.
"""

import argparse
import heapq
import importlib
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from guiderail.maps.library.exports import turn_graph
from guiderail.maps.library.load import load_map
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing import DetourFinder, RouteOracle
from guiderail.maps.routing.bucket import has_numba
from guiderail.maps.synthetic.networks import town

SAMPLES = Path(os.environ.get("GUIDERAIL_SAMPLE_MAPS", "../shared/maps"))
REAL = {"portland_central": 1, "porto_metro_large": 6}
"""Sample maps that take part where they are at hand, with what fewer queries each is asked."""
TOWN_SIZE = 50
"""Blocks along each side: about 10,000 links."""
FOLLOWED = 6
"""Links ahead that a driver asks about after a closure: the mean of 25 trips in Portland."""
REPEATS = 100
"""So often a look-up is timed at once; it is shorter than a tick of the clock."""


class Query(NamedTuple):
    """A trip of which links on the best route are closed."""

    start: LinkId
    goal: LinkId
    closed: frozenset[LinkId]


Contender = Callable[[Query], int | None]
"""Answers a query with its cost [ms]; None where it has no cost to compare."""


def draw_queries(network: RoadNetwork, count: int, closures: int) -> list[Query]:
    """Random pairs of links, and random closed links on the best route of each."""
    source, routes = np.random.default_rng(1), RouteOracle(network)
    world, queries = np.flatnonzero(network.links.in_world), list[Query]()
    while len(queries) < count:
        start, goal = (LinkId(link) for link in source.choice(world, 2).tolist())
        inner = routes.tree(goal).route(start)[1:-1]
        if len(inner) >= closures:
            closed = (LinkId(link) for link in source.choice(inner, closures).tolist())
            queries.append(Query(start, goal, frozenset(closed)))
    return queries


def arcs(network: RoadNetwork) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Turn graph as arrays: link left, link entered, cost [ms]."""
    turns = network.turns
    return turns.from_link(), turns.to_link, turns.cost_ms


def timed(
    contenders: dict[str, Contender], queries: list[Query], repeats: int = 1
) -> dict[str, float]:
    """Median CPU time of each contender [ms], taken in turn, costs compared first."""
    for query in queries:
        costs = {name: answer(query) for name, answer in contenders.items()}
        if len({cost for cost in costs.values() if cost is not None}) != 1:
            sys.exit(f"the routers disagree on {query}: {costs}")
    spent: dict[str, list[float]] = {name: [] for name in contenders}
    for query in queries:
        for name, answer in contenders.items():
            times = repeats if name.startswith("cached tree") else 1
            begin = time.process_time()
            for _ in range(times):
                answer(query)
            spent[name].append((time.process_time() - begin) * 1_000 / times)
    return {name: statistics.median(each) for name, each in spent.items()}


def scipy_graph(network: RoadNetwork) -> Any:
    """Turn graph for scipy, forward."""
    origin, target, cost = arcs(network)
    shape = (network.link_count, network.link_count)
    return csr_array((cost.astype(float), (origin, target)), shape=shape)


def trees(network: RoadNetwork, queries: list[Query]) -> dict[str, float]:
    """Price every link for one goal."""
    graph, backward = turn_graph(network).reverse(), scipy_graph(network).T.tocsr()

    def ours(routes: RouteOracle, query: Query) -> int:
        return routes._build(query.goal, frozenset()).cost_to_go_ms[query.start]  # noqa: SLF001

    def networkx(query: Query) -> int:
        costs = nx.single_source_dijkstra_path_length(graph, query.goal, weight="cost_ms")
        return int(costs[query.start])

    contenders: dict[str, Contender] = {
        "tree, plain": partial(ours, RouteOracle(network, is_compiled=False)),
        "scipy dijkstra alone": lambda q: int(dijkstra(backward, indices=q.goal)[q.start]),
        "networkx single_source_dijkstra": networkx,
    }
    if has_numba():
        contenders["tree, compiled"] = partial(ours, RouteOracle(network, is_compiled=True))
    return timed(contenders, queries)


def reroutes(network: RoadNetwork, queries: list[Query]) -> dict[str, float]:
    """Find the whole route from one link to one goal."""
    graph, matrix, routes = turn_graph(network), scipy_graph(network), RouteOracle(network)
    for query in queries:
        routes.tree(query.goal)

    def cached(query: Query) -> int:
        tree = routes.tree(query.goal)
        tree.route(query.start)
        return tree.cost_to_go_ms[query.start]

    def networkx(query: Query) -> int:
        path = nx.dijkstra_path(graph, query.start, query.goal, weight="cost_ms")
        return int(nx.path_weight(graph, path, "cost_ms"))

    contenders: dict[str, Contender] = {
        "cached tree": cached,
        "networkx dijkstra_path": networkx,
        "scipy dijkstra": lambda q: int(dijkstra(matrix, indices=q.start)[q.goal]),
    }
    if find_spec("igraph"):
        contenders["igraph"] = igraph(network)
    if find_spec("osmnx"):
        contenders["osmnx, junctions, no bans"] = osmnx(network)
    return timed(contenders, queries, REPEATS)


def igraph(network: RoadNetwork) -> Contender:
    """Dijkstra of igraph from one link to one other."""
    library, (origin, target, cost) = importlib.import_module("igraph"), arcs(network)
    edges = list(zip(origin.tolist(), target.tolist(), strict=True))
    graph, weights = library.Graph(network.link_count, edges, directed=True), cost.tolist()

    def answer(query: Query) -> int:
        path = graph.get_shortest_path(query.start, query.goal, weights=weights, output="epath")
        return sum(weights[edge] for edge in path)

    return answer


def osmnx(network: RoadNetwork) -> Contender:
    """Search by osmnx over junctions; its routes may break signs, so it has no cost to compare."""
    library, graph = importlib.import_module("osmnx"), nx.MultiDiGraph()
    for link in network.all_links:
        if not link.against_oneway:
            seconds = link.length_mm / link.speed_mm_s
            graph.add_edge(link.from_node, link.to_node, travel_time=seconds)

    def answer(query: Query) -> None:
        ends = network.link(query.start).to_node, network.link(query.goal).to_node
        library.shortest_path(graph, *ends, weight="travel_time")

    return answer


def closures(network: RoadNetwork, queries: list[Query]) -> dict[str, float]:
    """Find the best route round closed links, with the tree of the open map at hand."""
    oracle = RouteOracle(network)
    graph, finder = turn_graph(network), DetourFinder(oracle)
    plain, matrix = RouteOracle(network, is_compiled=False), scipy_graph(network)
    far = np.inf

    def networkx(query: Query) -> int:
        closed = query.closed

        def price(_: int, onto: int, arc: dict[str, int]) -> int | None:
            return None if onto in closed else arc["cost_ms"]

        return _cost(nx.single_source_dijkstra, graph, query, price)

    def scipy(query: Query) -> int:
        shut = matrix.copy()
        shut.data[np.isin(shut.indices, sorted(query.closed))] = far
        found = dijkstra(shut, indices=query.start)[query.goal]
        return -1 if found == far else int(found)

    def new_tree(query: Query) -> int:
        tree = plain._build(query.goal, query.closed)  # noqa: SLF001
        return tree.cost_to_go_ms[query.start] if tree.route(query.start) else -1

    def search(query: Query) -> int:
        oracle.searched.clear()
        found = finder.find(*query)
        return found.cost_ms if found.route else -1

    return timed(
        {
            "search with the open tree": search,
            "a new tree, plain": new_tree,
            "networkx dijkstra": networkx,
            "scipy dijkstra": scipy,
        },
        queries,
    )


def followed_up(network: RoadNetwork, queries: list[Query]) -> dict[str, float]:
    """Ask, as a driver does after a closure is seen, for the ways from the next links as well."""
    oracle, plain = RouteOracle(network), RouteOracle(network, is_compiled=False)
    ahead = {query: oracle.tree(query.goal).route(query.start)[: FOLLOWED + 1] for query in queries}

    def search(query: Query) -> int:
        oracle.searched.clear()
        oracle._trees.pop((query.goal, query.closed), None)  # noqa: SLF001  as if never asked
        ways = DetourFinder(oracle).ways(query.goal, query.closed)
        return sum(ways.cost_ms(link) for link in ahead[query] if ways.route(link))

    def new_tree(routes: RouteOracle, query: Query) -> int:
        tree = routes._build(query.goal, query.closed)  # noqa: SLF001
        return sum(tree.cost_to_go_ms[link] for link in ahead[query] if tree.route(link))

    contenders: dict[str, Contender] = {
        "search with the open tree": search,
        "a new tree, plain": partial(new_tree, plain),
    }
    if has_numba():
        compiled = RouteOracle(network, is_compiled=True)
        contenders["a new tree, compiled"] = partial(new_tree, compiled)
    return timed(contenders, queries)


def _cost(search: Callable[..., Any], graph: Any, query: Query, price: Any) -> int:
    try:
        return int(search(graph, query.start, query.goal, weight=price)[0])
    except nx.NetworkXNoPath:
        return -1


def states(network: RoadNetwork, queries: list[Query]) -> dict[str, float]:
    """Count the links that our search and a Dijkstra look at round the same closures."""
    finder = DetourFinder(RouteOracle(network))
    ours = [finder.find(*query).expanded for query in queries]
    others = [_looked_at(network, query) for query in queries]
    shares = [mine / other for mine, other in zip(ours, others, strict=True)]
    return {
        "search": statistics.median(ours),
        "dijkstra": statistics.median(others),
        "median_share": statistics.median(shares),
    }


def _looked_at(network: RoadNetwork, query: Query) -> int:
    heap, done = [(0, int(query.start))], set[int]()
    while heap:
        spent, link = heapq.heappop(heap)
        done.add(link)
        if link == query.goal:
            break
        for turn in network.turns_from(LinkId(link)):
            if turn.to_link not in done and turn.to_link not in query.closed:
                heapq.heappush(heap, (spent + turn.cost_ms, turn.to_link))
    return len(done)


def measure(network: RoadNetwork, count: int) -> dict[str, Any]:
    """All jobs on one map; ratios say how often the first contender fits into each other one."""
    figures: dict[str, Any] = {"links": network.link_count, "turns": len(network.turns.to_link)}
    jobs = {
        "tree": trees,
        "reroute": reroutes,
        "closures": closures,
        "closures_followed_up": followed_up,
    }
    for name, job in jobs.items():
        medians = job(network, draw_queries(network, count, 3))
        first = next(iter(medians.values()))
        ratios = {each: spent / first for each, spent in medians.items()}
        figures[name] = {"ms": medians, "ratio_to_first": ratios}
    for closed in (1, 3):
        figures[f"states_{closed}_closed"] = states(network, draw_queries(network, count, closed))
    return figures


def machine() -> dict[str, Any]:
    """Everything that absolute figures depend on."""
    libraries = ("numpy", "scipy", "networkx", "numba", "igraph", "osmnx")
    return {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "versions": {name: version(name) for name in libraries if find_spec(name)},
    }


def main() -> None:
    """Measure on every map and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queries", type=int, default=30)
    parser.add_argument("--json", help="file to write the figures to")
    options = parser.parse_args()
    maps = {"helsinki": load_map("helsinki"), f"town-{TOWN_SIZE}": town(size=TOWN_SIZE)}
    figures = machine() | {name: measure(each, options.queries) for name, each in maps.items()}
    for name, fewer in REAL.items():
        if (file := SAMPLES / f"{name}.osm.pbf").is_file():
            figures[name] = measure(load_map(file), max(1, options.queries // fewer))
    print(json.dumps(figures, indent=1))
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
