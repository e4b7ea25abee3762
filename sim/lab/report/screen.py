"""Where the lab prints: a terminal as it is, and 100 columns elsewhere."""

from typing import Final

from rich.console import Console

WIDTH: Final = 100
"""Columns of the tables where there is no terminal."""


def screen() -> Console:
    """Make a console for stdout."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH)


def say(console: Console, line: str) -> None:
    """Print one line as it is: words of a guide must not be read as markup."""
    console.print(line, markup=False, highlight=False, soft_wrap=True)
