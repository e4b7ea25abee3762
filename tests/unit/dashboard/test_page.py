"""The page without a browser: what it shows, and what it makes of an address."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("streamlit")
from streamlit.testing.v1 import AppTest

from guiderail.dashboard import session
from guiderail.dashboard.session import Choice, Said

APP = Path(__file__).resolve().parents[3] / "dashboard" / "app.py"
TOWN = Choice(map="town", guide="silent", arm="guarded", trip=1)


@pytest.fixture(autouse=True)
def main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put ``__main__`` back: a page leaves itself there, and spawned workers would run it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


def page(**address: str) -> AppTest:
    test = AppTest.from_file(str(APP), default_timeout=60)
    for name, value in address.items():
        test.query_params[name] = value
    return test.run()


def player(test: AppTest) -> dict[str, Any]:
    (component,) = test.get("bidi_component")
    data: dict[str, Any] = json.loads(component.proto.json)
    return data


def test_the_first_page_is_a_trip_on_the_bundled_map() -> None:
    test = page()
    assert not test.exception
    shown = player(test)
    assert shown["map"]["name"] == "helsinki"
    assert "OpenStreetMap" in shown["map"]["credit"]
    assert [trip["arm"] for trip in shown["trips"]] == ["guarded"]


def test_another_seed_is_another_trip() -> None:
    first, second = page(map="town"), page(map="town", seed="2")
    assert player(first)["trips"] != player(second)["trips"]


def test_four_arms_stand_side_by_side() -> None:
    test = page(page="Arms side by side", map="town")
    arms = [trip["arm"] for trip in player(test)["trips"]]
    assert arms == ["guarded", "obeying_machine", "obeying_human", "no_guide"]
    assert len(test.dataframe[0].value) == 4


def test_an_address_that_makes_no_sense_shows_the_default_trip() -> None:
    nonsense = {"map": "../../etc", "guide": "os:system", "rate": "NaN", "seed": "-1", "trip": "x"}
    assert session.choice_of(nonsense) == Choice()


def test_an_address_reproduces_its_choice() -> None:
    choice = Choice(map="town", guide="only_lane_far", rate=0.35, road="wet", seed=7, trip=3)
    assert session.choice_of(session.address_of(choice)) == choice


@pytest.mark.parametrize("text", ["{", "[[1,2]]", '[["1",2,"x"]]', "[[-1,2,3]]", "7", "[" * 9_999])
def test_a_game_that_makes_no_sense_is_an_empty_game(text: str) -> None:
    assert session.lines_of(text) == ()


def test_a_game_is_the_same_up_to_the_last_words() -> None:
    bench = session.bench("town", "dry", 1)
    said = session.say(bench, TOWN, (), "turn back", 12.0)
    before = session.drive_game(bench, TOWN, ()).traces[0].table()
    after = session.drive_game(bench, TOWN, said).traces[0].table()
    early = before[before[:, 0] < 12_000]
    assert len(early) > 50
    assert (after[: len(early)] == early).all()
    assert session.lines_of(session.text_of(said)) == said


def test_the_guarded_car_refuses_to_go_where_there_is_nothing() -> None:
    said = (Said(9_000, -1, "go to Atlantis"),)
    drives = session.drive_game(session.bench("town", "dry", 1), TOWN, said)
    (spoken,) = drives.trips[0]["talk"]
    assert (spoken["decision"], spoken["reason"]) == ("refuse", "unknown_place")
    assert drives.score[0] == ("Infractions you caused", "0")


def test_names_are_no_markdown() -> None:
    assert session.as_text("![x](http://a) <b>") == r"\!\[x\]\(http\://a\) \<b\>"
