"""Shortest paths over turns: one reverse tree per goal, detours, closures."""
