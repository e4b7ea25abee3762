"""
An agent that rides along over MCP; any MCP client can do the same.

    pip install 'guiderail[mcp]'
    python examples/mcp_agent.py
"""

import asyncio
import sys

from mcp import Client, StdioServerParameters

SERVER = ["-m", "guiderail.sim.lab.cli.main", "serve-mcp", "--map", "town", "--trip", "3"]


async def ride() -> None:
    """Name each planned turn until the car has arrived."""
    async with Client(StdioServerParameters(command=sys.executable, args=SERVER)) as car:
        while True:
            seen = (await car.call_tool("observe")).structured_content
            if "ended" in seen:
                print(seen["ended"])
                return
            turn = next((t for t in seen["observation"]["turns"] if t["is_planned"]), None)
            if turn is None or turn["direction"] == "straight":
                continue
            wish = {"ask": "turn", "direction": turn["direction"], "onto": turn["onto"]}
            await car.call_tool("propose", {**wish, "words": f"Next {turn['direction']}."})


asyncio.run(ride())
