"""
Streets of a place by its name, from the network: OSMnx finds its border, Overpass sends its data.

OSMnx's own download asks for ways and their nodes only, so the question to Overpass is ours: it
also asks for turn restrictions, and for named places. The answer is kept as a file in the user's
cache folder, whole or not at all, and read like any other; nothing is asked twice.
"""

import hashlib
import importlib
import json
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple

from guiderail.maps.compile.places import KEYS, NAME_KEYS
from guiderail.maps.compile.tags import CLASSES
from guiderail.maps.elements import Elements
from guiderail.maps.errors import MapError, to_install
from guiderail.maps.files import cache_home, replacing
from guiderail.maps.geometry import MM_PER_E7
from guiderail.maps.sources.fetch import Limits, bounds, check_reachable, post, retried
from guiderail.maps.sources.osm import read_osm

NEEDS_OSMNX: Final = f"a place name needs osmnx, which is not installed: {to_install('maps')}"
CACHE_VARIABLE: Final = "GUIDERAIL_CACHE"
"""Environment variable that names another cache folder."""
MOST_KM2: Final = 3_000
"""Largest place that is asked for: a large city; a country is for a file."""
_LONGEST_NAME: Final = 200
"""Letters of a name: ours, room for a district, a city, a region and a country."""
_MOST_CORNERS: Final = 500
"""Most corners of a border; it is simplified until it has no more: the question has to be short."""
_COARSER: Final = 14
"""Up to 0.1 degree; what has more parts than corners is asked for by its hull."""
_KM_PER_DEGREE: Final = 10 * MM_PER_E7
_SCHEMA: Final = "1"
"""Raise it when the question asks for more: then old answers are too little."""


class Area(NamedTuple):
    """What a place name stands for."""

    label: str
    """Full name, as the geocoder gives it."""
    rings: tuple[tuple[tuple[float, float], ...], ...]
    """Outer borders, corners as (longitude, latitude) [degree]."""


def read_place(name: str, limits: Limits | None = None) -> Elements:
    """
    Read the streets of a named place, from the network or from an earlier answer.

    Parameters
    ----------
    name
        Such as ``Porto, Portugal``; of several places the most important one that has a border.
    limits
        How long to wait and how much to read.

    Raises
    ------
    MapError
        When OSMnx is missing, the network or a server cannot be reached or is busy, the place is
        unknown, a point, or too large, or the answer is not whole; then nothing is kept of it.
    """
    asked = " ".join(name.split())
    if not asked or len(asked) > _LONGEST_NAME or not asked.isprintable():
        raise MapError(
            f"{name[:80]!r} cannot be the name of a place: give a city, a comma, a country"
        )
    if find_spec("osmnx") is None:
        raise MapError(NEEDS_OSMNX)
    bound = limits or Limits()
    area = _area(asked, bound)
    question = overpass_question(area, bound)
    path = _cached(question, ".osm")
    if not path.is_file():
        _write(path, _answer(question, bound))
    elements = read_osm(path, name=asked.partition(",")[0])
    return replace(elements, source=f"Overpass, {area.label}")


def cache_folder() -> Path:
    """Folder of answers from the network; it need not exist yet."""
    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen)
    return cache_home() / "guiderail" / "places"


def overpass_question(area: Area, limits: Limits) -> str:
    """Ask for streets, all their nodes, turn restrictions at them, and named places of an area."""
    borders = [" ".join(f"{lat:.6f} {lon:.6f}" for lon, lat in ring) for ring in area.rings]
    classes, keys, names = ("|".join(words) for words in (CLASSES, KEYS, NAME_KEYS))
    streets = "".join(f'way["highway"~"^({classes})$"](poly:"{border}");' for border in borders)
    named = "".join(
        f'{kind}[~"^({names})$"~"."][~"^({keys})$"~"."](poly:"{border}");'
        for border in borders
        for kind in ("node", "way")
    )
    head = f"[out:xml][timeout:{limits.read_s:.0f}][maxsize:{limits.most_bytes}];"
    return (
        f"{head}({streets})->.streets;({named})->.places;"
        '(.streets;.streets >;rel(bw.streets)["type"~"^restriction"];.places;.places >;);out meta;'
    )


