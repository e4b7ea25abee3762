"""
What the search for the proof costs, with its answers looked up and with every word said anew.

Run it with ``.venv/bin/python benchmarks/search.py [KIND ...]``. For each kind of junction the two
searches of the guarded car take turns in one process, and the ratio is that of each pair. They must
find the same, and what is pinned.
"""

import argparse
import sys
from statistics import median
from time import process_time

from guiderail.sim.proof.prove import STARTS, pinned
from guiderail.sim.proof.search.arena import Arena
from guiderail.sim.proof.search.explorer import Explorer, Findings
from guiderail.sim.proof.search.sites import SITES


def searched(kind: str, *, is_anew: bool) -> tuple[Findings, float]:
    """One search, and the processor time that it took [s]."""
    start = process_time()
    site = SITES[kind]()
    arena = Arena(site.network)
    explorer = Explorer(site, arena=arena, is_anew=is_anew)
    found = explorer.search([arena.start(site.origin, *car) for car in STARTS[kind]])
    return found, process_time() - start


def compared(kind: str, pairs: int) -> tuple[list[float], list[float], bool]:
    """Times of both in turn, and whether they found the same."""
    anew, quick, is_well = list[float](), list[float](), True
    for _ in range(pairs):
        slow, slow_s = searched(kind, is_anew=True)
        fast, fast_s = searched(kind, is_anew=False)
        anew.append(slow_s)
        quick.append(fast_s)
        is_well &= slow == fast and [fast.states, fast.transitions] == pinned()[kind]
    return anew, quick, is_well


def main() -> int:
    """Print a line for each kind and the sum; fail where the two differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(SITES)}")
    parser.add_argument("--pairs", type=int, default=3)
    options = parser.parse_args()
    unknown = [kind for kind in options.kinds if kind not in SITES]
    if unknown or options.pairs < 1:
        parser.error(f"kinds are {', '.join(SITES)}, and pairs at least 1")
    total, is_well = [0.0, 0.0], True
    for kind in options.kinds or SITES:
        anew, quick, is_same = compared(kind, options.pairs)
        is_well &= is_same
        total = [total[0] + median(anew), total[1] + median(quick)]
        ratio = median(slow / fast for slow, fast in zip(anew, quick, strict=True))
        print(
            f"{kind:14} anew {median(anew):6.1f} s  looked up {median(quick):5.1f} s  "
            f"ratio {ratio:.2f}  {'same findings, as pinned' if is_same else 'NOT THE SAME'}",
            flush=True,
        )
    print(f"{'all':14} anew {total[0]:6.1f} s  looked up {total[1]:5.1f} s")
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
