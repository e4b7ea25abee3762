"""A sweep from Python: arms x rates x trips, into a folder of tables."""

import tempfile
from pathlib import Path

from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.lab.api.tables import Results
from guiderail.sim.lab.api.trips import ScenarioSource, load_scenario
from guiderail.sim.lab.report.report import write_report
from guiderail.sim.lab.results import sweep as sweeps


def sweep(
    scenario: ScenarioSource = None, out: Path | str | None = None, workers: int | None = None
) -> Results:
    """
    Run every arm at every rate on every trip of a scenario.

    An interrupted sweep goes on where it stopped when it is called again with the same folder.

    Parameters
    ----------
    scenario
        A scenario, its keys, a TOML file, or None for that of the demo.
    out
        A new or empty folder, or that of the same sweep; None for a new temporary one.
    workers
        Processes to run in; None for one per core, 1 for this process alone. A script that uses
        more than one must call this under ``if __name__ == "__main__":``.

    Raises
    ------
    GuiderailError
        When scenario, map, guide or folder cannot be used; then nothing was written.
    """
    plan = load_scenario(scenario)
    if workers is not None and workers < 1:
        raise ScenarioError(f"workers {workers} is below the least value, 1")
    path = Path(tempfile.mkdtemp(prefix="guiderail-") if out is None else out)
    folder = sweeps.sweep(plan, path, workers or sweeps.usable_cores())
    results = Results(folder)
    results.summary = write_report(folder)
    return results
