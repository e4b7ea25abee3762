"""
All that a driver remembers, as one value: taken out, compared, put back.

The search calls the shipped objects and never a copy of their code. What they hold is found by
looking at them, so a new attribute is part of the state the moment it exists; one of a type that is
not known here is an error, never left out.
"""

from collections import Counter
from collections.abc import Callable, Hashable
from operator import itemgetter
from typing import Any, Final, NamedTuple

from guiderail.maps.gazetteer import Gazetteer
from guiderail.maps.network import RoadNetwork
from guiderail.maps.routing import DetourFinder, RouteOracle
from guiderail.sim.contract.errors import KernelError
from guiderail.sim.contract.ports import Driver
from guiderail.sim.driver.guard.budget import Budget, BudgetAccount
from guiderail.sim.driver.guard.guard import Guard
from guiderail.sim.driver.motion.controller import Controller
from guiderail.sim.driver.motion.lookahead import Lookahead, RoadAhead
from guiderail.sim.driver.motion.style import DrivingStyle
from guiderail.sim.driver.pilot import Pilot
from guiderail.sim.driver.planner import Planner

Memory = tuple[Any, ...]
_HOLDERS: Final = (Pilot, Planner, Controller, BudgetAccount)
"""Objects whose attributes are state, each on its own."""
_FIXED: Final = (
    RoadNetwork,
    RouteOracle,
    DetourFinder,
    Lookahead,
    DrivingStyle,
    Budget,
    Guard,
    Gazetteer,
)
"""What does not change while a car drives."""
_PLAIN: Final = (int, str, bool, tuple, frozenset)


def _taker(names: list[str]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    """Take attributes out as a tuple, a single one too."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda where: (where[names[0]],)


def _pairs(value: dict[Any, Any]) -> Hashable:
    return tuple(sorted(value.items())) if value else ()


_FROZEN: Final[dict[type, Callable[[Any], Hashable]]] = {
    set: frozenset,
    list: tuple,
    dict: _pairs,
    Counter: _pairs,
}


class _Cells(NamedTuple):
    """The plain attributes of one object."""

    where: dict[str, Any]
    names: tuple[str, ...]
    values: Callable[[dict[str, Any]], tuple[Any, ...]]


class _Box(NamedTuple):
    """One container of an object, changed in place."""

    where: dict[str, Any]
    name: str
    kind: type[Any]
    frozen: Callable[[Any], Hashable]


class Mind:
    """
    The state of one driver.

    Raises
    ------
    KernelError
        When it holds something whose changes would not be noticed.
    """

    def __init__(self, driver: Driver) -> None:
        """Find everything that can change."""
        self._plain: list[_Cells] = []
        self._boxes: list[_Box] = []
        self._views: list[tuple[dict[str, Any], str]] = []
        """Attributes that may hold a road ahead, or nothing: compared by value and numbered."""
        self._numbers: dict[Hashable, int] = {}
        self._values: list[Any] = []
        self._number_of: dict[int, int] = {}
        self._kept: list[Any] = []
        """Every such value seen: while it is kept, its id is its own."""
        self._scan(driver)
        self._routes = [
            (cells.where, name)
            for cells in self._plain
            for name in cells.names
            if type(cells.where[name]) is tuple
        ]

    def _scan(self, holder: object) -> None:
        plain, here = [], vars(holder)
        for name, value in here.items():
            if isinstance(value, _HOLDERS):
                self._scan(value)
            elif value is None or isinstance(value, RoadAhead):
                self._views.append((here, name))
            elif type(value) in _FROZEN:
                self._boxes.append(_Box(here, name, type(value), _FROZEN[type(value)]))
            elif isinstance(value, _PLAIN):
                plain.append(name)
            elif not isinstance(value, _FIXED) and not callable(value):
                raise KernelError(f"the search cannot see {name}, a {type(value).__name__}")
        if plain:
            self._plain.append(_Cells(here, tuple(plain), _taker(plain)))

    def memory(self) -> Memory:
        """
        Everything as it is now, as one value.

        Which routes are the same object is part of it: a pilot knows by that whether to look anew.
        """
        first: dict[int, int] = {}
        numbers = self._number_of
        return (
            *[cells.values(cells.where) for cells in self._plain],
            *[box.frozen(box.where[box.name]) for box in self._boxes],
            *[
                number
                if (number := numbers.get(id(where[name]))) is not None
                else self._number(where[name])
                for where, name in self._views
            ],
            # A route is known by the first attribute that holds it.
            *[first.setdefault(id(where[name]), k) for k, (where, name) in enumerate(self._routes)],
        )

    def _number(self, value: Any) -> int:
        number = self._numbers.setdefault(value, len(self._numbers))
        if number == len(self._values):
            self._values.append(value)
        self._number_of[id(value)] = number
        self._kept.append(value)
        return number

    def recall(self, memory: Memory) -> None:
        """Put everything back."""
        parts = iter(memory)
        for cells in self._plain:
            cells.where.update(zip(cells.names, next(parts), strict=True))
        for where, name, kind, frozen in self._boxes:
            value = next(parts)
            if frozen(where[name]) != value:
                where[name] = kind(dict(value)) if issubclass(kind, dict) else kind(value)
        for where, name in self._views:
            where[name] = self._values[next(parts)]
