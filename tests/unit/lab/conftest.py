"""A town, and results folders made by hand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guiderail.maps.library.load import load_map
from guiderail.maps.network import RoadNetwork
from guiderail.sim.lab.results.columns import TABLES, InfractionRow, MessageRow, columns
from guiderail.sim.lab.results.store import ResultFolder, write_part

Row = dict[str, Any]
MakeFolder = Callable[..., ResultFolder]


@pytest.fixture(scope="session")
def town() -> RoadNetwork:
    """Load the synthetic town."""
    return load_map("town")


def trip_row(arm: str, rate: float, trip: int, **values: Any) -> Row:
    """Make a trip of 1 km that arrived without anything to report."""
    row: Row = dict.fromkeys((one.name for one in columns("trips") if one.holds is int), 0)
    row |= {"arm": arm, "rate": rate, "trip": trip, "guide": "noisy", "goal_name": "Museum"}
    row |= {"outcome": "arrived", "driven_mm": 1_000_000, "shortest_mm": 1_000_000}
    row |= {"detour_s": 0.0, "detour_ratio": 1.0, "guide_lost": None, "digest": ""}
    return row | values


def infraction_row(arm: str, rate: float, trip: int, name: str, **values: Any) -> Row:
    """Make a serious infraction that is the guide's doing."""
    row: Row = dict.fromkeys(InfractionRow._fields)
    row |= {"arm": arm, "rate": rate, "trip": trip, "ordinal": 0, "name": name}
    row |= {"severity": "S3", "at_fault": True, "guide_induced": True}
    return row | values


def message_row(arm: str, rate: float, trip: int, decision: str, reason: str) -> Row:
    """Make a message that was answered."""
    row: Row = dict.fromkeys(MessageRow._fields)
    row |= {"arm": arm, "rate": rate, "trip": trip, "ordinal": 0}
    return row | {"words": "Turn left.", "decision": decision, "reason": reason}


@pytest.fixture
def make_folder(tmp_path: Path) -> MakeFolder:
    """Make a finished results folder from rows."""

    def make(**tables: list[Row]) -> ResultFolder:
        folder = ResultFolder(tmp_path / "results")
        about = {"map": {"name": "town"}, "scenario": {"arms": []}}
        folder.claim("gr1-town-00000000-s1-noisy", about, "")
        for table in TABLES:
            write_part(folder.path, 0, table, tables.get(table, []))
        folder.finish([0])
        return folder

    return make


@pytest.fixture
def rows() -> dict[str, Callable[..., Row]]:
    """Makers of rows: with importlib mode no test can import another file of its folder."""
    return {"trip": trip_row, "infraction": infraction_row, "message": message_row}
