"""
What a trip costs: CPU time per trip and per tick, by arm, and the tree that every reroute rests on.

Run it with ``.venv/bin/python benchmarks/engine.py``. It prints ratios taken in one run as well as
absolute figures, which depend on the machine; it fails on wrong results only, never on slow ones.
"""

import argparse
import json
import platform
import statistics
import sys
import time
from pathlib import Path

import networkx as nx

from guiderail.maps.library.load import load_map
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing import RouteOracle
from guiderail.sim.contract.trace import COLUMNS
from guiderail.sim.judge.referee import judge
from guiderail.sim.lab.experiment.run import Laboratory
from guiderail.sim.lab.experiment.scenario import Scenario

CELLS = (
    ("no_guide", 0.0),
    ("guarded", 0.5),
    ("obeying_machine", 0.5),
    ("obeying_human", 0.5),
)


def cpu_ms(since: float) -> float:
    """CPU time of this process since a moment [ms]."""
    return (time.process_time() - since) * 1_000


def drive(trips: int) -> list[dict[str, float | str]]:
    """CPU time of driving and judging, per arm and rate."""
    laboratory = Laboratory(Scenario(trips=trips))
    laboratory.one(0, "guarded", 0.0)  # whatever is made once is made outside the clock
    rows = []
    for arm, rate in CELLS:
        driving, judging, ticks, simulated = 0.0, 0.0, 0, 0.0
        for index in range(trips):
            planned = laboratory.trips.planned(index)
            guide = "silent" if arm == "no_guide" else "noisy"
            begin = time.process_time()
            trace = laboratory.drive(planned, arm, guide, rate).trace
            driving += cpu_ms(begin)
            begin = time.process_time()
            judge(trace, laboratory.network)
            judging += cpu_ms(begin)
            ticks += len(trace.motion) // len(COLUMNS)
            simulated += trace.end_ms / 1_000
        rows.append(
            {
                "arm": arm,
                "rate": rate,
                "ms_per_trip": driving / trips,
                "us_per_tick": driving * 1_000 / ticks,
                "judge_ms_per_trip": judging / trips,
                "simulated_s_per_cpu_s": simulated * 1_000 / driving,
            }
        )
    return rows


def turn_graph(network: RoadNetwork) -> "nx.DiGraph[int]":
    """Export the legal turns, reversed, so that one search from the goal prices every link."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    for link in network.all_links:
        for turn in network.turns_from(link.id):
            graph.add_edge(turn.to_link, link.id, weight=turn.cost_ms)
    return graph


def route(network: RoadNetwork, goals: int) -> dict[str, float]:
    """Build trees for goals: ours against networkx on the same graph, equality checked first."""
    graph = turn_graph(network)
    world = [link.id for link in network.all_links if link.in_world]
    ours, theirs = [], []
    routes = RouteOracle(network)
    for goal in world[:: max(1, len(world) // goals)]:
        begin = time.process_time()
        tree = routes.tree(LinkId(goal))
        ours.append(cpu_ms(begin))
        begin = time.process_time()
        costs = nx.single_source_dijkstra_path_length(graph, goal, weight="weight")
        theirs.append(cpu_ms(begin))
        if any(tree.cost_to_go_ms[link] != cost for link, cost in costs.items()):
            sys.exit(f"the tree of goal {goal} differs from networkx")
    mine, other = statistics.median(ours), statistics.median(theirs)
    return {"tree_ms": mine, "networkx_ms": other, "ratio": other / mine}


def main() -> None:
    """Run both and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trips", type=int, default=20)
    parser.add_argument("--json", help="file to write the figures to")
    options = parser.parse_args()
    figures = {
        "python": platform.python_version(),
        "drive": drive(options.trips),
        "route": route(load_map("helsinki"), 20),
    }
    print(json.dumps(figures, indent=1))
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
