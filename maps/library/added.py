"""
The maps that a user added: compiled once, kept under a name in a folder of the user.

A name is a word and never a path, so nothing outside the folder can be read or written by one.
"""

import os
import re
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Final

from guiderail.maps.errors import MapError
from guiderail.maps.files import data_home
from guiderail.maps.library.npz import save
from guiderail.maps.network import RoadNetwork

FOLDER_VARIABLE: Final = "GUIDERAIL_MAPS"
"""Environment variable that names another folder."""
NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
"""What a map may be called."""


def folder() -> Path:
    """Folder of the user's maps; it need not exist yet."""
    if chosen := os.environ.get(FOLDER_VARIABLE):
        return Path(chosen)
    return data_home() / "guiderail" / "maps"


def names() -> tuple[str, ...]:
    """Names of the user's maps, sorted."""
    found = (path.stem for path in folder().glob("*.npz"))
    return tuple(sorted(name for name in found if NAME.fullmatch(name)))


def path_of(name: str) -> Path:
    """
    Where a map of this name is kept, whether or not it is there.

    Raises
    ------
    MapError
        When the name is no single word.
    """
    if not NAME.fullmatch(name):
        raise MapError(
            f"{name[:80]!r} cannot be the name of a map: give up to 64 lower-case letters, digits, "
            "- and _, a letter or digit first"
        )
    return folder() / f"{name}.npz"


def name_for(source: Path) -> str:
    """
    Make a name from that of a file, as far as one can be made.

    >>> name_for(Path("maps/Bad Hersfeld.osm.pbf"))
    'bad_hersfeld'
    >>> name_for(Path("São Paulo, Brasil"))
    'sao_paulo_brasil'
    """
    plain = unicodedata.normalize("NFKD", source.name.partition(".")[0].lower())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    word = re.sub(r"[^a-z0-9_-]+", "_", bare)
    return word.strip("_-")[:64]


def add(network: RoadNetwork, name: str) -> RoadNetwork:
    """
    Keep a map under a name for all later commands.

    Raises
    ------
    MapError
        When the name is none, or the folder cannot be written.
    """
    path = path_of(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MapError(f"cannot keep maps in {path.parent}: {error.strerror or error}") from error
    named = replace(network, header=network.header | {"name": name})
    save(named, path, compress=False)  # every worker of every sweep reads it
    return named
