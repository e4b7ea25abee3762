"""A ride with a language model from the page, against a server that speaks OpenAI's protocol."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

pytest.importorskip("pydantic_ai")

from guiderail.dashboard.rides import Model, Ride, Seat, model_of
from guiderail.dashboard.session import Choice
from guiderail.sim.contract.errors import ScenarioError

pytestmark = pytest.mark.slow
TOWN = Choice(map="town", trip=1)
WORDS = "Over there! <script>alert(1)</script>"
ANSWER = {"words": WORDS, "proposal": {"ask": "go_to", "place": "Atlantis"}, "confidence": 0.9}


class Server(BaseHTTPRequestHandler):
    """Always the same answer."""

    def do_POST(self) -> None:
        """Answer."""
        self.rfile.read(int(self.headers["Content-Length"]))
        message = {"role": "assistant", "content": json.dumps(ANSWER)}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        body = {"id": "x", "object": "chat.completion", "created": 1, "model": "fake"}
        data = json.dumps({**body, "choices": [choice], "usage": usage}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def endpoint() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()


def finished(ride: Ride) -> Ride:
    tick = threading.Event()
    for _ in range(600):
        if not ride.is_running:
            return ride
        tick.wait(0.1)
    pytest.fail("the ride does not end")


def test_a_model_rides_along_and_its_transcript_can_be_read(endpoint: str) -> None:
    model = Model(model="fake", endpoint=endpoint, output="prompted")
    ride = finished(Ride(TOWN, model))
    assert ride.error == ""
    assert ride.drives is not None
    talk = ride.drives.trips[0]["talk"]
    assert {(one["kind"], one["reason"]) for one in talk} == {("", "unknown_place")}
    rows = ride.transcript()
    assert rows[0]["says"] == WORDS
    assert "Atlantis" in rows[0]["asks for"]


def test_a_provider_without_its_key_says_which_variable_it_wants(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    ride = finished(Ride(TOWN, Model(provider="openai", model="gpt")))
    assert ride.drives is None
    assert "OPENAI_API_KEY" in ride.error


def test_no_ride_without_a_model_and_none_beside_another(endpoint: str) -> None:
    seat = Seat()
    with pytest.raises(ScenarioError, match="name a model"):
        seat.start(TOWN, Model(endpoint=endpoint))
    first = seat.start(TOWN, Model(model="fake", endpoint=endpoint, output="prompted"))
    with pytest.raises(ScenarioError, match="under way"):
        seat.start(TOWN, Model(model="fake", endpoint=endpoint))
    finished(first)


def test_an_address_holds_the_model_but_never_a_key() -> None:
    address = {"provider": "xai", "model": "grok-4", "output": "native", "key": "sk-1"}
    assert model_of(address).provider == "xai"
    assert model_of({"provider": "os", "output": "x"}) == Model()
    assert not any("key" in name for name in vars(Model()))
