"""
The sections of the page, in their order.

To add one, write a function that takes :class:`Content` and gives an element or None, and name it
in ``SECTIONS``.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element

from guiderail.maps.network import RoadNetwork
from guiderail.sim.judge.taxonomy import TAXONOMY
from guiderail.sim.lab.experiment.provenance import credit
from guiderail.sim.lab.report.page.markup import facts, table, tag, wide
from guiderail.sim.lab.report.page.worst import WorstTrip
from guiderail.sim.lab.report.report import (
    ARRIVED_ONLY,
    FIGURE,
    cost_table,
    findings,
    harm_table,
    heading,
    ledger_table,
    refusal_table,
)
from guiderail.sim.lab.report.story import tell
from guiderail.sim.lab.results import store


@dataclass(frozen=True, kw_only=True)
class Content:
    """What the page is made of."""

    folder: Path
    summary: Mapping[str, Any]
    network: RoadNetwork | None = None
    """Map of the trips below; None where none was driven again."""
    trips: list[WorstTrip] = field(default_factory=list)
    why_no_trips: str = ""


Section = Callable[[Content], Element | None]


def result(content: Content) -> Element:
    """The result in sentences."""
    items = [tag("li", line) for line in findings(content.summary)]
    lines = [tag("p", line, class_="dim") for line in heading(content.summary)[1:]]
    return tag(
        "section", tag("h2", "Result", id="result"), tag("ul", *items, class_="findings"), *lines
    )


def headline(content: Content) -> Element | None:
    """The headline figure."""
    file = content.folder / FIGURE
    if not file.is_file():
        return None
    picture = base64.b64encode(file.read_bytes()).decode()
    return tag(
        "section",
        tag("h2", "Cost and harm over the hallucination rate", id="headline"),
        tag(
            "figure",
            tag(
                "img",
                src=f"data:image/png;base64,{picture}",
                alt="Two curves for each arm over the share of wrong words: mean detour in s, and "
                "serious infractions per 1,000 km, with 95 % intervals. The numbers are in the "
                "tables below.",
            ),
            tag("figcaption", "Mean detour and serious infractions of each arm; 95 % intervals."),
        ),
    )


def cost(content: Content) -> Element:
    """What the words cost, where the detour went, what refusing right advice cost."""
    tables = [cost_table(content.summary), ledger_table(content.summary)]
    cells = [cell for arm in content.summary["arms"].values() for cell in arm["rates"]]
    if any(cell["right_advice"]["count"] is not None for cell in cells):
        tables.append(refusal_table(content.summary))
    return tag(
        "section",
        tag("h2", "Cost", id="cost"),
        *map(table, tables),
        tag("p", ARRIVED_ONLY.capitalize().replace("* detour", "* Detour") + ".", class_="dim"),
        tag(
            "p",
            "Accepted counts all advice that the car follows, also what it was going to do anyway; "
            "the budget counts only changes of the route.",
            class_="dim",
        ),
        *_refusals(content.summary),
    )


def _refusals(summary: Mapping[str, Any]) -> list[Element]:
    """How often each reason was given, by arm."""
    counts = {name: arm["refused"] for name, arm in summary["arms"].items() if arm["refused"]}
    lines = [
        tag(
            "tr",
            tag("td", name, class_="word"),
            tag("td", reason, class_="word"),
            tag("td", f"{n:,}"),
        )
        for name, reasons in counts.items()
        for reason, n in sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    if not lines:
        return [tag("p", "Nothing was refused.")]
    heads = [tag("th", text, scope="col", class_="word") for text in ("arm", "reason")]
    head = tag("thead", tag("tr", *heads, tag("th", "refusals", scope="col")))
    return [
        tag("h3", "Refusals by reason"),
        wide(tag("table", head, tag("tbody", *lines))),
        *[tag("p", line) for line in _deaf(summary)],
    ]


def _deaf(summary: Mapping[str, Any]) -> list[str]:
    """Say so where a guarded car is safe because it listens to nothing."""
    arm = summary["arms"].get("guarded")
    if arm and arm["proposals"] and not arm["accepted"]:
        return ["The guarded car accepted nothing: it is safe because it listens to nothing."]
    return []


def harm(content: Content) -> Element:
    """What the words break, and which articles."""
    meaning = {article.kind: article for article in TAXONOMY.values()}
    lines = []
    for name, arm in content.summary["arms"].items():
        for kind, count in arm["infractions"].items():
            article = meaning.get(kind)
            lines.append(
                tag(
                    "tr",
                    tag("td", name, class_="word"),
                    tag("td", kind, class_="word"),
                    tag("td", article.severity.value if article else "-"),
                    tag("td", f"{count:,}"),
                    tag("td", f"{arm['guide_induced'].get(kind, 0):,}"),
                    tag("td", article.meaning if article else "-", class_="long"),
                )
            )
    names = ("arm", "kind", "class", "count", "by guide", "what it is")
    heads = [
        tag("th", text, scope="col", class_="word" if text in ("arm", "kind", "what it is") else "")
        for text in names
    ]
    return tag(
        "section",
        tag("h2", "Harm", id="harm"),
        table(harm_table(content.summary)),
        tag("h3", "Infractions by kind"),
        wide(tag("table", tag("thead", tag("tr", *heads)), tag("tbody", *lines)))
        if lines
        else tag("p", "No infraction was found. The tables above say what that still allows."),
    )


def worst_trips(content: Content) -> Element:
    """The worst trips, each with its story and a player."""
    section = tag("section", tag("h2", "The worst trips", id="trips"))
    if content.why_no_trips or content.network is None:
        section.append(tag("p", f"No trip is shown: {content.why_no_trips or 'none was driven'}."))
        return section
    for k, trip in enumerate(content.trips):
        section.extend(_trip(k, trip, content.network))
    return section


def _trip(number: int, trip: WorstTrip, network: RoadNetwork) -> list[Element]:
    run = trip.result.run
    story = [tag("li", line) for line in tell(trip.result, network) if line.strip()]
    title = (
        f"{run.arm}, rate {run.rate:.0%}, trip {run.planned.index} to {run.planned.trip.goal_name}"
    )
    changed = "The code has changed since the sweep: this trip is not the one that it recorded."
    return [
        tag("h3", title),
        *([] if trip.is_same else [tag("p", changed)]),
        tag("div", class_="player", data_trip=str(number)),
        tag("details", tag("summary", "The story of this trip"), tag("ol", *story, class_="story")),
    ]


def run_card(content: Content) -> Element:
    """Which run it was, on what it rests, and how to repeat it."""
    summary = content.summary
    scenario, roads = summary["scenario"], summary["map"]
    km = sum(arm["km"] for arm in summary["arms"].values())
    runs = sum(arm["trips"] for arm in summary["arms"].values())
    text = content.folder / store.SCENARIO
    command = f"guiderail sweep {store.SCENARIO} --out DIR"
    return tag(
        "section",
        tag("h2", "Run card", id="card"),
        facts(
            (
                ("run", summary["run"]),
                ("program", summary.get("program") or "not noted"),
                ("this page", f"guiderail {version('guiderail')}"),
                ("map", f"{roads.get('name', '?')}, digest {roads.get('digest', '?')[:16]}"),
                ("credit", credit(roads)),
                ("guide", str(scenario.get("guide", "?"))),
                ("arms", ", ".join(scenario.get("arms", ()))),
                ("seed", str(scenario.get("seed", "?"))),
                ("exposure", f"{runs:,} runs, {km:,.0f} km"),
                ("confidence", f"{summary['confidence']:.0%}"),
            )
        ),
        tag("h3", "What was assumed"),
        facts((name, note) for name, note in summary["notes"].items()),
        tag("h3", "The scenario"),
        tag("p", f"Save it as {store.SCENARIO}; the same run comes from: ", tag("code", command)),
        tag("pre", text.read_text("utf-8") if text.is_file() else "not kept"),
    )


SECTIONS: Final[tuple[Section, ...]] = (result, headline, cost, harm, worst_trips, run_card)
"""A new section is added here."""
