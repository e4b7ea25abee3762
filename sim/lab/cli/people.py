"""The commands ``guiderail late`` and ``guiderail sensitivity``: what people make of late words."""

from pathlib import Path
from typing import Annotated

import typer

from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.lab.cli.options import ScenarioFile, check_folder, check_least


def late(  # noqa: PLR0913  each option is its own
    *,
    case: Annotated[
        str, typer.Option(help="What is asked for, or all; a wrong one lists them.")
    ] = "in_lane",
    runs: Annotated[int, typer.Option(metavar="N", help="Runs per cell.")] = 200,
    speed_kmh: Annotated[int, typer.Option("--speed", help="Limit and speed [km/h].")] = 50,
    friction: Annotated[
        float | None, typer.Option(help="Friction coefficient; default: that of the case.")
    ] = None,
    people: Annotated[str, typer.Option(help="ordinary, calm or flustered.")] = "ordinary",
    arm: Annotated[str | None, typer.Option(help="One arm; default: all that listen.")] = None,
    json_: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write all counts as JSON.")
    ] = None,
    png: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw a figure.")] = None,
) -> None:
    """
    Show what a turn asked for too late comes to, arm by arm.

    Example: guiderail late --case in_lane --runs 20
    """
    from guiderail.sim.driver.people import PEOPLE  # noqa: PLC0415
    from guiderail.sim.lab.studies.late.cases import CASES  # noqa: PLC0415
    from guiderail.sim.lab.studies.late.study import LateTurn  # noqa: PLC0415
    from guiderail.sim.lab.studies.late.table import print_tables, write_cells  # noqa: PLC0415

    arms = _listening(arm)
    check_least("--runs", runs)
    check_folder("--json", json_)
    check_folder("--png", png)
    if people not in PEOPLE:
        raise ScenarioError(f"no people named {people!r}; there are: {', '.join(PEOPLE)}")
    if not 20 <= speed_kmh <= 70:  # noqa: PLR2004  what the approach is long enough for
        raise ScenarioError(f"--speed {speed_kmh} is outside 20 .. 70 km/h")
    if friction is not None and not 0.05 <= friction <= 1.2:  # noqa: PLR2004  as in a scenario
        raise ScenarioError(f"--friction {friction:g} is outside 0.05 .. 1.2")
    cells = []
    for name in CASES if case == "all" else (case,):
        turn = LateTurn(name, speed_kmh=speed_kmh, friction=friction, person=PEOPLE[people])
        cells += [turn.cell(one, lead, runs) for one in arms for lead in turn.case.leads_s]
    print_tables(cells)
    about = {"speed_kmh": speed_kmh, "friction": friction, "people": people}
    if json_ is not None:
        write_cells(cells, about, json_)
    if png is not None:
        from guiderail.sim.lab.studies.late.figure import draw_late  # noqa: PLC0415

        draw_late(cells, f"{speed_kmh} km/h, {runs} runs, {people} people", png)


def _listening(arm: str | None) -> tuple[str, ...]:
    """Arms that words are said to: one, or all; a car without a guide hears none."""
    from guiderail.sim.driver.arms import arms  # noqa: PLC0415

    listening = tuple(name for name, one in arms().items() if one.hears_guide)
    if arm is None:
        return listening
    if arm not in listening:
        raise ScenarioError(f"no arm named {arm!r} listens; there are: {', '.join(listening)}")
    return (arm,)


def sensitivity(
    *,
    scenario: ScenarioFile = None,
    arm: Annotated[str, typer.Option(help="obeying_human or judging_human.")] = "judging_human",
    rate: Annotated[float, typer.Option(help="Share of utterances that are wrong.")] = 1.0,
    trips: Annotated[int, typer.Option(metavar="N", help="Trips per value.")] = 40,
) -> None:
    """
    Show how far each guess about people moves the infractions.

    Each is varied by half. Example: guiderail sensitivity --trips 5
    """
    from guiderail.sim.driver.arms import arms  # noqa: PLC0415
    from guiderail.sim.lab.experiment.run import Laboratory  # noqa: PLC0415
    from guiderail.sim.lab.experiment.scenario import load_scenario  # noqa: PLC0415
    from guiderail.sim.lab.report.screen import say, screen  # noqa: PLC0415
    from guiderail.sim.lab.studies import sensitivity as study  # noqa: PLC0415

    people = [name for name, one in arms().items() if one.is_person]
    if arm not in people:
        raise ScenarioError(f"no person drives in {arm!r}; there are: {', '.join(people)}")
    check_least("--trips", trips)
    wanted = {"arms": [arm], "rates": [rate], "trips": trips}
    laboratory, console = Laboratory(load_scenario(scenario, wanted)), screen()
    as_is = study.base(laboratory, arm, rate, trips)
    say(console, f"{arm}, rate {rate:g}, {trips} trips: serious infractions per 1,000 km")
    say(
        console,
        f"{'as assumed':24} {as_is.per_1000_km:8.0f}  ({as_is.serious} in {as_is.km:.0f} km)",
    )
    say(console, f"{'assumption':24} {'x 0.5':>8} {'x 1.5':>8}")
    for row in study.rows(laboratory, arm, rate, trips):
        less, more = (count.per_1000_km for count in row.counts)
        say(console, f"{row.name:24} {less:8.0f} {more:8.0f}  {row.value}: {row.source}")
