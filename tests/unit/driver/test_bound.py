"""
The worst case of a trip, by hand in the small town (see conftest) and against brute force.

One change off 0, 1, 2: by 3 6 s, by 10 10 s, by 4 and 5 24 s, turning round 60 s.
"""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing import UNREACHABLE, RouteOracle, Tree
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.trip import Trip
from guiderail.sim.driver.guard.budget import Budget
from guiderail.sim.lab.measure.delay_bound import Approach, WorldLimits, delay_bound

NO_HOLD = WorldLimits(signal_ms=0, yield_ms=0, misses=0, link_ms=0)


@pytest.mark.parametrize(
    ("changes", "extra_s", "most_s"),
    [
        (0, 300, 0),
        (1, 300, 60),
        (1, 59, 24),
        (2, 44, 24),
        pytest.param(2, 45, 45, id="by 4 and 5, 24 s, then from 5 back to 0, 21 s"),
        pytest.param(2, 119, 84, id="turning round once, and by 4 and 5"),
        pytest.param(2, 120, 120, id="turning round twice"),
    ],
)
def test_what_turns_can_buy(
    town: SimpleNamespace, routes: RouteOracle, changes: int, extra_s: int, most_s: int
) -> None:
    budget = Budget(changes=changes, extra_ms=extra_s * 1_000)
    approach = Approach(town.network, routes.tree(LinkId(2)))
    bought = approach.buyable(LinkId(0), budget.changes, budget.extra_ms)
    assert bought[-1] == most_s * 1_000


def _brute(network: RoadNetwork, tree: Tree, link: LinkId, changes: int, left: int) -> int:
    """Try every turn at every link."""
    cost, best = tree.cost_to_go_ms, 0
    for turn in network.turns_from(link) if cost[link] else ():
        price = turn.cost_ms + cost[turn.to_link] - cost[link]
        if cost[turn.to_link] == UNREACHABLE or price > left or (price and not changes):
            continue
        onward = _brute(network, tree, turn.to_link, changes - (price > 0), left - price)
        best = max(best, price + onward)
    return best


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(1, 9)),
        max_size=14,
        unique_by=lambda turn: turn[:2],
    ),
    st.integers(0, 3),
    st.integers(0, 25),
)
def test_no_sequence_of_turns_buys_more_or_less(
    network_of: Callable[..., RoadNetwork],
    turns: list[tuple[int, int, int]],
    changes: int,
    extra_ms: int,
) -> None:
    network = network_of(6, turns)
    tree = RouteOracle(network).tree(LinkId(5))
    if tree.cost_to_go_ms[0] == UNREACHABLE:
        return
    bought = Approach(network, tree).buyable(LinkId(0), changes, extra_ms)
    assert bought[-1] == _brute(network, tree, LinkId(0), changes, extra_ms)


@pytest.mark.parametrize(
    ("limits", "total_s"),
    [
        pytest.param(NO_HOLD, 60 + 120, id="what is bought, and what a held wish may cost"),
        pytest.param(
            WorldLimits(signal_ms=0, yield_ms=0, misses=0, link_ms=1_000),
            60 + 120 + 5,
            id="1 s for each of 0, 11, 0, 1, 2",
        ),
        pytest.param(
            WorldLimits(signal_ms=0, yield_ms=0, misses=1, link_ms=0),
            60 + 120 + 2 * 60,
            id="two misses, each turning round",
        ),
    ],
)
def test_the_bound_on_the_whole_delay(
    town: SimpleNamespace, routes: RouteOracle, limits: WorldLimits, total_s: int
) -> None:
    trip = Trip(
        seed=TripSeed(1, 2),
        origin=LinkId(0),
        origin_mm=0,
        goal=LinkId(2),
        goal_mm=50_000,
        goal_name="Town Hall",
    )
    budget = Budget(changes=1, extra_ms=60_000)
    bound = delay_bound(town.network, routes.tree(LinkId(2)), trip, budget, limits)
    assert (bound.granted_ms, bound.turns_ms) == (60_000, 60_000)
    assert bound.total_ms == total_s * 1_000
