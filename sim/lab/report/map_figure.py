"""
A map as one would print it: road classes, one-way streets, signals, signs, bans, exits.

Drawn from the compiled tables alone, so that a mistake of the compiler can be seen.
"""

import io
import math
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from guiderail.maps.facts import summary
from guiderail.maps.files import replacing
from guiderail.maps.geometry import Floats
from guiderail.maps.network import Ban, Control, RoadClass, RoadNetwork, TurnKind
from guiderail.maps.tables import Flags, Longs
from guiderail.sim.lab.experiment.provenance import credit
from guiderail.sim.lab.results import store


class Road(NamedTuple):
    """How roads of one class, or a few alike, are drawn."""

    label: str
    color: str
    width: float


ROADS: Final = {
    RoadClass.MOTORWAY: Road("motorway, trunk road", "#C44E52", 3.2),
    RoadClass.TRUNK: Road("motorway, trunk road", "#C44E52", 3.2),
    RoadClass.PRIMARY: Road("primary", "#DD8452", 2.6),
    RoadClass.SECONDARY: Road("secondary", "#CCB974", 2.2),
    RoadClass.TERTIARY: Road("tertiary", "#8C8C8C", 1.6),
    RoadClass.UNCLASSIFIED: Road("other streets", "#B5B5B5", 1.0),
    RoadClass.RESIDENTIAL: Road("other streets", "#B5B5B5", 1.0),
    RoadClass.LIVING_STREET: Road("other streets", "#B5B5B5", 1.0),
}
_OUT_OF_WORLD: Final = Road("outside the drivable world", "#D9B3E0", 1.0)
_SIDE_IN: Final = 10.0
_BELOW_IN, _ABOVE_IN = 0.55, 0.3
"""Room for the legend below the map and for the title above it."""
_DPI: Final = 150
_ARROWS_AT_MOST: Final = 1_500
"""More one-way arrows than this are no longer seen as arrows."""
_SHORT_STREET_MM: Final = 35_000
"""A shorter link gets no arrow, nor one below 1 % of the map's width."""
_BANS: Final = (Ban.RESTRICTION, Ban.ONLY, Ban.CONDITIONAL)


class Mark(NamedTuple):
    """One kind of point."""

    label: str
    color: str
    marker: str
    size: float


SIGNAL: Final = Mark("signal", "#0072B2", "o", 4)
STOP: Final = Mark("stop sign", "#B00020", "8", 4)
GIVE_WAY: Final = Mark("give way", "#B00020", "v", 4)
BANNED: Final = Mark("turn banned by a sign", "#111111", "x", 4.5)
EXIT: Final = Mark("motorway exit", "#009E73", "^", 6)


def draw_map(network: RoadNetwork, path: Path) -> None:
    """
    Draw a map into a PNG file, north up.

    Raises
    ------
    ResultError
        When the file cannot be written.
    """
    figure = Figure(figsize=_size(network), dpi=_DPI)
    below, above = _BELOW_IN / figure.get_figheight(), _ABOVE_IN / figure.get_figheight()
    axes = figure.add_axes((0.01, below, 0.98, 1 - below - above))
    roads = _draw_roads(axes, network)
    _draw_arrows(axes, network)
    marks = _draw_marks(axes, network)
    _frame(axes, network)
    figure.legend(handles=[*roads, *marks], loc="lower left", ncols=5, fontsize=7, frameon=False)
    axes.set_title(f"{network.name}: {_facts(network)}", fontsize=9, loc="left")
    words = f"{credit(network.header)}."
    figure.text(0.99, 0.01, words, fontsize=7, color="#444444", ha="right")
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    with store.writing(path), replacing(path) as fresh:
        fresh.write_bytes(picture.getvalue())


def _size(network: RoadNetwork) -> tuple[float, float]:
    x, y = network.links.shape_x_mm, network.links.shape_y_mm
    ratio = max(1.0, float(np.ptp(y))) / max(1.0, float(np.ptp(x)))
    return _SIDE_IN, min(13.0, max(5.0, _SIDE_IN * ratio)) + _BELOW_IN + _ABOVE_IN


def _facts(network: RoadNetwork) -> str:
    facts = summary(network)
    side = facts["driving_side"]
    return f"{facts['links']:,} links, {facts['turns']:,} legal turns, traffic on the {side}"


def _lines(network: RoadNetwork, links: Longs) -> list[Floats]:
    table = network.links
    points = np.stack((table.shape_x_mm, table.shape_y_mm), axis=1) / 1_000
    starts = table.shape_start
    return [points[starts[i] : starts[i + 1]] for i in links.tolist()]


