"""The one error of this package."""


class MapError(ValueError):
    """A map cannot be found, read, or does not hold together."""
