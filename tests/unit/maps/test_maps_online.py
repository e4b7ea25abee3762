"""Place names: against a server of our own on this machine, never the real ones."""

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from guiderail.maps.compile.compiler import compile_network
from guiderail.maps.errors import MapError
from guiderail.maps.library import added
from guiderail.maps.sources import online
from guiderail.maps.sources.fetch import Limits
from guiderail.sim.lab.cli.main import run_command

ox = pytest.importorskip("osmnx")

QUICK = Limits(connect_s=1, read_s=0.5, total_s=2, tries=2, wait_s=0.01, most_bytes=100_000)
SQUARE = [[24.0, 60.0], [24.01, 60.0], [24.01, 60.01], [24.0, 60.01], [24.0, 60.0]]
CROSS = """<?xml version="1.0"?><osm version="0.6"><meta osm_base="2026-01-01T00:00:00Z"/>
<node id="1" version="1" lat="60" lon="24"/><node id="2" version="1" lat="60.001" lon="24"/>
<node id="3" version="1" lat="60.002" lon="24"/>
<node id="4" version="1" lat="60.001" lon="24.002"/>
<node id="9" version="1" lat="60.0011" lon="24.001"><tag k="name" v="Kahvila"/>
<tag k="amenity" v="cafe"/></node>
<way id="7" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>
<way id="8" version="1"><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/></way>
<way id="9" version="1"><nd ref="2"/><nd ref="4"/><tag k="highway" v="residential"/></way>
<relation id="1" version="1"><member type="way" ref="7" role="from"/>
<member type="node" ref="2" role="via"/><member type="way" ref="9" role="to"/>
<tag k="type" v="restriction"/><tag k="restriction" v="no_right_turn"/></relation></osm>"""


def found(label: str, sort: str = "Polygon", importance: float = 0.5) -> dict[str, Any]:
    corners: Any = {"Polygon": [SQUARE], "Point": SQUARE[0]}[sort]
    return {
        "display_name": label,
        "importance": importance,
        "lat": "60.0",
        "lon": "24.0",
        "boundingbox": ["60.0", "60.01", "24.0", "24.01"],
        "geojson": {"type": sort, "coordinates": corners},
    }


