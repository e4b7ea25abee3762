"""One trip on the command line: its measures, its story, its map."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.table import Table

from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.messages import Decision
from guiderail.sim.lab.experiment.run import GUARDED, Laboratory, RunResult
from guiderail.sim.lab.measure import metrics
from guiderail.sim.lab.measure.delay_bound import TOTAL_WORDS
from guiderail.sim.lab.measure.energy import DETOUR_KWH, ENERGY_KWH
from guiderail.sim.lab.measure.journey import DIGEST
from guiderail.sim.lab.measure.time_accounts import DETOUR_BY_CAUSE
from guiderail.sim.lab.report.geojson import trip_geojson
from guiderail.sim.lab.report.gif import write_gif
from guiderail.sim.lab.report.playback import map_drawing, trip_playback
from guiderail.sim.lab.report.player.page import player_page
from guiderail.sim.lab.report.screen import say, screen
from guiderail.sim.lab.report.story import printable, tell
from guiderail.sim.lab.results import store
from guiderail.sim.lab.results.sweep import run_name


@dataclass(frozen=True, kw_only=True)
class Files:
    """Where to write a trip to; None for nowhere."""

    geojson: Path | None = None
    html: Path | None = None
    gif: Path | None = None

    def named(self) -> list[tuple[str, Path]]:
        """What is written, by name."""
        named = (("GeoJSON", self.geojson), ("player", self.html), ("GIF", self.gif))
        return [(name, path) for name, path in named if path is not None]


def run_single(laboratory: Laboratory, trip: int, *, story: bool, files: Files) -> None:
    """
    Run one trip of a scenario that names one arm and one rate, and print it.

    Parameters
    ----------
    laboratory
        Its scenario's first arm and first rate are run.
    trip
        Index of the trip, from 0.
    story
        Whether to tell the trip in sentences.
    files
        Files to write the trip to.

    Raises
    ------
    GuiderailError
        When anything named does not exist, or the file cannot be written.
    """
    scenario, network = laboratory.scenario, laboratory.network
    result = laboratory.one(trip, scenario.arms[0], scenario.rates[0])
    name = run_name(scenario, network.header, laboratory.program)
    _write(files, result, network, name)
    console = screen()
    lines = tell(result, network) if story else []
    for line in lines:
        say(console, line)
    console.print(measures_table(result))
    if result.run.arm == GUARDED:
        console.print(bound_table(result, laboratory))
    for kind, path in files.named():
        say(console, f"{kind}: {path}")


def _write(files: Files, result: RunResult, network: RoadNetwork, name: str) -> None:
    if files.geojson is not None:
        content = trip_geojson(result, network, name)
        text = json.dumps(content, ensure_ascii=False, allow_nan=False)
        store.write_text(files.geojson, text + "\n")
    if files.html is not None:
        store.write_text(files.html, player_page([result], network, name))
    if files.gif is not None:
        write_gif(files.gif, trip_playback(result, network), map_drawing(network))


def measures_table(result: RunResult) -> Table:
    """Measures of one run in two columns."""
    run = result.run
    refused = metrics.answers(result.run.trace, Decision.REFUSE)
    found = Counter(
        f"{one.kind} ({one.severity.value}{', by guide' if result.is_induced(one) else ''})"
        for one in result.run.judgement.infractions
    )
    table = Table(box=box.SIMPLE_HEAD, show_header=False)
    for name, value in (
        ("arm, guide, rate", f"{run.arm}, {run.guide}, {run.rate:g}"),
        ("trip", f"{run.planned.index} to {printable(run.planned.trip.goal_name)}"),
        ("outcome", f"{run.trace.outcome} after {run.trace.end_ms / 1_000:.1f} s"),
        ("driven", f"{run.judgement.driven_mm / 1e6:.3f} km"),
        ("detour against no guide", _or_dash(metrics.DETOUR_S.of(result), "+.1f", " s")),
        ("of it", _causes(result)),
        ("driven / shortest length", _or_dash(metrics.DETOUR_RATIO.of(result), ".3f", "")),
        ("energy", f"{ENERGY_KWH.of(result):.3f} kWh"),
        ("of it beyond no guide", _or_dash(DETOUR_KWH.of(result), "+.3f", " kWh")),
        ("messages", str(metrics.MESSAGES.of(result))),
        (
            "accepted",
            f"{metrics.ACCEPTED.of(result)}, {metrics.ROUTE_CHANGES.of(result)} with a new route",
        ),
        ("refused", ", ".join(f"{k.value} {n}" for k, n in refused.most_common()) or "none"),
        *_troubles(result),
        ("missed turns, loops", f"{metrics.missed_turns(run.trace)}, {metrics.loops(run.trace)}"),
        (
            "judge",
            ", ".join(f"{name} {count}" for name, count in found.items()) or "nothing to report",
        ),
        ("digest of the trace", DIGEST.of(result)),
    ):
        table.add_row(name, value)
    return table


def bound_table(result: RunResult, laboratory: Laboratory) -> Table:
    """Worst case of this trip under any guide, beside what came of it."""
    planned, trace = result.run.planned, result.run.trace
    bound = laboratory.bound(planned)
    limits, bought_ms = bound.limits, metrics.bought_ms(trace)
    delay_s = (trace.end_ms - planned.free_flow_ms) / 1_000
    table = Table(box=box.SIMPLE_HEAD, show_header=False, title="Worst case of any guide")
    for name, value in (
        ("planned extra time", f"{bought_ms / 1_000:.1f} s bought"),
        ("no guide can exceed", f"{bound.granted_ms / 1_000:.1f} s"),
        ("turn by turn it can reach", f"{bound.turns_ms / 1_000:.3f} s"),
        ("delay beyond free flow", f"{delay_s:.1f} s"),
        ("it could be at most", f"{bound.total_ms / 1_000:,.0f} s, {TOTAL_WORDS}"),
        (
            "worst means",
            (
                f"lights hold at most {limits.signal_ms // 1_000} s, gaps come within "
                f"{limits.yield_ms // 1_000} s, a link costs at most "
                f"{limits.link_ms // 1_000} s more, {limits.misses} miss per change"
            ),
        ),
    ):
        table.add_row(name, value)
    return table


def _troubles(result: RunResult) -> list[tuple[str, str]]:
    """Faults of the guide and messages that could not be read, where there are any."""
    labels = Counter(
        one.advice.label
        for one in metrics.heard(result.run.trace)
        if one.advice.label.startswith(("fault:", "malformed:"))
    )
    rows = [("not understood", ", ".join(f"{name} {n}" for name, n in labels.most_common()))]
    rows += [("guide lost", printable(result.run.lost))]
    return [(name, text) for name, text in rows if text]


def _causes(result: RunResult) -> str:
    """Where the detour went, largest part first; the parts add up to it."""
    parts = {one.value: measure.of(result) for one, measure in DETOUR_BY_CAUSE.items()}
    known = [(name, ms) for name, ms in parts.items() if ms]
    known.sort(key=lambda part: -abs(part[1]))
    return ", ".join(f"{name} {ms / 1_000:+.1f}" for name, ms in known) or "-"


def _or_dash(value: float | None, form: str, unit: str) -> str:
    return "-" if value is None else f"{value:{form}}{unit}"
