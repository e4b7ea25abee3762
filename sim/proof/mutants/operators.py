"""
Mutation operators: every small change of a syntax tree that somebody has to notice.

Names, docstrings, annotations and decorators are left alone: nothing computes with them.
"""

import ast
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

_SWAPS: Final[dict[type, tuple[type, ...]]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.FloorDiv,),
    ast.FloorDiv: (ast.Mult,),
    ast.BitOr: (ast.BitAnd,),
}
_OTHER_NAME: Final = {"min": "max", "max": "min", "all": "any", "any": "all"}
_KINDS: Final = frozenset({"Ask", "Ban", "Decision", "Direction", "Flaw", "Reason", "TurnKind"})
"""Closed lists of which one member may stand where another belongs."""
_IDLE: Final = frozenset({"annotation", "returns", "decorator_list"})
_QUIET: Final = (ast.Expr, ast.Assign, ast.AugAssign, ast.Raise, ast.Return)
"""Statements that can be left out."""

Apply = Callable[[], None]


class Change(NamedTuple):
    """One change of one node; ``apply`` makes it in the tree that the node is of."""

    node: ast.AST
    text: str
    apply: Apply


def changes(tree: ast.Module) -> Iterator[Change]:
    """Every change of a tree, in a fixed order."""
    for node in _computed(tree):
        for kind, operator in _OPERATORS:
            if isinstance(node, kind):
                yield from operator(node)


def _computed(node: ast.AST) -> Iterator[ast.AST]:
    """Walk a tree, past what nothing computes with."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in _IDLE or isinstance(node, ast.JoinedStr | ast.MatchValue):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_docstring(child):
                yield from _computed(child)


def _is_docstring(node: ast.AST) -> bool:
    """Whether it is a text that stands alone."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _name(node: object) -> str:
    return type(node).__name__


def _set(node: ast.AST, name: str, value: object) -> Apply:
    return lambda: setattr(node, name, value)


def _compares(node: ast.Compare) -> Iterator[Change]:
    for k, before in enumerate(node.ops):
        for after in _SWAPS.get(type(before), ()):
            ops = [*node.ops[:k], after(), *node.ops[k + 1 :]]
            yield Change(node, f"{_name(before)} -> {after.__name__}", _set(node, "ops", ops))


def _joins(node: ast.BoolOp) -> Iterator[Change]:
    """Another word between the parts, or one part less."""
    (after,) = _SWAPS[type(node.op)]
    yield Change(node, f"{_name(node.op)} -> {after.__name__}", _set(node, "op", after()))
    yield from _without(node, "values")


def _without(node: ast.AST, name: str) -> Iterator[Change]:
    """One part less; a single one stands for the whole."""
    parts = getattr(node, name)
    for k, part in enumerate(parts):
        left = [*parts[:k], *parts[k + 1 :]]
        apply = _set(node, name, left) if len(left) > 1 else _become(node, left[0])
        yield Change(node, f"without {ast.unparse(part)}", apply)


def _sums(node: Any) -> Iterator[Change]:
    is_type = isinstance(node, ast.BinOp) and _names_types(node)
    for after in () if is_type else _SWAPS.get(type(node.op), ()):
        yield Change(node, f"{_name(node.op)} -> {after.__name__}", _set(node, "op", after()))


def _names_types(node: ast.BinOp) -> bool:
    """Whether a ``|`` joins types: those are names in capitals, or None."""
    return isinstance(node.op, ast.BitOr) and all(
        (isinstance(side, ast.Constant) and side.value is None)
        or (isinstance(side, ast.Name) and side.id[0].isupper())
        for side in (node.left, node.right)
    )


def _constants(node: ast.Constant) -> Iterator[Change]:
    before = node.value
    if isinstance(before, bool):
        afters: tuple[object, ...] = (not before,)
    elif isinstance(before, int):
        afters = (before + 1, before - 1)
    elif isinstance(before, float):
        afters = (before + 1.0,)
    elif isinstance(before, str):
        afters = (before + "X",)
    else:
        afters = ()
    for after in afters:
        yield Change(node, f"{before!r} -> {after!r}", _set(node, "value", after))


