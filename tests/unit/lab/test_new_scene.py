"""A scene is one entry of a file: one from outside is found by its name and driven."""

import tomllib
from importlib.resources import files

import pytest

from guiderail.sim.lab.cli.main import run_command
from guiderail.sim.lab.experiment import scenes
from guiderail.sim.lab.experiment.scenes import Scene

MINE = """
[too_late_again]
title = "Turn left, too late"
about = "The second scene with the words of the first."
trip = 2
script = [[15000, "turn left"]]
shows = [["guarded", "refused", "too_late"]]
"""


def test_a_scene_from_outside_is_driven_by_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = files("guiderail.sim.lab.experiment").joinpath("data/scenes.toml").read_text("utf-8")
    known = {k: Scene.model_validate(one) for k, one in tomllib.loads(shipped + MINE).items()}
    monkeypatch.setattr(scenes, "scenes", lambda: known)
    assert run_command(["run", "--scene", "too_late_again", "--story"]) == 0
    assert "it is too late to do it calmly" in capsys.readouterr().out
