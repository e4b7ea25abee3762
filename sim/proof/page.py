"""The proof as a page that a person can read: what was asked, what was found, what it rests on."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Final

from guiderail.sim.proof.assumptions import ASSUMPTIONS
from guiderail.sim.proof.faults import FAULTS
from guiderail.sim.proof.lemmas.lemmas import lemmas
from guiderail.sim.proof.properties import PROPERTIES
from guiderail.sim.proof.prove import CHANGES, Proof
from guiderail.sim.proof.search.explorer import Findings
from guiderail.sim.proof.search.spec import CLAUSES
from guiderail.sim.proof.second_model.storm import SecondModel

_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse;margin:1em 0}td,th{border-bottom:1px solid #ccc;"
    "padding:.2em .8em .2em 0;text-align:left;vertical-align:top}.bad{color:#a00}"
)
_OF_STORM: Final = (
    *("junction", "states", "P(violation), guarded", "obeying", "P(arrival)", "without a budget"),
    *("worst expected time for 0, 1, 2 ... changes, in s", "a word more costs, in s"),
)


def proof_page(proof: Proof, troubles: Sequence[str], lines: Sequence[str] = ()) -> str:
    """
    Write the page, complete in itself.

    Parameters
    ----------
    proof
        What was asked.
    troubles
        All that is not as it must be; none is a proof.
    lines
        The figures in short, for the top of the page.
    """
    verdict = "Every question was answered as it must be." if not troubles else "NOT PROVED."
    parts = [
        f"<h1>The guard of guiderail</h1><p><b>{verdict}</b></p>",
        _list([f"<span class=bad>{escape(text)}</span>" for text in troubles]),
        _list(escape(line) for line in lines),
        _searches(proof),
        _ways(proof),
        _section("Clauses of the specification", _docs(CLAUSES)),
        _section("Worst guide", _worst(proof)),
        _section("Lemmas", _lemmas(proof)),
        _section("Edge and shield", _edge(proof)),
        _section("Planted faults", _faults(proof)),
        _section("Properties", _docs(PROPERTIES)),
        _second_model(proof.second_model),
        _section("What is taken for granted", _assumptions(proof)),
    ]
    body = "\n".join(parts)
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Proof of the guard</title>"
        f"<style>{_STYLE}</style><body>\n{body}\n</body></html>\n"
    )


def _section(title: str, body: str) -> str:
    return f"<h2>{title}</h2>\n{body}"


def _list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    lines = (
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{top}</tr>{''.join(lines)}</table>"


def _docs(named: Mapping[str, object]) -> str:
    pairs = named.items()
    first = [(name, (one.__doc__ or "").strip().splitlines()[0]) for name, one in pairs]
    return _table(("name", "says"), first)


def _searches(proof: Proof) -> str:
    text = (
        f"<p>{proof.states:,} states and {proof.transitions:,} transitions of the guarded car were "
        f"searched, every word in every tick: {proof.violations(proof.guarded)} violations. "
        f"The car that obeys broke {proof.violations(proof.obeying):,} clauses in a small part "
        "of them.</p>"
    )
    rows: list[Sequence[object]] = [
        (
            kind,
            f"{one.states:,}",
            f"{one.transitions:,}",
            one.violations.total(),
            one.trapped,
            _harm(proof.obeying[kind]),
        )
        for kind, one in proof.guarded.items()
    ]
    head = ("junction", "states", "transitions", "violations", "trapped", "the obeying car")
    return _section("Search", text + _table(head, rows))


def _harm(found: Findings) -> str:
    """What the obeying car broke in the part that was searched."""
    broken = ", ".join(f"{name} {count:,}" for name, count in found.violations.most_common())
    return broken or f"nothing in the first {found.states:,} states"


def _ways(proof: Proof) -> str:
    """Shortest way to the first violation of each search that found one."""
    parts = [
        f"<h3>{escape(kind)}, the {car} car</h3><ol>"
        + "".join(f"<li>{escape(line)}</li>" for line in found.example)
        + "</ol>"
        for car, searches in (("guarded", proof.guarded), ("obeying", proof.obeying))
        for kind, found in searches.items()
        if found.example
    ]
    return _section("How it was broken", "\n".join(parts)) if parts else ""


def _worst(proof: Proof) -> str:
    head = ("junction", *(f"{k} changes, delay in s" for k in CHANGES))
    rows = [
        (kind, *(f"{w.delay_ms / 1_000:.1f}" for w in all_)) for kind, all_ in proof.worst.items()
    ]
    return _table(head, rows)


def _lemmas(proof: Proof) -> str:
    cvc5 = {answer.name: answer for answer in proof.cvc5}
    says = {lemma.name: lemma.says for lemma in lemmas()}
    rows = [
        (one.name, says[one.name], one.counterexample, cvc5[one.name].counterexample)
        for one in proof.z3
    ]
    return _table(("lemma", "says", "z3 (unsat: proved)", "cvc5"), rows)


def _edge(proof: Proof) -> str:
    looked, lost = proof.boundary
    text = f"<p>{looked:,} states on the edge of the rule, {lost} lost.</p>"
    rows = [(kind, f"{share:.2%}") for kind, share in proof.shares.items()]
    return text + _table(("junction", "share of the maximal shield that is accepted"), rows)


def _faults(proof: Proof) -> str:
    rows = [
        (one.part, one.name, one.refuted_by, "yes" if proof.faults[one.name] else "NO")
        for one in FAULTS
    ]
    return _table(("part", "fault", "property", "refuted"), rows)


def _second_model(second_model: SecondModel | None) -> str:
    title = "A second model, asked of Storm"
    if second_model is None:
        return _section(title, "<p>Not asked: <code>guiderail prove --storm</code> does.</p>")
    rows = [
        (
            kind,
            f"{one.states:,}",
            f"{one.guarded:g}",
            f"{one.obeying:.3g}: {', '.join(one.breaks)}",
            f"{one.arrives:g}",
            f"{one.unlimited:g}",
            ", ".join(f"{time:.1f}" for time in one.worst_time_s),
            f"{one.price_s:.1f}",
        )
        for kind, one in second_model.answers.items()
    ]
    planted = [(name, "yes" if found else "NO") for name, found in second_model.planted.items()]
    return _section(title, _table(_OF_STORM, rows) + _table(("planted", "refuted"), planted))


def _assumptions(proof: Proof) -> str:
    rows = [
        (one.says, one.alarm, "yes" if proof.assumptions[one.name] else "NO") for one in ASSUMPTIONS
    ]
    return _table(("assumption", "alarm", "sounds where it is broken"), rows)
