"""A server as guide: no redirects, one deadline for everything, and peace for a failing server."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from guiderail.agents.doors.remote import Remote
from guiderail.agents.doors.web import door
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.errors import PluginError
from guiderail.sim.contract.messages import Observation

Reply = Callable[[BaseHTTPRequestHandler, bytes], None]
Serve = Callable[[Reply], str]


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    """Answer one request."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve one kind of reply on this machine."""
    servers: list[ThreadingHTTPServer] = []

    def _serve(reply: Reply) -> str:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                reply(self, self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *_: object) -> None:
                """Stay quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        server.block_on_close = False
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/advise?car=1"

    yield _serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def call(network: RoadNetwork) -> Iterator[Callable[..., Remote]]:
    """Make a guide of a URL; it hangs up after the test."""
    called: list[Remote] = []

    def _call(url: str, **settings: Any) -> Remote:
        maker = door({"url": url, **settings}, Path())
        guide: Any = maker(network, TripSeed(1, 2), closed=frozenset[LinkId](), rate=0)
        called.append(guide)
        return called[-1]

    yield _call
    for guide in called:
        guide.close()


def label(guide: Remote, seen: Observation, k: int = 0) -> str:
    """Ask once, long after the last time, and name what came of it."""
    said = guide.advise(replace(seen, time_ms=seen.time_ms + 120_000 * k, occasion=k))
    return "silence" if said is None else said.label or said.words


def test_the_observation_is_posted_and_the_answer_is_advice(
    serve: Serve, call: Callable[..., Remote], approaching: Observation
) -> None:
    got: list[Any] = []

    def reply(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        got.append((handler.path, json.loads(body)["road"]))
        send(handler, 200, b'{"words": "Hello."}')

    guide = call(serve(reply))
    assert [label(guide, approaching, k) for k in range(3)] == ["Hello."] * 3
    assert got == [("/advise?car=1", "Mill Lane")] * 3


def test_no_content_is_silence(
    serve: Serve, call: Callable[..., Remote], approaching: Observation
) -> None:
    assert label(call(serve(lambda h, _: send(h, 204))), approaching) == "silence"


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (429, {"Retry-After": "3600"}, "fault:http_status"),
        (500, {}, "fault:http_status"),
        (401, {}, "fault:http_status"),
        (301, {"Location": "http://169.254.169.254/latest/meta-data/"}, "fault:redirect"),
        (302, {"Location": "file:" + "///etc/passwd"}, "fault:redirect"),
        (307, {"Location": "/elsewhere"}, "fault:redirect"),
        (308, {}, "fault:redirect"),
    ],
)
def test_what_is_no_answer_is_a_counted_fault_and_nothing_is_followed(
    serve: Serve,
    call: Callable[..., Remote],
    approaching: Observation,
    status: int,
    headers: dict[str, str],
    expected: str,
) -> None:
    asked: list[str] = []

    def reply(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        asked.append(handler.path)
        send(handler, status, b'{"words": "Hello."}', **headers)

    guide = call(serve(reply))
    assert label(guide, approaching) == expected
    assert asked == ["/advise?car=1"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "malformed:empty"),
        (b"<html>", "malformed:not_json"),
        (b'{"words": "a", "words": "b"}', "malformed:duplicate_key"),
        (b" " * 4_097, "malformed:too_long"),
        (b"[" * 10_000_000, "malformed:too_long"),
    ],
)
def test_a_bad_body_is_refused_with_its_reason(
    serve: Serve,
    call: Callable[..., Remote],
    approaching: Observation,
    body: bytes,
    expected: str,
) -> None:
    def reply(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        try:
            send(handler, 200, body)
        except OSError:
            handler.close_connection = True  # nobody reads all of it

    assert label(call(serve(reply), deadline_s=5), approaching) == expected


def drip(handler: BaseHTTPRequestHandler, _: bytes) -> None:
    """Send a byte now and then: no single read ever times out."""
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(100):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            sleep(0.05)
    except OSError:
        handler.close_connection = True


def hang(handler: BaseHTTPRequestHandler, _: bytes) -> None:
    """Say nothing."""
    sleep(5)
    handler.close_connection = True


@pytest.mark.parametrize("reply", [hang, drip])
def test_a_server_that_hangs_or_drips_costs_its_deadline(
    serve: Serve, call: Callable[..., Remote], approaching: Observation, reply: Reply
) -> None:
    guide = call(serve(reply), deadline_s=0.3)
    begun = monotonic()
    said = guide.advise(approaching)
    assert monotonic() - begun < 2.0
    assert said is not None
    assert (said.label, said.latency_ms) == ("fault:timeout", 300)


def test_a_server_that_hangs_up_is_asked_once_and_a_kept_connection_once_more(
    serve: Serve, call: Callable[..., Remote], approaching: Observation
) -> None:
    asked: list[int] = []

    def reply(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        asked.append(len(asked))
        if len(asked) in (1, 3):
            handler.close_connection = True  # without a word
        else:
            send(handler, 200, b'{"words": "Hello."}')

    guide = call(serve(reply), deadline_s=5)
    assert [label(guide, approaching, k) for k in range(3)] == [
        "fault:unreachable",
        "Hello.",
        "Hello.",
    ]
    assert len(asked) == 4  # the third question was put twice, on a new connection


def test_nobody_there_or_no_tls_is_unreachable(
    serve: Serve, call: Callable[..., Remote], approaching: Observation
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    assert label(call(f"http://127.0.0.1:{port}/"), approaching) == "fault:unreachable"
    plain = serve(lambda h, _: send(h, 200, b"{}")).replace("http://", "https://")
    assert label(call(plain, deadline_s=5), approaching) == "fault:unreachable"


def test_a_failing_server_is_left_alone_longer_each_time(
    serve: Serve, call: Callable[..., Remote], approaching: Observation
) -> None:
    asked: list[int] = []

    def reply(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        asked.append(json.loads(body)["time_ms"])
        send(handler, 503)

    guide = call(serve(reply), latency_ms=0)
    for k in range(40):
        guide.advise(replace(approaching, time_ms=1_000 * k, occasion=k))
    # Left alone for 0, 1, 2, 4, 8 and 16 s of simulated time.
    assert asked == [0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://host/x", "must begin with http"),
        ("http://", "must begin with http"),
        ("http://user:secret@host/", "no user name and no password"),
        ("http://host:port/", "url: "),
    ],
)
def test_a_wrong_url_is_one_sentence(url: str, message: str) -> None:
    with pytest.raises(PluginError, match=message):
        door({"url": url}, Path())
