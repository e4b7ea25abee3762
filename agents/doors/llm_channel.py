"""One conversation with a language model; imported only where the extra ``llm`` is installed."""

import asyncio
import json
import threading
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_ai import Agent, NativeOutput, PromptedOutput, RunContext, ToolOutput, UsageLimits
from pydantic_ai.exceptions import (
    ModelHTTPError,
    ModelTimeoutError,
    RunTimedOut,
    UsageLimitExceeded,
)
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RunUsage

from guiderail.agents.atlas import Atlas, atlas_of
from guiderail.agents.doors.llm import LlmSettings
from guiderail.agents.doors.remote import Fault, FaultKind, scrubbed
from guiderail.agents.wording import road_name
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing.detours import alternatives
from guiderail.sim.contract.messages import Ask, Direction, Observation
from guiderail.sim.wire.documents import (
    direction_of,
    encoded,
    places_named,
    verdict_document,
)
from guiderail.sim.wire.reader import NAME_LIMIT, PROTOCOL, WORDS_LIMIT

WAYS_SHOWN: Final = 3
"""Other ways that a model is told of: ours, since each costs tokens at every question."""
_GRACE_S: Final = 0.25
"""Slack after the deadline [s]: the event loop ends a run at the deadline itself."""
_CLOSING_S: Final = 2.0
"""Longest wait for connections to close [s]; the trip is over, so nobody needs them."""
_IN_BRIEF: Final = ("road", "distance_to_node_mm", "turns", "goal_name")

Name = Annotated[str, Field(min_length=1, max_length=NAME_LIMIT)]
PlainName = Annotated[str, Field(pattern=r"^[A-Za-z ]{1,24}$")]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Wish(_Form):
    """A change of route."""

    ask: Ask
    direction: Direction | None = None
    onto: int | None = None
    road: Name | None = None
    place: Name | None = None


class Answer(_Form):
    """What to say and what to ask for."""

    words: Annotated[str, Field(max_length=WORDS_LIMIT)] = ""
    proposal: Wish | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] = 1.0


class _Turn(_Form):
    ask: Literal["turn"]
    direction: Direction


class _Road(_Form):
    ask: Literal["take_road", "avoid"]
    road: PlainName


class _Place(_Form):
    ask: Literal["via", "go_to"]
    place: PlainName


class _Cancel(_Form):
    ask: Literal["cancel"]


class PlainAnswer(_Form):
    """The same in plain letters, with the fields that each request takes and no other."""

    words: PlainName
    proposal: _Turn | _Road | _Place | _Cancel


@dataclass(frozen=True, slots=True)
class ToolContext:
    """What the tools of one question look at."""

    seen: Observation
    atlas: Atlas


