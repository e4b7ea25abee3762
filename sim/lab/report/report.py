"""
What a person reads: tables in 100 columns, a CSV file, and where to look next.

Everything is remade from the result tables, so an old folder can be reported anew.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any, Final

import pyarrow.compute as pc
from rich import box
from rich.table import Table

from guiderail.sim.lab.experiment.provenance import credit
from guiderail.sim.lab.experiment.run import GUARDED, NO_GUIDE
from guiderail.sim.lab.report.figure import draw_headline
from guiderail.sim.lab.report.screen import say, screen
from guiderail.sim.lab.results import store
from guiderail.sim.lab.results.store import ResultFolder
from guiderail.sim.lab.results.summary import Summary, summarize

SUMMARY, FIGURE, CELLS = "summary.json", "headline.png", "cells.csv"
ARRIVED_ONLY: Final = (
    "* detour and ratio of the trips that arrived; the others (crashed, given up) have none at all"
)
_KINDS_SHOWN: Final = 3
_KINDS_WIDTH: Final = 27
_REASONS_WIDTH: Final = 36
_CAUSES: Final = {
    "guide": ("guide",),
    "missed": ("missed_guided", "missed_own"),
    "closed": ("closure",),
    "lights": ("signal",),
    "yield": ("priority",),
    "queue": ("traffic",),
    "other": ("driving",),
}
"""Headings of the ledger, each with the accounts under it."""

Json = Mapping[str, Any]


def write_report(folder: ResultFolder) -> Summary:
    """
    Write summary, figure and CSV of a finished results folder.

    Raises
    ------
    ResultError
        When a table is missing or cannot be read, or the folder cannot be written.
    """
    summary = summarize(folder)
    store.write_json(folder.path / SUMMARY, summary)
    store.write_text(folder.path / CELLS, cells_csv(summary))
    draw_headline(summary, folder.path / FIGURE)
    return summary


def print_report(summary: Json, folder: ResultFolder) -> None:
    """Print the tables, the findings and where to look next."""
    console = screen()
    for line in (*heading(summary), ""):
        say(console, line)
    console.print(cost_table(summary))
    if any(_mark(cell) for _, cell, _ in _cells(summary)):
        say(console, f"{ARRIVED_ONLY}\n")
    console.print(ledger_table(summary))
    if any(cell["right_advice"]["count"] is not None for _, cell, _ in _cells(summary)):
        console.print(refusal_table(summary))
    console.print(harm_table(summary))
    for line in (*findings(summary), "", *next_steps(folder)):
        say(console, line)


def heading(summary: Json) -> list[str]:
    """Name the run, the map and the budget: a detour means little without what was granted."""
    lines = [f"Run {summary['run']}. {credit(summary['map'])}."]
    budget = summary["scenario"].get("budget")
    if budget:
        lines.append(
            f"The guarded car grants the guide {budget['changes']} changes of the route and "
            f"{budget['extra_s']:g} s per trip."
        )
    bought = summary.get("planned_extra") or {}
    if bought.get("most_bought_s") is not None:
        lines.append(
            f"No guide can buy more than {bought['granted_s']:g} s of planned extra time in a trip;"
            f" the most that one bought is {bought['most_bought_s']:.1f} s."
        )
    return lines


def cost_table(summary: Json) -> Table:
    """What the words cost: detour, answers, missed turns; one row per arm and rate."""
    cost = ("arm", "rate", "trips", "arrived", "detour in s (95 %)", "ratio")
    talk = ("messages", "accepted", "refused", "missed")
    table = _table("What the words cost", (*cost, *talk))
    for name, cell, ends in _cells(summary):
        table.add_row(
            *(name, f"{cell['rate']:.0%}", f"{cell['trips']:,}"),
            _percent(cell["arrived"], cell["trips"]),
            interval(cell["detour_seconds"], "mean", "+.1f") + _mark(cell),
            _number(cell["detour_ratio"]["mean"], ".2f"),
            *(f"{cell[key]:,}" for key in ("messages", "accepted")),
            f"{sum(cell['refused'].values()):,}",
            f"{cell['missed_turns']:,}",
            end_section=ends,
        )
    return table


def ledger_table(summary: Json) -> Table:
    """Where the detour went: mean seconds per trip and cause; one row per guided arm and rate."""
    columns = ("arm", "rate", "trips", *_CAUSES, "detour")
    table = _table("Where the detour went, in s per trip (the causes add up to it)", columns)
    for name, cell, ends in _cells(summary):
        if name == NO_GUIDE:
            continue
        parts = cell["detour_seconds_by_cause"]
        table.add_row(
            *(name, f"{cell['rate']:.0%}", f"{cell['detour_trips']:,}"),
            *(_number(_sum(parts, accounts), "+.1f") for accounts in _CAUSES.values()),
            _number(cell["detour_seconds"]["mean"], "+.1f"),
            end_section=ends,
        )
    return table


def _sum(parts: Json, accounts: tuple[str, ...]) -> float | None:
    known = [parts[account] for account in accounts if parts[account] is not None]
    return sum(known) if known else None


def _mark(cell: Json) -> str:
    """Mark a mean that leaves out trips: those that did not arrive are the worst ones."""
    return "*" if cell["detour_trips"] < cell["trips"] else ""


def refusal_table(summary: Json) -> Table:
    """What the guard cost: right advice that it refused; one row per rate where any was priced."""
    columns = ("arm", "rate", "right advice", "refused", "share", "needless", "price in s")
    table = _table("What refusing right advice cost (planned time, s per trip)", columns)
    table.add_column("reasons", no_wrap=True, max_width=_REASONS_WIDTH)
    for name, cell, ends in _cells(summary):
        right = cell["right_advice"]
        if right["count"] is None:
            continue
        reasons = list(right["reasons"].items())[:_KINDS_SHOWN]
        table.add_row(
            *(name, f"{cell['rate']:.0%}"),
            *(f"{right['count']:,}", f"{right['refused']:,}"),
            _percent(right["refused"], right["count"]),
            f"{right['needless']:,}",
            f"{right['price_s_per_trip']:.1f}",
            ", ".join(f"{reason} {count}" for reason, count in reasons) or "-",
            end_section=ends,
        )
    return table


def harm_table(summary: Json) -> Table:
    """What the words break: collisions and infractions; one row per arm and rate."""
    columns = ("arm", "rate", "km", "crashes", "S2+", "induced", "S2+/1,000 km (95 %)")
    table = _table("What the words break (caused by ego; S2+ is worse than minor)", columns)
    table.add_column("most frequent", no_wrap=True, max_width=_KINDS_WIDTH)
    for name, cell, ends in _cells(summary):
        kinds = list(cell["infractions"].items())[:_KINDS_SHOWN]
        table.add_row(
            *(name, f"{cell['rate']:.0%}", f"{cell['km']:,.0f}"),
            *(f"{cell[key]:,}" for key in ("collisions", "serious", "guide_induced_serious")),
            rate_interval(cell["serious_per_1000_km"]),
            ", ".join(f"{kind} {count}" for kind, count in kinds) or "-",
            end_section=ends,
        )
    return table


def findings(summary: Json) -> list[str]:
    """Say the result in sentences; zero always with what it still allows."""
    lines = [f"{name}: {_finding(arm)}." for name, arm in summary["arms"].items()]
    ranking = summary["ranking"]
    lines.append(_verdict(ranking))
    lost = sum(arm["guides_lost"] for arm in summary["arms"].values())
    if lost:
        lines.append(
            f"Warning: on {lost} trips the guide raised an error and was silent from then on."
        )
    return lines


def _verdict(ranking: Json) -> str:
    if not ranking["ranked"]:
        return f"No ranking: {ranking['reason']}."
    rates = ranking["induced_serious_per_1000_km"]
    order = ", ".join(f"{name} {rate_interval(rates[name])}" for name in ranking["order"])
    return f"Serious infractions that are the guide's doing, per 1,000 km: {order}."


def _finding(arm: Json) -> str:
    rate, km = arm["serious_per_1000_km"], arm["km"]
    count, high = arm["serious"], _number(rate["high"], ",.1f")
    if count == 0:
        trips = arm["trips_with_serious"]
        return (
            f"0 serious infractions in {km:,.0f} km, so at most {high} per 1,000 km (95 %, runs "
            f"taken as independent); in {trips['of']:,} distinct trips, so in at most "
            f"{trips['high']:.1%} of them"
        )
    return (
        f"{count:,} serious infractions in {km:,.0f} km, {rate['value']:,.0f} per 1,000 km "
        f"({_number(rate['low'], ',.0f')} to {_number(rate['high'], ',.0f')})"
    )


def next_steps(folder: ResultFolder) -> list[str]:
    """Where the results lie, and the trip that is most worth reading."""
    lines = [f"Results: {folder.path / FIGURE} (figure), {SUMMARY}, {CELLS}, and Parquet tables."]
    worst = _worst_trip(folder)
    if worst is not None:
        lines.append(
            f"Read a trip: guiderail run --scenario {folder.path / store.SCENARIO} "
            f"--arm {worst['arm']} --rate {worst['rate']:g} --trip {worst['trip']} --story"
        )
    return lines


def _worst_trip(folder: ResultFolder) -> dict[str, Any] | None:
    """Find the worst trip; one of the guarded car goes before all others."""
    trips = folder.read("trips", ["arm", "rate", "trip", "induced_s2"])
    guarded = trips.filter(pc.equal(trips["arm"], GUARDED))
    trips = guarded if pc.max(guarded["induced_s2"]).as_py() else trips
    most = pc.max(trips["induced_s2"]).as_py()
    if not most:
        return None
    first: dict[str, Any] = (
        trips.filter(pc.equal(trips["induced_s2"], most)).slice(0, 1).to_pylist()[0]
    )
    return first


def interval(numbers: Json, middle: str, form: str) -> str:
    """Write a value with its interval; a dash where there is none."""
    value, low, high = numbers[middle], numbers["low"], numbers["high"]
    if value is None:
        return "-"
    if low is None or high is None:
        return f"{value:{form}}"
    ends = form.replace(".1f", ".0f")  # a bound needs no tenths
    return f"{value:{form}} ({low:{ends}} .. {high:{ends}})"


def rate_interval(numbers: Json) -> str:
    """Write a rate of events with its interval; none seen is shown as the upper bound."""
    if numbers["value"] == 0:
        return f"0 (< {numbers['high']:,.0f})"
    return interval(numbers, "value", ",.0f")


def cells_csv(summary: Json) -> str:
    """One line per arm and rate, every number in a column of its own."""
    rows = [{"arm": name, **flat(cell)} for name, cell, _ in _cells(summary)]
    keys = sorted({key for row in rows for key in row} - {"arm", "rate"})
    text = io.StringIO()
    writer = csv.DictWriter(text, ["arm", "rate", *keys], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def flat(cell: Json, prefix: str = "") -> dict[str, Any]:
    """Flatten nested numbers: ``{"a": {"b": 1}}`` becomes ``{"a.b": 1}``; null becomes empty."""
    row: dict[str, Any] = {}
    for key, value in cell.items():
        if isinstance(value, Mapping):
            row |= flat(value, f"{prefix}{key}.")
        else:
            row[prefix + key] = "" if value is None else value
    return row


def _cells(summary: Json) -> Iterable[tuple[str, Json, bool]]:
    """Every arm and rate, and whether it is the last one of its arm."""
    for name, arm in summary["arms"].items():
        for k, cell in enumerate(arm["rates"]):
            yield name, cell, k == len(arm["rates"]) - 1


def _table(title: str, columns: tuple[str, ...]) -> Table:
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", padding=(0, 0))
    for column in columns:
        table.add_column(column, justify="left" if column == "arm" else "right", no_wrap=True)
    return table


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else f"{value:{form}}"


def _percent(count: int, total: int) -> str:
    return f"{count / total:.0%}" if total else "-"
