"""
Find trips for scenes that no longer show what they promise, after the world has changed.

Run it with ``.venv/bin/python benchmarks/recast.py``. Scenes that still hold are left alone; for
the others the first trip is printed on which the promise holds, and for a scene of one line also
when to say it. The scene file is edited by hand: its sentences must fit the new trip.
"""

import argparse
import sys
from collections.abc import Iterator

from guiderail.maps.library.load import load_map
from guiderail.maps.network import RoadNetwork
from guiderail.sim.lab.experiment.scenes import SPOKEN, Scene, lacks, scenes

Said = tuple[tuple[int, str], ...]
STEP_MS = 500


def candidates(scene: Scene, shortest_ms: int) -> Iterator[Said]:
    """Scripts to try on one trip: as written, and a single line at every half second."""
    yield scene.script
    if scene.guide == SPOKEN and len(scene.script) == 1:
        text = scene.script[0][1]
        for time_ms in range(2_000, shortest_ms, STEP_MS):
            yield ((time_ms, text),)


def holds(scene: Scene, network: RoadNetwork) -> bool:
    """Whether the scene's runs show everything that it promises; the first arm is tried first."""
    laboratory = scene.laboratory(network)
    promised = {arm for arm, _, _ in scene.shows}
    for arms in (scene.arms[:1], scene.arms):
        results = laboratory.trip(scene.trip, arms)
        if any(lack[0] in arms and lack[0] in promised for lack in lacks(scene, results)):
            return False
    return True


def recast(scene: Scene, network: RoadNetwork, trips: int) -> Scene | None:
    """Find the first trip, and the time of its line, that keeps the promise."""
    for trip in range(trips):
        here = scene.model_copy(update={"trip": trip})
        planned = here.laboratory(network).trips.planned(trip)
        for script in candidates(here, planned.free_flow_ms):
            tried = here.model_copy(update={"script": script})
            if holds(tried, network):
                return tried
    return None


def main() -> int:
    """Print what to write into the scene file; fail where nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trips", type=int, default=200, help="trips to try per scene")
    parser.add_argument("names", nargs="*", help="scenes; all if none is named")
    options = parser.parse_args()
    lost = 0
    for name, scene in scenes().items():
        if options.names and name not in options.names:
            continue
        network = load_map(scene.map)
        if holds(scene, network):
            print(f"{name}: holds")
            continue
        found = recast(scene, network, options.trips)
        lost += found is None
        print(f"{name}: " + ("nothing found" if found is None else told(found)), flush=True)
    return 1 if lost else 0


def told(scene: Scene) -> str:
    """What to write into the scene file."""
    script = f", script {[list(line) for line in scene.script]}" if len(scene.script) == 1 else ""
    return f"trip {scene.trip}{script}"


if __name__ == "__main__":
    sys.exit(main())
