"""Experiments: the composition root, the only place that knows every side."""
