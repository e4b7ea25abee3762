"""The route of the hand-made town (see conftest), and of any town at all."""

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guiderail.maps.network import LinkId, RoadNetwork, Turn
from guiderail.maps.routing import UNREACHABLE, Detour, RouteOracle, Tree, Ways
from guiderail.sim.contract.trace import Missed, RerouteCause, Rerouted
from guiderail.sim.driver.planner import MISSES_BORNE, PATIENCE_MS, Planner
from guiderail.sim.driver.route import HARD_TURN_MS, NOWHERE, branch_index


def turn(planner: Planner, from_link: int, to_link: int) -> Turn:
    """Take a turn of the map that has to exist."""
    found = planner.network.turn(LinkId(from_link), LinkId(to_link))
    assert found is not None
    return found


def test_the_best_route_is_planned_and_told_once(planner: Planner) -> None:
    assert planner.route == (0, 1, 2)
    assert planner.next_link() == 1
    assert planner.remaining_ms() == 8_000 + 8_000
    assert planner.news() == [Rerouted(time_ms=0, route=(0, 1, 2), cause=RerouteCause.START)]
    assert planner.news() == []


def test_driving_as_planned_drops_what_is_driven_and_is_no_news(planner: Planner) -> None:
    planner.news()
    planner.enter(LinkId(0), 500)
    planner.enter(LinkId(1), 1_000)
    assert (planner.route, planner.link) == ((1, 2), 1)
    assert planner.has_driven(LinkId(0))
    assert not planner.has_driven(LinkId(1))
    planner.enter(LinkId(2), 2_000)
    assert planner.next_link() == NOWHERE
    assert planner.remaining_ms() == 0
    assert planner.news() == []


def test_ending_up_elsewhere_is_a_miss_and_the_best_way_on(planner: Planner) -> None:
    planner.news()
    planner.enter(LinkId(4), 7_000)
    assert planner.route == (4, 5, 2)
    missed = Missed(time_ms=7_000, link=0, wanted=1, taken=4, from_guide=False)
    assert planner.news() == [
        missed,
        Rerouted(time_ms=7_000, route=(4, 5, 2), cause=RerouteCause.MISSED),
    ]


def test_giving_a_turn_up_beforehand_is_booked_once(planner: Planner) -> None:
    planner.news()
    planner.miss(turn(planner, 0, 3), 7_000)
    assert planner.route == (0, 3, 2)
    planner.enter(LinkId(3), 9_000)
    assert [type(news) for news in planner.news()] == [Missed, Rerouted]


def drive_a_lap_and_miss(planner: Planner, *lap: int) -> None:
    for link in lap:
        planner.enter(LinkId(link), 1_000)


def test_a_turn_missed_twice_is_priced_out_for_the_rest_of_the_trip(planner: Planner) -> None:
    drive_a_lap_and_miss(planner, 4, 5, 0)
    assert planner.route == (0, 1, 2)
    drive_a_lap_and_miss(planner, 4, 5, 0)
    assert planner.route == (0, 3, 2)


def test_a_turn_priced_out_is_still_made_where_it_is_the_only_way(
    network_of: Callable[..., RoadNetwork],
) -> None:
    # 0 -> 2 is the only way to the goal; a miss leads round by 1.
    network = network_of(3, [(0, 1, 1_000), (0, 2, 1_000), (1, 0, 1_000), (2, 0, 1_000)])
    planner = Planner(network, RouteOracle(network), LinkId(0), LinkId(2))
    for _ in range(5):
        drive_a_lap_and_miss(planner, 1, 0)
        assert planner.route == (0, 2)
    assert planner.remaining_ms() == 1_000 < HARD_TURN_MS


def test_a_turn_that_a_guide_wanted_is_missed_without_being_priced_out(planner: Planner) -> None:
    for _ in range(MISSES_BORNE):
        planner.adopt((LinkId(0), LinkId(3), LinkId(2)), "guide", 0, from_guide=True)
        drive_a_lap_and_miss(planner, 4, 5, 0)
    planner.see_closed(frozenset({LinkId(1)}), 0)
    assert planner.route == (0, 3, 2)


def test_giving_up_the_planned_turn_for_itself_changes_nothing(planner: Planner) -> None:
    planner.news()
    planner.miss(turn(planner, 0, 1), 7_000)
    assert planner.news() == []


