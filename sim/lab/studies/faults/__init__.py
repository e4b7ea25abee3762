"""Study: a driving layer with faults of its own."""
