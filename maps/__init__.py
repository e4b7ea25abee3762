"""Roads: a compiled, frozen road network, and what can be read off it. Imports nothing of ours."""
