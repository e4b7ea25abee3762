"""
Monte Carlo from the page, worked out without streamlit: what to run, and how its figures look.

The address of the page holds the whole plan; the server finds its campaign again after a reload.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from typing import Any, Final

import pyarrow.csv

from guiderail.dashboard.model.campaign import Campaign, Campaigns
from guiderail.dashboard.model.interim import Cell, worst
from guiderail.dashboard.model.session import ARMS, Choice, guide_path, signed, whole, world
from guiderail.dashboard.words import Translator
from guiderail.sim.lab.experiment.run import NO_GUIDE
from guiderail.sim.lab.experiment.scenario import Scenario
from guiderail.sim.lab.measure.statistics import Interval
from guiderail.sim.lab.report.figure import STYLES

RATES: Final = (0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0)
MOST_TRIPS: Final = 5_000
"""Trips of one campaign; with all arms and shares it is :data:`MOST_RUNS` that bounds it."""
_ON_DARK: Final = {
    "no_guide": "#bbbbbb",
    "guarded": "#56b4e9",
    "obeying_machine": "#ff9c57",
    "obeying_human": "#e79ac8",
}
"""Lighter sisters of the lab's colors, told apart by the color-blind as well."""
_LEGEND: Final = {"orient": "top", "columns": 2, "symbolOpacity": 1}

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class CampaignPlan:
    """What to run, beyond the choice that all pages share."""

    arms: tuple[str, ...] = ARMS
    rates: tuple[float, ...] = (0.1, 0.5, 1.0)
    trips: int = 100


def plan_of(address: Mapping[str, str]) -> CampaignPlan:
    """Read a plan from the address of the page; what makes no sense is the default."""
    plain = CampaignPlan()
    arms = tuple(arm for arm in ARMS if arm in address.get("arms", "").split("-"))
    given = address.get("rates", "").split("-")
    rates = tuple(rate for rate in RATES if f"{rate:g}" in given)
    trips = whole(address.get("trips", ""), MOST_TRIPS)
    return CampaignPlan(
        arms=arms or plain.arms, rates=rates or plain.rates, trips=trips or plain.trips
    )


def address_of(plan: CampaignPlan) -> dict[str, str]:
    """Write a plan for the address of the page."""
    rates = "-".join(f"{rate:g}" for rate in plan.rates)
    return {"arms": "-".join(plan.arms), "rates": rates, "trips": str(plan.trips)}


def scenario_of(choice: Choice, plan: CampaignPlan) -> Scenario:
    """Make the experiment; its trips are those of the trip page with the same knobs."""
    values = {
        "guide": guide_path(choice.guide),
        "arms": plan.arms,
        "rates": plan.rates,
        "trips": plan.trips,
    }
    return world(values, choice)


@lru_cache(maxsize=1)
def campaigns() -> Campaigns:
    """Where campaigns of this server are started."""
    return Campaigns()


def in_order(cells: list[Cell]) -> list[Cell]:
    """Sort cells as the arms stand on every page."""
    return sorted(cells, key=lambda cell: (ARMS.index(cell.arm), cell.rate))


def chart(cells: list[Cell], tr: Translator, *, is_dark: bool = False) -> Json:
    """Describe the headline figure for Vega-Lite: detour against harm, with their bounds."""
    values = [_point(cell, tr) for cell in cells if cell.detour.valid]
    arms = list(dict.fromkeys(cell.arm for cell in cells))
    names = [tr(arm.replace("_", " ")) for arm in arms]
    colors = [_ON_DARK[arm] if is_dark else STYLES[arm].color for arm in arms]
    lowest = min([0.01, *(value["y"] / 2 for value in values)])
    x: Json = {"field": "x", "type": "quantitative"}
    y: Json = {"field": "y", "type": "quantitative"}
    x |= {"title": tr("mean detour against no guide [s]")}
    y |= {"title": tr("share of trips with a serious infraction"), "axis": {"format": "~%"}}
    y |= {"scale": {"type": "log", "domain": [lowest, 1], "clamp": True}}
    hue: Json = {"field": "arm", "type": "nominal", "title": None}
    hue |= {"scale": {"domain": names, "range": colors}, "legend": _LEGEND}
    shape = {"condition": {"test": "datum.zero", "value": "triangle-down"}, "value": "circle"}
    fill = {"condition": {"test": "datum.zero", "value": 0}, "value": 1}
    tips = [{"field": name} for name in ("arm", "rate", "trips", "detour", "harm")]
    return {
        "data": {"values": values},
        "height": 460,
        "encoding": {"color": hue},
        "layer": [
            {
                "mark": {"type": "rule", "opacity": 0.6},
                "encoding": {"x": x | {"field": "left"}, "x2": {"field": "right"}, "y": y},
            },
            {
                "mark": {"type": "rule", "opacity": 0.6},
                "encoding": {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}},
            },
            {
                "mark": {
                    "type": "point",
                    "size": 90,
                    "filled": True,
                    "strokeWidth": 2,
                    "opacity": 1,
                },
                "encoding": {"x": x, "y": y, "shape": shape, "fillOpacity": fill, "tooltip": tips}
                | {"stroke": hue | {"legend": None}},
            },
            {
                "mark": {"type": "text", "dy": -13, "fontSize": 11},
                "encoding": {"x": x, "y": y, "text": {"field": "rate"}},
            },
        ],
    }


