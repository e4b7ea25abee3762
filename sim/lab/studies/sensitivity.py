"""
How much the infractions of people move when each assumption about them is varied, one at a time.

The same trips and words for every value, so that what changes is the assumption alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from guiderail.sim.driver.people import ASSUMED, SOURCES, Person
from guiderail.sim.judge.severity import SERIOUS
from guiderail.sim.lab.experiment.run import Laboratory

FACTORS: Final = (0.5, 1.5)
"""Each assumption is halved, and raised by half."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Serious infractions and road of one set of trips."""

    serious: int
    km: float

    @property
    def per_1000_km(self) -> float:
        """Serious infractions per 1,000 km."""
        return 1_000 * self.serious / self.km


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One assumption: its value, and the counts with less and with more of it."""

    name: str
    value: int
    source: str
    counts: tuple[Count, ...]
    """In the order of :data:`FACTORS`."""


def base(laboratory: Laboratory, arm: str, rate: float, trips: int) -> Count:
    """Count with the people as they are."""
    return _count(laboratory, laboratory.person, (arm, rate, trips))


def rows(laboratory: Laboratory, arm: str, rate: float, trips: int) -> Iterator[Row]:
    """Vary every assumption, one after the other; nothing of the laboratory is changed."""
    person = laboratory.person
    for name in ASSUMED:
        value = getattr(person, name)
        varied = (_varied(person, name, factor) for factor in FACTORS)
        counts = tuple(_count(laboratory, one, (arm, rate, trips)) for one in varied)
        yield Row(name=name, value=value, source=SOURCES[name], counts=counts)


def _varied(person: Person, name: str, factor: float) -> Person:
    value = round(getattr(person, name) * factor)
    if name == "heeds_permille":
        value = min(value, 1_000)
    if name == "loss_most_permille":
        value = max(value, person.loss_least_permille)
    if name == "loss_least_permille":
        value = min(value, person.loss_most_permille)
    return replace(person, **{name: value})


def _count(laboratory: Laboratory, person: Person, cell: tuple[str, float, int]) -> Count:
    arm, rate, trips = cell
    was, laboratory.person = laboratory.person, person
    serious, driven_mm = 0, 0
    try:
        for index in range(trips):
            planned = laboratory.trips.planned(index)
            run = laboratory.drive(planned, arm, laboratory.scenario.guide, rate)
            serious += sum(one.severity.value in SERIOUS for one in run.judgement.infractions)
            driven_mm += run.judgement.driven_mm
    finally:
        laboratory.person = was
    return Count(serious=serious, km=driven_mm / 1e6)
