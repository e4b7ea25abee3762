"""The curve of the faulty-guard laboratory: serious infractions over the level of one fault."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from guiderail.maps.files import replacing
from guiderail.sim.lab.report.figure import STYLES
from guiderail.sim.lab.results import store

ASIDE: Final = 0.07
"""Arms of one level stand beside each other, this many levels apart."""


def draw_faults(curve: Mapping[str, Any], owner: str, path: Path) -> None:
    """
    Draw the share of runs with a serious infraction over the level, with intervals, atomically.

    A level without any is drawn at its upper bound, hollow.
    """
    figure = Figure(figsize=(8.0, 5.0), dpi=160, layout="constrained")
    axes = figure.add_subplot()
    # Levels are far apart and begin at zero: equal steps show all of them.
    places = {point["level"]: k for k, point in enumerate(curve["points"])}
    for k, (arm, style) in enumerate(STYLES.items()):
        shares = [
            (places[point["level"]] + k * ASIDE, point["arms"][arm]["share"])
            for point in curve["points"]
            if arm in point["arms"] and point["arms"][arm]["share"]["value"] is not None
        ]
        if shares:
            _draw_arm(axes, shares, style)
    axes.set_xticks(list(places.values()), [f"{level:g}" for level in places])
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_xlabel(f"{curve['fault']} (levels, not to scale)")
    axes.set_ylabel("runs with a serious infraction (S2 or worse), 95 %")
    axes.set_title("Where the guarantee ends as the driving layer gets worse", loc="left")
    axes.grid(visible=True, color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.legend(
        loc="upper left", fontsize=8, title="hollow: none seen, upper bound", title_fontsize=8
    )
    figure.supxlabel(owner, fontsize=7, color="#444444", x=0.01, ha="left")
    with store.writing(path), replacing(path) as fresh:
        figure.savefig(fresh, format="png", metadata={"Software": None})


def _draw_arm(axes: Axes, shares: list[tuple[float, Any]], style: Any) -> None:
    heights = [found["value"] or found["high"] for _, found in shares]
    line = {"color": style.color, "linewidth": 1.2, "alpha": 0.6}
    axes.plot([x for x, _ in shares], heights, **line)
    for (x, found), y in zip(shares, heights, strict=True):
        if found["value"]:
            ends = [[y - found["low"]], [found["high"] - y]]
            axes.errorbar([x], [y], yerr=ends, color=style.color, capsize=2.5, elinewidth=0.9)
        face = style.color if found["value"] else "white"
        axes.plot([x], [y], style.marker, color=style.color, markerfacecolor=face, markersize=6)
    axes.plot([], [], style.marker, color=style.color, label=style.label)
