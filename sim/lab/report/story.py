"""
One trip told in sentences: what was said, what the driver answered and why, and what came of it.

A guide's words are quoted with every unprintable character replaced: they may come from a stranger.
"""

from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import Final

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.sim.contract.lattice import NOTHING, TICK_MS
from guiderail.sim.contract.messages import Decision, Proposal, Reason, Verdict
from guiderail.sim.contract.trace import (
    Event,
    Heard,
    LaneChange,
    Missed,
    Outcome,
    Passing,
    RerouteCause,
    Rerouted,
    SirenSample,
    Trace,
    YieldingToSiren,
)
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.severity import SERIOUS, Severity
from guiderail.sim.lab.experiment.run import RunResult
from guiderail.sim.lab.measure.metrics import detour_seconds, missed_turns
from guiderail.sim.lab.results.rows import street, target
from guiderail.sim.world.background.queues import Queues

BECAUSE: Final = {
    Reason.ADMISSIBLE: "it can be done calmly and legally",
    Reason.OBEYED: "this car does what it is told",
    Reason.UNKNOWN_PLACE: "there is no such place",
    Reason.AMBIGUOUS_PLACE: "several places bear that name",
    Reason.UNKNOWN_ROAD: "there is no such road",
    Reason.NO_SUCH_TURN: "there is no such turn",
    Reason.ILLEGAL_TURN: "that turn is forbidden",
    Reason.WRONG_WAY: "that leads against a one-way street",
    Reason.CLOSED: "that road is closed",
    Reason.TOO_LATE: "it is too late to do it calmly",
    Reason.WRONG_LANE: "the lane for it is out of reach",
    Reason.OUTSIDE_DOMAIN: "that leads out of the area where this car may drive",
    Reason.UNREACHABLE: "there is no way to it",
    Reason.OVER_BUDGET: "the guide has used up what this trip grants it",
    Reason.TOO_FREQUENT: "the last change is too fresh",
    Reason.STALE: "that junction lies behind",
    Reason.MALFORMED: "it makes no sense as a proposal",
    Reason.GUARD_FAULT: "the guard itself failed, and then it refuses",
}
_ENDED: Final = {
    Outcome.ARRIVED: "The car arrives",
    Outcome.CRASHED: "The trip ends in a crash",
    Outcome.TIMED_OUT: "The trip is given up",
}
_CAUSES: Final = {
    RerouteCause.GUIDE: "The route is changed for the guide",
    RerouteCause.MISSED: "A new route is found",
    RerouteCause.CLOSURE: "The road ahead is closed: a new route is found",
    RerouteCause.GOAL_PASSED: "The goal was passed: a new route leads back",
}


def tell(result: RunResult, network: RoadNetwork) -> list[str]:
    """Tell one run, a sentence or two per line, in order of time."""
    run = result.run
    middle = [*_events(run.trace, network), *_found(result, network)]
    middle.sort(key=lambda line: line[0])
    return [
        *_opening(result, network),
        *(f"{clock(time_ms)}  {text}" for time_ms, text in middle),
        _ending(result),
    ]


def clock(time_ms: int) -> str:
    """Time since the start as minutes and seconds, with tenths."""
    minutes, rest_ms = divmod(time_ms, 60_000)
    return f"{minutes:3d}:{rest_ms / 1_000:04.1f}"


def printable(text: str, limit: int = 300) -> str:
    """Text of a stranger, safe to print: one line, no control characters, not too long."""
    clean = "".join(char if char.isprintable() else " " for char in text)
    return clean if len(clean) <= limit else clean[: limit - 3] + "..."


def _opening(result: RunResult, network: RoadNetwork) -> Iterator[str]:
    planned, run = result.run.planned, result.run
    trip = planned.trip
    km = "no open way" if planned.shortest_mm is None else f"{planned.shortest_mm / 1e6:.2f} km"
    yield (
        f"Trip {planned.index}, {run.arm} with the guide {run.guide!r} at rate {run.rate:g}: from "
        f"{street(network, trip.origin)} to {printable(trip.goal_name)} on "
        f"{street(network, trip.goal)}; {km}, "
        f"{planned.free_flow_ms / 1_000:.0f} s alone at the limit."
    )
    if trip.closed or trip.reported_closed:
        yield (
            f"Closed: {_streets(network, trip.closed)}. "
            f"Reported as closed: {_streets(network, trip.reported_closed)}."
        )
    for one in trip.closings:
        yield (
            f"Closed from {clock(max(0, one.from_ms))} to {clock(max(0, one.until_ms))}: "
            f"{_streets(network, one.links)}."
        )
    for jam in trip.bottlenecks:
        queue = Queues(network, (jam,))
        if not any(queue.stands_on(*place) for place in run.trace.queued):
            continue
        yield (
            f"Incident on {street(network, jam.upstream[0])} from {clock(max(0, jam.from_ms))} to "
            f"{clock(max(0, jam.until_ms))}: of {jam.demand_per_hour} vehicles per hour "
            f"{jam.capacity_per_hour} can pass."
        )


def _streets(network: RoadNetwork, links: frozenset[LinkId]) -> str:
    return ", ".join(f"{street(network, k)} (link {k})" for k in sorted(links)) or "nothing"


