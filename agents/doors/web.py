"""
A guide behind HTTP: the observation is posted as JSON, the answer is one message.

No redirect is followed, no proxy or cookie is used, and the deadline holds for the whole exchange,
name look-up and a server that drips single bytes included. After a fault the server is left alone
for a while, in simulated time and a little in real time.
"""

import http.client
import socket
import threading
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from time import monotonic, sleep
from typing import Annotated, Any, Final
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, field_validator

from guiderail.agents.doors.remote import Channel, Fault, FaultKind, RemoteMaker, Settings, checked
from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.messages import Observation
from guiderail.sim.contract.ports import GuideMaker
from guiderail.sim.wire.reader import BYTE_LIMIT

OK: Final = 200
NO_CONTENT: Final = 204
REDIRECTS: Final = range(300, 400)
"""Statuses of HTTP."""
SILENCE: Final = b"{}"
FIRST_PAUSE_S: Final = 0.05
LONGEST_PAUSE_S: Final = 2.0
"""Real time that a failing server is spared [s]: doubled with each failure in a row."""


class WebSettings(Settings):
    """Where the server is."""

    name: Annotated[str, Field(min_length=1, max_length=64)] = "http"
    url: str

    @field_validator("url")
    @classmethod
    def _plain(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("it must begin with http:// or https:// and name a host")
        if parts.username or parts.password:
            raise ValueError("it must hold no user name and no password")
        _ = parts.port  # raises where it is no number
        return url


class Web:
    """The channel to one server, for one trip."""

    def __init__(self, settings: WebSettings) -> None:
        self._url = urlsplit(settings.url)
        self._connection: http.client.HTTPConnection | None = None
        self._may_repeat = threading.Event()
        self._failures = 0
        self._failed_at = 0.0

    def ask(self, seen: Observation, request: bytes, deadline_s: float) -> bytes:
        """Post one question, from a thread of its own: the deadline holds whatever hangs."""
        del seen  # an answer over HTTP belongs to its question
        self._spare_the_server()
        results: Queue[bytes | Fault] = Queue()
        is_kept = self._connection is not None
        self._connection = self._connection or _connection(self._url, deadline_s)
        self._may_repeat = threading.Event()
        if is_kept:  # the server may have closed it in between: then once more, on a new one
            self._may_repeat.set()
        work = (self._connection, self._url, request, self._may_repeat, results)
        threading.Thread(target=_exchange, args=work, daemon=True).start()
        try:
            result: bytes | Fault = results.get(timeout=deadline_s)
        except Empty:
            result = Fault(FaultKind.TIMEOUT, "no answer by the deadline")
        if isinstance(result, Fault):
            self._fail()
            raise result
        self._failures = 0
        return result

    def close(self) -> None:
        """Hang up; nothing is sent any more."""
        self._may_repeat.clear()
        connection, self._connection = self._connection, None
        if connection is not None:
            _hang_up(connection)

    def _fail(self) -> None:
        self.close()
        self._failures += 1
        self._failed_at = monotonic()

    def _spare_the_server(self) -> None:
        if self._failures:
            pause_s = min(FIRST_PAUSE_S * 2.0 ** (self._failures - 1), LONGEST_PAUSE_S)
            sleep(max(0.0, self._failed_at + pause_s - monotonic()))


def _connection(url: SplitResult, timeout_s: float) -> http.client.HTTPConnection:
    host = url.hostname or ""
    if url.scheme == "https":
        return http.client.HTTPSConnection(host, url.port, timeout=timeout_s)
    return http.client.HTTPConnection(host, url.port, timeout=timeout_s)


def _exchange(
    connection: http.client.HTTPConnection,
    url: SplitResult,
    request: bytes,
    may_repeat: threading.Event,
    results: "Queue[bytes | Fault]",
) -> None:
    try:
        results.put(_answer(connection, url, request, may_repeat))
    except Fault as fault:
        results.put(fault)
    except TimeoutError:
        results.put(Fault(FaultKind.TIMEOUT, "no answer by the deadline"))
    except Exception as error:  # noqa: BLE001  whatever a server does to the library is its fault
        results.put(Fault(FaultKind.UNREACHABLE, type(error).__name__))


def _answer(
    connection: http.client.HTTPConnection,
    url: SplitResult,
    request: bytes,
    may_repeat: threading.Event,
) -> bytes:
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    try:
        connection.request("POST", path, request, headers)
        response = connection.getresponse()
    except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
        if not may_repeat.is_set():
            raise
        connection.close()
        connection.request("POST", path, request, headers)
        response = connection.getresponse()
    if response.status == NO_CONTENT:
        response.read()
        return SILENCE
    if response.status in REDIRECTS:
        raise Fault(FaultKind.REDIRECT, f"status {response.status}")
    if response.status != OK:
        raise Fault(FaultKind.HTTP_STATUS, f"status {response.status}")
    body = response.read(BYTE_LIMIT + 1)
    if len(body) > BYTE_LIMIT:
        connection.close()  # the rest stays unread
    return body


def _hang_up(connection: http.client.HTTPConnection) -> None:
    """Close the socket under a thread that may still wait on it."""
    sock = connection.sock
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
    connection.close()


def door(values: dict[str, Any], folder: Path) -> GuideMaker:
    """
    Make the maker of guides behind a server.

    Raises
    ------
    PluginError
        When a setting is wrong.
    """
    settings = checked(WebSettings, values, "HTTP guide")

    def connect(_: RoadNetwork) -> Channel:
        return Web(settings)

    return RemoteMaker(settings, connect, folder)
