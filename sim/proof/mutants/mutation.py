"""
Mutation testing of guard and reader: somebody has to notice when one bit of them is another.

Each mutant is one changed node of the syntax tree. The oracle is a table: for the guard, what it
answers to every word in every situation of a corpus; for the reader, what it makes of every message
of one. A mutant that gives the same table lives; those that must, because they are equivalent, are
listed with a reason, and the list must be right in both directions.
"""

import ast
import importlib
import importlib.util
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from guiderail.sim.proof.mutants.operators import Change, changes


@dataclass(frozen=True, slots=True)
class Target:
    """Modules that are mutated together, and what looks at them."""

    package: str
    places: tuple[str, ...]
    """Where in the package each module lies."""
    table: tuple[str, ...]
    """Modules of the proof that the oracle is made of; the last one has ``corpus()``, made once by
    what is shipped, and ``answer(row)``."""

    @property
    def modules(self) -> tuple[str, ...]:
        """Names of the modules, without their rooms."""
        return tuple(place.rpartition(".")[2] for place in self.places)


TARGETS: Final = (
    Target(
        "guiderail.sim.driver",
        (
            "guard.budget",
            "guard.resolve",
            "guard.assessment",
            "guard.rules",
            "guard.guard",
            "guarded",
        ),
        ("witness", "stories", "decisions"),
    ),
    Target("guiderail.sim.wire", ("reader", "documents"), ("readings",)),
)
"""What is mutated, in the order of their imports."""
TABLES: Final = "guiderail.sim.proof.tables"
WORKERS: Final = 2
"""Mutants that are tried at a time."""
LIMIT_S: Final = 60
"""A mutant that computes for longer is killed: it no longer ends."""
STRIDE: Final = 97
"""Rows so far apart follow each other: neighbors tell the same mutants."""


def _listed() -> dict[str, str]:
    file = resources.files("guiderail.sim.proof.mutants").joinpath("equivalent.json")
    return dict(json.loads(file.read_text("utf-8")))


EQUIVALENT: Final = _listed()
"""Names of mutants that nothing can tell from what is shipped, each with the reason."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module."""

    target: Target
    module: str
    number: int
    """Which change of that module."""
    name: str
    """Module, line and change, and which of several that look the same: the key of the list."""


@dataclass(frozen=True, slots=True)
class Oracle:
    """What the shipped modules make of a corpus."""

    corpus: Sequence[Any]
    expected: Sequence[str]


def mutants(module: str) -> list[Mutant]:
    """Every mutant of one module."""
    target = next(one for one in TARGETS if module in one.modules)
    text, seen, made = source(target, module), Counter[str](), []
    for number, change in enumerate(changes(ast.parse(text))):
        line = text.splitlines()[getattr(change.node, "lineno", 1) - 1].strip()
        name = f"{module}: {line}  [{change.text}]"
        seen[name] += 1
        name += f" #{seen[name]}" if seen[name] > 1 else ""
        made.append(Mutant(target, module, number, name))
    return made


@cache
def oracle(target: Target) -> Oracle:
    """Table of a target as it is imported now."""
    table = _table(target)
    rows = table.corpus()
    corpus = [row for k in range(STRIDE) for row in rows[k::STRIDE]]
    return Oracle(corpus, [table.answer(row) for row in corpus])


def _table(target: Target) -> Any:
    return importlib.import_module(f"{TABLES}.{target.table[-1]}")


def is_killed(mutant: Mutant) -> bool:
    """Whether the table of a mutant differs."""
    return dict(_tried([mutant]))[mutant]


def _tried(made: Iterable[Mutant]) -> Iterator[tuple[Mutant, bool]]:
    """Whether each is killed; every one in a process of its own, so that nothing is left."""
    running: dict[int, Mutant] = {}
    for mutant in made:
        told, code = oracle(mutant.target), compile(mutated(mutant), mutant.module, "exec")
        child = os.fork()
        if child == 0:
            os._exit(_differs(mutant, code, told))
        running[child] = mutant
        if len(running) == WORKERS:
            yield _next_of(running)
    while running:
        yield _next_of(running)


