"""The page without a browser: what it shows, and what it makes of an address."""

import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("streamlit")
from streamlit.testing.v1 import AppTest

from guiderail.dashboard.model import game, monte_carlo, session
from guiderail.dashboard.model.game import Said
from guiderail.dashboard.model.interim import Cell
from guiderail.dashboard.model.interpreter import moment
from guiderail.dashboard.model.language_model import Model
from guiderail.dashboard.model.monte_carlo import CampaignPlan
from guiderail.dashboard.model.session import Choice
from guiderail.dashboard.words import labels, languages, translator
from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.contract.messages import Observation
from guiderail.sim.driver.arms import arms
from guiderail.sim.judge.taxonomy import TAXONOMY
from guiderail.sim.lab.experiment.run import Laboratory
from guiderail.sim.lab.experiment.scenes import scenes
from guiderail.sim.lab.measure.statistics import anytime_mean, anytime_share
from guiderail.sim.lab.report.player.page import player_script
from guiderail.sim.lab.report.story import BECAUSE

APP = Path(__file__).resolve().parents[3] / "dashboard" / "app.py"
TOWN = Choice(map="town", guide="silent", arm="guarded", trip=1)
HOSTILE = "go to <script>alert(1)</script> ![x](http://evil.example/a.png)'; DROP TABLE trips; --"


@pytest.fixture(autouse=True)
def main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put ``__main__`` back: a page leaves itself there, and spawned workers would run it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


def page(**address: str) -> AppTest:
    test = AppTest.from_file(str(APP), default_timeout=60)
    for name, value in address.items():
        test.query_params[name] = value
    return test.run()


def component(test: AppTest, key: str) -> dict[str, Any]:
    shown = [json.loads(one.proto.json) for one in test.get("bidi_component")]
    (data,) = [one for one in shown if key in one]
    return dict(data)


def player(test: AppTest) -> dict[str, Any]:
    return component(test, "trips")


def test_the_first_page_is_a_trip_on_the_bundled_map() -> None:
    test = page()
    assert not test.exception
    assert player(test)["map"] == "helsinki"
    assert "OpenStreetMap" in component(test, "name")["map"]["credit"]
    assert [trip["arm"] for trip in player(test)["trips"]] == ["guarded"]


@pytest.mark.parametrize(
    "name", ["Trip", "Arms side by side", "Be the guide", "Monte Carlo", "Language model"]
)
def test_every_page_shows_in_chinese(name: str) -> None:
    test = page(page=name, map="town", lang="zh")
    assert not test.exception
    assert "页面" in [radio.label for radio in test.radio]
    assert "地图" in [box.label for box in test.selectbox]


def test_a_language_is_one_file_and_no_group_repeats_a_label() -> None:
    assert languages() == {"en": "English", "zh": "中文"}
    file = json.loads((APP.parent / "languages/zh.json").read_text("utf-8"))
    assert sum(map(len, file["labels"].values())) == len(labels("zh")) > 200
    assert labels("en") == {}


def test_what_the_player_can_say_of_a_guard_or_an_infraction_is_translated() -> None:
    words = [*BECAUSE.values(), *(arm.replace("_", " ") for arm in arms())]
    words += [kind.replace("_", " ") for kind in {law.kind for law in TAXONOMY.values()}]
    assert [word for word in words if word not in labels("zh")] == []


def test_every_label_of_page_and_player_is_translated() -> None:
    pages = "".join(file.read_text("utf-8") for file in APP.parent.rglob("*.py"))
    words = re.findall(r'\btr\(\s*"([^"]+)"', pages)
    words += re.findall(r'\b(?:L|entry)\("([^"]+)"', player_script())
    words += re.findall(r'button\("[^"]*", "([^"]+)"', player_script())
    assert len(words) > 80
    assert [word for word in words if word not in labels("zh") and word != "GeoJSON"] == []


def test_every_scene_has_a_chinese_name_and_sentence() -> None:
    words = [word for scene in scenes().values() for word in (scene.title, scene.about)]
    assert [word for word in words if word not in labels("zh")] == []


def test_another_seed_is_another_trip() -> None:
    first, second = page(map="town"), page(map="town", seed="2")
    assert player(first)["trips"] != player(second)["trips"]


@pytest.mark.parametrize(
    ("label", "value", "address"),
    [("Road", "ice", "road"), ("Sight", "dense_fog", "sight"), ("Hour", 17, "hour")],
)
def test_other_weather_or_traffic_is_another_drive_of_the_same_trip(
    label: str, value: Any, address: str
) -> None:
    test = page(map="town", trip="3", guide="silent")
    before = player(test)["trips"][0]
    knob = next(box for box in test.selectbox if box.label == label)
    after = player(knob.set_value(value).run())["trips"][0]
    assert test.query_params[address] == str(value)
    assert after["goal"] == before["goal"]
    assert (after["t"], after["v"]) != (before["t"], before["v"])