def test_a_missed_turn_of_the_guide_is_known_as_such(planner: Planner) -> None:
    route = planner.route_with_turn(turn(planner, 1, 10))
    assert route == (0, 1, 10, 2)
    planner.adopt(route, "guide", 1_000, from_guide=True)
    planner.enter(LinkId(1), 2_000)
    planner.news()
    planner.miss(turn(planner, 1, 2), 3_000)
    assert [news.from_guide for news in planner.news() if isinstance(news, Missed)] == [True]


def test_beyond_the_link_that_the_guide_wanted_the_way_is_the_planners_own(
    planner: Planner,
) -> None:
    """0 -> 3 was asked for; 3 -> 2 leads on to the goal, and nobody asked for that."""
    route = (LinkId(0), LinkId(3), LinkId(2))
    planner.adopt(route, "guide", 0, from_guide=True, entered=frozenset({LinkId(3)}))
    assert planner.is_from_guide((LinkId(0), LinkId(3)))
    assert not planner.is_from_guide((LinkId(3), LinkId(2)))


def test_a_wish_to_keep_off_is_about_the_turn_off_the_old_route_alone(planner: Planner) -> None:
    route = (LinkId(0), LinkId(3), LinkId(2))
    planner.adopt(route, "guide", 0, from_guide=True, entered=frozenset())
    assert planner.is_from_guide((LinkId(0), LinkId(3)))
    assert not planner.is_from_guide((LinkId(3), LinkId(2)))


def test_what_was_planned_anyway_stays_the_planners_own(planner: Planner) -> None:
    planner.adopt((LinkId(0), LinkId(1), LinkId(10), LinkId(2)), "guide", 0, from_guide=True)
    assert not planner.is_from_guide((LinkId(0), LinkId(1)))
    assert planner.is_from_guide((LinkId(1), LinkId(10)))
    assert planner.is_from_guide((LinkId(10), LinkId(2)))
    assert planner.holds_wishes


def test_a_second_accepted_change_keeps_the_mark_of_the_first(planner: Planner) -> None:
    planner.adopt((LinkId(0), LinkId(1), LinkId(10), LinkId(2)), "guide", 0, from_guide=True)
    again = (LinkId(0), LinkId(1), LinkId(10), LinkId(2), LinkId(5), LinkId(2))
    planner.adopt(again, "guide", 0, from_guide=True)
    assert planner.is_from_guide((LinkId(1), LinkId(10)))


def test_a_closure_on_the_route_reroutes_and_one_elsewhere_does_not(planner: Planner) -> None:
    planner.news()
    planner.see_closed(frozenset({LinkId(4)}), 1_000)
    assert planner.news() == []
    planner.see_closed(frozenset({LinkId(4), LinkId(1)}), 2_000)
    assert planner.route == (0, 3, 2)
    assert [news.cause for news in planner.news()] == ["closure"]
    planner.see_closed(frozenset({LinkId(1)}), 3_000)
    assert planner.closed == {1, 4}
    assert planner.news() == []


def test_a_closed_link_may_be_left_but_not_entered(planner: Planner) -> None:
    planner.see_closed(frozenset({LinkId(0)}), 0)
    assert planner.route == (0, 1, 2)


def test_turning_back_before_a_barrier_is_no_miss(planner: Planner) -> None:
    planner.see_closed(frozenset({LinkId(0)}), 0)
    planner.news()
    planner.enter(LinkId(11), 9_000)
    assert [type(news) for news in planner.news()] == [Rerouted]


def test_a_goal_cut_off_leaves_the_car_without_a_next_link(planner: Planner) -> None:
    planner.see_closed(frozenset({LinkId(2)}), 0)
    assert planner.route == (0,)
    assert planner.next_link() == NOWHERE
    assert planner.remaining_ms() == UNREACHABLE
    assert planner.alternative(LinkId(0), planner.network.turns_from(LinkId(0))) is None


def test_a_stranded_car_that_goes_on_missed_nothing(planner: Planner) -> None:
    planner.see_closed(frozenset({LinkId(2)}), 0)
    planner.news()
    planner.miss(turn(planner, 0, 4), 1_000)
    planner.enter(LinkId(4), 2_000)
    assert all(isinstance(news, Rerouted) for news in planner.news())


