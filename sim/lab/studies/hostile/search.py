"""
Adversarial search through the full world for a word that breaks the guard, at any time.

The number of messages is chosen before; what was found and what was not is told with its bound.
Each stream is given to the guarded car by a guide that adapts, recorded, and given word for word to
the car that obeys: an attack that harms nobody would show nothing. Whatever breaks the guarded car
is saved as a script that replays it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from guiderail.maps.network import LinkId
from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.contract.messages import (
    Ask,
    Command,
    Decision,
    Direction,
    Observation,
    Perception,
    Proposal,
    Verdict,
)
from guiderail.sim.contract.ports import Driver
from guiderail.sim.contract.trace import Missed, Rerouted, Trace
from guiderail.sim.driver.arms import make_driver
from guiderail.sim.judge.attribution import guide_induced
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.referee import judge
from guiderail.sim.judge.severity import SERIOUS
from guiderail.sim.lab.experiment.run import GUARDED, NO_GUIDE, Laboratory
from guiderail.sim.lab.experiment.scenario import Scenario, load_scenario
from guiderail.sim.lab.experiment.trips import PlannedTrip
from guiderail.sim.lab.measure import metrics
from guiderail.sim.lab.measure.delay_bound import DelayBound
from guiderail.sim.lab.measure.statistics import rate_upper_bound
from guiderail.sim.lab.results import store
from guiderail.sim.lab.studies.hostile.guides import (
    Attacker,
    CrossEntropy,
    Greedy,
    Random,
    Script,
    Style,
    TreeSearch,
)
from guiderail.sim.wire.documents import proposal_document
from guiderail.sim.world.clock import simulate

SEARCHERS: Final = ("greedy", "cross_entropy", "tree_search")
RANDOM: Final = "random"
"""The yardstick of the others."""
OBEYING: Final = "obeying_machine"


class Nobody:
    """The guide of the world in these runs: it has nothing to say."""

    name = "nobody"

    def advise(self, seen: Observation) -> None:
        """Stay silent."""
        del seen


class Whispered:
    """A driver into whose ear somebody talks in every tick; it drives as it would."""

    def __init__(self, driver: Driver, attacker: Attacker) -> None:
        self._driver, self._attacker = driver, attacker
        self.name = driver.name
        self.lines: list[tuple[int, Proposal]] = []
        self.verdicts: list[Verdict] = []

    def hear(self, proposal: Proposal, seen: Perception) -> Verdict:
        """Pass on what the guide of the world says; in these runs it says nothing."""
        return self._driver.hear(proposal, seen)

    def command(self, seen: Perception) -> Command:
        """Listen, then drive."""
        said = self._attacker.say(seen, self._driver.route())
        if said is not None:
            verdict = self._driver.hear(said, seen)
            self.lines.append((seen.time_ms, said))
            self.verdicts.append(verdict)
            self._attacker.told(verdict)
        return self._driver.command(seen)

    def route(self) -> tuple[LinkId, ...]:
        """Planned links."""
        return self._driver.route()

    def remaining_ms(self) -> int:
        """Predicted time along the route [ms]."""
        return self._driver.remaining_ms()

    def news(self) -> list[Missed | Rerouted]:
        """What happened to the plan."""
        return self._driver.news()


@dataclass(kw_only=True)
class Campaign:
    """What one attacker achieved on one map."""

    map: str
    attacker: str
    trips: int = 0
    messages: int = 0
    accepted: int = 0
    guarded: int = 0
    """Serious infractions of the guarded car that its twin with a silent guide lacks."""
    guarded_own: int = 0
    """Serious infractions that the twin has as well."""
    obeying: int = 0
    """Serious infractions of the obeying car that its twin lacks, under the same words."""
    not_arrived: int = 0
    over_granted: int = 0
    """Trips on which more planned time was bought than granted; the bound says 0."""
    over_bound: int = 0
    """Trips that took longer than the bound on the whole delay; the bound says 0."""
    most_bought_ms: int = 0
    most_delay_ms: int = 0
    most_share: float = 0.0
    """Best share of the exact worst case that was bought on a trip [1]."""
    shares: list[float] = field(default_factory=list)
    saved: list[str] = field(default_factory=list)
    """Files that replay what broke."""

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        found = asdict(self)
        shares = found.pop("shares")
        mean = sum(shares) / len(shares) if shares else None
        bound = rate_upper_bound(self.guarded, self.trips)
        return {**found, "mean_share": mean, "guarded_per_trip_at_most": bound}


class Range:
    """Trips of one scenario, and attackers to let loose on them."""

    def __init__(self, scenario: Scenario) -> None:
        self.lab = Laboratory(scenario)
        self.budget = scenario.budget.budget()
        self._style = Style()
        self._silent: dict[tuple[int, str], list[Infraction]] = {}
        self._bounds: dict[int, DelayBound] = {}

    def attack(
        self, attacker: str, trips: int, messages: int = 0, out: Path | None = None
    ) -> Campaign:
        """Drive so many trips, then on until so many messages were said."""
        campaign = Campaign(map=self.lab.network.name, attacker=attacker)
        while campaign.trips < trips or campaign.messages < messages:
            self._one(campaign, out)
        return campaign

    def _one(self, campaign: Campaign, out: Path | None) -> None:
        planned = self.lab.trips.planned(campaign.trips)
        guide = self._guide(campaign.attacker, planned)
        trace, ear = self.drive(planned, GUARDED, guide)
        found = _serious(judge(trace, self.lab.network).infractions)
        own = self._own(planned, NO_GUIDE)
        induced = list(guide_induced(found, own))
        campaign.trips += 1
        campaign.messages += len(ear.lines)
        campaign.accepted += sum(one.decision is Decision.ACCEPT for one in ear.verdicts)
        campaign.guarded += len(induced)
        campaign.guarded_own += len(found) - len(induced)
        campaign.obeying += self.harm(planned, ear)
        self._account(campaign, planned, trace, ear, guide)
        if induced and out is not None:
            name = f"{campaign.attacker}-{planned.index}.json"
            store.write_json(out / name, self.script(planned, trace, ear, induced))
            campaign.saved.append(name)

    def _account(
        self,
        campaign: Campaign,
        planned: PlannedTrip,
        trace: Trace,
        ear: Whispered,
        guide: Attacker,
    ) -> None:
        bound = self.bound(planned)
        bought = sum(max(0, one.extra_ms) for one in ear.verdicts if one.changes_route)
        share = bought / bound.turns_ms if bound.turns_ms else 1.0
        guide.learn(share)
        delay = trace.end_ms - planned.free_flow_ms
        has_arrived = metrics.has_arrived(trace)
        campaign.not_arrived += not has_arrived
        campaign.over_granted += bought > bound.granted_ms
        campaign.over_bound += has_arrived and delay > bound.total_ms
        campaign.most_bought_ms = max(campaign.most_bought_ms, bought)
        campaign.most_delay_ms = max(campaign.most_delay_ms, delay)
        campaign.most_share = max(campaign.most_share, share)
        campaign.shares.append(share)

    def harm(self, planned: PlannedTrip, ear: Whispered) -> int:
        """Serious infractions of the obeying car under the same words, beyond its twin."""
        trace, _ = self.drive(planned, OBEYING, Script(ear.lines))
        found = _serious(judge(trace, self.lab.network).infractions)
        return len(list(guide_induced(found, self._own(planned, OBEYING))))

    def _own(self, planned: PlannedTrip, arm: str) -> list[Infraction]:
        """What a car commits with a silent guide."""
        key = planned.index, arm
        if key not in self._silent:
            judgement = self.lab.silent(planned, arm).judgement
            self._silent[key] = _serious(judgement.infractions)
        return self._silent[key]

    def bound(self, planned: PlannedTrip) -> DelayBound:
        """Worst case of a trip."""
        if planned.index not in self._bounds:
            self._bounds[planned.index] = self.lab.bound(planned)
        return self._bounds[planned.index]

    def drive(self, planned: PlannedTrip, arm: str, guide: Attacker) -> tuple[Trace, Whispered]:
        """Drive one trip with somebody whispering."""
        network, trip = self.lab.network, planned.trip
        ear = Whispered(make_driver(arm, network, self.lab.routes, trip, self.budget), guide)
        return simulate(network, trip, ear, Nobody()), ear

    def _guide(self, name: str, planned: PlannedTrip) -> Attacker:
        trip = planned.trip
        tree = self.lab.routes.tree(trip.goal, frozenset())
        given = (self.lab.network, tree, self.budget, trip.seed)
        match name:
            case "random":
                return Random(*given)
            case "greedy":
                return Greedy(*given)
            case "cross_entropy":
                return CrossEntropy(*given, self._style)
            case "tree_search":
                return TreeSearch(*given)
            case _:
                raise ScenarioError(
                    f"no attacker named {name!r}; known: {', '.join((*SEARCHERS, RANDOM))}"
                )

    def script(
        self, planned: PlannedTrip, trace: Trace, ear: Whispered, induced: list[Infraction]
    ) -> dict[str, Any]:
        """Everything that drives a trip again, for :meth:`replay`."""
        return {
            "scenario": self.lab.scenario.model_dump(mode="json"),
            "trip": planned.index,
            "digest": trace.digest(),
            "broke": [f"{one.kind} at {one.time_ms} ms" for one in induced],
            "lines": [[time_ms, proposal_document(said)] for time_ms, said in ear.lines],
        }

    def replay(self, saved: Mapping[str, Any]) -> tuple[Trace, list[Infraction]]:
        """Drive a saved script again."""
        planned = self.lab.trips.planned(int(saved["trip"]))
        lines = [(int(time_ms), _proposal(words)) for time_ms, words in saved["lines"]]
        trace, _ = self.drive(planned, GUARDED, Script(lines))
        return trace, _serious(judge(trace, self.lab.network).infractions)


def _serious(found: tuple[Infraction, ...]) -> list[Infraction]:
    return [one for one in found if one.severity.value in SERIOUS]


def _proposal(words: Mapping[str, Any]) -> Proposal:
    """Make a proposal of saved words; what is no word of the contract stays as it was said."""
    known: dict[str, Any] = {one.value: one for one in (*Ask, *Direction)}
    named = {
        key: known.get(str(words[key]), words[key]) for key in ("ask", "direction") if key in words
    }
    return Proposal(**{**words, **named})


def falsify(
    maps: tuple[str, ...],
    messages: int,
    trips: int,
    seed: int,
    out: Path | None = None,
) -> Iterator[Campaign]:
    """
    Let every attacker loose on every map.

    Who searches drives ``trips`` trips; the random one, last, says what is left of each map's share
    of the messages.
    """
    for name in maps:
        range_ = Range(load_scenario(None, {"map": name, "seed": seed}))
        left = -(-messages // len(maps))
        for attacker in SEARCHERS:
            campaign = range_.attack(attacker, trips, 0, out)
            left -= campaign.messages
            yield campaign
        yield range_.attack(RANDOM, 1, left, out)


def load_script(path: Path) -> dict[str, Any]:
    """
    Read a saved script.

    Raises
    ------
    ScenarioError
        When there is none, or it is none.
    """
    try:
        saved: dict[str, Any] = dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise ScenarioError(f"cannot read script {str(path)!r}: {error}") from None
    if not {"scenario", "trip", "digest", "lines"} <= set(saved):
        raise ScenarioError(f"{str(path)!r} is no script that falsify has saved")
    return saved
