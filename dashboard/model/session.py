"""
What the page shows, worked out without streamlit: choices, drives and scenes.

A choice is all that a link needs to say; the same choice gives the same drive, bit for bit. What
was driven lately is kept, so that a knob turned back costs nothing; a trip with four arms takes
about 10 MB, so only a few are.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, Final

from guiderail.maps.library import added
from guiderail.maps.library.load import BUNDLED, load_map
from guiderail.maps.network import RoadNetwork
from guiderail.sim.driver.arms import arms as all_arms
from guiderail.sim.lab.experiment.conditions import FRICTION, SIGHT_M, RoadConditions
from guiderail.sim.lab.experiment.registry import installed
from guiderail.sim.lab.experiment.run import GUARDED, NO_GUIDE, Laboratory, RunResult
from guiderail.sim.lab.experiment.scenario import Scenario, make_scenario
from guiderail.sim.lab.experiment.scenes import scene_named
from guiderail.sim.lab.report.geojson import trip_geojson
from guiderail.sim.lab.report.playback import map_drawing, parting_s, trip_playback
from guiderail.sim.lab.report.player.page import player_page
from guiderail.sim.lab.report.story import tell
from guiderail.sim.lab.results.sweep import run_name

ARMS: Final = (GUARDED, "obeying_machine", "obeying_human", NO_GUIDE)
ROADS: Final = tuple(FRICTION)
SIGHTS: Final = tuple(SIGHT_M)
HOURS: Final = range(-1, 24)
"""Hours of a weekday; -1 is the mean of the day."""
MOST_WALKERS: Final = 1_000
"""People on foot at each arm of a junction, per hour: what the field of the page takes."""
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
LARGEST_SEED: Final = 2**31
LAST_TRIP: Final = 999_999
"""What the fields of the page take; a seed may be any whole number elsewhere."""
LEAD_S: Final = 6.0
"""How long before its first sight a scene opens [s]."""

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a person chose to see."""

    map: str = "helsinki"
    guide: str = "noisy"
    rate: float = 1.0
    arm: str = GUARDED
    road: str = "dry"
    sight: str = "clear"
    hour: int = HOURS[0]
    walkers: int = RoadConditions().walkers_per_hour
    """People on foot who cross at each junction arm, per hour."""
    seed: int = 1
    trip: int = 2


@dataclass(frozen=True, kw_only=True)
class Drives:
    """One trip of one or more arms, ready to show."""

    key: str
    name: str
    network: RoadNetwork
    results: tuple[RunResult, ...]
    trips: list[Json]

    @property
    def parting_s(self) -> float | None:
        """When the arms part [s]; None if they never do."""
        return parting_s(self.trips)

    @property
    def opening_s(self) -> float:
        """Shortly before the first refusal or infraction, or else the first words [s]."""
        talk = [one for trip in self.trips for one in trip["talk"]]
        marks = [one for trip in self.trips for one in trip["marks"]]
        first = [one["t"] for one in talk if one["decision"] == "refuse"]
        first += [one["t"] for one in marks if one["kind"] == "infraction"]
        return max(0.0, min(first or [one["t"] for one in talk], default=0.0) - LEAD_S)

    @property
    def costs(self) -> list[Json]:
        """What each arm paid, one row per arm."""
        return [
            {
                "arm": trip["arm"].replace("_", " "),
                "outcome": trip["outcome"].replace("_", " "),
                "time [s]": trip["end"],
                "against no guide [s]": signed(trip["detour_s"]),
                "refused": trip["refused"],
                "missed turns": trip["missed"],
                "loops": trip["loops"],
                "infractions": trip["infractions"],
                "of these by the guide": trip["by_guide"],
            }
            for trip in self.trips
        ]

    # What a person may never ask for is made when it is asked for.

    def page(self) -> str:
        """Player of the trips as a page of its own."""
        return player_page(list(self.results), self.network, self.name)

    def geojson(self) -> str:
        """First trip as GeoJSON."""
        features = trip_geojson(self.results[0], self.network, self.name)
        return json.dumps(features, ensure_ascii=False)

    def film(self) -> bytes:
        """First trip as an animated GIF."""
        from guiderail.sim.lab.report.gif import gif_bytes  # noqa: PLC0415  pillow and fonts

        return gif_bytes(self.trips[0], drawing(self.network.name))

    @cached_property
    def story(self) -> str:
        """All trips in sentences."""
        return "\n\n".join("\n".join(tell(one, self.network)) for one in self.results)


