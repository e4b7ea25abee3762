"""Mutants of guard and reader: what is changed, who notices, and a list that must be right."""

import ast

import pytest

from guiderail.sim.contract.messages import Reason
from guiderail.sim.proof.mutants import mutation
from guiderail.sim.proof.mutants.mutation import (
    EQUIVALENT,
    TARGETS,
    Mutant,
    is_killed,
    main,
    mutants,
    mutated,
    oracle,
    troubles,
)
from guiderail.sim.proof.mutants.operators import changes
from guiderail.sim.wire.reader import Flaw

MODULES = [module for target in TARGETS for module in target.modules]
DEPTH = "reader: depth = 0  [0 -> 1]"
NAME_OF_TYPE = "reader: _Word = TypeVar(\"_Word\")  ['_Word' -> '_WordX']"


def _find(name: str) -> Mutant:
    return next(one for one in mutants(name.partition(":")[0]) if one.name == name)


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("a < b <= c", ["Lt -> LtE", "Lt -> GtE", "LtE -> Lt", "LtE -> Gt"]),
        ("a and b", ["And -> Or", "without a", "without b"]),
        ("a + b * 2", ["Add -> Sub", "Mult -> FloorDiv", "2 -> 3", "2 -> 1"]),
        ("a |= b", ["BitOr -> BitAnd"]),
        ("not a", ["not dropped"]),
        ("-a", ["minus dropped"]),
        ("a is None", ["Is -> IsNot"]),
        ("min(a)", ["min -> max"]),
        ("[a for a in b if a]", ["filter dropped"]),
        ("Reason.STALE", ["Reason.STALE -> another"]),
        ("a if b else c", ["condition negated"]),
        ("True", []),  # stands alone, like a docstring
        ("f(True, 'x')", ["True -> False", "'x' -> 'xX'"]),
        ("def f():\n '''Say.'''\n return a", ["return dropped"]),
        ("def f(a: 1 = 0) -> 2: raise", ["raise dropped", "0 -> 1", "0 -> -1"]),
        ("match a:\n case A.B | A.C: pass", ["case dropped", "without A.B", "without A.C"]),
        ("f'{1}'", []),
        ("A | None", []),
    ],
)
def test_each_operator_changes_what_it_says(code: str, wanted: list[str]) -> None:
    assert [change.text for change in changes(ast.parse(code))] == wanted


@pytest.mark.parametrize("module", ["budget", "guarded"])
def test_mutants_compile_and_differ_from_what_they_are_made_of_and_from_each_other(
    module: str,
) -> None:
    made = mutants(module)
    texts = {ast.unparse(mutated(one)) for one in made}
    shipped = ast.unparse(ast.parse(mutation.source(made[0].target, module)))
    assert len(texts) == len({one.name for one in made}) == len(made) >= 16
    assert shipped not in texts


def test_the_list_names_mutants_and_gives_reasons() -> None:
    known = {one.name for module in MODULES for one in mutants(module)}
    assert set(EQUIVALENT) <= known
    assert all(len(reason.split()) > 3 for reason in EQUIVALENT.values())
    assert len(EQUIVALENT) < len(known) / 20


def test_a_planted_change_of_the_reader_is_noticed_and_one_that_changes_nothing_is_not() -> None:
    assert is_killed(_find(DEPTH))
    assert not is_killed(_find(NAME_OF_TYPE))


def test_the_table_asks_the_planted_module_and_not_the_shipped_one() -> None:
    assert is_killed(next(one for one in mutants("documents") if "PLACES_SHOWN" in one.name))


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        "budget: left_ms = self.budget.extra_ms - self.extra_ms  [Sub -> Add]",
        "assessment: MARGIN_MM: Final = 3_000  [3000 -> 3001]",
        "guard: COUNTER_LINKS: Final = 6  [6 -> 7]",
        "guarded: is_booked = self._account.changes > changes  [Gt -> GtE]",
        "resolve: NAME_LIMIT: Final = 200  [200 -> 199]",
        "rules: FRESH_MS: Final = 30_000  [30000 -> 30001]",
    ],
)
def test_a_planted_change_of_the_guard_is_noticed_at_its_bound(change: str) -> None:
    assert is_killed(_find(change))


@pytest.mark.slow
def test_the_tables_hold_every_reason_and_every_flaw() -> None:
    guard, wire = (" ".join(oracle(target).expected) for target in TARGETS)
    assert {one for one in Reason if repr(one) in guard} == set(Reason) - {Reason.OBEYED}
    assert {one for one in Flaw if repr(one) in wire} == set(Flaw)


def test_the_list_must_be_right_in_both_directions() -> None:
    made = ["m: a", "m: b"]
    assert troubles(made, ["m: b"], ["m: b"]) == []
    assert troubles(made, ["m: b"], []) == ["lives and is not listed: m: b"]
    assert troubles(made, [], ["m: a"]) == ["listed and killed: m: a"]
    assert troubles(made, [], ["m: c"]) == ["listed and no mutant: m: c"]


@pytest.mark.parametrize(
    ("listed", "code", "told"),
    [
        ({NAME_OF_TYPE: "why"}, 0, "reader: 2 mutants, 1 killed, 1 live\n"),
        ({}, 1, "lives and is not listed: " + NAME_OF_TYPE),
        ({NAME_OF_TYPE: "why", DEPTH: "why"}, 1, "listed and killed: " + DEPTH),
        ({NAME_OF_TYPE: "why", "reader: x": "why"}, 1, "listed and no mutant: reader: x"),
    ],
)
def test_the_command_fails_unless_exactly_the_listed_mutants_live(
    listed: dict[str, str],
    code: int,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    two = [_find(NAME_OF_TYPE), _find(DEPTH)]
    monkeypatch.setattr(mutation, "mutants", {"reader": two}.get)
    monkeypatch.setattr(mutation, "EQUIVALENT", listed)
    assert main(["reader"]) == code
    assert told in capsys.readouterr().out


def test_a_module_without_mutants_is_named_in_one_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["world"]) == 2
    assert capsys.readouterr().err.startswith("error: no mutants of 'world'; there are: budget, ")


@pytest.mark.nightly
def test_every_mutant_is_killed_but_those_that_are_equivalent() -> None:
    assert main() == 0
