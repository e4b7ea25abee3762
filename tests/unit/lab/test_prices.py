"""What a missed turn costs is looked up, turn by turn, and is never a gain."""

import json

import networkx as nx
import pytest

from guiderail.maps.network import LinkId, RoadNetwork, TurnKind
from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.lab.report.prices import (
    MissedTurn,
    PricedTrip,
    price_list,
    price_trips,
    print_prices,
)


@pytest.fixture(scope="module")
def priced(town: RoadNetwork) -> list[PricedTrip]:
    return price_trips(town, 40, seed=3)


def missed(priced: list[PricedTrip]) -> list[MissedTurn]:
    return [one for trip in priced for one in trip.missed]


def turn_graph(town: RoadNetwork) -> "nx.DiGraph[int]":
    """Turns as arcs, with their price as weight, for a router that is not ours."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    for link in map(LinkId, range(town.link_count)):
        for turn in town.turns_from(link):
            graph.add_edge(link, turn.to_link, weight=turn.cost_ms)
    return graph


def test_passing_a_turn_of_a_best_route_never_saves_time(priced: list[PricedTrip]) -> None:
    prices = [one.extra_ms for one in missed(priced)]
    assert len(prices) > 50
    assert min(prices) >= 0
    assert max(prices) > 10_000


def test_the_car_goes_on_as_straight_as_it_may(town: RoadNetwork, priced: list[PricedTrip]) -> None:
    for one in missed(priced):
        angles = {
            turn.to_link: abs(turn.angle_cdeg)
            for turn in town.turns_from(one.link)
            if turn.kind is not TurnKind.U_TURN
        }
        assert angles[one.taken] <= angles[one.wanted]
        assert one.taken != one.wanted


def test_a_price_is_the_difference_that_another_router_finds(town: RoadNetwork) -> None:
    (trip,) = price_trips(town, 1, seed=5)
    graph = turn_graph(town)
    assert trip.missed
    for one in trip.missed:
        far, near = (
            nx.dijkstra_path_length(graph, link, trip.goal) for link in (one.taken, one.wanted)
        )
        first = {turn.to_link: turn.cost_ms for turn in town.turns_from(one.link)}
        assert one.extra_ms == first[one.taken] + far - first[one.wanted] - near


def test_exits_of_motorways_are_listed_apart(town: RoadNetwork) -> None:
    prices = price_list(town, trips=200, seed=1)
    assert prices["missed_exit_s"]["count"] > 10
    assert prices["missed_exit_s"]["p50"] > prices["missed_turn_s"]["p50"]


def test_the_same_seed_gives_the_same_list(town: RoadNetwork) -> None:
    assert price_list(town, 20, 7) == price_list(town, 20, 7) != price_list(town, 20, 8)


def test_no_trip_is_no_list(town: RoadNetwork) -> None:
    with pytest.raises(ScenarioError, match="--trips 0 is below the least value, 1"):
        price_list(town, 0, 1)


def test_the_list_can_be_read_by_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    print_prices("town", 20, 1, as_json=True)
    assert set(json.loads(capsys.readouterr().out)) >= {"missed_turn_s", "missed_exit_s", "trip_s"}
