"""The page in a real browser with every outside host blocked; skipped where there is none."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs the system's Chromium"),
]
FLAGS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Start the dashboard the way a person does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "guiderail.sim.lab.cli", "dashboard", "--port", str(port)]
    with subprocess.Popen(command) as server:
        yield f"http://127.0.0.1:{port}/"
        server.terminate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start Chromium without a way out."""
    with sync_api.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """Open an empty page that keeps what goes wrong in ``page.wrong``."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.wrong = []
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("console", lambda said: page.wrong.append(said.text) if said.type == "error" else None)
    page.on("request", lambda asked: _note(page.wrong, asked.url))
    yield page
    page.close()


def _note(wrong: list[str], url: str) -> None:
    if not url.startswith(("http://127.0.0.1:", "data:", "blob:")):
        wrong.append(url)


def show(page: Any, address: str) -> None:
    """Load a page; the server may still be starting."""
    for _ in range(60):
        try:
            page.goto(address)
            break
        except sync_api.Error:
            page.wait_for_timeout(500)
    page.wrong.clear()
    page.wait_for_selector(".gr canvas", timeout=60_000)


def seconds(page: Any) -> float:
    return float(page.eval_on_selector(".gr", "player => player.dataset.t"))


@pytest.mark.parametrize("name", ["Trip", "Arms side by side", "Scenes", "Be the guide"])
def test_play_moves_the_car_and_nothing_outside_is_asked(
    page: Any, address: str, name: str
) -> None:
    show(page, f"{address}?map=town&page={name.replace(' ', '+')}")
    page.get_by_role("button", name="Play or pause").click()
    start = seconds(page)
    page.wait_for_timeout(2_500)
    assert seconds(page) > start + 0.5
    pixels = "c => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size"
    assert page.eval_on_selector(".gr canvas.back", pixels) > 5
    assert page.wrong == []


def test_the_next_event_is_where_the_player_stops(page: Any, address: str) -> None:
    show(page, f"{address}?page=Scenes&scene=late_left_turn")
    page.get_by_role("button", name="On to the next message").click()
    page.wait_for_timeout(500)
    assert 0 <= seconds(page) <= 6.6
    assert page.locator(".because", has_text="it is too late to do it calmly").is_visible()


def test_the_game_refuses_an_invented_place(page: Any, address: str) -> None:
    show(page, f"{address}?page=Be+the+guide&map=town")
    page.get_by_label("Say", exact=True).fill("go to Atlantis <img src=x onerror=alert(1)>")
    page.get_by_role("button", name="Say it").click()
    page.get_by_text("there is no such place").wait_for(timeout=30_000)
    assert page.locator("img[src=x]").count() == 0
    assert page.wrong == []


@pytest.mark.parametrize(("host", "status"), [("evil.example", 403), ("127.0.0.1", 101)])
def test_no_page_of_a_foreign_host_gets_data(
    address: str, page: Any, host: str, status: int
) -> None:
    show(page, address)
    connection = HTTPConnection(address.removeprefix("http://").strip("/"), timeout=10)
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    upgrade |= {"Host": host, "Origin": f"http://{host}"}
    upgrade["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ=="
    connection.request("GET", "/_stcore/stream", headers=upgrade)
    assert connection.getresponse().status == status
    connection.close()
