"""The commands ``guiderail late`` and ``guiderail sensitivity``: what people make of late words."""

from typing import TYPE_CHECKING, Annotated

import typer

from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.lab.options import ScenarioFile, check_least

if TYPE_CHECKING:
    from guiderail.sim.lab.late import Cell


def late(
    *,
    runs: Annotated[int, typer.Option(metavar="N", help="Runs per cell.")] = 200,
    speed_kmh: Annotated[int, typer.Option("--speed", help="Limit and speed [km/h].")] = 50,
    friction: Annotated[float, typer.Option(help="Friction coefficient.")] = 0.8,
    people: Annotated[str, typer.Option(help="ordinary, calm or flustered.")] = "ordinary",
    arm: Annotated[str | None, typer.Option(help="One arm; default: all that listen.")] = None,
) -> None:
    """Show what a turn asked for 1.5 to 6 s ahead comes to, arm by arm."""
    from guiderail.sim.driver.arms import ARMS  # noqa: PLC0415
    from guiderail.sim.driver.people import PEOPLE  # noqa: PLC0415
    from guiderail.sim.lab.late import LEADS_S, LateTurn  # noqa: PLC0415

    arms = ARMS[1:] if arm is None else (arm,)
    check_least("--runs", runs)
    if people not in PEOPLE:
        raise ScenarioError(f"no people named {people!r}; there are: {', '.join(PEOPLE)}")
    if not 20 <= speed_kmh <= 70:  # noqa: PLR2004  what the approach is long enough for
        raise ScenarioError(f"--speed {speed_kmh} is outside 20 .. 70 km/h")
    if not 0.05 <= friction <= 1.2:  # noqa: PLR2004  as in a scenario
        raise ScenarioError(f"--friction {friction:g} is outside 0.05 .. 1.2")
    experiment = LateTurn(speed_kmh, friction, PEOPLE[people])
    _print_cells([experiment.cell(one, lead, runs) for one in arms for lead in LEADS_S])


def _print_cells(cells: "list[Cell]") -> None:
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    from guiderail.sim.lab.screen import say, screen  # noqa: PLC0415

    table = Table(title="A turn in lane, asked for late", box=box.SIMPLE_HEAD)
    for name in ("arm", "lead s", "runs", "tried", "hard brake", "lateral excess", "left the road"):
        table.add_column(name, justify="left" if name == "arm" else "right")
    for cell in cells:
        shares = (cell.hard, cell.excess, cell.slipped)
        table.add_row(
            cell.arm,
            f"{cell.lead_s:g}",
            str(cell.runs),
            f"{cell.tried / cell.runs:.2f}",
            *(f"{share / cell.tried:.2f}" if cell.tried else "-" for share in shares),
        )
    console = screen()
    console.print(table)
    say(console, "Shares of those who tried; hard: over 3 m/s^2, excess: over 4.89 m/s^2.")


def sensitivity(
    *,
    scenario: ScenarioFile = None,
    arm: Annotated[str, typer.Option(help="obeying_human or judging_human.")] = "judging_human",
    rate: Annotated[float, typer.Option(help="Share of utterances that are wrong.")] = 1.0,
    trips: Annotated[int, typer.Option(metavar="N", help="Trips per value.")] = 40,
) -> None:
    """Vary each assumption about people by half, and show how far the infractions move."""
    from guiderail.sim.driver.arms import HUMANS  # noqa: PLC0415
    from guiderail.sim.lab import sensitivity as study  # noqa: PLC0415
    from guiderail.sim.lab.run import Laboratory  # noqa: PLC0415
    from guiderail.sim.lab.scenario import load_scenario  # noqa: PLC0415
    from guiderail.sim.lab.screen import say, screen  # noqa: PLC0415

    if arm not in HUMANS:
        raise ScenarioError(f"no person drives in {arm!r}; there are: {', '.join(HUMANS)}")
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
