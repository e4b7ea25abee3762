"""
A language model as guide (extra ``llm``): any provider of pydantic-ai, or a server of your own.

Whatever the provider returns passes through the same strict reader as the bytes of a stranger. Keys
come from the environment, stand in no setting, and are cut out of every text that is kept.
"""

import os
from functools import partial
from importlib import import_module, resources
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator

from guiderail.agents.doors.remote import Channel, RemoteMaker, Settings, checked, nobody
from guiderail.maps.errors import to_install
from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.errors import PluginError
from guiderail.sim.contract.ports import GuideMaker

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic_ai.models import Model

KEYS: Final = {
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "google": "GEMINI_API_KEY",
    "xai": "XAI_API_KEY",
}
"""Where each provider's key is looked for unless ``key_env`` says otherwise."""
XAI_ENDPOINT: Final = "https://api.x.ai/v1"
"""xAI speaks OpenAI's protocol there; its own library speaks gRPC, which nothing here records."""
NO_KEY: Final = "none"
"""Sent to servers of one's own, which want some key and look at none."""

Provider = Literal["openai", "anthropic", "google", "xai", "openai_compatible"]


class LlmSettings(Settings):
    """Which model, how it is asked, and what a trip may cost."""

    name: Annotated[str, Field(min_length=1, max_length=64)] = "llm"
    provider: Provider
    model: Annotated[str, Field(min_length=1, max_length=200)]
    endpoint: str = ""
    """Base URL, for ``openai_compatible`` (Ollama, vLLM, llama.cpp) or a proxy of a provider."""
    key_env: str = ""
    """Variable that holds the key; left out, the provider's usual one."""
    deadline_s: Annotated[float, Field(gt=0, le=600, allow_inf_nan=False)] = 10.0
    output: Literal["tool", "native", "prompted"] = "tool"
    """How the form of the answer is asked for: small local models often manage only ``native``
    (a grammar on the server) or ``prompted`` (instructions)."""
    tools: bool = True
    """Whether it may look up places, other ways and verdicts before it answers."""
    brief: bool = False
    """Whether it is shown only the road, the junction ahead and the goal: fewer tokens."""
    prompt: Path | None = None
    """Instructions; left out, the ones that are shipped."""
    retries: Annotated[int, Field(ge=0, le=5)] = 1
    """How often an answer of the wrong form is sent back, within the deadline."""
    plain_text: bool = False
    """Ask for names and words of plain letters alone: for models that spell bytes at random."""
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    max_output_tokens: Annotated[int, Field(ge=16, le=100_000)] = 500
    """Longest answer, thinking included [tokens]."""
    trip_requests: Annotated[int, Field(ge=1, le=100_000)] = 300
    """Requests in one trip; then the guide is lost."""
    trip_tokens: Annotated[int, Field(ge=1, le=1_000_000_000)] = 1_000_000
    """Tokens in one trip, in and out."""
    trip_cost_usd: Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)] | None = None
    """Cost of one trip [USD], where the provider's prices are known."""

    @model_validator(mode="after")
    def _has_endpoint(self) -> Self:
        if self.provider == "openai_compatible" and not self.endpoint:
            raise ValueError("openai_compatible needs endpoint, the base URL of the server")
        if self.endpoint and not self.endpoint.startswith(("http://", "https://")):
            raise ValueError("endpoint must begin with http:// or https://")
        return self

    @property
    def key_name(self) -> str:
        """Variable that holds the key; empty where none is needed."""
        return self.key_env or KEYS.get(self.provider, "")


def door(values: dict[str, Any], folder: Path) -> GuideMaker:
    """
    Make the maker of language-model guides.

    Raises
    ------
    PluginError
        When a setting is wrong, the extra is missing, or the key is not in the environment.
    """
    settings = checked(LlmSettings, values, "LLM guide")
    prompt = _prompt(settings, folder)
    fingerprint = settings.model_dump_json(exclude={"record", "offline", "prompt"}) + prompt
    if settings.offline:
        return RemoteMaker(settings, nobody, folder, fingerprint=fingerprint)
    _need_the_extra()
    model = partial(_model, settings, _key(settings))
    return make(settings, model, prompt, folder, fingerprint)


def language_model(
    provider: Provider, model: str, endpoint: str = "", **settings: Any
) -> GuideMaker:
    """
    Make the maker of guides of one model: ``language_model("xai", "grok-4")``.

    Parameters
    ----------
    provider
        ``openai``, ``anthropic``, ``google``, ``xai`` or ``openai_compatible``.
    model
        The provider's name for it.
    endpoint
        Base URL, for ``openai_compatible``.
    settings
        More fields of :class:`LlmSettings`; never a key.

    Raises
    ------
    PluginError
        As :func:`door`.
    """
    values = {"provider": provider, "model": model, "endpoint": endpoint, **settings}
    return door(values, Path())


def make(
    settings: LlmSettings,
    model: "Callable[[], Model]",
    prompt: str,
    folder: Path = Path(),
    fingerprint: str = "",
) -> GuideMaker:
    """Make the maker for any model object of pydantic-ai, a test double included."""
    _need_the_extra()
    channel: Any = import_module("guiderail.agents.doors.llm_channel")
    secret = os.environ.get(settings.key_name, "")

    def connect(network: RoadNetwork) -> Channel:
        made: Channel = channel.ModelChannel(settings, model(), prompt, network, secret)
        return made

    return RemoteMaker(settings, connect, folder, fingerprint=fingerprint)


def shipped_prompt() -> str:
    """Instructions that are shipped, a versioned file."""
    file = resources.files("guiderail.agents.doors").joinpath("data/prompt-1.md")
    return file.read_text("utf-8")


def _prompt(settings: LlmSettings, folder: Path) -> str:
    if settings.prompt is None:
        return shipped_prompt()
    try:
        return (folder / settings.prompt).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PluginError(
            f"LLM guide: cannot read prompt {str(settings.prompt)!r}: {error}"
        ) from None


def _need_the_extra() -> None:
    if find_spec("pydantic_ai") is None:
        raise PluginError(f"a language model as guide needs the extra llm: {to_install('llm')}")


def _key(settings: LlmSettings) -> str:
    name = settings.key_name
    if not name:
        return NO_KEY
    key = os.environ.get(name, "")
    if not key:
        raise PluginError(f"LLM guide: set {name} to your key for {settings.provider}")
    return key


def _model(settings: LlmSettings, key: str) -> "Model":
    """Build the model: the only place that knows one provider from another."""
    # Each only where it is used: their libraries take seconds to load.
    url = settings.endpoint or None
    if settings.provider == "anthropic":
        from pydantic_ai.models.anthropic import AnthropicModel  # noqa: PLC0415  an extra
        from pydantic_ai.providers.anthropic import AnthropicProvider  # noqa: PLC0415

        return AnthropicModel(settings.model, provider=AnthropicProvider(api_key=key, base_url=url))
    if settings.provider == "google":
        from pydantic_ai.models.google import GoogleModel  # noqa: PLC0415
        from pydantic_ai.providers.google import GoogleProvider  # noqa: PLC0415

        return GoogleModel(settings.model, provider=GoogleProvider(api_key=key, base_url=url))
    from pydantic_ai.models.openai import OpenAIChatModel  # noqa: PLC0415
    from pydantic_ai.providers.openai import OpenAIProvider  # noqa: PLC0415

    if settings.provider == "xai":
        url = url or XAI_ENDPOINT
    return OpenAIChatModel(settings.model, provider=OpenAIProvider(api_key=key, base_url=url))
