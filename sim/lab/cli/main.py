"""
The command ``guiderail``.

Heavy modules are imported inside the commands, so that ``--help`` answers at once. Every mistake of
the user is one line on stderr and exit code 2; Ctrl-C is exit code 130.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer

from guiderail.maps.errors import MapError
from guiderail.sim.contract.errors import GuiderailError, ScenarioError
from guiderail.sim.lab.cli.evidence import compare, falsify, faults, prove, referee
from guiderail.sim.lab.cli.guides import guides
from guiderail.sim.lab.cli.maps import maps
from guiderail.sim.lab.cli.options import (
    ArmName,
    Command,
    MapName,
    ScenarioFile,
    Workers,
    check_least,
    scenes,
    shares,
    words,
)
from guiderail.sim.lab.cli.options import arms as list_arms
from guiderail.sim.lab.cli.options import guides as list_guides
from guiderail.sim.lab.cli.people import late, sensitivity

if TYPE_CHECKING:
    from guiderail.sim.lab.api.tables import Results
    from guiderail.sim.lab.api.trips import TripResult

USER_ERROR: Final = 2
INTERRUPTED: Final = 130


class Interrupted(Exception):  # noqa: N818  no error: the user wished so
    """Ctrl-C in a command that can say what became of its work."""


app = typer.Typer(
    name="guiderail",
    help="What does an unreliable in-car guide cost under a deterministic driver?",
    rich_markup_mode=None,
)

Out = Annotated[Path, typer.Option(metavar="DIR", help="Folder for the results: new or empty.")]
Trips = Annotated[int | None, typer.Option(metavar="N", help="Trips per arm and rate.")]
Seed = Annotated[int | None, typer.Option(metavar="S", help="Seed of the trips.")]
BudgetText = Annotated[
    str | None,
    typer.Option(
        "--budget",
        metavar="KEYS",
        help="What a guide is granted: changes=8,extra_s=300,spacing_s=5,confirmations=0.",
    ),
]


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    from guiderail.sim.lab.experiment.interrupts import watch  # noqa: PLC0415

    watch()
    sys.exit(run_command(sys.argv[1:]))


def run_command(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    try:
        code = app(arguments or ["--help"], prog_name="guiderail", standalone_mode=False)
    except (GuiderailError, MapError) as error:
        return _complain(str(error))
    except Interrupted as stop:
        return _interrupted(str(stop))
    except KeyboardInterrupt:
        return _interrupted("interrupted")
    except Exception as error:
        # What typer raises for a wrong option has no public base class.
        message = getattr(error, "format_message", None)
        if message is None:
            raise
        return _complain(message())
    if code == INTERRUPTED:  # typer swallows Ctrl-C and leaves nothing but its code
        return _interrupted("interrupted")
    return code if isinstance(code, int) else 0


def _complain(message: str) -> int:
    print("error: " + " ".join(message.split()), file=sys.stderr)  # noqa: T201
    return USER_ERROR


def _interrupted(message: str) -> int:
    print(message, file=sys.stderr)  # noqa: T201
    return INTERRUPTED


def _show_version(wanted: bool) -> None:  # noqa: FBT001  typer hands over the flag so
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415

        typer.echo(f"guiderail {version('guiderail')}")
        raise typer.Exit


def _show_example(wanted: bool) -> None:  # noqa: FBT001  typer hands over the flag so
    if wanted:
        from guiderail.sim.lab.experiment.scenario import demo_text  # noqa: PLC0415

        typer.echo(demo_text(), nl=False)
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    del version


def demo(
    *,
    out: Out = Path("guiderail-demo"),
    workers: Workers = None,
    trips: Trips = None,
    seed: Seed = None,
) -> None:
    """
    Run all arms in central Helsinki: tables, figure, page.

    It takes about a minute. Example: guiderail demo --out out/demo --trips 20
    """
    from guiderail.sim.lab.report.page.page import PAGE, write_page  # noqa: PLC0415

    results = _sweep(None, out, workers, {"trips": trips, "seed": seed})
    write_page(results.folder, out / PAGE, summary=results.summary)
    typer.echo(f"The same as one page, with the worst trips to watch: {out / PAGE}")


def sweep(  # noqa: PLR0913  each option is one knob
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="A TOML file.")],
    *,
    out: Out,
    map_: MapName = None,
    arms: Annotated[
        str | None, typer.Option(metavar="A,B,..", help="Arms with commas between: {arms}.")
    ] = None,
    rates: Annotated[
        str | None,
        typer.Option(metavar="A,B,..", help="Shares of utterances that are wrong, 0 to 1."),
    ] = None,
    trips: Trips = None,
    seed: Seed = None,
    workers: Workers = None,
    budget: BudgetText = None,
    example: Annotated[
        bool,
        typer.Option(
            "--example",
            callback=_show_example,
            is_eager=True,
            help="Print a scenario file and stop.",
        ),
    ] = False,
) -> None:
    """
    Run a scenario file: arms x hallucination rates x trips.

    An interrupted sweep goes on where it stopped when the same command is given again. Options
    replace the keys of the file. A scenario with every key explained: guiderail sweep --example

    Example: guiderail sweep my.toml --out out/mine --arms guarded,obeying_machine --rates 0,1
    """
    from guiderail.sim.lab.experiment.scenario import budget_keys  # noqa: PLC0415

    del example
    wanted = {
        "map": map_,
        "arms": words(arms),
        "rates": shares(rates),
        "trips": trips,
        "seed": seed,
        "budget": budget_keys(budget),
    }
    _sweep(scenario, out, workers, wanted)


def _sweep(
    file: Path | None, out: Path, workers: int | None, overrides: dict[str, Any]
) -> "Results":
    from guiderail.sim.lab.api import sweeps, trips  # noqa: PLC0415
    from guiderail.sim.lab.report.report import print_report  # noqa: PLC0415

    scenario = trips.load_scenario(file, **overrides)
    check_least("--workers", workers)
    try:
        results = sweeps.sweep(scenario, out, workers)
    except KeyboardInterrupt:
        is_begun = (out / "run.json").exists()
        kept = f"finished trips are kept in {str(out)!r}; the same command goes on from there"
        state = kept if is_begun else "nothing was written"
        raise Interrupted(f"interrupted: {state}") from None
    print_report(results.summary, results.folder)
    return results


def run(  # noqa: PLR0913  each option is one knob
    *,
    map_: MapName = None,
    arm: Annotated[
        list[str],
        typer.Option(
            metavar="ARM",
            help="{arms}; given again, arms are shown beside each other.",
            autocompletion=list_arms,
        ),
    ] = ["guarded"],  # noqa: B006  typer copies it
    guide: Annotated[
        str | None,
        typer.Option(
            metavar="GUIDE",
            help="{guides}, a class, program, settings file or URL.",
            autocompletion=list_guides,
        ),
    ] = None,
    rate: Annotated[float, typer.Option(help="Share of utterances that are wrong, 0 to 1.")] = 0.25,
    seed: Seed = None,
    trip: Annotated[int, typer.Option(metavar="K", help="Which trip, from 0.")] = 0,
    scenario: ScenarioFile = None,
    story: Annotated[bool, typer.Option("--story", help="Tell the trip in sentences.")] = False,
    geojson: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the trip as GeoJSON.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a player that needs no network.")
    ] = None,
    gif: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the trip as a moving picture.")
    ] = None,
    scene: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="A named trip, with --arm alone beside it: {scenes}.",
            autocompletion=scenes,
        ),
    ] = None,
    budget: BudgetText = None,
) -> None:
    """
    Run one trip in one or more arms and show what came of it.

    Example: guiderail run --map town --rate 1 --arm guarded --arm obeying_machine --story
    """
    from guiderail.sim.lab.api import trips  # noqa: PLC0415
    from guiderail.sim.lab.experiment.scenario import budget_keys  # noqa: PLC0415

    check_least("--trip", trip, 0)
    overrides = {"map": map_, "guide": guide, "seed": seed, "budget": budget_keys(budget)}
    if scene is None:
        wanted = overrides | {"arms": list(dict.fromkeys(arm)), "rates": [rate]}
        experiment = trips.Experiment(trips.load_scenario(scenario, **wanted))
        rides = experiment.run_arms(trip)
    elif scenario is not None or any(value is not None for value in overrides.values()):
        raise ScenarioError(
            "--scene names map, guide, seed, budget and trip itself: leave those out"
        )
    else:
        rides = trips.load_scene(scene).run_arms(arms=list(dict.fromkeys(arm)))
    written = {"GeoJSON": (geojson, ".geojson"), "player": (html, ".html"), "GIF": (gif, ".gif")}
    _show(list(rides.values()), story=story, written=written)


def _show(
    rides: "list[TripResult]", *, story: bool, written: dict[str, tuple[Path | None, str]]
) -> None:
    """Write the files, then print one arm in full or several beside each other."""
    from guiderail.sim.lab.api.trips import save_trips  # noqa: PLC0415
    from guiderail.sim.lab.report.single import print_arms, print_trip  # noqa: PLC0415

    saved = {name: save_trips(rides, path, form) for name, (path, form) in written.items() if path}
    results = [ride.result for ride in rides]
    if len(results) == 1:
        print_trip(results[0], rides[0].laboratory, story=story)
    else:
        print_arms(results, rides[0].network, story=story)
    for name, path in saved.items():
        typer.echo(f"{name}: {path}")


def dashboard(
    *,
    port: Annotated[
        int, typer.Option(metavar="N", min=1024, max=65535, help="Port on this machine.")
    ] = 8501,
) -> None:
    """
    Open the interactive map in a browser of this machine.

    It needs the extra dashboard. Example: guiderail dashboard --port 8501
    """
    from guiderail.sim.lab.serve.dashboard import serve_dashboard  # noqa: PLC0415

    serve_dashboard(port)


def serve_mcp(  # noqa: PLR0913  each option is one knob
    *,
    map_: MapName = None,
    arm: ArmName = "guarded",
    seed: Seed = None,
    trip: Annotated[int, typer.Option(metavar="K", min=0, help="Which trip, from 0.")] = 0,
    scenario: ScenarioFile = None,
    deadline_s: Annotated[
        float, typer.Option(metavar="S", min=0.1, max=3600, help="Real time for one answer.")
    ] = 60.0,
    latency_ms: Annotated[
        int | None, typer.Option(metavar="MS", min=0, help="Simulated latency; default: measured.")
    ] = None,
) -> None:
    """
    Let an agent ride along as guide over MCP (extra mcp).

    Example: guiderail serve-mcp --map town --trip 3 --deadline-s 30
    """
    from guiderail.sim.lab.experiment.scenario import load_scenario  # noqa: PLC0415
    from guiderail.sim.lab.serve.mcp_server import Ride, serve  # noqa: PLC0415

    wanted = {"map": map_, "seed": seed, "guide": "mcp", "arms": [arm], "rates": [0.0]}
    serve(Ride(load_scenario(scenario, wanted), trip, deadline_s, latency_ms))


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A results folder.")],
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write one page as well, a new file."),
    ] = None,
) -> None:
    """
    Remake tables and figure of a results folder.

    One page that works offline comes with --html FILE.
    Example: guiderail report out/demo --html report.html
    """
    from guiderail.sim.lab.api.tables import open_results  # noqa: PLC0415
    from guiderail.sim.lab.report.page.page import check_page_path, write_page  # noqa: PLC0415
    from guiderail.sim.lab.report.report import print_report, write_report  # noqa: PLC0415

    if html is not None:
        check_page_path(html)
    results = open_results(folder).folder
    summary = write_report(results)
    print_report(summary, results)
    if html is not None:
        write_page(results, html, summary=summary)
        typer.echo(f"Page: {html}")


def glossary(
    word: Annotated[
        str | None, typer.Argument(metavar="WORD", help="One word, column or infraction.")
    ] = None,
) -> None:
    """
    Say what a word of the tables means.

    Without a word: all of them, in Markdown. Example: guiderail glossary needless
    """
    from guiderail.sim.lab.report import glossary as words  # noqa: PLC0415

    typer.echo(words.glossary() if word is None else words.meaning_of(word))


COMMANDS: Final = (
    *(demo, sweep, run, report, compare, glossary, dashboard, serve_mcp),
    *(late, sensitivity, faults, falsify, prove, referee),
)
"""All plain commands, in the order of the help."""


def add_command(command: Callable[..., None]) -> None:
    """Make a function a command; its name, docstring and options become those of the command."""
    app.command(cls=Command)(command)


for one in COMMANDS:
    add_command(one)
app.add_typer(maps)
app.add_typer(guides)


if __name__ == "__main__":
    main()
