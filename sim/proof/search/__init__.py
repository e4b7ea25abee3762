"""The exhaustive search of a junction, and the strategic shield."""
