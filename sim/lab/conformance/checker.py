"""
Run the conformance suite against a guide, or against another implementation of the car's side.

A guide is shown every situation with the verdict of its message, and must answer in protocol; then
it rides along on whole trips, each driven twice, the second time from its own transcript. A car's
side is given every message and must answer with the verdict that the suite expects.
"""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from guiderail.maps.library.load import load_map
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.errors import PluginError
from guiderail.sim.contract.messages import Reason
from guiderail.sim.contract.ports import Guide, GuideMaker
from guiderail.sim.judge.severity import SERIOUS
from guiderail.sim.lab.conformance.suite import MessageCase, Suite, TripCase, load_suite
from guiderail.sim.lab.experiment.registry import find_guide
from guiderail.sim.lab.experiment.run import GUARDED, Laboratory, RunResult, Supervised
from guiderail.sim.lab.experiment.scenario import Scenario, make_scenario
from guiderail.sim.lab.measure import metrics
from guiderail.sim.wire.documents import encoded
from guiderail.sim.wire.transcript import Recorder, Repeated, transcript_path

RATE: Final = 0.5
"""Share of utterances that a synthetic guide gets wrong on the trips."""
DEADLINE_S: Final = 5.0
"""What a car's side may take for one verdict [s]."""


@dataclass(kw_only=True)
class Findings:
    """What a check found."""

    cases: int = 0
    passed: int = 0
    """Of the cases."""
    trips: int = 0
    failed: list[dict[str, str]] = field(default_factory=list)
    """Cases and trips, each with its problem."""

    def document(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        return {
            "cases": self.cases,
            "passed": self.passed,
            "failed": self.failed,
            "trips": self.trips,
        }

    def add_case(self, case: str, problem: str) -> None:
        """Count one case; an empty problem is none."""
        self.cases += 1
        if problem:
            self.note(case, problem)
        else:
            self.passed += 1

    def note(self, case: str, problem: str) -> None:
        """Add one failure."""
        self.failed.append({"id": case, "problem": problem})


def check_guide(name: str) -> Findings:
    """
    Check a guide by name, import path, settings file, command or URL.

    Raises
    ------
    PluginError
        When it cannot be found or made.
    """
    suite, maker, findings = load_suite(), find_guide(name), Findings()
    _check_answers(suite, maker, findings)
    with tempfile.TemporaryDirectory() as folder:
        for case in suite.trips:
            findings.trips += 1
            for problem in _trip_problems(case, maker, Path(folder)):
                findings.note(case.id, problem)
    return findings


def check_car(name: str) -> Findings:
    """
    Check another implementation of reader and guard, behind a program or a URL.

    Each question is one line of JSON that holds the map, the situation and the messages; the answer
    holds ``decision`` and ``reason``, both null for a message that proposes nothing.

    Raises
    ------
    PluginError
        When it is neither a program nor a URL.
    """
    suite, findings = load_suite(), Findings()
    connect = getattr(find_guide(name), "connect", None)
    if connect is None:
        raise PluginError(f"the car's side must be a program or a URL, and {name!r} is neither")
    channel: Any = connect(suite.sheet.network)
    try:
        for case in suite.cases:
            findings.add_case(case.id, _car_problem(suite, case, channel))
    finally:
        channel.close()
    return findings


def _check_answers(suite: Suite, maker: GuideMaker, findings: Findings) -> None:
    guide = Supervised(_made(maker, suite.sheet.network))
    for k, case in enumerate(suite.cases):
        findings.add_case(case.id, _answer_problem(suite, case, guide, k))
    guide.close()


def _made(maker: GuideMaker, network: RoadNetwork) -> Guide:
    made: Any = maker(network, TripSeed(1, 2), closed=frozenset[LinkId](), rate=RATE)
    if not isinstance(made, Guide):
        raise PluginError(f"a {type(made).__name__} is no guide: it has no name or no advise()")
    return made


def _answer_problem(suite: Suite, case: MessageCase, guide: Supervised, k: int) -> str:
    """Show a guide one situation and the verdict of its message; say what is wrong, if anything."""
    situation = suite.situations[case.situation]
    verdict, _ = situation.heard(case.message, case.before)
    driver = situation.driver()
    told = () if verdict is None else (verdict,)
    advice = guide.advise(situation.observation(driver, told, occasion=k))
    if guide.lost:
        return guide.lost
    if advice is None:
        return ""
    if advice.label.startswith(_FLAWS):
        return advice.label
    if advice.proposal is None:
        return ""
    answer = driver.hear(advice.proposal, situation.perception(k))
    return answer.reason.value if answer.reason in _UNREADABLE else ""


_FLAWS: Final = ("malformed:", "fault:")
_UNREADABLE: Final = {Reason.MALFORMED, Reason.GUARD_FAULT}


def _trip_problems(case: TripCase, maker: GuideMaker, folder: Path) -> Iterator[str]:
    """Drive one trip twice; say what is wrong, if anything."""
    scenario = make_scenario(
        {
            "map": case.map,
            "arms": [GUARDED],
            "rates": [RATE],
            "seed": case.seed,
            "trips": case.trip + 1,
            "conditions": case.conditions,
        }
    )
    laboratory = Laboratory(scenario, _network(case.map), own=_Taped(maker, folder / case.id))
    live = laboratory.one(case.trip, GUARDED, RATE)
    if live.run.lost:
        yield f"lost: {live.run.lost}"
    serious = [one.kind for one in live.induced if one.severity.value in SERIOUS]
    if serious:
        yield f"infractions: {', '.join(serious)}"
    labels = {one.advice.label for one in metrics.heard(live.run.trace)}
    yield from sorted(label for label in labels if label.startswith(_FLAWS))
    yield from _overspent(live, scenario)
    again = laboratory.drive(live.run.planned, GUARDED, scenario.guide, RATE)
    if again.trace.digest() != live.run.trace.digest():
        yield "its transcript gives another run"


def _overspent(live: RunResult, scenario: Scenario) -> Iterator[str]:
    changes = [one for one in metrics.verdicts(live.run.trace) if one.changes_route]
    extra_ms = sum(max(0, one.extra_ms) for one in changes)
    if len(changes) > scenario.budget.changes or extra_ms > scenario.budget.extra_s * 1_000:
        yield f"over budget: {len(changes)} changes, {extra_ms / 1_000:.1f} s"


_network = cache(load_map)


class _Taped:
    """A maker whose guide is recorded on its first trip and repeated on the next."""

    def __init__(self, maker: GuideMaker, folder: Path) -> None:
        self._maker = maker
        self._folder = folder

    def __call__(
        self, network: RoadNetwork, seed: TripSeed, *, closed: frozenset[LinkId], rate: float
    ) -> Guide:
        path = transcript_path(self._folder, network, seed)
        if path.exists():
            return Repeated(path)
        return Recorder(self._maker(network, seed, closed=closed, rate=rate), network, path)


def _car_problem(suite: Suite, case: MessageCase, channel: Any) -> str:
    """Put one case to a car's side; say how it differs, if it does."""
    situation = suite.situations[case.situation]
    question = {key: suite.parts[key] for key in ("protocol", "map")}
    question |= {"situation": suite.parts["situations"][case.situation], **case.asked()}
    try:
        raw = channel.ask(situation.observation(situation.driver()), encoded(question), DEADLINE_S)
        reply = cast("dict[str, Any]", json.loads(raw))
        got = (reply["decision"] or "", reply["reason"] or "")
    except Exception as error:  # noqa: BLE001  whatever a stranger's program does is a finding
        return f"no verdict: {error}"
    if got == case.expected:
        return ""
    return f"{' '.join(got) or 'no verdict'} instead of {' '.join(case.expected) or 'no verdict'}"
