"""The check for guides finds every fault that it is there for, and none in ours."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from guiderail.agents.baseline import Cue, Oracle, Scripted, Silent
from guiderail.agents.conformance import check_guide, observations
from guiderail.agents.noisy import Noisy, maker
from guiderail.agents.presets import PRESETS
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.messages import Advice, Ask, Observation, Proposal
from guiderail.sim.contract.ports import GuideMaker

MAKERS: dict[str, GuideMaker] = {
    "silent": Silent,
    "oracle": Oracle,
    "scripted": Scripted,
    "noisy": Noisy,
    **{name: maker(name) for name in sorted(PRESETS)},
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_every_built_in_guide_conforms(network: RoadNetwork, make: GuideMaker) -> None:
    assert check_guide(make, network) == []


class Planted:
    """A guide with one fault."""

    name = "planted"
    made = 0

    def __init__(self, fault: Callable[["Planted", Observation], object]) -> None:
        self._fault = fault
        Planted.made += 1
        self.ordinal = Planted.made

    def advise(self, seen: Observation) -> Advice | None:
        """Do the one wrong thing."""
        return self._fault(self, seen)  # type: ignore[return-value]


def _check(network: RoadNetwork, fault: Callable[[Planted, Observation], object]) -> str:
    def make(
        network: RoadNetwork, seed: TripSeed, *, closed: frozenset[LinkId], rate: float
    ) -> Planted:
        return Planted(fault)

    problems = check_guide(make, network)
    assert 1 <= len(problems) <= 20
    return problems[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Steering(Proposal):
    """A proposal with a hand on the wheel."""

    accel_mm_s2: int = 0


def _change(_: Planted, seen: Observation) -> None:
    object.__setattr__(seen, "lane", seen.lane + 1)


def _steer(_: Planted, seen: Observation) -> Advice:
    return Advice(words="x", proposal=Steering(ask=Ask.CANCEL, seen_ms=seen.time_ms))


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (lambda *_: 1 // 0, "it raised ZeroDivisionError"),
        (_change, "it changed the observation"),
        (lambda self, _: Advice(words=str(self.ordinal)), "the same seed gave different words"),
        (lambda *_: "Turn left.", "it returned str, not Advice or None"),
        (_steer, "it proposed Steering, not Proposal"),
        (lambda *_: Advice(words=7), "words and label must be text"),  # type: ignore[arg-type]
        (lambda *_: Advice(words="x", latency_ms=-1), "latency_ms is -1"),
        (lambda *_: Advice(words="x", confidence=1.1), "confidence is 1.1"),
    ],
)
def test_a_planted_fault_is_found(
    network: RoadNetwork, fault: Callable[[Planted, Observation], object], problem: str
) -> None:
    assert _check(network, fault).startswith(problem)


def test_what_cannot_be_made_or_is_no_guide_is_said_so(network: RoadNetwork) -> None:
    def broken(*_: object, **__: object) -> Silent:
        raise OSError("no microphone")

    def mute(*_: object, **__: object) -> object:
        return object()

    assert check_guide(broken, network) == ["it cannot be made: OSError('no microphone')"]
    assert "no Guide" in check_guide(mute, network)[0]  # type: ignore[arg-type]


def test_the_test_observations_are_many_and_always_the_same(network: RoadNetwork) -> None:
    first, second = (list(observations(network, 50, 1_000)) for _ in range(2))
    assert first == second
    assert len({repr(seen) for seen in first}) > 900


def test_a_scripted_guide_may_repeat_itself(network: RoadNetwork) -> None:
    def make(
        network: RoadNetwork, seed: TripSeed, *, closed: frozenset[LinkId], rate: float
    ) -> Scripted:
        script = [Cue(advice=Advice(words="Hello."))] * 100
        return Scripted(network, seed, closed=closed, rate=rate, script=script)

    assert check_guide(make, network) == []
