"""
The commands that test the claim from outside: proof, search, faults, referee, guides compared.

Heavy modules are imported inside the commands, so that ``--help`` answers at once.
"""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from guiderail.sim.lab.cli.options import (
    ArmName,
    ScenarioFile,
    Workers,
    check_folder,
    check_least,
)
from guiderail.sim.lab.cli.options import maps as list_maps


def prove(
    *,
    json_: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the figures as JSON.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page that a person can read.")
    ] = None,
    workers: Workers = None,
    bless: Annotated[
        bool, typer.Option("--bless", help="Pin the counts of this search as the right ones.")
    ] = False,
    storm: Annotated[
        bool, typer.Option("--storm", help="Ask Storm about an independent re-model as well.")
    ] = False,
) -> None:
    """
    Prove the guard in some minutes (needs the extra proof).

    Search, lemmas and planted faults. Example: guiderail prove --html proof.html
    """
    from guiderail.sim.lab.cli.prove import run_proof  # noqa: PLC0415
    from guiderail.sim.lab.results.sweep import usable_cores  # noqa: PLC0415

    check_least("--workers", workers)
    check_folder("--json", json_)
    check_folder("--html", html)
    if not run_proof(workers or usable_cores(), json_, html, blesses=bless, asks_storm=storm):
        raise typer.Exit(1)


def falsify(
    *,
    maps: Annotated[
        list[str] | None, typer.Option("--map", help="A map; may be given again.")
    ] = None,
    messages: Annotated[
        int, typer.Option(metavar="N", min=1, help="Messages in all, fixed before.")
    ] = 10_000,
    trips: Annotated[
        int, typer.Option(metavar="N", min=1, help="Trips of each guide that searches, per map.")
    ] = 8,
    seed: Annotated[int, typer.Option(metavar="S", min=0, help="Seed of the trips.")] = 1,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for figures and counterexamples.")
    ] = None,
    replay: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Drive a saved counterexample again.")
    ] = None,
) -> None:
    """
    Let hostile guides search for words that break the guard.

    They look for the dearest detour, too. Example: guiderail falsify --map town --messages 500
    """
    from guiderail.sim.lab.cli import falsify as search  # noqa: PLC0415

    if replay is not None:
        is_well = search.replay(replay)
    else:
        is_well = search.run_falsify(maps or ["helsinki", "town"], messages, trips, seed, out)
    if not is_well:
        raise typer.Exit(1)


def compare(
    folders: Annotated[
        list[Path], typer.Argument(metavar="DIR...", help="Results folders of the same trips.")
    ],
    *,
    json_: Annotated[bool, typer.Option("--json", help="All numbers as JSON.")] = False,
) -> None:
    """
    Compare guides on the same trips: what they cost and break.

    Example: guiderail compare out/mine out/oracle
    """
    from guiderail.sim.lab.report.compare import print_comparison  # noqa: PLC0415
    from guiderail.sim.lab.results.store import ResultFolder  # noqa: PLC0415

    print_comparison([ResultFolder(folder) for folder in folders], as_text=not json_)


def referee(  # noqa: PLR0913  each option is its own
    *,
    map_: Annotated[
        str,
        typer.Option("--map", metavar="NAME", help="{maps}, or a file.", autocompletion=list_maps),
    ] = "helsinki",
    hours: Annotated[float, typer.Option(metavar="H", help="Hours to drive.")] = 1.0,
    arm: ArmName = "guarded",
    mutant: Annotated[str, typer.Option(metavar="M", help="A planted fault instead.")] = "",
    seed: Annotated[int, typer.Option(metavar="S", min=0, help="Seed of trips and traffic.")] = 1,
    cars: Annotated[int, typer.Option(metavar="N", help="Cars of SUMO at a time.")] = 100,
    guide: Annotated[
        str, typer.Option(metavar="GUIDE", help="{guides}, or module:attribute.")
    ] = "noisy",
    rate: Annotated[float, typer.Option(help="Share of utterances that are wrong, 0 to 1.")] = 0.5,
    json_: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
) -> None:
    """
    Let SUMO judge the car in its traffic (extra sumo).

    Example: guiderail referee --map town --hours 0.1 --arm guarded
    """
    from guiderail.sim.lab.sumo.referee import Case, print_referee  # noqa: PLC0415

    who = Case(map=map_, hours=hours, arm=arm, mutant=mutant, seed=seed, cars=cars)
    case = replace(who, guide=guide, rate=rate)
    print_referee(case, as_json=json_)


def faults(  # noqa: PLR0913  each option is one knob
    *,
    fault: Annotated[str, typer.Option(help="A key of [faults] in a scenario.")] = "miss",
    levels: Annotated[
        str | None, typer.Option(metavar="A,B,..", help="Levels to try; default: a ladder.")
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder for the results; goes on where it stopped.")
    ],
    trips: Annotated[int, typer.Option(metavar="N", help="Trips per level.")] = 60,
    rate: Annotated[float, typer.Option(help="Share of utterances that are wrong, 0 to 1.")] = 0.5,
    seed: Annotated[int | None, typer.Option(metavar="S", help="Seed of the trips.")] = None,
    scenario: ScenarioFile = None,
    workers: Workers = None,
) -> None:
    """
    Show where the guarantee ends as the driving gets worse.

    Example: guiderail faults --fault miss --trips 20 --out out/faults
    """
    from guiderail.sim.lab.experiment.scenario import load_scenario  # noqa: PLC0415
    from guiderail.sim.lab.results.sweep import usable_cores  # noqa: PLC0415
    from guiderail.sim.lab.studies.faults import study  # noqa: PLC0415

    check_least("--workers", workers)
    wanted = {"trips": trips, "rates": [rate], "seed": seed}
    curve = study.fault_curve(
        load_scenario(scenario, wanted),
        fault,
        study.levels_of(fault, levels),
        out,
        workers or usable_cores(),
    )
    study.print_curve(curve, out)
