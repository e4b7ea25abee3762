"""What every reader hands to the compiler: nodes, ways and relations with their OSM tags."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

Tags = Mapping[str, str]
BARE: Final[Tags] = MappingProxyType({})
"""Tags of most nodes: points of a line, and nothing else."""


class RawNode(NamedTuple):
    """One point; a tuple, because a city has a quarter of a million."""

    id: int
    lon_e7: int
    """Longitude [1e-7 degree]."""
    lat_e7: int
    tags: Tags = BARE
    xy_mm: tuple[int, int] | None = None
    """East and north of the center where they are known exactly; projected when None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawWay:
    """One line through nodes, some of which the extract may lack."""

    id: int
    nodes: tuple[int, ...]
    tags: Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One part of a relation."""

    kind: str
    """``n`` for a node, ``w`` for a way, ``r`` for a relation."""
    ref: int
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRelation:
    """Parts that belong together."""

    id: int
    members: tuple[Member, ...]
    tags: Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Elements:
    """One map as its source gives it, in any order."""

    name: str
    source: str
    """File or function that it came from."""
    source_sha256: str
    nodes: tuple[RawNode, ...]
    ways: tuple[RawWay, ...]
    relations: tuple[RawRelation, ...] = ()
    drives_on_left: bool = False
    data_date: str = ""
    """Newest element, empty if not known."""
    attribution: str = "(c) OpenStreetMap contributors"
    licence: str = "ODbL-1.0, https://opendatacommons.org/licenses/odbl/1.0/"
