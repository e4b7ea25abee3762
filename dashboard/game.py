"""
The game: a person is the guide of the guarded car, and the address of the page holds every word.

The whole trip is driven again with all words so far; it is the same up to the last of them.
"""

import json
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np

from guiderail.dashboard.session import Choice, Drives, drives_of, network, world
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.sim.lab import metrics
from guiderail.sim.lab.bound import DelayBound
from guiderail.sim.lab.playback import places_drawing
from guiderail.sim.lab.run import GUARDED, Laboratory
from guiderail.sim.lab.scenario import Scenario
from guiderail.sim.lab.scenes import SPOKEN

HELP: Final = (
    "Say a turn, a road or a place while the car drives, or click on the map, and try to cost the "
    "guarded car time, or to crash it. A turn means the next junction. The speed of the playback "
    "is how much faster than life it drives. The address of this page is your game."
)
LONGEST_GAME: Final = 40
"""Lines that one game may hold: the address of the page carries them all."""
LONGEST_LINE: Final = 120
LONGEST_MS: Final = 36_000_000


class Said(NamedTuple):
    """A line of a game: when, at the end of which link, and the text."""

    time_ms: int
    at: int
    text: str


def scenario(choice: Choice) -> Scenario:
    """Experiment that a game belongs to."""
    values = {"map": choice.map, "guide": SPOKEN, "arms": [GUARDED], "rates": [0.0]}
    return world({**values, "seed": choice.seed}, choice.road)


@lru_cache(maxsize=8)
def drive(choice: Choice, said: tuple[Said, ...]) -> Drives:
    """Drive a trip with the words said so far."""
    script = [(line.time_ms, line.text, None if line.at < 0 else line.at) for line in said]
    laboratory = Laboratory(scenario(choice), network(choice.map), script=script)
    return drives_of(laboratory.trip(choice.trip), laboratory, extra=text_of(said))


def say(choice: Choice, said: tuple[Said, ...], text: str, now_s: float) -> tuple[Said, ...]:
    """Add a line to a game at a time; a turn means the end of the link where the car then is."""
    if len(said) >= LONGEST_GAME:
        return said
    trace = drive(choice, said).results[0].run.trace
    now_ms = max([round(now_s * 10) * 100, *(line.time_ms + 100 for line in said)])
    row = max(0, int(np.searchsorted(trace.column("time_ms"), now_ms, side="right")) - 1)
    at = _next_choice(network(choice.map), trace.column("link")[row:].tolist())
    return (*said, Said(now_ms, at, text[:LONGEST_LINE]))


def _next_choice(roads: RoadNetwork, driven: list[int]) -> int:
    """First link whose end leaves a choice, on the way that the car takes if nobody speaks."""
    links = dict.fromkeys(map(LinkId, driven))
    return next((link for link in links if len(roads.turns_from(link)) > 1), driven[0])


def score(choice: Choice, drives: Drives) -> list[tuple[str, str]]:
    """List what the person did to the car, beside what is proven that nobody can do to it."""
    trip, proven = drives.trips[0], bound(choice)
    delay = trip["detour_s"]
    bought_s = metrics.bought_ms(drives.results[0].run.trace) / 1_000
    return [
        ("Infractions you caused", str(trip["by_guide"])),
        ("Delay you caused", "-" if delay is None else f"{delay:+.1f} s"),
        ("Proven bound on the delay", f"{proven.total_ms / 1_000:,.0f} s"),
        ("Extra time you bought", f"{bought_s:.0f} / {proven.granted_ms / 1_000:.0f} s"),
        ("Refused", f"{trip['refused']} / {len(trip['talk'])}"),
    ]


@lru_cache(maxsize=32)
def bound(choice: Choice) -> DelayBound:
    """Worst that any guide can do on this trip, within the stated limits of the world."""
    laboratory = Laboratory(scenario(choice), network(choice.map), script=())
    return laboratory.bound(laboratory.trips.planned(choice.trip))


@lru_cache(maxsize=3)
def places(map_name: str) -> list[dict[str, Any]]:
    """List what a person may point at on a map."""
    return places_drawing(network(map_name))


def text_of(said: tuple[Said, ...]) -> str:
    """Write a game for the address of the page."""
    return json.dumps([list(line) for line in said], separators=(",", ":")) if said else ""


def lines_of(text: str) -> tuple[Said, ...]:
    """Read a game from the address of the page; nothing if it is none."""
    try:
        lines = json.loads(text or "[]")
        said = tuple(Said(*line) for line in lines[:LONGEST_GAME])
    except (ValueError, TypeError, KeyError, RecursionError):
        return ()
    return said if all(_is_sound(line) for line in said) else ()


def _is_sound(line: Said) -> bool:
    time_ms, at, text = tuple[Any, ...](line)  # from a link: anything may stand there
    is_time = type(time_ms) is int and 0 <= time_ms <= LONGEST_MS
    is_text = isinstance(text, str) and len(text) <= LONGEST_LINE
    return is_time and type(at) is int and is_text