class ModelChannel:
    """
    The channel to one model, for one trip.

    Parameters
    ----------
    settings
        Form of the answers, limits.
    model
        Any model of pydantic-ai.
    prompt
        Its instructions.
    network
        The map, for its tools.
    secret
        A key to cut out of every text that is kept; empty for none.
    """

    def __init__(
        self, settings: LlmSettings, model: Model, prompt: str, network: RoadNetwork, secret: str
    ) -> None:
        self._settings = settings
        self._network = network
        self._secret = secret
        self._usage = RunUsage()
        self._agent = _agent(settings, model, prompt)
        self._model = model
        self._is_open = False
        self.notes: dict[str, Any] = {}
        """Tokens and messages of the last question, for the transcript."""

    def ask(self, seen: Observation, request: bytes, deadline_s: float) -> bytes:
        """Put one question; tools and retries all lie within the deadline."""
        self.notes = {}
        text = _brief(request) if self._settings.brief else request.decode()
        run = self._run(seen, text, deadline_s)
        future = asyncio.run_coroutine_threadsafe(run, _loop())
        try:
            return future.result(deadline_s + _GRACE_S)
        except (TimeoutError, RunTimedOut, ModelTimeoutError):
            future.cancel()
            raise Fault(FaultKind.TIMEOUT, "no answer by the deadline") from None
        except UsageLimitExceeded as error:
            raise Fault(FaultKind.LIMIT, self._scrubbed(error), is_final=True) from None
        except ModelHTTPError as error:
            raise Fault(FaultKind.HTTP_STATUS, f"status {error.status_code}") from None
        except Exception as error:  # noqa: BLE001  libraries and providers raise what they like
            detail = f"{type(error).__name__}: {self._scrubbed(error)}"
            raise Fault(FaultKind.MODEL, detail) from None

    def close(self) -> None:
        """Close the connections of this trip; the loop serves the next."""
        if self._is_open:
            self._is_open = False
            with suppress(Exception):  # whatever is left of a connection is the library's
                leave = self._model.__aexit__(None, None, None)
                asyncio.run_coroutine_threadsafe(leave, _loop()).result(_CLOSING_S)

    async def _run(self, seen: Observation, text: str, deadline_s: float) -> bytes:
        settings = self._settings
        cost = settings.trip_cost_usd
        limits = UsageLimits(
            request_limit=settings.trip_requests,
            total_tokens_limit=settings.trip_tokens,
            cost_limit=None if cost is None else Decimal(str(cost)),
        )
        if not self._is_open:
            await self._model.__aenter__()
            self._is_open = True
        async with asyncio.timeout(deadline_s):
            result = await self._agent.run(
                text,
                deps=ToolContext(seen, atlas_of(self._network)),
                usage=self._usage,
                usage_limits=limits,
            )
        self._note(result.new_messages_json())
        answer = result.output.model_dump(mode="json", exclude_none=True)
        return self._scrubbed(encoded({"protocol": PROTOCOL, **answer}).decode()).encode()

    def _note(self, messages: bytes) -> None:
        usage = self._usage
        self.notes = {
            "messages": json.loads(self._scrubbed(messages.decode())),
            "trip_requests": usage.requests,
            "trip_input_tokens": usage.input_tokens,
            "trip_output_tokens": usage.output_tokens,
        }

    def _scrubbed(self, text: object) -> str:
        return scrubbed(str(text), [self._secret])


def _agent(settings: LlmSettings, model: Model, prompt: str) -> Agent[ToolContext, Any]:
    form = PlainAnswer if settings.plain_text else Answer
    output: Any = {"tool": ToolOutput, "native": NativeOutput, "prompted": PromptedOutput}[
        settings.output
    ](form)
    tuning = ModelSettings(max_tokens=settings.max_output_tokens, timeout=settings.deadline_s)
    if settings.temperature is not None:
        tuning["temperature"] = settings.temperature
    return Agent(
        model,
        output_type=output,
        instructions=prompt,
        deps_type=ToolContext,
        retries=settings.retries,
        model_settings=tuning,
        tools=[find_place, other_ways, verdicts] if settings.tools else [],
    )


def _brief(request: bytes) -> str:
    shown = json.loads(request)
    return encoded({name: shown[name] for name in _IN_BRIEF}).decode()


def find_place(context: RunContext[ToolContext], name: str) -> list[dict[str, Any]]:
    """Look up a place by name: those of that name with kind and road, or the closest name."""
    atlas = context.deps.atlas
    return places_named(atlas.gazetteer, atlas.network, name)


def other_ways(context: RunContext[ToolContext]) -> list[dict[str, Any]]:
    """List the cheapest other ways to the goal: the turn that begins each, and its extra time."""
    seen, atlas = context.deps.seen, context.deps.atlas
    network = atlas.network
    tree = atlas.tree(seen.goal, frozenset(seen.reported_closed))
    ways = alternatives(network, tree, seen.link, WAYS_SHOWN, seen.reported_closed)
    return [
        {
            "at": way.leaves,
            "onto": way.onto,
            "road": road_name(network.link(way.onto)),
            "direction": _direction(network, way.leaves, way.onto),
            "extra_s": round(way.extra_ms / 1_000, 1),
        }
        for way in ways
    ]


def verdicts(context: RunContext[ToolContext]) -> list[dict[str, Any]]:
    """Read the driver's answers to your earlier proposals, oldest first."""
    return [verdict_document(one) for one in context.deps.seen.verdicts]


def _direction(network: RoadNetwork, at: LinkId, onto: LinkId) -> str:
    turn = network.turn(at, onto)
    return "" if turn is None else direction_of(turn).value


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """Return the one event loop of all models, in a thread of its own."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="guiderail-llm", daemon=True).start()
    return loop
