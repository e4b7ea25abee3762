"""
What an experiment is, as written in a TOML file; every mistake in it is one clear sentence.

Numbers carry their unit in the key. What the arms share (conditions, closures, origin and goal)
decides the world of each trip; what they do not share (arm, guide, rate, budget) never does.
"""

import difflib
import hashlib
import json
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Self, cast

from pydantic import (
    BaseModel,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.driver.arms import DEFAULT_ARMS
from guiderail.sim.driver.arms import arms as known_arms
from guiderail.sim.driver.guard.budget import Budget
from guiderail.sim.driver.people import PEOPLE
from guiderail.sim.lab.experiment.conditions import (
    Count,
    DriverFaults,
    Part,
    Real,
    RoadConditions,
    Share,
)


class BudgetLimits(Part):
    """How much of a guide the guarded car puts up with in one trip."""

    changes: Annotated[Count, Field(ge=0, le=1_000)] = 8
    """Accepted changes of the route."""
    extra_s: Annotated[Real, Field(ge=0, le=86_400)] = 300.0
    """Predicted extra time of all accepted changes together [s]."""
    spacing_s: Annotated[Real, Field(ge=0, le=3_600)] = 5.0
    """Least time between two accepted changes [s]."""
    confirmations: Annotated[Count, Field(ge=0, le=1_000)] = 0
    """Changes that the passenger confirms, and that are given back to the budget."""

    def budget(self) -> Budget:
        """In the units of the lattice."""
        return Budget(
            changes=self.changes,
            extra_ms=round(self.extra_s * 1_000),
            spacing_ms=round(self.spacing_s * 1_000),
            confirmations=self.confirmations,
        )


class Closures(Part):
    """Roads that are closed, and reports about them."""

    mean: Annotated[Real, Field(ge=0, le=10)] = 0.5
    """Mean number of closed stretches on or beside the best route of a trip."""
    stale: Share = 0.3
    """
    Share of reports that are stale: a closure not reported yet, or one reported that is open again.
    """
    works_percent: Annotated[Real, Field(ge=0, le=20)] = 0.0
    """Share of the map's street length closed by planned works; about 1 is common [%]."""
    incidents: Annotated[Real, Field(ge=0, le=1_000)] = 0.0
    """Incidents, times the published rate; 1 is as published; those on all lanes close a road."""
    queues: Annotated[bool, Field(strict=True)] = False
    """Whether incidents that leave a lane open slow the traffic before them."""

    @model_validator(mode="after")
    def _has_incidents(self) -> Self:
        if self.queues and not self.incidents:
            raise ValueError("queues = true needs incidents above 0")
        return self

    def text_parts(self) -> dict[str, float]:
        """Everything that decides a trip; what lays nothing over the map is left out."""
        added = ("works_percent", "incidents", "queues")
        unused = {key for key in added if not getattr(self, key)}
        return self.model_dump(mode="json", exclude=unused)


class OdRange(Part):
    """How long the trips are, driven alone at the speed limit."""

    min_s: Annotated[Real, Field(ge=10, le=36_000)] = 30.0
    max_s: Annotated[Real, Field(ge=10, le=36_000)] = 90.0

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_s >= self.max_s:
            raise ValueError(f"min_s {self.min_s:g} must be below max_s {self.max_s:g}")
        return self


class Scenario(Part):
    """One experiment: arms x hallucination rates x trips."""

    map: str = "helsinki"
    """Name of a bundled map, or a file."""
    arms: tuple[str, ...] = DEFAULT_ARMS
    guide: str = "noisy"
    """Name in the entry-point group ``guiderail.guides``, or ``module:attribute``."""
    rates: tuple[Share, ...] = (0.0, 0.1, 0.25, 0.5, 1.0)
    """Shares of utterances that are wrong."""
    trips: Annotated[Count, Field(ge=1, le=10_000_000)] = 100
    """Trips per arm and rate."""
    seed: Annotated[Count, Field(ge=0, lt=2**63)] = 1
    conditions: RoadConditions = RoadConditions()
    weather_blind: Annotated[bool, Field(strict=True)] = False
    """Whether trips are drawn as if the conditions were the default ones: one trip, any weather."""
    budget: BudgetLimits = BudgetLimits()
    closures: Closures = Closures()
    faults: DriverFaults = DriverFaults()
    people: str = "ordinary"
    """What the people at the wheel are like: ordinary, calm or flustered."""
    od: OdRange = OdRange()

    if not TYPE_CHECKING:  # type checkers see the fields

        def __init__(self, **values: Any) -> None:
            """Check the values; the first mistake is one sentence."""
            try:
                super().__init__(**values)
            except ValidationError as error:
                raise ScenarioError(_sentence(error)) from None

    @field_validator("arms")
    @classmethod
    def _known(cls, arms: tuple[str, ...]) -> tuple[str, ...]:
        if not arms:
            raise ValueError("name at least one")
        known = tuple(known_arms())
        for arm in arms:
            if arm not in known:
                raise ValueError(f"no arm named {arm!r}{_closest(arm, known)}")
        if len(set(arms)) != len(arms):
            raise ValueError("an arm is named twice")
        return tuple(sorted(arms, key=known.index))

    @field_validator("people")
    @classmethod
    def _exists(cls, people: str) -> str:
        if people not in PEOPLE:
            raise ValueError(f"no people named {people!r}{_closest(people, tuple(PEOPLE))}")
        return people

    @field_validator("rates")
    @classmethod
    def _distinct(cls, rates: tuple[float, ...]) -> tuple[float, ...]:
        if not rates:
            raise ValueError("name at least one")
        if len(set(rates)) != len(rates):
            raise ValueError("a rate is named twice")
        return tuple(sorted(rates))

    def shared_part(self) -> str:
        """Everything that the arms share, as canonical text."""
        plain = {"conditions": RoadConditions()} if self.weather_blind else {}
        drawn = self.model_copy(update=plain)
        parts = drawn.model_dump(mode="json", include={"od"})
        # A trip's seed is made of this text: a key that came later must not change it unused.
        late = {name: getattr(drawn, name).text_parts() for name in ("closures", "conditions")}
        return _canonical(parts | late)

    def to_toml(self) -> str:
        """Write everything out, defaults included, as a scenario file."""
        parts = self.model_dump(mode="json")
        tables = {key: value for key, value in parts.items() if isinstance(value, dict)}
        plain = {key: value for key, value in parts.items() if key not in tables}
        # JSON scalars and lists are TOML as well.
        lines = [f"{key} = {json.dumps(value)}" for key, value in plain.items()]
        for name, table in tables.items():
            lines += ["", f"[{name}]"]
            lines += [f"{key} = {json.dumps(value)}" for key, value in table.items()]
        return "\n".join(lines) + "\n"

    def digest(self, map_digest: str, program: str) -> str:
        """
        Name of everything that decides the results, hexadecimal.

        Parameters
        ----------
        map_digest
            Digest of the map's content: a copy under another path is the same map.
        program
            Version and digest of the code.
        """
        parts = self.model_dump(mode="json", exclude={"map"})
        text = _canonical({"map_digest": map_digest, "program": program, **parts})
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def load_scenario(path: Path | str | None, overrides: Mapping[str, Any] | None = None) -> Scenario:
    """
    Read a scenario file.

    Parameters
    ----------
    path
        A TOML file; None for the one that ``guiderail demo`` runs.
    overrides
        Top-level values that replace those of the file; None values are left out. A table replaces
        only the keys that it names.

    Raises
    ------
    ScenarioError
        When the file is missing, is no TOML, or holds an unknown key or a value out of bounds.
    """
    name = "demo.toml" if path is None else str(path)
    values = _parsed(demo_text() if path is None else _text(Path(path)), name)
    given = {key: value for key, value in (overrides or {}).items() if value is not None}
    try:
        make_scenario(values)  # first the file alone, so that the file is blamed
    except ScenarioError as error:
        raise ScenarioError(f"{name}: {error}") from None
    for key, value in given.items():
        is_table = isinstance(value, Mapping) and isinstance(values.get(key), Mapping)
        values[key] = {**values[key], **value} if is_table else value
    return make_scenario(values)


def budget_keys(text: str | None) -> dict[str, float] | None:
    """
    Read a budget from the command line.

    Raises
    ------
    ScenarioError
        When it is not a list of ``key=number``.

    Examples
    --------
    >>> budget_keys("changes=2,extra_s=60.5")
    {'changes': 2, 'extra_s': 60.5}
    """
    if text is None:
        return None
    keys: dict[str, float] = {}
    for part in text.split(","):
        name, _, number = part.partition("=")
        try:
            value = float(number)
        except ValueError:
            example = "changes=4,extra_s=120,spacing_s=5,confirmations=0"
            raise ScenarioError(
                f"--budget: {part[:40]!r} is no key=number, as in {example}"
            ) from None
        keys[name.strip()] = int(value) if value.is_integer() else value
    return keys


def make_scenario(values: Mapping[str, Any]) -> Scenario:
    """Check values as a scenario file would be checked."""
    return Scenario(**{str(key): value for key, value in values.items()})


def demo_text() -> str:
    """Text of the scenario file of the demo, a commented example."""
    return (
        resources.files("guiderail.sim.lab.experiment")
        .joinpath("data/demo.toml")
        .read_text("utf-8")
    )


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise ScenarioError(f"no scenario file {str(path)!r}") from None
    except IsADirectoryError:
        raise ScenarioError(f"{str(path)!r} is a folder, not a scenario file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"cannot read scenario file {str(path)!r}: {error}") from None


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ScenarioError(f"{name} is not TOML: {error}") from None


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _closest(word: str, known: tuple[str, ...]) -> str:
    """Say which known word is meant, or which there are."""
    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(known)}"


def _keys_beside(location: tuple[int | str, ...]) -> tuple[str, ...]:
    """List the keys that exist where the unknown one stands."""
    model: type[BaseModel] = Scenario
    for step in location[:-1]:
        model = cast("type[BaseModel]", model.model_fields[str(step)].annotation)
    return tuple(model.model_fields)


def _sentence(error: ValidationError) -> str:
    """Say the first mistake in one line, and how many more there are."""
    first, *others = error.errors(include_url=False)
    where = ".".join(step for step in first["loc"] if isinstance(step, str))
    bounds = first.get("ctx", {})
    match first["type"]:
        case "extra_forbidden":
            key, near = str(first["loc"][-1]), _keys_beside(first["loc"])
            text = f"unknown key {where!r}{_closest(key, near)}"
        case "greater_than_equal" | "less_than_equal" | "less_than":
            text = f"{where}: {_short(first['input'])} is {_bound(first['type'], bounds)}"
        case "value_error":
            text = f"{where}: {bounds['error']}"
        case _:
            wanted = _WANTED.get(first["type"], f"valid ({first['msg']})")
            text = f"{where} must be {wanted}, not {_short(first['input'])}"
    more = f" (and {len(others)} more)" if others else ""
    return " ".join(text.split()) + more


_WANTED: Final = {
    "tuple_type": "a list",
    "model_type": "a table",
    "bool_type": "true or false",
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
}
"""What pydantic wanted, in the words of TOML."""


def _bound(kind: str, bounds: Mapping[str, Any]) -> str:
    if kind == "greater_than_equal":
        return f"below the least value, {bounds['ge']:g}"
    return f"above the largest value, {bounds.get('le', bounds.get('lt')):g}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004
