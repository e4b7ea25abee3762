"""How far a sweep is, on stderr: a bar on a terminal, a line now and then elsewhere."""

import sys
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from guiderail.sim.lab.results.batch import Finished

SECONDS_PER_LINE: Final = 10
"""Time between two lines where there is no terminal [s]."""


class Watch:
    """Shows a sweep to a person who waits for it."""

    def __init__(self, total: int, done: int = 0) -> None:
        """Start at ``done`` of ``total`` runs, those of an earlier, interrupted sweep."""
        self._console = Console(file=sys.stderr)
        self._is_live = self._console.is_terminal
        self._progress = Progress(
            TextColumn("driving"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("trips, left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[harm]}"),
            console=self._console,
            disable=not self._is_live,
            transient=True,
        )
        self._serious: dict[str, int] = {}
        self._done_before = done
        self._last_s = 0.0
        self._task = self._progress.add_task("", total=total, completed=done, harm="")

    def __enter__(self) -> Self:
        """Show the bar."""
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bar away."""
        self._progress.stop()

    def note(self, finished: Finished) -> None:
        """Count a finished chunk."""
        for arm, count in finished.serious.items():
            self._serious[arm] = self._serious.get(arm, 0) + count
        counts = sorted(self._serious.items())
        harm = ", ".join(f"{arm.removeprefix('obeying_')} {count}" for arm, count in counts)
        self._progress.update(self._task, advance=finished.runs, harm=f"S2+: {harm}")
        if not self._is_live:
            self._say_now_and_then()

    def _say_now_and_then(self) -> None:
        task = self._progress.tasks[0]
        elapsed_s, total = task.elapsed or 0.0, int(task.total or 0)
        if elapsed_s - self._last_s < SECONDS_PER_LINE or task.completed >= total:
            return
        self._last_s = elapsed_s
        fresh = task.completed - self._done_before
        left_s = elapsed_s * (total - task.completed) / fresh if fresh else 0
        self._console.print(
            f"{int(task.completed):,} of {total:,} trips, about {left_s:.0f} s left",
            highlight=False,
        )
