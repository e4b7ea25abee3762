"""The published schema of the protocol, as text."""

from importlib import resources


def schema_text() -> str:
    """One JSON Schema (2020-12) with Observation, Advice, Proposal and Verdict in ``$defs``."""
    file = resources.files("guiderail.sim.wire").joinpath("data/guiderail-1.schema.json")
    return file.read_text("utf-8")
