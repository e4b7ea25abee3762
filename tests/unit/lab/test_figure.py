"""The figure draws what was measured: zeros as upper bounds, nothing where nothing was measured."""

from pathlib import Path
from typing import Any

import pytest

from guiderail.sim.lab.experiment.provenance import credit
from guiderail.sim.lab.report.figure import draw_headline, points


def cell(rate: float, detour: float | None, harm: float, high: float) -> dict[str, Any]:
    return {
        "rate": rate,
        "detour_seconds": {"mean": detour, "low": detour, "high": detour},
        "serious_per_1000_km": {"value": harm, "low": 0.0, "high": high},
    }


def summary(*cells: dict[str, Any], ranked: bool = True) -> dict[str, Any]:
    return {
        "run": "gr1-town-00000000-s1-noisy",
        "map": {"name": "town"},
        "ranking": {"ranked": ranked, "reason": "nothing to rank"},
        "arms": {"guarded": {"trips": 3, "km": 4.0, "rates": list(cells)}},
    }


def test_a_zero_count_is_drawn_at_its_upper_bound() -> None:
    (point,) = points({"rates": [cell(0.5, 3.0, 0.0, 12.5)]})
    assert point.is_zero
    assert (point.x, point.shown_y) == (3.0, 12.5)


def test_a_rate_at_which_no_pair_arrived_has_no_point() -> None:
    assert points({"rates": [cell(1.0, None, 5.0, 9.0)]}) == []


def test_an_interval_without_ends_is_drawn_as_a_point() -> None:
    alone = cell(0.0, 3.0, 1.0, 2.0)
    alone["detour_seconds"] |= {"low": None, "high": None}
    (point,) = points({"rates": [alone]})
    assert (point.x_low, point.x_high) == (3.0, 3.0)


@pytest.mark.parametrize("ranked", [True, False])
def test_a_figure_is_a_png_file(tmp_path: Path, ranked: bool) -> None:  # noqa: FBT001
    path = tmp_path / "headline.png"
    cells = (cell(0.0, -1.0, 0.0, 12.5), cell(0.5, 3.0, 40.0, 90.0), cell(1.0, 30.0, 400.0, 900.0))
    draw_headline(summary(*cells, ranked=ranked), path)
    assert path.read_bytes().startswith(b"\x89PNG")
    assert [entry.name for entry in tmp_path.iterdir()] == ["headline.png"]


def test_a_figure_without_any_point_is_still_drawn(tmp_path: Path) -> None:
    draw_headline(summary(), tmp_path / "headline.png")


def test_the_map_is_credited_as_its_license_asks() -> None:
    header = {
        "attribution": "(c) OpenStreetMap contributors",
        "licence": "ODbL-1.0, see the file",
    }
    assert credit(header) == "Map data (c) OpenStreetMap contributors, ODbL 1.0"
    assert credit({"name": "town", "attribution": "none needed"}) == "Map 'town': none needed"
