"""
Everything this package raises on purpose.

::

    GuiderailError
    |- ScenarioError (ValueError)   the user's scenario cannot be run
    |- ... and, beside this tree, guiderail.maps.errors.MapError (ValueError)
    |- PluginError                  a guide could not be found or does not follow the protocol
    |- ResultError (ValueError)     a results folder cannot be used
    `- KernelError (RuntimeError)   a bug in this package; please report it

Each message says what is wrong, the value, and what would be right.
"""


class GuiderailError(Exception):
    """Anything raised on purpose by this package."""


class ScenarioError(GuiderailError, ValueError):
    """The user's scenario cannot be run."""


class PluginError(GuiderailError):
    """A guide could not be found or does not follow the protocol."""


class ResultError(GuiderailError, ValueError):
    """A results folder cannot be read or written."""


class KernelError(GuiderailError, RuntimeError):
    """A bug in this package; please report it."""
