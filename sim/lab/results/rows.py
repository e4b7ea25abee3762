"""
Rows of the result tables: one per trip, one per infraction, one per message.

``None`` stands for "does not apply". The key (arm, rate, trip) repeats in every row, so that each
table can be read alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.messages import Ask, Decision, Proposal
from guiderail.sim.contract.trace import Heard
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.lab.experiment.run import Run, RunResult
from guiderail.sim.lab.measure import metrics
from guiderail.sim.lab.measure.advice_value import Worth
from guiderail.sim.lab.measure.energy import energy_kwh
from guiderail.sim.lab.measure.ledger import ACCOUNTS, DETOUR_ACCOUNTS, difference

Row = dict[str, Any]

TRIPS: Final = {
    "arm": "text",
    "rate": "real",
    "trip": "whole",
    "guide": "text",
    "origin": "whole",
    "goal": "whole",
    "goal_name": "text",
    "outcome": "text",
    "time_ms": "whole",
    "driven_mm": "whole",
    "free_flow_ms": "whole",
    "shortest_mm": "whole",
    "baseline_ms": "whole",
    "detour_s": "real",
    "detour_ratio": "real",
    "energy_kwh": "real",
    "detour_kwh": "real",
    "messages": "whole",
    "proposals": "whole",
    "accepted": "whole",
    "deferred": "whole",
    "refused": "whole",
    "route_changes": "whole",
    "predicted_extra_ms": "whole",
    "bought_ms": "whole",
    "missed_turns": "whole",
    "missed_from_guide": "whole",
    "loops": "whole",
    **{f"booked_{account.value}_ms": "whole" for account in ACCOUNTS},
    **{f"detour_{account.value}_ms": "whole" for account in DETOUR_ACCOUNTS},
    "closed_links": "whole",
    "s4": "whole",
    "s3": "whole",
    "s2": "whole",
    "s1": "whole",
    "surrogates": "whole",
    "score": "real",
    "passes_gates": "flag",
    "induced": "whole",
    "induced_s2": "whole",
    "guide_lost": "text",
    "digest": "text",
}
"""
Columns of the trip table. ``s4`` .. ``s1`` count what ego caused, ``induced`` what its twin lacks.
The ``booked`` columns add up to ``time_ms``, the ``detour`` ones to its difference from
``baseline_ms``; see :mod:`guiderail.sim.lab.measure.ledger`.
"""

INFRACTIONS: Final = {
    "arm": "text",
    "rate": "real",
    "trip": "whole",
    "ordinal": "whole",
    "time_ms": "whole",
    "name": "text",
    "article": "text",
    "severity": "text",
    "at_fault": "flag",
    "guide_induced": "flag",
    "link": "whole",
    "s_mm": "whole",
    "street": "text",
    "weight": "real",
    "lead_ms": "whole",
    "evidence": "text",
}
"""
Columns of the infraction table; ``lead_ms`` is the age of the last advice that the driver adopted.
"""

MESSAGES: Final = {
    "arm": "text",
    "rate": "real",
    "trip": "whole",
    "ordinal": "whole",
    "time_ms": "whole",
    "asked_ms": "whole",
    "link": "whole",
    "distance_to_node_mm": "whole",
    "speed_mm_s": "whole",
    "words": "text",
    "ask": "text",
    "target": "text",
    "label": "text",
    "confidence": "real",
    "latency_ms": "whole",
    "decision": "text",
    "reason": "text",
    "changes_route": "flag",
    "extra_ms": "whole",
    "right": "flag",
    "saves_ms": "whole",
    "has_room": "flag",
}
"""
Columns of the message table; ``label`` is what a synthetic guide knows of its own error. The last
three are of the guarded car alone: see :mod:`guiderail.sim.lab.measure.advice_value`.
"""

TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "trips": TRIPS,
    "infractions": INFRACTIONS,
    "messages": MESSAGES,
    "twins": TRIPS,
}
"""
All tables of a results folder; ``twins`` holds the silent runs that the others are measured
against.
"""

LONGEST_TEXT: Final = 4_096
"""What a guide says beyond this is cut off in the tables [characters]."""

SERIOUS: Final = ("S4", "S3", "S2")
"""Classes of the headline: breaches worse than minor."""


def trip_row(result: RunResult) -> Row:
    """Make the row of one run."""
    run, planned = result.run, result.run.planned
    baseline = result.baseline.trace
    ratio = metrics.detour_ratio(run.trace, run.judgement.driven_mm, planned.shortest_mm)
    return {
        "arm": run.arm,
        "rate": run.rate,
        "trip": planned.index,
        "guide": run.guide,
        "origin": planned.trip.origin,
        "goal": planned.trip.goal,
        "goal_name": planned.trip.goal_name,
        "outcome": run.trace.outcome.value,
        "time_ms": run.trace.end_ms,
        "driven_mm": run.judgement.driven_mm,
        "free_flow_ms": planned.free_flow_ms,
        "shortest_mm": planned.shortest_mm,
        "baseline_ms": baseline.end_ms if metrics.has_arrived(baseline) else None,
        "detour_s": metrics.detour_seconds(run.trace, baseline).or_none(),
        "detour_ratio": ratio.or_none(),
        "energy_kwh": energy_kwh(run.trace),
        "detour_kwh": metrics.detour_kwh(run.trace, baseline).or_none(),
        **_talk(run),
        **_course(run),
        **_books(result),
        "closed_links": len(planned.trip.closed),
        **_harm(result),
        "guide_lost": run.lost or None,
        "digest": run.trace.digest()[:32],
    }


def _talk(run: Run) -> Row:
    verdicts = metrics.verdicts(run.trace)
    changes = [one for one in verdicts if one.changes_route]
    return {
        "messages": len(metrics.heard(run.trace)),
        "proposals": len(verdicts),
        "accepted": sum(one.decision is Decision.ACCEPT for one in verdicts),
        "deferred": sum(one.decision is Decision.DEFER for one in verdicts),
        "refused": sum(one.decision is Decision.REFUSE for one in verdicts),
        "route_changes": len(changes),
        "predicted_extra_ms": sum(one.extra_ms for one in changes),
        "bought_ms": metrics.bought_ms(run.trace),
    }


def _course(run: Run) -> Row:
    return {
        "missed_turns": metrics.missed_turns(run.trace),
        "missed_from_guide": metrics.missed_turns(run.trace, from_guide=True),
        "loops": metrics.loops(run.trace),
    }


def _books(result: RunResult) -> Row:
    books, base = result.run.books, result.baseline.books
    both = None if books is None or base is None else difference(books, base)
    booked = {f"booked_{one.value}_ms": books and books[one] for one in ACCOUNTS}
    return booked | {f"detour_{one.value}_ms": both and both[one] for one in DETOUR_ACCOUNTS}


def _harm(result: RunResult) -> Row:
    counts = {key.value: n for key, n in result.run.judgement.by_severity.items()}
    induced = [one.severity.value for one in result.induced]
    return {
        **{name.lower(): counts[name] for name in (*SERIOUS, "S1")},
        "surrogates": counts["surrogate"],
        "score": result.run.judgement.score,
        "passes_gates": result.run.judgement.passes_gates,
        "induced": sum(severity in (*SERIOUS, "S1") for severity in induced),
        "induced_s2": sum(severity in SERIOUS for severity in induced),
    }


def infraction_rows(result: RunResult, network: RoadNetwork) -> Iterator[Row]:
    """Make a row for everything that the judge found, what others did to ego included."""
    judgement = result.run.judgement
    found = sorted((*judgement.infractions, *judgement.others), key=_when)
    for ordinal, one in enumerate(found):
        yield {
            **_key(result.run),
            "ordinal": ordinal,
            "time_ms": one.time_ms,
            "name": one.kind.value,
            "article": one.article,
            "severity": one.severity.value,
            "at_fault": one.at_fault,
            "guide_induced": result.is_induced(one),
            "link": one.link,
            "s_mm": one.s_mm,
            "street": network.link(one.link).name,
            "weight": one.weight,
            "lead_ms": one.lead_ms,
            "evidence": " ".join(f"{name}={value}" for name, value in one.evidence),
        }


def message_rows(run: Run, network: RoadNetwork) -> Iterator[Row]:
    """Make a row for everything that was said."""
    said = metrics.heard(run.trace)
    worths = run.worths or (None,) * len(said)
    for ordinal, (one, worth) in enumerate(zip(said, worths, strict=True)):
        row = {**_key(run), "ordinal": ordinal, **_said(one), **_answered(one, network)}
        yield row | _worth(worth)


def _said(said: Heard) -> Row:
    return {
        "time_ms": said.time_ms,
        "asked_ms": said.asked_ms,
        "link": said.link,
        "distance_to_node_mm": said.distance_to_node_mm,
        "speed_mm_s": said.speed_mm_s,
        "words": plain(said.advice.words),
        "label": plain(said.advice.label),
        "confidence": float(said.advice.confidence),
        "latency_ms": said.advice.latency_ms,
    }


def _answered(said: Heard, network: RoadNetwork) -> Row:
    proposal, verdict = said.advice.proposal, said.verdict
    row: Row = dict.fromkeys(("ask", "target", "decision", "reason", "changes_route", "extra_ms"))
    if proposal is not None:
        row |= {"ask": str(proposal.ask), "target": target(proposal, network)}
    if verdict is not None:
        row |= {"decision": verdict.decision.value, "reason": verdict.reason.value}
        row |= {"changes_route": verdict.changes_route, "extra_ms": verdict.extra_ms}
    return row


def _worth(worth: Worth | None) -> Row:
    if worth is None:
        return dict.fromkeys(("right", "saves_ms", "has_room"))
    return {"right": worth.is_right, "saves_ms": worth.saves_ms, "has_room": worth.has_room}


def target(proposal: Proposal, network: RoadNetwork) -> str:
    """Name what a proposal is about, as a person would; its fields may hold anything."""
    onto = "" if proposal.onto is None else street(network, proposal.onto)
    match proposal.ask:
        case Ask.TURN:
            words = (str(proposal.direction or ""), onto)
            return plain(" into ".join(word for word in words if word))
        case Ask.TAKE_ROAD | Ask.AVOID:
            return plain(str(proposal.road or onto))
        case Ask.VIA | Ask.GO_TO:
            return plain(str(proposal.place or ""))
        case _:
            return ""


def plain(text: str) -> str:
    """Text of a stranger as a table can hold it: valid Unicode, not too long."""
    return text[:LONGEST_TEXT].encode("utf-8", "replace").decode()


def street(network: RoadNetwork, link: object) -> str:
    """Name of a link's street; a guide may name links that do not exist."""
    if not isinstance(link, int) or not 0 <= link < network.link_count:
        return f"no link {link}"
    view = network.all_links[link]
    return view.name or view.ref or f"an unnamed road (link {link})"


def sorted_rows(rows: Iterable[Row]) -> list[Row]:
    """By arm, rate and trip, then in the order in which things happened."""
    return sorted(
        rows, key=lambda row: (row["arm"], row["rate"], row["trip"], row.get("ordinal", 0))
    )


def _key(run: Run) -> Row:
    return {"arm": run.arm, "rate": run.rate, "trip": run.planned.index}


def _when(one: Infraction) -> tuple[int, str, bool, int]:
    return one.time_ms, one.article, one.at_fault, one.link
