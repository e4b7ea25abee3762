"""The tables of a sweep from Python, in Arrow or in pandas."""

from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from guiderail.maps.errors import to_install
from guiderail.sim.contract.errors import PluginError, ResultError
from guiderail.sim.lab.results.columns import TABLES
from guiderail.sim.lab.results.store import ResultFolder
from guiderail.sim.lab.results.summary import Summary, summarize


class Results:
    """The finished results of a sweep, in its folder; tables are read when first asked for."""

    def __init__(self, folder: ResultFolder) -> None:
        self._folder = folder

    @property
    def folder(self) -> ResultFolder:
        """Its files."""
        return self._folder

    @property
    def path(self) -> Path:
        """Folder that holds them."""
        return self._folder.path

    @property
    def run_name(self) -> str:
        """Names program, map, scenario, seed and guide."""
        return self._folder.run_name()

    @cached_property
    def trips(self) -> Any:
        """Arrow table with one row per arm, rate and trip: every measure."""
        return self._folder.read("trips")

    @cached_property
    def infractions(self) -> Any:
        """Arrow table with one row for everything that the judge noted."""
        return self._folder.read("infractions")

    @cached_property
    def messages(self) -> Any:
        """Arrow table with one row for everything that a guide said, and the answer."""
        return self._folder.read("messages")

    @cached_property
    def twins(self) -> Any:
        """Arrow table of the silent runs that the others are measured against."""
        return self._folder.read("twins")

    @cached_property
    def summary(self) -> Summary:
        """Means, rates per 1,000 km and their 95 % intervals, per arm and rate."""
        return summarize(self._folder)

    def to_pandas(self, table: str = "trips") -> Any:
        """
        Read one of the tables as a pandas frame.

        Raises
        ------
        ResultError
            When there is no such table.
        PluginError
            When pandas is not installed.
        """
        if table not in TABLES:
            raise ResultError(f"no table {table!r}; there are: {', '.join(TABLES)}")
        return frame(getattr(self, table))

    def __repr__(self) -> str:
        """Say what it is and how much it holds."""
        return f"<results of {self.run_name}: {len(self.trips):,} trips in {str(self.path)!r}>"


def open_results(folder: Path | str) -> Results:
    """
    Open the folder of a finished sweep.

    Raises
    ------
    ResultError
        When it is none, or its sweep did not finish.
    """
    results = ResultFolder(Path(folder))
    results.read("trips", ["trip"])
    return Results(results)


def frame(table: Any) -> Any:
    """
    Turn an Arrow table into a pandas frame.

    Raises
    ------
    PluginError
        When pandas is not installed.
    """
    if find_spec("pandas") is None:
        raise PluginError(f"a pandas frame needs the extra tables: {to_install('tables')}")
    return table.to_pandas()
