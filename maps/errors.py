"""The root of every error that this package raises on purpose, and that of maps."""

import sys


class GuiderailError(Exception):
    """Anything raised on purpose by this package."""


class MapError(GuiderailError, ValueError):
    """A map cannot be found, read, or does not hold together."""


def to_install(extra: str) -> str:
    """Write the command that installs an extra beside the Python that runs here."""
    return f"{sys.executable or 'python'} -m pip install 'guiderail[{extra}]'"
