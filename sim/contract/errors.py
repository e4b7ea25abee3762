"""
Everything this package raises on purpose.

::

    GuiderailError
    |- ScenarioError (ValueError)   the user's scenario cannot be run
    |- MapError (ValueError)        a map cannot be used; guiderail.maps raises it
    |- PluginError                  a guide could not be found or does not follow the protocol
    |- ResultError (ValueError)     a results folder cannot be used
    `- KernelError (RuntimeError)   a bug in this package; please report it

Each message says what is wrong, the value, and what would be right.
"""

from guiderail.maps.errors import GuiderailError, MapError

__all__ = [
    "GuiderailError",
    "KernelError",
    "MapError",
    "PluginError",
    "ResultError",
    "ScenarioError",
]


class ScenarioError(GuiderailError, ValueError):
    """The user's scenario cannot be run."""


class PluginError(GuiderailError):
    """A guide could not be found or does not follow the protocol."""


class ResultError(GuiderailError, ValueError):
    """A results folder cannot be read or written."""


class KernelError(GuiderailError, RuntimeError):
    """A bug in this package; please report it."""
