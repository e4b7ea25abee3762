"""The arms of one trip on the map: where each drove, what was accepted and refused, what broke."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from guiderail.sim.lab.report.figure import STYLES
from guiderail.sim.lab.report.picture import Picture

_MARGIN_M: Final = 60.0
_HEIGHT_PER_WIDTH: Final = 0.75
_DM: Final = 10.0
"""Places of the player are in decimeters."""
_MARKS: Final = {
    "accept": ("o", "#00795a", "advice accepted"),
    "refuse": ("X", "#b34700", "advice refused"),
}


def draw_arms(trips: Sequence[Mapping[str, Any]], drawing: Mapping[str, Any]) -> Picture:
    """
    Draw the arms of one trip over each other.

    Parameters
    ----------
    trips
        Runs in the form of the player, as ``playback.trip_playback`` makes them.
    drawing
        The map in that form.
    """
    figure = Picture(figsize=(8.0, 6.0), dpi=110, layout="constrained")
    axes = figure.add_subplot()
    roads = [_metres(road["p"]) for road in drawing["roads"]]
    axes.add_collection(LineCollection(roads, colors="#c3c9d0", linewidths=1.2, zorder=1))
    closed = [_metres(line) for line in trips[0]["closed"]]
    axes.add_collection(LineCollection(closed, colors="#b34700", linewidths=3, zorder=2))
    for trip in trips:
        _draw_trip(axes, trip)
    _draw_marks(axes, trips)
    _frame(axes, trips)
    axes.legend(loc="best", fontsize=8)
    axes.set_title(f"Trip {trips[0]['index']} to {trips[0]['goal_name']}", fontsize=11, loc="left")
    figure.supxlabel(drawing["credit"], fontsize=7, color="#444444", x=0.01, ha="left")
    return figure


def _draw_trip(axes: Axes, trip: Mapping[str, Any]) -> None:
    style = STYLES.get(trip["arm"])
    label, color = (style.label, style.color) if style else (trip["arm"], "#666666")
    told = f"{label}: {trip['outcome']}, {trip['end']:.0f} s, infractions {trip['infractions']}"
    x, y = np.asarray(trip["x"]) / _DM, np.asarray(trip["y"]) / _DM
    axes.plot(x, y, color=color, linewidth=2.2, alpha=0.8, label=told, zorder=3)
    broken = [mark for mark in trip["marks"] if mark["kind"] == "infraction"]
    for mark in broken:
        axes.plot(mark["x"] / _DM, mark["y"] / _DM, "*", color=color, markersize=11, zorder=6)
    if broken:
        axes.plot([], [], "*", color=color, label=f"{label}: infraction")


def _draw_marks(axes: Axes, trips: Sequence[Mapping[str, Any]]) -> None:
    """Draw what was said to the first arm that heard anything, and the goal."""
    heard: Sequence[Any] = next((trip["talk"] for trip in trips if trip["talk"]), [])
    for decision, (marker, color, label) in _MARKS.items():
        said = [one for one in heard if one["decision"] == decision]
        x, y = ([one[axis] / _DM for one in said] for axis in "xy")
        if said:
            axes.plot(x, y, marker, color=color, linestyle="none", label=label, zorder=5)
    goal_x, goal_y = (value / _DM for value in trips[0]["goal"])
    axes.plot([goal_x], [goal_y], "s", color="#1b1f24", linestyle="none", label="goal", zorder=5)


def _frame(axes: Axes, trips: Sequence[Mapping[str, Any]]) -> None:
    """Show all the way and some road around it, to scale."""
    x, y = (np.concatenate([np.asarray(trip[axis]) / _DM for trip in trips]) for axis in "xy")
    half_m = max(np.ptp(x) * _HEIGHT_PER_WIDTH, np.ptp(y)) / 2 + _MARGIN_M
    middle_x, middle_y = (x.min() + x.max()) / 2, (y.min() + y.max()) / 2
    half_width_m = half_m / _HEIGHT_PER_WIDTH
    axes.set_xlim(middle_x - half_width_m, middle_x + half_width_m)
    axes.set_ylim(middle_y - half_m, middle_y + half_m)
    axes.set_aspect("equal")
    axes.set_xlabel("east [m]")
    axes.set_ylabel("north [m]")
    axes.ticklabel_format(useOffset=False)


def _metres(flat: Sequence[int]) -> Any:
    return np.asarray(flat, dtype=float).reshape(-1, 2) / _DM
