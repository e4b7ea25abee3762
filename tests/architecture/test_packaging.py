"""What is installed is what is here; an editable install would hide the mistakes."""

import re
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

import guiderail

ROOT = Path(__file__).resolve().parents[2]
FRONT_DOOR = ROOT / ".typing/guiderail"
FOLDERS = ("sim", "maps", "agents", "dashboard")
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GUIDES: dict[str, str] = PYPROJECT["project"]["entry-points"]["guiderail.guides"]


def distribution(requirement: str) -> str:
    """Name the distribution of a requirement or pin the way an installer compares names."""
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=!~;\[ ]", requirement, maxsplit=1)[0]).lower()


def test_every_package_folder_is_listed_for_the_wheel() -> None:
    listed = PYPROJECT["tool"]["setuptools"]["packages"]
    found = {
        "guiderail." + ".".join(init.parent.relative_to(ROOT).parts)
        for folder in FOLDERS
        for init in (ROOT / folder).rglob("__init__.py")
    }
    assert set(listed) == found | {"guiderail"}


def test_every_folder_with_modules_is_a_package() -> None:
    modules = [file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py")]
    assert modules
    assert [str(file) for file in modules if not (file.parent / "__init__.py").exists()] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_type_checkers_see_every_folder_and_its_marker(folder: str) -> None:
    assert (ROOT / ".typing" / "guiderail" / folder).resolve() == ROOT / folder
    assert (ROOT / folder / "py.typed").exists()


def test_the_front_door_is_the_package_itself() -> None:
    stale = "an older installation: .venv/bin/python -m pip install --no-deps -e ."
    assert guiderail.__file__, stale
    assert Path(guiderail.__file__) == FRONT_DOOR / "__init__.py"
    assert (FRONT_DOOR / "py.typed").exists()
    assert PYPROJECT["tool"]["setuptools"]["package-dir"]["guiderail"] == ".typing/guiderail"


def test_the_extra_for_everything_names_every_other_extra() -> None:
    extras = PYPROJECT["project"]["optional-dependencies"]
    [everything] = extras["all"]
    assert everything == f"guiderail[{','.join(sorted(set(extras) - {'all'}))}]"


def test_no_guiderail_folder_shadows_the_package() -> None:
    assert not (ROOT / "guiderail").exists()


@pytest.mark.parametrize("name", GUIDES)
def test_every_guide_that_is_announced_can_be_loaded(name: str) -> None:
    assert EntryPoint(name, GUIDES[name], "guiderail.guides").load() is not None


def test_the_command_can_be_loaded() -> None:
    value = PYPROJECT["project"]["scripts"]["guiderail"]
    assert callable(EntryPoint("guiderail", value, "console_scripts").load())


@pytest.mark.parametrize("license_file", PYPROJECT["project"]["license-files"])
def test_every_license_that_is_declared_lies_beside_its_work(license_file: str) -> None:
    assert (ROOT / license_file).is_file()


def test_every_direct_dependency_is_pinned() -> None:
    direct = PYPROJECT["project"]["dependencies"] + PYPROJECT["dependency-groups"]["dev"]
    pinned = (ROOT / "requirements.lock").read_text(encoding="utf-8").split()
    assert {distribution(name) for name in direct} <= {distribution(pin) for pin in pinned}
