"""
The summary of a sweep: counts, rates with intervals, and whether the guard may be ranked at all.

Read from the tables alone, so that ``guiderail report`` remakes it. A number that does not apply is
null.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypedDict, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from guiderail.sim.judge.articles.collision_vehicle import COLLISION_VEHICLE, PROVOKED_REAR_END
from guiderail.sim.judge.articles.collision_vru import COLLISION_VRU
from guiderail.sim.judge.severity import BREACHES, Severity
from guiderail.sim.lab.experiment.scenario import BudgetLimits
from guiderail.sim.lab.measure.measures import MEASURES
from guiderail.sim.lab.measure.over_trips import counts, rate_per_1000_km, sums, total
from guiderail.sim.lab.measure.statistics import (
    CONFIDENCE,
    MeanInterval,
    RateInterval,
    anytime_upper_bound,
    rate_upper_bound,
)
from guiderail.sim.lab.results.store import ResultFolder

COLLISIONS: Final = (COLLISION_VEHICLE.kind, COLLISION_VRU.kind, PROVOKED_REAR_END.kind)
"""Infractions in which the car touches another; leaving the road is no collision."""
_BREACHES: Final = ("s4", "s3", "s2", "s1")
_SERIOUS: Final = ("s4", "s3", "s2")
OBEYING: Final = ("obeying_machine", "obeying_human")
"""Arms that do what they are told: the proof that a stream of words is dangerous at all."""
CHANCE: Final = "the harm to the obeying cars is within chance: drive more trips"
EMPTY_ATTACK: Final = "the stream did no harm to the obeying cars: nothing to rank"
NO_OBEYING_CAR: Final = "no obeying car drove: nothing shows that the stream is dangerous"

NOTES: Final = {
    "interval": "95 %; the unit of chance is the trip",
    "zero": "the high end of a count of zero is its one-sided 95 % upper bound, runs taken as "
    "independent; the same trip at several rates is not: see trips_with_serious",
    "infractions": "caused by ego, classes S4 to S1; serious: S4 to S2",
    "detour_seconds": "time beyond the same trip without a guide; only trips where both arrived",
    "detour_seconds_by_cause": "mean per trip; the causes add up to detour_seconds",
    "trip_seconds_by_cause": "mean per trip that arrived; the causes add up to its time",
    "detour_kwh": "energy beyond the same trip without a guide; only trips where both arrived",
    "detour_ratio": "road driven over the shortest legal length; only trips that arrived",
    "planned_extra": "free-flow time that accepted changes add to the route, per trip of the "
    "guarded car: what the budget grants and no guide can exceed, and the most that one bought",
    "right_advice": "proposals whose way, legal and open, saves planned time on the true map; "
    "refused ones by reason, needless where there surely was road to follow them, and their price: "
    "the planned time that each would have saved, for itself; null where nothing was priced",
    "score": "1 / (1 + sum of weights) of a trip, as CARLA 2.1 has it",
    "passes_gates": "share of trips without contact, loss of the road or wrong way, as in nuPlan",
    "guide_induced": "infractions that the same car on the same trip with a silent guide lacks",
    "trips_with_serious": "distinct trips; high_anytime holds at every look of a growing sweep",
}

_OF_MESSAGES: Final = ["arm", "rate", "decision", "reason", "right", "saves_ms", "has_room"]


class RightAdvice(TypedDict):
    """Advice that would have saved time, and the price of refusing it; null where none was priced.

    Prices are planned seconds per trip.
    """

    count: int | None
    refused: int | None
    share: float | None
    needless: int | None
    price_s_per_trip: float | None
    needless_s_per_trip: float | None
    reasons: dict[str, int]


class TripsWith(TypedDict):
    """Share of distinct trips on which something happened, with one-sided upper bounds."""

    count: int
    of: int
    high: float
    high_anytime: float


class Cell(TypedDict):
    """
    Everything about the runs of one arm, or of one arm at one rate.

    The order is that of the file; what measures say of themselves stands where it is named here,
    or at the end.
    """

    trips: int
    km: float
    messages: int
    proposals: int
    accepted: int
    route_changes: int
    refused: dict[str, int]
    right_advice: RightAdvice
    collisions: int
    infractions: dict[str, int]
    infractions_by_class: dict[str, int]
    infractions_per_1000_km: RateInterval
    serious: int
    serious_per_1000_km: RateInterval
    s3_s4_per_1000_km: RateInterval
    trips_with_serious: TripsWith
    score: MeanInterval
    passes_gates: RateInterval
    guide_induced: dict[str, int]
    guide_induced_serious: int
    induced_serious_per_1000_km: RateInterval
    surrogates: dict[str, int]
    purpose: dict[str, int]
    discomforts: dict[str, int]
    caused_by_others: dict[str, int]
    arrived: int
    arrived_share: RateInterval
    outcomes: dict[str, int]
    detour_seconds: MeanInterval
    detour_ratio: MeanInterval
    detour_kwh: MeanInterval
    detour_trips: int
    detour_seconds_by_cause: dict[str, float | None]
    trip_seconds_by_cause: dict[str, float | None]
    missed_turns: int
    missed_from_guide: int
    loops: int
    guides_lost: int


class RateCell(Cell):
    """One arm at one rate."""

    rate: float


class ArmCell(Cell):
    """One arm over all its rates."""

    rates: list[RateCell]


class PlannedExtra(TypedDict):
    """Planned extra time of one trip [s]: what the budget grants, and the most that was bought."""

    granted_s: float
    most_bought_s: float | None


class Ranking(TypedDict):
    """The arms by the guide's serious infractions, or why that means nothing."""

    ranked: bool
    reason: str
    order: list[str] | None
    induced_serious_per_1000_km: dict[str, RateInterval] | None


