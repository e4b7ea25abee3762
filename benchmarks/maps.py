"""
What a map costs: seconds and memory to compile it, size on disk, time to load it again.

Run it with ``.venv/bin/python benchmarks/maps.py [FILE ...]``; without files it takes the sample
maps that ``GUIDERAIL_SAMPLE_MAPS`` names. Every map is compiled in a process of its own, so that
its peak memory is its own, ``--repeats`` times (medians, and the best time), and saved as
``guiderail map add`` does. It fails on wrong results only: arrays that change when saved and
loaded.
"""

import argparse
import json
import multiprocessing
import os
import resource
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from guiderail.maps.library.load import load_map
from guiderail.maps.library.npz import load, save

LOADS = 5


def measure(source: str, queue: "multiprocessing.Queue[dict[str, Any]]") -> None:
    """Compile, save and load one map; times are wall clock."""
    began, cpu_began = time.perf_counter(), time.process_time()
    network = load_map(source)
    compiled_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu_began
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "map.npz"
        save(network, path, compress=False)
        loads_ms = []
        for _ in range(LOADS):
            began = time.perf_counter()
            again = load(path)
            loads_ms.append((time.perf_counter() - began) * 1_000)
        size_mb = path.stat().st_size / 1e6
    if again.header["digest"] != network.header["digest"]:
        raise SystemExit(f"{source}: saved and loaded, the arrays are others")
    queue.put(
        {
            "map": network.name,
            "links": network.link_count,
            "compile_s": round(compiled_s, 3),
            "cpu_s": round(cpu_s, 3),
            "peak_mb": round(peak_mb),
            "npz_mb": round(size_mb, 3),
            "load_ms": round(statistics.median(loads_ms), 1),
        }
    )


def main() -> None:
    """Measure every map and print one line each, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    samples = Path(os.environ.get("GUIDERAIL_SAMPLE_MAPS", "../shared/maps"))
    files = options.files or ["town", *map(str, sorted(samples.glob("*.osm.pbf")))]
    rows = [_median([_in_own_process(file) for _ in range(options.repeats)]) for file in files]
    if options.json:
        print(json.dumps(rows, indent=1))
        return
    print(
        f"{'map':28}{'links':>9}{'compile s':>11}{'best':>7}{'CPU s':>7}{'peak MB':>9}{'npz MB':>8}"
        f"{'load ms':>9}"
    )
    for row in rows:
        print(
            f"{row['map']:28}{row['links']:9,}{row['compile_s']:11.2f}{row['best_s']:7.2f}"
            f"{row['cpu_s']:7.2f}{row['peak_mb']:9}{row['npz_mb']:8.2f}{row['load_ms']:9.1f}"
        )


def _median(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Median of each figure, and the best time to compile."""
    known = {key: statistics.median(row[key] for row in rows) for key in rows[0] if key != "map"}
    whole = {key: int(known[key]) for key in ("links", "peak_mb")}
    best = {"best_s": min(row["compile_s"] for row in rows)}
    return {"map": rows[0]["map"]} | known | whole | best


def _in_own_process(source: str) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    queue: multiprocessing.Queue[dict[str, Any]] = context.Queue()
    process = context.Process(target=measure, args=(source, queue))
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{source} could not be measured")
    return queue.get()


if __name__ == "__main__":
    main()
