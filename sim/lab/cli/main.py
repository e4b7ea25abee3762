"""
The command ``guiderail``.

Heavy modules are imported inside the commands, so that ``--help`` answers at once. Every mistake of
the user is one line on stderr and exit code 2; Ctrl-C is exit code 130.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer

from guiderail.maps.errors import MapError
from guiderail.sim.contract.errors import GuiderailError, ScenarioError
from guiderail.sim.lab.cli.evidence import EVIDENCE
from guiderail.sim.lab.cli.guides import guides
from guiderail.sim.lab.cli.maps import maps
from guiderail.sim.lab.cli.options import ScenarioFile, Workers, check_least
from guiderail.sim.lab.cli.people import late, sensitivity

USER_ERROR: Final = 2
INTERRUPTED: Final = 130


class Interrupted(Exception):  # noqa: N818  no error: the user wished so
    """Ctrl-C in a command that can say what became of its work."""


if TYPE_CHECKING:
    from guiderail.sim.lab.results.store import ResultFolder
    from guiderail.sim.lab.results.summary import Summary

app = typer.Typer(
    name="guiderail",
    help="What does an unreliable in-car guide cost under a deterministic driver?",
    add_completion=False,
    rich_markup_mode=None,
)

app.add_typer(maps)
app.command()(late)
app.command()(sensitivity)
app.add_typer(guides)
for command in EVIDENCE:
    app.command()(command)

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


@app.command()
def demo(
    *,
    out: Out = Path("guiderail-demo"),
    workers: Workers = None,
    trips: Trips = None,
    seed: Seed = None,
) -> None:
    """Run all arms on the streets of central Helsinki: a table, a figure, in about a minute."""
    from guiderail.sim.lab.report.page.page import PAGE, write_page  # noqa: PLC0415

    folder, summary = _sweep(None, out, workers, {"trips": trips, "seed": seed})
    write_page(folder, out / PAGE, summary=summary)
    typer.echo(f"The same as one page, with the worst trips to watch: {out / PAGE}")


@app.command()
def sweep(  # noqa: PLR0913  each option is one knob
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="A TOML file.")],
    *,
    out: Out,
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

    An interrupted sweep goes on where it stopped when the same command is given again. A scenario
    with every key explained: guiderail sweep --example > my.toml
    """
    from guiderail.sim.lab.experiment.scenario import budget_keys  # noqa: PLC0415

    del example
    overrides = {"trips": trips, "seed": seed, "budget": budget_keys(budget)}
    _sweep(scenario, out, workers, overrides)


def _sweep(
    file: Path | None, out: Path, workers: int | None, overrides: dict[str, Any]
) -> "tuple[ResultFolder, Summary]":
    from guiderail.sim.lab.experiment.scenario import load_scenario  # noqa: PLC0415
    from guiderail.sim.lab.report.report import print_report, write_report  # noqa: PLC0415
    from guiderail.sim.lab.results.sweep import sweep, usable_cores  # noqa: PLC0415

    scenario = load_scenario(file, overrides)
    check_least("--workers", workers)
    try:
        folder = sweep(scenario, out, workers or usable_cores())
        summary = write_report(folder)
    except KeyboardInterrupt:
        is_begun = (out / "run.json").exists()
        kept = f"finished trips are kept in {str(out)!r}; the same command goes on from there"
        state = kept if is_begun else "nothing was written"
        raise Interrupted(f"interrupted: {state}") from None
    print_report(summary, folder)
    return folder, summary


@app.command()
def run(  # noqa: PLR0913  each option is one knob
    *,
    map_: Annotated[str | None, typer.Option("--map", help="helsinki, town, or a file.")] = None,
    arm: Annotated[str, typer.Option(help="Who drives.")] = "guarded",
    guide: Annotated[str | None, typer.Option(help="Who speaks.")] = None,
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
        typer.Option(metavar="NAME", help="A named trip; only --arm is heard beside it."),
    ] = None,
    budget: BudgetText = None,
) -> None:
    """Run one trip and show what came of it."""
    from guiderail.sim.lab.experiment.run import Laboratory  # noqa: PLC0415
    from guiderail.sim.lab.experiment.scenario import budget_keys, load_scenario  # noqa: PLC0415
    from guiderail.sim.lab.experiment.scenes import scene_named  # noqa: PLC0415
    from guiderail.sim.lab.report.single import Files, run_single  # noqa: PLC0415

    check_least("--trip", trip, 0)
    overrides = {"map": map_, "guide": guide, "seed": seed, "budget": budget_keys(budget)}
    files = Files(geojson=geojson, html=html, gif=gif)
    if scene is None:
        wanted = {**overrides, "arms": [arm], "rates": [rate]}
        run_single(Laboratory(load_scenario(scenario, wanted)), trip, story=story, files=files)
        return
    if scenario is not None or any(value is not None for value in overrides.values()):
        raise ScenarioError(
            "--scene names map, guide, seed, budget and trip itself: leave those out"
        )
    found = scene_named(scene).model_copy(update={"arms": (arm,)})
    run_single(found.laboratory(), found.trip, story=story, files=files)


@app.command()
def dashboard(
    *,
    port: Annotated[
        int, typer.Option(metavar="N", min=1024, max=65535, help="Port on this machine.")
    ] = 8501,
) -> None:
    """Open the interactive map in a browser; it is reachable from this machine alone."""
    from guiderail.sim.lab.serve.dashboard import serve_dashboard  # noqa: PLC0415

    serve_dashboard(port)


@app.command("serve-mcp")
def serve_mcp(  # noqa: PLR0913  each option is one knob
    *,
    map_: Annotated[str | None, typer.Option("--map", help="helsinki, town, or a file.")] = None,
    arm: Annotated[str, typer.Option(help="Who drives.")] = "guarded",
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
    """Let an outside agent ride along as the guide of one trip, over MCP (needs the extra mcp)."""
    from guiderail.sim.lab.experiment.scenario import load_scenario  # noqa: PLC0415
    from guiderail.sim.lab.serve.mcp_server import Ride, serve  # noqa: PLC0415

    wanted = {"map": map_, "seed": seed, "guide": "mcp", "arms": [arm], "rates": [0.0]}
    serve(Ride(load_scenario(scenario, wanted), trip, deadline_s, latency_ms))


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A results folder.")],
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write one page as well, a new file."),
    ] = None,
) -> None:
    """
    Remake summary, figure and CSV of a results folder from its tables.

    The page works offline and prints: guiderail report DIR --html report.html
    """
    from guiderail.sim.lab.report.page.page import check_page_path, write_page  # noqa: PLC0415
    from guiderail.sim.lab.report.report import print_report, write_report  # noqa: PLC0415
    from guiderail.sim.lab.results.store import ResultFolder  # noqa: PLC0415

    if html is not None:
        check_page_path(html)
    results = ResultFolder(folder)
    summary = write_report(results)
    print_report(summary, results)
    if html is not None:
        write_page(results, html, summary=summary)
        typer.echo(f"Page: {html}")


if __name__ == "__main__":
    main()
