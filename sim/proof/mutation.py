"""
Mutation testing of the guard: somebody has to notice when one operator of it is another.

Each mutant is one changed node of the syntax tree. The oracle is a decision table: the verdict, the
books and the route for every word in every situation of a grid, by the shipped guard. A mutant that
gives the same table lives; those that must, because they are equivalent, are listed with a reason.
"""

import ast
import importlib.util
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

MODULES: Final = ("budget", "resolve", "case", "rules", "guard", "guarded")
"""What is mutated, in the order of their imports."""
DRIVER: Final = "guiderail.sim.driver."
LIMIT_S: Final = 60
"""A mutant that takes longer is killed: it no longer ends."""
_SWAPS: Final[dict[type, type]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module."""

    module: str
    number: int
    """Which change of that module."""
    line: int
    text: str

    @property
    def name(self) -> str:
        """What is changed, where: the key of the list of equivalents."""
        return f"{self.module}: {self.text}"


def mutants() -> list[Mutant]:
    """Every mutant of the guard."""
    return [mutant for module in MODULES for mutant, _ in mutated(module)]


def table() -> list[str]:
    """Decision table of the guard as it is imported now."""
    from guiderail.sim.proof.decisions import decisions  # noqa: PLC0415

    return list(decisions())


def _is_table(expected: list[str]) -> bool:
    """Whether the table is the expected one; stops at the first row that is not."""
    from guiderail.sim.proof.decisions import decisions  # noqa: PLC0415

    return all(row == wanted for row, wanted in zip_longest(decisions(), expected))


def is_killed(mutant: Mutant, expected: list[str]) -> bool:
    """Whether the table of a mutant differs; in a process of its own, so that nothing is left."""
    child = os.fork()
    if child == 0:
        os._exit(_lives(mutant, expected))
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) != 0


def _lives(mutant: Mutant, expected: list[str]) -> int:
    """0 if nothing differs."""
    signal.alarm(LIMIT_S)
    try:
        _plant(mutant)
        return int(not _is_table(expected))
    except BaseException:  # noqa: BLE001  an import or a table that breaks is noticed, too
        return 1


def _plant(mutant: Mutant) -> None:
    """Import the guard anew, one module of it changed, and all that was made of it."""
    stale = [
        n for n in sys.modules if n.startswith(("guiderail.sim.driver.", "guiderail.sim.proof."))
    ]
    for name in stale:
        del sys.modules[name]
    tree = next(tree for one, tree in mutated(mutant.module) if one.number == mutant.number)
    name = DRIVER + mutant.module
    spec = importlib.util.find_spec(name)
    if spec is None:
        raise ImportError(name)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    exec(compile(tree, str(spec.origin), "exec"), module.__dict__)  # noqa: S102  our own source, one node changed


def mutated(module: str) -> Iterator[tuple[Mutant, ast.Module]]:
    """Mutants of one module, each with its syntax tree."""
    spec = importlib.util.find_spec(DRIVER + module)
    source = Path(str(spec and spec.origin)).read_text("utf-8")
    count = len(list(_places(ast.parse(source))))
    for number in range(count):
        tree = ast.parse(source)
        node, change = list(_places(tree))[number]
        before = _line_of(source, node)
        text = change(node)
        ast.fix_missing_locations(tree)
        yield Mutant(module, number, getattr(node, "lineno", 0), f"{before}  [{text}]"), tree


def _line_of(source: str, node: ast.AST) -> str:
    return source.splitlines()[getattr(node, "lineno", 1) - 1].strip()


def _places(tree: ast.Module) -> Iterator[tuple[Any, Any]]:
    """Every node that can be changed, and how."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and type(node.ops[0]) in _SWAPS:
            yield node, _swap_compare
        elif isinstance(node, ast.BoolOp) or _is_sum(node):
            yield node, _swap_op
        elif isinstance(node, ast.Constant) and type(node.value) is int:
            yield node, _one_more
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield node, _no_not


def _is_sum(node: ast.AST) -> bool:
    """Whether it computes; a ``|`` of types or sets does not."""
    return isinstance(node, ast.BinOp) and type(node.op) in _SWAPS


def _swap_compare(node: ast.Compare) -> str:
    before = node.ops[0]
    node.ops[0] = _SWAPS[type(before)]()
    return f"{type(before).__name__} -> {type(node.ops[0]).__name__}"


def _swap_op(node: Any) -> str:
    before = node.op
    node.op = _SWAPS[type(before)]()
    return f"{type(before).__name__} -> {type(node.op).__name__}"


def _one_more(node: ast.Constant) -> str:
    before: Any = node.value
    node.value = before + 1
    return f"{before} -> {before + 1}"


def _no_not(node: ast.UnaryOp) -> str:
    node.op = ast.UAdd()
    node.operand = ast.Call(ast.Name("bool", ast.Load()), [node.operand], [])
    return "not dropped"


EQUIVALENT: Final[dict[str, str]] = {}
"""Mutants that nothing can tell apart, each with its reason."""


def main() -> int:
    """Test every mutant; 1 if one lives that is not listed as equivalent."""
    expected, made, lived = table(), mutants(), []
    for mutant in made:
        if not is_killed(mutant, expected):
            lived.append(mutant.name)
            reason = EQUIVALENT.get(mutant.name, "NOT LISTED")
            sys.stdout.write(f"lives: {mutant.name} ({reason})\n")
    unlisted = set(lived) - set(EQUIVALENT)
    sys.stdout.write(f"{len(made)} mutants, {len(lived)} live, {len(unlisted)} of them unlisted\n")
    return int(bool(unlisted))


if __name__ == "__main__":
    sys.exit(main())
