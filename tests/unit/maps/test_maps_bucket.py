"""Compiled trees: the same as the plain ones, bit for bit, on any graph and under any closures."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from guiderail.maps.errors import MapError
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing import UNREACHABLE, RouteOracle, bucket
from guiderail.maps.synthetic.networks import straight_road

needs_numba = pytest.mark.skipif(not bucket.has_numba(), reason="the extra 'fast' is missing")

COSTS = st.one_of(st.integers(1, 9), st.integers(1, 30_000), st.integers(4_095, 4_097))
ARCS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11), COSTS), max_size=60)
BUILDS = [
    pytest.param(lambda: bucket.price_links, id="as Python"),
    pytest.param(lambda: bucket.kernels().price, id="compiled", marks=needs_numba),
]


@pytest.mark.parametrize("build", BUILDS)
@settings(deadline=None)  # the first call compiles
@given(arcs=ARCS, goal=st.integers(0, 11), shut=st.sets(st.integers(0, 11)))
def test_the_bucket_queue_prices_any_graph_as_scipy_does(
    build: Callable[[], Callable[..., bool]],
    arcs: list[tuple[int, int, int]],
    goal: int,
    shut: set[int],
) -> None:
    arcs = sorted({(a, b): (a, b, cost) for a, b, cost in arcs}.values())
    onto, origin, cost = np.array(arcs or np.empty((0, 3)), dtype=np.int32).T.copy()
    start = np.searchsorted(onto, np.arange(13)).astype(np.int32)
    closed = np.isin(np.arange(12), sorted(shut))
    costs = np.full(12, UNREACHABLE, dtype=np.int64)
    assert build()(start, origin, cost, goal, closed, costs)
    kept = ~closed[onto]
    graph = csr_array((cost[kept].astype(float), (onto[kept], origin[kept])), shape=(12, 12))
    assert costs.tolist() == np.minimum(dijkstra(graph, indices=goal), UNREACHABLE).tolist()


def test_of_two_equal_ways_the_lower_link_is_chosen_and_a_closed_one_never() -> None:
    start, target = np.array([0, 2, 3, 4, 4], np.int32), np.array([1, 2, 3, 3], np.int32)
    cost, costs = np.array([5, 5, 7, 7], np.int32), np.array([12, 7, 7, 0])
    for shut, chosen in ((), 1), ((1,), 2):
        following = np.full(4, -1, np.int32)
        closed = np.isin(np.arange(4), shut)
        bucket.choose_next(start, target, cost, closed, costs, following)
        assert following.tolist() == [chosen, 3, 3, -1]


@needs_numba
@pytest.mark.parametrize("closures", [0, 1, 3, 80])
def test_a_compiled_tree_is_the_plain_one_under_any_closures(
    network: RoadNetwork, closures: int
) -> None:
    plain, fast = (RouteOracle(network, is_compiled=choice) for choice in (False, True))
    source = np.random.default_rng(closures)
    for goal in source.integers(network.link_count, size=25).tolist():
        closed = frozenset(
            LinkId(i) for i in source.integers(network.link_count, size=closures).tolist()
        )
        assert fast.tree(LinkId(goal), closed) == plain.tree(LinkId(goal), closed)


@needs_numba
def test_a_queue_that_is_full_leaves_the_tree_to_scipy(
    monkeypatch: pytest.MonkeyPatch, the_town: RoadNetwork
) -> None:
    expected = RouteOracle(the_town, is_compiled=False).tree(LinkId(7))
    full = bucket.Kernels(lambda *_: False, bucket.choose_next)
    monkeypatch.setattr(bucket, "kernels", lambda: full)
    assert RouteOracle(the_town, is_compiled=True).tree(LinkId(7)) == expected


def test_the_queue_says_when_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket, "ENTRIES_PER_ARC", 0)
    start, ones = np.array([0, 2, 2, 2], np.int32), np.ones(2, np.int32)
    costs = np.full(3, UNREACHABLE, dtype=np.int64)
    shut = np.zeros(3, dtype=np.bool_)
    assert not bucket.price_links(start, np.array([1, 2], np.int32), ones, 0, shut, costs)


def test_compiled_trees_without_numba_are_refused_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bucket, "has_numba", lambda: False)
    with pytest.raises(MapError, match=r"pip install 'guiderail\[fast\]'"):
        RouteOracle(straight_road(), is_compiled=True)
    assert not RouteOracle(straight_road()).is_compiled
    bucket.kernels.cache_clear()
    with pytest.raises(MapError, match="needs numba"):
        bucket.kernels()


@needs_numba
def test_numba_is_loaded_once_there_is_enough_work_for_it(
    monkeypatch: pytest.MonkeyPatch, the_town: RoadNetwork
) -> None:
    monkeypatch.setattr("guiderail.maps.routing.trees.COMPILED_AFTER", 3 * the_town.link_count)
    routes, choices = RouteOracle(the_town), list[bool]()
    for goal in range(5):
        choices.append(routes.is_compiled)
        routes.tree(LinkId(goal))
    assert choices == [False, False, False, False, True]
    assert not RouteOracle(the_town, is_compiled=False).is_compiled


def test_compiled_code_is_kept_by_its_source_and_its_numba() -> None:
    here, other = bucket.cache_folder("/x", "1"), bucket.cache_folder("/x", "2")
    assert here.parent == other.parent == Path("/x")
    assert here != other


@needs_numba
def test_the_cache_of_other_users_of_numba_stays_where_it_was() -> None:
    numba = pytest.importorskip("numba")
    before = numba.config.CACHE_DIR
    bucket.kernels.cache_clear()
    bucket.kernels()
    assert before == numba.config.CACHE_DIR


@needs_numba
def test_a_cache_that_cannot_be_written_costs_time_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, the_town: RoadNetwork
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr("numba.config.CACHE_DIR", str(tmp_path / "file"))
    expected = RouteOracle(the_town, is_compiled=False).tree(LinkId(7))
    bucket.kernels.cache_clear()
    assert RouteOracle(the_town, is_compiled=True).tree(LinkId(7)) == expected
