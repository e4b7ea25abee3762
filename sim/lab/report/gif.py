"""A trip as a moving picture, drawn with pillow (matplotlib brings it along)."""

import io
from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib import get_data_path
from PIL import Image, ImageDraw, ImageFont

from guiderail.sim.lab.results.store import write_bytes

Json = dict[str, Any]

SIZE: Final = (640, 480)
FRAMES: Final = 120
"""Most pictures of one film."""
FRAME_MS: Final = 100
_MARGIN: Final = 48
_ROAD, _BIG, _PLAN, _TRAIL = "#c3c9d0", "#9aa3ad", "#0072b2", "#1b1f24"
_YES, _NO, _PAPER = "#00795a", "#b34700", "#fbfbf9"


def write_gif(path: Path, trip: Json, drawing: Json) -> None:
    """Write a trip as an animated GIF."""
    write_bytes(path, gif_bytes(trip, drawing))


def gif_bytes(trip: Json, drawing: Json) -> bytes:
    """Draw a trip as an animated GIF that plays once and stays at its end."""
    film = _Film(trip, drawing)
    last = film.frame(trip["end"])
    times = np.linspace(0, trip["end"], min(FRAMES, max(2, round(trip["end"] * 2))))
    frames = [film.frame(float(t)) for t in times] + [last]
    out = io.BytesIO()
    frames[0].save(
        out,
        format="GIF",
        save_all=True,
        append_images=frames[1:],
        duration=[FRAME_MS] * len(times) + [3_000],
        optimize=True,
    )
    return out.getvalue()


class _Film:
    """The map drawn once, and a frame for any time."""

    def __init__(self, trip: Json, drawing: Json) -> None:
        self._trip = trip
        x, y = np.asarray([*trip["x"], trip["goal"][0]]), np.asarray([*trip["y"], trip["goal"][1]])
        span = max(np.ptp(x) / (SIZE[0] - 2 * _MARGIN), np.ptp(y) / (SIZE[1] - 2 * _MARGIN), 1.0)
        self._scale = 1 / float(span)
        self._center = (float(x.min() + x.max()) / 2, float(y.min() + y.max()) / 2)
        font = Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
        self._font = ImageFont.truetype(str(font), 13)
        self._small = ImageFont.truetype(str(font), 10)
        self._credit = drawing["credit"]
        self._paper = Image.new("RGB", SIZE, _PAPER)
        draw = ImageDraw.Draw(self._paper)
        for road in sorted(drawing["roads"], key=lambda road: -int(road["c"])):
            is_big = road["c"] <= 3  # noqa: PLR2004  secondary roads and above
            color, width = (_BIG, 5) if is_big else (_ROAD, 3)
            draw.line(self._points(road["p"]), fill=color, width=width, joint="curve")
        for line in trip["closed"]:
            draw.line(self._points(line), fill=_NO, width=4)

    def frame(self, time_s: float) -> Image.Image:
        """Draw one moment and reduce it to a palette."""
        trip, image = self._trip, self._paper.copy()
        draw = ImageDraw.Draw(image)
        routes = [route for route in trip["routes"] if route["t"] <= time_s]
        if routes:
            draw.line(self._points(routes[-1]["p"]), fill=_PLAN, width=4, joint="curve")
        driven = int(np.searchsorted(trip["t"], time_s, side="right"))
        track = [value for k in range(driven) for value in (trip["x"][k], trip["y"][k])]
        if driven > 1:
            draw.line(self._points(track), fill=_TRAIL, width=2, joint="curve")
        for said in trip["talk"]:
            if said["t"] <= time_s:
                color = _YES if said["decision"] == "accept" else _NO
                self._dot(draw, said["x"], said["y"], 5, color)
        self._dot(draw, trip["goal"][0], trip["goal"][1], 7, _TRAIL)
        k = max(0, driven - 1)
        self._dot(draw, trip["x"][k], trip["y"][k], 6, _PLAN)
        self._words(draw, time_s)
        return image.quantize(colors=64)

    def _words(self, draw: ImageDraw.ImageDraw, time_s: float) -> None:
        draw.rectangle((0, 0, SIZE[0], 22), fill="white")
        head = f"{self._trip['arm'].replace('_', ' ')}   {time_s:5.1f} s"
        draw.text((8, 4), head, fill=_TRAIL, font=self._font)
        said = [item for item in self._trip["talk"] if item["t"] <= time_s]
        if said:
            draw.rectangle((0, SIZE[1] - 58, SIZE[0], SIZE[1] - 16), fill="white")
            color = _YES if said[-1]["decision"] == "accept" else _NO
            draw.text(
                (8, SIZE[1] - 56), f"“{said[-1]['words'][:80]}”", fill=_TRAIL, font=self._font
            )
            answer = f"{said[-1]['decision']}: {said[-1]['because']}"
            draw.text((8, SIZE[1] - 37), answer[:90], fill=color, font=self._font)
        draw.rectangle((0, SIZE[1] - 16, SIZE[0], SIZE[1]), fill="white")
        draw.text((8, SIZE[1] - 14), self._credit, fill="#5c6570", font=self._small)

    def _dot(self, draw: ImageDraw.ImageDraw, x: int, y: int, size: int, color: str) -> None:
        (px, py), *_ = self._points([x, y])
        box = (px - size, py - size, px + size, py + size)
        draw.ellipse(box, fill=color, outline="white", width=1)

    def _points(self, flat: list[int]) -> list[tuple[float, float]]:
        """Put a flat list of decimeters on the picture."""
        points = np.asarray(flat, dtype=float).reshape(-1, 2)
        x = SIZE[0] / 2 + (points[:, 0] - self._center[0]) * self._scale
        y = SIZE[1] / 2 - (points[:, 1] - self._center[1]) * self._scale
        return list(zip(x.tolist(), y.tolist(), strict=True))
