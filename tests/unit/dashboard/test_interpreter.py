"""Free words in the game, put into a request by a model that is a server on this machine."""

import json
from typing import Any

import pytest

pytest.importorskip("pydantic_ai")

from guiderail.dashboard.model import game
from guiderail.dashboard.model.interpreter import Interpreter
from guiderail.dashboard.model.language_model import MOST_REQUESTS, Model
from guiderail.dashboard.model.session import Choice
from guiderail.sim.contract.errors import PluginError

pytestmark = pytest.mark.slow
TOWN = Choice(map="town", guide="silent", arm="guarded", trip=1)
AROUND = {"words": "Turn back.", "proposal": {"ask": "turn", "direction": "back"}}


@pytest.fixture
def reader(fake: Any) -> Interpreter:
    fake.rule = lambda _: AROUND
    model = Model(model="fake", endpoint=fake.endpoint, output="prompted")
    return Interpreter(model, game.network("town"))


def test_what_the_model_makes_of_words_is_judged_and_stands_in_the_address(
    fake: Any, reader: Interpreter
) -> None:
    said = game.say(TOWN, (), "掉头吧", 12.0, reader)
    (spoken,) = game.drive(TOWN, said).trips[0]["talk"]
    assert spoken["words"] == "掉头吧"
    assert spoken["wish"].startswith("turn back")
    assert spoken["decision"] != ""
    (question,) = fake.questions
    assert json.loads(question)["said"] == "掉头吧"
    again = game.drive(TOWN, game.lines_of(game.text_of(said)))
    assert again.results[0].run.trace.digest() == (
        game.drive(TOWN, said).results[0].run.trace.digest()
    )
    assert len(fake.questions) == 1


def test_words_without_a_wish_are_talk(fake: Any, reader: Interpreter) -> None:
    fake.rule = lambda _: {"words": "That is no way to go.", "proposal": None}
    said = game.say(TOWN, (), "lovely weather", 12.0, reader)
    (spoken,) = game.drive(TOWN, said).trips[0]["talk"]
    assert (spoken["words"], spoken["decision"]) == ("lovely weather", "")
    assert game.readings(said)[0]["the model says"] == "That is no way to go."


def test_a_model_that_gives_no_answer_says_nothing(fake: Any, reader: Interpreter) -> None:
    fake.rule = lambda _: {"brake": True}
    with pytest.raises(PluginError, match="the model gave no answer"):
        game.say(TOWN, (), "stop here", 12.0, reader)


def test_all_requests_of_a_game_together_are_limited(fake: Any, reader: Interpreter) -> None:
    seen = game.drive(TOWN, ()).results[0].run.dialog[0][0]
    for _ in range(MOST_REQUESTS):
        reader.ask("turn back", seen)
    with pytest.raises(PluginError, match="limit"):
        reader.ask("turn back", seen)
    assert len(fake.questions) == MOST_REQUESTS


def test_a_reader_without_its_key_says_which_variable_it_wants(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("XAI_API_KEY", raising=False)
    with pytest.raises(PluginError, match="XAI_API_KEY"):
        Interpreter(Model(provider="xai", model="grok-4"), game.network("town"))
