"""
Guides by name: an entry point, a class, a file with settings, a program or a URL.

========================  =====================================================================
``noisy``                 an entry point of the group ``guiderail.guides``, or registered
``package.module:Name``   a class or function by import path
``my_guide.py:Name``      the same in a file
``my_guide.toml``         settings; the key ``door`` says which way
``python my_guide.py``    a program: anything with a blank or a slash
``http://...``            a server
========================  =====================================================================

The lab imports no guide and no door itself, so a stranger's is equal to the built-in ones.
"""

import inspect
import pickle
import re
import shlex
import sys
import tomllib
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, Final, cast

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.errors import PluginError
from guiderail.sim.contract.ports import Guide, GuideMaker

GROUP: Final = "guiderail.guides"
DOORS: Final = "guiderail.doors"
SILENT: Final = "silent"
"""The guide of the arm without a guide and of every twin run."""
_WANTED: Final = ("network", "seed", "closed", "rate")
_IN_FILE: Final = re.compile(r"(?P<file>.+\.py):(?P<name>[A-Za-z_]\w*)")
_WORD: Final = re.compile(r"[A-Za-z][\w-]{0,63}")
_SERVER: Final = re.compile(r"https?://", re.IGNORECASE)

Door = Callable[[dict[str, Any], Path], GuideMaker]
"""Makes a maker of guides from settings and the folder that their paths start from."""


def installed(group: str = GROUP) -> dict[str, tuple[EntryPoint, ...]]:
    """All entry points by name; more than one under a name is a conflict."""
    found: dict[str, dict[str, EntryPoint]] = defaultdict(dict)
    for point in entry_points(group=group):
        found[point.name][point.value] = point
    return {name: tuple(points.values()) for name, points in sorted(found.items())}


_registered: dict[str, GuideMaker] = {}
"""Guides of this process, by the name that was given to them."""


def register(name: str, maker: Callable[..., object]) -> None:
    """
    Make a guide known in this process; one that was registered under the name is replaced.

    Raises
    ------
    PluginError
        When the name is no word or that of an installed guide, or the maker cannot be called.
    """
    if not _WORD.fullmatch(name):
        raise PluginError(
            f"{name[:80]!r} cannot be the name of a guide: give letters, digits, - and _, a letter "
            "first"
        )
    if name in installed():
        raise PluginError(f"a guide named {name!r} is installed: register yours by another name")
    made = _checked(name, maker)
    if _file_of(maker) is None:  # its text counts in the name of a run, as a file would
        wanted = _wanted_by(maker)
        made = _Fitted(maker, _WANTED if wanted is None else wanted)
        made.fingerprint = _text_of(maker)
    _registered[name] = made


def _file_of(maker: object) -> str | None:
    """File of a maker's module; None for the cells of a notebook."""
    module = sys.modules.get(getattr(maker, "__module__", ""))
    return getattr(module, "__file__", None)


def _text_of(maker: object) -> str:
    parts = vars(maker).values() if isinstance(maker, type) else (maker,)
    with suppress(OSError):
        return "\n".join(inspect.getsource(part) for part in parts if inspect.isfunction(part))
    return ""


def registered() -> dict[str, GuideMaker]:
    """Guides of this process, by name."""
    return dict(_registered)


def adopt(makers: Mapping[str, GuideMaker]) -> None:
    """Know the guides of the process that started this one."""
    _registered.update(makers)


def is_portable(name: str) -> bool:
    """Whether worker processes can find a guide: a registered one must be importable by them."""
    maker: Any = _registered.get(name)
    if maker is None:
        return True
    try:
        pickle.dumps(maker)
    except Exception:  # noqa: BLE001  whatever a stranger's class raises, it cannot travel
        return False
    return _file_of(maker) is not None


def find_guide(name: str) -> GuideMaker:
    """
    Find what makes the guide of that name.

    Raises
    ------
    PluginError
        When no such guide is installed, two packages claim the name, or it cannot be loaded.
    """
    if name.endswith(".toml") and (" " not in name or Path(name).is_file()):
        return _from_settings(Path(name))
    if _SERVER.match(name):
        return find_door("http")({"url": name}, Path())
    in_file = _IN_FILE.fullmatch(name)
    if in_file is not None:
        return _checked(
            name, _attribute(name, _file_module(Path(in_file["file"])), in_file["name"])
        )
    if re.search(r"[\s/]", name):
        return find_door("process")({"command": _words(name)}, Path())
    if ":" in name:
        return _checked(name, _imported(name))
    return _registered.get(name) or _checked(name, _loaded(name, GROUP, "guide"))


