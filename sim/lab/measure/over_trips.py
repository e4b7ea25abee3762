"""How a column of the trip table is summed up over many trips; the trip is the unit of chance."""

from typing import Any, Final

import numpy as np
import pyarrow.compute as pc

from guiderail.sim.lab.measure.statistics import (
    Interval,
    MeanInterval,
    RateInterval,
    as_mean,
    as_rate,
    mean_of_trips,
    rate_of_trips,
    share,
)

PER_KM: Final = 1_000


def total(trips: Any, column: str) -> int:
    """Sum of a column; 0 for an empty table."""
    return int(pc.sum(trips[column]).as_py() or 0)


def kilometers(trips: Any, column: str) -> float:
    """Sum of a column of lengths, in km."""
    return total(trips, column) / 1e6


def mean(trips: Any, column: str) -> MeanInterval:
    """Mean over the runs in which the column applies, with its interval."""
    return as_mean(mean_of_column(trips, column))


def mean_of_column(trips: Any, column: str) -> Interval:
    """Mean of a column over the runs in which it applies."""
    valid = trips.filter(pc.is_valid(trips[column]))
    return mean_of_trips(valid[column].to_numpy(), valid["trip"].to_numpy())


def mean_seconds(trips: Any, column: str) -> float | None:
    """Mean of a column of milliseconds in s; None where it never applies."""
    mean_ms = pc.mean(trips[column]).as_py()
    return None if mean_ms is None else mean_ms / 1_000


def applying(trips: Any, column: str) -> int:
    """In how many runs the column applies."""
    return len(trips) - int(trips[column].null_count)


def share_of_trips(trips: Any, column: str) -> RateInterval:
    """Share of runs in which a flag is set, with its interval."""
    return as_rate(share(total(trips, column), len(trips)))


def counts(table: Any, column: str) -> dict[str, int]:
    """How often each value occurs, most frequent first, then by name."""
    pairs = ((one["values"], one["counts"]) for one in table[column].value_counts().to_pylist())
    return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))


def sums(trips: Any, columns: tuple[str, ...]) -> np.ndarray[Any, Any]:
    """Several columns of counts added up, one number per run."""
    return np.asarray(sum(trips[name].to_numpy() for name in columns))


def per_1000_km(trips: Any, column: str) -> RateInterval:
    """Events of a column per 1,000 km, with their interval."""
    return rate_per_1000_km(trips, sums(trips, (column,)))


def rate_per_1000_km(trips: Any, events: np.ndarray[Any, Any]) -> RateInterval:
    """Events per 1,000 km with their interval; ``events`` holds one count per run."""
    exposure = trips["driven_mm"].to_numpy() / (PER_KM * 1e6)
    return as_rate(rate_of_trips(events, exposure, trips["trip"].to_numpy()))
