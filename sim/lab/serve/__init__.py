"""Servers on the loopback: the dashboard and the simulator as an MCP server."""
