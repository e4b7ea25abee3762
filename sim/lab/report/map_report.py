"""What a map holds, for a person and for a program."""

import json
from typing import Any, Final

from rich import box
from rich.table import Table

from guiderail.maps.facts import summary
from guiderail.maps.network import RoadNetwork
from guiderail.sim.lab.experiment.provenance import credit
from guiderail.sim.lab.report.screen import say, screen
from guiderail.sim.lab.report.story import printable

_MOST: Final = 8
"""Categories of places that are listed; JSON has all of them."""
_LOSSES: Final = {
    "signals_unresolved": "signals that rule no approach beyond doubt",
    "signs_unresolved": "signs that rule no approach beyond doubt",
    "places_too_far": "places too far from any street",
    "closed_ways": "ways closed to this car",
    "no_through_ways": "ways closed to through traffic, kept open",
    "defaulted_speeds": "ways without a speed limit: that of their class",
    "missing_nodes": "nodes of ways that the source lacks",
    "barriers": "barriers that no car passes",
    "conditional_ways": "ways with a rule by the clock, ignored",
}


def print_json(network: RoadNetwork) -> None:
    """Print the summary as JSON."""
    say(screen(), json.dumps(summary(network), indent=2, ensure_ascii=False))


def print_summary(network: RoadNetwork) -> None:
    """Print the summary as a table, losses in words."""
    facts = summary(network)
    table = Table(box=box.SIMPLE_HEAD, show_header=False)
    table.add_column()
    table.add_column(overflow="fold")
    for name, value in _facts(facts):
        table.add_row(name, value)
    console = screen()
    console.print(table)
    for line in _lost(facts):
        say(console, line)
    say(console, credit(network.header) + ".")


def _facts(facts: dict[str, Any]) -> list[tuple[str, str]]:
    rules, approaches = facts["restrictions"], facts["approaches"]
    fates = ", ".join(f"{fate.replace('_', ' ')} {_number(n)}" for fate, n in rules.items())
    source = f"{printable(facts['source'] or 'unknown')}, data of {facts['data_date'] or '?'}"
    return [
        ("map", printable(facts["name"])),
        ("source", source),
        ("source sha256", facts["source_sha256"] or "-"),
        ("traffic", f"on the {facts['driving_side']}"),
        ("nodes, links", f"{facts['nodes']:,}, {facts['links']:,}"),
        ("links in the drivable world", f"{facts['links_in_world']:,}"),
        ("center lines", "-" if facts["km"] is None else f"{facts['km']:,.1f} km"),
        ("turns, legal and illegal", f"{facts['turns']:,}, {facts['illegal_turns']:,}"),
        ("signals in the source", _number(facts["signals"])),
        ("approaches ruled", ", ".join(f"{name} {n:,}" for name, n in approaches.items())),
        ("turn restrictions", fates),
        ("motorway and trunk exits", f"{facts['exits']:,}"),
        ("places", f"{facts['places']:,}{_most(facts['categories'])}"),
    ]


def _lost(facts: dict[str, Any]) -> list[str]:
    return [
        f"Note: {facts['losses'][name]:,} {words}."
        for name, words in _LOSSES.items()
        if facts["losses"][name]
    ]


def _most(categories: dict[str, int]) -> str:
    words = ", ".join(f"{printable(name)} {n:,}" for name, n in list(categories.items())[:_MOST])
    return f": {words}, ..." if len(categories) > _MOST else f": {words}" if words else ""


def _number(count: int | None) -> str:
    return "?" if count is None else f"{count:,}"
