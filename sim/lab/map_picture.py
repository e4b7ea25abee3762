"""A map to print: classes, one-ways, signals, banned turns, exits, and whose data it is."""

from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray

from guiderail.maps.errors import MapError
from guiderail.maps.geometry import position, shape
from guiderail.maps.network import Ban, Control, LinkId, RoadClass, RoadNetwork, TurnKind

_WIDTHS: Final = (3.2, 2.8, 2.4, 2.0, 1.6, 1.1, 0.9, 0.7)
_COLORS: Final = (
    "#D55E00",
    "#E69F00",
    "#B8860B",
    "#0072B2",
    "#56B4E9",
    "#777777",
    "#999999",
    "#BBBBBB",
)
"""By road class, motorway first; told apart by the color-blind."""
_SIGNED: Final = (Ban.RESTRICTION, Ban.ONLY, Ban.CONDITIONAL)
_MARKS: Final = {
    "signal": ("o", "#009E73"),
    "banned turn": ("x", "#CC0000"),
    "exit": ("^", "#000000"),
}
_BACK_MM: Final = {"signal": 6_000, "banned turn": 16_000, "exit": 0}
_MOST_ARROWS: Final = 1_500
"""More are not legible on one sheet: only the longest one-ways get one then."""


def draw_map(network: RoadNetwork, path: Path) -> None:
    """
    Draw a map into a PNG file; it appears whole or not at all.

    Raises
    ------
    MapError
        When the file cannot be written or is no PNG.
    """
    if path.suffix.lower() != ".png":
        raise MapError(f"{path.name!r} is no name for a picture: it must end in .png")
    figure = Figure(figsize=(11, 11), layout="constrained")
    axes = figure.add_subplot()
    _draw_streets(axes, network)
    _draw_arrows(axes, network)
    _draw_marks(axes, network)
    axes.set_aspect("equal")
    axes.autoscale()
    axes.set_xlabel("east of the center [m]")
    axes.set_ylabel("north of the center [m]")
    axes.set_title(network.name)
    axes.legend(loc="upper right", fontsize=8, framealpha=0.9)
    header = network.header
    footer = f"{header.get('attribution', '')}; {header.get('licence', '')}"
    figure.supxlabel(footer, fontsize=8)
    draft = path.with_name(f".{path.name}.part")
    try:
        figure.savefig(draft, format="png", dpi=150)
        draft.replace(path)
    except OSError as error:
        raise MapError(f"cannot write the picture {path}: {error}") from error
    finally:
        draft.unlink(missing_ok=True)


def _line(network: RoadNetwork, link: int) -> NDArray[np.float64]:
    return np.array(shape(network, LinkId(link))) / 1_000


def _draw_streets(axes: Axes, network: RoadNetwork) -> None:
    links = network.links
    for road in reversed(RoadClass):
        own = np.flatnonzero((links.road_class == road) & (links.against_oneway == 0))
        if not own.size:
            continue
        style: dict[str, Any] = {"colors": _COLORS[road], "linewidths": _WIDTHS[road]}
        lines = [_line(network, link) for link in own.tolist()]
        name = road.name.lower().replace("_", " ")
        axes.add_collection(LineCollection(lines, label=name, zorder=10 - road, **style))


def _draw_arrows(axes: Axes, network: RoadNetwork) -> None:
    links = network.links
    is_one_way = (links.is_oneway == 1) & (links.against_oneway == 0)
    own = np.flatnonzero(is_one_way)
    longest = own[np.argsort(-links.length_mm[own], kind="stable")][:_MOST_ARROWS]
    if not longest.size:
        return
    ends = []
    for link in longest.tolist():
        line = _line(network, link)
        half = max(1, len(line) // 2)
        ends.append((*(line[half - 1] + line[half]) / 2, *(line[half] - line[half - 1])))
    x, y, u, v = np.array(ends).T
    size = np.maximum(np.hypot(u, v), 1e-9)
    style: dict[str, Any] = {"scale": 90, "width": 0.0012, "headwidth": 5, "pivot": "mid"}
    axes.quiver(x, y, u / size, v / size, color="#222222", zorder=12, **style)
    axes.plot([], [], color="#222222", marker=">", linestyle="", label="one-way")


def _draw_marks(axes: Axes, network: RoadNetwork) -> None:
    links, turns, banned = network.links, network.turns, network.illegal_turns
    origins = [np.repeat(np.arange(network.link_count), np.diff(t.start)) for t in (turns, banned)]
    ruled = (links.control == Control.SIGNAL) & (links.against_oneway == 0)
    at = {
        "signal": np.flatnonzero(ruled),
        "banned turn": np.unique(origins[1][np.isin(banned.ban, _SIGNED)]),
        "exit": np.unique(origins[0][turns.kind == TurnKind.EXIT]),
    }
    for name, found in at.items():
        marker, color = _MARKS[name]
        # Each a little farther from the junction, so that none hides another.
        back_mm = _BACK_MM[name]
        ends = [(LinkId(i), int(links.length_mm[i]) - back_mm) for i in found.tolist()]
        if ends:
            x, y = np.array([position(network, link, s_mm) for link, s_mm in ends]).T / 1_000
            axes.scatter(x, y, s=18, marker=marker, c=color, zorder=14, label=name)
