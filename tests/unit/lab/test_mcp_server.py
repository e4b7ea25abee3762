"""An agent over MCP sits in the guide's seat: it sees, looks up, proposes, and is answered."""

import asyncio
from typing import Any

import pytest

from guiderail.sim.contract.errors import PluginError
from guiderail.sim.lab.experiment.scenario import Scenario, make_scenario
from guiderail.sim.lab.serve import mcp_server
from guiderail.sim.lab.serve.mcp_server import Ride, make_server

mcp = pytest.importorskip("mcp")


@pytest.fixture
def scenario() -> Scenario:
    """One guarded trip through the town."""
    values = {"map": "town", "guide": "mcp", "arms": ["guarded"], "rates": [0.0], "seed": 3}
    return make_scenario(values)


def talk(ride: Ride, agent: Any) -> dict[str, Any]:
    """Let an agent ride along; it gets a function that calls tools."""

    async def run() -> dict[str, Any]:
        async with mcp.Client(make_server(ride)) as client:

            async def call(tool: str, **arguments: Any) -> Any:
                result = await client.call_tool(tool, arguments)
                assert not result.is_error, result.content
                found = result.structured_content
                return found.get("result", found)

            tools = {tool.name for tool in (await client.list_tools()).tools}
            assert tools == {"observe", "find_place", "propose", "say"}
            ride.start()
            result: dict[str, Any] = await agent(call)
            return result

    return asyncio.run(asyncio.wait_for(run(), 60))


async def to_the_end(call: Any) -> dict[str, Any]:
    """Observe until the trip has ended."""
    while True:
        seen = await call("observe")
        if "ended" in seen:
            result: dict[str, Any] = seen["ended"]
            return result


def test_an_agent_that_only_looks_is_a_silent_guide(scenario: Scenario) -> None:
    ended = talk(Ride(scenario, 4, 30.0, None), to_the_end)
    assert (ended["outcome"], ended["messages"], ended["detour_s"]) == ("arrived", 0, 0.0)


def test_a_proposal_is_decided_and_the_verdict_shown(scenario: Scenario) -> None:
    async def agent(call: Any) -> dict[str, Any]:
        await call("observe")
        sent = await call("propose", ask="via", place="Atlantis", words="To Atlantis!")
        assert sent == {"heard": True, "malformed": None}
        seen = await call("observe")
        verdict = seen["observation"]["verdicts"][0]
        assert (verdict["decision"], verdict["reason"]) == ("refuse", "unknown_place")
        assert await call("say", words="Sorry.") == {"heard": True, "malformed": None}
        return await to_the_end(call)

    ended = talk(Ride(scenario, 4, 30.0, 1_000), agent)
    assert (ended["messages"], ended["refused"], ended["infractions"]) == (2, 1, [])


def test_places_are_looked_up(scenario: Scenario) -> None:
    async def agent(call: Any) -> dict[str, Any]:
        seen = (await call("observe"))["observation"]
        name = seen["places"][0]["name"]
        found = await call("find_place", name=name)
        assert found[0]["name"] == name
        near = await call("find_place", name=name[:-1] + "x")
        assert near
        return await to_the_end(call)

    talk(Ride(scenario, 4, 30.0, None), agent)


def test_what_is_malformed_is_said_so_and_refused(scenario: Scenario) -> None:
    async def agent(call: Any) -> dict[str, Any]:
        await call("observe")
        sent = await call("propose", ask="brake")
        assert sent == {"heard": True, "malformed": "unknown_word"}
        return await to_the_end(call)

    ended = talk(Ride(scenario, 4, 30.0, 1_000), agent)
    assert (ended["messages"], ended["refused"]) == (1, 1)


def test_nothing_is_heard_without_a_question(scenario: Scenario) -> None:
    async def agent(call: Any) -> dict[str, Any]:
        ended = await to_the_end(call)
        assert (await call("say", words="Too late."))["heard"] is False
        return ended

    talk(Ride(scenario, 4, 30.0, None), agent)


def test_an_agent_that_sleeps_costs_its_deadline(scenario: Scenario) -> None:
    async def agent(call: Any) -> dict[str, Any]:
        await call("observe")
        await asyncio.sleep(0.5)
        return await to_the_end(call)

    ended = talk(Ride(scenario, 4, 0.2, None), agent)
    assert ended["outcome"] == "arrived"
    assert ended["messages"] >= 1  # the missed question, as a fault


def test_without_the_extra_one_sentence_says_how_to_install_it(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mcp_server, "find_spec", lambda _: None)
    with pytest.raises(PluginError, match=r"pip install 'guiderail\[mcp\]'"):
        make_server(Ride(scenario, 4, 1.0, None))
