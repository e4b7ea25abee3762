"""
A trip as the player draws it: a map once, and for each run where the car was and what was said.

Lengths are decimeters in whole numbers and times seconds: half the bytes of what the trace holds,
and finer than a screen. Everything here is plain JSON; nothing in it is markup.
"""

from collections.abc import Iterable, Iterator
from itertools import accumulate, pairwise
from typing import Any, Final

import numpy as np

from guiderail.maps.geometry import distance_mm, position, shape
from guiderail.maps.network import Ban, Control, LinkId, RoadNetwork
from guiderail.sim.contract.messages import Verdict
from guiderail.sim.contract.trace import Heard, Missed, Rerouted, Trace
from guiderail.sim.judge.articles.near_miss_pet_drac import NEAR_MISS_PET_DRAC
from guiderail.sim.judge.articles.near_miss_ttc import NEAR_MISS_TTC
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.severity import Severity
from guiderail.sim.lab.experiment.provenance import credit
from guiderail.sim.lab.experiment.run import RunResult
from guiderail.sim.lab.measure import metrics
from guiderail.sim.lab.report.geojson import visits
from guiderail.sim.lab.report.guard_view import decision_view
from guiderail.sim.lab.report.story import BECAUSE, printable
from guiderail.sim.lab.results.rows import plain, street, target

Json = dict[str, Any]

STEP_MS: Final = 200
"""Time between two points of the car's track; the player draws straight lines between."""
DM: Final = 100
_NEAR_MISSES: Final = {NEAR_MISS_TTC.kind, NEAR_MISS_PET_DRAC.kind}
"""Surrogates as severe as the near misses of naturalistic studies; the milder ones are not."""
_BANNED: Final = {Ban.RESTRICTION, Ban.ONLY, Ban.CONDITIONAL}


def map_drawing(network: RoadNetwork) -> Json:
    """Draw the roads, signals and banned turns of a map, each two-way street once."""
    return {
        "name": network.name,
        "credit": credit(network.header),
        "roads": list(_roads(network)),
        "signals": list(_signals(network)),
        "bans": list(_bans(network)),
    }


def places_drawing(network: RoadNetwork) -> list[Json]:
    """Named places of a map, each name once: what a person may point at."""
    first = {place.name: place for place in reversed(network.all_places)}
    return [
        {"n": printable(name, 60), "x": round(place.x_mm / DM), "y": round(place.y_mm / DM)}
        for name, place in sorted(first.items())
    ]


def _roads(network: RoadNetwork) -> Iterator[Json]:
    for link in network.all_links:
        other = link.reverse
        is_twin = other >= 0 and other < link.id and not network.link(other).against_oneway
        if not link.against_oneway and not is_twin:
            yield {
                "c": int(link.road_class),
                "o": int(link.is_oneway),
                "n": link.name,
                "p": _flat(shape(network, link.id)),
            }


def _signals(network: RoadNetwork) -> Iterator[list[int]]:
    for link in network.all_links:
        if link.control is Control.SIGNAL and not link.against_oneway:
            yield _flat([position(network, link.id, link.stop_line_mm)])


def _bans(network: RoadNetwork) -> Iterator[list[int]]:
    """Mark the junctions where a sign bans a turn."""
    seen = set()
    for link in network.all_links:
        bans = (turn.ban in _BANNED for turn in network.illegal_turns_from(link.id))
        if not link.against_oneway and link.to_node not in seen and any(bans):
            seen.add(link.to_node)
            yield _flat([position(network, link.id, link.length_mm)])


def trip_playback(result: RunResult, network: RoadNetwork) -> Json:
    """Put one run into the form that the player draws."""
    run, trace = result.run, result.run.trace
    talk = list(_talk(trace, network))
    return {
        "arm": run.arm,
        "guide": run.guide,
        "rate": run.rate,
        "index": run.planned.index,
        "goal_name": printable(run.planned.trip.goal_name, 80),
        **_track(trace, network),
        "routes": list(_routes(trace, network)),
        "marks": sorted(_marks(result, network), key=lambda mark: float(mark["t"])),
        "talk": talk,
        "closed": _lines(network, trace.closed),
        "reported": _lines(network, run.planned.trip.reported_closed - trace.closed),
        "goal": _flat([position(network, trace.goal_link, trace.goal_mm)]),
        "end": trace.end_ms / 1_000,
        "outcome": trace.outcome.value,
        "detour_s": metrics.detour_seconds(trace, result.baseline.trace).or_none(),
        "refused": sum(item["decision"] == "refuse" for item in talk),
        "missed": metrics.missed_turns(trace),
        "loops": metrics.loops(trace),
        "infractions": len(run.judgement.breaches),
        "by_guide": sum(result.is_induced(one) for one in run.judgement.breaches),
    }


def parting_s(trips: Iterable[Json]) -> float | None:
    """
    First time at which two runs of one trip are more than 5 m apart [s]; None if they never are.

    Runs that ended are not compared any more.
    """
    tracks = [tuple(np.asarray(trip[key]) for key in ("t", "x", "y")) for trip in trips]
    shared = np.arange(0, min(float(t[-1]) for t, _, _ in tracks), STEP_MS / 1_000)
    places = [(np.interp(shared, t, x), np.interp(shared, t, y)) for t, x, y in tracks]
    apart = np.zeros(len(shared), dtype=bool)
    for (x, y), (other_x, other_y) in pairwise(places):
        apart |= np.hypot(x - other_x, y - other_y) > 50  # noqa: PLR2004  5 m in decimeters
    return float(shared[int(apart.argmax())]) if apart.any() else None


