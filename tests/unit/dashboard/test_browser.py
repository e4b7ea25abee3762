"""The page in a real browser with every outside host blocked; skipped where there is none."""

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image

from guiderail.maps.network import Ban, LinkId
from guiderail.sim.contract.messages import Direction
from guiderail.sim.driver.guard.resolve import fits

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytest.importorskip("streamlit")
from guiderail.dashboard.model import game  # noqa: E402  needs streamlit
from guiderail.dashboard.model.session import Choice  # noqa: E402

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs the system's Chromium"),
]
PAINTED = ".gr[data-painted]"
HOSTILE = "Over there! <img src=x onerror=alert(1)> ![x](http://evil.example/x.png)"
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
    command = [sys.executable, "-m", "guiderail.sim.lab.cli.main", "dashboard", "--port", str(port)]
    with subprocess.Popen(command) as server:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    tick = threading.Event()
    for _ in range(240):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        tick.wait(0.25)
    pytest.fail("the dashboard did not start within 60 s")


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
    """Load a page with a player."""
    page.goto(address)
    page.wait_for_selector(PAINTED, timeout=60_000)


def seconds(page: Any) -> float:
    return float(page.eval_on_selector(".gr", "player => player.dataset.t"))


def wait_until(page: Any, is_so: Callable[[float], bool]) -> None:
    """Wait for a time that the player shows."""
    for _ in range(100):
        if is_so(seconds(page)):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"the player rests at {seconds(page)} s")


PIXELS = "c => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size"


@pytest.mark.parametrize("name", ["Trip", "Arms side by side", "Scenes", "Be the guide"])
def test_play_moves_the_car_and_nothing_outside_is_asked(
    page: Any, address: str, name: str
) -> None:
    show(page, f"{address}?map=town&page={name.replace(' ', '+')}")
    page.get_by_role("button", name="Play or pause").click()
    start = seconds(page)
    page.wait_for_timeout(2_500)
    assert seconds(page) > start + 0.5
    assert page.eval_on_selector(".gr canvas.back", PIXELS) > 5
    assert page.wrong == []


def test_another_guide_is_another_conversation_and_the_link_says_so(
    page: Any, address: str
) -> None:
    show(page, f"{address}?map=town&trip=15")
    before = page.locator(".gr .talk").inner_text()
    page.get_by_label("Guide", exact=True).click()
    page.get_by_role("option", name="silent").click()
    nothing = page.get_by_text("Nothing is said and nothing happens on this trip.")
    nothing.wait_for(timeout=30_000)
    assert page.locator(".gr .talk").inner_text() != before
    assert "guide=silent" in page.url


def test_a_link_holds_the_time_at_which_the_player_rests(page: Any, address: str) -> None:
    show(page, f"{address}?map=town&t=12")
    assert seconds(page) == 12.0
    page.locator(".gr").focus()
    page.keyboard.press(".")
    page.wait_for_url("**t=13*", timeout=20_000)
    page.reload()
    page.wait_for_selector(PAINTED, timeout=60_000)
    assert seconds(page) == 13.0


def test_the_next_event_is_where_the_player_stops(page: Any, address: str) -> None:
    show(page, f"{address}?page=Scenes&scene=late_left_turn")
    page.get_by_role("button", name="On to the next message").click()
    page.wait_for_timeout(500)
    assert seconds(page) > 0
    assert page.locator(".now", has_text="it is too late to do it calmly").is_visible()


def test_the_game_refuses_an_invented_place_and_shows_hostile_words_as_text(
    page: Any, address: str
) -> None:
    show(page, f"{address}?page=Be+the+guide&map=town")
    page.get_by_label("Say", exact=True).fill("go to Atlantis <img src=x onerror=alert(1)>")
    page.get_by_role("button", name="Say it").click()
    page.locator(".gr .because", has_text="there is no such place").wait_for(timeout=60_000)
    assert page.locator("img[src=x]").count() == 0
    assert "Atlantis" in page.url
    assert page.wrong == []


