"""Plan of the synthetic town (grid being drawn)."""

from typing import Final

from guiderail.maps.sketch import Sketch

SMALLEST_TOWN: Final = 4


def draw_town(sketch: Sketch, seed: int, size: int) -> None:
    """Draw it."""
    del seed
    for i in range(size + 1):
        sketch.way([(i * 100_000, j * 100_000) for j in range(size + 1)], highway="residential")
        sketch.way([(j * 100_000, i * 100_000) for j in range(size + 1)], highway="residential")
