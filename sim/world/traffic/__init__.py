"""Everybody else on the road, and the signals that rule them."""