def test_markup_and_markdown_and_sql_in_a_link_are_shown_as_text(page: Any, address: str) -> None:
    lines = ["<script>document.title='x'</script>", "![x](http://evil.example/x.png)"]
    lines += ["'; DROP TABLE trips; --"]
    said = quote(json.dumps([[4_000 + 5_000 * k, -1, text] for k, text in enumerate(lines)]))
    show(page, f"{address}?page=Be+the+guide&map=town&trip=15&said={said}")
    shown = page.locator(".gr .words").all_inner_texts()
    assert all(any(line in words for words in shown) for line in lines)
    assert page.locator(".gr img, .gr script").count() == 0
    assert page.title() == "guiderail"
    assert page.wrong == []


def wrong_way_order() -> tuple[int, float, str]:
    """Find a trip, a time and a turn that leads against a one-way street."""
    roads = game.network("helsinki")
    for trip in range(40):
        choice = Choice(trip=trip)
        trace = game.drive(choice, ()).results[0].run.trace
        for link in dict.fromkeys(map(LinkId, trace.column("link").tolist())):
            for side in (Direction.LEFT, Direction.RIGHT):
                bans = {turn.ban for turn in roads.illegal_turns_from(link) if fits(turn, side)}
                legal = any(fits(turn, side) for turn in roads.turns_from(link))
                if bans != {Ban.WRONG_WAY} or legal:
                    continue
                row = int(np.flatnonzero(trace.column("link") == link)[0])
                time_s = max(3.0, float(trace.column("time_ms")[row]) / 1_000)
                said = game.say(choice, (), f"turn {side}", time_s)
                talk = game.drive(choice, said).trips[0]["talk"]
                if [one["reason"] for one in talk] == ["wrong_way"]:
                    return trip, time_s, f"turn {side}"
    pytest.fail("no one-way street beside any trip")


def test_the_game_refuses_to_drive_against_a_one_way_street(page: Any, address: str) -> None:
    trip, time_s, words = wrong_way_order()
    show(page, f"{address}?page=Be+the+guide&trip={trip}&t={time_s:g}")
    page.get_by_role("button", name=words).click()
    refused = page.locator(".gr .because", has_text="that leads against a one-way street")
    refused.first.wait_for(timeout=60_000)
    assert page.wrong == []


def test_a_click_on_a_road_offers_words_about_it(page: Any, address: str) -> None:
    show(page, f"{address}?page=Be+the+guide&map=town&trip=15")
    page.locator(".gr").focus()
    page.keyboard.press("c")  # the car in the middle, so its road is under the pointer
    page.wait_for_timeout(700)
    page.locator(".gr .pane canvas").last.click()
    page.locator(".gr .menu button", has_text="avoid").click()
    page.locator(".gr .words", has_text="avoid").first.wait_for(timeout=60_000)
    assert page.wrong == []


def test_a_campaign_grows_survives_a_reload_and_opens_its_worst_trip(
    page: Any, address: str
) -> None:
    arms = "guarded-obeying_machine"
    page.goto(f"{address}?page=Monte+Carlo&map=town&trips=12&rates=1&arms={arms}")
    page.get_by_role("button", name="Start", exact=True).click(timeout=60_000)
    page.get_by_text("running:").wait_for(timeout=60_000)
    page.reload()
    page.get_by_text("finished: 12 of 12 trips").wait_for(timeout=180_000)
    page.get_by_role("button", name="Results (zip)").wait_for(timeout=30_000)
    assert page.locator("canvas").count() >= 2  # the tables draw themselves
    table = page.get_by_test_id("stDataFrame").last
    table.click(position={"x": 15, "y": 55})
    page.get_by_role("button", name="Open trip").click(timeout=30_000)
    page.wait_for_selector(PAINTED, timeout=60_000)
    assert "page=Trip" in page.url
    assert page.wrong == []


