"""
Guides beside each other on the same trips: what their words break, and what they cost under guard.

A guide alone has no good or bad number: both depend on trips and traffic. Results folders are
compared only where their trips are the same ones, shown by what drove there without a guide; what
is quoted against the first guide is paired, trip by trip.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from rich import box
from rich.table import Table

from guiderail.sim.contract.errors import ResultError
from guiderail.sim.lab.experiment.run import GUARDED, NO_GUIDE
from guiderail.sim.lab.measure.over_trips import mean, rate_per_1000_km
from guiderail.sim.lab.measure.statistics import MeanInterval, RateInterval, as_mean, mean_of_trips
from guiderail.sim.lab.report.report import interval, rate_interval
from guiderail.sim.lab.report.screen import say, screen
from guiderail.sim.lab.report.story import printable
from guiderail.sim.lab.results.store import ResultFolder
from guiderail.sim.lab.results.summary import (
    OBEYING,
    serious_counts,
)

_SAME_TRIP: Final = ("origin", "goal", "closed_links", "baseline_ms")
"""What two runs of one trip share, whoever spoke: way, closures, and the time without a guide."""
_COLUMNS: Final = [
    *("arm", "rate", "trip", "guide", *_SAME_TRIP, "detour_s", "driven_mm"),
    *("messages", "accepted", "refused", "s4", "s3", "s2", "induced_s2", "guide_lost"),
]

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Entrant:
    """One guide, at one rate of errors, on its trips."""

    guide: str
    rate: float
    folder: str
    trips: Any
    """The trip rows of all arms, as an Arrow table."""

    def arm(self, name: str, trips: Sequence[int]) -> Any:
        """Rows of one arm on the named trips, sorted by trip; none where it did not drive."""
        wanted = pc.equal(self.trips["arm"], name)
        rows = self.trips.filter(pc.and_(wanted, pc.is_in(self.trips["trip"], _array(trips))))
        return rows.sort_by("trip")


def compare(folders: Sequence[ResultFolder]) -> Json:
    """
    Compare the guides of finished results folders on the trips that all of them drove.

    Parameters
    ----------
    folders
        One or more; every rate of errors in them is an entrant of its own.

    Returns
    -------
    dict
        ``trips``, how many all have in common, and ``entrants``: detours in s, infractions per
        1,000 km. Number triples hold value, low and high (95 %); null where one does not apply.

    Raises
    ------
    ResultError
        When a folder cannot be read, no guide spoke, or the trips are not the same ones.
    """
    entrants = [entrant for folder in folders for entrant in _entrants(folder)]
    if not entrants:
        raise ResultError("no guide spoke in these results: nothing to compare")
    common = sorted(set.intersection(*(_trips_of(one) for one in entrants)))
    if not common:
        raise ResultError("these results have no trip in common")
    for other in entrants[1:]:
        _check_same(entrants[0], other, common)
    rows = [_row(one, entrants[0], common) for one in entrants]
    return {"trips": len(common), "entrants": rows}


def print_comparison(folders: Sequence[ResultFolder], *, as_text: bool) -> None:
    """Print the table and how to read it, or one JSON object."""
    comparison, console = compare(folders), screen()
    if not as_text:
        say(console, json.dumps(comparison, ensure_ascii=False, allow_nan=False))
        return
    console.print(cost_table(comparison))
    console.print(harm_table(comparison))


def cost_table(comparison: Json) -> Table:
    """What the words cost the guarded car; one row per guide and rate, in the order given."""
    heads = ("messages", "accepted", "detour in s (95 %)", "beyond the first", "S2+")
    table = _table(f"Under guard, on the same {comparison['trips']:,} trips", heads)
    for row in comparison["entrants"]:
        guarded, beyond = row["guarded"], row["beyond_first_s"]
        table.add_row(
            *_name(row),
            *(_whole(guarded, key) for key in ("messages", "accepted")),
            interval(guarded["detour_s"], "mean", "+.1f") if guarded else "-",
            interval(beyond, "mean", "+.1f") if beyond else "-",
            _whole(guarded, "serious"),
        )
    return table


def harm_table(comparison: Json) -> Table:
    """What the same words break in a car that obeys; one row per guide and rate."""
    table = _table("Obeyed: induced S2+ per 1,000 km (95 %)", OBEYING)
    for row in comparison["entrants"]:
        table.add_row(*_name(row), *(_obeyed(row["obeyed"][arm]) for arm in OBEYING))
    return table


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", padding=(0, 1, 0, 0))
    table.add_column("guide", max_width=24)
    for column in ("rate", *columns):
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _name(row: Json) -> tuple[str, str]:
    return printable(row["guide"]), f"{row['rate']:.0%}"


def _entrants(folder: ResultFolder) -> Iterator[Entrant]:
    trips = folder.read("trips", _COLUMNS)
    spoken = trips.filter(pc.not_equal(trips["arm"], NO_GUIDE))
    keys = spoken.group_by(["guide", "rate"]).aggregate([])
    pairs = zip(keys["guide"].to_pylist(), keys["rate"].to_pylist(), strict=True)
    for guide, rate in sorted(pairs):
        mine = pc.and_(pc.equal(spoken["guide"], guide), pc.equal(spoken["rate"], rate))
        yield Entrant(guide=guide, rate=rate, folder=str(folder.path), trips=spoken.filter(mine))


def _trips_of(entrant: Entrant) -> set[int]:
    return set(entrant.trips["trip"].to_pylist())


def _check_same(first: Entrant, other: Entrant, common: Sequence[int]) -> None:
    """Refuse to compare trips that only share their number."""
    ours, theirs = _identity(first, common), _identity(other, common)
    for trip in common:
        if ours[trip] != theirs[trip]:
            raise ResultError(
                f"trip {trip} of {other.folder!r} is not trip {trip} of {first.folder!r}: compare "
                "sweeps with the same map, seed, conditions, closures and od"
            )


def _identity(entrant: Entrant, common: Sequence[int]) -> dict[int, tuple[int, ...]]:
    rows = entrant.trips.filter(pc.is_in(entrant.trips["trip"], _array(common)))
    columns = (rows[name].to_pylist() for name in ("trip", *_SAME_TRIP))
    return {trip: tuple(values) for trip, *values in zip(*columns, strict=True)}


def _row(entrant: Entrant, first: Entrant, common: Sequence[int]) -> Json:
    guarded = entrant.arm(GUARDED, common)
    return {
        "guide": entrant.guide,
        "rate": entrant.rate,
        "folder": entrant.folder,
        "guarded": _guarded(guarded) if len(guarded) else None,
        "beyond_first_s": None if entrant is first else _beyond(guarded, first, common),
        "obeyed": {arm: _harm(entrant.arm(arm, common)) for arm in OBEYING},
        "guides_lost": len(entrant.trips) - entrant.trips["guide_lost"].null_count,
    }


def _guarded(rows: Any) -> Json:
    sums = {key: pc.sum(rows[key]).as_py() for key in ("messages", "accepted", "refused")}
    return {
        "trips": len(rows),
        **sums,
        "detour_s": mean(rows, "detour_s"),
        "serious": int(serious_counts(rows).sum()),
        "km": pc.sum(rows["driven_mm"]).as_py() / 1e6,
    }


def _beyond(guarded: Any, first: Entrant, common: Sequence[int]) -> MeanInterval | None:
    """Mean difference of the detours, over the trips on which both arrived."""
    ours, theirs = _detours(guarded), _detours(first.arm(GUARDED, common))
    both = sorted(ours.keys() & theirs.keys())
    if not both:
        return None
    beyond = [ours[trip] - theirs[trip] for trip in both]
    return as_mean(mean_of_trips(beyond, both))


def _detours(rows: Any) -> dict[int, float]:
    pairs = zip(rows["trip"].to_pylist(), rows["detour_s"].to_pylist(), strict=True)
    return {trip: detour for trip, detour in pairs if detour is not None}


def _harm(rows: Any) -> RateInterval | None:
    """Serious infractions beyond the silent twin, per 1,000 km."""
    return rate_per_1000_km(rows, rows["induced_s2"].to_numpy()) if len(rows) else None


def _obeyed(harm: RateInterval | None) -> str:
    return rate_interval(harm) if harm and harm["value"] is not None else "-"


def _whole(part: Json | None, key: str) -> str:
    return f"{part[key]:,}" if part else "-"


def _array(values: Sequence[int]) -> Any:
    return pa.array(values, pa.int64())
