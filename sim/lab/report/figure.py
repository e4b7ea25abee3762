"""
The headline figure: what the words cost in time, against what they cost in safety.

One curve per arm over the hallucination rate. A count of zero is an arrow that hangs from its upper
bound, never a bare zero. Colors are those of Okabe and Ito (2008), told apart by the color-blind
and in gray.
"""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from guiderail.sim.lab.experiment.provenance import credit
from guiderail.sim.lab.report.picture import Picture

Place = tuple[float, float]
"""Right and up, in pixels of the figure."""


class Style(NamedTuple):
    """How one arm is drawn."""

    label: str
    color: str
    marker: str


STYLES: Final = {
    "no_guide": Style("no guide", "#000000", "D"),
    "guarded": Style("guarded car", "#0072B2", "o"),
    "obeying_machine": Style("obeying machine", "#D55E00", "s"),
    "obeying_human": Style("obeying human", "#AA4488", "^"),
}
_OTHER: Final = Style("", "#666666", "v")


class Point(NamedTuple):
    """One arm at one rate; detour [s] against serious infractions per 1,000 km, with their ends."""

    rate: float
    x: float
    x_low: float
    x_high: float
    y: float
    y_low: float
    y_high: float

    @property
    def is_zero(self) -> bool:
        """Whether nothing happened, so that only the upper bound can be shown."""
        return self.y == 0

    @property
    def shown_y(self) -> float:
        """Where the point is drawn: a zero at its upper bound."""
        return self.y_high if self.is_zero else self.y


def points(arm: Mapping[str, Any]) -> list[Point]:
    """Points of one arm, by rate; a rate without exposure or without an arrived pair has none."""
    found = []
    for cell in arm["rates"]:
        detour, harm = cell["detour_seconds"], cell["serious_per_1000_km"]
        if detour["mean"] is None or harm["value"] is None:
            continue
        low, high = (detour[end] if detour[end] is not None else detour["mean"] for end in _ENDS)
        y = (harm["value"], harm["low"], harm["high"])
        found.append(Point(cell["rate"], detour["mean"], low, high, *y))
    return found


_ENDS: Final = ("low", "high")


def draw_headline(summary: Mapping[str, Any], path: Path) -> None:
    """Draw the headline figure of a summary into a PNG file, atomically."""
    headline(summary).save(path)


def headline(summary: Mapping[str, Any]) -> Picture:
    """Draw the headline figure of a summary."""
    figure = Picture(figsize=(9.0, 6.2), dpi=160, layout="constrained")
    axes = figure.add_subplot()
    curves = {name: points(arm) for name, arm in summary["arms"].items()}
    _set_scales(axes, [point for curve in curves.values() for point in curve])
    for name, curve in curves.items():
        _draw_curve(axes, STYLES.get(name, _OTHER._replace(label=name)), curve)
    _describe(axes, summary)
    figure.supxlabel(_footer(summary), fontsize=7, color="#444444", x=0.01, ha="left")
    figure.draw_without_rendering()  # settles the layout: labels are placed in pixels
    _label_rates(axes, curves)
    return figure


