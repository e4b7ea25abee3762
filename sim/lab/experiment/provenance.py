"""
Where results come from besides the scenario: the program's own code, and whose map it was.

A version number stays while its code changes; without the code in the run name, a sweep that was
interrupted before an edit and resumed after it would mix two programs under one name. Code is what
the makers of the rows import, read as a syntax tree: comments, docstrings, layout and the sentences
of columns and articles decide nothing, and reports are not imported. The tree is written out field
by field, without what is empty, so that it is the same in every version of Python that reads it.
"""

import ast
import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from guiderail.sim.contract.ports import GuideMaker
from guiderail.sim.judge.taxonomy import LAW
from guiderail.sim.lab.measure.measures import MEASURES
from guiderail.sim.world.hazards import all as hazards

ROOT: Final = "guiderail.sim.lab.results.batch"
"""The module that makes all rows: what it imports decides them."""
PACKAGES: Final = ("guiderail.maps.", "guiderail.sim.", "guiderail.agents.")
MAP_MAKERS: Final = tuple(f"guiderail.maps.{name}" for name in ("library", "sources", "synthetic"))
"""What they make is a map, and that is named by its own digest."""
WORDS: Final = frozenset({"meaning", "applies"})
"""Arguments that only a reader reads."""
_BLOCKS: Final = ("body", "orelse", "finalbody", "handlers", "cases")
"""Fields of a statement that hold statements."""
_IRRELEVANT: Final = frozenset({"ctx", "kind", "type_comment"})
"""Fields of a syntax tree that say nothing beyond the others."""
_Line = tuple[str, str, str]
"""Folder, file and digest of one source."""


def program(makers: Iterable[GuideMaker]) -> str:
    """
    Name the program: version, and a digest of all code and data that decides results.

    Parameters
    ----------
    makers
        Who makes the guides; their packages count as well, wherever they come from.
    """
    makers = list(makers)
    registered: list[Callable[..., Any]] = [measure.of for measure in MEASURES]
    registered += [*(rule.find for rule in LAW), *hazards.HAZARDS]
    modules = {getattr(one, "__module__", "") for one in (*makers, *registered)}
    ours = sorted(name for name in modules if name.startswith(PACKAGES))
    lines = sorted(set(_own(ROOT, *ours)).union(*(_beside(name) for name in modules)))
    # What is no Python, a program or a model, tells by its settings what it is.
    settings = [str(maker.fingerprint) for maker in makers if hasattr(maker, "fingerprint")]
    lines += [("", "settings", text) for text in sorted(settings)]
    text = hashlib.blake2b(repr(lines).encode(), digest_size=8).hexdigest()
    return f"{version('guiderail')}+{text}"


def credit(header: Mapping[str, str]) -> str:
    """Say whose map it is, as the Open Database License asks; a made-up town is nobody's."""
    owner, licence = header.get("attribution", ""), header.get("licence", "").partition(",")[0]
    if licence.startswith("ODbL"):
        return f"Map data {owner}, {licence.replace('-', ' ')}"
    return f"Map {header.get('name', 'without a name')!r}: {owner or 'no attribution given'}"


@cache
def _own(*modules: str) -> tuple[_Line, ...]:
    """Lines of modules of this program; read once, since nothing is loaded anew while it runs."""
    code = deciding_sources(*modules).items()
    return tuple((path.parent.name, path.name, digest) for path, digest in code)


def deciding_sources(*modules: str) -> dict[Path, str]:
    """Digests of modules of this program, and of all of the program that they import."""
    found: dict[Path, str] = {}
    waiting, seen = list(modules), set(modules)
    while waiting:
        path = _file_of(waiting.pop())
        if path is not None:
            tree = ast.parse(path.read_bytes())
            found[path] = _digest(written(tree))
            names = set(_imported(tree)) - seen
            waiting += names
            seen |= names
    return found


def _file_of(name: str) -> Path | None:
    """File of a module of this program; None for a package without code, or anything else."""
    package = next((package for package in PACKAGES if name.startswith(package)), None)
    if package is None or name.startswith(MAP_MAKERS):
        return None
    stem = _folder(package).joinpath(*name.removeprefix(package).split("."))
    places = (stem.with_suffix(".py"), stem / "__init__.py")
    return next((place for place in places if place.is_file()), None)


@cache
def _folder(package: str) -> Path:
    return Path(str(files(package.rstrip("."))))


def _imported(tree: ast.Module) -> Iterator[str]:
    """Whatever may be the name of a module that a file imports, at its top or where it needs it."""
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        for name in _BLOCKS:  # imports are statements: expressions are not searched
            waiting += getattr(node, name, ())


def _beside(module: str) -> list[_Line]:
    """Lines of what lies beside the maker of a guide: prompts, and the package of a stranger."""
    file = getattr(sys.modules.get(module), "__file__", None)
    if not file or not file.endswith(".py") or module.startswith(PACKAGES[:2]):
        return []  # not written in Python, or no guide
    # A module outside any package is alone; its neighbors are strangers.
    if "." not in module:
        return [_named(Path(file))]
    folder = Path(file).parent
    code = [] if module.startswith(PACKAGES) else folder.glob("*.py")
    return [_named(path) for path in (*code, *folder.glob("data/*")) if path.is_file()]


def _named(path: Path) -> _Line:
    content = path.read_bytes()
    words = written(ast.parse(content)) if path.suffix == ".py" else [content.hex()]
    return path.parent.name, path.name, _digest(words)


def _digest(words: list[str]) -> str:
    return hashlib.blake2b("\n".join(words).encode(), digest_size=16).hexdigest()


def written(node: ast.AST) -> list[str]:
    """
    Write out what a piece of code does, without what is said about it.

    Examples
    --------
    >>> one, other = "x = 1  # one", "'Say.'; x  =  0x1"
    >>> written(ast.parse(one)) == written(ast.parse(other))
    True
    """
    words: list[str] = []
    _write(node, words)
    return words


def _write(node: ast.AST, words: list[str]) -> None:
    words.append(type(node).__name__)
    for name in node._fields:
        value = getattr(node, name, None)
        if value is None or name in _IRRELEVANT:
            continue
        items = [item for item in value if not _is_words(item)] if type(value) is list else [value]
        if items:
            words.append(name)
        for item in items:
            if isinstance(item, ast.AST):
                _write(item, words)
            else:
                words.append(repr(item))
    words.append(".")


def _is_words(item: object) -> bool:
    """Whether it is a docstring, or a sentence for readers."""
    if isinstance(item, ast.Expr):
        return isinstance(item.value, ast.Constant) and isinstance(item.value.value, str)
    return isinstance(item, ast.keyword) and item.arg in WORDS
