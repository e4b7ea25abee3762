"""A language model as guide: its logic with a scripted model, no network and no key."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pydantic_ai.models
import pytest
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.profiles import ModelProfile

from guiderail.agents.doors import llm
from guiderail.agents.doors.llm import LlmSettings, door, language_model, make, shipped_prompt
from guiderail.agents.doors.remote import Remote
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.errors import PluginError
from guiderail.sim.contract.messages import (
    Ask,
    Decision,
    Direction,
    Observation,
    Proposal,
    Reason,
    Verdict,
)

CANARY = "sk-canary-7f3a91c2e5"
LEFT = {"words": "Left here.", "proposal": {"ask": "turn", "direction": "left"}, "confidence": 0.7}
Script = Callable[[list[ModelMessage], AgentInfo], Any]
Hire = Callable[..., Remote]


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test of this file may reach a provider."""
    monkeypatch.setattr(pydantic_ai.models, "ALLOW_MODEL_REQUESTS", False)


@pytest.fixture
def hire(network: RoadNetwork, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hire]:
    """Hire a guide whose model follows a script."""
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)

    def _hire(script: Script, **settings: Any) -> Remote:
        values = {"provider": "openai", "model": "scripted", "deadline_s": 5.0, **settings}
        checked = LlmSettings(**values)
        profile = ModelProfile(supports_json_schema_output=True)
        model = FunctionModel(_awaited(script), profile=profile)
        maker = make(checked, lambda: model, "Answer.")
        guide = maker(network, TripSeed(1, 2), closed=frozenset[LinkId](), rate=0)
        assert isinstance(guide, Remote)
        return guide

    return _hire


