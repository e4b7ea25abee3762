"""
What a growing campaign shows so far, with bounds that hold however often somebody looks.

Each cell is one arm at one rate, and a trip is the unit of chance: the share of trips with a
serious infraction is bounded by a beta mixture, the mean detour by a normal mixture. Each bound
holds by itself at 95 %, not all of them together.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from guiderail.sim.lab.measure.statistics import Interval, anytime_mean, anytime_share
from guiderail.sim.lab.results.summary import serious_counts

WORST: Final = 50
"""Trips in the list of the worst ones."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One arm at one rate."""

    arm: str
    rate: float
    trips: int
    km: float
    arrived: int
    serious: Interval
    """Share of trips on which ego caused an infraction of class S2 or worse."""
    induced: Interval
    """Share of trips on which that was the guide's doing."""
    detour: Interval
    """Mean time beyond the trip without a guide [s]; trips on which both arrived."""
    refused: int
    missed_turns: int


def cells(table: Any) -> list[Cell]:
    """Sum a table of trips up, one cell per arm and rate, in the order of their names."""
    keys = table.select(["arm", "rate"]).group_by(["arm", "rate"]).aggregate([]).to_pylist()
    return [
        _cell(key["arm"], key["rate"], _of(table, key))
        for key in sorted(keys, key=lambda key: (key["arm"], key["rate"]))
    ]


def _of(table: Any, key: dict[str, Any]) -> Any:
    is_mine = pc.and_(pc.equal(table["arm"], key["arm"]), pc.equal(table["rate"], key["rate"]))
    return table.filter(is_mine)


def _cell(arm: str, rate: float, trips: Any) -> Cell:
    harm = serious_counts(trips)
    induced = trips["induced_s2"].to_numpy()
    return Cell(
        arm=arm,
        rate=rate,
        trips=len(trips),
        km=int(pc.sum(trips["driven_mm"]).as_py()) / 1e6,
        arrived=int(pc.sum(pc.equal(trips["outcome"], "arrived")).as_py()),
        serious=anytime_share(int(np.count_nonzero(harm)), len(trips)),
        induced=anytime_share(int(np.count_nonzero(induced)), len(trips)),
        detour=anytime_mean(trips["detour_s"].drop_null().to_numpy()),
        refused=int(pc.sum(trips["refused"]).as_py()),
        missed_turns=int(pc.sum(trips["missed_turns"]).as_py()),
    )


def worst(table: Any, count: int = WORST) -> list[dict[str, Any]]:
    """List the worst runs first: what the guide broke, then crashes, then what it cost [s]."""
    ranked = table.append_column(
        "unfinished", pc.cast(pc.not_equal(table["outcome"], "arrived"), pa.int8())
    )
    keys = ("induced_s2", "s4", "s3", "s2", "unfinished", "detour_s")
    order = [(name, "descending") for name in keys]
    order += [("trip", "ascending"), ("arm", "ascending"), ("rate", "ascending")]
    rows: list[dict[str, Any]] = ranked.sort_by(order).slice(0, count).to_pylist()
    return rows
