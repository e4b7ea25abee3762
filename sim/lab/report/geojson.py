"""One trip as GeoJSON (RFC 7946): lines for roads, points for words and infractions."""

from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import Any, Final, NamedTuple

import numpy as np

from guiderail.maps.geometry import distance_mm, lonlat, shape
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.sim.contract.trace import Heard, Missed, Trace
from guiderail.sim.lab.experiment.provenance import credit
from guiderail.sim.lab.experiment.run import RunResult
from guiderail.sim.lab.results.rows import street

TURNED_BACK_MM: Final = 5_000
"""A link left so far before its end was left by turning round, not by driving on [mm]."""
_DECIMALS: Final = 7
"""About 1 cm."""

Json = dict[str, Any]


class Visit(NamedTuple):
    """A stretch of one link driven without leaving it."""

    link: LinkId
    enter_ms: int
    leave_ms: int
    from_mm: int
    to_mm: int


def trip_geojson(result: RunResult, network: RoadNetwork, run_name: str) -> Json:
    """Make one FeatureCollection of a run."""
    run = result.run
    features = [*_lines(run.trace, network), *_words(run.trace, network)]
    features += [*_missed(run.trace, network), *_infractions(result, network)]
    return {
        "type": "FeatureCollection",
        "attribution": credit(network.header),
        "run": run_name,
        "arm": run.arm,
        "rate": run.rate,
        "trip": run.planned.index,
        "outcome": run.trace.outcome.value,
        "features": features,
    }


def visits(trace: Trace, network: RoadNetwork) -> list[Visit]:
    """Cut the motion into stretches of one link each."""
    table = trace.table()
    time_ms, link, s_mm = (trace.column(name) for name in ("time_ms", "link", "s_mm"))
    starts = np.concatenate(([0], np.flatnonzero(np.diff(link)) + 1, [len(table)])).tolist()
    found: list[Visit] = []
    for first, after in pairwise(starts):
        this = LinkId(int(link[first]))
        length = network.link(this).length_mm
        last_mm, ends_here = int(s_mm[after - 1]), after == len(table)
        turned = length - last_mm > TURNED_BACK_MM
        came_whole = bool(found) and found[-1].to_mm == network.link(found[-1].link).length_mm
        found.append(
            Visit(
                link=this,
                enter_ms=int(time_ms[first]),
                leave_ms=int(time_ms[after - 1]),
                from_mm=0 if came_whole else int(s_mm[first]),
                to_mm=last_mm if ends_here or turned else length,
            )
        )
    return found


def _lines(trace: Trace, network: RoadNetwork) -> Iterator[Json]:
    for order, visit in enumerate(visits(trace, network)):
        if visit.to_mm > visit.from_mm:
            view = network.link(visit.link)
            yield _feature(
                "LineString",
                _line(network, visit),
                kind="road",
                order=order,
                link=visit.link,
                street=view.name,
                against_oneway=view.against_oneway,
                enter_s=visit.enter_ms / 1_000,
                leave_s=visit.leave_ms / 1_000,
            )


def _line(network: RoadNetwork, visit: Visit) -> list[list[float]]:
    corners = shape(network, visit.link)
    along = accumulate((distance_mm(a, b) for a, b in pairwise(corners)), initial=0)
    inner = [s for s in along if visit.from_mm < s < visit.to_mm]
    return [_position(network, visit.link, s) for s in (visit.from_mm, *inner, visit.to_mm)]


def _words(trace: Trace, network: RoadNetwork) -> Iterator[Json]:
    for event in trace.events:
        if isinstance(event, Heard):
            s_mm = network.link(event.link).length_mm - event.distance_to_node_mm
            verdict = event.verdict
            yield _feature(
                "Point",
                _position(network, event.link, s_mm),
                kind="message",
                time_s=event.time_ms / 1_000,
                words=event.advice.words,
                label=event.advice.label,
                decision=None if verdict is None else verdict.decision.value,
                reason=None if verdict is None else verdict.reason.value,
            )


def _missed(trace: Trace, network: RoadNetwork) -> Iterator[Json]:
    for event in trace.events:
        if isinstance(event, Missed):
            yield _feature(
                "Point",
                _position(network, event.link, network.link(event.link).length_mm),
                kind="missed_turn",
                time_s=event.time_ms / 1_000,
                wanted=street(network, event.wanted),
                taken=street(network, event.taken),
                from_guide=event.from_guide,
            )


def _infractions(result: RunResult, network: RoadNetwork) -> Iterator[Json]:
    judgement = result.run.judgement
    for one in (*judgement.infractions, *judgement.others):
        yield _feature(
            "Point",
            _position(network, one.link, one.s_mm),
            kind="infraction",
            time_s=one.time_ms / 1_000,
            name=one.kind,
            severity=one.severity.value,
            at_fault=one.at_fault,
            guide_induced=result.is_induced(one),
        )


def _feature(shape_name: str, coordinates: list[Any], **properties: Any) -> Json:
    geometry = {"type": shape_name, "coordinates": coordinates}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _position(network: RoadNetwork, link: LinkId, s_mm: int) -> list[float]:
    inside = max(0, min(s_mm, network.link(link).length_mm))
    return [round(degrees, _DECIMALS) for degrees in lonlat(network, link, inside)]