def find_door(name: str) -> Door:
    """
    Find a way to guides outside this process, by its name in the group ``guiderail.doors``.

    Raises
    ------
    PluginError
        As for a guide.
    """
    return cast("Door", _loaded(name, DOORS, "door"))


def _loaded(name: str, group: str, kind: str) -> object:
    known = installed(group)
    if name not in known:
        mine = _registered if group == GROUP else {}
        there = ", ".join((*known, *mine)) or "none"
        raise PluginError(f"no {kind} named {name!r}; installed: {there}")
    if len(known[name]) > 1:
        values = ", ".join(sorted(point.value for point in known[name]))
        raise PluginError(f"two {kind}s are named {name!r}: {values}; uninstall one")
    try:
        return known[name][0].load()
    except Exception as error:
        raise _not_loaded(name, error) from error


def _from_settings(path: Path) -> GuideMaker:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise PluginError(f"no file {str(path)!r} with the settings of a guide") from None
    except (OSError, ValueError, RecursionError) as error:
        raise PluginError(f"cannot read the guide settings {str(path)!r}: {error}") from None
    door = values.pop("door", None)
    if not isinstance(door, str):
        known = ", ".join(installed(DOORS))
        raise PluginError(f"{str(path)!r} needs a key 'door', one of: {known}")
    return find_door(door)(values, path.parent)


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as error:
        raise PluginError(f"cannot read the command {command!r}: {error}") from None


def _imported(path: str) -> object:
    module, _, attribute = path.partition(":")
    try:
        found = import_module(module)
    except ModuleNotFoundError as error:
        beside = Path(f"{module}.py")
        if error.name != module or not beside.is_file():
            raise _not_loaded(path, error) from error
        found = _file_module(beside)
    except Exception as error:
        raise _not_loaded(path, error) from error
    return _attribute(path, found, attribute)


def _attribute(path: str, module: ModuleType, name: str) -> object:
    try:
        return getattr(module, name)
    except AttributeError as error:
        raise _not_loaded(path, error) from error


def _file_module(path: Path) -> ModuleType:
    """Load a file once; worker processes load it again by the same name."""
    name, file = f"guide_file_{path.stem}", str(path.resolve())
    known = sys.modules.get(name)
    if known is not None and known.__file__ == file:
        return known
    spec = spec_from_file_location(name, file)
    if not path.is_file() or spec is None or spec.loader is None:
        raise PluginError(f"no Python file {str(path)!r}")
    module = sys.modules[name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise _not_loaded(str(path), error) from error
    return module


def _checked(name: str, maker: object) -> GuideMaker:
    if not callable(maker):
        raise PluginError(f"guide {name!r} is a {type(maker).__name__}, which makes no guides")
    wanted = _wanted_by(maker)
    return cast("GuideMaker", maker if wanted is None else _Fitted(maker, wanted))


def _wanted_by(maker: Callable[..., object]) -> tuple[str, ...] | None:
    """Which of our arguments a class asks for; None where it takes them all, or does not tell."""
    try:
        parameters = inspect.signature(maker).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(one.kind is one.VAR_KEYWORD for one in parameters):
        return None
    names = {one.name for one in parameters}
    return None if names.issuperset(_WANTED) else tuple(n for n in _WANTED if n in names)


class _Fitted:
    """A class that wants only some of what a maker is given, or nothing at all."""

    def __init__(self, maker: Callable[..., object], wanted: tuple[str, ...]) -> None:
        self._maker = maker
        self._names = wanted
        self.fingerprint = ""
        """Text of a class that lies in no file."""
        self.__module__ = maker.__module__  # so that its source counts in the name of a run

    def __call__(
        self, network: RoadNetwork, seed: TripSeed, *, closed: frozenset[LinkId], rate: float
    ) -> Guide:
        given = {"network": network, "seed": seed, "closed": closed, "rate": rate}
        return cast("Guide", self._maker(**{name: given[name] for name in self._names}))


def _not_loaded(name: str, error: Exception) -> PluginError:
    if isinstance(error, PluginError):
        return error
    return PluginError(f"guide {name!r} cannot be loaded: {type(error).__name__}: {error}")