def signed(seconds: float | None) -> str:
    """Write a difference of times; a dash where one of them never arrived."""
    return "-" if seconds is None else f"{seconds:+.1f}"


def maps() -> tuple[str, ...]:
    """Maps that a page offers: the bundled ones and the user's own."""
    return (*BUNDLED, *added.names())


@lru_cache(maxsize=1)
def guides() -> tuple[str, ...]:
    """Guides that a page offers: the installed ones that need no script, and the presets."""
    named = [name for name in installed() if name != "scripted"]
    return (*dict.fromkeys(["noisy", *named]), *_PRESETS, *_ONE_KIND)


def guide_path(name: str) -> str:
    """Name of a guide as a scenario has it."""
    return name if name in installed() else _MAKERS + name


def choice_of(address: Mapping[str, str]) -> Choice:
    """Read a choice from the address of the page; what makes no sense is the default."""
    plain = Choice()
    values: Json = {}
    allowed = {"map": maps(), "guide": guides(), "arm": ARMS, "road": ROADS, "sight": SIGHTS}
    for name, known in allowed.items():
        if address.get(name) in known:
            values[name] = address[name]
    most_of = {"hour": HOURS[-1], "walkers": MOST_WALKERS, "seed": LARGEST_SEED, "trip": LAST_TRIP}
    for name, most in most_of.items():
        number = whole(address.get(name, ""), most)
        if number is not None:
            values[name] = number
    if re.fullmatch(r"0(\.\d{1,3})?|1(\.0)?", address.get("rate", "")):
        values["rate"] = float(address["rate"])
    return replace(plain, **values)


def whole(text: str, most: int) -> int | None:
    """Read a whole number from an address; None if it is none."""
    return min(int(text), most) if re.fullmatch(r"[0-9]{1,10}", text) else None


def time_of(text: str) -> float:
    """Read a time from an address [s]; 0 if it makes no sense."""
    return float(text) if re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,3})?", text) else 0.0


def address_of(choice: Choice) -> dict[str, str]:
    """Write a choice for the address of the page."""
    return {
        name: f"{value:g}" if name == "rate" else str(value)
        for name, value in asdict(choice).items()
    }


def as_text(text: str) -> str:
    """Escape everything that Markdown would read as more than text."""
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])", r"\\\1", " ".join(text.split()))


@lru_cache(maxsize=3)
def _laboratory(choice: Choice) -> Laboratory:
    values = {"guide": guide_path(choice.guide), "arms": list(all_arms()), "rates": [1.0]}
    return Laboratory(world(values, choice), network(choice.map))


@lru_cache(maxsize=12)
def drive(choice: Choice, arms: tuple[str, ...]) -> Drives:
    """Drive one trip with some arms."""
    laboratory = _laboratory(replace(choice, arm=GUARDED, rate=1.0, trip=0))
    return drives_of(laboratory.trip(choice.trip, arms, (choice.rate,)), laboratory, choice.rate)


@lru_cache(maxsize=6)
def drive_scene(name: str) -> Drives:
    """Drive a scene with its arms."""
    scene = scene_named(name)
    laboratory = scene.laboratory(network(scene.map))
    return drives_of(laboratory.trip(scene.trip, scene.arms), laboratory)


def world(values: Json, choice: Choice) -> Scenario:
    """Make a scenario on the map and in the weather and traffic of a choice."""
    conditions = {
        "friction": choice.road,
        "sight_m": choice.sight,
        "hour": choice.hour,
        "walkers_per_hour": choice.walkers,
    }
    shared = {"map": choice.map, "seed": choice.seed, "weather_blind": True}
    return make_scenario({**values, **shared, "conditions": conditions})


@lru_cache(maxsize=3)
def network(name: str) -> RoadNetwork:
    """Load a map."""
    return load_map(name)


@lru_cache(maxsize=3)
def drawing(name: str) -> Json:
    """Draw a map for the player."""
    return map_drawing(network(name))


def drives_of(results: list[RunResult], laboratory: Laboratory, extra: object = "") -> Drives:
    """Make what a page shows of the runs of one trip; ``extra`` is all that sets it apart."""
    name = run_name(laboratory.scenario, laboratory.network.header, laboratory.program)
    index = results[0].run.planned.index
    arms = "-".join(result.run.arm for result in results)
    return Drives(
        key=f"{name}-{index}-{arms}-{extra}",
        name=f"{name}-{index}",
        network=laboratory.network,
        results=tuple(results),
        trips=[trip_playback(result, laboratory.network) for result in results],
    )
