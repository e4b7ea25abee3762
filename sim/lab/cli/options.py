"""Options that several commands take, and the checks that they need."""

from pathlib import Path
from typing import Annotated

import typer

from guiderail.sim.contract.errors import ScenarioError

Workers = Annotated[
    int | None, typer.Option(metavar="N", help="Processes to run in; default: one per core.")
]
ScenarioFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="A TOML file; default: that of the demo.")
]


def check_least(option: str, value: int | None, least: int = 1) -> None:
    """
    Refuse a value that is too small; none given is none to refuse.

    Raises
    ------
    ScenarioError
        When the value is below the least one.
    """
    if value is not None and value < least:
        raise ScenarioError(f"{option} {value} is below the least value, {least}")


def check_folder(option: str, path: Path | None) -> None:
    """
    Refuse a file in a folder that is not there, before the work for it is done.

    Raises
    ------
    ScenarioError
        When there is no such folder.
    """
    if path is not None and not path.parent.is_dir():
        raise ScenarioError(f"{option} {str(path)!r}: there is no folder {str(path.parent)!r}")
