"""
Where results come from besides the scenario: the program's own text, and whose map it was.

A version number stays while its code changes; without the text in the run name, a sweep that was
interrupted before an edit and resumed after it would mix two programs under one name.
"""

import hashlib
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from guiderail.sim.contract.ports import GuideMaker

PACKAGES = ("guiderail.maps", "guiderail.sim")


def program(makers: Iterable[GuideMaker]) -> str:
    """
    Name the program: version, and a digest of every source file that decides results.

    Parameters
    ----------
    makers
        Who makes the guides; their packages count as well, wherever they come from.
    """
    folders = {Path(str(files(name))) for name in PACKAGES}
    sources = {path for folder in folders for path in folder.rglob("*.py")}
    makers = list(makers)
    for maker in makers:
        sources |= _sources_of(maker)
    lines = sorted((path.parent.name, path.name, _digest(path)) for path in sources)
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


def _sources_of(maker: GuideMaker) -> set[Path]:
    """Source files of the package that a guide lies in; none for what is not written in Python."""
    name = getattr(maker, "__module__", "")
    file = getattr(sys.modules.get(name), "__file__", None)
    if not file or not file.endswith(".py"):
        return set()
    # A module outside any package is alone; its neighbors are strangers.
    return set(Path(file).parent.glob("*.py")) if "." in name else {Path(file)}


def _digest(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
