"""
The price list of a map: what one missed turn costs, before anybody drives.

Best routes between random places are followed; wherever such a route turns off, the car is let go
on as straight as it may instead, and then by the best way from there. Free flow, no lights and no
traffic, so this is the floor under every refusal and every miss.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from rich import box
from rich.table import Table

from guiderail.maps.library.load import load_map
from guiderail.maps.network import LinkId, RoadNetwork, Turn, TurnKind
from guiderail.maps.routing import UNREACHABLE, RouteOracle, Tree
from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.lab.experiment.provenance import credit
from guiderail.sim.lab.experiment.seeding import generator
from guiderail.sim.lab.report.screen import say, screen

TRIPS: Final = 400
TRIPS_PER_GOAL: Final = 10
"""Trips that share a goal, and so its routing tree."""
PERCENTILES: Final = (50, 90, 99)


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedTurn:
    """A turn of a best route, passed by."""

    link: LinkId
    wanted: LinkId
    taken: LinkId
    extra_ms: int
    """Free-flow time that the way over ``taken`` takes longer [ms], >= 0."""
    is_exit: bool
    """Whether ``wanted`` leaves a motorway or trunk road."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedTrip:
    """A best route and the prices along it."""

    goal: LinkId
    free_flow_ms: int
    choices: int
    """Nodes where more than one legal turn leads on, turning round aside."""
    missed: tuple[MissedTurn, ...]


def price_trips(network: RoadNetwork, trips: int, seed: int) -> list[PricedTrip]:
    """Follow the best routes of random trips and price every turn of them."""
    routes = RouteOracle(network)
    rng = generator(seed, "prices")
    world = np.flatnonzero(network.links.in_world)
    goals = rng.choice(world, size=-(-trips // TRIPS_PER_GOAL))
    origins = rng.choice(world, size=trips)
    pairs = zip(np.repeat(goals, TRIPS_PER_GOAL)[:trips].tolist(), origins.tolist(), strict=True)
    return [
        _priced(network, routes.tree(LinkId(goal)), LinkId(origin))
        for goal, origin in pairs
        if goal != origin
    ]


def _priced(network: RoadNetwork, tree: Tree, origin: LinkId) -> PricedTrip:
    steps = list(pairwise(tree.route(origin)))
    open_turns = [_onward(network, tree, link) for link, _ in steps]
    prices = (
        _missed(tree, turns, wanted) for turns, (_, wanted) in zip(open_turns, steps, strict=True)
    )
    return PricedTrip(
        goal=tree.goal,
        free_flow_ms=tree.cost_to_go_ms[origin],
        choices=sum(len(turns) > 1 for turns in open_turns),
        missed=tuple(one for one in prices if one is not None),
    )


def _onward(network: RoadNetwork, tree: Tree, link: LinkId) -> list[Turn]:
    return [
        turn
        for turn in network.turns_from(link)
        if turn.kind is not TurnKind.U_TURN and tree.cost_to_go_ms[turn.to_link] < UNREACHABLE
    ]


def _missed(tree: Tree, turns: Sequence[Turn], wanted: LinkId) -> MissedTurn | None:
    """Price of passing the wanted turn; None where it is the straightest way on, or the only."""
    taken = min(turns, key=lambda turn: (abs(turn.angle_cdeg), turn.to_link), default=None)
    chosen = next((turn for turn in turns if turn.to_link == wanted), None)
    if taken is None or chosen is None or taken is chosen:
        return None
    price = [turn.cost_ms + tree.cost_to_go_ms[turn.to_link] for turn in (taken, chosen)]
    return MissedTurn(
        link=chosen.from_link,
        wanted=wanted,
        taken=taken.to_link,
        extra_ms=price[0] - price[1],
        is_exit=chosen.kind is TurnKind.EXIT,
    )


def price_list(network: RoadNetwork, trips: int = TRIPS, seed: int = 1) -> dict[str, Any]:
    """
    Summarize what missed turns cost on a map, motorway and trunk exits apart.

    Parameters
    ----------
    network
        The map.
    trips
        Random trips to follow, >= 1.
    seed
        Seed of the trips.

    Raises
    ------
    ScenarioError
        When there is no trip to follow.
    """
    if trips < 1:
        raise ScenarioError(f"--trips {trips} is below the least value, 1")
    priced = price_trips(network, trips, seed)
    missed = [one for trip in priced for one in trip.missed]
    return {
        "map": dict(network.header),
        "seed": seed,
        "trips": len(priced),
        "trip_s": _percentiles([trip.free_flow_ms for trip in priced]),
        "choices_per_trip": _percentiles([trip.choices * 1_000 for trip in priced]),
        "missed_turn_s": _percentiles([one.extra_ms for one in missed if not one.is_exit]),
        "missed_exit_s": _percentiles([one.extra_ms for one in missed if one.is_exit]),
    }


def _percentiles(values: Sequence[int]) -> dict[str, float | int | None]:
    """Count, and percentiles in thousands of the unit; null where nothing was seen."""
    found = np.percentile(values, PERCENTILES).tolist() if values else [None] * len(PERCENTILES)
    named = zip(PERCENTILES, found, strict=True)
    return {"count": len(values)} | {
        f"p{percent}": None if value is None else round(value / 1_000, 3)
        for percent, value in named
    }


def print_prices(name: str, trips: int, seed: int, *, as_json: bool) -> None:
    """
    Print the price list of a map, as a table or as JSON.

    Raises
    ------
    GuiderailError
        When the map cannot be found, or no trip is asked for.
    """
    prices = price_list(load_map(name), trips, seed)
    console = screen()
    if as_json:
        say(console, json.dumps(prices, indent=2, ensure_ascii=False))
        return
    say(console, f"{prices['trips']} best routes at free flow, seed {seed}.")
    console.print(_table(prices))
    say(console, credit(prices["map"]) + ".")


def _table(prices: dict[str, Any]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title="What one missed turn costs", title_justify="left")
    table.add_column("")
    for heading in ("count", "median", "90 %", "99 %"):
        table.add_column(heading, justify="right")
    for label, key in (
        ("trip, s", "trip_s"),
        ("choices per trip", "choices_per_trip"),
        ("missed turn, s", "missed_turn_s"),
        ("missed motorway or trunk exit, s", "missed_exit_s"),
    ):
        row = prices[key]
        values = ("-" if row[f"p{p}"] is None else f"{row[f'p{p}']:,.0f}" for p in PERCENTILES)
        table.add_row(label, f"{row['count']:,}", *values)
    return table
