"""The table of late words: a screenful per case, and the same as JSON."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.table import Table

from guiderail.sim.lab.report.screen import say, screen
from guiderail.sim.lab.results import store
from guiderail.sim.lab.studies.late.cases import CASES
from guiderail.sim.lab.studies.late.study import Cell

COLUMNS: Final = (
    "arm",
    "lead\ns",
    "tried",
    "S2+",
    "S3+",
    "S4",
    "hard",
    "hard of\ntried",
    "excess\nof tried",
    "most often",
)
KEY: Final = (
    "A machine alone on the road does the same each time, and runs once. "
    "Shares of the runs, or of those that tried the turn. S2+: something serious, S3+ grave, S4 a "
    "crash or loss of the road, none of which the same trip without the word has; hard: "
    "braked over 3 m/s^2; excess: over 4.89 m/s^2 to the side, or off the road."
)


def print_tables(cells: Sequence[Cell]) -> None:
    """Print one table for each case."""
    console = screen()
    for name in dict.fromkeys(cell.case for cell in cells):
        console.print(_table(name, [cell for cell in cells if cell.case == name]))
    say(console, KEY)


def _table(name: str, cells: Sequence[Cell]) -> Table:
    runs = max(cell.runs for cell in cells)
    title = f"{name}: {CASES[name].title}; {runs:,} runs"
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", padding=(0, 1, 0, 0))
    for column in COLUMNS:
        is_text = column in (COLUMNS[0], COLUMNS[-1])
        table.add_column(column, justify="left" if is_text else "right", no_wrap=is_text)
    last = ""
    for cell in cells:
        if last not in ("", cell.arm):
            table.add_section()
        last = cell.arm
        table.add_row(*_row(cell))
    return table


def _row(cell: Cell) -> Iterable[str]:
    yield cell.arm
    yield f"{cell.lead_s:g}"
    for count in (cell.tried, cell.s2, cell.s3, cell.s4, cell.hard):
        yield _share(count, cell.runs)
    yield _share(cell.hard_tried, cell.tried)
    yield _share(cell.excess, cell.tried)
    kind = next(iter(cell.serious), None)
    yield "" if kind is None else f"{kind} {_share(cell.serious[kind], cell.runs)}"


def _share(count: int, of: int) -> str:
    """Two digits, and nothing where nothing can be counted; a zero is a plain one."""
    if not of:
        return "-"
    return f"{count / of:.2f}".lstrip("0") if 0 < count < of else f"{count // of}"


def write_cells(cells: Sequence[Cell], about: dict[str, Any], path: Path) -> None:
    """Write all counts, and what they were counted with, as JSON; atomically."""
    store.write_json(path, {**about, "cells": [asdict(cell) for cell in cells]})
