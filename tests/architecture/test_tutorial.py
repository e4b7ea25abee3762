"""The tutorial is followed as a new user would: save what it says, run what it says."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guiderail.sim.lab.cli.main import run_command

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/tutorial.md").read_text("utf-8")
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
SAVE = re.compile(r"Save this as `([^`]+)`:\n\n```\w+\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save the tutorial's files."""
    made = tmp_path_factory.mktemp("tutorial")
    files = SAVE.findall(TEXT)
    assert {name for name, _ in files} == {"my_guide.py", "mine.toml"}
    for name, content in files:
        (made / name).write_text(content, "utf-8")
    return made


def commands() -> list[list[str]]:
    """Every line of its shell blocks, without the name of the program."""
    shell = [text for kind, text in BLOCK.findall(TEXT) if kind == "sh"]
    lines = [line.split() for text in shell for line in text.splitlines()]
    assert {line[0] for line in lines} == {"guiderail"}
    return [line[1:] for line in lines]


@pytest.fixture
def follow(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[list[str]], str]:
    """Run a command in the tutorial's folder."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "200")

    def run(command: list[str]) -> str:
        assert run_command(command) == 0
        return capsys.readouterr().out

    return run


def test_the_guide_has_ten_lines() -> None:
    code = dict(SAVE.findall(TEXT))["my_guide.py"]
    assert len([line for line in code.splitlines() if line.strip()]) <= 10


def test_the_first_ride_of_the_tutorial_works_in_one_go(follow: Any) -> None:
    ride = follow(commands()[0])
    assert "Turn right, always right!" in ride
    assert "The driver refuses" in ride
    assert "The car arrives" in ride


@pytest.mark.slow
def test_the_rest_of_the_tutorial_works_in_one_go(follow: Any) -> None:
    _, obey, check, sweep = commands()
    assert "obeying_machine, my_guide.py:Rightist" in follow(obey)
    assert follow(check).strip() == "290 of 290 cases passed, 24 trips"
    assert "guarded: 0 serious infractions" in follow(sweep)
