"""The import rules hold, and each of them can convict.

A contract that has never been seen broken may be misspelt, so every contract gets one planted
import. The plants go into a copy of the tree that lies in front of the installed one.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYPROJECT = ROOT / "pyproject.toml"
LINT = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
PLANTS = {
    "Folders point one way: dashboard, agents -> sim -> maps": (
        "maps",
        "import guiderail.sim.contract",
    ),
    "Inside sim: lab -> proof -> (driver | judge | world | wire: strangers) -> contract": (
        "sim/driver",
        "import guiderail.sim.world",
    ),
    "Inside lab: cli -> api -> servers and studies -> report -> results -> experiment -> measure": (
        "sim/lab/results",
        "import guiderail.sim.lab.report",
    ),
    "Inside maps: library -> sources | synthetic | routing -> compile -> the network": (
        "maps/compile",
        "import guiderail.maps.sources.osm",
    ),
    "Inside agents: makers -> guides, doors (strangers) -> wrong advice -> map, words": (
        "agents/doors",
        "import guiderail.agents.noisy",
    ),
    "Inside world: clock -> world -> perception -> hazards -> traffic -> background": (
        "sim/world/traffic",
        "import guiderail.sim.world.world",
    ),
    "Inside dashboard: app -> views -> model -> words": (
        "dashboard/views",
        "import guiderail.dashboard.app",
    ),
    "What the page shows is worked out without Streamlit": ("dashboard/model", "import streamlit"),
    "No packages in a circle": ("sim/driver/motion", "import guiderail.sim.driver.guard.guard"),
    "A guide knows the contract, the wire and the map, never driver, world, judge or lab": (
        "agents",
        "import guiderail.sim.driver",
    ),
    "The judge finds no routes": ("sim/judge", "import guiderail.maps.routing"),
    "Only the lab may load OpenStreetMap": ("sim/driver", "import guiderail.maps.sources.osm"),
    "The specification shares no formula with what it specifies": (
        "sim/proof/search/spec.py",
        "import guiderail.sim.driver.motion.envelope",
    ),
    "Solvers stay out of the core": ("sim/driver", "import z3"),
    "The core runs without the web, the map download or a clock": ("sim/world", "import time"),
}


def lint(here: Path, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run import-linter in ``here``, with ``path`` in front of the installed packages."""
    environment = os.environ | {"NO_COLOR": "1", "COLUMNS": "200"}
    environment.pop("PYTHONPATH", None)
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    command = [sys.executable, "-P", "-c", LINT, "--no-cache", "--config", str(PYPROJECT)]
    return subprocess.run(
        command, cwd=here, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy the package to where Python finds it before the editable install."""
    (tmp_path / "guiderail").mkdir()
    shutil.copy(ROOT / ".typing/guiderail/__init__.py", tmp_path / "guiderail")
    for folder in ("sim", "maps", "agents", "dashboard"):
        shutil.copytree(
            ROOT / folder,
            tmp_path / "guiderail" / folder,
            ignore=shutil.ignore_patterns("__pycache__", "data"),
        )
    return tmp_path


def test_the_import_rules_hold(tmp_path: Path) -> None:
    result = lint(tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{len(PLANTS)} kept, 0 broken" in result.stdout


def test_every_rule_has_a_plant() -> None:
    contracts = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert {contract["name"] for contract in contracts["contracts"]} == set(PLANTS)


def test_a_copy_without_a_plant_is_clean(copy: Path) -> None:
    result = lint(copy, copy)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("contract", PLANTS)
def test_a_planted_import_is_convicted(copy: Path, contract: str) -> None:
    folder, statement = PLANTS[contract]
    plant = copy / "guiderail" / folder
    plant = plant if plant.suffix else plant / "planted.py"
    with plant.open("a", encoding="utf-8") as file:
        file.write(statement + "\n")
    result = lint(copy, copy)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{contract} BROKEN" in result.stdout
    # A circle is told by the rooms that it goes through, every other rule by the module.
    module = str(plant.relative_to(copy)).removesuffix(".py").replace("/", ".")
    assert module in result.stdout or ".motion -> .guard" in result.stdout