def _events(trace: Trace, network: RoadNetwork) -> Iterator[tuple[int, str]]:
    for event in trace.events:
        text = _sentence(event, network)
        if text:
            yield event.time_ms, text
    for where, met in groupby(trace.queued, lambda place: street(network, place[0])):
        yield next(met)[1], f"The queue of an incident stands on {where}."
    yield from _chased(trace)


def _chased(trace: Trace) -> Iterator[tuple[int, str]]:
    """When each emergency vehicle that comes up from behind is first heard."""
    rows = map(SirenSample._make, trace.siren_table().tolist())
    heard_ms = [row.time_ms for row in rows if row.gap_mm < NOTHING]
    for before_ms, time_ms in pairwise((-NOTHING, *heard_ms)):
        if time_ms - before_ms > TICK_MS:
            yield time_ms, "An emergency vehicle comes up from behind."


def _sentence(event: Event, network: RoadNetwork) -> str:
    match event:
        case Heard():
            return _heard(event, network)
        case Passing():
            here, there = street(network, event.from_link), street(network, event.to_link)
            return "" if here == there else f"From {here} into {there}."
        case Missed():
            whose = "The turn that the guide asked for" if event.from_guide else "The planned turn"
            return (
                f"{whose}, into {street(network, event.wanted)}, cannot be made safely: "
                f"the car goes on into {street(network, event.taken)}."
            )
        case Rerouted():
            cause = _CAUSES.get(event.cause)
            return f"{cause}, over {len(event.route)} links." if cause else ""
        case LaneChange():
            side = "left" if event.to_lane > event.from_lane else "right"
            return f"Lane change to the {side} begins."
        case _:
            return _siren(event) if isinstance(event, YieldingToSiren) else ""


def _siren(event: YieldingToSiren) -> str:
    if event.arrival_ms <= event.leave_ms:
        return "An emergency vehicle comes to the junction that the car is in."
    if event.arrival_ms < NOTHING:
        spare_s = (event.arrival_ms - event.leave_ms) / 1_000
        return f"An emergency vehicle comes to the junction {spare_s:.1f} s after the car left."
    gone_s = (event.enter_ms - event.before_ms) / 1_000
    return f"The car crosses a junction {gone_s:.1f} s after an emergency vehicle."


def _heard(event: Heard, network: RoadNetwork) -> str:
    delay_s = (event.time_ms - event.asked_ms) / 1_000
    left_m, kmh = event.distance_to_node_mm / 1_000, event.speed_mm_s * 3.6 / 1_000
    parts = [
        f"{left_m:.0f} m before the junction at {kmh:.0f} km/h the guide says:",
        f'"{printable(event.advice.words)}" ({delay_s:.1f} s after it was asked)',
    ]
    if event.advice.label:
        parts.append(f"[{printable(event.advice.label)}]")
    if event.advice.proposal is not None and event.verdict is not None:
        parts.append(f"- {_answer(event.advice.proposal, event.verdict, network)}")
    return " ".join(parts)


def _answer(proposal: Proposal, verdict: Verdict, network: RoadNetwork) -> str:
    asked = str(proposal.ask).replace("_", " ")
    about = printable(target(proposal, network))
    wish = f"{asked} {about}".strip()
    because = BECAUSE[verdict.reason]
    if verdict.decision is Decision.ACCEPT:
        price = ", and it is the way already"
        if verdict.changes_route:
            price = f", {verdict.extra_ms / 1_000:+.0f} s expected"
        return f"The driver accepts ({wish}): {because}{price}."
    offer = verdict.counter
    counter = "" if offer is None else f" It offers: {offer.ask.value} {target(offer, network)}."
    return f"The driver refuses ({wish}): {because}.{printable(counter)}"


def _found(result: RunResult, network: RoadNetwork) -> Iterator[tuple[int, str]]:
    judgement = result.run.judgement
    for one in judgement.infractions:
        if one.severity is Severity.COMFORT:  # one in every other block, and nobody's business
            continue
        yield one.time_ms, _infraction(one, network, induced=result.is_induced(one))
    for one in judgement.others:
        where = street(network, one.link)
        yield one.time_ms, f"JUDGE: {one.kind} on {where}, caused by somebody else."


def _infraction(one: Infraction, network: RoadNetwork, *, induced: bool) -> str:
    evidence = ", ".join(f"{name} {value}" for name, value in one.evidence)
    whose = "; the guide's doing: it does not happen with a silent guide" if induced else ""
    return (
        f"JUDGE: {one.kind} ({one.severity.value}) on {street(network, one.link)}"
        f"{f' [{evidence}]' if evidence else ''}{whose}."
    )


def _ending(result: RunResult) -> str:
    trace = result.run.trace
    detour = detour_seconds(trace, result.baseline.trace)
    breaches = result.run.judgement.breaches
    serious = sum(one.severity.value in SERIOUS for one in breaches)
    cost = f", {detour.value:+.1f} s against no guide" if detour.valid else ""
    lost = f" The guide fell silent: {printable(result.run.lost)}." if result.run.lost else ""
    return (
        f"{clock(trace.end_ms)}  {_ENDED[trace.outcome]} after "
        f"{result.run.judgement.driven_mm / 1e6:.2f} km{cost}; missed turns {missed_turns(trace)}, "
        f"infractions {len(breaches)} (serious {serious}).{lost}"
    )
