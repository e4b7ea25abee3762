"""The command ``guiderail prove``: run the proof, compare with what is pinned, write it down."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from guiderail.sim.lab.report.screen import say, screen
from guiderail.sim.lab.results import store
from guiderail.sim.lab.studies.hostile.non_interference import compare_many
from guiderail.sim.proof import prove as proof_
from guiderail.sim.proof.page import proof_page


def run_proof(
    workers: int,
    json_file: Path | None,
    page: Path | None,
    *,
    blesses: bool,
    asks_storm: bool = False,
) -> bool:
    """
    Prove, tell, and write.

    Returns
    -------
    Whether everything was as it must be, the pinned counts included.
    """
    console = screen()
    start = monotonic()
    proof = proof_.prove(
        workers,
        lambda line: say(console, f"{monotonic() - start:5.1f} s: {line}"),
        asks_storm=asks_storm,
    )
    streams = compare_many(workers=workers)
    troubles = [*proof.troubles(), *streams.troubles()]
    if blesses:
        say(console, f"counts pinned in {proof_.bless(proof).name}")
    elif not proof.is_as_pinned:
        troubles.append(
            "counts differ from the pinned ones; guiderail prove --bless pins them anew"
        )
    found = {**proof.as_json(), "non_interference": streams.as_json(), "troubles": troubles}
    lines = list(_lines(found))
    if json_file is not None:
        store.write_json(json_file, found)
    if page is not None:
        store.write_text(page, proof_page(proof, troubles, lines))
    for line in (*lines, *troubles, *_ways(found["counterexamples"]["guarded"])):
        say(console, line)
    return not troubles


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Tell the figures in short."""
    lemmas, faults = found["lemmas"], found["seeded_faults"]
    shares = ", ".join(f"{kind} {share:.4f}" for kind, share in found["permissiveness"].items())
    broken = found["violations"]
    convicted = sum(bool(one["violations"]) for one in found["obeying"].values())
    harm = f"{broken['obeying']:,} at {convicted} of {len(found['obeying'])} kinds of junctions"
    alarms, streams = found["assumptions"], found["non_interference"]
    yield from (
        f"search: {found['states']:,} states, {found['transitions']:,} transitions",
        f"violations: guarded {broken['guarded']}, obeying {harm}",
        f"lemmas: {lemmas['total']}, z3 agrees with {lemmas['z3']}, cvc5 with {lemmas['cvc5']}",
        f"edge: {found['boundary_states']:,} states, {found['boundary_states_lost']} lost",
        f"permissiveness: {shares}",
        f"planted faults: {faults['refuted']} of {faults['total']} refuted",
        f"assumptions: {sum(alarms.values())} of {len(alarms)} alarms sound",
        f"refused streams: {streams['streams']:,}, {streams['left_a_trace']} left a trace",
    )
    if found["storm"]:
        yield from _storm_lines(found["storm"])


def _storm_lines(found: Mapping[str, Any]) -> Iterator[str]:
    broken, planted = found["pmax_violation"], found["planted"]
    obeying = min(broken["obeying"].values())
    yield (
        f"Storm: {found['states']:,} states, {found['transitions']:,} transitions; "
        f"P(violation) guarded {broken['guarded']:g}, obeying {obeying:.3g}; "
        f"P(arrival) {found['pmin_arrival']:g}; "
        f"planted mistakes: {planted['refuted']} of {planted['total']} refuted"
    )
    for kind, times in found["worst_time_s"].items():
        yield f"Storm, {kind}: worst time {', '.join(f'{time:.1f}' for time in times)} s"


def _ways(examples: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """How the guarded car was broken, if it was."""
    for kind, told in examples.items():
        if told:
            yield f"{kind}, how it was broken:"
            yield from told