def test_a_campaign_can_be_cancelled(page: Any, address: str) -> None:
    page.goto(f"{address}?page=Monte+Carlo&map=town&trips=400&rates=1")
    page.get_by_role("button", name="Start", exact=True).click(timeout=60_000)
    page.get_by_role("button", name="Cancel", exact=True).click(timeout=60_000)
    page.get_by_role("button", name="Go on").wait_for(timeout=60_000)
    assert page.wrong == []


def of(fake: Any) -> str:
    """Address of the model, all but its name: a person types that."""
    endpoint = quote(fake.endpoint, safe="")
    return f"provider=openai_compatible&output=prompted&endpoint={endpoint}"


def opened(page: Any, address: str, button: str) -> None:
    """Load a page that may have no player yet."""
    page.goto(address)
    page.get_by_role("button", name=button).wait_for(timeout=60_000)


def test_a_model_rides_along_and_is_heard(page: Any, address: str, fake: Any) -> None:
    fake.rule = lambda _: {"words": HOSTILE, "proposal": {"ask": "go_to", "place": "Atlantis"}}
    opened(page, f"{address}?page=Language+model&map=town&trip=1&{of(fake)}", "Drive with it")
    page.get_by_label("Model", exact=True).fill("fake")
    assert fake.questions == []
    page.get_by_role("button", name="Drive with it").click()
    page.wait_for_selector(PAINTED, timeout=240_000)
    page.locator(".gr .because", has_text="there is no such place").first.wait_for(timeout=60_000)
    assert HOSTILE in page.locator(".gr .words").first.inner_text()
    assert page.locator(".gr img").count() == 0
    assert 0 < len(fake.questions) <= 60
    assert "model=fake" in page.url
    assert page.wrong == []