def _point(cell: Cell, tr: Translator) -> Json:
    """Place one cell; none seen stands at its bound, as in the headline figure of the lab."""
    harm, detour = cell.serious, cell.detour
    is_zero = harm.value == 0
    known = isfinite(detour.low)
    return {
        "arm": tr(cell.arm.replace("_", " ")),
        "rate": "" if cell.arm == NO_GUIDE else f"{cell.rate:.0%}",
        "trips": cell.trips,
        "x": detour.value,
        "left": detour.low if known else detour.value,
        "right": detour.high if known else detour.value,
        "y": harm.high if is_zero else harm.value,
        "low": harm.high if is_zero else harm.low,
        "high": harm.high,
        "zero": is_zero,
        "detour": f"{detour.value:+.1f} {_ends(detour)}",
        "harm": share_text(harm),
    }


def share_text(share: Interval) -> str:
    """Write a share with its bounds; none seen is the bound alone."""
    if share.value == 0:
        return f"0 (< {share.high:.1%})"
    return f"{share.value:.1%} ({share.low:.1%} .. {share.high:.1%})"


def _ends(interval: Interval) -> str:
    known = isfinite(interval.low)
    return f"({interval.low:+.0f} .. {interval.high:+.0f})" if known else "(? .. ?)"


def cell_rows(cells: list[Cell], tr: Translator) -> list[Json]:
    """Lay the cells out as the rows of a table."""
    return [
        {
            tr("arm"): tr(cell.arm.replace("_", " ")),
            tr("rate"): f"{cell.rate:.0%}",
            tr("trips"): cell.trips,
            tr("arrived"): f"{cell.arrived / cell.trips:.0%}",
            tr("detour [s]"): f"{cell.detour.value:+.1f}" if cell.detour.valid else "-",
            tr("bounds [s]"): _ends(cell.detour) if cell.detour.valid else "-",
            tr("serious"): share_text(cell.serious),
            tr("by the guide"): share_text(cell.induced),
            tr("refused"): cell.refused,
            tr("missed turns"): cell.missed_turns,
            "km": round(cell.km, 1),
        }
        for cell in cells
    ]


def worst_rows(table: Any, tr: Translator) -> tuple[list[Json], list[Json]]:
    """List the worst runs, as a table shows them and as the trip page must be told of them."""
    found = worst(table)
    shown = [
        {
            tr("trip"): row["trip"],
            tr("arm"): tr(row["arm"].replace("_", " ")),
            tr("rate"): f"{row['rate']:.0%}",
            tr("outcome"): tr(row["outcome"].replace("_", " ")),
            tr("serious"): row["s4"] + row["s3"] + row["s2"],
            tr("by the guide"): row["induced_s2"],
            tr("against no guide [s]"): signed(row["detour_s"]),
            tr("refused"): row["refused"],
            tr("loops"): row["loops"],
            tr("goal"): row["goal_name"],
        }
        for row in found
    ]
    return shown, [{name: row[name] for name in ("trip", "arm", "rate")} for row in found]


def csv_of(campaign: Campaign) -> bytes:
    """Trips so far as CSV."""
    out = io.BytesIO()
    pyarrow.csv.write_csv(campaign.table(), out)
    return out.getvalue()
