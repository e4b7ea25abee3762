"""
Works and incidents: what lies over a map for a while, in truth and in the reports.

Everything is a pure function of the seed, the map and the time. Incidents come at the rate of the
Highway Capacity Manual: 150 crashes per 100 million vehicle-miles (HERS), 4.9 incidents per crash,
so 4.6 per million vehicle-km; lanes and durations are those of its Exhibit 11-22, which is about
freeways and is used here for every road. Works take about 1 % of the street-km at a time, which is
a common order of magnitude and no published figure.
"""

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from guiderail.maps.errors import MapError
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing.closable import StretchFinder, is_harmless

HOUR_MS: Final = 3_600_000
DAY_HOURS: Final = 24
FOREVER_MS: Final = 2**62
"""End of what outlasts every trip [ms]."""
INCIDENTS_PER_MVKM: Final = 4.6
"""Incidents per million vehicle-km: 150 / 160.9 * 4.9."""
REPORT_LAG_MS: Final = 120_000
"""An incident is detected, and its end noticed, after 2 minutes (HCM, urban streets)."""
LONGEST_HOURS: Final = 6
"""Incidents end after 6 hours at the latest; under 1 in 10,000 would last longer."""
LANES_CLOSED: Final = (0, 1, 2, 3)
"""The rows of the table: incidents on the shoulder and on 1, 2 and 3 lanes."""
LANE_SHARES: Final = (0.754, 0.196, 0.031, 0.019)
"""Shares of incidents on the shoulder and on 1, 2 and 3 lanes."""
DURATIONS_MIN: Final = ((34.0, 15.1), (34.6, 13.8), (53.6, 13.9), (67.9, 21.9))
"""Mean and standard deviation of their lognormal durations [min]."""
LEFT_PER_OPEN_LANE: Final = (
    (0.81, 0.81, 0.83, 0.85),
    (0.0, 0.70, 0.74, 0.77),
    (0.0, 0.0, 0.51, 0.50),
    (0.0, 0.0, 0.0, 0.52),
)
"""Capacity left per open lane (HCM, Exhibit 11-22), by lanes closed and lanes of the road, 1 to 4;
the road of one lane, which is not in it, is taken for one of two (assumption)."""
HOURLY_PERMILLE: Final = (
    *(10, 6, 5, 5, 9, 30, 54, 71, 58, 47, 46, 50),
    *(53, 54, 63, 69, 72, 77, 62, 44, 35, 33, 26, 21),
)
"""Share of a weekday's traffic in each hour on urban arterials (HCM, Exhibit 17-5)."""