def test_ten_kilobytes_of_markup_from_a_model_are_no_message_and_break_nothing(
    page: Any, address: str, fake: Any
) -> None:
    words = HOSTILE * (10_000 // len(HOSTILE) + 1)
    fake.rule = lambda _: {"words": words, "proposal": {"ask": "go_to", "place": "Atlantis"}}
    opened(page, f"{address}?page=Language+model&map=town&trip=3&{of(fake)}", "Drive with it")
    page.get_by_label("Model", exact=True).fill("fake")
    page.get_by_role("button", name="Drive with it").click()
    page.wait_for_selector(PAINTED, timeout=240_000)
    assert len(fake.questions) > 0
    assert page.locator(".gr img").count() == 0
    assert HOSTILE * 9 not in page.locator("body").inner_text()
    assert page.title() == "guiderail"
    assert page.wrong == []


def test_a_link_to_a_model_asks_nothing(page: Any, address: str, fake: Any) -> None:
    model = f"model=fake&{of(fake)}"
    opened(page, f"{address}?page=Language+model&map=town&trip=5&{model}", "Drive with it")
    opened(page, f"{address}?page=Be+the+guide&map=town&reader=model&{model}", "Let it read")
    page.get_by_label("Say", exact=True).fill("turn back")
    page.get_by_role("button", name="Say it").click()
    page.wait_for_url("**said=*", timeout=60_000)
    assert fake.questions == []


def test_a_ride_can_be_cancelled_while_the_model_thinks(page: Any, address: str, fake: Any) -> None:
    fake.gate.clear()
    opened(page, f"{address}?page=Language+model&map=town&trip=2&{of(fake)}", "Drive with it")
    page.get_by_label("Model", exact=True).fill("fake")
    page.get_by_role("button", name="Drive with it").click()
    page.get_by_role("button", name="Cancel", exact=True).click(timeout=60_000)
    page.get_by_text("Cancelled: the car drives on without the model.").wait_for(timeout=60_000)
    fake.gate.set()
    page.wait_for_selector(PAINTED, timeout=60_000)
    assert len(fake.questions) == 1
    assert page.wrong == []


def test_a_model_puts_free_words_into_a_request_and_a_link_needs_it_no_more(
    page: Any, address: str, fake: Any
) -> None:
    fake.rule = lambda _: {
        "words": "To Atlantis.",
        "proposal": {"ask": "go_to", "place": "Atlantis"},
    }
    show(page, f"{address}?page=Be+the+guide&map=town&reader=model&{of(fake)}")
    page.get_by_label("Model", exact=True).fill("fake")
    page.get_by_role("button", name="Let it read").click()
    page.get_by_text("fake reads what you type.").wait_for(timeout=60_000)
    page.get_by_label("Say", exact=True).fill("somewhere below the sea, please")
    page.get_by_role("button", name="Say it").click()
    refused = page.locator(".gr .because", has_text="there is no such place")
    refused.wait_for(timeout=60_000)
    assert len(fake.questions) == 1
    page.reload()
    refused.wait_for(timeout=60_000)
    assert page.locator(".gr .words", has_text="below the sea").count() == 1
    assert len(fake.questions) == 1
    assert page.wrong == []


def test_the_page_fits_a_phone_in_chinese(browser: Any, address: str) -> None:
    phone = browser.new_page(viewport={"width": 390, "height": 844})
    phone.goto(f"{address}?map=town&lang=zh")
    phone.wait_for_selector(PAINTED, timeout=60_000)
    wide = "[...document.querySelectorAll('[data-testid=stMain], .gr')]"
    wide += ".map(e => e.scrollWidth).filter(w => w > 390)"
    assert phone.evaluate(wide) == []
    assert phone.get_by_role("button", name="播放").is_visible()
    phone.close()


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


def test_every_key_does_what_its_button_says(page: Any, address: str) -> None:
    show(page, f"{address}?page=Arms+side+by+side&map=town&trip=7")
    page.locator(".gr").focus()
    end = float(page.get_by_label("Time in the trip").get_attribute("max"))
    for key, time_s in (("End", end), ("Home", 0.0), (".", 1.0), (",", 0.0)):
        page.keyboard.press(key)
        wait_until(page, lambda now, goal=time_s: abs(now - goal) < 0.06)
    page.keyboard.press("ArrowRight")
    wait_until(page, lambda now: now > 0)
    first = seconds(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    wait_until(page, lambda now: now == first)
    page.keyboard.press("2")
    page.get_by_text("Conversation: obeying machine").wait_for(timeout=10_000)
    page.keyboard.press("c")
    assert page.get_by_role("button", name="Keep the car").get_attribute("aria-pressed") == "true"
    page.keyboard.press(" ")
    page.get_by_role("button", name="Play or pause", exact=False).get_by_text("Pause").wait_for()
    assert page.wrong == []


def test_a_trip_taken_along_opens_without_the_server(
    page: Any, browser: Any, address: str, tmp_path: Path
) -> None:
    show(page, f"{address}?page=Scenes&scene=late_left_turn")
    page.get_by_text("Story, and this trip as a file").click()
    for label, name in (
        ("Player (HTML)", "trip.html"),
        ("Film (GIF)", "trip.gif"),
        ("GeoJSON", "trip.geojson"),
    ):
        with page.expect_download(timeout=120_000) as found:
            page.get_by_role("button", name=label).click()
        found.value.save_as(tmp_path / name)
    with Image.open(tmp_path / "trip.gif") as film:
        assert film.n_frames > 10
    features = json.loads((tmp_path / "trip.geojson").read_text("utf-8"))["features"]
    assert any(one["geometry"]["type"] == "LineString" for one in features)
    alone = browser.new_page()
    asked: list[str] = []
    alone.on("request", lambda one: asked.append(one.url))
    alone.goto((tmp_path / "trip.html").as_uri())
    alone.wait_for_selector(PAINTED, timeout=60_000)
    alone.get_by_role("button", name="Play or pause").click()
    alone.wait_for_timeout(1_500)
    assert seconds(alone) > 0.5
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    alone.close()
