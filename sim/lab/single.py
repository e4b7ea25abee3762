"""One trip on the command line: its measures, its story, its map."""

import json
from collections import Counter
from pathlib import Path

from rich import box
from rich.table import Table

from guiderail.sim.contract.messages import Decision
from guiderail.sim.lab import metrics, store
from guiderail.sim.lab.geojson import trip_geojson
from guiderail.sim.lab.ledger import DETOUR_ACCOUNTS
from guiderail.sim.lab.rows import Row, trip_row
from guiderail.sim.lab.run import Laboratory, RunResult
from guiderail.sim.lab.scenario import Scenario
from guiderail.sim.lab.screen import say, screen
from guiderail.sim.lab.story import printable, tell
from guiderail.sim.lab.sweep import run_name


def run_single(scenario: Scenario, trip: int, *, story: bool, geojson: Path | None) -> None:
    """
    Run one trip of a scenario that names one arm and one rate, and print it.

    Parameters
    ----------
    scenario
        The scenario; its first arm and first rate are run.
    trip
        Index of the trip, from 0.
    story
        Whether to tell the trip in sentences.
    geojson
        File to write the trip to; None for none.

    Raises
    ------
    GuiderailError
        When anything named does not exist, or the file cannot be written.
    """
    laboratory = Laboratory(scenario)
    network = laboratory.network
    result = laboratory.one(trip, scenario.arms[0], scenario.rates[0])
    name = run_name(scenario, network.header, laboratory.program)
    if geojson is not None:
        content = trip_geojson(result, network, name)
        store.write_text(geojson, json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n")
    console = screen()
    lines = tell(result, network) if story else []
    for line in lines:
        say(console, line)
    console.print(measures_table(result))
    if geojson is not None:
        say(console, f"GeoJSON: {geojson}")


def measures_table(result: RunResult) -> Table:
    """Measures of one run in two columns."""
    row = trip_row(result)
    refused = metrics.answers(result.run.trace, Decision.REFUSE)
    found = Counter(
        f"{one.kind.value} ({one.severity.value}{', by guide' if result.is_induced(one) else ''})"
        for one in result.run.judgement.infractions
    )
    table = Table(box=box.SIMPLE_HEAD, show_header=False)
    for name, value in (
        ("arm, guide, rate", f"{row['arm']}, {row['guide']}, {row['rate']:g}"),
        ("trip", f"{row['trip']} to {printable(row['goal_name'])}"),
        ("outcome", f"{row['outcome']} after {row['time_ms'] / 1_000:.1f} s"),
        ("driven", f"{row['driven_mm'] / 1e6:.3f} km"),
        ("detour against no guide", _or_dash(row["detour_s"], "+.1f", " s")),
        ("of it", _causes(row)),
        ("driven / shortest length", _or_dash(row["detour_ratio"], ".3f", "")),
        ("messages, accepted", f"{row['messages']}, {row['accepted']}"),
        ("refused", ", ".join(f"{k.value} {n}" for k, n in refused.most_common()) or "none"),
        ("missed turns, loops", f"{row['missed_turns']}, {row['loops']}"),
        (
            "judge",
            ", ".join(f"{name} {count}" for name, count in found.items()) or "nothing to report",
        ),
        ("digest of the trace", row["digest"]),
    ):
        table.add_row(name, value)
    return table


def _causes(row: Row) -> str:
    """Where the detour went, largest part first; the parts add up to it."""
    parts = {one.value: row[f"detour_{one.value}_ms"] for one in DETOUR_ACCOUNTS}
    known = [(name, ms) for name, ms in parts.items() if ms]
    known.sort(key=lambda part: -abs(part[1]))
    return ", ".join(f"{name} {ms / 1_000:+.1f}" for name, ms in known) or "-"


def _or_dash(value: float | None, form: str, unit: str) -> str:
    return "-" if value is None else f"{value:{form}}{unit}"
