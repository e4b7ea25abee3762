"""The whole proof in one call, and what came of it."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from importlib import resources
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from guiderail.sim.driver.guard.budget import Budget
from guiderail.sim.proof.assumptions import ASSUMPTIONS
from guiderail.sim.proof.faults import FAULTS, is_refuted
from guiderail.sim.proof.lemmas.lemmas import lemmas
from guiderail.sim.proof.lemmas.solving import Answer, ask_cvc5, ask_z3, smt2_text
from guiderail.sim.proof.properties import PROPERTIES, shipped
from guiderail.sim.proof.search.arena import Arena
from guiderail.sim.proof.search.explorer import (
    MOST_STATES,
    Driving,
    Explorer,
    Findings,
    guarded,
    obeying,
)
from guiderail.sim.proof.search.margin import boundary_states_lost
from guiderail.sim.proof.search.shield import permissiveness
from guiderail.sim.proof.search.sites import SITES
from guiderail.sim.proof.search.strategic import Game, Worst
from guiderail.sim.proof.second_model.junction import JUNCTIONS, PLANTED
from guiderail.sim.proof.second_model.storm import Answers, SecondModel, ask, refuted, storm

_STORM: Final = "storm_"
PINNED: Final = "pinned.json"
"""Counts of the search as last blessed; a change of any is a change of the guard or its world."""
LEAST_SHARE: Final = 0.99
OBEYING_STATES: Final = 3_000
"""At each junction the obeying car is searched until so many states have shown what it does."""
CHANGES: Final = (0, 1, 2, 3)
"""Budgets for which the worst guide is solved."""
STARTS: Final = {
    "signal": ((30_000, 6_000, 0),),
    "stop": tuple(product((0, 20_000), (6_000,), (0,))),
    "give_way": tuple(product((0, 25_000), (5_000, 8_000), (0,))),
    "uncontrolled": tuple(product((0, 25_000), (5_000, 8_000), (0,))),
    "roundabout": tuple(product((0, 15_000), (2_000, 8_000), (0,))),
    "motorway_exit": tuple(product((0, 120_000, 240_000), (8_000, 22_000), (0, 1))),
}
"""Where the cars of each search set off: mm, mm/s, lane."""


@dataclass(kw_only=True)
class Proof:
    """Everything that was asked, and what came of it."""

    guarded: dict[str, Findings]
    obeying: dict[str, Findings]
    z3: list[Answer]
    cvc5: list[Answer]
    boundary: tuple[int, int]
    """States on the edge, and how many were lost."""
    shares: dict[str, float]
    outside: int
    faults: dict[str, bool]
    """Whether each planted fault was refuted."""
    properties: dict[str, bool]
    assumptions: dict[str, bool]
    """Whether the alarm sounded where each was broken."""
    worst: dict[str, list[Worst]] = field(default_factory=dict)
    second_model: SecondModel | None = None
    """What Storm says, where it was asked."""

    @property
    def states(self) -> int:
        """States of the guarded car."""
        return sum(found.states for found in self.guarded.values())

    @property
    def transitions(self) -> int:
        """(state, word, environment) triples of the guarded car."""
        return sum(found.transitions for found in self.guarded.values())

    def violations(self, searches: dict[str, Findings]) -> int:
        """Ticks that broke a clause."""
        return sum(found.violations.total() for found in searches.values())

    def troubles(self) -> list[str]:
        """All that is not as it must be, in sentences; none is a proof."""
        return [text for text, is_well in self._checks() if not is_well]

    def _checks(self) -> Iterator[tuple[str, bool]]:
        for kind, found in self.guarded.items():
            yield f"{kind}: the guarded car broke {dict(found.violations)}", not found.violations
            yield (
                f"{kind}: from {found.trapped} states a guide keeps it for ever",
                not found.trapped,
            )
            yield f"{kind}: the search was cut short", found.is_complete
        for kind, found in self.obeying.items():
            is_convicted = found.violations.total() > 0
            yield f"{kind}: the obeying car broke nothing: the words were harmless", is_convicted
        for name, answers in (("z3", self.z3), ("cvc5", self.cvc5)):
            for answer in answers:
                yield f"{name} does not agree with lemma {answer.name}", answer.is_as_wanted
        yield f"{self.boundary[1]} boundary states were lost", self.boundary[1] == 0
        for kind, share in self.shares.items():
            yield f"{kind}: the guard accepts only {share:.2%}", share >= LEAST_SHARE
        yield f"{self.outside} acceptances lie outside the maximal shield", self.outside == 0
        for name, holds in self.properties.items():
            yield f"property {name} does not hold", holds
        for name, is_refuted_ in self.faults.items():
            yield f"the planted fault was not refuted: {name}", is_refuted_
        for name, sounded in self.assumptions.items():
            yield f"no alarm although broken: {name}", sounded
        for text in self.second_model.troubles() if self.second_model else ():
            yield text, False

    def counts(self) -> dict[str, list[int]]:
        """What is pinned: states and transitions of every search."""
        named: dict[str, Findings | Answers] = dict(self.guarded)
        named |= {f"obeying_{kind}": found for kind, found in self.obeying.items()}
        if self.second_model:
            named |= {f"{_STORM}{kind}": one for kind, one in self.second_model.answers.items()}
        return {name: [found.states, found.transitions] for name, found in sorted(named.items())}

    @property
    def is_as_pinned(self) -> bool:
        """Whether every search has as many states and transitions as when last blessed."""
        asked = self.second_model is not None
        wanted = {name: n for name, n in pinned().items() if asked or not name.startswith(_STORM)}
        return self.counts() == wanted

    def as_json(self) -> dict[str, Any]:
        """For machines; the keys are documented in ``docs/proof.md``."""
        return {
            "states": self.states,
            "transitions": self.transitions,
            "violations": {
                "guarded": self.violations(self.guarded),
                "obeying": self.violations(self.obeying),
            },
            "lemmas": {
                "total": len(self.z3),
                "z3": sum(answer.is_as_wanted for answer in self.z3),
                "cvc5": sum(answer.is_as_wanted for answer in self.cvc5),
            },
            "seeded_faults": {"total": len(self.faults), "refuted": sum(self.faults.values())},
            "permissiveness": {kind: round(share, 6) for kind, share in self.shares.items()},
            "boundary_states": self.boundary[0],
            "boundary_states_lost": self.boundary[1],
            "outside_the_shield": self.outside,
            "properties": self.properties,
            "assumptions": self.assumptions,
            "worst_delay_ms": {
                kind: [worst.delay_ms for worst in solved] for kind, solved in self.worst.items()
            },
            "obeying": {
                kind: {
                    "states": found.states,
                    "violations": dict(sorted(found.violations.items())),
                    "examples": {name: list(way) for name, way in sorted(found.examples.items())},
                }
                for kind, found in self.obeying.items()
            },
            "counts": self.counts(),
            "counterexamples": {
                car: {kind: list(found.example) for kind, found in searches.items()}
                for car, searches in (("guarded", self.guarded), ("obeying", self.obeying))
            },
            "storm": self.second_model.as_json() if self.second_model else None,
            "troubles": self.troubles(),
        }


def search(kind: str) -> Findings:
    """Search one junction with every surprise of its environment."""
    return _search(kind, guarded, MOST_STATES, is_deepest_first=False)


def search_obeying(kind: str) -> Findings:
    """Search the same with the car that obeys, as far as it takes to see harm."""
    return _search(kind, obeying, OBEYING_STATES, is_deepest_first=True)


def _search(kind: str, car: Driving, limit: int, *, is_deepest_first: bool) -> Findings:
    site = SITES[kind]()
    arena = Arena(site.network)
    explorer = Explorer(site, car, arena=arena, limit=limit)
    starts = [arena.start(site.origin, *start) for start in STARTS[kind]]
    return explorer.search(starts, is_deepest_first=is_deepest_first)


def worst_of(kind: str) -> list[Worst]:
    """Solve the game of the worst guide for each budget of changes."""
    site = SITES[kind]()
    budgets = [Budget(changes=k, extra_ms=300_000, spacing_ms=0) for k in CHANGES]
    return [Game(site, shipped(site, budget)).solve() for budget in budgets]


def _permissiveness(kind: str) -> tuple[float, int]:
    found = permissiveness(SITES[kind]())
    return found.share, found.outside


_SLOW_FIRST: Final = ("signal", "give_way", "motorway_exit", "roundabout", "uncontrolled", "stop")


def prove(
    workers: int = 1,
    told: Callable[[str], None] = lambda _: None,
    *,
    asks_storm: bool = False,
) -> Proof:
    """
    Prove it, or find out why not.

    Parameters
    ----------
    workers
        Processes.
    told
        Hears how far it is.
    asks_storm
        Whether the re-model is built and asked as well: minutes, and 1.4 GB in one process.

    Raises
    ------
    KernelError
        When a solver is missing.
    """
    if asks_storm:
        storm()
    z3, cvc5 = ask_z3(), ask_cvc5()
    told(f"{len(z3)} lemmas asked of two solvers")
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        found = {kind: pool.submit(search, kind) for kind in _SLOW_FIRST}
        obeyed = {kind: pool.submit(search_obeying, kind) for kind in SITES}
        shares = {kind: pool.submit(_permissiveness, kind) for kind in SITES}
        faults = {fault.name: pool.submit(_refuted, k) for k, fault in enumerate(FAULTS)}
        held = {name: pool.submit(_holds, name) for name in PROPERTIES}
        alarms = {one.name: pool.submit(_sounds, k) for k, one in enumerate(ASSUMPTIONS)}
        worst = {kind: pool.submit(worst_of, kind) for kind in SITES}
        boundary = pool.submit(boundary_states_lost)
        second_model = _ask_storm(pool) if asks_storm else None
        guarded_ = {kind: found[kind].result() for kind in SITES}
        states = sum(one.states for one in guarded_.values())
        told(f"{states:,} states of the guarded car searched by {workers} processes")
        proof = Proof(
            guarded=guarded_,
            obeying={kind: job.result() for kind, job in obeyed.items()},
            z3=z3,
            cvc5=cvc5,
            boundary=boundary.result(),
            shares={kind: job.result()[0] for kind, job in shares.items()},
            outside=sum(job.result()[1] for job in shares.values()),
            faults={name: job.result() for name, job in faults.items()},
            properties={name: job.result() for name, job in held.items()},
            assumptions={name: job.result() for name, job in alarms.items()},
            worst={kind: job.result() for kind, job in worst.items()},
            second_model=second_model() if second_model else None,
        )
    told("everything else asked")
    return proof


def _ask_storm(pool: ProcessPoolExecutor) -> Callable[[], SecondModel]:
    """Let the pool ask; the answer is there once it is called for."""
    asked = {kind: pool.submit(ask, kind) for kind in JUNCTIONS}
    found = {one.name: pool.submit(refuted, one.number) for one in PLANTED}
    return lambda: SecondModel(
        answers={kind: job.result() for kind, job in asked.items()},
        planted={name: job.result() for name, job in found.items()},
    )


def _refuted(k: int) -> bool:
    return is_refuted(FAULTS[k])


def _holds(name: str) -> bool:
    return PROPERTIES[name]()


def _sounds(k: int) -> bool:
    return ASSUMPTIONS[k].sounds()


def pinned() -> dict[str, list[int]]:
    """Counts as last blessed."""
    text = resources.files("guiderail.sim.proof").joinpath(PINNED).read_text("utf-8")
    counts: dict[str, list[int]] = json.loads(text)
    return counts


def bless(proof: Proof) -> Path:
    """Pin the counts of this proof, and write the lemmas down."""
    path = Path(str(resources.files("guiderail.sim.proof").joinpath(PINNED)))
    counts = sorted((pinned() | proof.counts()).items())
    rows = [f'  "{name}": {found}' for name, found in counts]
    path.write_text("{\n" + ",\n".join(rows) + "\n}\n", "utf-8")
    for lemma in lemmas():
        file = path.parent / "smt2" / f"{lemma.name}.smt2"
        file.write_text(smt2_text(lemma), "utf-8")
    return path
