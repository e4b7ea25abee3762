"""
The faulty-guard laboratory: where the claim that the worst case is a detour ends.

The same trips and words at growing levels of one latent fault of the driving layer. Beside the
share of trips with a serious infraction stands how many clean trips a tester of that car would have
seen first: that many prove nothing.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow.compute as pc
from rich import box
from rich.table import Table

from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.lab.experiment.provenance import credit
from guiderail.sim.lab.experiment.run import GUARDED, NO_GUIDE
from guiderail.sim.lab.experiment.scenario import Scenario, make_scenario
from guiderail.sim.lab.measure.statistics import Interval, as_rate, share
from guiderail.sim.lab.report.screen import say, screen
from guiderail.sim.lab.results import store
from guiderail.sim.lab.results.store import ResultFolder
from guiderail.sim.lab.results.summary import serious_counts
from guiderail.sim.lab.results.sweep import sweep
from guiderail.sim.lab.studies.faults.figure import draw_faults

LEVELS: Final[Mapping[str, tuple[float, ...]]] = {
    "miss": (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
    "late_s": (0.0, 0.2, 0.5, 1.0, 1.5, 2.0, 3.0),
    "friction_excess": (0.0, 0.25, 0.5, 1.0, 2.0, 4.0),
    "position_m": (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0),
    "stale_map": (0.0, 0.03, 0.1, 0.3, 1.0),
    "quality": (0.0, 0.01, 0.1, 1.0, 10.0, 100.0),
}
"""Faults by their key in a scenario's ``[faults]``, each with the levels to try."""
ARMS: Final = (NO_GUIDE, GUARDED, "obeying_machine")
"""The driver alone, under guard, and without one; all three have the faulty senses."""
HALF: Final = 0.5
ONE_IN_20: Final = 0.05
RESULT, FIGURE = "faults.json", "faults.png"

Json = dict[str, Any]


def fault_curve(
    scenario: Scenario, fault: str, levels: Sequence[float], out: Path, workers: int
) -> Json:
    """
    Sweep the levels of one fault, each in a results folder of its own, and write the curve.

    Parameters
    ----------
    scenario
        Trips, guide and rate; its arms are replaced, its other faults stay.
    fault
        A key of :data:`LEVELS`.
    levels
        In the unit of the scenario's key.
    out
        Folder for all of it; levels that are finished there are not run again.
    workers
        Processes to run in.

    Raises
    ------
    GuiderailError
        When a level is out of bounds or the folder cannot be used.
    """
    planned = {level: _at_level(scenario, fault, level) for level in sorted(set(levels))}
    folders = [
        (level, sweep(one, out / f"{fault}-{level:g}", workers)) for level, one in planned.items()
    ]
    points = [{"level": level, "arms": _arms(folder)} for level, folder in folders]
    about = folders[0][1].about()
    curve = {
        "fault": fault,
        "guide": scenario.guide,
        "rates": list(scenario.rates),
        "trips": scenario.trips,
        "map": about["map"],
        "points": points,
        "edge": edge_of(points),
    }
    store.write_json(out / RESULT, curve)
    draw_faults(curve, credit(curve["map"]), out / FIGURE)
    return curve


def levels_of(fault: str, text: str | None) -> tuple[float, ...]:
    """
    Levels as written on the command line, or the ladder of the fault.

    Raises
    ------
    ScenarioError
        When the fault is unknown or a level is no number.
    """
    if fault not in LEVELS:
        raise ScenarioError(f"no fault named {fault[:40]!r}; known: {', '.join(LEVELS)}")
    if text is None:
        return LEVELS[fault]
    try:
        return tuple(float(word) for word in text.split(","))
    except ValueError:
        raise ScenarioError(
            f"--levels {text[:60]!r} must be numbers with commas between, as in 0,0.1,0.3"
        ) from None


def _at_level(scenario: Scenario, fault: str, level: float) -> Scenario:
    values = scenario.model_dump(mode="json")
    return make_scenario(values | {"arms": ARMS, "faults": values["faults"] | {fault: level}})


def _arms(folder: ResultFolder) -> Json:
    trips = folder.read("trips", ["arm", "trip", "driven_mm", "s4", "s3", "s2"])
    return {arm: _arm(trips.filter(pc.equal(trips["arm"], arm))) for arm in ARMS}


def _arm(rows: Any) -> Json:
    """Runs with a serious infraction; those of several rates on one trip count each."""
    hit = int((serious_counts(rows) > 0).sum())
    found = share(hit, len(rows))
    return {
        "trips": len(rows),
        "km": (pc.sum(rows["driven_mm"]).as_py() or 0) / 1e6,
        "with_serious": hit,
        "share": as_rate(found),
        "clean_trips_half": clean_trips(found, HALF),
        "clean_trips_one_in_20": clean_trips(found, ONE_IN_20),
    }


def clean_trips(found: Interval, testers: float) -> int | None:
    """
    Clean trips in a row that this share of all testers would see before the first failure.

    Examples
    --------
    >>> clean_trips(share(1, 100), 0.5)  # 0.99 ** 68 = 0.505
    68
    """
    if not 0 < found.value < 1:
        return None if found.value == 0 else 0
    return math.floor(math.log(testers) / math.log1p(-found.value))


def edge_of(points: Sequence[Json]) -> Json:
    """Highest level below which the guarded car has nothing serious, and the first with it."""
    seen = [point["level"] for point in points if point["arms"]["guarded"]["with_serious"]]
    first = min(seen, default=None)
    clean = [point["level"] for point in points if first is None or point["level"] < first]
    return {"clean_up_to": max(clean, default=None), "first_seen_at": first}


def print_curve(curve: Json, out: Path) -> None:
    """Print the table, the edge and where the files are."""
    console = screen()
    console.print(curve_table(curve))
    say(console, "Clean trips first: so many, or more, half of all testers of the guarded car see.")
    say(console, edge_sentence(curve))
    say(console, f"Results: {out / FIGURE} (figure), {RESULT}, and a results folder per level.")


def curve_table(curve: Json) -> Table:
    """One row per level: runs with a serious infraction, of all, per arm."""
    title = f"Share of {curve['trips']:,} trips with a serious infraction (95 %)"
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", padding=(0, 1, 0, 0))
    for column in (curve["fault"], *ARMS, "clean trips first"):
        table.add_column(column, justify="right", no_wrap=True)
    for point in curve["points"]:
        arms = point["arms"]
        clean = arms["guarded"]["clean_trips_half"]
        fooled = "-" if clean is None else f"{clean:,}"
        table.add_row(f"{point['level']:g}", *(_share(arms[arm]) for arm in ARMS), fooled)
    return table


def _share(arm: Json) -> str:
    found, count = arm["share"], arm["with_serious"]
    if found["value"] is None:
        return "-"
    if count == 0:
        return f"0 (< {found['high']:.1%})"
    return f"{count / arm['trips']:.0%} ({found['low']:.0%} .. {found['high']:.0%})"


def edge_sentence(curve: Json) -> str:
    """Say up to where the claim was seen to hold, never that it holds."""
    edge, name = curve["edge"], curve["fault"]
    if edge["first_seen_at"] is None:
        return (
            f"Nothing serious under guard up to {name} {edge['clean_up_to']:g}; "
            "more trips or higher levels may show some."
        )
    if edge["clean_up_to"] is None:
        return f"Serious infractions under guard at {name} {edge['first_seen_at']:g} already."
    return (
        f"Nothing serious under guard up to {name} {edge['clean_up_to']:g}; "
        f"seen from {edge['first_seen_at']:g} on."
    )
