"""
Which language model a person named, and how it is asked.

A link may hold its name; only the press of a button asks it. Keys come from the environment of the
server alone, and go to no other address than their provider's.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.lab.report.story import printable

PROVIDERS: Final = ("openai", "anthropic", "google", "xai", "openai_compatible")
OUTPUTS: Final = ("tool", "native", "prompted")
MOST_REQUESTS: Final = 60
"""Requests to a model in one ride or game: what a curious click may cost."""


@dataclass(frozen=True, kw_only=True)
class Model:
    """Which model is asked, and how."""

    provider: str = "openai_compatible"
    model: str = ""
    endpoint: str = "http://127.0.0.1:11434/v1"
    output: str = "tool"

    def settings(self) -> dict[str, Any]:
        """
        Settings of the door ``llm``, as a file of a guide holds them.

        Raises
        ------
        ScenarioError
            When no model is named, or its endpoint holds a user or a password.
        """
        if not self.model.strip():
            raise ScenarioError("name a model, as its provider calls it")
        if self._holds_a_password:
            raise ScenarioError("no user or password in an endpoint: a link would carry them")
        values = {key: value for key, value in asdict(self).items() if value}
        if self.provider != "openai_compatible":
            values.pop("endpoint", None)  # a key is sent to its provider, wherever a link points
        return values | {"trip_requests": MOST_REQUESTS}

    def address(self) -> dict[str, str]:
        """What a link holds: all of it but an endpoint with a user or a password."""
        return asdict(self) | ({"endpoint": ""} if self._holds_a_password else {})

    @property
    def _holds_a_password(self) -> bool:
        return "@" in self.endpoint


def model_of(address: Mapping[str, str]) -> Model:
    """Read a model from the address of the page; what makes no sense is the default."""
    plain = Model()
    provider, output = address.get("provider", ""), address.get("output", "")
    return Model(
        provider=provider if provider in PROVIDERS else plain.provider,
        model=printable(address.get("model", ""), 200),
        endpoint=printable(address.get("endpoint", plain.endpoint), 300),
        output=output if output in OUTPUTS else plain.output,
    )


def wish(proposal: Mapping[str, Any]) -> str:
    """
    Say in words what a model asked for.

    >>> wish({"ask": "go_to", "place": "Atlantis"})
    'go to Atlantis'
    """
    first = str(proposal.get("ask", "")).replace("_", " ")
    names = (str(value) for name, value in proposal.items() if name != "ask")
    return printable(" ".join([first, *names]), 120)