def test_a_goal_behind_the_car_on_its_own_link_is_reached_by_a_loop(
    network: RoadNetwork, routes: RouteOracle
) -> None:
    planner = Planner(network, routes, LinkId(2), LinkId(2), is_goal_behind=True)
    assert planner.route == (2, 5, 2)
    assert planner.remaining_ms() == 15_000 + 20_000
    planner.enter(LinkId(5), 1_000)
    planner.enter(LinkId(2), 2_000)
    assert planner.next_link() == NOWHERE
    planner.pass_goal(3_000)
    assert planner.route == (2, 5, 2)


def test_a_goal_behind_the_car_and_no_way_round_is_no_arrival(
    network: RoadNetwork, routes: RouteOracle
) -> None:
    planner = Planner(network, routes, LinkId(2), LinkId(2), is_goal_behind=True)
    planner.see_closed(frozenset({LinkId(5)}), 0)
    assert planner.route == (2,)
    assert planner.remaining_ms() == UNREACHABLE


def test_a_passed_goal_is_looped_back_to_once(planner: Planner) -> None:
    planner.enter(LinkId(1), 1)
    planner.enter(LinkId(2), 2)
    planner.news()
    planner.pass_goal(3)
    planner.pass_goal(4)
    assert planner.news() == [Rerouted(time_ms=3, route=(2, 5, 2), cause=RerouteCause.GOAL_PASSED)]


def test_leaving_the_goal_link_without_a_word_is_having_passed_the_goal(planner: Planner) -> None:
    planner.enter(LinkId(1), 1)
    planner.enter(LinkId(2), 2)
    planner.news()
    planner.enter(LinkId(5), 3)
    assert [news.cause for news in planner.news()] == ["goal_passed"]


def test_a_turn_already_planned_changes_nothing(planner: Planner) -> None:
    assert planner.route_with_turn(turn(planner, 0, 1)) is planner.route


def test_a_turn_off_the_route_or_into_a_dead_end_has_no_route(planner: Planner) -> None:
    assert planner.route_with_turn(turn(planner, 4, 5)) is None
    assert planner.route_with_turn(turn(planner, 0, 9)) is None


def test_a_route_with_an_illegal_turn_is_planned_for_who_obeys(planner: Planner) -> None:
    assert planner.route_with_turn(turn(planner, 0, 6)) == (0, 6, 1, 2)


def test_calling_somewhere_on_the_way_takes_the_cheapest_of_its_links(planner: Planner) -> None:
    assert planner.route_via(frozenset({LinkId(5)})) == (0, 4, 5, 2)
    assert planner.route_via(frozenset({LinkId(5), LinkId(10)})) == (0, 1, 10, 2)
    assert planner.route_via(frozenset({LinkId(9)})) is None


def test_calling_at_a_place_behind_loops_back_to_this_link(planner: Planner) -> None:
    # 0, 4, 5, 0: 45 s; 0, 11, 0: 60 s; 0, 1, 2, 5, 0: 56 s
    assert planner.route_via(frozenset({LinkId(0)})) == (0, 4, 5, 0, 1, 2)


def test_a_route_may_leave_the_old_one_later(planner: Planner) -> None:
    assert planner.route_via(frozenset({LinkId(5)}), keep=1) == (0, 1, 2, 5, 2)
    assert planner.best_route(keep=1) == (0, 1, 2)


def test_avoiding_goes_round_and_is_given_up_when_it_costs_the_goal(planner: Planner) -> None:
    assert planner.route_avoiding(frozenset({LinkId(10)})) is planner.route
    assert planner.route_avoiding(frozenset({LinkId(1)})) == (0, 3, 2)
    assert planner.route_avoiding(frozenset({LinkId(2)})) is None


def test_avoided_links_stay_avoided_after_a_miss(planner: Planner) -> None:
    planner.avoid(frozenset({LinkId(2 + 8)}))
    planner.avoid(frozenset({LinkId(1)}))
    assert planner.holds_wishes
    planner.see_closed(frozenset({LinkId(1)}), 0)
    assert planner.route == (0, 3, 2)


