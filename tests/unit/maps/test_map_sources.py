"""A source of maps is one file and one entry, and a stranger's is equal to the built-in ones."""

from pathlib import Path

import pytest

from guiderail.maps.errors import MapError
from guiderail.maps.library.load import is_here, load_map
from guiderail.maps.sources import endings

MODULE = '''
from guiderail.maps.elements import Elements
from guiderail.maps.synthetic.sketch import Sketch


def read(path) -> Elements:
    """One street, as long as the file says [mm]."""
    sheet = Sketch()
    sheet.way([(0, 0), (int(path.read_text()), 0)], highway="residential", name=path.stem)
    return sheet.elements(path.stem)
'''


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lay a package on the path as pip would, with one file and one entry."""
    (tmp_path / "lengths_on_paper.py").write_text(MODULE, "utf-8")
    entry = tmp_path / "lengths_on_paper-1.dist-info" / "entry_points.txt"
    entry.parent.mkdir()
    (entry.parent / "METADATA").write_text("Name: lengths-on-paper\nVersion: 1\n", "utf-8")
    entry.write_text("[guiderail.map_sources]\nstreet = lengths_on_paper:read\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return entry


def test_a_source_of_another_package_makes_a_map_by_the_ending_of_its_files(
    package: Path, tmp_path: Path
) -> None:
    (tmp_path / "long.street").write_text("123456", "utf-8")
    network = load_map(tmp_path / "long.street")
    assert network.links.length_mm.tolist() == [123_456, 123_456]
    assert is_here("long.street")
    assert ".street" in endings()


def test_an_unknown_ending_names_all_that_can_be_read(package: Path) -> None:
    with pytest.raises(MapError, match=r"ending in \.npz, \.osm, .*\.graphml, \.street"):
        load_map("long.road")


def test_a_source_that_cannot_be_loaded_is_one_error_that_names_it(package: Path) -> None:
    package.write_text("[guiderail.map_sources]\nstreet = not_there:read\n", "utf-8")
    with pytest.raises(MapError, match="map source 'not_there:read' cannot be loaded"):
        load_map("long.street")


def test_nobody_replaces_a_built_in_source(package: Path, tmp_path: Path) -> None:
    package.write_text("[guiderail.map_sources]\ngraphml = lengths_on_paper:read\n", "utf-8")
    (tmp_path / "a.graphml").write_text("123456", "utf-8")
    with pytest.raises(MapError, match="cannot be read as GraphML"):
        load_map(tmp_path / "a.graphml")
