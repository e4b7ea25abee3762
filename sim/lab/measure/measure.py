"""
What a measure of one trip is: a column of the trip table, and how many trips are summed up in it.

To add one, write it into a file of this package and put it into the list in ``measures.py``: rows,
tables, summary and dictionary follow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from guiderail.sim.contract.trace import Trace
from guiderail.sim.contract.trip import Trip
from guiderail.sim.judge.infraction import Infraction, Judgement
from guiderail.sim.lab.measure.ledger import Ledger

Scalar = str | float | int | bool | None
"""What a cell of a table holds; None where the column does not apply."""
Value_co = TypeVar("Value_co", bound=Scalar, covariant=True)


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a result table."""

    name: str
    holds: type[str | float | int | bool]
    unit: str = ""
    """SI unit as written in the name, or what is counted; empty for text and flags."""
    meaning: str
    """One sentence for a reader who knows the field."""
    applies: str = ""
    """When the cell is not null; empty for always."""


class Planned(Protocol):
    """A trip, and what a perfect drive of it would take."""

    @property
    def index(self) -> int:
        """Its number in the scenario, from 0."""
        ...

    @property
    def trip(self) -> Trip:
        """Where from and where to, and under what conditions."""
        ...

    @property
    def free_flow_ms(self) -> int:
        """Time of the fastest open route at the speed limit [ms]."""
        ...

    @property
    def shortest_mm(self) -> int | None:
        """Length of the shortest open route [mm]; None if there is none."""
        ...


class Driven(Protocol):
    """What one car did on one trip."""

    @property
    def arm(self) -> str:
        """Who drives."""
        ...

    @property
    def guide(self) -> str:
        """Who speaks."""
        ...

    @property
    def rate(self) -> float:
        """How often the guide errs."""
        ...

    @property
    def planned(self) -> Planned:
        """The trip."""
        ...

    @property
    def trace(self) -> Trace:
        """What happened."""
        ...

    @property
    def judgement(self) -> Judgement:
        """What the judge found."""
        ...

    @property
    def lost(self) -> str:
        """Why the guide fell silent for good; empty if it did not."""
        ...

    @property
    def books(self) -> Ledger | None:
        """Where its time went; None if it did not arrive."""
        ...


class Compared(Protocol):
    """A run beside the same trip without a guide: all that a measure may read."""

    @property
    def run(self) -> Driven:
        """The run that is measured."""
        ...

    @property
    def baseline(self) -> Driven:
        """Same trip without a guide, guarded."""
        ...

    @property
    def induced(self) -> tuple[Infraction, ...]:
        """What ego did that its silent twin did not."""
        ...


class Summed(NamedTuple):
    """One number of the summary, taken from a column."""

    key: str
    """Where it stands in a cell of the summary; a dot leads into a group."""
    of: Callable[[Any, str], Any]
    """From a table of trips and the name of the column; see ``over_trips.py``."""


@dataclass(frozen=True, kw_only=True)
class Measure(Column, Generic[Value_co]):
    """A column of the trip table, with what it is computed from."""

    of: Callable[[Compared], Value_co]
    summed: tuple[Summed, ...] = ()
    """What the summary says of it."""
