"""What the player is given, and what it is saved as."""

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from guiderail.maps.library.load import load_map
from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.taxonomy import TAXONOMY
from guiderail.sim.lab.experiment.run import RunResult
from guiderail.sim.lab.experiment.scenes import lacks, scene_named, scenes
from guiderail.sim.lab.report.gif import FRAMES, write_gif
from guiderail.sim.lab.report.guard_view import zone
from guiderail.sim.lab.report.playback import map_drawing, parting_s, trip_playback
from guiderail.sim.lab.report.player.page import player_page

HOSTILE = "</script><img src=x onerror=alert(1)>"


@cache
def helsinki() -> RoadNetwork:
    return load_map("helsinki")


@cache
def runs(name: str) -> list[RunResult]:
    scene = scene_named(name)
    return scene.laboratory(load_map(scene.map)).trip(scene.trip, scene.arms)


def wire(*x: int) -> dict[str, Any]:
    """Make a track on one axis, a point every 0.2 s [dm]."""
    return {"t": [k / 5 for k in range(len(x))], "x": list(x), "y": [0] * len(x)}


@pytest.mark.parametrize("name", scenes())
def test_a_scene_shows_what_its_name_says(name: str) -> None:
    assert lacks(scene_named(name), runs(name)) == []


def test_a_scene_that_does_not_hold_its_promise_is_found_out() -> None:
    scene = scene_named("two_places_of_one_name")
    promise = ("guarded", "refused", "too_late")
    broken = scene.model_copy(update={"shows": (promise,)})
    assert lacks(broken, runs("two_places_of_one_name")) == [promise]


def test_an_unknown_scene_is_told_with_the_closest_name() -> None:
    with pytest.raises(ScenarioError, match="did you mean 'wrong_way'"):
        scene_named("wrongway")


def test_the_track_begins_at_the_origin_and_ends_at_the_goal() -> None:
    trip = trip_playback(runs("late_left_turn")[0], helsinki())
    assert trip["t"][0] == 0
    assert trip["t"][-1] == trip["end"]
    assert abs(trip["x"][-1] - trip["goal"][0]) + abs(trip["y"][-1] - trip["goal"][1]) < 100


def test_each_street_is_drawn_once() -> None:
    links = helsinki().all_links
    one_ways = sum(link.is_oneway and not link.against_oneway for link in links)
    drawn = map_drawing(helsinki())["roads"]
    assert sum(road["o"] for road in drawn) == one_ways
    assert len(drawn) < sum(not link.against_oneway for link in links)


def test_arms_part_where_they_are_5_m_apart() -> None:
    assert parting_s([wire(0, 20, 40, 60, 80), wire(0, 20, 40, 111, 200)]) == pytest.approx(0.6)
    assert parting_s([wire(0, 20, 40), wire(0, 20, 40)]) is None


def test_20_m_s_to_a_stop_in_50_m_is_hard_braking() -> None:
    # v^2 / 2d = 400 / 100 = 4 m/s^2: beyond comfort, within the friction of a dry road
    assert zone(20_000, 0, 50_000, 800) == "hard braking only"
    assert zone(20_000, 0, 10_000, 800) == "must miss"


def test_the_view_of_a_late_turn_says_that_it_is_too_late() -> None:
    (said,) = trip_playback(runs("late_left_turn")[0], helsinki())["talk"]
    shown = dict(said["view"])
    assert said["reason"] == "too_late"
    assert shown["zone"] in {"hard braking only", "must miss"}
    assert shown["to the last point to decide"].startswith("-")


@pytest.mark.parametrize(
    ("article", "mark"),
    [
        ("N1", "near_miss"),
        ("N2", "near_miss"),
        ("N2m", "conflict"),
        ("N3", "conflict"),
        ("R2", "infraction"),
    ],
)
def test_near_misses_are_marked_apart_from_what_is_milder(article: str, mark: str) -> None:
    result = runs("late_left_turn")[0]
    row = TAXONOMY[article]
    planted = Infraction(
        article=article, kind=row.kind, severity=row.severity, time_ms=20_000,
        link=result.run.trace.start_link, s_mm=0, at_fault=True, weight=0.0, lead_ms=None,
    )  # fmt: skip
    judgement = replace(result.run.judgement, infractions=(planted,), others=())
    shown = trip_playback(replace(result, run=replace(result.run, judgement=judgement)), helsinki())
    found = [one["kind"] for one in shown["marks"] if one["t"] == 20.0]
    assert found == [mark]


def test_a_saved_page_asks_for_nothing_and_escapes_all_text() -> None:
    page = player_page(runs("hijacked"), helsinki(), HOSTILE)
    assert HOSTILE not in page
    assert page.count("</script>") == 2
    assert "default-src 'none'" in page
    assert re.findall(r"(?:src|href)=[\"']?http", page) == []
    data = re.search(r'id="trips">(.*?)</script>', page, re.DOTALL)
    assert data is not None
    assert json.loads(data[1])["run"] == HOSTILE


def test_a_film_moves_and_is_not_too_long(tmp_path: Path) -> None:
    path = tmp_path / "trip.gif"
    write_gif(path, trip_playback(runs("wrong_way")[0], helsinki()), map_drawing(helsinki()))
    with Image.open(path) as film:
        frames = getattr(film, "n_frames", 1)
    assert 2 < frames <= FRAMES + 1