def _set_scales(axes: Axes, drawn: list[Point]) -> None:
    heights = [y for p in drawn for y in (p.shown_y, p.y_high, p.y_low) if y > 0] or [1.0]
    floor = min([p.shown_y for p in drawn if p.shown_y > 0] or [1.0])
    axes.set_yscale("log")
    # Room below the lowest point for the arrows; a lower end of an interval may leave the figure.
    axes.set_ylim(floor / 4, max(heights) * 2)
    axes.yaxis.set_major_locator(LogLocator(base=10, subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:,.10g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.grid(visible=True, color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.axvline(0, color="#999999", linewidth=0.8)


def _draw_curve(axes: Axes, style: Style, curve: list[Point]) -> None:
    if not curve:
        return
    for here, there in pairwise(curve):
        # Dotted where an end is only a bound: such a slope means nothing.
        line = ":" if here.is_zero or there.is_zero else "-"
        x, y = (here.x, there.x), (here.shown_y, there.shown_y)
        axes.plot(x, y, line, color=style.color, linewidth=1.4, alpha=0.6, zorder=2)
    floor = axes.get_ylim()[0]
    for point in curve:
        _draw_point(axes, style, point, floor)
    axes.plot([], [], color=style.color, marker=style.marker, label=style.label, linewidth=1.4)


def _label_rates(axes: Axes, curves: Mapping[str, list[Point]]) -> None:
    """Write the rate beside each point, where it is free; an end of a curve is always labeled."""
    places = {name: [_pixels(axes, point) for point in curve] for name, curve in curves.items()}
    taken = [place for places_of_one in places.values() for place in places_of_one]
    labeled: list[tuple[float, Place]] = []
    for name, curve in curves.items():
        for k in _ends_first(len(curve)) if len(curve) > 1 else ():
            rate, place = curve[k].rate, places[name][k]
            if any(rate == other and _is_near(place, there) for other, there in labeled):
                continue  # markers that cover each other need the rate once
            outward = 1 if k else -1  # the next point lies to the right of the first
            spots = [(place[0] + outward * dx, place[1] + dy) for dx, dy in _SPOTS]
            free = [spot for spot in spots if not any(_is_near(spot, other) for other in taken)]
            if not free and 0 < k < len(curve) - 1:
                continue
            spot = (free or spots)[0]
            taken.append(spot)
            labeled.append((rate, place))
            _write_rate(axes, curve[k], spot, STYLES.get(name, _OTHER).color)


def _pixels(axes: Axes, point: Point) -> Place:
    x, y = axes.transData.transform((point.x, point.shown_y))
    return float(x), float(y)


def _write_rate(axes: Axes, point: Point, spot: Place, color: str) -> None:
    axes.annotate(
        f"{point.rate:.0%}",
        (point.x, point.shown_y),
        xytext=spot,
        textcoords="figure pixels",
        fontsize=8,
        color=color,
        ha="center",
        va="center",
        zorder=5,
    )


_SPOTS: Final = ((30, 22), (-30, 22), (30, -22), (-30, -22), (0, 28), (48, 0), (-48, 0), (0, -28))
"""Where a label may stand, seen from its point [pixels], best first."""
_LABEL_PX: Final = (38, 20)


def _is_near(spot: Place, other: Place) -> bool:
    return all(abs(a - b) < size for a, b, size in zip(spot, other, _LABEL_PX, strict=True))


def _ends_first(count: int) -> list[int]:
    return sorted(range(count), key=lambda k: 0 < k < count - 1)


def _draw_point(axes: Axes, style: Style, point: Point, floor: float) -> None:
    y = point.shown_y
    spread_x = [[max(0.0, point.x - point.x_low)], [max(0.0, point.x_high - point.x)]]
    bars: dict[str, Any] = {"color": style.color, "elinewidth": 0.9, "capsize": 2.5, "zorder": 3}
    if point.is_zero:
        face = "white"
        axes.errorbar([point.x], [y], xerr=spread_x, fmt="none", **bars)
        axes.annotate(
            "",
            (point.x, y / 2.2),
            xytext=(point.x, y),
            arrowprops={"arrowstyle": "-|>", "color": style.color, "linewidth": 1.2},
        )
    else:
        face = style.color
        spread_y = [[y - max(point.y_low, floor)], [max(0.0, point.y_high - y)]]
        axes.errorbar([point.x], [y], xerr=spread_x, yerr=spread_y, fmt="none", **bars)
    axes.plot(
        [point.x], [y], marker=style.marker, color=style.color, markerfacecolor=face,
        markersize=6, linestyle="none", zorder=4,
    )  # fmt: skip


def _describe(axes: Axes, summary: Mapping[str, Any]) -> None:
    axes.set_xlabel("mean detour against no guide [s per trip that arrived], 95 % interval")
    axes.set_ylabel("serious infractions per 1,000 km (ego-caused, S2 or worse), 95 % interval")
    title = "What an unreliable guide costs in time and in danger, by who follows it"
    if not summary["ranking"]["ranked"]:
        title = f"No ranking: {summary['ranking']['reason']}"
    axes.set_title(title, fontsize=11, loc="left")
    axes.plot(
        [],
        [],
        color="#444444",
        marker=r"$\downarrow$",
        linestyle="none",
        label="none seen: 95 % upper bound",
    )
    axes.legend(
        loc="best", fontsize=8, frameon=True, title="labels: hallucination rate", title_fontsize=8
    )


def _footer(summary: Mapping[str, Any]) -> str:
    arms = summary["arms"].values()
    trips, km = sum(arm["trips"] for arm in arms), sum(arm["km"] for arm in arms)
    return f"{credit(summary['map'])}  |  run {summary['run']}  |  {trips:,} trips, {km:,.0f} km"
