"""The commands ``guiderail map ...``: add, list, show, export and price maps."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from guiderail.maps.network import RoadNetwork

maps = typer.Typer(
    name="map",
    help="Add, list, show, export and price maps.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="A map's name, or a map file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@maps.command()
def add(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="An OpenStreetMap file, a bundled map, or a place name to look up on the network.",
        ),
    ],
    *,
    name: Annotated[
        str | None, typer.Option(metavar="N", help="What to call it; default: as the file.")
    ] = None,
) -> None:
    """Compile a map and keep it under a name for all later commands."""
    from guiderail.maps.library.load import is_here  # noqa: PLC0415
    from guiderail.sim.lab.api.lists import add_map  # noqa: PLC0415
    from guiderail.sim.lab.report.map_report import print_summary  # noqa: PLC0415

    if not is_here(source):
        typer.echo(f"Looking up the place {source!r} on the network.", err=True)
    print_summary(add_map(source, name))


@maps.command("list")
def list_() -> None:
    """List the bundled maps and your own."""
    from guiderail.maps.library import added, load  # noqa: PLC0415

    for name in load.BUNDLED:
        typer.echo(f"{name}  (bundled)")
    for name in added.names():
        typer.echo(f"{name}  ({added.path_of(name)})")


@maps.command()
def show(
    name: Name,
    *,
    as_json: AsJson = False,
    png: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the map into a PNG file.")
    ] = None,
) -> None:
    """
    Show what a map holds, and what of its source was lost.

    Example: guiderail map show town --png town.png
    """
    from guiderail.sim.lab.report.map_report import print_json, print_summary  # noqa: PLC0415

    network = _load(name)
    if png is not None:
        from guiderail.sim.lab.report.map_figure import draw_map  # noqa: PLC0415

        draw_map(network, png)
    (print_json if as_json else print_summary)(network)


@maps.command()
def export(
    name: Name,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Ends in .geojson or .graphml.")],
) -> None:
    """
    Write a map for other programs, as GeoJSON or GraphML.

    GraphML is as OSMnx writes it, without turn restrictions. Example: guiderail map export town
    town.geojson
    """
    from guiderail.maps.library.exports import export  # noqa: PLC0415

    export(_load(name), file)


@maps.command()
def price(
    name: Name,
    *,
    trips: Annotated[int, typer.Option(metavar="N", help="Random trips to follow.")] = 400,
    seed: Annotated[int, typer.Option(metavar="S", help="Seed of the trips.")] = 1,
    as_json: AsJson = False,
) -> None:
    """
    Show what one missed turn costs on a map.

    Median, 90 % and 99 %, motorway exits apart. Example: guiderail map price town --trips 50
    """
    from guiderail.sim.lab.report.prices import print_prices  # noqa: PLC0415

    print_prices(name, trips, seed, as_json=as_json)


def _load(name: str) -> "RoadNetwork":
    from guiderail.maps.library.load import load_map  # noqa: PLC0415

    return load_map(name)
