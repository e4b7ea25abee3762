"""The commands around maps: kept under a name, shown with their losses, drawn."""

import json
from pathlib import Path

import pytest

from guiderail.maps import library
from guiderail.maps.errors import MapError
from guiderail.maps.io import load_map
from guiderail.sim.lab.cli import run_command


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "maps"
    monkeypatch.setenv("GUIDERAIL_MAPS", str(folder))
    return folder


def test_an_added_map_is_listed_and_loads_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["map", "add", "helsinki", "--name", "mine"]) == 0
    assert run_command(["map", "list"]) == 0
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "helsinki (bundled)",
        "town (bundled)",
        "mine",
    ]
    assert load_map("mine").header["digest"] == load_map("helsinki").header["digest"]
    assert load_map("mine").name == "mine"


@pytest.mark.parametrize(
    "name", ["../x", "/etc/x", "a/b", "a\\b", "..", ".hidden", "", "A B", "x" * 65, "a\n", "a.npz"]
)
def test_a_name_that_could_leave_the_folder_is_refused(name: str) -> None:
    with pytest.raises(MapError, match="no name for a map"):
        library.path_of(name)


@pytest.mark.parametrize("arguments", [["helsinki"], ["helsinki", "--name", "../x"], ["atlantis"]])
def test_a_map_that_cannot_be_added_leaves_nothing_behind(
    arguments: list[str], own_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["map", "add", *arguments]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not own_folder.exists()


def test_the_fates_of_all_restrictions_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["map", "show", "town", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    fate = facts["restrictions"]
    parts = (fate[key] for key in ("applied", "unresolved", "unsupported", "exempt"))
    assert fate["total"] == sum(parts) == 9
    assert fate["unresolved"] == fate["member_absent"] + fate["no_fit"] == 1
    assert facts["exits"] > 0


def test_a_map_is_drawn_as_a_png_and_as_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["map", "show", "town", "--png", str(tmp_path / "town.png")]) == 0
    assert (tmp_path / "town.png").read_bytes().startswith(b"\x89PNG")
    assert run_command(["map", "show", "town", "--png", str(tmp_path / "town.pdf")]) == 2
    assert "must end in .png" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["town.png"]