def test_people_on_foot_make_the_car_wait() -> None:
    quiet, busy = (
        game.drive(Choice(map="town", trip=3, walkers=walkers), ()).trips[0] for walkers in (0, 600)
    )
    assert quiet["goal"] == busy["goal"]
    assert busy["end"] > quiet["end"]


def test_a_link_holds_the_time() -> None:
    assert player(page(map="town", t="12.5"))["start"] == 12.5
    assert player(page(map="town", t="-1e9"))["start"] == 0.0


def test_a_scene_opens_shortly_before_what_it_shows_and_never_at_the_time_of_another() -> None:
    test = page(page="Scenes", scene="late_left_turn", t="50")
    assert player(test)["start"] == 50.0
    scene = next(radio for radio in test.radio if radio.label == "Scene")
    shown = player(scene.set_value("wet_road").run())
    refused = [one["t"] for one in shown["trips"][0]["talk"] if one["decision"] == "refuse"]
    assert shown["start"] == pytest.approx(refused[0] - 6.0)


def test_four_arms_stand_side_by_side() -> None:
    test = page(page="Arms side by side", map="town")
    arms = [trip["arm"] for trip in player(test)["trips"]]
    assert arms == ["guarded", "obeying_machine", "obeying_human", "no_guide"]
    assert len(test.dataframe[0].value) == 4


def test_an_address_that_makes_no_sense_shows_the_default_trip() -> None:
    nonsense = {"map": "../../etc", "guide": "os:system", "rate": "NaN", "seed": "-1", "trip": "x"}
    nonsense |= {"sight": "x-ray", "hour": "-7", "walkers": "many"}
    assert session.choice_of(nonsense) == Choice()
    nonsense = {"arms": "hal", "rates": "2-nan", "trips": "-5"}
    assert monte_carlo.plan_of(nonsense) == CampaignPlan()


def test_an_address_reproduces_its_choice() -> None:
    choice = Choice(map="town", guide="only_lane_far", rate=0.35, road="wet", seed=7, trip=3)
    choice = replace(choice, sight="fog", hour=0, walkers=240)
    assert session.choice_of(session.address_of(choice)) == choice
    plan = CampaignPlan(arms=("guarded", "no_guide"), rates=(0.05, 1.0), trips=77)
    assert monte_carlo.plan_of(monte_carlo.address_of(plan)) == plan


def test_the_trip_that_monte_carlo_counts_is_the_trip_that_the_page_drives() -> None:
    choice = Choice(map="town", rate=0.5, arm="obeying_machine", road="wet", hour=8, seed=4, trip=6)
    scenario = monte_carlo.scenario_of(
        choice, CampaignPlan(arms=("obeying_machine",), rates=(0.5, 1.0))
    )
    counted = Laboratory(scenario).one(6, "obeying_machine", 0.5).run.trace
    shown = session.drive(choice, (choice.arm,)).results[0].run.trace
    assert shown.digest() == counted.digest()


def test_the_figure_puts_a_zero_at_its_bound() -> None:
    zero = Cell(
        arm="guarded", rate=1.0, trips=50, km=40.0, arrived=50, refused=3, missed_turns=0,
        serious=anytime_share(0, 50), induced=anytime_share(0, 50),
        detour=anytime_mean([10.0] * 50),
    )  # fmt: skip
    (point,) = monte_carlo.chart([zero], translator("en"))["data"]["values"]
    assert point["zero"] is True
    assert point["y"] == pytest.approx(1 - (20 * 51) ** (-1 / 50))
    assert point["harm"] == "0 (< 12.9%)"


@pytest.mark.parametrize(
    "text",
    [
        *("{", "[[1,2]]", '[[1,2,"x",7]]', '[["1",2,"x"]]', "[[-1,2,3]]", "7", "[" * 9_999),
        *('[[1,2,"\\ud800"]]', '[[1,2,"x","\\udfff"]]'),
    ],
)
def test_a_game_that_makes_no_sense_is_an_empty_game(text: str) -> None:
    assert game.lines_of(text) == ()


def test_a_turn_at_a_link_that_is_not_there_is_meant_where_the_car_is() -> None:
    lines = game.lines_of(f'[[9000,{10**30},"turn back"]]'), (Said(9_000, -1, "turn back"),)
    absent, here = (game.drive(TOWN, said).results[0].run for said in lines)
    assert absent.lost == ""
    assert absent.trace.digest() == here.trace.digest()


