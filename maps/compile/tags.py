"""
What the tags of a street mean: pure functions from text to numbers.

The allow-list, the order of access keys and the free-flow defaults come from a count over ten real
extracts; see the table in each constant.
"""

import re
from functools import lru_cache
from typing import Final

from guiderail.maps.elements import Tags
from guiderail.maps.network import RoadClass

CLASSES: Final = {
    "motorway": RoadClass.MOTORWAY,
    "trunk": RoadClass.TRUNK,
    "primary": RoadClass.PRIMARY,
    "secondary": RoadClass.SECONDARY,
    "tertiary": RoadClass.TERTIARY,
    "unclassified": RoadClass.UNCLASSIFIED,
    "residential": RoadClass.RESIDENTIAL,
    "living_street": RoadClass.LIVING_STREET,
    "road": RoadClass.UNCLASSIFIED,
    "motorway_link": RoadClass.MOTORWAY,
    "trunk_link": RoadClass.TRUNK,
    "primary_link": RoadClass.PRIMARY,
    "secondary_link": RoadClass.SECONDARY,
    "tertiary_link": RoadClass.TERTIARY,
}
"""Driving streets. An allow-list: a deny-list lets unknown values such as ``trail`` through."""
_FREE_FLOW_KMH: Final = {
    "motorway": 110,
    "trunk": 90,
    "primary": 60,
    "secondary": 50,
    "tertiary": 50,
    "unclassified": 40,
    "residential": 30,
    "living_street": 10,
    "motorway_link": 60,
    "trunk_link": 50,
}
_FREE_FLOW_ELSE_KMH: Final = 40
"""Where no limit is signed [km/h]: ours, rounded from the signed limits of ten real extracts."""
_ZONE_KMH: Final = {"urban": 50, "rural": 90, "living_street": 10, "motorway": 110, "walk": 7}
"""What texts such as ``DE:urban`` stand for in most of Europe [km/h]."""
_KMH_PER_MPH: Final = 1.609344
_SPEED_STEP_MM_S: Final = 20
"""Speeds are multiples of this: the lattice on which cars move."""
_SLOWEST_KMH: Final = 5
"""A car that crawls still moves: a limit of 0 would make a street impassable."""
_FASTEST_KMH: Final = 250
"""No sign says more; a tag may say anything."""
_MOST_LANES: Final = 8
"""Ours: more lanes in one direction are a slip of the keyboard nearly everywhere."""
_ACCESS_KEYS: Final = ("motorcar", "motor_vehicle", "vehicle", "access")
"""Most specific first."""
_CLOSED: Final = frozenset({"no", "private", "agricultural", "forestry", "military", "emergency"})
_NO_THROUGH: Final = frozenset({"destination", "delivery", "customers"})
_FORWARD: Final = frozenset({"yes", "true", "1"})
_BACKWARD: Final = frozenset({"-1", "reverse"})
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_NEAR_ARROWS: Final = {"right": 1, "left": -1}

Arrows = tuple[frozenset[int], ...]
"""Per lane, as painted from left to right: -1 left, 0 straight on, 1 right, 2 back."""


def is_street(tags: Tags) -> bool:
    """Whether cars drive here at all."""
    return tags.get("highway") in CLASSES and tags.get("area") != "yes"


def access(tags: Tags) -> str:
    """Value of the most specific access key, empty if none is set."""
    return next((tags[key] for key in _ACCESS_KEYS if key in tags), "")


def is_closed(tags: Tags) -> bool:
    """Whether this car may not drive here."""
    return access(tags) in _CLOSED or tags.get("oneway") == "reversible"


def is_no_through(tags: Tags) -> bool:
    """Whether only those may enter who have business here."""
    return access(tags) in _NO_THROUGH


def is_barrier(tags: Tags) -> bool:
    """Whether a point stops cars; a toll booth does not."""
    if tags.get("barrier", "") in {"", "toll_booth", "no", "entrance", "kerb", "cattle_grid"}:
        return False
    return access(tags) in _CLOSED | {""}


def is_roundabout(tags: Tags) -> bool:
    """Whether the street is the ring of a roundabout."""
    return tags.get("junction") in {"roundabout", "circular"}


