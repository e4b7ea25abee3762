"""
One run: a trip, an arm, a guide and a rate in; trace, judgement and twin out.

The *twin* of a run is the same arm on the same trip with the silent guide: what also happens there
was not the guide's doing. One twin serves all rates. The guarded car with a silent guide is the arm
``no_guide``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Final

from guiderail.maps.library.load import load_map
from guiderail.maps.network import RoadNetwork
from guiderail.maps.routing import RouteOracle
from guiderail.sim.contract.errors import GuiderailError, KernelError, PluginError
from guiderail.sim.contract.messages import Advice, Observation, Proposal
from guiderail.sim.contract.ports import Guide, GuideMaker
from guiderail.sim.contract.trace import Trace
from guiderail.sim.driver.arms import find_arm, make_driver
from guiderail.sim.driver.people import PEOPLE
from guiderail.sim.judge.attribution import guide_induced
from guiderail.sim.judge.infraction import Infraction, Judgement
from guiderail.sim.judge.referee import judge
from guiderail.sim.lab.experiment import code_integrity
from guiderail.sim.lab.experiment.interrupts import is_real
from guiderail.sim.lab.experiment.outdated_map import stale_network
from guiderail.sim.lab.experiment.provenance import program
from guiderail.sim.lab.experiment.registry import SILENT, find_guide
from guiderail.sim.lab.experiment.repeats import Dialog, says_the_same
from guiderail.sim.lab.experiment.scenario import Scenario
from guiderail.sim.lab.experiment.trips import PlannedTrip, TripMaker
from guiderail.sim.lab.measure.advice_value import AdviceValue, advice_values
from guiderail.sim.lab.measure.delay_bound import DelayBound, delay_bound
from guiderail.sim.lab.measure.ledger import Ledger, ledger
from guiderail.sim.world.clock import simulate

NO_GUIDE: Final = "no_guide"
GUARDED: Final = "guarded"
_SEAL: Final = code_integrity.sealed()
"""The driver's code before any guide was loaded."""


class Supervised:
    """
    A guide that may fail without taking the car along: after its first exception it is silent.

    The failure is kept in ``lost``, and every result counts it.
    """

    def __init__(self, guide: Guide) -> None:
        self._guide = guide
        self.name = guide.name
        self.lost = ""
        """What the guide raised; empty while it works."""
        self.dialog: list[tuple[Observation, Advice | None]] = []

    def advise(self, seen: Observation) -> Advice | None:
        """Ask the guide; silence once it has failed."""
        said = None if self.lost else self._asked(seen)
        self.dialog.append((seen, said))
        return said

    def _asked(self, seen: Observation) -> Advice | None:
        try:
            return _sound(self._guide.advise(seen))
        except BaseException as error:  # whatever a stranger's guide raises, the car drives on
            if isinstance(error, KeyboardInterrupt) and is_real():
                raise
            self.lost = f"{type(error).__name__}: {error}"[:200]
            return None

    def close(self) -> None:
        """Tell a guide that holds something that the trip is over."""
        close = getattr(self._guide, "close", None)
        if close is not None:
            close()


def _sound(advice: Any) -> Advice | None:
    """Refuse what is no advice; what a proposal in it says is the guard's to judge."""
    if advice is None:
        return None
    if not isinstance(advice, Advice):
        raise TypeError(f"advise() returned a {type(advice).__name__}, not an Advice or None")
    for name, kind in _ADVICE.items():
        value = getattr(advice, name)
        if not isinstance(value, kind):
            raise TypeError(f"{name} of the advice is a {type(value).__name__}")
    if advice.latency_ms < 0:
        raise ValueError(f"latency_ms of the advice is {advice.latency_ms}, below 0")
    if not 0 <= advice.confidence <= 1:
        raise ValueError(f"confidence of the advice is {advice.confidence}, outside 0 .. 1")
    return advice


_ADVICE: Final = {
    "words": str,
    "proposal": Proposal | None,
    "latency_ms": int,
    "confidence": int | float,
    "label": str,
}


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one car did on one trip."""

    arm: str
    guide: str
    rate: float
    planned: PlannedTrip
    trace: Trace
    judgement: Judgement
    lost: str = ""
    """Why the guide fell silent for good; empty if it did not."""
    books: Ledger | None = None
    """Where its time went; None if it did not arrive."""
    dialog: Dialog = ()
    advice_values: tuple[AdviceValue | None, ...] = ()
    """Value of each thing heard; only of a car with a guard."""


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """A run beside the two runs that it is measured against."""

    run: Run
    twin: Run
    """Same arm, silent guide."""
    baseline: Run
    """Same trip without a guide, guarded."""

    @cached_property
    def induced(self) -> tuple[Infraction, ...]:
        """What ego did that its twin did not: the guide's doing."""
        run, twin = self.run.judgement.infractions, self.twin.judgement.infractions
        return tuple(guide_induced(run, twin))

    def is_induced(self, infraction: Infraction) -> bool:
        """Whether this very infraction was the guide's doing."""
        return any(infraction is one for one in self.induced)


