"""Every example does what its first lines say."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from guiderail.agents.doors.llm import LlmSettings
from guiderail.agents.doors.remote import checked
from guiderail.agents.presets import PRESETS
from guiderail.sim.lab.conformance.checker import check_car, check_guide
from guiderail.sim.lab.experiment.registry import find_guide, installed

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Start the example's server on a free port."""
    command = [sys.executable, "-P", str(EXAMPLES / "http_guide.py"), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        yield child.stdout.readline().strip()
        child.kill()


def program(name: str) -> str:
    return f"{sys.executable} {EXAMPLES / name}"


@pytest.mark.parametrize("name", [f"{EXAMPLES / 'class_guide.py'}:Calm", program("stdio_guide.py")])
def test_a_guide_of_ours_passes_the_check(name: str) -> None:
    findings = check_guide(name)
    assert (findings.cases, findings.passed, findings.trips) == (290, 290, 24)
    assert findings.failed == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [*installed(), *(f"guiderail.agents.makers:{name}" for name in PRESETS)]
)
def test_every_built_in_guide_passes_the_check(name: str) -> None:
    assert check_guide(name).failed == []


@pytest.mark.slow
def test_the_server_passes_the_check(server: str) -> None:
    findings = check_guide(server)
    assert (findings.passed, findings.failed) == (290, [])


def test_the_cars_side_gives_every_verdict() -> None:
    findings = check_car(program("car_side.py"))
    assert (findings.cases, findings.passed, findings.failed) == (290, 290, [])


def test_a_cars_side_with_a_fault_is_convicted(tmp_path: Path) -> None:
    """It accepts what it should call too late; everything else is right."""
    code = (EXAMPLES / "car_side.py").read_text("utf-8")
    fault = 'reason = "admissible" if reason == "too_late" else reason\n    print('
    broken = tmp_path / "broken.py"
    broken.write_text(code.replace("print(", fault), "utf-8")
    failed = check_car(f"{sys.executable} {broken}").failed
    assert failed
    assert all("instead of refuse too_late" in one["problem"] for one in failed)


@pytest.mark.slow
def test_a_guide_that_breaks_the_protocol_is_convicted(tmp_path: Path) -> None:
    rude = tmp_path / "rude.py"
    rude.write_text("import sys\nfor line in sys.stdin: print('Turn left!', flush=True)\n")
    findings = check_guide(f"{sys.executable} {rude}")
    assert findings.passed == 0
    assert {one["problem"] for one in findings.failed} == {"malformed:not_json"}


def test_a_program_may_have_a_settings_file_of_its_own() -> None:
    assert callable(find_guide(f"{program('stdio_guide.py')} --config mine.toml"))


def test_the_settings_files_are_valid() -> None:
    assert callable(find_guide(str(EXAMPLES / "process_guide.toml")))
    values: dict[str, Any] = {"provider": "xai", "model": "grok-4"}
    assert checked(LlmSettings, values, "x").key_name == "XAI_API_KEY"


def test_an_agent_rides_along_over_mcp() -> None:
    pytest.importorskip("mcp")
    command = [sys.executable, "-P", str(EXAMPLES / "mcp_agent.py")]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert result.returncode == 0, result.stderr
    ended = json.loads(result.stdout.replace("'", '"'))
    assert ended["outcome"] == "arrived"
    assert ended["infractions"] == []
    assert ended["messages"] > 0
