"""
Asking a server on the network: reachable or not is told first, and nothing waits or grows for ever.

``requests`` comes with OSMnx and is imported inside the functions: most runs need no network. The
hook that bounds an answer is also given to OSMnx, whose own requests retry without limit.
"""

import io
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from guiderail.maps.errors import MapError

_Answer = TypeVar("_Answer")

_BUSY: Final = frozenset({429, 502, 503, 504})
"""Answers that mean "later"."""
_PIECE: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long to wait, how often to ask again, how much to read."""

    connect_s: float = 10.0
    read_s: float = 180.0
    """Longest silence of a server; one that computes a city is silent for a minute or two."""
    total_s: float = 600.0
    """Longest time of one answer, however busily it comes."""
    tries: int = 3
    wait_s: float = 15.0
    """Before the second try; twice that before the third."""
    most_bytes: int = 400_000_000


class _LaterError(Exception):
    """The server is busy or silent: worth another try."""


def check_reachable(url: str, limits: Limits) -> None:
    """
    Open a connection and close it again.

    Raises
    ------
    MapError
        When nobody answers there.
    """
    parts = urlsplit(url)
    proxy = "" if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme, "")
    first = urlsplit(proxy) if proxy else parts
    port = first.port or (443 if first.scheme == "https" else 80)
    try:
        socket.create_connection((first.hostname or "", port), timeout=limits.connect_s).close()
    except OSError as error:
        raise MapError(
            f"{parts.hostname} cannot be reached ({error}): a place name needs the network, "
            "a file of OpenStreetMap does not"
        ) from error


def post(url: str, content: dict[str, str], limits: Limits) -> bytes:
    """
    Send a form, and return the whole answer.

    Raises
    ------
    MapError
        When it fails, is cut short, too long or too slow at the last of ``limits.tries`` tries.
    """
    import requests  # noqa: PLC0415  comes with OSMnx

    def once() -> bytes:
        timeouts = limits.connect_s, limits.read_s
        answer = requests.post(url, data=content, **bounds(limits), timeout=timeouts)
        return bytes(answer.content)

    return retried(once, limits)


def bounds(limits: Limits) -> dict[str, Any]:
    """Arguments of ``requests`` that bound its answers."""

    def whole(answer: Any, *_: Any, **__: Any) -> Any:
        return _whole(answer, limits)

    return {"stream": True, "hooks": {"response": whole}}


def retried(ask: Callable[[], _Answer], limits: Limits) -> _Answer:
    """
    Ask, and ask again while the server is busy or silent, but not for ever.

    Raises
    ------
    MapError
        When the last try fails, too.
    """
    for k in range(limits.tries):
        try:
            return ask()
        except (_LaterError, OSError) as error:  # all errors of requests are of the second kind
            if k == limits.tries - 1:
                raise MapError(f"{_reason(error)}; asked {limits.tries} times") from error
            time.sleep(limits.wait_s * 2**k)
    raise AssertionError  # pragma: no cover  the last try returns or raises


def _reason(error: Exception) -> str:
    if isinstance(error, _LaterError):
        return str(error)
    url = getattr(getattr(error, "request", None), "url", "") or ""
    host = urlsplit(url).hostname or "the server"
    return f"{host} gives no whole answer ({type(error).__name__})"


def _whole(answer: Any, limits: Limits) -> Any:
    """Read an answer to its end and hand on a copy; a hook, so OSMnx sees nothing of it."""
    if answer.is_redirect:
        return answer
    with answer:
        return _copied(answer, urlsplit(answer.url).hostname or "", limits)


def _copied(answer: Any, host: str, limits: Limits) -> Any:
    import requests  # noqa: PLC0415  comes with OSMnx

    if answer.status_code in _BUSY:
        raise _LaterError(f"{host} is busy ({answer.status_code} {answer.reason})")
    if not answer.ok:
        raise MapError(f"{host} refuses the question ({answer.status_code} {answer.reason})")
    copy = requests.Response()
    copy.raw = io.BytesIO(_body(answer, host, limits))
    copy.status_code, copy.reason, copy.url = answer.status_code, answer.reason, answer.url
    copy.encoding = answer.encoding
    return copy


def _body(answer: Any, host: str, limits: Limits) -> bytes:
    until, body = time.monotonic() + limits.total_s, bytearray()
    for piece in _pieces(answer.raw, host):
        body += piece
        if len(body) > limits.most_bytes:
            raise MapError(
                f"{host} sends more than {limits.most_bytes:,} bytes: ask for a smaller place"
            )
        if time.monotonic() > until:
            raise MapError(f"{host} took more than {limits.total_s:g} s to answer")
    return bytes(body)


def _pieces(raw: Any, host: str) -> Iterator[bytes]:
    from urllib3.exceptions import HTTPError  # noqa: PLC0415  comes with requests

    # What has come by now, since a server that drips would keep a full read waiting for ever.
    read = getattr(raw, "read1", raw.read)
    try:
        while piece := read(_PIECE, decode_content=True):
            yield piece
    except HTTPError as error:
        raise _LaterError(f"{host} gives no whole answer ({type(error).__name__})") from error
