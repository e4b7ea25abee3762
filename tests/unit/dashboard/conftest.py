"""A server that speaks the protocol of OpenAI, for the pages that ask a model."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

Answer = dict[str, Any]
PATIENCE_S = 20.0


class FakeModel(ThreadingHTTPServer):
    """Answers by rule, and only while its gate is open."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.questions: list[str] = []
        self.rule: Callable[[str], Answer] = lambda _: {}
        self.gate = threading.Event()
        self.gate.set()

    @property
    def endpoint(self) -> str:
        """Base address."""
        return f"http://127.0.0.1:{self.server_port}/v1"

    def answer(self, question: str) -> bytes:
        """Put the answer into the form of a completion."""
        self.questions.append(question)
        self.gate.wait(PATIENCE_S)
        message = {"role": "assistant", "content": json.dumps(self.rule(question))}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        body = {"id": "x", "object": "chat.completion", "created": 1, "model": "fake"}
        return json.dumps({**body, "choices": [choice], "usage": usage}).encode()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """Answer the last message of the conversation."""
        assert isinstance(self.server, FakeModel)
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        data = self.server.answer(str(asked["messages"][-1]["content"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def fake() -> Iterator[FakeModel]:
    """Serve until the test is over, whoever still waits for an answer."""
    with FakeModel() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.gate.set()
        server.shutdown()
