"""Studies beside the main sweep, each with its run, its table and its figure."""
