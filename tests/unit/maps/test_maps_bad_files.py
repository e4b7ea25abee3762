"""Files that must be refused in one sentence, before they cost time or memory."""

import gzip
from pathlib import Path

import pytest

from guiderail.maps.errors import MapError
from guiderail.maps.io import load_map
from guiderail.maps.unpacked import MOST_NODES, check_node_count

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
    assert "more than 200 MB" in refused(tmp_path / "bomb.osm.gz", bomb)


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
