"""What can be named: arms, guides, maps, scenes, columns; and how a map or a guide is added."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from guiderail.maps.errors import MapError
from guiderail.maps.library import added, load
from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.errors import ResultError
from guiderail.sim.driver.arms import arms as known_arms
from guiderail.sim.lab.experiment import registry
from guiderail.sim.lab.experiment.scenes import scenes
from guiderail.sim.lab.results.columns import TABLES
from guiderail.sim.lab.results.columns import columns as columns_of


def list_arms() -> tuple[str, ...]:
    """
    Names of the arms: who may drive.

    >>> list_arms()
    ('no_guide', 'guarded', 'obeying_machine', 'obeying_human', 'judging_human')
    """
    return tuple(known_arms())


def list_guides() -> tuple[str, ...]:
    """Names of the guides that are installed, and of those registered in this process."""
    return tuple(sorted((*registry.installed(), *registry.registered())))


def list_maps() -> tuple[str, ...]:
    """Names of the bundled maps and of those that were added."""
    return (*load.BUNDLED, *added.names())


def list_scenes() -> dict[str, str]:
    """Names of the scenes, each with its title."""
    return {name: scene.title for name, scene in scenes().items()}


def columns(table: str = "trips") -> dict[str, str]:
    """
    Say what each column of a table means, with its unit in brackets.

    Raises
    ------
    ResultError
        When there is no such table.

    Examples
    --------
    >>> columns("messages")["latency_ms"]
    'How long the guide thought. [ms]'
    """
    if table not in TABLES:
        raise ResultError(f"no table {table!r}; there are: {', '.join(TABLES)}")
    units = {one.name: f" [{one.unit}]" if one.unit else "" for one in columns_of(table)}
    return {one.name: one.meaning + units[one.name] for one in columns_of(table)}


def add_map(source: str | Path, name: str | None = None) -> RoadNetwork:
    """
    Compile a map and keep it under a name for all later runs and commands.

    Parameters
    ----------
    source
        An OpenStreetMap file, an OSMnx graph, a compiled map, or a place name to look up on the
        network (needs the extra ``maps``).
    name
        What to call it; None for a name made from the source's.

    Raises
    ------
    MapError
        When the source cannot be read, or the name is taken or none.
    """
    text = str(source)
    chosen = added.name_for(Path(text)) if name is None else name
    if not chosen and name is None:
        raise MapError(f"{text[:80]!r} makes no name for a map: choose one with --name")
    path = added.path_of(chosen)
    if chosen in load.BUNDLED:
        raise MapError(f"the map {chosen!r} is bundled: choose another name with --name")
    if path.exists():
        raise MapError(
            f"there is a map {chosen!r} in {added.folder()} already: choose another name"
        )
    compiled = load.load_map(text) if load.is_here(text) else load.compile_place(text)
    return added.add(compiled, chosen)


def register_guide(name: str, maker: Callable[..., Any]) -> None:
    """
    Make a guide usable under a name in the scenarios of this process and of its workers.

    Parameters
    ----------
    name
        A word; that of an installed guide is refused, one registered before is replaced.
    maker
        A class or function. It is called for every trip with those of the arguments ``network``,
        ``seed``, ``closed`` and ``rate`` that it asks for, and returns a guide: an object with a
        ``name`` and ``advise(seen)``. Where worker processes cannot import it (a notebook, a
        lambda), a sweep runs in this process alone.

    Raises
    ------
    PluginError
        When the name is taken or no word, or the maker cannot be called.

    Examples
    --------
    >>> class Mute:
    ...     name = "mute"
    ...     def advise(self, seen):
    ...         return None
    >>> register_guide("mute", Mute)
    >>> "mute" in list_guides()
    True
    """
    registry.register(name, maker)
