"""
The trips that are most worth reading, driven again for their story and for the player.

Only a guide of this process is driven again: a program, a server or a model would have to be asked
once more, and a report asks nobody.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.errors import GuiderailError
from guiderail.sim.lab.experiment.registry import is_of_this_process
from guiderail.sim.lab.experiment.run import GUARDED, NO_GUIDE, Laboratory, RunResult
from guiderail.sim.lab.experiment.scenario import load_scenario
from guiderail.sim.lab.results import store
from guiderail.sim.lab.results.store import ResultFolder

GUARDED_SHOWN: Final = 2
"""Trips of the guarded car that are shown, and one of each other arm."""
_COLUMNS: Final = ["arm", "rate", "trip", "s4", "s3", "s2", "induced_s2", "detour_s", "digest"]


class WorstTrip(NamedTuple):
    """One trip of a sweep, driven again."""

    result: RunResult
    is_same: bool
    """Whether its trace is the one that the sweep recorded."""


def worst_rows(folder: ResultFolder) -> list[dict[str, Any]]:
    """Rows of the trips to show: the guarded car's first, most harm first, then most detour."""
    rows = [row for row in folder.read("trips", _COLUMNS).to_pylist() if row["arm"] != NO_GUIDE]
    rows.sort(key=_badness, reverse=True)
    arms = dict.fromkeys(row["arm"] for row in rows)
    shown = []
    for arm in sorted(arms, key=lambda name: name != GUARDED):
        mine = [row for row in rows if row["arm"] == arm]
        shown += mine[: GUARDED_SHOWN if arm == GUARDED else 1]
    return shown


def _badness(row: Mapping[str, Any]) -> tuple[float, ...]:
    serious = row["s4"] + row["s3"] + row["s2"]
    # The trip number last, so that the order depends on nothing else.
    return (serious, row["induced_s2"], row["detour_s"] or 0.0, row["rate"], -row["trip"])


def drive_again(
    folder: ResultFolder, rows: Sequence[Mapping[str, Any]]
) -> tuple[RoadNetwork | None, list[WorstTrip], str]:
    """Drive trips of a sweep again; the map, the runs, and why there are none."""
    try:
        scenario = load_scenario(folder.path / store.SCENARIO)
        if not is_of_this_process(scenario.guide):
            return None, [], f"the guide {scenario.guide!r} would have to be asked again"
        laboratory = Laboratory(scenario)
        driven = [laboratory.one(row["trip"], row["arm"], row["rate"]) for row in rows]
    except GuiderailError as error:
        return None, [], str(error)
    trips = [
        WorstTrip(result, result.run.trace.digest().startswith(row["digest"]))
        for result, row in zip(driven, rows, strict=True)
    ]
    return laboratory.network, trips, ""