def _draw_roads(axes: Axes, network: RoadNetwork) -> list[Line2D]:
    table, once = network.links, network.links.stands_for_stretch()
    inside = table.in_world != 0
    drawn = [
        (_OUT_OF_WORLD._replace(width=road.width), once & ~inside & (table.road_class == kind))
        for kind, road in reversed(ROADS.items())
    ]
    drawn += [
        (road, once & inside & (table.road_class == kind)) for kind, road in reversed(ROADS.items())
    ]
    legend: dict[str, Line2D] = {}
    for road, flags in drawn:
        links = np.flatnonzero(flags)
        if len(links):
            lines = LineCollection(
                _lines(network, links), colors=road.color, linewidths=road.width, zorder=1
            )
            axes.add_collection(lines)
            if road.label not in legend:  # the narrowest of a label comes first
                legend[road.label] = Line2D(
                    [], [], color=road.color, lw=road.width, label=road.label
                )
    return list(legend.values())[::-1]


def _draw_arrows(axes: Axes, network: RoadNetwork) -> None:
    """Arrows in the middle of one-way streets, as many as can be told apart."""
    table = network.links
    one_way = (table.is_oneway != 0) & table.is_real()
    shortest_mm = max(_SHORT_STREET_MM, int(np.ptp(table.shape_x_mm)) // 100)
    links = np.flatnonzero(one_way & (table.length_mm >= shortest_mm))
    links = links[:: max(1, math.ceil(len(links) / _ARROWS_AT_MOST))]
    places = np.array([_middle(line) for line in _lines(network, links)])
    if len(places):
        x, y, east, north = places.T
        axes.quiver(
            *(x, y, east, north),
            units="inches",
            scale=1 / 0.09,
            scale_units="inches",
            pivot="mid",
            width=0.010,
            headwidth=5,
            headlength=5,
            headaxislength=4,
            color="#333333",
            zorder=2,
        )


def _middle(line: Floats) -> tuple[float, float, float, float]:
    """Middle of the longest piece of a line, and its direction."""
    steps = np.diff(line, axis=0)
    longest = int(np.hypot(*steps.T).argmax())
    here, step = (line[longest] + line[longest + 1]) / 2, steps[longest]
    size = math.hypot(*step) or 1.0
    return float(here[0]), float(here[1]), float(step[0] / size), float(step[1] / size)


def _draw_marks(axes: Axes, network: RoadNetwork) -> list[Line2D]:
    table = network.links
    real = table.is_real()
    nodes = np.stack((network.nodes.x_mm, network.nodes.y_mm), axis=1) / 1_000
    banned = np.isin(network.illegal_turns.ban, [int(ban) for ban in _BANS])
    exits = (network.turns.kind == TurnKind.EXIT) & real[network.turns.from_link()]
    places = {
        GIVE_WAY: _ends(network, real & (table.control == Control.GIVE_WAY)),
        STOP: _ends(network, real & (table.control == Control.STOP)),
        SIGNAL: _ends(network, real & (table.control == Control.SIGNAL)),
        BANNED: nodes[np.unique(table.to_node[network.illegal_turns.from_link()[banned]])],
        EXIT: nodes[np.unique(table.to_node[network.turns.from_link()[exits]])],
    }
    return [_scatter(axes, mark, points) for mark, points in places.items() if len(points)]


def _ends(network: RoadNetwork, flags: Flags) -> Floats:
    """Where the chosen links end, a little before the node, so that approaches stay apart."""
    points = [_near_end(line) for line in _lines(network, np.flatnonzero(flags))]
    return np.array(points).reshape(-1, 2)


def _near_end(line: Floats, back_m: float = 8.0) -> Floats:
    step = line[-1] - line[-2]
    size = math.hypot(*step)
    return np.asarray(line[-1] - step * min(0.5, back_m / size if size else 0.0))


def _scatter(axes: Axes, mark: Mark, points: Floats) -> Line2D:
    (drawn,) = axes.plot(
        *points.T,
        ls="",
        marker=mark.marker,
        ms=mark.size,
        color=mark.color,
        mec="white" if mark.marker != "x" else mark.color,
        mew=0.4 if mark.marker != "x" else 1.1,
        label=f"{mark.label} ({len(points):,})",
        zorder=3,
    )
    return drawn


def _frame(axes: Axes, network: RoadNetwork) -> None:
    """Equal scales, no ticks, a scale bar of a round length."""
    axes.set_aspect("equal")
    axes.autoscale_view()
    axes.margins(0.02)
    axes.set_xticks([])
    axes.set_yticks([])
    x, y = network.links.shape_x_mm / 1_000, network.links.shape_y_mm / 1_000
    wanted = float(np.ptp(x)) / 5 or 1.0
    decade = 10 ** math.floor(math.log10(wanted))
    bar = max(step * decade for step in (1, 2, 5) if step * decade <= wanted)
    left, bottom = float(x.min()), float(y.min())
    axes.plot([left, left + bar], [bottom, bottom], color="black", lw=2.5, zorder=4)
    label = f"{bar / 1_000:g} km" if bar >= 1_000 else f"{bar:g} m"  # noqa: PLR2004
    axes.annotate(
        label,
        (left + bar / 2, bottom),
        (0, 5),
        textcoords="offset points",
        ha="center",
        fontsize=8,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
        zorder=5,
    )
