"""
Lemmas to SMT-LIB files and both solvers' answers to them.

A file asks twice: are the hypotheses satisfiable (else the lemma is vacuous), and is the claim ever
false under them. z3 made the files; cvc5 reads them as anybody else's solver would.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final

from guiderail.sim.contract.errors import KernelError
from guiderail.sim.proof.lemmas.lemmas import MISSING, Lemma, lemmas, solver

FOLDER: Final = resources.files("guiderail.sim.proof.lemmas").joinpath("smt2")
LIMIT_MS: Final = 20_000
"""A solver that needs longer has not proved it."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one solver says of one lemma."""

    name: str
    hypotheses: str
    """sat, unsat or unknown."""
    counterexample: str
    """unsat is a proof."""
    is_false: bool = False
    """Whether a counterexample is wanted."""

    @property
    def is_as_wanted(self) -> bool:
        """Proved and not vacuous; or refuted, where that is wanted."""
        wanted = "sat" if self.is_false else "unsat"
        return self.hypotheses == "sat" and self.counterexample == wanted


def ask_z3(stated: Iterable[Lemma] | None = None) -> list[Answer]:
    """Prove each lemma with z3."""
    z3 = solver()
    answers = []
    for lemma in lemmas() if stated is None else stated:
        prover = z3.Solver()
        prover.set("timeout", LIMIT_MS)
        prover.add(*lemma.hypotheses)
        hypotheses = str(prover.check())
        prover.add(z3.Not(lemma.claim))
        answers.append(
            Answer(
                name=lemma.name,
                hypotheses=hypotheses,
                counterexample=str(prover.check()),
                is_false=lemma.is_false,
            )
        )
    return answers


def ask_cvc5(texts: Iterable[tuple[str, str]] | None = None) -> list[Answer]:
    """
    Let cvc5 answer the committed files, or other texts by name.

    Raises
    ------
    KernelError
        When it is not installed.
    """
    try:
        import cvc5  # noqa: PLC0415
    except ImportError:
        raise KernelError(MISSING) from None
    pairs = committed() if texts is None else texts
    return [_cvc5_answer(cvc5, name, text) for name, text in pairs]


def _cvc5_answer(cvc5: Any, name: str, text: str) -> Answer:
    prover = cvc5.Solver()
    prover.setOption("incremental", "true")
    prover.setOption("tlimit-per", str(LIMIT_MS))
    parser = cvc5.InputParser(prover)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, name)
    symbols, said = parser.getSymbolManager(), []
    while True:
        command = parser.nextCommand()
        if command.isNull():
            break
        result = str(command.invoke(prover, symbols)).strip()
        if result:
            said.append(result)
    hypotheses, counterexample = said
    return Answer(
        name=name,
        hypotheses=hypotheses,
        counterexample=counterexample,
        is_false="(set-info :status sat)" in text,
    )


def smt2_text(lemma: Lemma) -> str:
    """One lemma as an SMT-LIB file."""
    z3 = solver()
    known, denied = z3.Solver(), z3.Solver()
    known.add(*lemma.hypotheses)
    denied.add(*lemma.hypotheses, z3.Not(lemma.claim))
    lines = denied.sexpr().strip().splitlines()
    names = [line for line in lines if line.startswith("(declare-fun")]
    held = [line for line in known.sexpr().strip().splitlines() if line not in names]
    body = denied.sexpr().strip()
    for line in names:
        body = body.replace(line + "\n", "", 1)
    kind = "QF_NIA" if " Int)" in names[0] else "QF_NRA"
    hypotheses = "\n".join(line for line in held if not line.startswith("(declare-fun"))
    status = "sat" if lemma.is_false else "unsat"
    return "\n".join(
        [
            f"; {lemma.name}: {lemma.says}",
            f"(set-logic {kind})",
            *names,
            "(push 1)",
            hypotheses,
            "(check-sat)",
            "(pop 1)",
            f"(set-info :status {status})",
            body,
            "(check-sat)",
            "",
        ]
    )


def committed() -> list[tuple[str, str]]:
    """Every committed file: name of its lemma, and text."""
    return sorted((_stem(file), file.read_text("utf-8")) for file in FOLDER.iterdir())


def _stem(file: Traversable) -> str:
    return file.name.removesuffix(".smt2")
