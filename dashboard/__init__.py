"""Interactive map, not built yet."""
