"""Synthetic maps (being written)."""

from guiderail.maps.network import RoadNetwork


def town() -> RoadNetwork:
    """Make a town."""
    raise NotImplementedError
