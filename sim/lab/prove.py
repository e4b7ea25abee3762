"""The command ``guiderail prove``: run the proof, compare with what is pinned, write it down."""

from pathlib import Path
from time import monotonic

from guiderail.sim.lab import store
from guiderail.sim.lab.screen import say, screen
from guiderail.sim.proof import prove as proof_
from guiderail.sim.proof.page import proof_page


def run_proof(workers: int, json_file: Path | None, page: Path | None, *, blesses: bool) -> bool:
    """
    Prove, tell, and write.

    Returns
    -------
    Whether everything was as it must be, the pinned counts included.
    """
    console = screen()
    start = monotonic()
    proof = proof_.prove(
        workers, lambda line: say(console, f"{monotonic() - start:5.1f} s: {line}")
    )
    troubles = proof.troubles()
    if blesses:
        say(console, f"counts pinned in {proof_.bless(proof).name}")
    elif proof.counts() != proof_.pinned():
        troubles.append(
            "counts differ from the pinned ones; guiderail prove --bless pins them anew"
        )
    found = proof.as_json()
    if json_file is not None:
        store.write_json(json_file, found)
    if page is not None:
        store.write_text(page, proof_page(proof))
    lemmas, faults = found["lemmas"], found["seeded_faults"]
    shares = ", ".join(f"{kind} {share:.4f}" for kind, share in found["permissiveness"].items())
    broken = found["violations"]
    convicted = sum(bool(one["violations"]) for one in found["obeying"].values())
    harm = f"{broken['obeying']:,} at {convicted} of {len(found['obeying'])} kinds of junctions"
    lines = [
        f"search: {found['states']:,} states, {found['transitions']:,} transitions",
        f"violations: guarded {broken['guarded']}, obeying {harm}",
        f"lemmas: {lemmas['total']}, z3 agrees with {lemmas['z3']}, cvc5 with {lemmas['cvc5']}",
        f"edge: {found['boundary_states']:,} states, {found['boundary_states_lost']} lost",
        f"permissiveness: {shares}",
        f"planted faults: {faults['refuted']} of {faults['total']} refuted",
        f"assumptions: {sum(proof.assumptions.values())} of {len(proof.assumptions)} alarms sound",
    ]
    for line in (*lines, *troubles):
        say(console, line)
    return not troubles
