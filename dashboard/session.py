"""
What the page shows, worked out without streamlit: choices, drives, scenes and the game.

A choice is all that a link needs to say; the same choice gives the same drive, bit for bit.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, NamedTuple

import numpy as np

from guiderail.maps.io import load_map
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.sim.contract.trace import Trace
from guiderail.sim.driver.arms import ARMS as ALL_ARMS
from guiderail.sim.lab.geojson import trip_geojson
from guiderail.sim.lab.playback import map_drawing, parting_s, trip_playback
from guiderail.sim.lab.player import player_page
from guiderail.sim.lab.registry import installed
from guiderail.sim.lab.run import GUARDED, NO_GUIDE, Laboratory, RunResult
from guiderail.sim.lab.scenario import FRICTION, make_scenario
from guiderail.sim.lab.scenes import SPOKEN, Scene, scene_named
from guiderail.sim.lab.scenes import scenes as all_scenes
from guiderail.sim.lab.story import tell
from guiderail.sim.lab.sweep import run_name

MAPS: Final = ("helsinki", "town")
ARMS: Final = (GUARDED, "obeying_machine", "obeying_human", NO_GUIDE)
ROADS: Final = tuple(FRICTION)
_PRESETS: Final = ("fixed_command", "llm_tool_good", "llm_tool_noisy", "llm_memory")
_ONE_KIND: Final = (
    "only_wrong_link",
    "only_wrong_direction",
    "only_illegal_turn",
    "only_stale_map",
    "only_bad_timing",
    "only_invented_place",
    "only_lane_far",
)
_MAKERS: Final = "guiderail.agents.makers:"
GAME_HELP: Final = (
    "Say a turn or a road and try to cost the guarded car time, or to crash it. It understands: "
    "turn left, turn right into ROAD, go straight, turn back, take ROAD, via PLACE, go to PLACE, "
    "avoid ROAD, cancel. Let it drive, pause where you want to speak, then say it; a turn means "
    "the next junction. The trip is driven again from the start with your words: it is the same "
    "up to them."
)
LONGEST_GAME: Final = 40
"""Lines that one game may hold: the address of the page carries them all."""
LONGEST_LINE: Final = 120
LONGEST_MS: Final = 36_000_000


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a person chose to see."""

    map: str = "helsinki"
    guide: str = "noisy"
    rate: float = 1.0
    arm: str = GUARDED
    road: str = "dry"
    seed: int = 1
    trip: int = 2


class Said(NamedTuple):
    """A line of a game: when, at the end of which link, and the text."""

    time_ms: int
    at: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Drives:
    """One trip of one or more arms, ready to show."""

    key: str
    name: str
    map: dict[str, Any]
    trips: list[dict[str, Any]]
    traces: tuple[Trace, ...]
    page: str
    geojson: str
    story: str

    @property
    def parting(self) -> str:
        """Say when the arms part."""
        apart_s = parting_s(self.trips)
        if apart_s is None:
            return "The arms drive alike, tick for tick, until the first of them ends."
        return f"They part {apart_s:.0f} s after the start. What that costs each of them:"

    @property
    def costs(self) -> list[dict[str, Any]]:
        """What each arm paid, one row per arm."""
        return [
            {
                "arm": trip["arm"].replace("_", " "),
                "outcome": trip["outcome"].replace("_", " "),
                "time [s]": trip["end"],
                "against no guide [s]": trip["detour_s"],
                "refused": trip["refused"],
                "missed turns": trip["missed"],
                "loops": trip["loops"],
                "infractions": trip["infractions"],
                "of these by the guide": trip["by_guide"],
            }
            for trip in self.trips
        ]

    @property
    def score(self) -> list[tuple[str, str]]:
        """Score of a game: what the person did to the car."""
        trip = self.trips[0]
        delay = trip["detour_s"]
        granted_s = make_scenario({}).budget.extra_s
        spent_s = sum(max(0.0, item["price"] or 0.0) for item in trip["talk"])
        return [
            ("Infractions you caused", str(trip["by_guide"])),
            ("Delay you caused", "-" if delay is None else f"{delay:+.1f} s"),
            ("Budget spent", f"{spent_s:.0f} of {granted_s:.0f} s"),
            ("Refused", f"{trip['refused']} of {len(trip['talk'])}"),
        ]


def guides() -> tuple[str, ...]:
    """Guides that a page offers: the installed ones that need no script, and the presets."""
    named = [name for name in installed() if name != "scripted"]
    return (*dict.fromkeys(["noisy", *named]), *_PRESETS, *_ONE_KIND)


