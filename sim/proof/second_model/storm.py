"""
What Storm says of the re-model: the probability of a violation, of arrival, and the worst time.

Storm is another program by other people, with its own reader, its own states and its own numerics.
It is handed text and asked in text; nothing else of it is used.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from guiderail.sim.contract.errors import KernelError
from guiderail.sim.proof.second_model.junction import (
    CLAUSES,
    JUNCTIONS,
    MOST_CHANGES,
    PLANTED,
    Constants,
    Planted,
    program,
    spelled,
    text,
)

MISSING: Final = (
    "the re-model needs Storm: pip install stormpy (wheels for Linux and some versions of macOS)"
)


def storm() -> Any:
    """
    Load Storm.

    Raises
    ------
    KernelError
        When it is not installed.
    """
    try:
        import stormpy  # noqa: PLC0415
    except ImportError:
        raise KernelError(MISSING) from None
    return stormpy


class Model:
    """
    One set of numbers, built by Storm from the text.

    Parameters
    ----------
    constants
        Every number that the text asks for.
    keeps_values
        Whether the variables of each state can be read afterwards.
    """

    def __init__(self, constants: Constants, *, keeps_values: bool = False) -> None:
        """Write the text where Storm can read it, and let it find every state."""
        self._storm = storm()
        with TemporaryDirectory() as folder:
            file = Path(folder) / "junction.prism"
            file.write_text(program(constants), "utf-8")
            self._program = self._storm.parse_prism_program(str(file))
        options = self._storm.BuilderOptions()
        options.set_build_all_labels()
        options.set_build_all_reward_models()
        options.set_build_state_valuations(keeps_values)
        self._built = self._storm.build_model(self._program, options=options)
        self.states = int(self._built.nr_states)
        self.transitions = int(self._built.nr_transitions)

    @cached_property
    def _asked(self) -> dict[str, Any]:
        said = self._storm.parse_properties(text("junction.props"), self._program)
        return {str(one.get_name()): one for one in said}

    def value(self, name: str) -> float:
        """Answer one of the committed properties in the initial state."""
        return self._initially(self._asked[name])

    def reaches(self, label: str) -> float:
        """Highest probability that any guide makes a label come true."""
        asked = self._storm.parse_properties(f'Pmax=? [F "{label}"]', self._program)
        return self._initially(asked[0])

    def worst_times_s(self) -> list[float]:
        """Expected time until arrival under the worst guide, for each budget from 0 up [s]."""
        asked = self._asked["worst_time"]
        found = self._storm.model_checking(self._built, asked, only_initial_states=False)
        granted = (self.holding(f"granted_{k}") for k in range(MOST_CHANGES + 1))
        return [float(found.get_value(states[0])) for states in granted if states]

    def holding(self, label: str) -> list[int]:
        """States in which a label is true."""
        return [int(state) for state in self._built.labeling.get_states(label)]

    def variable(self, name: str, states: list[int]) -> list[int]:
        """Values of a number of the text in some states."""
        values = self._built.state_valuations
        (variable,) = (one for one in values.get_all_variables() if one.name == name)
        return [int(values.get_int64_value(state, variable)) for state in states]

    def _initially(self, asked: Any) -> float:
        found = self._storm.model_checking(self._built, asked)
        return float(found.get_value(self._built.initial_states[0]))


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What Storm says of one kind of junction."""

    states: int
    """Of the guarded car."""
    transitions: int
    guarded: float
    """Highest probability of a violation."""
    obeying: float
    """The same of the car that obeys, nobody ahead; above 0, or the words were harmless."""
    breaks: list[str]
    """Clauses that it can be made to break."""
    arrives: float
    """Least probability of arrival, whatever the guide says."""
    unlimited: float
    """The same for a guide without a budget, nobody ahead."""
    worst_time_s: list[float]
    """Expected time until arrival under the worst guide, for 0, 1, 2 ... changes [s]."""

    @property
    def price_s(self) -> float:
        """What one more wrong word costs at most, on average over the budgets [s]."""
        return (self.worst_time_s[-1] - self.worst_time_s[0]) / (len(self.worst_time_s) - 1)

    def troubles(self) -> Iterator[str]:
        """All that is not as it must be."""
        if self.guarded > 0:
            yield f"a guide makes the guarded car break a rule with probability {self.guarded:.3g}"
        if self.arrives < 1:
            yield f"a guide keeps the guarded car away with probability {1 - self.arrives:.3g}"
        if self.obeying <= 0:
            yield "the obeying car breaks nothing: the words were harmless"
        if self.unlimited >= 1:
            yield "a guide without a budget changes nothing: the budget is not what makes it arrive"
        if self.price_s <= 0:
            yield "no word costs anything: nothing was ever accepted"


def ask(kind: str) -> Answers:
    """Build and ask one kind of junction."""
    constants = JUNCTIONS[kind]
    alone = {**constants, "K": 0, "LEADER": False}
    model, obeying = Model(constants), Model({**alone, "OBEYS": True})
    return Answers(
        states=model.states,
        transitions=model.transitions,
        guarded=model.value("safe"),
        obeying=obeying.value("safe"),
        breaks=[clause for clause in CLAUSES if obeying.reaches(clause) > 0],
        arrives=model.value("arrives"),
        unlimited=Model({**alone, "UNLIMITED": True}).value("arrives"),
        worst_time_s=model.worst_times_s(),
    )


def is_refuted(planted: Planted) -> bool:
    """Whether a planted mistake changes the answer that is named for it, and only by it."""
    wrong, right = Model(planted.where), Model({**planted.where, "FAULT": 0})
    return _is_well(right, planted.refuted_by) and not _is_well(wrong, planted.refuted_by)


def _is_well(model: Model, name: str) -> bool:
    if name == "arrives":
        return model.value(name) == 1
    if name == "price":
        times = model.worst_times_s()
        return times[-1] > times[0]
    return model.reaches(name) == 0


@dataclass(frozen=True, kw_only=True)
class SecondModel:
    """Everything that Storm was asked, and what came of it."""

    answers: Mapping[str, Answers]
    planted: Mapping[str, bool]
    """Whether each planted mistake was refuted."""

    def troubles(self) -> Iterator[str]:
        """All that is not as it must be, in sentences."""
        for kind, one in self.answers.items():
            yield from (f"Storm, {kind}: {said}" for said in one.troubles())
        for name, is_found in self.planted.items():
            if not is_found:
                yield f"Storm did not refute: {name}"

    def as_json(self) -> dict[str, Any]:
        """For machines; the keys are documented in ``docs/proof.md``."""
        all_ = self.answers.values()
        return {
            "states": sum(one.states for one in all_),
            "transitions": sum(one.transitions for one in all_),
            "pmax_violation": {
                "guarded": max(one.guarded for one in all_),
                "obeying": {kind: one.obeying for kind, one in self.answers.items()},
            },
            "obeying_breaks": {kind: one.breaks for kind, one in self.answers.items()},
            "pmin_arrival": min(one.arrives for one in all_),
            "pmin_arrival_unlimited": {k: one.unlimited for k, one in self.answers.items()},
            "worst_time_s": {
                kind: [round(time, 2) for time in one.worst_time_s]
                for kind, one in self.answers.items()
            },
            "price_per_word_s": {k: round(one.price_s, 2) for k, one in self.answers.items()},
            "planted": {"total": len(self.planted), "refuted": sum(self.planted.values())},
            "constants": {kind: spelled(JUNCTIONS[kind]) for kind in self.answers},
        }


def refuted(number: int) -> bool:
    """:func:`is_refuted` by number, for a worker process."""
    return is_refuted(PLANTED[number - 1])