def _negations(node: ast.UnaryOp) -> Iterator[Change]:
    if isinstance(node.op, ast.Not):
        bare = ast.Call(ast.Name("bool", ast.Load()), [node.operand], [])

        def drop() -> None:
            node.op, node.operand = ast.UAdd(), bare

        yield Change(node, "not dropped", drop)
    elif isinstance(node.op, ast.USub):
        yield Change(node, "minus dropped", _set(node, "op", ast.UAdd()))


def _conditions(node: Any) -> Iterator[Change]:
    """The other branch; comparisons and ``not`` have mutants of their own for that."""
    if not isinstance(node.test, ast.Compare) and not isinstance(node.test, ast.UnaryOp):
        yield Change(node, "condition negated", _set(node, "test", _negated(node.test)))


def _filters(node: ast.comprehension) -> Iterator[Change]:
    for k, test in enumerate(node.ifs):
        left = [*node.ifs[:k], *node.ifs[k + 1 :]]
        yield Change(test, "filter dropped", _set(node, "ifs", left))


def _negated(test: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), test)


def _names(node: ast.Name) -> Iterator[Change]:
    if node.id in _OTHER_NAME:
        after = _OTHER_NAME[node.id]
        yield Change(node, f"{node.id} -> {after}", _set(node, "id", after))


def _members(node: ast.Attribute) -> Iterator[Change]:
    """Another member of a closed list: it is named by its place, so that none is listed here."""
    if isinstance(node.value, ast.Name) and node.value.id in _KINDS and node.attr.isupper():
        source = f"next(k for k in {node.value.id} if k is not {ast.unparse(node)})"
        other = ast.parse(source, mode="eval").body
        yield Change(node, f"{ast.unparse(node)} -> another", _become(node, other))


def _become(node: ast.AST, other: ast.AST) -> Apply:
    """Turn a node into another in place, whoever holds it."""

    def become() -> None:
        node.__class__ = other.__class__
        node.__dict__.clear()
        node.__dict__.update(other.__dict__)

    return become


def _cases(node: ast.Match) -> Iterator[Change]:
    for k, one in enumerate(node.cases):
        left = [*node.cases[:k], *node.cases[k + 1 :]]
        yield Change(one.pattern, "case dropped", _set(node, "cases", left))


def _alternatives(node: ast.MatchOr) -> Iterator[Change]:
    yield from _without(node, "patterns")


def _statements(node: Any) -> Iterator[Change]:
    """One statement less; a value that is returned becomes None."""
    bodies = [getattr(node, name, []) for name in ("body", "orelse", "handlers", "finalbody")]
    for body in bodies:
        for k, one in enumerate(body if isinstance(body, list) else []):
            if isinstance(one, _QUIET) and not _is_docstring(one) and _in_function(node):
                yield Change(one, f"{_name(one).lower()} dropped", _put(body, k, ast.Pass()))


def _put(body: list[ast.stmt], k: int, other: ast.stmt) -> Apply:
    return lambda: body.__setitem__(k, other)


def _in_function(node: ast.AST) -> bool:
    return not isinstance(node, ast.Module | ast.ClassDef)


_OPERATORS: Final[tuple[tuple[Any, Callable[[Any], Iterator[Change]]], ...]] = (
    (ast.Compare, _compares),
    (ast.BoolOp, _joins),
    ((ast.BinOp, ast.AugAssign), _sums),
    (ast.Constant, _constants),
    (ast.UnaryOp, _negations),
    ((ast.If, ast.IfExp, ast.While), _conditions),
    (ast.comprehension, _filters),
    (ast.Name, _names),
    (ast.Attribute, _members),
    (ast.Match, _cases),
    (ast.MatchOr, _alternatives),
    (ast.AST, _statements),
)
