"""A ride with a language model from the page, against a server that speaks OpenAI's protocol."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("pydantic_ai")

from guiderail.dashboard.model.language_model import Model, model_of
from guiderail.dashboard.model.model_trip import ModelSeat, ModelTrip
from guiderail.dashboard.model.session import Choice
from guiderail.sim.contract.errors import ScenarioError

pytestmark = pytest.mark.slow
TOWN = Choice(map="town", trip=1)
WORDS = "Over there! <script>alert(1)</script>"
ANSWER = {"words": WORDS, "proposal": {"ask": "go_to", "place": "Atlantis"}, "confidence": 0.9}


@pytest.fixture
def model(fake: Any) -> Model:
    fake.rule = lambda _: ANSWER
    return Model(model="fake", endpoint=fake.endpoint, output="prompted")


def soon(is_so: Callable[[], bool]) -> None:
    tick = threading.Event()
    for _ in range(600):
        if is_so():
            return
        tick.wait(0.1)
    pytest.fail("nothing happens")


def finished(ride: ModelTrip) -> ModelTrip:
    soon(lambda: not ride.is_running)
    return ride


def test_a_model_rides_along_and_its_transcript_can_be_read(model: Model) -> None:
    ride = finished(ModelTrip(TOWN, model))
    assert ride.error == ""
    assert ride.drives is not None
    talk = ride.drives.trips[0]["talk"]
    assert {(one["kind"], one["reason"]) for one in talk} == {("", "unknown_place")}
    rows = ride.transcript()
    assert rows[0]["says"] == WORDS
    assert rows[0]["asks for"] == "go to Atlantis"


def test_a_cancelled_ride_drives_on_without_the_answer_that_was_under_way(
    fake: Any, model: Model
) -> None:
    fake.gate.clear()
    ride = ModelTrip(TOWN, model)
    soon(lambda: len(fake.questions) == 1)
    ride.cancel()
    fake.gate.set()
    assert finished(ride).is_cancelled
    assert len(fake.questions) == 1
    assert ride.error == ""
    assert ride.drives is not None
    assert ride.drives.trips[0]["talk"] == []
    assert ride.drives.trips[0]["outcome"] == "arrived"


def test_after_a_cancelled_ride_the_seat_is_free(fake: Any, model: Model) -> None:
    fake.gate.clear()
    seat = ModelSeat()
    first = seat.start(TOWN, model)
    with pytest.raises(ScenarioError, match="under way"):
        seat.start(TOWN, model)
    first.cancel()
    fake.gate.set()
    finished(first)
    assert finished(seat.start(TOWN, model)).transcript()


def test_a_provider_without_its_key_says_which_variable_it_wants(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    ride = finished(ModelTrip(TOWN, Model(provider="openai", model="gpt")))
    assert ride.drives is None
    assert "OPENAI_API_KEY" in ride.error


def test_no_ride_without_a_model() -> None:
    with pytest.raises(ScenarioError, match="name a model"):
        ModelSeat().start(TOWN, Model())


def test_an_address_holds_the_model_but_never_a_key() -> None:
    address = {"provider": "xai", "model": "grok-4", "output": "native", "key": "sk-1"}
    assert model_of(address).provider == "xai"
    assert model_of({"provider": "os", "output": "x"}) == Model()
    assert not any("key" in name for name in vars(Model()))


def test_a_link_cannot_send_the_key_of_a_provider_elsewhere() -> None:
    address = {"provider": "openai", "model": "gpt", "endpoint": "http://evil.example/v1"}
    assert "endpoint" not in model_of(address).settings()
