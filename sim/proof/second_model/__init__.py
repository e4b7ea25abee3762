"""A second model of the junction, checked by Storm."""
