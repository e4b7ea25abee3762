"""Ground truth: vehicle, traffic, signals and clock; a stranger to driver and judge."""
