"""
The summary of a sweep: counts, rates with intervals, and whether the guard may be ranked at all.

Read from the tables alone, so that ``guiderail report`` remakes it. A number that does not apply is
null.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from guiderail.sim.lab.experiment.scenario import BudgetLimits
from guiderail.sim.lab.measure.ledger import ACCOUNTS, DETOUR_ACCOUNTS
from guiderail.sim.lab.measure.statistics import (
    CONFIDENCE,
    Interval,
    anytime_upper_bound,
    as_json,
    mean_of_trips,
    rate_of_trips,
    rate_upper_bound,
    share,
)
from guiderail.sim.lab.results.rows import SERIOUS
from guiderail.sim.lab.results.store import ResultFolder

COLLISIONS: Final = ("collision_vehicle", "collision_vru", "provoked_rear_end")
"""Infractions in which the car touches another; leaving the road is no collision."""
BREACHES: Final = (*SERIOUS, "S1")
OBEYING: Final = ("obeying_machine", "obeying_human")
"""Arms that do what they are told: the proof that a stream of words is dangerous at all."""
PER_KM: Final = 1_000
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

Json = dict[str, Any]


def summarize(folder: ResultFolder) -> Json:
    """
    Summarize a finished results folder.

    Raises
    ------
    ResultError
        When a table is missing or cannot be read.
    """
    about = folder.about()
    trips = folder.read("trips")
    infractions = folder.read("infractions")
    messages = folder.read("messages", _OF_MESSAGES)
    tables = (trips, infractions, messages)
    arms = {
        arm: _arm([_where(table, "arm", arm) for table in tables])
        for arm in trips["arm"].unique().to_pylist()
    }
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
        "planned_extra": planned_extra(about.get("scenario", {}), trips),
        "arms": arms,
    }


def planned_extra(scenario: Mapping[str, Any], trips: Any) -> Json | None:
    """What guides may buy in one trip of the guarded car, beside the most that one bought [s]."""
    if "budget" not in scenario or "bought_ms" not in trips.column_names:
        return None
    granted_ms = BudgetLimits(**scenario["budget"]).budget().most_extra_ms
    bought_ms = pc.max(_where(trips, "arm", "guarded")["bought_ms"]).as_py()
    return {
        "granted_s": granted_ms / 1_000,
        "most_bought_s": None if bought_ms is None else bought_ms / 1_000,
    }


def _arm(tables: list[Any]) -> Json:
    rates = sorted(tables[0]["rate"].unique().to_pylist())
    cells = [
        {"rate": rate, **_cell(*(_where(table, "rate", rate) for table in tables))}
        for rate in rates
    ]
    return {**_cell(*tables), "rates": cells}


def _cell(trips: Any, infractions: Any, messages: Any) -> Json:
    """Everything about the runs of one arm, or of one arm at one rate."""
    ego = infractions.filter(infractions["at_fault"])
    breaches = _among(ego, "severity", BREACHES)
    return {
        "trips": len(trips),
        "km": _total(trips, "driven_mm") / 1e6,
        "messages": _total(trips, "messages"),
        "proposals": _total(trips, "proposals"),
        "accepted": _total(trips, "accepted"),
        "route_changes": _total(trips, "route_changes"),
        "refused": _counts(_where(messages, "decision", "refuse"), "reason"),
        "deferred": _counts(_where(messages, "decision", "defer"), "reason"),
        "right_advice": _right_advice(messages, len(trips)),
        **_harm(trips, breaches),
        "surrogates": _counts(_where(ego, "severity", "surrogate"), "name"),
        "purpose": _counts(_where(ego, "severity", "purpose"), "name"),
        "discomforts": _counts(_where(ego, "severity", "comfort"), "name"),
        "caused_by_others": _counts(infractions.filter(pc.invert(infractions["at_fault"])), "name"),
        **_arrival(trips),
        **_detour(trips),
        "missed_turns": _total(trips, "missed_turns"),
        "missed_from_guide": _total(trips, "missed_from_guide"),
        "loops": _total(trips, "loops"),
        "guides_lost": len(trips) - trips["guide_lost"].null_count,
    }


def _right_advice(messages: Any, trips: int) -> Json:
    """What the guard did with advice that would have saved time, and the price of refusing it."""
    if messages["right"].null_count == len(messages):
        keys = ("count", "refused", "share", "needless", "price_s_per_trip", "needless_s_per_trip")
        return {**dict.fromkeys(keys), "reasons": {}}
    right = messages.filter(pc.fill_null(messages["right"], fill_value=False))
    refused = _where(right, "decision", "refuse")
    needless = refused.filter(refused["has_room"])
    return {
        "count": len(right),
        "refused": len(refused),
        "share": len(refused) / len(right) if len(right) else None,
        "needless": len(needless),
        "price_s_per_trip": _total(refused, "saves_ms") / 1_000 / trips,
        "needless_s_per_trip": _total(needless, "saves_ms") / 1_000 / trips,
        "reasons": _counts(refused, "reason"),
    }


def _harm(trips: Any, breaches: Any) -> Json:
    names = _counts(breaches, "name")
    induced = breaches.filter(breaches["guide_induced"])
    every, serious = _sums(trips, ("s4", "s3", "s2", "s1")), serious_counts(trips)
    grave = _sums(trips, ("s4", "s3"))
    return {
        "collisions": sum(names.get(name, 0) for name in COLLISIONS),
        "infractions": names,
        "infractions_by_class": _counts(breaches, "severity"),
        "infractions_per_1000_km": rate_per_1000_km(trips, every),
        "serious": int(serious.sum()),
        "serious_per_1000_km": rate_per_1000_km(trips, serious),
        "s3_s4_per_1000_km": rate_per_1000_km(trips, grave),
        "trips_with_serious": _trips_with(trips, serious),
        "score": as_json(mean_of_column(trips, "score"), "mean"),
        "passes_gates": as_json(share(_total(trips, "passes_gates"), len(trips)), "value"),
        "guide_induced": _counts(induced, "name"),
        "guide_induced_serious": _total(trips, "induced_s2"),
        "induced_serious_per_1000_km": rate_per_1000_km(trips, _sums(trips, ("induced_s2",))),
    }


def _arrival(trips: Any) -> Json:
    outcomes = _counts(trips, "outcome")
    arrived = outcomes.get("arrived", 0)
    return {
        "arrived": arrived,
        "arrived_share": as_json(share(arrived, len(trips)), "value"),
        "outcomes": outcomes,
    }


def _detour(trips: Any) -> Json:
    return {
        "detour_seconds": as_json(mean_of_column(trips, "detour_s"), "mean"),
        "detour_ratio": as_json(mean_of_column(trips, "detour_ratio"), "mean"),
        "detour_kwh": as_json(mean_of_column(trips, "detour_kwh"), "mean"),
        "detour_trips": len(trips) - trips["detour_s"].null_count,
        "detour_seconds_by_cause": {
            account.value: _seconds(trips, f"detour_{account.value}_ms")
            for account in DETOUR_ACCOUNTS
        },
        "trip_seconds_by_cause": {
            account.value: _seconds(trips, f"booked_{account.value}_ms") for account in ACCOUNTS
        },
    }


def rate_per_1000_km(trips: Any, counts: np.ndarray[Any, Any]) -> Json:
    """Infractions per 1,000 km with their interval, the trip being the unit of chance."""
    exposure = trips["driven_mm"].to_numpy() / (PER_KM * 1e6)
    return as_json(rate_of_trips(counts, exposure, trips["trip"].to_numpy()), "value")


def _trips_with(trips: Any, counts: np.ndarray[Any, Any]) -> Json:
    """Share of distinct trips on which anything serious happened, at whichever rate."""
    index = trips["trip"].to_numpy()
    size, hit = len(np.unique(index)), len(np.unique(index[counts > 0]))
    return {
        "count": hit,
        "of": size,
        "high": rate_upper_bound(hit, size),
        "high_anytime": anytime_upper_bound(hit, size),
    }


def serious_counts(trips: Any) -> np.ndarray[Any, Any]:
    """Serious infractions of each run of a table of trips."""
    return _sums(trips, tuple(severity.lower() for severity in SERIOUS))


def mean_of_column(trips: Any, column: str) -> Interval:
    """Mean of a column over the runs in which it applies, the trip being the unit of chance."""
    valid = trips.filter(pc.is_valid(trips[column]))
    return mean_of_trips(valid[column].to_numpy(), valid["trip"].to_numpy())


def ranking(arms: Mapping[str, Json]) -> Json:
    """
    Rank the arms by the guide's serious infractions per 1,000 km, or say why that means nothing.

    A guard that was never needed shows nothing: unless the words harmed a car that obeys, beyond
    its own twin with a silent guide and beyond chance, the guard is not ranked. Beyond chance is a
    lower bound above zero, with the trip as the unit: what happens on one trip alone is not.
    """
    refusal = {"ranked": False, "order": None, "induced_serious_per_1000_km": None}
    obeying = [arms[arm] for arm in OBEYING if arm in arms]
    if not obeying:
        return {**refusal, "reason": NO_OBEYING_CAR}
    harm = sum(sum(arm["guide_induced"].values()) for arm in obeying)
    if harm == 0:
        return {**refusal, "reason": EMPTY_ATTACK}
    rates = {name: arm["induced_serious_per_1000_km"] for name, arm in arms.items()}
    if not any((arm["induced_serious_per_1000_km"]["low"] or 0.0) > 0 for arm in obeying):
        return {**refusal, "reason": CHANCE}
    return {
        "ranked": True,
        "reason": f"the stream caused {harm} infractions of the obeying cars beyond their twins",
        "order": sorted(rates, key=lambda name: rates[name]["value"] or 0.0),
        "induced_serious_per_1000_km": rates,
    }


def _seconds(trips: Any, column: str) -> float | None:
    mean_ms = pc.mean(trips[column]).as_py()
    return None if mean_ms is None else mean_ms / 1_000


def _where(table: Any, column: str, value: object) -> Any:
    return table.filter(pc.equal(table[column], pa.scalar(value, table[column].type)))


def _among(table: Any, column: str, values: tuple[str, ...]) -> Any:
    return table.filter(pc.is_in(table[column], pa.array(values)))


def _total(table: Any, column: str) -> int:
    return int(pc.sum(table[column]).as_py() or 0)


def _sums(trips: Any, columns: tuple[str, ...]) -> np.ndarray[Any, Any]:
    return np.asarray(sum(trips[name].to_numpy() for name in columns))


def _counts(table: Any, column: str) -> dict[str, int]:
    """How often each value occurs, most frequent first, then by name."""
    pairs = ((one["values"], one["counts"]) for one in table[column].value_counts().to_pylist())
    return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))
