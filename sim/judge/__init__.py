"""The independent referee; it reads the trace and the map, and finds no routes."""