class Laboratory:
    """Everything that runs of one scenario need, loaded once."""

    def __init__(
        self,
        scenario: Scenario,
        network: RoadNetwork | None = None,
        *,
        script: Sequence[tuple[Any, ...]] | None = None,
        own: GuideMaker | None = None,
    ) -> None:
        """
        Find the guides before the map is loaded: a wrong name is told at once.

        ``own`` makes the scenario's guide in place of what its name stands for. ``script`` is
        handed to the maker of the scenario's guide, which must know what to do with it; no results
        folder is ever made of such runs.
        """
        self.scenario = scenario
        self._makers: dict[str, GuideMaker] = {
            SILENT: find_guide(SILENT),
            scenario.guide: find_guide(scenario.guide) if own is None else own,
        }
        if script is not None:
            maker: Any = self._makers[scenario.guide]
            self._makers[scenario.guide] = partial(maker, script=tuple(script))
        self.network = load_map(scenario.map) if network is None else network
        self.routes = RouteOracle(self.network)
        self.trips = TripMaker(self.network, self.routes, scenario)
        self.person = PEOPLE[scenario.people]
        """What the people at the wheel are like."""

    @cached_property
    def program(self) -> str:
        """Version and digest of the code, guides included."""
        return program(self._makers.values())

    def drive(self, planned: PlannedTrip, arm: str, guide: str, rate: float) -> Run:
        """
        Drive one trip and judge it.

        Raises
        ------
        KernelError
            When anything but the guide broke; the message says how to repeat the run.
        """
        try:
            return self._drive(planned, arm, guide, rate)
        except GuiderailError:
            raise
        except Exception as error:
            raise KernelError(
                f"the run broke: {type(error).__name__}: {error}; please report it with: "
                f"guiderail run --map {self.network.name} --arm {arm} --guide {guide} "
                f"--rate {rate:g} "
                f"--seed {self.scenario.seed} --trip {planned.index}"
            ) from error

    def _drive(self, planned: PlannedTrip, arm: str, guide: str, rate: float) -> Run:
        trip, network, routes = planned.trip, self.network, self.routes
        voice = Supervised(self._voice(planned, guide, rate))
        if not find_arm(arm).is_person:
            trip = replace(trip, faults=self.scenario.faults.faults())
            network, routes = self._believed
        budget = self.scenario.budget.budget()
        driver = make_driver(arm, network, routes, trip, budget, self.person)
        trace = simulate(self.network, trip, driver, voice)
        code_integrity.check(_SEAL)
        voice.close()  # not where a run broke: its transcript then stays unfinished
        return Run(
            arm=arm,
            guide=guide,
            rate=rate,
            planned=planned,
            trace=trace,
            judgement=judge(trace, self.network),
            lost=voice.lost,
            books=ledger(trace, self.network),
            dialog=tuple(voice.dialog),
            advice_values=self._advice_values(arm, trace, trip.goal_name),
        )

    def _advice_values(
        self, arm: str, trace: Trace, goal_name: str
    ) -> tuple[AdviceValue | None, ...]:
        if arm != GUARDED:
            return ()
        return advice_values(trace, self.network, self.routes, goal_name)

    def bound(self, planned: PlannedTrip) -> DelayBound:
        """Worst that any guide can do on a trip within its budget and the limits of the world."""
        tree = self.routes.tree(planned.trip.goal, frozenset())
        return delay_bound(self.network, tree, planned.trip, self.scenario.budget.budget())

    @cached_property
    def _believed(self) -> tuple[RoadNetwork, RouteOracle]:
        """Map that the driving layer goes by, and its routes."""
        share = self.scenario.faults.stale_map
        if share == 0:
            return self.network, self.routes
        stale = stale_network(self.network, share, self.scenario.seed)
        return stale, RouteOracle(stale)

    def _voice(self, planned: PlannedTrip, guide: str, rate: float) -> Guide:
        trip = planned.trip
        made = self._makers[guide](self.network, trip.seed, closed=trip.closed, rate=rate)
        if not isinstance(made, Guide):
            raise PluginError(
                f"guide {guide!r} made a {type(made).__name__} without name or advise()"
            )
        return made

    def silent(self, planned: PlannedTrip, arm: str) -> Run:
        """Drive with a guide that says nothing."""
        return self.drive(planned, arm, SILENT, 0.0)

    def one(self, index: int, arm: str, rate: float) -> RunResult:
        """One run of the scenario with its twin and baseline."""
        return next(r for r in self.trip(index, (arm,), (rate,)) if r.run.arm == arm)

    def trip(
        self, index: int, arms: Sequence[str] | None = None, rates: Sequence[float] | None = None
    ) -> list[RunResult]:
        """All runs of one trip, by arm and rate; the arm without a guide runs once."""
        planned = self.trips.planned(index)
        baseline = self.silent(planned, NO_GUIDE)
        results: list[RunResult] = []
        for arm in self.scenario.arms if arms is None else arms:
            if arm == NO_GUIDE:
                results.append(RunResult(run=baseline, twin=baseline, baseline=baseline))
                continue
            twin = baseline if arm == GUARDED else self.silent(planned, arm)
            runs = self._at_rates(planned, arm, self.scenario.rates if rates is None else rates)
            results.extend(RunResult(run=run, twin=twin, baseline=baseline) for run in runs)
        return results

    def _at_rates(self, planned: PlannedTrip, arm: str, rates: Sequence[float]) -> list[Run]:
        """Drive one arm at all rates; what would be heard as before is not driven again."""
        runs: list[Run] = []
        for rate in rates:
            heard_before = self._heard_before(planned, runs, rate) if runs else None
            runs.append(heard_before or self.drive(planned, arm, self.scenario.guide, rate))
        return runs

    def _heard_before(self, planned: PlannedTrip, runs: Sequence[Run], rate: float) -> Run | None:
        """Find the run that the guide would repeat word by word at this rate."""
        for run in reversed(runs):
            if not run.lost and says_the_same(self._voice(planned, run.guide, rate), run.dialog):
                return replace(run, rate=rate)
        return None
