"""
A real server, a real grammar, no meaning: llama.cpp with random weights as the guide.

Needs the packages of the group ``wire``, which ``.ci/run`` installs where there are wheels.
"""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from guiderail.maps.library.load import load_map
from guiderail.sim.lab.conformance.checker import check_guide
from guiderail.sim.lab.experiment.run import Laboratory
from guiderail.sim.lab.experiment.scenario import make_scenario
from guiderail.sim.lab.measure import metrics

pytest.importorskip("gguf", reason="the model file needs gguf: pip install gguf xllamacpp")
pytest.importorskip("xllamacpp", reason="no llama.cpp server: pip install gguf xllamacpp")

ROOT = Path(__file__).parents[2]
READY_S = 60


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Make the model and serve it; the server ends with its input."""
    command = [sys.executable, "-P", str(ROOT / "examples/random_llama.py"), "0"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=environment, text=True,
    ) as child:  # fmt: skip
        assert child.stdout is not None
        address = child.stdout.readline().strip()
        if not address:
            pytest.skip("llama.cpp's server does not start on this machine")
        _wait_for(address)
        yield address
        child.kill()


def _wait_for(address: str) -> None:
    until = monotonic() + READY_S
    while monotonic() < until:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=1):  # noqa: S310  our own
                return
        except OSError:
            sleep(0.1)
    pytest.fail(f"the server was not ready after {READY_S} s")


@pytest.fixture(scope="module")
def settings(server: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the example's settings, with this server's address."""
    folder = tmp_path_factory.mktemp("llama")
    text = (ROOT / "examples/random_llama.toml").read_text("utf-8")
    text = text.replace("http://127.0.0.1:8089", server).replace("../out/random_llama", "taped")
    (folder / "guide.toml").write_text(text, "utf-8")
    (folder / "random_llama.md").write_text("Answer.", "utf-8")
    return folder / "guide.toml"


def laboratory(settings: Path, trips: int) -> Laboratory:
    """Helsinki, every arm, one rate."""
    arms = ["guarded", "obeying_machine"]
    scenario = {"guide": str(settings), "arms": arms, "rates": [1.0], "trips": trips}
    return Laboratory(make_scenario(scenario), load_map("helsinki"))


def test_random_weights_speak_the_protocol_over_real_http(settings: Path) -> None:
    lab = laboratory(settings, 1)
    runs = lab.trip(0)
    heard = [one.advice for result in runs for one in metrics.heard(result.run.trace)]
    read = [one for one in heard if not one.label]
    assert len(read) > len(heard) / 2
    assert all(one.proposal is not None and one.latency_ms > 0 for one in read)
    guarded = [result for result in runs if result.run.arm == "guarded"]
    assert [one.induced for one in guarded] == [()]
    assert not any(result.run.lost for result in runs)


def test_a_taped_ride_is_repeated_to_the_bit_without_the_server(settings: Path) -> None:
    first = laboratory(settings, 1).trip(0)
    text = settings.read_text("utf-8")
    dead = settings.with_name("dead.toml")
    address = next(line for line in text.splitlines() if line.startswith("endpoint"))
    dead.write_text(text.replace(address, 'endpoint = "http://127.0.0.1:9/v1"'), "utf-8")
    again = laboratory(dead, 1).trip(0)
    digests = [[result.run.trace.digest() for result in runs] for runs in (first, again)]
    assert digests[0] == digests[1]
    said = [[one.advice.words for one in metrics.heard(r.run.trace)] for r in first]
    assert said[0][0] == said[1][0]  # both arms hear the same words


def test_the_transcript_holds_prompt_reply_and_tokens(settings: Path) -> None:
    laboratory(settings, 1).trip(0)
    tape = next((settings.parent / "taped").glob("*.jsonl"))
    lines: list[Any] = [json.loads(line) for line in tape.read_text("utf-8").splitlines()]
    asked = [line for line in lines if "exchange" in line and "reply" in line["exchange"]]
    assert asked
    assert "Answer." in json.dumps(asked[0]["exchange"]["messages"])
    assert asked[-1]["exchange"]["trip_output_tokens"] > 0


@pytest.mark.slow
def test_the_random_model_passes_the_guide_check(settings: Path) -> None:
    findings = check_guide(str(settings))
    bad = [one for one in findings.failed if not one["problem"].startswith("fault:")]
    assert bad == []
    assert findings.passed > 0.9 * findings.cases
