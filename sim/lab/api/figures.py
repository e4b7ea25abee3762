"""Figures from Python: matplotlib figures that a notebook shows, or PNG files."""

from collections.abc import Mapping
from pathlib import Path

from guiderail.sim.contract.errors import ResultError
from guiderail.sim.lab.api.tables import Results
from guiderail.sim.lab.api.trips import TripResult
from guiderail.sim.lab.report.figure import headline
from guiderail.sim.lab.report.picture import Picture
from guiderail.sim.lab.report.playback import map_drawing, trip_playback
from guiderail.sim.lab.report.trip_figure import draw_arms


def draw_headline(results: Results, path: Path | str | None = None) -> Picture:
    """
    Draw what the words cost in time against what they cost in safety, one curve per arm.

    Parameters
    ----------
    results
        Of a sweep.
    path
        A PNG file to write as well; None for none.

    Raises
    ------
    ResultError
        When the file cannot be written.
    """
    return _saved(headline(results.summary), path)


def draw_trip(
    trips: TripResult | Mapping[str, TripResult], path: Path | str | None = None
) -> Picture:
    """
    Draw a trip on its map: the ways of its arms, advice accepted and refused, infractions.

    Parameters
    ----------
    trips
        One run, or the arms of one trip as :func:`run_arms` returns them; the marks of advice are
        those of the first that heard any.
    path
        A PNG file to write as well; None for none.

    Raises
    ------
    ResultError
        When there is nothing to draw, or the file cannot be written.
    """
    rides = [trips] if isinstance(trips, TripResult) else list(trips.values())
    if not rides:
        raise ResultError("no trip to draw")
    network = rides[0].network
    drawn = [trip_playback(one.result, network) for one in rides]
    return _saved(draw_arms(drawn, map_drawing(network)), path)


def _saved(picture: Picture, path: Path | str | None) -> Picture:
    if path is not None:
        picture.save(Path(path))
    return picture
