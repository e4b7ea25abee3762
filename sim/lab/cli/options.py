"""Options that several commands take, and the checks that they need."""

import tomllib
from collections.abc import Callable, Iterable
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand

from guiderail.sim.contract.errors import ScenarioError

Workers = Annotated[
    int | None, typer.Option(metavar="N", help="Processes to run in; default: one per core.")
]
ScenarioFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="A TOML file; default: that of the demo.")
]


_ARMS: Final = ("no_guide", "guarded", "obeying_machine", "obeying_human", "judging_human")
_MAPS: Final = ("helsinki", "town")


def arms() -> Iterable[str]:
    """Who may drive; a test compares with the driver's own list, which takes seconds to load."""
    return (*_ARMS, *(point.name for point in entry_points(group="guiderail.arms")))


def guides() -> Iterable[str]:
    """Guides that are installed."""
    return sorted(point.name for point in entry_points(group="guiderail.guides"))


def maps() -> Iterable[str]:
    """Bundled maps; ``guiderail map list`` shows those that were added as well."""
    return _MAPS


def scenes() -> Iterable[str]:
    """Named scenes; their file alone is read."""
    file = files("guiderail.sim.lab.experiment").joinpath("data/scenes.toml")
    return tomllib.loads(file.read_text("utf-8"))


VALUES: Final[dict[str, Callable[[], Iterable[str]]]] = {
    "{arms}": arms,
    "{guides}": guides,
    "{maps}": maps,
    "{scenes}": scenes,
}
"""What stands in a help text for the values of an option, looked up when the help is shown."""

MapName = Annotated[
    str | None,
    typer.Option("--map", metavar="NAME", help="{maps}, or a file.", autocompletion=maps),
]
ArmName = Annotated[str, typer.Option(metavar="ARM", help="{arms}.", autocompletion=arms)]


class Command(TyperCommand):
    """A command whose help lists the values of its options."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Look the values up, then write the options."""
        for param in self.params:
            text = getattr(param, "help", None) or ""
            for mark, values in VALUES.items():
                if mark in text:
                    text = text.replace(mark, ", ".join(values()))
                    param.help = text  # type: ignore[attr-defined]
        super().format_options(ctx, formatter)


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


def words(text: str | None) -> list[str] | None:
    """Words with commas between; None stays None."""
    return None if text is None else [word.strip() for word in text.split(",")]


def shares(text: str | None) -> list[float] | None:
    """
    Numbers with commas between; None stays None.

    Raises
    ------
    ScenarioError
        When one is no number.
    """
    try:
        return None if text is None else [float(word) for word in text.split(",")]
    except ValueError:
        raise ScenarioError(f"--rates {text!r} are no numbers with commas, as in 0,0.5,1") from None