def _area(name: str, limits: Limits) -> Area:
    path = _cached(name, ".json")
    if not path.is_file():
        found = _geocoded(name, limits)
        _write(path, json.dumps(found, ensure_ascii=False).encode())
    try:
        label, rings = json.loads(path.read_text("utf-8"))
        return Area(str(label), tuple(tuple((float(x), float(y)) for x, y in r) for r in rings))
    except (OSError, ValueError, TypeError) as error:
        raise MapError(f"{path} is no answer of a geocoder: delete it") from error


def _geocoded(name: str, limits: Limits) -> Area:
    """Ask the geocoder through OSMnx, with our bounds in place of its endless retries."""
    ox: Any = importlib.import_module("osmnx")
    check_reachable(ox.settings.nominatim_url, limits)
    with _settings(ox, limits):
        try:
            row = retried(lambda: ox.geocode_to_gdf(name), limits).iloc[0]
        except TypeError as error:
            raise MapError(
                f"{name!r} is a point and no area: give the name of a town or a district"
            ) from error
        except MapError:
            raise
        except (KeyError, ValueError) as error:  # all errors of OSMnx are of the second kind
            raise MapError(
                f"there is no place {name!r}: the geocoder knows none, or its answer is damaged"
            ) from error
    return _checked(name, str(row["display_name"]), row.geometry)


def _checked(name: str, label: str, border: Any) -> Area:
    km2 = border.area * math.cos(math.radians(border.centroid.y)) * _KM_PER_DEGREE**2
    if km2 > MOST_KM2:
        raise MapError(
            f"{name!r} ({label}) has {km2:,.0f} km2: at most {MOST_KM2:,} are asked for; "
            "name a smaller place, or give a file"
        )
    for k in range(_COARSER):
        if sum(map(len, _rings(border))) <= _MOST_CORNERS:
            return Area(label, _rings(border))
        border = border.simplify(2**k * 1e-5)
    return Area(label, _rings(border.convex_hull))


def _rings(border: Any) -> tuple[tuple[tuple[float, float], ...], ...]:
    parts = getattr(border, "geoms", [border])
    return tuple(tuple((float(x), float(y)) for x, y in part.exterior.coords) for part in parts)


@contextmanager
def _settings(ox: Any, limits: Limits) -> Iterator[None]:
    """Bound the requests of OSMnx for a while; its cache would be the current folder."""
    settings = ox.settings
    wanted = {
        "use_cache": False,
        "requests_kwargs": settings.requests_kwargs | bounds(limits),
        "requests_timeout": limits.read_s,
    }
    before = {key: getattr(settings, key) for key in wanted}
    try:
        for key, value in wanted.items():
            setattr(settings, key, value)
        yield
    finally:
        for key, value in before.items():
            setattr(settings, key, value)


def _answer(question: str, limits: Limits) -> bytes:
    ox: Any = importlib.import_module("osmnx")
    url = ox.settings.overpass_url.rstrip("/") + "/interpreter"
    check_reachable(url, limits)
    content = post(url, {"data": question}, limits)
    if b"<remark>" in content:
        said = content.partition(b"<remark>")[2].partition(b"</remark>")[0]
        raise MapError(f"Overpass gave up: {said.decode(errors='replace').strip()[:200]}")
    if not content.rstrip().endswith(b"</osm>"):
        raise MapError(f"Overpass sent no whole map but {len(content):,} bytes: try again later")
    return content


def _cached(key: str, ending: str) -> Path:
    digest = hashlib.blake2b(f"{_SCHEMA}\0{key}".encode(), digest_size=16).hexdigest()
    return cache_folder() / (digest + ending)


def _write(path: Path, content: bytes) -> None:
    """Keep an answer; the file appears whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as fresh:
            fresh.write_bytes(content)
    except OSError as error:
        raise MapError(f"cannot keep the answer in {path.parent}: {error.strerror}") from error