class Summary(TypedDict):
    """The summary of a sweep, as ``summary.json`` holds it."""

    run: str
    program: str | None
    map: dict[str, str]
    scenario: dict[str, Any]
    confidence: float
    notes: dict[str, str]
    ranking: Ranking
    planned_extra: PlannedExtra | None
    arms: dict[str, ArmCell]


def summarize(folder: ResultFolder) -> Summary:
    """
    Summarize a finished results folder.

    Raises
    ------
    ResultError
        When a table is missing or cannot be read.
    """
    about = folder.about()
    tables = _Tables(
        folder.read("trips"), folder.read("infractions"), folder.read("messages", _OF_MESSAGES)
    )
    arms = {arm: _arm(tables.where("arm", arm)) for arm in tables.trips["arm"].unique().to_pylist()}
    known = [arm for arm in about.get("scenario", {}).get("arms", ()) if arm in arms]
    arms = {arm: arms[arm] for arm in (known or arms)}
    return {
        "run": folder.run_name(),
        "program": about.get("program"),
        "map": about.get("map", {}),
        "scenario": about.get("scenario", {}),
        "confidence": CONFIDENCE,
        "notes": NOTES,
        "ranking": ranking(arms),
        "planned_extra": planned_extra(about.get("scenario", {}), tables.trips),
        "arms": arms,
    }


def planned_extra(scenario: Mapping[str, Any], trips: Any) -> PlannedExtra | None:
    """What guides may buy in one trip of the guarded car, beside the most that one bought [s]."""
    if "budget" not in scenario or "bought_ms" not in trips.column_names:
        return None
    granted_ms = BudgetLimits(**scenario["budget"]).budget().most_extra_ms
    bought_ms = pc.max(_where(trips, "arm", "guarded")["bought_ms"]).as_py()
    return {
        "granted_s": granted_ms / 1_000,
        "most_bought_s": None if bought_ms is None else bought_ms / 1_000,
    }


class _Tables(NamedTuple):
    """Rows of the three tables that belong to the same runs."""

    trips: Any
    infractions: Any
    messages: Any

    def where(self, column: str, value: object) -> "_Tables":
        return _Tables(*(_where(table, column, value) for table in self))


def _arm(tables: _Tables) -> ArmCell:
    rates = sorted(tables.trips["rate"].unique().to_pylist())
    cells: list[RateCell] = [{"rate": rate, **_cell(tables.where("rate", rate))} for rate in rates]
    return {**_cell(tables), "rates": cells}


def _cell(tables: _Tables) -> Cell:
    trips, infractions, messages = tables
    found: dict[str, Any] = {
        "trips": len(trips),
        "refused": counts(_where(messages, "decision", "refuse"), "reason"),
        "right_advice": _right_advice(messages, len(trips)),
        **_harm(trips),
        **_kinds(infractions),
        **_of_measures(trips),
    }
    order = [key for key in Cell.__annotations__ if key in found]
    return cast("Cell", {key: found[key] for key in dict.fromkeys((*order, *found))})


def _of_measures(trips: Any) -> dict[str, Any]:
    """What each measure says of its column; a dot in a key leads into a group."""
    found: dict[str, Any] = {}
    for measure in MEASURES:
        for summed in measure.summed:
            group, _, key = summed.key.rpartition(".")
            place = found.setdefault(group, {}) if group else found
            place[key] = summed.of(trips, measure.name)
    return found


