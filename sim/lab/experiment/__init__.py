"""From a scenario to the runs of its trips."""
