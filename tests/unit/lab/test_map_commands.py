"""`guiderail map`: add, list, show, price; each mistake is one line, and nothing is left behind."""

import bz2
import gzip
import json
import re
from pathlib import Path

import pytest
from matplotlib.image import imread

from guiderail.maps.library import added
from guiderail.maps.library.load import load_map
from guiderail.maps.library.npz import save
from guiderail.maps.network import RoadNetwork
from guiderail.sim.lab.cli.main import run_command

Said = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(added.FOLDER_VARIABLE, str(tmp_path / "shelf"))
    return tmp_path / "shelf"


@pytest.fixture
def town_file(tmp_path: Path, town: RoadNetwork) -> Path:
    path = tmp_path / "Old Town.npz"
    save(town, path)
    return path


def test_an_added_map_is_listed_shown_and_driven_by_its_name(town_file: Path, capsys: Said) -> None:
    assert run_command(["map", "add", str(town_file)]) == 0
    assert run_command(["map", "list"]) == 0
    assert "old_town" in capsys.readouterr().out.splitlines()[-1]
    assert run_command(["run", "--map", "old_town", "--rate", "0"]) == 0
    assert "arrived" in capsys.readouterr().out


def test_show_prints_the_promised_numbers_as_json(capsys: Said) -> None:
    assert run_command(["map", "show", "helsinki", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    keys = {"nodes", "links", "turns", "links_in_world", "km", "signals", "places", "exits"}
    assert set(facts) >= keys | {"restrictions", "source_sha256"}
    assert set(facts["restrictions"]) >= {"total", "applied", "unresolved", "unsupported"}
    assert facts["restrictions"]["total"] == 45


def test_show_names_the_source_and_the_licence_of_the_map(capsys: Said) -> None:
    assert run_command(["map", "show", "helsinki"]) == 0
    assert "(c) OpenStreetMap contributors, ODbL 1.0" in capsys.readouterr().out


def test_a_map_is_drawn_as_a_picture_that_is_not_blank(tmp_path: Path, capsys: Said) -> None:
    path = tmp_path / "town.png"
    assert run_command(["map", "show", "town", "--png", str(path)]) == 0
    picture = imread(path)
    assert picture.shape[1] == 1_500
    shades = {tuple(pixel) for pixel in picture[::7, ::7, :3].reshape(-1, 3).tolist()}
    assert len(shades) > 20


def test_the_price_list_is_a_command(capsys: Said) -> None:
    assert run_command(["map", "price", "town", "--trips", "20", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["trips"] <= 20


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["add", "nowhere.osm.pbf"], "no such map file: nowhere.osm.pbf"),
        (["add", "town", "--name", "../x"], "'../x' cannot be the name of a map"),
        (["add", "helsinki"], "the map 'helsinki' is bundled"),
        (["add", "no/such/place"], "no map 'no/such/place'"),
        (["show", "atlantis"], "no map 'atlantis': name one of helsinki, town"),
        (["show", "town", "--png", "/nowhere/x.png"], "cannot write"),
        (["price", "town", "--trips", "0"], "--trips 0 is below the least value, 1"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(
    arguments: list[str], message: str, own_folder: Path, capsys: Said
) -> None:
    assert run_command(["map", *arguments]) == 2
    errors = capsys.readouterr().err
    assert message in errors
    assert errors.count("\n") == 1
    assert not own_folder.exists()


def test_a_name_is_given_once(town_file: Path, capsys: Said) -> None:
    assert run_command(["map", "add", str(town_file), "--name", "one"]) == 0
    before = load_map("one").header
    assert run_command(["map", "add", str(town_file), "--name", "one"]) == 2
    assert "there is a map 'one' in" in capsys.readouterr().err
    assert load_map("one").header == before


NODES = '<osm version="0.6">' + "".join(
    f'<node id="{i}" version="1" lon="{1 + i / 1e3}" lat="1"/>' for i in (1, 2, 3)
)
STREET = '<way id="7" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="{}"/>{}</way></osm>'
FAR = NODES.replace('lat="1"', 'lat="999"', 1) + "</osm>"


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("nodes.osm", NODES + "</osm>", "has no drivable street"),
        ("clipped.osm", '<osm version="0.6">' + STREET.format("primary", ""), "no drivable street"),
        ("paths.osm", NODES + STREET.format("footway", ""), "has no drivable street"),
        (
            "oneway.osm",
            NODES + STREET.format("primary", '<tag k="oneway" v="yes"/>'),
            "has no drivable world",
        ),
        ("no.osm.pbf", "this is no PBF", "cannot be read as an OpenStreetMap file"),
        ("cut.osm.gz", gzip.compress(NODES.encode(), mtime=0)[:-9], "must be whole"),
        ("bomb.osm.bz2", bz2.compress(bytes(9_000_000)) * 50, "unpacks to more than 400 MB"),
        ("lol.osm", '<!DOCTYPE o [<!ENTITY a "b">]><osm/>', "cannot be read|no drivable street"),
        ("odd.graphml", "<graphml>", "cannot be read as GraphML"),
        ("odd.npz", "PK", "is no map that can be read"),
        ("far.osm", FAR, "wrong format for coordinate: '999'"),
        ("nan.osm", FAR.replace("999", "nan"), "wrong format for coordinate: 'nan'"),
    ],
)
def test_a_file_that_is_no_map_is_one_line_and_nothing_is_kept(
    file: str, content: str | bytes, message: str, tmp_path: Path, own_folder: Path, capsys: Said
) -> None:
    path = tmp_path / file
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    assert run_command(["map", "add", str(path)]) == 2
    said = capsys.readouterr()
    assert re.search(message, said.err)
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert not own_folder.exists()


def test_a_city_with_too_many_points_is_told_before_they_are_read(
    tmp_path: Path, own_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    monkeypatch.setattr("guiderail.maps.sources.unpacked_size.MOST_NODES", 1)
    (tmp_path / "big.osm").write_text(NODES + STREET.format("primary", ""))
    assert run_command(["map", "add", str(tmp_path / "big.osm")]) == 2
    assert "the streets have 2 points: a map may have 1 at most" in capsys.readouterr().err
    assert not own_folder.exists()