class EventKind(StrEnum):
    """What lies on a road."""

    WORKS = "works"
    INCIDENT = "incident"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something on a stretch of road for a while, and when people know of it."""

    kind: EventKind
    links: frozenset[LinkId]
    lanes_closed: int
    """Lanes taken on each of its links; 0 for the shoulder."""
    closes: bool
    """Whether no lane is left."""
    start_ms: int
    end_ms: int
    reported_from_ms: int
    reported_until_ms: int
    """No report at all where this is not after ``reported_from_ms``."""


@dataclass(frozen=True, slots=True)
class Overlay:
    """Events over one map."""

    events: tuple[Event, ...] = ()


def planned_works(
    network: RoadNetwork, seed: int, percent: float, *, missing: float = 0.0
) -> Overlay:
    """
    Close random stretches until a share of the drivable street length is closed.

    Works are planned: they leave every other link reachable and no lane without an exit. So a map
    may hold less of them than was asked for, never more than one stretch beyond.

    Parameters
    ----------
    network
        The map.
    seed
        Names the works; more percent adds stretches to those of fewer.
    percent
        Share of the length of the drivable links, 0 to 20 [%].
    missing
        Share of works that no report knows [1].

    Raises
    ------
    MapError
        When a share is out of bounds.
    """
    _check("percent of works", percent, 20)
    _check("share of missing reports", missing, 1)
    source = _generator(seed, network, "works")
    world = np.flatnonzero(network.links.in_world)
    order = source.permutation(len(world))
    unreported = (source.random(len(world)) < missing).tolist()
    wanted_mm = percent / 100 * int(network.links.length_mm[world].sum(dtype=np.int64))
    finder, closed, length_mm, events = (
        StretchFinder(network),
        frozenset[LinkId](),
        0,
        list[Event](),
    )
    for link, is_missing in zip(world[order].tolist(), unreported, strict=True):
        if length_mm >= wanted_mm:
            break
        stretch = finder.around(LinkId(link))
        both = closed | stretch
        if not stretch or not stretch.isdisjoint(closed) or not is_harmless(network, both):
            continue
        closed = both
        length_mm += int(network.links.length_mm[sorted(stretch)].sum(dtype=np.int64))
        events.append(_works(network, stretch, is_missing=is_missing))
    return Overlay(tuple(events))


def incidents(
    network: RoadNetwork,
    seed: int,
    time_ms: int,
    flow_per_hour: Sequence[int],
    *,
    factor: float = 1.0,
    missing: float = 0.0,
) -> Overlay:
    """
    Draw the incidents of the hours around a moment: every one that can matter then.

    Parameters
    ----------
    network
        The map.
    seed
        Names a sequence of days; an hour has the same incidents whichever moment is asked for.
    time_ms
        Since midnight of the first day, >= 0 [ms].
    flow_per_hour
        Vehicles per hour on each link, all its lanes together, on the average of a day.
    factor
        Times the published rate.
    missing
        Share of incidents that are never reported [1].

    Returns
    -------
    Overlay
        Incidents that begin within 6 hours before the moment or in its hour.

    Raises
    ------
    MapError
        When a share, the time or the number of flows is out of bounds.
    """
    _check("factor of incidents", factor, 1_000)
    _check("share of missing reports", missing, 1)
    _check("time of incidents", time_ms, FOREVER_MS)
    if len(flow_per_hour) != network.link_count:
        raise MapError(f"{len(flow_per_hour)} flows for a map of {network.link_count} links")
    rate = incident_rate(network, flow_per_hour) * factor
    hour = time_ms // HOUR_MS
    hours = range(max(0, hour - LONGEST_HOURS), hour + 1)
    return Overlay(
        tuple(one for each in hours for one in _of_hour(network, seed, each, rate, missing))
    )


def incident_rate(network: RoadNetwork, flow_per_hour: Sequence[int]) -> np.ndarray:
    """Incidents per hour on each link, in an hour of average traffic, phantoms 0."""
    kilometers = network.links.length_mm / 1e6 * (network.links.in_world == 1)
    return np.asarray(INCIDENTS_PER_MVKM * 1e-6 * kilometers * np.asarray(flow_per_hour))


def capacity_left(lanes: int, lanes_closed: int) -> float:
    """
    Share of the capacity of all its lanes that a road keeps during an incident.

    Examples
    --------
    >>> capacity_left(2, 1)  # one of two lanes is open, and carries 70 %
    0.35
    """
    per_lane = LEFT_PER_OPEN_LANE[lanes_closed][min(lanes, len(LEFT_PER_OPEN_LANE)) - 1]
    return per_lane * (lanes - lanes_closed) / lanes


def lognormal_parameters(mean: float, deviation: float) -> tuple[float, float]:
    """Mean and standard deviation of the logarithm, from those of the quantity itself."""
    variance = math.log1p((deviation / mean) ** 2)
    return math.log(mean) - variance / 2, math.sqrt(variance)


def _of_hour(
    network: RoadNetwork, seed: int, hour: int, rate: np.ndarray, missing: float
) -> Iterable[Event]:
    source = _generator(seed, network, f"incidents.{hour}")
    share = HOURLY_PERMILLE[hour % DAY_HOURS] * DAY_HOURS / sum(HOURLY_PERMILLE)
    counts = source.poisson(rate * share)
    for link in np.repeat(np.arange(len(counts)), counts).tolist():
        sort = int(np.searchsorted(np.cumsum(LANE_SHARES), source.random()))
        minutes = source.lognormal(*lognormal_parameters(*DURATIONS_MIN[sort]))
        start_ms = hour * HOUR_MS + int(source.integers(HOUR_MS))
        end_ms = start_ms + min(round(minutes * 60_000), LONGEST_HOURS * HOUR_MS)
        lag_ms = FOREVER_MS if source.random() < missing else REPORT_LAG_MS
        yield Event(
            kind=EventKind.INCIDENT,
            links=frozenset({LinkId(link)}),
            lanes_closed=min(LANES_CLOSED[sort], int(network.links.lanes[link])),
            closes=LANES_CLOSED[sort] >= int(network.links.lanes[link]),
            start_ms=start_ms,
            end_ms=end_ms,
            reported_from_ms=start_ms + lag_ms,
            reported_until_ms=end_ms + lag_ms if lag_ms < FOREVER_MS else 0,
        )


def _works(network: RoadNetwork, stretch: frozenset[LinkId], *, is_missing: bool) -> Event:
    return Event(
        kind=EventKind.WORKS,
        links=stretch,
        lanes_closed=max(int(network.links.lanes[link]) for link in stretch),
        closes=True,
        start_ms=0,
        end_ms=FOREVER_MS,
        reported_from_ms=0,
        reported_until_ms=0 if is_missing else FOREVER_MS,
    )


def _generator(seed: int, network: RoadNetwork, name: str) -> np.random.Generator:
    text = "\0".join(("guiderail.overlay", network.header.get("digest", ""), str(seed), name))
    digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))


def _check(what: str, value: float, most: float) -> None:
    if not 0 <= value <= most:
        raise MapError(f"{what} is {value!r}: it must be 0 to {most:g}")
