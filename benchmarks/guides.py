"""
What a talkative guide costs a run: silence, a valid message at every occasion, and floods.

Run it with ``.venv/bin/python benchmarks/guides.py``. All guides ride along on the same trips in
the same process, in rounds taken in turn; ratios are those of the fastest rounds of one run. The
valid message is ``cancel``: it is decided and changes no route, so every run drives the same way. A
program is compared with the same program that does not flood: starting one costs what it costs.
"""

import json
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from guiderail.maps.library.load import load_map
from guiderail.sim.contract.messages import Advice, Ask, Observation, Proposal
from guiderail.sim.lab.experiment.registry import find_door
from guiderail.sim.lab.experiment.run import GUARDED, Laboratory
from guiderail.sim.lab.experiment.scenario import make_scenario

TRIPS = 12
ROUNDS = 11
PROGRAM = """
import json, sys, threading
FLOODS = len(sys.argv) > 1
cancel = {"words": "Hello.", "proposal": {"ask": "cancel"}}
junk = (json.dumps({"occasion": 10**6, **cancel}) + "\\n") * 200
lock = threading.Lock()
def flood():
    while True:
        with lock:
            sys.stdout.write(junk)
            sys.stdout.flush()
if FLOODS:
    threading.Thread(target=flood, daemon=True).start()
for line in sys.stdin:
    with lock:
        print(json.dumps({"occasion": json.loads(line)["occasion"], **cancel}), flush=True)
"""


class Silent:
    """Says nothing, without being asked twice."""

    name = "silent"

    def advise(self, _: Observation) -> None:
        """Stay silent."""


class Talker:
    """Sends a valid message at every occasion."""

    name = "talker"

    def advise(self, seen: Observation) -> Advice:
        """Ask for what changes nothing."""
        wish = Proposal(ask=Ask.CANCEL, seen_ms=seen.time_ms)
        return Advice(words="Hello.", proposal=wish, latency_ms=100)


def seconds(lab: Laboratory, trips: list[Any]) -> tuple[float, float]:
    """Wall time and processor time of all trips [s]."""
    start, used = perf_counter(), process_time()
    for trip in trips:
        lab.drive(trip, GUARDED, lab.scenario.guide, 0.0)
    return perf_counter() - start, process_time() - used


def main() -> None:
    """Print one line per guide."""
    network = load_map("helsinki")
    scenario = make_scenario({"arms": [GUARDED], "rates": [0.0]})
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "guide.py").write_text(PROGRAM, "utf-8")
        polite = {"command": [sys.executable, "guide.py"], "latency_ms": 100}
        flood = {**polite, "command": [sys.executable, "guide.py", "flood"]}
        door = find_door("process")
        makers: dict[str, Any] = {
            "silent": lambda *_, **__: Silent(),
            "message at every occasion": lambda *_, **__: Talker(),
            "program, one answer": door(polite, Path(folder)),
            "program, flooding": door(flood, Path(folder)),
        }
        labs = {name: Laboratory(scenario, network, own=make) for name, make in makers.items()}
        trips = [labs["silent"].trips.planned(k) for k in range(TRIPS)]
        wall = dict.fromkeys(labs, float("inf"))
        used = dict.fromkeys(labs, float("inf"))
        for _ in range(ROUNDS):
            for name, lab in labs.items():
                now = seconds(lab, trips)
                wall[name], used[name] = min(wall[name], now[0]), min(used[name], now[1])
    for name in labs:
        each = (wall[name] / TRIPS * 1_000, used[name] / TRIPS * 1_000)
        print(f"{name:28} {each[0]:8.1f} ms a trip, {each[1]:8.1f} ms of the processor")
    # Nobody waits for a guide in this process, so the steadier clock counts there.
    talker = used["message at every occasion"] / used["silent"]
    flood = wall["program, flooding"] / wall["program, one answer"]
    print(json.dumps({"message at every occasion": round(talker, 3), "flood": round(flood, 3)}))


if __name__ == "__main__":
    main()
