"""Own maps are kept under plain names, in one folder, and found by name like the bundled ones."""

from pathlib import Path

import pytest

from guiderail.maps.errors import MapError
from guiderail.maps.facts import summary
from guiderail.maps.library import added
from guiderail.maps.library.added import add
from guiderail.maps.library.load import load_map
from guiderail.maps.network import RoadNetwork


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(added.FOLDER_VARIABLE, str(tmp_path / "maps"))
    return tmp_path / "maps"


@pytest.fixture(scope="module")
def town() -> RoadNetwork:
    return load_map("town")


def test_a_kept_map_is_found_by_its_name_with_the_same_content(town: RoadNetwork) -> None:
    add(town, "my-town_2")
    found = load_map("my-town_2")
    assert added.names() == ("my-town_2",)
    assert found.name == "my-town_2"
    assert found.header["digest"] == town.header["digest"]


@pytest.mark.parametrize(
    "name", ["", "..", "../up", "a/b", "/root", "Town", "-x", "a b", "x.npz", "~", "a" * 65, "\0"]
)
def test_a_name_that_is_no_word_is_refused_and_nothing_is_written(
    town: RoadNetwork, own_folder: Path, name: str
) -> None:
    with pytest.raises(MapError, match="cannot be the name of a map"):
        add(town, name)
    assert not own_folder.exists()


def test_a_folder_that_cannot_be_made_is_one_error(
    town: RoadNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(added.FOLDER_VARIABLE, str(tmp_path / "file"))
    with pytest.raises(MapError, match="cannot keep maps in"):
        add(town, "town2")


def test_strange_files_in_the_folder_are_no_maps(own_folder: Path) -> None:
    own_folder.mkdir()
    for name in ("My Map.npz", "notes.txt", ".hidden.npz"):
        (own_folder / name).touch()
    assert added.names() == ()


def test_without_the_variable_maps_lie_in_the_data_folder_of_the_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(added.FOLDER_VARIABLE)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert added.folder() == tmp_path / "guiderail" / "maps"


def test_the_summary_counts_what_the_tables_hold(town: RoadNetwork) -> None:
    facts = summary(town)
    real = [
        link for link in town.all_links if not link.against_oneway and link.id not in town.copies
    ]
    assert facts["links"] == len(real)
    assert facts["links_in_world"] == sum(link.in_world for link in real)
    assert facts["approaches"]["stop"] == sum(link.control.name == "STOP" for link in real)
    legal = [turn for link in real for turn in town.turns_from(link.id)]
    assert facts["turns"] == len(legal)
    assert facts["exits"] == sum(turn.kind.name == "EXIT" for turn in legal) == 8
    rules = facts["restrictions"]
    fates = ("applied", "unresolved", "unsupported", "exempt")
    assert rules["total"] == sum(rules[fate] for fate in fates) > 0
