"""Ground truth, computed from motion and processes; knows neither driver nor judge."""