def test_avoiding_in_a_forced_reroute_is_paid_from_a_bounded_patience(
    network_of: Callable[..., RoadNetwork],
) -> None:
    # 1 -> 3 by 2 takes 10 s, by 4 it takes 70 s: two reroutes are 120 s, a third is too many.
    seconds = [(0, 3, 1), (0, 1, 1), (1, 2, 5), (2, 3, 5), (1, 4, 35), (4, 3, 35), (3, 0, 1)]
    network = network_of(5, [(a, b, 1_000 * cost) for a, b, cost in seconds])
    planner = Planner(network, RouteOracle(network), LinkId(0), LinkId(3))
    planner.avoid(frozenset({LinkId(2)}))
    ways = []
    for now_ms in range(3):
        planner.enter(LinkId(1), now_ms)
        ways.append(planner.route)
        planner.enter(LinkId(0), now_ms)
    assert ways == [(1, 4, 3), (1, 4, 3), (1, 2, 3)]
    assert planner.patience_ms == PATIENCE_MS - 2 * 60_000


def test_what_is_asked_for_last_wins_over_what_was_to_be_avoided(planner: Planner) -> None:
    planner.avoid(frozenset({LinkId(5)}))
    assert planner.route_via(frozenset({LinkId(5)})) == (0, 4, 5, 2)


def test_forgetting_wishes_leaves_the_route_as_it_is(planner: Planner) -> None:
    planner.adopt((LinkId(0), LinkId(3), LinkId(2)), "guide", 0, from_guide=True)
    planner.avoid(frozenset({LinkId(10)}))
    planner.forget_wishes()
    assert planner.route == (0, 3, 2)
    assert not planner.holds_wishes


def test_adopting_the_same_route_is_no_news(planner: Planner) -> None:
    planner.news()
    planner.adopt(planner.route, "guide", 0)
    assert planner.news() == []


@pytest.mark.parametrize(
    ("closed", "best"),
    [
        pytest.param(set(), 1, id="straight on: 16 s"),
        pytest.param({1}, 3, id="the next best: 22 s"),
        pytest.param({1, 3}, 4, id="never 9, which leads nowhere"),
    ],
)
def test_the_alternative_is_the_cheapest_legal_open_one(
    planner: Planner, closed: set[LinkId], best: int
) -> None:
    planner.see_closed(frozenset(closed), 0)
    feasible = [turn(planner, 0, link) for link in (9, 7, 6, 4, 3, 1)]
    found = planner.alternative(LinkId(0), feasible)
    assert found is not None
    assert found.to_link == best


def test_equal_alternatives_are_told_apart_by_link_id(
    network_of: Callable[..., RoadNetwork],
) -> None:
    turns = [(0, 1, 9), (0, 2, 9), (1, 3, 9), (2, 3, 9), (3, 0, 9)]
    network = network_of(4, turns)
    planner = Planner(network, RouteOracle(network), LinkId(0), LinkId(3))
    both = (turn(planner, 0, 2), turn(planner, 0, 1))
    assert planner.alternative(LinkId(0), both) == both[1]


# A ring, so that everything is reachable, with any chords.
TOWNS = st.integers(3, 9).flatmap(
    lambda size: st.tuples(
        st.just(size),
        st.dictionaries(
            st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), st.integers(1, 50)
        ),
        st.lists(st.integers(0, 10_000), max_size=12),
    )
)


def ring(size: int, chords: dict[tuple[int, int], int]) -> list[tuple[int, int, int]]:
    """Turns of a ring with chords."""
    turns = {(i, (i + 1) % size): 20 for i in range(size)} | chords
    return [(a, b, cost) for (a, b), cost in turns.items()]


@given(TOWNS)
def test_wherever_the_car_ends_up_there_is_a_legal_open_route_to_the_goal(
    network_of: Callable[..., RoadNetwork],
    town: tuple[int, dict[tuple[int, int], int], list[int]],
) -> None:
    size, chords, choices = town
    network = network_of(size, ring(size, chords))
    routes = RouteOracle(network)
    planner = Planner(network, routes, LinkId(0), LinkId(size - 1))
    twin = Planner(network, routes, LinkId(0), LinkId(size - 1))
    misses: Counter[tuple[int, int]] = Counter()
    for now_ms, choice in enumerate(choices):
        for each in (planner, twin):
            disturb(each, choice, now_ms)
        told = planner.news()
        assert told == twin.news()
        misses.update((one.link, one.wanted) for one in told if isinstance(one, Missed))
        can_arrive = routes.tree(planner.goal, planner.closed).cost_to_go_ms[planner.link]
        if can_arrive == UNREACHABLE:
            assert planner.route == (planner.link,)
            continue
        assert planner.route[-1] == planner.goal
        steps = list(pairwise(planner.route))
        assert all(b in [t.to_link for t in network.turns_from(a)] for a, b in steps)
        assert planner.closed.isdisjoint(planner.route[1:])
        is_patient = max(misses.values(), default=0) < MISSES_BORNE
        assert planner.remaining_ms() == can_arrive or not is_patient


