"""
What the page costs: time to the first useful paint, frames and bytes per second, server memory.

Run it with ``.venv/bin/python benchmarks/page.py [--map NAME] [--interactions 200]``; it needs the
system's Chromium. Figures depend on the machine; it fails on a page that does not work, never on a
slow one. ``make screenshots`` runs it with ``--screenshots`` for pictures of every page instead.
"""

import argparse
import contextlib
import json
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

FLAGS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
PAINTED = ".gr[data-painted]"


@contextlib.contextmanager
def server() -> Iterator[tuple[str, int]]:
    """Address and process id of a dashboard that answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "guiderail.sim.lab.cli.main", "dashboard", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:  # noqa: S603
        address = f"http://127.0.0.1:{port}/"
        try:
            _wait_for(f"{address}_stcore/health")
            yield address, process.pid
        finally:
            process.terminate()


def _wait_for(address: str) -> None:
    for _ in range(240):
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=2):  # noqa: S310
            return
        time.sleep(0.25)
    raise SystemExit("the dashboard did not start within 60 s")


def first_paint_s(browser: Any, address: str) -> tuple[float, int]:
    """Time from the request to the first drawn map, with an empty cache, and the bytes for it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    received = _count_bytes(page)
    begin = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_selector(PAINTED, timeout=60_000)
    passed = time.perf_counter() - begin
    context.close()
    return passed, received[0]


def _count_bytes(page: Any) -> list[int]:
    received = [0]

    def add(count: float) -> None:
        received[0] += int(count)

    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: add(event["encodedDataLength"]))
    session.on(
        "Network.webSocketFrameReceived",
        lambda event: add(len(event["response"]["payloadData"]) * 3 / 4),  # binary is base64 here
    )
    return received


def playback(browser: Any, address: str, seconds: int = 8) -> dict[str, float]:
    """Frames and bytes per second while the car drives."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    received = _count_bytes(page)
    page.goto(address)
    page.wait_for_selector(PAINTED, timeout=120_000)
    loaded = received[0]
    page.wait_for_timeout(2_000)
    page.get_by_role("button", name="Play or pause").click()
    page.wait_for_timeout(1_500)
    before, frames = received[0], []
    for _ in range(seconds):
        page.wait_for_timeout(1_000)
        frames.append(float(page.eval_on_selector(".gr", "e => e.dataset.fps")))
    moved = float(page.eval_on_selector(".gr", "e => e.dataset.t"))
    result = {
        "fps_median": statistics.median(frames),
        "fps_least": min(frames),
        "bytes_per_s": (received[0] - before) / seconds,
        "page_bytes": loaded,
        "draw_ms": float(page.eval_on_selector(".gr", "e => e.dataset.drawMs")),
        "car_moved_to_s": moved,
    }
    page.close()
    return result


def memory_mb(pid: int) -> float:
    """Resident memory of the server [MB]."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1_024 for line in lines if line.startswith("VmRSS"))


def interact(browser: Any, address: str, pid: int, times: int) -> list[float]:
    """Memory after every quarter of many interactions: other trips, other rates, steps in time."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address)
    page.wait_for_selector(PAINTED, timeout=60_000)
    number = page.get_by_label("Trip", exact=True).last
    levels = [memory_mb(pid)]
    for k in range(times):
        if k % 2:
            page.get_by_role("button", name="On to the next message").click()
            page.wait_for_timeout(150)
        else:
            number.fill(str(k % 97))
            number.press("Enter")
            page.wait_for_timeout(400)
        if (k + 1) % max(1, times // 4) == 0:
            levels.append(memory_mb(pid))
    page.close()
    return levels


SHOTS = {
    "trip": "page=Trip&t=70",
    "arms": "page=Arms+side+by+side&trip=7&t=60",
    "scenes": "page=Scenes&scene=wet_road&t=106",
    "game": 'page=Be+the+guide&said=[[14000,-1,"go to Atlantis"],[20000,-1,"via Kiasma"]]',
    "game_model": "page=Be+the+guide&reader=model&model=tiny&said="
    '[[14000,-1,"somewhere+warm,+please",'
    '"{\\"words\\":\\"To+Kiasma.\\",\\"proposal\\":{\\"ask\\":\\"via\\",\\"place\\":\\"Kiasma\\"}}"]]',
    "model": "page=Language+model&map=town&trip=1",
    "monte_carlo": "page=Monte+Carlo&trips=40&rates=0.1-1",
}

FIRST_SEEN = {"model": "[data-testid=stForm]"}
"""What shows that a page is there, where that is no canvas."""


def screenshots(browser: Any, base: str, folder: Path) -> None:
    """Every page at two widths, light and dark, English and Chinese."""
    folder.mkdir(parents=True, exist_ok=True)
    page = browser.new_page()
    page.goto(f"{base}?{SHOTS['monte_carlo']}")
    page.get_by_role("button", name="Start", exact=True).click(timeout=60_000)
    page.get_by_text("finished").wait_for(timeout=300_000)
    page.close()
    looks = product(SHOTS.items(), (1280, 390), ("light", "dark"), ("en", "zh"))
    for (name, query), width, scheme, language in looks:
        context = browser.new_context(
            viewport={"width": width, "height": 844},
            color_scheme=scheme,
            device_scale_factor=1,
        )
        page = context.new_page()
        page.goto(f"{base}?{query}&lang={language}")
        page.wait_for_selector(FIRST_SEEN.get(name, "canvas"), timeout=120_000)
        page.wait_for_timeout(1_500)
        _grow(page)
        page.screenshot(path=folder / f"{name}-{width}-{scheme}-{language}.png")
        context.close()


def _grow(page: Any) -> None:
    """Make the window as tall as the page: its content scrolls inside of it."""
    tall = page.evaluate(
        "Math.max(...[...document.querySelectorAll('section, [data-testid=stMain]')]"
        ".map(e => e.scrollHeight))"
    )
    size = page.viewport_size
    page.set_viewport_size({"width": size["width"], "height": min(2_600, max(int(tall), 800))})
    page.wait_for_timeout(700)


def main() -> None:
    """Measure, and print one JSON object; or take pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--map", default="helsinki", help="a map that the page offers")
    parser.add_argument("--visits", type=int, default=5, help="loads with an empty browser cache")
    parser.add_argument("--interactions", type=int, default=0, help="200 for the memory figure")
    parser.add_argument("--screenshots", metavar="DIR", type=Path, help="pictures, no figures")
    wanted = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("needs the system's Chromium: apt-get install chromium")
    with sync_playwright() as play, server() as (base, pid):
        browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
        if wanted.screenshots:
            screenshots(browser, base, wanted.screenshots)
            browser.close()
            return
        address = f"{base}?map={wanted.map}"
        visits = [first_paint_s(browser, address) for _ in range(wanted.visits)]
        report: dict[str, Any] = {
            "machine": f"{platform.machine()}, Python {platform.python_version()}",
            "map": wanted.map,
            "first_paint_after_start_s": round(visits[0][0], 2),
            "first_paint_later_s": [round(seconds, 2) for seconds, _ in visits[1:]],
            "first_paint_bytes": visits[0][1],
            **{key: round(value, 1) for key, value in playback(browser, address).items()},
        }
        if wanted.interactions:
            levels = interact(browser, address, pid, wanted.interactions)
            report["server_mb"] = [round(level) for level in levels]
        browser.close()
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
