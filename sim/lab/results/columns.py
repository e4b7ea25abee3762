"""
The dictionary of the result tables: every column with its type, its unit and what it means.

The columns of ``trips`` and ``twins`` are the measures; those of ``infractions`` and ``messages``
are the fields of the rows below.
"""

from collections.abc import Sequence
from types import NoneType
from typing import Annotated, Any, Final, NamedTuple, get_args, get_type_hints

from guiderail.sim.lab.measure.journey import ARM, RATE, TRIP
from guiderail.sim.lab.measure.measure import Column
from guiderail.sim.lab.measure.measures import MEASURES

TABLES: Final = ("trips", "infractions", "messages", "twins")
"""All tables of a results folder; ``twins`` holds the silent runs that the others are measured
against."""


class About(NamedTuple):
    """What an annotation says of its column."""

    meaning: str
    unit: str = ""
    applies: str = ""


Arm = Annotated[str, About(ARM.meaning)]
Rate = Annotated[float, About(RATE.meaning, RATE.unit)]
Trip = Annotated[int, About(TRIP.meaning)]
_GUARDED: Final = "the guarded car heard a proposal"


class InfractionRow(NamedTuple):
    """Something that the judge found, what others did to ego included."""

    arm: Arm
    rate: Rate
    trip: Trip
    ordinal: Annotated[int, About("Number of the infraction in its trip, from 0.")]
    time_ms: Annotated[int, About("When it began, since the start of the trip.", "ms")]
    name: Annotated[str, About("Kind of infraction; the words are those of the taxonomy.")]
    article: Annotated[str, About("Article of the taxonomy that was broken.")]
    severity: Annotated[str, About("Class: S4 to S1, surrogate, comfort or purpose.")]
    at_fault: Annotated[bool, About("Whether ego caused it.")]
    guide_induced: Annotated[
        bool, About("Whether the same car with a silent guide does not have it on this link.")
    ]
    link: Annotated[int, About("Link of the map on which it began.")]
    s_mm: Annotated[int, About("Front bumper from the start of that link.", "mm")]
    street: Annotated[str, About("Name of the street.")]
    weight: Annotated[float, About("Penalty in the score of the trip.", "1")]
    lead_ms: Annotated[
        int | None,
        About("Age of the last advice that the driver adopted.", "ms", "one was adopted before"),
    ]
    evidence: Annotated[str, About("What was measured, as name=value with the unit in the name.")]


class MessageRow(NamedTuple):
    """Something that the guide said, and what came of it."""

    arm: Arm
    rate: Rate
    trip: Trip
    ordinal: Annotated[int, About("Number of the message in its trip, from 0.")]
    time_ms: Annotated[int, About("When it reached the car, since the start of the trip.", "ms")]
    asked_ms: Annotated[int, About("When the guide was asked.", "ms")]
    link: Annotated[int, About("Link of the map on which it was heard.")]
    distance_to_node_mm: Annotated[int, About("Road left to the end of that link.", "mm")]
    speed_mm_s: Annotated[int, About("Speed of the car when it was heard.", "mm/s")]
    words: Annotated[str, About("What the passenger hears.")]
    ask: Annotated[str | None, About("What the proposal asks for.", applies="a proposal was made")]
    target: Annotated[
        str | None, About("What the proposal is about.", applies="a proposal was made")
    ]
    label: Annotated[str, About("What a synthetic guide knows of its own error; else empty.")]
    confidence: Annotated[float, About("How sure the guide says it is, from 0 to 1.", "1")]
    latency_ms: Annotated[int, About("How long the guide thought.", "ms")]
    decision: Annotated[str | None, About("accept or refuse.", applies="it was answered")]
    reason: Annotated[str | None, About("Why.", applies="it was answered")]
    changes_route: Annotated[
        bool | None, About("Whether the planned route changed.", applies="it was answered")
    ]
    extra_ms: Annotated[
        int | None, About("Planned extra time of the change.", "ms", "it was answered")
    ]
    right: Annotated[
        bool | None,
        About("Whether the way saves planned time on the true map.", applies=_GUARDED),
    ]
    saves_ms: Annotated[
        int | None, About("Planned time that the way saves.", "ms", f"{_GUARDED} of an open way")
    ]
    has_room: Annotated[
        bool | None,
        About("Whether there was surely road enough to follow it.", applies=_GUARDED),
    ]


def columns(table: str) -> Sequence[Column]:
    """
    Columns of a table, in their order.

    Examples
    --------
    >>> columns("infractions")[4].name, columns("infractions")[4].unit
    ('time_ms', 'ms')
    """
    match table:
        case "trips" | "twins":
            return MEASURES
        case "infractions":
            return _fields(InfractionRow)
        case "messages":
            return _fields(MessageRow)
    raise ValueError(f"no table {table!r}; there are {', '.join(TABLES)}")


def _fields(row: type) -> list[Column]:
    hints: dict[str, Any] = get_type_hints(row, include_extras=True)
    return [_column(name, *get_args(hint)) for name, hint in hints.items()]


def _column(name: str, holds: Any, about: About) -> Column:
    kinds = [kind for kind in get_args(holds) if kind is not NoneType]
    return Column(
        name=name,
        holds=kinds[0] if kinds else holds,
        unit=about.unit,
        meaning=about.meaning,
        applies=about.applies,
    )