@dataclass
class Fake:
    """What the server answers, in turn, and what it was asked."""

    url: str
    geocoder: list[tuple[int, bytes]] = field(default_factory=list)
    overpass: list[tuple[int, bytes]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    cut: bool = False
    """Whether answers stop in the middle."""
    silent: bool = False
    """Whether answers never come."""
    drips: bool = False
    """Whether answers come a byte at a time."""
    stop: threading.Event = field(default_factory=threading.Event)

    def places(self, *rows: dict[str, Any]) -> None:
        """Let the geocoder find these."""
        self.geocoder = [(200, json.dumps(rows).encode())]


class Handler(BaseHTTPRequestHandler):
    """Geocoder and Overpass in one."""

    fake: Fake

    def do_GET(self) -> None:
        """Answer as the geocoder."""
        self.fake.asked.append(parse_qs(urlsplit(self.path).query)["q"][0])
        self._answer(self.fake.geocoder)

    def do_POST(self) -> None:
        """Answer as Overpass."""
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.fake.asked.append(parse_qs(form)["data"][0])
        self._answer(self.fake.overpass)

    def _answer(self, answers: list[tuple[int, bytes]]) -> None:
        if self.fake.silent:
            self.fake.stop.wait(5)
            return
        status, body = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.fake.drips:
            for byte in body[:100]:
                self.fake.stop.wait(0.05)
                with suppress(OSError):
                    self.wfile.write(bytes([byte]))
        with suppress(OSError):  # who asked may have gone
            self.wfile.write(body[: len(body) // 2] if self.fake.cut else body)

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    handler = type("Its", (Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        fake = Fake(f"http://127.0.0.1:{http.server_port}", overpass=[(200, CROSS.encode())])
        fake.places(found("Testby, Finland"))
        handler.fake = fake  # type: ignore[attr-defined]
        thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        for name in ("nominatim_url", "overpass_url"):
            monkeypatch.setattr(ox.settings, name, fake.url)
        monkeypatch.setattr("osmnx._nominatim.time.sleep", lambda _: None)
        monkeypatch.setenv(online.CACHE_VARIABLE, str(tmp_path / "cache"))
        monkeypatch.setenv(added.FOLDER_VARIABLE, str(tmp_path / "shelf"))
        yield fake
        fake.stop.set()
        http.shutdown()
        thread.join(5)


def kept(folder: Path) -> list[str]:
    return sorted(path.suffix for path in (folder / "cache").glob("*"))


def test_a_place_name_gives_its_streets_with_their_turn_restrictions(server: Fake) -> None:
    elements = online.read_place("Testby, Finland", QUICK)
    network = compile_network(elements)
    assert elements.source == "Overpass, Testby, Finland"
    assert network.name == "Testby"
    assert network.header["restrictions_applied"] == "1"
    assert [place.kind for place in network.all_places] == ["cafe"]


def test_overpass_is_asked_for_restrictions_and_for_nodes_with_their_tags(server: Fake) -> None:
    online.read_place("Testby", QUICK)
    place, question = server.asked
    assert place == "Testby"
    assert 'rel(bw.streets)["type"~"^restriction"]' in question
    assert ".streets >;" in question
    assert "out meta;" in question
    assert '(poly:"60.000000 24.000000 60.000000 24.010000' in question


def test_nothing_is_asked_twice(server: Fake, tmp_path: Path) -> None:
    first = online.read_place("Testby", QUICK)
    assert kept(tmp_path) == [".json", ".osm"]
    assert online.read_place("  Testby ", QUICK) == first
    assert len(server.asked) == 2


def test_of_several_places_the_most_important_with_a_border_is_taken(server: Fake) -> None:
    point = found("Testby station", "Point", 0.9)
    server.places(found("Testby, Åland", importance=0.1), point, found("Testby, Finland"))
    assert online.read_place("Testby", QUICK).source == "Overpass, Testby, Finland"


@pytest.mark.parametrize("answer", [(429, b""), (504, b""), (503, b"busy")])
def test_a_busy_server_is_asked_again(answer: tuple[int, bytes], server: Fake) -> None:
    server.overpass.insert(0, answer)
    server.geocoder.insert(0, answer)
    assert online.read_place("Testby", QUICK).ways
    assert len(server.asked) == 4


def test_a_server_that_stays_busy_is_asked_so_often_and_no_more(
    server: Fake, tmp_path: Path
) -> None:
    server.overpass = [(429, b"")]
    with pytest.raises(MapError, match=r"127.0.0.1 is busy \(429 .*; asked 2 times"):
        online.read_place("Testby", QUICK)
    assert len(server.asked) == 1 + QUICK.tries
    assert kept(tmp_path) == [".json"]


def test_a_geocoder_that_stays_busy_leaves_nothing(server: Fake, tmp_path: Path) -> None:
    server.geocoder = [(504, b"")]
    with pytest.raises(MapError, match=r"is busy \(504"):
        online.read_place("Testby", QUICK)
    assert kept(tmp_path) == []


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param((400, b"no"), r"refuses the question \(400", id="refused"),
        pytest.param((200, CROSS.encode()[:-20]), "sent no whole map", id="cut short"),
        pytest.param((200, b"<html>sorry</html>"), "sent no whole map", id="another page"),
        pytest.param((200, b""), "sent no whole map", id="empty"),
        pytest.param((200, b" " * 100_001), "sends more than 100,000 bytes", id="too long"),
        pytest.param(
            (200, b"<osm><remark>runtime error: out of memory</remark></osm>"),
            "gave up: runtime error: out of memory",
            id="a remark",
        ),
        pytest.param(
            (200, b"<osm></osm>"), "has no drivable street|cannot be read", id="no street"
        ),
    ],
)
def test_a_bad_answer_is_one_sentence(
    answer: tuple[int, bytes], message: str, server: Fake, tmp_path: Path
) -> None:
    server.overpass = [answer]
    with pytest.raises(MapError, match=message) as raised:
        compile_network(online.read_place("Testby", QUICK))
    assert "\n" not in str(raised.value)
    assert not list((tmp_path / "cache").glob(".*"))


def test_a_connection_that_breaks_in_the_middle_leaves_nothing(
    server: Fake, tmp_path: Path
) -> None:
    server.cut = True
    with pytest.raises(MapError, match="gives no whole answer"):
        online.read_place("Testby", QUICK)
    assert kept(tmp_path) == []


def test_a_silent_server_is_not_waited_for(server: Fake, tmp_path: Path) -> None:
    server.silent = True
    with pytest.raises(MapError, match=r"gives no whole answer .*; asked 2 times"):
        online.read_place("Testby", QUICK)
    assert kept(tmp_path) == []


def test_a_server_that_drips_is_cut_off(server: Fake, tmp_path: Path) -> None:
    server.drips = True
    with pytest.raises(MapError, match=r"took more than 0\.3 s to answer"):
        online.read_place("Testby", replace(QUICK, total_s=0.3))
    assert kept(tmp_path) == []


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param(b"[]", "there is no place 'Testby'", id="unknown"),
        pytest.param(
            json.dumps([found("Testby", "Point")]).encode(), "is a point and no area", id="a point"
        ),
        pytest.param(b"<html>", "there is no place 'Testby'", id="no list at all"),
        pytest.param(b"[{}]", "there is no place 'Testby'", id="an empty row"),
        pytest.param(b"[" + b" " * 100_001, "sends more than 100,000 bytes", id="too long"),
    ],
)
def test_a_place_that_is_none_is_told(
    answer: bytes, message: str, server: Fake, tmp_path: Path
) -> None:
    server.geocoder = [(200, answer)]
    with pytest.raises(MapError, match=message):
        online.read_place("Testby", QUICK)
    assert kept(tmp_path) == []


def test_a_country_is_too_large(server: Fake) -> None:
    country = found("Suomi")
    country["geojson"]["coordinates"] = [[[20, 60], [31, 60], [31, 70], [20, 70], [20, 60]]]
    server.places(country)
    with pytest.raises(MapError, match=r"'Suomi' \(Suomi\) has [56]\d\d,\d\d\d km2: at most 3,000"):
        online.read_place("Suomi", QUICK)


def test_a_ragged_border_is_asked_for_in_few_corners(server: Fake) -> None:
    ragged = found("Testby")
    edge = [[24 + i / 1e6, 60 + (i % 2) / 1e6] for i in range(3_000)]
    ragged["geojson"]["coordinates"] = [[*edge, [24.01, 60.01], [24, 60.01], edge[0]]]
    server.places(ragged)
    online.read_place("Testby", QUICK)
    assert len(server.asked[1]) < 40_000


@pytest.mark.parametrize("name", ["", "  ", "a\0b", "x" * 201, "a\x1b[1m"])
def test_what_cannot_be_a_name_is_not_asked_for(name: str, server: Fake) -> None:
    with pytest.raises(MapError, match="cannot be the name of a place"):
        online.read_place(name, QUICK)
    assert server.asked == []


def test_the_settings_of_osmnx_are_given_back(server: Fake) -> None:
    online.read_place("Testby", QUICK)
    assert ox.settings.requests_kwargs == {}
    assert ox.settings.use_cache is True


def test_a_place_is_added_shown_and_listed_by_command(
    server: Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["map", "add", "Testby, Finland"]) == 0
    assert "Looking up the place 'Testby, Finland'" in capsys.readouterr().err
    assert run_command(["map", "list"]) == 0
    assert "testby_finland" in capsys.readouterr().out


def test_without_a_network_the_command_says_so_in_one_line(
    server: Fake,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(ox.settings, "nominatim_url", "http://127.0.0.1:1")
    assert run_command(["map", "add", "Porto, Portugal"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert "127.0.0.1 cannot be reached" in said[1]
    assert not (tmp_path / "cache").exists()
    assert not (tmp_path / "shelf").exists()


def test_a_name_longer_than_any_file_has_is_no_place(
    server: Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["map", "add", "x" * 300]) == 2
    assert "cannot be the name of a place" in capsys.readouterr().err
    assert server.asked == []


def test_without_osmnx_the_command_that_installs_it_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(online, "find_spec", lambda _: None)
    assert run_command(["map", "add", "Porto, Portugal"]) == 2
    assert "pip install 'guiderail[maps]'" in capsys.readouterr().err
