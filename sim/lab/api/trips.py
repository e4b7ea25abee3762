"""One trip from Python: run it, in one arm or in several, and look at what came of it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.errors import ResultError, ScenarioError
from guiderail.sim.contract.trace import COLUMNS, Trace
from guiderail.sim.judge.infraction import Infraction, Judgement
from guiderail.sim.lab.api.tables import frame
from guiderail.sim.lab.experiment import scenario as scenarios
from guiderail.sim.lab.experiment.run import Laboratory, RunResult
from guiderail.sim.lab.experiment.scenario import Scenario, make_scenario
from guiderail.sim.lab.experiment.scenes import scene_named
from guiderail.sim.lab.measure.delay_bound import DelayBound
from guiderail.sim.lab.measure.measure import Scalar
from guiderail.sim.lab.report.geojson import trip_geojson
from guiderail.sim.lab.report.gif import write_gif
from guiderail.sim.lab.report.playback import map_drawing, trip_playback
from guiderail.sim.lab.report.player.page import player_page
from guiderail.sim.lab.report.story import tell
from guiderail.sim.lab.results import store
from guiderail.sim.lab.results.rows import infraction_rows, message_rows, trip_row
from guiderail.sim.lab.results.sweep import run_name

ScenarioSource = Scenario | Mapping[str, Any] | Path | str | None
"""A scenario, its keys, a TOML file, or None for that of the demo."""


@dataclass(frozen=True, kw_only=True, repr=False)
class TripResult:
    """
    One arm on one trip: the trace of what happened, the judgement, and the runs to compare with.

    Times are in ms, distances in mm, speeds in mm/s, as the names say; measures are in SI units.
    """

    run_name: str
    """Names program, map, scenario, seed and guide: the same name gives the same trip."""
    laboratory: Laboratory
    """Map, guide and routes of the experiment."""
    result: RunResult
    """The run, its silent twin, and the guarded run without a guide."""

    @property
    def network(self) -> RoadNetwork:
        """The map."""
        return self.laboratory.network

    @property
    def bound(self) -> DelayBound:
        """Worst that any guide can do to the guarded car on this trip."""
        return self.laboratory.bound(self.result.run.planned)

    @property
    def arm(self) -> str:
        """Who drove."""
        return self.result.run.arm

    @property
    def trace(self) -> Trace:
        """What truly happened: the motion and every event."""
        return self.result.run.trace

    @property
    def judgement(self) -> Judgement:
        """What the judge says about it."""
        return self.result.run.judgement

    @property
    def infractions(self) -> tuple[Infraction, ...]:
        """What the car did that breaks a rule, in order of time."""
        return self.judgement.breaches

    @property
    def induced(self) -> tuple[Infraction, ...]:
        """Infractions that the same car with a silent guide does not commit on this trip."""
        return tuple(one for one in self.infractions if self.result.is_induced(one))

    def measures(self) -> dict[str, Scalar]:
        """
        Every measure of the trip by name: the row that a sweep would write.

        What a measure means and its unit: ``guiderail.columns("trips")``.
        """
        return trip_row(self.result)

    def story(self) -> str:
        """Tell the trip in sentences, one event per line."""
        return "\n".join(tell(self.result, self.network))

    def trace_table(self) -> pa.Table:
        """Motion as an Arrow table, one row per tick of 100 ms; standstills may be left out."""
        motion = self.trace.table()
        return pa.table({name: motion[:, k] for k, name in enumerate(COLUMNS)})

    def infraction_table(self) -> pa.Table:
        """Everything that the judge noted, as in the table ``infractions`` of a sweep."""
        return _table("infractions", infraction_rows(self.result, self.network))

    def message_table(self) -> pa.Table:
        """Everything that was said and answered, as in the table ``messages`` of a sweep."""
        return _table("messages", message_rows(self.result.run, self.network))

    def to_pandas(self) -> Any:
        """
        Motion as a pandas frame; see :meth:`trace_table`.

        Raises
        ------
        PluginError
            When pandas is not installed.
        """
        return frame(self.trace_table())

    def save(self, path: Path | str) -> Path:
        """
        Write the trip to a file, by its ending: a player (.html), a film (.gif) or .geojson.

        Raises
        ------
        ResultError
            When the ending is another one, or the file cannot be written.
        """
        return save_trips([self], path)

    def __repr__(self) -> str:
        """Say in one line who drove and what came of it."""
        planned, trace = self.result.run.planned, self.trace
        return (
            f"<trip {planned.index}, {self.arm}: {trace.outcome} after "
            f"{trace.end_ms / 1_000:.1f} s, {len(self.infractions)} infractions>"
        )


class Experiment:
    """
    A scenario with its map and guide loaded once, for whoever runs many trips of it.

    >>> experiment = Experiment({"map": "town", "rates": [1.0], "od": {"min_s": 30, "max_s": 60}})
    >>> [experiment.run_trip(k, "guarded").trace.outcome.value for k in range(2)]
    ['arrived', 'arrived']
    """

    def __init__(
        self, scenario: ScenarioSource = None, laboratory: Laboratory | None = None, trip: int = 0
    ) -> None:
        """
        Load map and guide.

        Parameters
        ----------
        scenario
            A scenario, its keys, a TOML file, or None for that of the demo.
        laboratory
            Loaded already; then ``scenario`` is not read.
        trip
            The trip that is run where none is named.

        Raises
        ------
        GuiderailError
            When scenario, map or guide do not exist or cannot be used.
        """
        self._laboratory = laboratory or Laboratory(load_scenario(scenario))
        self._trip = trip

    @property
    def scenario(self) -> Scenario:
        """What is run."""
        return self._laboratory.scenario

    @property
    def network(self) -> RoadNetwork:
        """The map."""
        return self._laboratory.network

    def run_trip(
        self, trip: int | None = None, arm: str = "guarded", rate: float | None = None
    ) -> TripResult:
        """Run one trip in one arm; as :func:`run_trip`."""
        return self.run_arms(trip, (arm,), rate)[arm]

    def run_arms(
        self,
        trip: int | None = None,
        arms: Sequence[str] | None = None,
        rate: float | None = None,
    ) -> dict[str, TripResult]:
        """Run one trip in several arms; as :func:`run_arms`."""
        index = self._trip if trip is None else trip
        if index < 0:
            raise ScenarioError(f"trip {index} is below the least value, 0")
        one = self._narrowed(arms, rate)
        laboratory = self._laboratory
        name = run_name(one, laboratory.network.header, laboratory.program)
        return {
            result.run.arm: TripResult(run_name=name, laboratory=laboratory, result=result)
            for result in laboratory.trip(index, one.arms, one.rates)
        }

    def _narrowed(self, arms: Sequence[str] | None, rate: float | None) -> Scenario:
        """Check arms and rate as a scenario file would be checked."""
        mine = self.scenario
        chosen = {
            "arms": list(mine.arms if arms is None else arms),
            "rates": [mine.rates[-1] if rate is None else rate],
        }
        return make_scenario(mine.model_dump() | chosen)


def load_scenario(source: ScenarioSource = None, /, **keys: Any) -> Scenario:
    """
    Build a scenario from a TOML file, a dict or keywords; what is not named has its default.

    Parameters
    ----------
    source
        A scenario file, a mapping of its keys, a scenario to vary, or None for that of the demo.
    keys
        Top-level keys that replace those of the source; a table replaces only the keys it names.

    Raises
    ------
    ScenarioError
        When the file is missing, a key is unknown or a value is out of bounds.

    Examples
    --------
    >>> load_scenario(map="town", arms=["guarded"], trips=5).trips
    5
    >>> load_scenario({"conditions": {"friction": "ice"}}).conditions.friction
    0.1
    >>> load_scenario(mapp="town")
    Traceback (most recent call last):
    guiderail.sim.contract.errors.ScenarioError: unknown key 'mapp'; did you mean 'map'?
    """
    if source is None or isinstance(source, Path | str):
        return scenarios.load_scenario(source, keys)
    values = source.model_dump() if isinstance(source, Scenario) else dict(source)
    for key, value in keys.items():
        is_table = isinstance(value, Mapping) and isinstance(values.get(key), Mapping)
        values[key] = {**values[key], **value} if is_table else value
    return make_scenario(values)


def run_trip(
    scenario: ScenarioSource = None,
    trip: int | None = None,
    arm: str = "guarded",
    rate: float | None = None,
) -> TripResult:
    """
    Run one trip in one arm, with its silent twin.

    Parameters
    ----------
    scenario
        A scenario, its keys, a TOML file, or None for that of the demo.
    trip
        Number of the trip, from 0; None for the first.
    arm
        Who drives: one of :func:`list_arms`.
    rate
        Share of utterances that are wrong, 0 to 1; None for the scenario's largest.

    Raises
    ------
    GuiderailError
        When anything named does not exist or is out of bounds.

    Examples
    --------
    >>> ride = run_trip({"map": "town", "guide": "oracle"}, trip=1, rate=0.0)
    >>> ride.trace.outcome.value, len(ride.infractions)
    ('arrived', 0)
    """
    return Experiment(scenario).run_trip(trip, arm, rate)


def run_arms(
    scenario: ScenarioSource = None,
    trip: int | None = None,
    arms: Sequence[str] | None = None,
    rate: float | None = None,
) -> dict[str, TripResult]:
    """
    Run one trip in several arms, which meet the same streets, traffic and words.

    Parameters and errors are those of :func:`run_trip`; ``arms`` None stands for the scenario's.
    """
    return Experiment(scenario).run_arms(trip, arms, rate)


def load_scene(name: str) -> Experiment:
    """
    Load one of the named scenes, whose trip, guide and rate are chosen: see :func:`list_scenes`.

    Raises
    ------
    ScenarioError
        When there is none of that name.
    """
    scene = scene_named(name)
    return Experiment(laboratory=scene.laboratory(), trip=scene.trip)


def save_trips(trips: Iterable[TripResult], path: Path | str, form: str | None = None) -> Path:
    """
    Write arms of one trip into one file; a film and GeoJSON hold the first alone.

    Parameters
    ----------
    trips
        Runs of one trip.
    path
        The file.
    form
        ``.html``, ``.gif`` or ``.geojson``; None to go by the ending of the file.

    Raises
    ------
    ResultError
        When the ending is none of .html, .gif and .geojson, or the file cannot be written.
    """
    rides, target = list(trips), Path(path)
    if not rides:
        raise ResultError("no trip to save")
    form = target.suffix.lower() if form is None else form
    if form not in _WRITERS:
        raise ResultError(f"{str(target)!r} must end in {', '.join(_WRITERS)}")
    _WRITERS[form](rides, target)
    return target


def _write_player(rides: Sequence[TripResult], path: Path) -> None:
    page = player_page([one.result for one in rides], rides[0].network, rides[0].run_name)
    store.write_text(path, page)


def _write_film(rides: Sequence[TripResult], path: Path) -> None:
    network = rides[0].network
    write_gif(path, trip_playback(rides[0].result, network), map_drawing(network))


def _write_geojson(rides: Sequence[TripResult], path: Path) -> None:
    content = trip_geojson(rides[0].result, rides[0].network, rides[0].run_name)
    store.write_text(path, json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n")


_WRITERS: Final = {".html": _write_player, ".gif": _write_film, ".geojson": _write_geojson}


def _table(name: str, rows: Iterable[Any]) -> pa.Table:
    return pa.Table.from_pylist([row._asdict() for row in rows], schema=store.schema(name))