def _track(trace: Trace, network: RoadNetwork) -> Json:
    """Sample where the car is, and how fast [km/h]."""
    table = {name: trace.column(name) for name in ("time_ms", "link", "s_mm", "speed_mm_s")}
    time_ms = table["time_ms"]
    kept = np.flatnonzero((time_ms % STEP_MS == 0) | (np.diff(time_ms, append=0) > STEP_MS))
    kept = np.union1d(kept, [len(time_ms) - 1])
    x, y = np.zeros(len(time_ms)), np.zeros(len(time_ms))
    for link in np.unique(table["link"]).tolist():
        rows = table["link"] == link
        corners = shape(network, LinkId(link))
        along = list(accumulate((distance_mm(a, b) for a, b in pairwise(corners)), initial=0))
        x[rows] = np.interp(table["s_mm"][rows], along, [corner[0] for corner in corners])
        y[rows] = np.interp(table["s_mm"][rows], along, [corner[1] for corner in corners])
    return {
        "t": (time_ms[kept] / 1_000).round(1).tolist(),
        "x": (x[kept] / DM).round().astype(int).tolist(),
        "y": (y[kept] / DM).round().astype(int).tolist(),
        "v": (table["speed_mm_s"][kept] * 0.0036).round().astype(int).tolist(),
    }


def _routes(trace: Trace, network: RoadNetwork) -> Iterator[Json]:
    for event in trace.events:
        if isinstance(event, Rerouted):
            corners = [point for link in event.route for point in shape(network, link)]
            yield {"t": event.time_ms / 1_000, "cause": event.cause, "p": _flat(corners)}


def _marks(result: RunResult, network: RoadNetwork) -> Iterator[Json]:
    trace, judgement = result.run.trace, result.run.judgement
    for event in trace.events:
        if isinstance(event, Missed):
            where = position(network, event.link, network.link(event.link).length_mm)
            wanted = street(network, event.wanted)
            yield _mark(event.time_ms, where, "missed", "missed turn into", place=wanted)
    for visit in _second_visits(trace, network):
        where = position(network, visit.link, visit.from_mm)
        again = street(network, visit.link)
        yield _mark(visit.enter_ms, where, "loop", "again on", place=again)
    for one in (*judgement.infractions, *judgement.others):
        if one.severity is Severity.COMFORT:
            continue
        whose = "the guide's doing" if result.is_induced(one) else "also without this guide"
        yield _mark(
            one.time_ms,
            position(network, one.link, one.s_mm),
            _mark_kind(one),
            one.kind.replace("_", " "),
            severity=one.severity.value,
            whose=whose if one.at_fault else "caused by somebody else",
        )


def _mark_kind(one: Infraction) -> str:
    if one.severity is not Severity.SURROGATE:
        return "infraction"
    return "near_miss" if one.kind in _NEAR_MISSES else "conflict"


def _second_visits(trace: Trace, network: RoadNetwork) -> Iterator[Any]:
    seen = set()
    for visit in visits(trace, network):
        if visit.link in seen:
            yield visit
        seen.add(visit.link)


def _mark(time_ms: int, where: tuple[int, int], kind: str, what: str, **more: str) -> Json:
    """Make a mark; its words stand apart from its names, so that a page may translate them."""
    x, y = _flat([where])
    clean = {name: printable(text, 120) for name, text in more.items()}
    return {"t": time_ms / 1_000, "x": x, "y": y, "kind": kind, "what": what, **clean}


def _talk(trace: Trace, network: RoadNetwork) -> Iterator[Json]:
    for event in trace.events:
        if isinstance(event, Heard):
            length_mm = network.link(event.link).length_mm
            x, y = _flat([position(network, event.link, length_mm - event.distance_to_node_mm)])
            yield {
                "t": event.time_ms / 1_000,
                "asked": event.asked_ms / 1_000,
                "x": x,
                "y": y,
                "words": printable(event.advice.words),
                "kind": printable(plain(event.advice.label), 40),
                "left_m": round(event.distance_to_node_mm / 1_000),
                "kmh": round(event.speed_mm_s * 0.0036),
                **_answer(event, network),
                "view": decision_view(event, trace, network),
            }


def _answer(event: Heard, network: RoadNetwork) -> Json:
    """Say what was asked and what the driver answered; empty words where nothing was."""
    proposal, verdict = event.advice.proposal, event.verdict
    if proposal is None or verdict is None:
        return {"wish": "", "decision": "", "reason": "", "because": "", "price": None, "offer": ""}
    wish = f"{proposal.ask} {target(proposal, network)}".replace("_", " ").strip()
    return {
        "wish": printable(wish, 120),
        "decision": verdict.decision.value,
        "reason": verdict.reason.value,
        "because": BECAUSE[verdict.reason],
        "price": verdict.extra_ms / 1_000 if verdict.changes_route else None,
        "offer": _offer(verdict, network),
    }


def _offer(verdict: Verdict, network: RoadNetwork) -> str:
    offer = verdict.counter
    if offer is None:
        return ""
    return printable(f"{offer.ask.value.replace('_', ' ')} {target(offer, network)}", 120)


def _lines(network: RoadNetwork, links: Iterable[LinkId]) -> list[list[int]]:
    return [_flat(shape(network, link)) for link in sorted(links)]


def _flat(points: Iterable[tuple[int, int]]) -> list[int]:
    return [round(value / DM) for point in points for value in point]