def choice_of(address: Mapping[str, str]) -> Choice:
    """Read a choice from the address of the page; what makes no sense is the default."""
    plain = Choice()
    values: dict[str, Any] = {}
    allowed = {"map": MAPS, "guide": guides(), "arm": ARMS, "road": ROADS}
    for name, known in allowed.items():
        if address.get(name) in known:
            values[name] = address[name]
    for name, most in (("seed", 2**31), ("trip", 9_999)):
        if re.fullmatch(r"\d{1,10}", address.get(name, "")):
            values[name] = min(int(address[name]), most)
    if re.fullmatch(r"0(\.\d{1,3})?|1(\.0)?", address.get("rate", "")):
        values["rate"] = float(address["rate"])
    return replace(plain, **values)


def address_of(choice: Choice) -> dict[str, str]:
    """Write a choice for the address of the page."""
    return {
        name: f"{value:g}" if name == "rate" else str(value)
        for name, value in asdict(choice).items()
    }


def as_text(text: str) -> str:
    """Escape everything that Markdown would read as more than text."""
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])", r"\\\1", " ".join(text.split()))


def laboratory(choice: Choice) -> Laboratory:
    """Load what a choice needs."""
    guide = choice.guide if choice.guide in installed() else _MAKERS + choice.guide
    values = {"map": choice.map, "guide": guide, "arms": ALL_ARMS, "rates": [choice.rate]}
    return Laboratory(
        make_scenario({**values, **_world(choice.road, choice.seed)}), _network(choice.map)
    )


def drive(laboratory: Laboratory, choice: Choice, arms: tuple[str, ...]) -> Drives:
    """Drive one trip with some arms."""
    results = laboratory.trip(choice.trip, arms, (choice.rate,))
    return _drives(results, laboratory)


def scenes() -> dict[str, Scene]:
    """All scenes by name."""
    return all_scenes()


def drive_scene(name: str) -> Drives:
    """Drive a scene with its arms."""
    scene = scene_named(name)
    laboratory = scene.laboratory(_network(scene.map))
    return _drives(laboratory.trip(scene.trip, scene.arms), laboratory)


@dataclass(frozen=True)
class Bench:
    """What games on one map share."""

    network: RoadNetwork


def bench(map_name: str, road: str, seed: int) -> Bench:
    """Load the map of a game."""
    del road, seed  # part of the key under which it is kept
    return Bench(_network(map_name))


def drive_game(bench: Bench, choice: Choice, said: tuple[Said, ...]) -> Drives:
    """Drive a trip with the words said so far; the same up to the last of them."""
    values = {"map": choice.map, "guide": SPOKEN, "arms": [GUARDED], "rates": [0.0]}
    scenario = make_scenario({**values, **_world(choice.road, choice.seed)})
    script = [(line.time_ms, line.text, None if line.at < 0 else line.at) for line in said]
    laboratory = Laboratory(scenario, bench.network, script=script)
    return _drives(laboratory.trip(choice.trip), laboratory, extra=text_of(said))


def say(
    bench: Bench, choice: Choice, said: tuple[Said, ...], text: str, now_s: float
) -> tuple[Said, ...]:
    """Add a line to a game at a time; a turn means the end of the link where the car then is."""
    trace = drive_game(bench, choice, said).traces[0]
    now_ms = max([round(now_s * 10) * 100, *(line.time_ms + 100 for line in said)])
    row = max(0, int(np.searchsorted(trace.column("time_ms"), now_ms, side="right")) - 1)
    at = _next_choice(bench.network, trace.column("link")[row:].tolist())
    return (*said, Said(now_ms, at, text[:LONGEST_LINE]))[:LONGEST_GAME]


def _next_choice(network: RoadNetwork, driven: list[int]) -> int:
    """First link whose end leaves a choice, on the way that the car takes if nobody speaks."""
    links = dict.fromkeys(map(LinkId, driven))
    return next((link for link in links if len(network.turns_from(link)) > 1), driven[0])


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


def _world(road: str, seed: int) -> dict[str, Any]:
    return {"seed": seed, "conditions": {"friction": road}}


def _network(name: str) -> RoadNetwork:
    if name not in _NETWORKS:
        _NETWORKS[name] = load_map(name)
    return _NETWORKS[name]


_NETWORKS: Final[dict[str, RoadNetwork]] = {}
"""The bundled maps, loaded once: there are as many as in :data:`MAPS`."""


def _drives(results: list[RunResult], laboratory: Laboratory, extra: str = "") -> Drives:
    network = laboratory.network
    name = run_name(laboratory.scenario, network.header, laboratory.program)
    trips = [trip_playback(result, network) for result in results]
    planned = results[0].run.planned
    arms = "-".join(result.run.arm for result in results)
    return Drives(
        key=f"{name}-{planned.index}-{arms}-{extra}",
        name=f"{name}-{planned.index}",
        map=map_drawing(network),
        trips=trips,
        traces=tuple(result.run.trace for result in results),
        page=player_page(results, network, name),
        geojson=json.dumps(trip_geojson(results[0], network, name), ensure_ascii=False),
        story="\n\n".join("\n".join(tell(result, network)) for result in results),
    )
