"""One trip on the command line: its measures, its story, its map."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

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
from guiderail.sim.lab.report.screen import say, screen
from guiderail.sim.lab.report.story import printable, tell


def print_trip(result: RunResult, laboratory: Laboratory, *, story: bool) -> None:
    """Print what came of one run, told in sentences first if ``story``."""
    console = screen()
    for line in tell(result, laboratory.network) if story else ():
        say(console, line)
    console.print(measures_table(result))
    if result.run.arm == GUARDED:
        console.print(bound_table(result, laboratory))


def print_arms(results: Sequence[RunResult], network: RoadNetwork, *, story: bool) -> None:
    """Print the arms of one trip beside each other, each told first if ``story``."""
    console = screen()
    for result in results if story else ():
        for line in (*tell(result, network), ""):
            say(console, line)
    console.print(arms_table(results))


def arms_table(results: Sequence[RunResult]) -> Table:
    """What came of one trip, one column per arm."""
    planned = results[0].run.planned
    title = f"Trip {planned.index} to {printable(planned.trip.goal_name)}, the same for all arms"
    table = Table("", title=title, box=box.SIMPLE_HEAD, title_justify="left")
    for result in results:
        table.add_column(result.run.arm, justify="right")
    for name, tell_one in _BESIDE.items():
        table.add_row(name, *(tell_one(result) for result in results))
    return table


def _broken(result: RunResult) -> str:
    found = Counter(one.kind for one in result.run.judgement.breaches)
    return ", ".join(f"{kind} {count}" for kind, count in found.items()) or "none"


_BESIDE: Final[dict[str, Callable[[RunResult], str]]] = {
    "outcome": lambda result: str(result.run.trace.outcome),
    "time in s": lambda result: f"{result.run.trace.end_ms / 1_000:.1f}",
    "driven in km": lambda result: f"{result.run.judgement.driven_mm / 1e6:.3f}",
    "detour in s": lambda result: _or_dash(metrics.DETOUR_S.of(result), "+.1f", ""),
    "messages": lambda result: f"{metrics.MESSAGES.of(result)}",
    "accepted": lambda result: f"{metrics.ACCEPTED.of(result)}",
    "missed turns": lambda result: f"{metrics.missed_turns(result.run.trace)}",
    "infractions": _broken,
}


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
