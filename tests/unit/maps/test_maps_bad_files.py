"""Files that must be refused in one sentence, before they cost time or memory."""

import bz2
import gzip
import zlib
from pathlib import Path

import pytest

from guiderail.maps.errors import MapError
from guiderail.maps.library.load import load_map
from guiderail.maps.sources.unpacked_size import MOST_NODES, check_node_count, unpacked_bytes

HEAD = '<osm version="0.6">'


def street(nodes: list[tuple[str, str]], **tags: str) -> str:
    """One street through these (lon, lat)."""
    points = "".join(
        f'<node id="{i}" version="1" lon="{lon}" lat="{lat}"/>'
        for i, (lon, lat) in enumerate(nodes, start=-len(nodes))
    )
    refs = "".join(f'<nd ref="{i}"/>' for i in range(-len(nodes), 0))
    told = "".join(f'<tag k="{k}" v="{v}"/>' for k, v in {"highway": "residential", **tags}.items())
    return f'{HEAD}{points}<way id="-1" version="1">{refs}{told}</way></osm>'


def refused(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(MapError) as caught:
        load_map(path)
    return str(caught.value)


def test_negative_ids_are_as_good_as_others(tmp_path: Path) -> None:
    (tmp_path / "draft.osm").write_text(street([("1", "1"), ("1.001", "1")]))
    assert load_map(tmp_path / "draft.osm").nodes.osm_id.tolist() == [-2, -1]


def test_a_small_file_that_unpacks_to_600_mb_is_refused(tmp_path: Path) -> None:
    piece = gzip.compress(b" " * 10_000_000)
    bomb = piece * 60
    assert len(bomb) < 700_000
    assert "more than 400 MB" in refused(tmp_path / "bomb.osm.gz", bomb)


def test_a_bz2_file_that_unpacks_to_600_mb_is_refused(tmp_path: Path) -> None:
    bomb = bz2.compress(b" " * 10_000_000) * 60
    assert len(bomb) < 700_000
    assert "more than 400 MB" in refused(tmp_path / "bomb.osm.bz2", bomb)


def number(value: int) -> bytes:
    """Whole number as protocol buffers write it."""
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + number(rest) if rest else bytes([low])


def block(sort: bytes, content: bytes, stated: int | None = None) -> bytes:
    """One packed block of a PBF file that states its unpacked size, truly or not."""
    packed = zlib.compress(content)
    size = number(len(content) if stated is None else stated)
    data = b"\x10" + size + b"\x1a" + number(len(packed)) + packed
    header = b"\x0a" + number(len(sort)) + sort + b"\x18" + number(len(data))
    return len(header).to_bytes(4, "big") + header + data


HEADER = block(b"OSMHeader", b"\x22\x0eOsmSchema-V0.6")


def test_a_small_pbf_that_unpacks_to_600_mb_is_refused(tmp_path: Path) -> None:
    bomb = HEADER + block(b"OSMData", bytes(30_000_000)) * 20
    assert len(bomb) < 700_000
    assert "more than 400 MB" in refused(tmp_path / "bomb.osm.pbf", bomb)


def test_a_pbf_block_that_unpacks_to_more_than_it_states_is_refused(tmp_path: Path) -> None:
    liar = HEADER + block(b"OSMData", bytes(30_000_000), stated=100)
    assert "cannot be read" in refused(tmp_path / "liar.osm.pbf", liar)


@pytest.mark.parametrize("junk", [b"\xff" * 50, b"\0\0\0\x02\x18\xff", bytes(9), HEADER[:-3]])
def test_a_pbf_of_broken_blocks_is_refused(junk: bytes, tmp_path: Path) -> None:
    assert refused(tmp_path / "junk.osm.pbf", HEADER + junk)


def test_the_stated_sizes_of_a_pbf_are_those_of_its_blocks(tmp_path: Path) -> None:
    path = tmp_path / "two.osm.pbf"
    path.write_bytes(HEADER + block(b"OSMData", bytes(1_000)) + block(b"OSMData", bytes(300)))
    assert list(unpacked_bytes(path)) == [16, 1_000, 300]


def test_a_packed_file_cut_short_is_refused(tmp_path: Path) -> None:
    whole = gzip.compress(street([("1", "1"), ("1.001", "1")]).encode())
    assert "must be whole" in refused(tmp_path / "cut.osm.gz", whole[:-20])


def test_a_text_under_the_name_of_a_pbf_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in refused(tmp_path / "text.osm.pbf", b"<osm></osm>" * 10)


def test_an_xml_file_that_defines_entities_is_refused(tmp_path: Path) -> None:
    levels = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    bomb = f'<!DOCTYPE osm [<!ENTITY a0 "ha">{levels}]>' + street(
        [("1", "1"), ("1.001", "1")], name="&a9;"
    )
    assert "cannot be read" in refused(tmp_path / "lol.osm", bomb.encode())


@pytest.mark.parametrize(("lon", "lat"), [("nan", "1"), ("inf", "1"), ("1", "999"), ("x", "1")])
def test_a_street_of_impossible_points_is_refused(lon: str, lat: str, tmp_path: Path) -> None:
    text = street([("1", "1"), (lon, lat)])
    assert refused(tmp_path / "odd.osm", text.encode())


def test_a_street_without_length_is_a_millimeter_long(tmp_path: Path) -> None:
    (tmp_path / "dot.osm").write_text(street([("1", "1"), ("1", "1")]))
    assert load_map(tmp_path / "dot.osm").links.length_mm.tolist() == [1, 1]


def test_a_street_around_half_the_earth_is_refused(tmp_path: Path) -> None:
    text = street([("-90", "1"), ("90", "1")])
    assert "span 180.0 degrees" in refused(tmp_path / "wide.osm", text.encode())


def test_a_map_in_which_nobody_can_come_back_is_refused(tmp_path: Path) -> None:
    text = street([("1", "1"), ("1.001", "1")], oneway="yes")
    assert "no drivable world" in refused(tmp_path / "one.osm", text.encode())


def test_a_million_points_too_many_are_refused() -> None:
    check_node_count(MOST_NODES)
    with pytest.raises(MapError, match="3000000 points"):
        check_node_count(MOST_NODES + 1_000_000)
