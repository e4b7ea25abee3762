"""The figure of late words: one panel per case, serious infractions over the lead time, per arm."""

from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from guiderail.maps.files import replacing
from guiderail.sim.lab.measure.statistics import share
from guiderail.sim.lab.report.figure import STYLES, Style
from guiderail.sim.lab.results import store
from guiderail.sim.lab.studies.late.cases import CASES
from guiderail.sim.lab.studies.late.study import Cell

PER_ROW: Final = 4
ALL_STYLES: Final = {**STYLES, "judging_human": Style("judging human", "#009E73", "v")}


def draw_late(cells: Sequence[Cell], about: str, path: Path) -> None:
    """
    Draw the share of runs with something serious over the lead time, with intervals, atomically.

    A share of zero is drawn at its upper bound, hollow; a machine on an empty road does the same in
    every run, so that nothing is left to bound.
    """
    names = list(dict.fromkeys(cell.case for cell in cells))
    wide, high = min(PER_ROW, len(names)), -(-len(names) // PER_ROW)
    figure = Figure(figsize=(1.5 + 3.0 * wide, 0.9 + 2.9 * high), dpi=160, layout="constrained")
    panels = figure.subplots(high, wide, sharey=True, squeeze=False).flat
    for panel, name in zip_longest(panels, names):
        if name is None:
            panel.set_axis_off()
        else:
            _draw_case(panel, name, [cell for cell in cells if cell.case == name])
    figure.supylabel("runs with something serious, 95 %", fontsize=9)
    figure.supxlabel(f"lead time [s]. {about}", fontsize=8)
    figure.legend(
        *figure.axes[0].get_legend_handles_labels(),
        loc="outside upper left",
        ncols=wide + 1,
        fontsize=8,
        title="Serious: S2 or worse. Hollow: none seen, upper bound",
        title_fontsize=9,
        alignment="left",
        frameon=False,
    )
    with store.writing(path), replacing(path) as fresh:
        figure.savefig(fresh, format="png", metadata={"Software": None})


def _draw_case(axes: Axes, name: str, cells: Sequence[Cell]) -> None:
    axes.set_title(CASES[name].title, fontsize=8, loc="left", wrap=True)
    for arm, style in ALL_STYLES.items():
        of_arm = [cell for cell in cells if cell.arm == arm]
        if of_arm:
            _draw_arm(axes, of_arm, style)
    axes.set_ylim(-0.04, 1.04)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.tick_params(labelsize=8)
    axes.grid(visible=True, color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)


def _draw_arm(axes: Axes, cells: Sequence[Cell], style: Style) -> None:
    leads = [cell.lead_s for cell in cells]
    places = [_place(cell) for cell in cells]
    ends: Any = list(zip(*(spread for _, spread in places), strict=True))
    heights = [height for height, _ in places]
    color, marker = style.color, style.marker
    axes.errorbar(leads, heights, yerr=ends, color=color, linewidth=1.2, elinewidth=0.8, alpha=0.6)
    for cell, height in zip(cells, heights, strict=True):
        face = color if cell.s2 else "white"
        axes.plot([cell.lead_s], [height], marker, color=color, markerfacecolor=face, markersize=5)
    axes.plot([], [], color=color, marker=marker, label=style.label)


def _place(cell: Cell) -> tuple[float, tuple[float, float]]:
    """Height of a cell, and how far its interval reaches down and up."""
    found = share(cell.s2, cell.runs)
    if cell.runs == 1:
        return found.value, (0.0, 0.0)
    if not cell.s2:
        return found.high, (0.0, 0.0)
    return found.value, (found.value - found.low, found.high - found.value)
