"""Where the user's own maps are kept, and what they may be called."""

import os
import re
import sys
from pathlib import Path
from typing import Final

from guiderail.maps.errors import MapError

BUNDLED: Final = ("helsinki", "town")
"""Maps that every installation has."""
_FOLDER_VARIABLE: Final = "GUIDERAIL_MAPS"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def folder() -> Path:
    """Folder of the user's maps: ``GUIDERAIL_MAPS``, else beside the data of other programs."""
    if chosen := os.environ.get(_FOLDER_VARIABLE):
        return Path(chosen)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "guiderail" / "maps"


def path_of(name: str) -> Path:
    """
    File in which a map of the user is kept, be it there or not.

    Raises
    ------
    MapError
        When the name could leave the folder, or belongs to a bundled map.
    """
    if not _NAME.fullmatch(name):
        raise MapError(
            f"{name!r} is no name for a map: it must be 1 to 64 of a-z, 0-9, _ and -, "
            "and begin with a letter or digit"
        )
    if name in BUNDLED:
        raise MapError(f"{name!r} is a bundled map: choose another name")
    return folder() / f"{name}.npz"


def find(name: str) -> Path | None:
    """File of a map of the user; None if there is no such map."""
    if not _NAME.fullmatch(name) or name in BUNDLED:
        return None
    path = path_of(name)
    return path if path.is_file() else None


def names() -> list[str]:
    """Maps of the user, sorted."""
    return sorted(p.stem for p in folder().glob("*.npz") if find(p.stem))