def _next_of(running: dict[int, Mutant]) -> tuple[Mutant, bool]:
    """Wait for the one that was begun first; its process may not be the only child there is."""
    child = next(iter(running))
    _, status = os.waitpid(child, 0)
    return running.pop(child), os.waitstatus_to_exitcode(status) != 0


def _differs(mutant: Mutant, code: Any, told: Oracle) -> int:
    """1 once a row differs, 0 if none does."""
    signal.setitimer(signal.ITIMER_PROF, LIMIT_S)
    try:
        _plant(mutant, code)
        answer = _table(mutant.target).answer
        rows = zip(told.corpus, told.expected, strict=True)
        return int(any(answer(row) != wanted for row, wanted in rows))
    except BaseException:  # noqa: BLE001  an import or a table that breaks is noticed, too
        return 1


def _plant(mutant: Mutant, code: Any) -> None:
    """Put the changed module in place of the shipped one, and forget all that was made of it."""
    target = mutant.target
    made_of = {f"{TABLES}.{name}" for name in target.table}
    for name in [n for n in sys.modules if n.startswith(f"{target.package}.") or n in made_of]:
        del sys.modules[name]
    name = module_name(target, mutant.module)
    spec = importlib.util.find_spec(name)
    if spec is None:
        raise ImportError(name)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    # Or "from package import module" would still find the shipped one.
    package, _, last = name.rpartition(".")
    setattr(importlib.import_module(package), last, module)
    exec(code, module.__dict__)  # noqa: S102  our own source, one node changed


def mutated(mutant: Mutant) -> ast.Module:
    """Syntax tree of a mutant."""
    tree = ast.parse(source(mutant.target, mutant.module))
    change: Change = list(changes(tree))[mutant.number]
    change.apply()
    return ast.fix_missing_locations(tree)


def module_name(target: Target, module: str) -> str:
    """Import name of a module that is mutated."""
    return f"{target.package}.{target.places[target.modules.index(module)]}"


def source(target: Target, module: str) -> str:
    """Text of a shipped module."""
    spec = importlib.util.find_spec(module_name(target, module))
    return Path(str(spec and spec.origin)).read_text("utf-8")


def troubles(made: Iterable[str], lived: Iterable[str], listed: Iterable[str]) -> list[str]:
    """
    Say what is wrong with a list of equivalents, one sentence each; empty if nothing is.

    Parameters
    ----------
    made
        Names of all mutants.
    lived
        Names of those that live.
    listed
        Names that the list says are equivalent.
    """
    made, lived, listed = list(made), list(lived), set(listed)
    return [
        *(f"lives and is not listed: {name}" for name in lived if name not in listed),
        *(f"listed and killed: {name}" for name in made if name in listed - set(lived)),
        *(f"listed and no mutant: {name}" for name in sorted(listed - set(made))),
    ]


def main(wanted: Sequence[str] = ()) -> int:
    """
    Test every mutant of the modules wanted, of all by default.

    0 if those that live are exactly those that are listed as equivalent, 1 if not, 2 for a module
    that is not mutated.
    """
    known = [module for target in TARGETS for module in target.modules]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        sys.stderr.write(f"error: no mutants of {unknown[0]!r}; there are: {', '.join(known)}\n")
        return 2
    wrong = [_tested(module) for module in wanted or known]
    return int(any(wrong))


def _tested(module: str) -> list[str]:
    """Test one module and say what came of it."""
    made = mutants(module)
    killed = dict(_tried(made))
    lived = [one.name for one in made if not killed[one]]
    listed = [name for name in EQUIVALENT if name.startswith(f"{module}: ")]
    wrong = troubles([one.name for one in made], lived, listed)
    told = f"{module}: {len(made)} mutants, {len(made) - len(lived)} killed, {len(lived)} live"
    sys.stdout.write("\n".join([told, *wrong, ""]))
    sys.stdout.flush()
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
