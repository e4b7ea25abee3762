"""
What a newcomer waits for: the help text, one trip, and the whole demo, each in fresh processes.

Run it on an idle machine with ``python benchmarks/demo.py``. The demo's peak memory is that of its
largest process times their number, an upper bound.
"""

import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

START = "from guiderail.sim.lab.cli.main import main; main()"
COMMAND = [sys.executable, "-P", "-c", START]


def seconds(*arguments: str, best_of: int = 1) -> float:
    """Wall time of one command [s], the best of a few."""
    times = []
    for _ in range(best_of):
        begin = time.perf_counter()
        subprocess.run([*COMMAND, *arguments], check=True, capture_output=True)  # noqa: S603  our own
        times.append(time.perf_counter() - begin)
    return min(times)


def main() -> None:
    """Measure and print."""
    load = os.getloadavg()[0]
    print(f"{platform.platform()}, Python {platform.python_version()}, load {load:.1f}")
    print(f"guiderail --help        {seconds('--help', best_of=5):6.2f} s")
    print(f"guiderail run --story   {seconds('run', '--story', best_of=3):6.2f} s")
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        wall_s = seconds("demo", "--out", str(Path(folder) / "demo"), "--workers", "2")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peak_mb = 3 * after.ru_maxrss / 1024
    print(f"guiderail demo          {wall_s:6.2f} s on 2 workers, {cpu_s:.1f} s of CPU time")
    print(f"peak memory            <= {peak_mb:5.0f} MB (main process and 2 workers)")


if __name__ == "__main__":
    main()
