"""Files of the user: in which folders they lie, and how one appears whole or not at all."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def data_home() -> Path:
    """Folder of what the user keeps."""
    if sys.platform == "win32":  # pragma: no cover  not on every platform
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    if sys.platform == "darwin":  # pragma: no cover  not on every platform
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


def cache_home() -> Path:
    """Folder of what can be made or fetched again."""
    if sys.platform == "win32":  # pragma: no cover  not on every platform
        return data_home()
    if sys.platform == "darwin":  # pragma: no cover  not on every platform
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path that becomes ``path`` when all went well, and vanishes otherwise."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield fresh
        with fresh.open("rb+") as file:
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
