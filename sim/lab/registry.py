"""
Guides by name: the entry-point group ``guiderail.guides``, or an import path ``module:attribute``.

The lab imports no guide itself, so a stranger's guide is equal to the built-in ones.
"""

from collections import defaultdict
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Final, cast

from guiderail.sim.contract.errors import PluginError
from guiderail.sim.contract.ports import GuideMaker

GROUP: Final = "guiderail.guides"
SILENT: Final = "silent"
"""The guide of the arm without a guide and of every twin run."""


def installed() -> dict[str, tuple[EntryPoint, ...]]:
    """All entry points by name; more than one under a name is a conflict."""
    found: dict[str, dict[str, EntryPoint]] = defaultdict(dict)
    for point in entry_points(group=GROUP):
        found[point.name][point.value] = point
    return {name: tuple(points.values()) for name, points in sorted(found.items())}


def find_guide(name: str) -> GuideMaker:
    """
    Find what makes the guide of that name.

    Raises
    ------
    PluginError
        When no such guide is installed, two packages claim the name, or it cannot be loaded.
    """
    if ":" in name:
        return _checked(name, _imported(name))
    guides = installed()
    if name not in guides:
        raise PluginError(f"no guide named {name!r}; installed: {', '.join(guides) or 'none'}")
    if len(guides[name]) > 1:
        values = ", ".join(sorted(point.value for point in guides[name]))
        raise PluginError(f"two guides are named {name!r}: {values}; uninstall one")
    try:
        return _checked(name, guides[name][0].load())
    except Exception as error:
        raise _not_loaded(name, error) from error


def _imported(path: str) -> object:
    module, _, attribute = path.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except Exception as error:
        raise _not_loaded(path, error) from error


def _checked(name: str, maker: object) -> GuideMaker:
    if not callable(maker):
        raise PluginError(f"guide {name!r} is a {type(maker).__name__}, which makes no guides")
    return cast("GuideMaker", maker)


def _not_loaded(name: str, error: Exception) -> PluginError:
    if isinstance(error, PluginError):
        return error
    return PluginError(f"guide {name!r} cannot be loaded: {type(error).__name__}: {error}")
