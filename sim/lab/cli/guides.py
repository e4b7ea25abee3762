"""The commands ``guiderail guide ...``: the protocol, and whether a guide keeps to it."""

import json
from typing import Annotated

import typer

guides = typer.Typer(
    name="guide",
    help="The protocol of guides, and a check of yours.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@guides.command()
def schema() -> None:
    """Print the JSON Schema of what a guide is shown and may answer."""
    from guiderail.sim.wire.schema import schema_text  # noqa: PLC0415

    typer.echo(schema_text(), nl=False)


@guides.command("list")
def list_() -> None:
    """List the guides that are installed, and the ways to others."""
    from guiderail.sim.lab.experiment.registry import DOORS, installed  # noqa: PLC0415

    typer.echo("guides: " + ", ".join(installed()))
    typer.echo("doors:  " + ", ".join(installed(DOORS)))


@guides.command()
def check(
    guide: Annotated[
        str,
        typer.Argument(
            metavar="GUIDE",
            help="A name, module:Class, file.py:Class, settings file, command or URL.",
        ),
    ],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    car: Annotated[
        bool, typer.Option("--car", help="It is no guide but reads and decides, as the car does.")
    ] = False,
) -> None:
    """
    Run the conformance suite; exit code 1 if anything fails.

    A guide is shown 290 situations with the verdicts of the suite, and rides along on 24 trips.
    """
    from guiderail.sim.lab.conformance.checker import check_car, check_guide  # noqa: PLC0415

    findings = check_car(guide) if car else check_guide(guide)
    if as_json:
        typer.echo(json.dumps(findings.document()))
    else:
        typer.echo(f"{findings.passed} of {findings.cases} cases passed, {findings.trips} trips")
        for one in findings.failed:
            typer.echo(f"FAILED {one['id']}: {one['problem']}")
    if findings.failed:
        raise typer.Exit(1)