def oneway(tags: Tags) -> int:
    """1 if traffic goes along the line only, -1 if only against it, 0 if both ways."""
    value = tags.get("oneway", "")
    if value in _FORWARD:
        return 1
    if value in _BACKWARD:
        return -1
    is_implied = tags["highway"] in {"motorway", "motorway_link"} or is_roundabout(tags)
    return 1 if is_implied and value != "no" else 0


def speed_kmh(tags: Tags, direction: str) -> float | None:
    """Signed limit for ``forward`` or ``backward`` traffic; None if it says no number."""
    return _lowest_kmh(tags.get(f"maxspeed:{direction}") or tags.get("maxspeed") or "")


@lru_cache(maxsize=1_024)  # a city has a few dozen different texts
def _lowest_kmh(text: str) -> float | None:
    limits = [limit for part in re.split("[;|,]", text) if (limit := _limit_kmh(part.strip()))]
    return min(limits) if limits else None


def _limit_kmh(text: str) -> float | None:
    zone = text.rsplit(":", maxsplit=1)[-1]
    if zone in _ZONE_KMH:
        return _ZONE_KMH[zone]
    if not (number := _NUMBER.search(zone)):
        return None
    return float(number[0]) * (_KMH_PER_MPH if "mph" in text else 1)


def speed_mm_s(tags: Tags, direction: str) -> int:
    """Limit, or the free-flow default of the class, rounded down to the lattice [mm/s]."""
    limit = speed_kmh(tags, direction) or _FREE_FLOW_KMH.get(tags["highway"], _FREE_FLOW_ELSE_KMH)
    exact_mm_s = int(min(max(limit, _SLOWEST_KMH), _FASTEST_KMH) * 1_000_000) // 3_600
    return exact_mm_s // _SPEED_STEP_MM_S * _SPEED_STEP_MM_S


def lane_count(tags: Tags, direction: str) -> int:
    """Lanes of one direction, at least one."""
    one_direction = oneway(tags) != 0
    if signed := _count(tags.get(f"lanes:{direction}", "")):
        return signed
    if total := _count(tags.get("lanes", "")):
        return total if one_direction else max(1, total // 2)
    if painted := arrows(tags, direction):
        return min(_MOST_LANES, len(painted))
    return 2 if one_direction and tags["highway"] in {"motorway", "trunk"} else 1


@lru_cache(maxsize=1_024)
def _count(text: str) -> int:
    # Bounded before it becomes a whole number: a tag may say 10**400.
    numbers = [int(min(float(number), _MOST_LANES)) for number in _NUMBER.findall(text)]
    return min(numbers, default=0)


def arrows(tags: Tags, direction: str) -> Arrows:
    """Painted arrows of one direction from left to right; empty if nothing is painted."""
    text = tags.get(f"turn:lanes:{direction}") or (
        tags.get("turn:lanes", "") if oneway(tags) != 0 else ""
    )
    return tuple(_painted(lane) for lane in text.split("|")) if text else ()


def _painted(lane: str) -> frozenset[int]:
    return frozenset(map(_arrow, lane.split(";")))


def _arrow(word: str) -> int:
    if word == "reverse":
        return 2
    # "merge_to_left" narrows the road, it is no turn.
    return 0 if word.startswith("merge") else _NEAR_ARROWS.get(word.rpartition("_")[2], 0)


def destination(tags: Tags, direction: str) -> str:
    """What the signs at its start say, separated by semicolons: where to, roads, exit number."""
    said = [
        tags.get(f"destination:{direction}") or tags.get("destination", ""),
        tags.get(f"destination:ref:{direction}") or tags.get("destination:ref", ""),
        exit_words(tags.get("junction:ref", "")),
    ]
    return ";".join(text for text in said if text)


def exit_words(ref: str) -> str:
    """
    Name of a numbered exit; empty without a number.

    >>> exit_words("12A")
    'Exit 12A'
    """
    return f"Exit {ref}" if ref else ""


def exit_at(tags: Tags) -> str:
    """Name of the exit that begins at a point, for ways that do not say it themselves."""
    is_exit = tags.get("highway") == "motorway_junction"
    return exit_words(tags.get("ref", "")) if is_exit else ""