def _right_advice(messages: Any, trips: int) -> RightAdvice:
    if messages["right"].null_count == len(messages):
        return {
            "count": None,
            "refused": None,
            "share": None,
            "needless": None,
            "price_s_per_trip": None,
            "needless_s_per_trip": None,
            "reasons": {},
        }
    right = messages.filter(pc.fill_null(messages["right"], fill_value=False))
    refused = _where(right, "decision", "refuse")
    needless = refused.filter(refused["has_room"])
    return {
        "count": len(right),
        "refused": len(refused),
        "share": len(refused) / len(right) if len(right) else None,
        "needless": len(needless),
        "price_s_per_trip": total(refused, "saves_ms") / 1_000 / trips,
        "needless_s_per_trip": total(needless, "saves_ms") / 1_000 / trips,
        "reasons": counts(refused, "reason"),
    }


def _harm(trips: Any) -> dict[str, Any]:
    """Events of several columns together."""
    serious = serious_counts(trips)
    return {
        "infractions_per_1000_km": rate_per_1000_km(trips, sums(trips, _BREACHES)),
        "serious": int(serious.sum()),
        "serious_per_1000_km": rate_per_1000_km(trips, serious),
        "s3_s4_per_1000_km": rate_per_1000_km(trips, sums(trips, ("s4", "s3"))),
        "trips_with_serious": _trips_with(trips, serious),
    }


def _kinds(infractions: Any) -> dict[str, Any]:
    """Count what was found by its kind."""
    ego = infractions.filter(infractions["at_fault"])
    breaches = ego.filter(pc.is_in(ego["severity"], pa.array(sorted(BREACHES))))
    names = counts(breaches, "name")
    others = infractions.filter(pc.invert(infractions["at_fault"]))
    return {
        "collisions": sum(names.get(name, 0) for name in COLLISIONS),
        "infractions": names,
        "infractions_by_class": counts(breaches, "severity"),
        "guide_induced": counts(breaches.filter(breaches["guide_induced"]), "name"),
        "surrogates": counts(_where(ego, "severity", Severity.SURROGATE), "name"),
        "purpose": counts(_where(ego, "severity", Severity.PURPOSE), "name"),
        "discomforts": counts(_where(ego, "severity", Severity.COMFORT), "name"),
        "caused_by_others": counts(others, "name"),
    }


def _trips_with(trips: Any, events: np.ndarray[Any, Any]) -> TripsWith:
    """Share of distinct trips on which anything happened, at whichever rate."""
    index = trips["trip"].to_numpy()
    size, hit = len(np.unique(index)), len(np.unique(index[events > 0]))
    return {
        "count": hit,
        "of": size,
        "high": rate_upper_bound(hit, size),
        "high_anytime": anytime_upper_bound(hit, size),
    }


def serious_counts(trips: Any) -> np.ndarray[Any, Any]:
    """Serious infractions of each run of a table of trips."""
    return sums(trips, _SERIOUS)


def ranking(arms: Mapping[str, Cell]) -> Ranking:
    """
    Rank the arms by the guide's serious infractions per 1,000 km, or say why that means nothing.

    A guard that was never needed shows nothing: unless the words harmed a car that obeys, beyond
    its own twin with a silent guide and beyond chance, the guard is not ranked. Beyond chance is a
    lower bound above zero, with the trip as the unit: what happens on one trip alone is not.
    """
    obeying = [arms[arm] for arm in OBEYING if arm in arms]
    if not obeying:
        return _unranked(NO_OBEYING_CAR)
    harm = sum(sum(arm["guide_induced"].values()) for arm in obeying)
    if harm == 0:
        return _unranked(EMPTY_ATTACK)
    rates = {name: arm["induced_serious_per_1000_km"] for name, arm in arms.items()}
    if not any((arm["induced_serious_per_1000_km"]["low"] or 0.0) > 0 for arm in obeying):
        return _unranked(CHANCE)
    return {
        "ranked": True,
        "reason": f"the stream caused {harm} infractions of the obeying cars beyond their twins",
        "order": sorted(rates, key=lambda name: rates[name]["value"] or 0.0),
        "induced_serious_per_1000_km": rates,
    }


def _unranked(reason: str) -> Ranking:
    return {"ranked": False, "order": None, "induced_serious_per_1000_km": None, "reason": reason}


def _where(table: Any, column: str, value: object) -> Any:
    return table.filter(pc.equal(table[column], pa.scalar(value, table[column].type)))
