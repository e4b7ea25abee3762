"""
The HTTP shape of the OpenAI-compatible path, played from a cassette: no server, no network.

The cassette was recorded with ``examples/random_llama.py 8089`` by running this file with
``GUIDERAIL_RECORD=once`` in the environment.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import vcr

from guiderail.agents.doors.llm import language_model
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.messages import Advice, Observation

CASSETTE = Path(__file__).parent / "cassettes" / "llama.yaml"
CANARY = "sk-canary-7f3a91c2e5"


@pytest.fixture
def cassette() -> Iterator[Any]:
    """Play the cassette; any request that it does not hold is an error."""
    player = vcr.VCR(
        record_mode=os.environ.get("GUIDERAIL_RECORD", "none"),
        match_on=["method", "uri", "body"],
        filter_headers=["authorization"],
    )
    with player.use_cassette(str(CASSETTE)) as tape:
        yield tape


def test_a_recorded_exchange_is_advice(
    cassette: Any, network: RoadNetwork, approaching: Observation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", CANARY)
    maker = language_model(
        "openai_compatible",
        "random",
        "http://127.0.0.1:8089/v1",
        key_env="MY_KEY",
        output="native",
        tools=False,
        brief=True,
        plain_text=True,
        max_output_tokens=400,
    )
    guide: Any = maker(network, TripSeed(1, 2), closed=frozenset[LinkId](), rate=0)
    advice = guide.advise(approaching)
    guide.close()
    assert isinstance(advice, Advice)
    assert (advice.label, advice.words.isascii(), bool(advice.words)) == ("", True, True)
    assert advice.proposal is not None
    sent = json.loads(cassette.requests[0].body)
    assert sent["model"] == "random"
    assert sent["response_format"]["type"] == "json_schema"
    assert [message["role"] for message in sent["messages"]] == ["system", "user"]
    assert "High Street" in sent["messages"][1]["content"]


def test_the_cassette_holds_no_key() -> None:
    text = CASSETTE.read_text("utf-8")
    assert CANARY not in text
    assert "authorization" not in text.lower()
