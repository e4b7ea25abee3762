"""
Rows of the result tables: one per trip, one per infraction, one per message.

``None`` stands for "does not apply". The key (arm, rate, trip) repeats in every row, so that each
table can be read alone. What a column means, ``columns.py`` and the measures say.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.messages import Ask, Proposal
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.lab.experiment.run import Run, RunResult
from guiderail.sim.lab.measure import metrics
from guiderail.sim.lab.measure.measure import Scalar
from guiderail.sim.lab.measure.measures import MEASURES
from guiderail.sim.lab.results.columns import InfractionRow, MessageRow

Row = dict[str, Scalar]

LONGEST_TEXT: Final = 4_096
"""What a guide says beyond this is cut off in the tables [characters]."""


def trip_row(result: RunResult) -> Row:
    """Make the row of one run: every measure of it."""
    return {measure.name: measure.of(result) for measure in MEASURES}


def infraction_rows(result: RunResult, network: RoadNetwork) -> Iterator[InfractionRow]:
    """Make a row for everything that the judge found, what others did to ego included."""
    run, judgement = result.run, result.run.judgement
    found = sorted((*judgement.infractions, *judgement.others), key=_when)
    for ordinal, one in enumerate(found):
        yield InfractionRow(
            arm=run.arm,
            rate=run.rate,
            trip=run.planned.index,
            ordinal=ordinal,
            time_ms=one.time_ms,
            name=one.kind,
            article=one.article,
            severity=one.severity.value,
            at_fault=one.at_fault,
            guide_induced=result.is_induced(one),
            link=one.link,
            s_mm=one.s_mm,
            street=network.link(one.link).name,
            weight=one.weight,
            lead_ms=one.lead_ms,
            evidence=" ".join(f"{name}={value}" for name, value in one.evidence),
        )


def message_rows(run: Run, network: RoadNetwork) -> Iterator[MessageRow]:
    """Make a row for everything that was said."""
    said = metrics.heard(run.trace)
    values = run.advice_values or (None,) * len(said)
    for ordinal, (one, value) in enumerate(zip(said, values, strict=True)):
        advice, verdict = one.advice, one.verdict
        proposal = advice.proposal
        yield MessageRow(
            arm=run.arm,
            rate=run.rate,
            trip=run.planned.index,
            ordinal=ordinal,
            time_ms=one.time_ms,
            asked_ms=one.asked_ms,
            link=one.link,
            distance_to_node_mm=one.distance_to_node_mm,
            speed_mm_s=one.speed_mm_s,
            words=plain(advice.words),
            ask=None if proposal is None else str(proposal.ask),
            target=None if proposal is None else target(proposal, network),
            label=plain(advice.label),
            confidence=float(advice.confidence),
            latency_ms=advice.latency_ms,
            decision=None if verdict is None else verdict.decision.value,
            reason=None if verdict is None else verdict.reason.value,
            changes_route=None if verdict is None else verdict.changes_route,
            extra_ms=None if verdict is None else verdict.extra_ms,
            right=None if value is None else value.is_right,
            saves_ms=None if value is None else value.saves_ms,
            has_room=None if value is None else value.has_room,
        )


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


def _when(one: Infraction) -> tuple[int, str, bool, int]:
    return one.time_ms, one.article, one.at_fault, one.link