def _awaited(script: Script) -> Any:
    async def play(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        result = script(messages, info)
        return await result if asyncio.iscoroutine(result) else result

    return play


def says(answer: dict[str, Any]) -> Script:
    """Give the same answer, in whatever form it is asked for."""

    def script(_: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        if info.output_tools:
            return ModelResponse([ToolCallPart(info.output_tools[0].name, answer)])
        return ModelResponse([TextPart(json.dumps(answer))])

    return script


@pytest.mark.parametrize("output", ["tool", "native", "prompted"])
def test_an_answer_is_advice_in_every_output_mode(
    hire: Hire, approaching: Observation, output: str
) -> None:
    advice = hire(says(LEFT), output=output).advise(approaching)
    assert advice is not None
    assert (advice.words, advice.confidence, advice.label) == ("Left here.", 0.7, "")
    assert advice.proposal == Proposal(
        ask=Ask.TURN, seen_ms=5_000, at=LinkId(0), direction=Direction.LEFT
    )


def test_the_model_is_shown_the_observation_and_the_prompt(
    hire: Hire, approaching: Observation
) -> None:
    shown: list[str] = []

    def script(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        shown.append(repr(messages))
        result: ModelResponse = says({"words": ""})(messages, info)
        return result

    assert hire(script).advise(approaching) is None
    assert "High Street" in shown[0]
    assert "Answer." in shown[0]


def test_the_model_may_look_things_up_before_it_answers(
    hire: Hire, approaching: Observation
) -> None:
    said = Proposal(ask=Ask.VIA, seen_ms=0, place="Atlantis")
    refusal = Verdict(proposal=said, decision=Decision.REFUSE, reason=Reason.UNKNOWN_PLACE)
    returned: dict[str, Any] = {}

    def script(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        if len(messages) == 1:
            calls = {"find_place": {"name": "harbour cafe"}, "other_ways": {}, "verdicts": {}}
            return ModelResponse([ToolCallPart(name, args) for name, args in calls.items()])
        returned.update({part.tool_name: part.content for part in messages[-1].parts})  # type: ignore[union-attr]
        result: ModelResponse = says(LEFT)(messages, info)
        return result

    seen = replace(approaching, verdicts=(refusal,))
    assert hire(script).advise(seen) is not None
    place = {"name": "Harbor Cafe", "kind": "cafe", "road": "Dock Road"}
    assert returned["find_place"] == [place]
    # Straight on, 300 m, is best; by High Street, 400 m, the route leaves it to the left.
    ways = {way["onto"]: way for way in returned["other_ways"]}
    assert ways[1]["direction"] == "left"
    assert ways[1]["extra_s"] > 0
    assert returned["verdicts"][0]["reason"] == "unknown_place"


def test_without_tools_there_is_none(hire: Hire, approaching: Observation) -> None:
    tools: list[int] = []

    def script(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        tools.append(len(info.function_tools))
        result: ModelResponse = says(LEFT)(messages, info)
        return result

    hire(script, tools=False).advise(approaching)
    hire(script, tools=True).advise(approaching)
    assert tools == [0, 3]


def test_an_answer_of_the_wrong_form_is_sent_back(hire: Hire, approaching: Observation) -> None:
    def script(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        wrong = {"proposal": {"ask": "brake"}}
        result: ModelResponse = says(LEFT if len(messages) > 1 else wrong)(messages, info)
        return result

    advice = hire(script, retries=1).advise(approaching)
    assert advice is not None
    assert advice.words == "Left here."
    failed = hire(script, retries=0).advise(approaching)
    assert failed is not None
    assert failed.label == "fault:model"


def test_a_slow_model_costs_its_deadline(hire: Hire, approaching: Observation) -> None:
    async def late(*_: Any) -> ModelResponse:
        await asyncio.sleep(30)
        return ModelResponse([])

    advice = hire(late, deadline_s=0.2).advise(approaching)
    assert advice is not None
    assert (advice.label, advice.latency_ms) == ("fault:timeout", 200)


def test_an_error_of_the_provider_is_silence_and_counted(
    hire: Hire, approaching: Observation
) -> None:
    def busy(*_: Any) -> ModelResponse:
        raise ModelHTTPError(429, "scripted", {"error": f"key {CANARY} is out of quota"})

    advice = hire(busy).advise(approaching)
    assert advice is not None
    assert (advice.words, advice.proposal, advice.label) == ("", None, "fault:http_status")


def test_a_trip_that_used_up_its_requests_loses_its_guide(
    hire: Hire, approaching: Observation
) -> None:
    guide = hire(says(LEFT), trip_requests=2)
    later = [replace(approaching, time_ms=k * 100_000, occasion=k) for k in range(4)]
    said = [guide.advise(seen) for seen in later[:3]]
    assert [one and one.label for one in said] == ["", "", "fault:limit"]
    with pytest.raises(PluginError, match="is lost: limit"):
        guide.advise(later[3])


@pytest.mark.parametrize("quoted", [CANARY, CANARY[:12] + "...", f"Bearer {CANARY}", CANARY[4:]])
def test_a_key_that_a_provider_quotes_is_cut_out(
    hire: Hire, approaching: Observation, quoted: str
) -> None:
    def blab(*_: Any) -> ModelResponse:
        raise RuntimeError(f"invalid key {quoted}")

    guide = hire(blab)
    guide.advise(approaching)
    kept = json.dumps(guide.exchange)
    assert "[key]" in kept
    assert not any(CANARY[k : k + 8] in kept for k in range(len(CANARY) - 7))


def test_a_key_that_the_model_repeats_is_cut_out_of_the_transcript(
    hire: Hire, approaching: Observation
) -> None:
    guide = hire(says({"words": f"The key is {CANARY}."}))
    advice = guide.advise(approaching)
    assert advice is not None
    assert CANARY not in advice.words + json.dumps(guide.exchange)


@pytest.mark.parametrize(
    ("provider", "key", "kind", "url"),
    [
        ("openai", "OPENAI_API_KEY", OpenAIChatModel, "https://api.openai.com/v1/"),
        ("xai", "XAI_API_KEY", OpenAIChatModel, "https://api.x.ai/v1/"),
        ("anthropic", "ANTHROPIC_API_KEY", AnthropicModel, "https://api.anthropic.com"),
        ("google", "GEMINI_API_KEY", GoogleModel, "https://generativelanguage.googleapis.com"),
        ("openai_compatible", "", OpenAIChatModel, "http://127.0.0.1:11434/v1/"),
    ],
)
def test_every_provider_is_reached_where_it_lives(
    monkeypatch: pytest.MonkeyPatch, provider: Any, key: str, kind: type, url: str
) -> None:
    if key:
        monkeypatch.setenv(key, CANARY)
    endpoint = "" if key else url.rstrip("/")
    settings = LlmSettings(provider=provider, model="m", endpoint=endpoint)
    model = llm._model(settings, CANARY)  # noqa: SLF001  nothing else shows where it would go
    assert type(model) is kind
    assert str(model.base_url).startswith(url.rstrip("/"))
    assert CANARY not in repr(settings)
    assert CANARY not in language_model(provider, "m", endpoint).fingerprint  # type: ignore[attr-defined]


def test_without_a_key_one_sentence_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XAI_API_KEY", raising=False)
    with pytest.raises(PluginError, match="set XAI_API_KEY to your key for xai"):
        language_model("xai", "grok-4")


def test_without_the_extra_one_sentence_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(llm, "find_spec", lambda _: None)
    with pytest.raises(PluginError, match=r"pip install 'guiderail\[llm\]'"):
        language_model("openai_compatible", "m", "http://127.0.0.1:1/v1")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"model": "m"}, "provider: Field required"),
        ({"provider": "acme", "model": "m"}, "provider: Input should be 'openai'"),
        ({"provider": "openai_compatible", "model": "m"}, "needs endpoint"),
        ({"provider": "openai", "model": "m", "endpoint": "file:x"}, "must begin with http"),
        ({"provider": "openai", "model": "m", "api_key": "x"}, "unknown setting 'api_key'"),
        ({"provider": "openai", "model": "m", "prompt": "none.md"}, "cannot read prompt"),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    values: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(PluginError, match=message):
        door(values, tmp_path)


def test_the_shipped_prompt_names_every_request_and_direction() -> None:
    prompt = shipped_prompt()
    assert all(f'"{ask.value}"' in prompt for ask in Ask)
    assert all(direction.value in prompt for direction in Direction)