def test_a_game_is_the_same_up_to_the_last_words() -> None:
    said = game.say(TOWN, (), "turn back", 12.0)
    before = game.drive(TOWN, ()).results[0].run.trace.table()
    after = game.drive(TOWN, said).results[0].run.trace.table()
    early = before[before[:, 0] < 12_000]
    assert len(early) > 50
    assert (after[: len(early)] == early).all()
    assert game.lines_of(game.text_of(said)) == said


def test_a_link_holds_what_a_model_made_of_the_words_and_the_guard_judges_it() -> None:
    meant = ['{"proposal":{"ask":"go_to","place":"Atlantis"}}', '{"proposal":{"brake":true}}']
    said = json.dumps([[9_000 + 9_000 * k, -1, "Please!", text] for k, text in enumerate(meant)])
    test = page(page="Be the guide", map="town", trip="1", said=said)
    talk = player(test)["trips"][0]["talk"]
    assert [one["reason"] for one in talk] == ["unknown_place", "malformed"]
    assert list(test.dataframe[0].value["asks for"]) == ["go to Atlantis", ""]


def test_a_link_never_hires_a_model() -> None:
    test = page(
        page="Be the guide",
        map="town",
        reader="model",
        model="gpt",
        provider="openai",
        output="tool",
    )
    assert not test.exception
    assert "reader" not in test.session_state
    assert [box.value for box in test.text_input if box.label == "Model"] == ["gpt"]


def test_a_model_is_shown_what_a_guide_would_see_there() -> None:
    run = game.drive(TOWN, ()).results[0].run
    shown = run.dialog[2][0]
    made = moment(run, game.network("town"), shown.link, shown.time_ms)
    assert made is not None
    assert made.route == shown.route[shown.route.index(shown.link) :][:20]
    assert replace(made, route=(), verdicts=()) == replace(shown, route=(), verdicts=())


def test_while_a_model_thinks_the_car_drives_on() -> None:
    class Slow:
        """Takes 2.05 s for an answer."""

        def ask(self, said: str, _: Observation) -> tuple[str, int]:
            """Ask nobody."""
            return json.dumps({"words": said, "proposal": {"ask": "cancel"}}), 2_050

    reader: Any = Slow()
    (line,) = game.say(TOWN, (), "never mind all that", 12.0, reader)
    assert line.time_ms == 14_100
    (spoken,) = game.drive(TOWN, (line,)).trips[0]["talk"]
    assert (spoken["t"], spoken["words"]) == (14.1, "never mind all that")


def test_a_game_has_an_end() -> None:
    said = tuple(Said(1_000 + k, -1, "x") for k in range(game.LONGEST_GAME))
    assert game.say(TOWN, said, "one more", 60.0) == said


def test_the_guarded_car_refuses_to_go_where_there_is_nothing() -> None:
    drives = game.drive(TOWN, (Said(9_000, -1, "go to Atlantis"),))
    (spoken,) = drives.trips[0]["talk"]
    assert (spoken["decision"], spoken["reason"]) == ("refuse", "unknown_place")
    assert dict(game.score(TOWN, drives))["Infractions you caused"] == "0"
    assert dict(game.score(TOWN, drives))["Refused"] == "1 / 1"


def test_hostile_words_reach_the_player_as_text_and_no_markdown() -> None:
    test = page(page="Be the guide", map="town", said=json.dumps([[9_000, -1, HOSTILE]]))
    assert not test.exception
    assert player(test)["trips"][0]["talk"][0]["words"] == HOSTILE
    drawn = [one.value for kind in (test.markdown, test.caption, test.subheader) for one in kind]
    assert not any("evil.example" in text for text in drawn)


def test_a_trip_can_be_taken_along_as_page_film_and_geojson() -> None:
    drives = session.drive(TOWN, ("guarded",))
    assert drives.page().startswith("<!DOCTYPE html>")
    assert drives.film().startswith(b"GIF89a")
    assert json.loads(drives.geojson())["type"] == "FeatureCollection"


def test_names_are_no_markdown() -> None:
    assert session.as_text("![x](http://a) <b>") == r"\!\[x\]\(http\://a\) \<b\>"


def test_a_password_in_an_endpoint_is_refused_and_stands_in_no_link() -> None:
    secret = Model(model="tiny", endpoint="http://me:hunter2@127.0.0.1:9/v1")
    assert secret.address() == {**Model(model="tiny").address(), "endpoint": ""}
    with pytest.raises(ScenarioError, match="no user or password in an endpoint"):
        secret.settings()
