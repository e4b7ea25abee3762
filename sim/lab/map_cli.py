"""The commands ``guiderail map add``, ``list`` and ``show``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from guiderail.maps.network import RoadNetwork

map_app = typer.Typer(help="Add, list and show maps.", rich_markup_mode=None, no_args_is_help=True)
_FATES = ("total", "applied", "unresolved", "unsupported", "exempt", "member_absent", "no_fit")


@map_app.command("add")
def add(
    source: Annotated[str, typer.Argument(metavar="FILE|NAME", help="An OSM file, or a map.")],
    *,
    name: Annotated[str | None, typer.Option(metavar="N", help="Default: the file's name.")] = None,
) -> None:
    """Compile a map and keep it under a name that run, sweep and scenarios know."""
    from dataclasses import replace  # noqa: PLC0415

    from guiderail.maps import library  # noqa: PLC0415
    from guiderail.maps.errors import MapError  # noqa: PLC0415
    from guiderail.maps.io import load_map, save  # noqa: PLC0415

    called = name or Path(source).name.partition(".")[0].lower()
    path = library.path_of(called)  # a wrong name is told before a minute of work
    network = load_map(source)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MapError(f"cannot make the folder of maps {path.parent}: {error}") from error
    save(replace(network, header=network.header | {"name": called}), path)
    typer.echo(f"{called}: {network.header['links']} links, {network.header['km']} km, in {path}")


@map_app.command("list")
def list_maps() -> None:
    """Name the maps at hand."""
    from guiderail.maps import library  # noqa: PLC0415

    for name in library.BUNDLED:
        typer.echo(f"{name} (bundled)")
    for name in library.names():
        typer.echo(name)


@map_app.command("show")
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A map's name, or a file.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    png: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the map.")] = None,
) -> None:
    """Say what a map holds and what was lost on the way."""
    from guiderail.maps.io import load_map  # noqa: PLC0415

    network = load_map(name)
    if png is not None:
        from guiderail.sim.lab.map_picture import draw_map  # noqa: PLC0415

        draw_map(network, png)
    facts = summary(network)
    if as_json:
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    for key, value in facts.items():
        parts = value.items() if isinstance(value, dict) else None
        said = ", ".join(f"{k} {v}" for k, v in parts) if parts else value
        typer.echo(f"{key.replace('_', ' ')}: {said}")


def summary(network: "RoadNetwork") -> dict[str, Any]:
    """
    What a map holds, and the fate of its turn restrictions.

    Notes
    -----
    ``member_absent`` and ``no_fit`` are the reasons of the unresolved ones; both are None, like any
    other count, for a map that an earlier compiler made without them. ``links_in_world`` counts the
    copies that remember a way come, ``links`` does not.
    """
    from guiderail.maps.network import TurnKind  # noqa: PLC0415

    header = network.header

    def count(key: str) -> int | None:
        return int(header[key]) if key in header else None

    return {
        "name": network.name,
        "source": header.get("source", ""),
        "source_sha256": header.get("source_sha256", ""),
        "digest": header.get("digest", ""),
        "nodes": count("nodes"),
        "links": count("links"),
        "links_in_world": count("in_world_links"),
        "turns": count("legal_turns"),
        "km": float(header["km"]) if "km" in header else None,
        "signals": count("signals"),
        "restrictions": {fate: count(f"restrictions_{fate}") for fate in _FATES},
        "places": count("places"),
        "exits": int((network.turns.kind == TurnKind.EXIT).sum()),
        "attribution": header.get("attribution", ""),
        "licence": header.get("licence", ""),
    }