class TreeWays(Ways):
    """Ways of a tree."""

    def __init__(self, tree: Tree, closed: frozenset[LinkId]) -> None:
        self.closed = closed
        self._tree = tree

    def _from(self, link: LinkId) -> Detour:
        return Detour(self._tree.route(link), self._tree.cost_to_go_ms[link], 0)


class ByTree(Planner):
    """Looks every way up in the tree of what is closed and avoided."""

    def _ways(self, avoided: frozenset[LinkId] = frozenset()) -> Ways:
        closed = self.closed | avoided
        return TreeWays(self._routes.tree(self.goal, closed), closed)


@given(TOWNS, st.lists(st.integers(0, 40), max_size=4))
def test_a_search_round_closures_plans_as_the_tree_of_the_closed_map_would(
    network_of: Callable[..., RoadNetwork],
    town: tuple[int, dict[tuple[int, int], int], list[int]],
    avoided: list[int],
) -> None:
    size, chords, choices = town
    network = network_of(size, ring(size, chords))
    routes, ends = RouteOracle(network), (LinkId(0), LinkId(size - 1))
    searching, looking_up = Planner(network, routes, *ends), ByTree(network, routes, *ends)
    for now_ms, choice in enumerate(choices):
        for each in (searching, looking_up):
            each.avoid(frozenset(LinkId(k % size) for k in avoided[: now_ms + 1]))
            disturb(each, choice, now_ms)
        assert searching.news() == looking_up.news()
        assert searching.best_route() == looking_up.best_route()
        assert searching.patience_ms == looking_up.patience_ms
        for onward in network.turns_from(searching.link):
            assert searching.route_with_turn(onward) == looking_up.route_with_turn(onward)


def disturb(planner: Planner, choice: int, now_ms: int) -> None:
    """Close a link, or end up on any link that a turn leads to."""
    onward = planner.network.turns_from(planner.link)
    if choice % 5 == 0:
        planner.see_closed(frozenset({LinkId(choice // 5 % planner.network.link_count)}), now_ms)
    else:
        planner.enter(onward[choice % len(onward)].to_link, now_ms)


@given(TOWNS, st.sets(st.integers(0, 2), min_size=1))
def test_the_way_by_a_place_is_as_cheap_as_two_trees_say(
    network_of: Callable[..., RoadNetwork],
    town: tuple[int, dict[tuple[int, int], int], list[int]],
    places: set[LinkId],
) -> None:
    size, chords, _ = town
    network = network_of(size, ring(size, chords))
    routes, goal = RouteOracle(network), LinkId(size - 1)
    planner = Planner(network, routes, LinkId(0), goal)

    def by(place: LinkId) -> int:
        there = routes.tree(place).cost_to_go_ms
        first = min(t.cost_ms + there[t.to_link] for t in network.turns_from(LinkId(0)))
        return first + routes.tree(goal).cost_to_go_ms[place]

    route = planner.route_via(frozenset(places))
    assert route is not None
    assert not places.isdisjoint(route[1:])
    assert planner.remaining_ms(route) == min(map(by, places))


@pytest.mark.parametrize(
    ("new", "part"),
    [
        pytest.param((0, 1, 2), None, id="the same route"),
        pytest.param((0, 3, 2), 0, id="at once"),
        pytest.param((0, 1, 4), 1, id="after one turn in common"),
        pytest.param((0, 1, 2, 5), 2, id="where the old one ends"),
    ],
)
def test_two_routes_part_after_the_last_link_that_they_share(
    new: tuple[int, ...], part: int | None
) -> None:
    assert branch_index(_links(0, 1, 2), _links(*new)) == part


def _links(*links: int) -> tuple[LinkId, ...]:
    return tuple(LinkId(link) for link in links)
