"""What ``guiderail falsify`` prints and writes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table

from guiderail.sim.lab.experiment.scenario import make_scenario
from guiderail.sim.lab.measure.statistics import rate_upper_bound
from guiderail.sim.lab.report.screen import say, screen
from guiderail.sim.lab.results import store
from guiderail.sim.lab.studies.hostile.search import Campaign, Range, falsify, load_script


def run_falsify(
    maps: Sequence[str], messages: int, trips: int, seed: int, out: Path | None
) -> bool:
    """
    Attack, tell, and write.

    Returns
    -------
    Whether the guarded car withstood: nothing serious that is the guide's doing, no bound broken.
    """
    console = screen()
    say(console, f"{messages:,} messages, chosen before, on {', '.join(maps)}")
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    found = []
    for one in falsify(tuple(maps), messages, trips, seed, out):
        found.append(one)
        say(console, f"{one.map}, {one.attacker}: {one.messages:,} messages, {one.trips} trips")
    console.print(campaign_table(found))
    result = outcome(found, messages)
    if out is not None:
        store.write_json(out / "falsify.json", result)
    for line in findings(result):
        say(console, line)
    return all(result[key] == 0 for key in ("over_granted", "over_bound", "guarded"))


def outcome(found: Sequence[Campaign], messages: int) -> dict[str, Any]:
    """Everything in one table of numbers."""
    counts = ("trips", "messages", "accepted", "guarded", "guarded_own", "obeying", "not_arrived")
    totals = {
        key: sum(getattr(one, key) for one in found)
        for key in (*counts, "over_granted", "over_bound")
    }
    return {
        "messages_chosen": messages,
        **totals,
        "guarded_per_trip_at_most": rate_upper_bound(totals["guarded"], totals["trips"]),
        "guarded_per_message_at_most": rate_upper_bound(totals["guarded"], totals["messages"]),
        "campaigns": [one.as_json() for one in found],
    }


def campaign_table(found: Sequence[Campaign]) -> Table:
    """One row per attacker and map."""
    head = ("map", "attacker", "trips", "messages", "accepted", "guarded", "obeying")
    table = Table(*head, "most bought s", "of worst, mean", "best", "delay s", box=box.SIMPLE_HEAD)
    for one in found:
        mean = sum(one.shares) / max(1, len(one.shares))
        table.add_row(
            one.map,
            one.attacker,
            *(f"{n:,}" for n in (one.trips, one.messages, one.accepted, one.guarded, one.obeying)),
            f"{one.most_bought_ms / 1_000:.1f}",
            f"{mean:.0%}",
            f"{one.most_share:.1%}",
            f"{one.most_delay_ms / 1_000:.0f}",
        )
    return table


def findings(result: dict[str, Any]) -> list[str]:
    """Say what was found, and what that supports."""
    trips, messages = f"{result['trips']:,} trips", f"{result['messages']:,} messages"
    per_trip = f"{result['guarded_per_trip_at_most']:.2e} per trip"
    per_message = f"{result['guarded_per_message_at_most']:.2e} per message"
    guarded = (
        f"guarded car: {result['guarded']} serious infractions by words in {trips}, {messages}"
    )
    own = f"its own, words or not: {result['guarded_own']}; not arrived: {result['not_arrived']}"
    over = (result["over_granted"], result["over_bound"])
    return [
        f"{guarded}; at most {per_trip}, {per_message} (95 %, fixed number)",
        own,
        f"obeying car under the same words: {result['obeying']} beyond its silent twin",
        f"bounds: {over[0]} trips bought more than granted, {over[1]} took longer than their bound",
    ]


def replay(path: Path) -> bool:
    """Drive a saved script again; whether the same happened, bit for bit."""
    saved, console = load_script(path), screen()
    trace, found = Range(make_scenario(saved["scenario"])).replay(saved)
    for one in found:
        say(console, f"{one.kind} ({one.severity.value}) at {one.time_ms / 1_000:.1f} s")
    is_same = trace.digest() == str(saved["digest"])
    say(console, "the same trace, bit for bit" if is_same else "another trace than was saved")
    return is_same
