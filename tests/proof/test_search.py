"""The search calls the shipped car, misses nothing of its state, and can convict."""

from types import SimpleNamespace
from typing import Any

import pytest

from guiderail.maps.network import LinkId
from guiderail.sim.contract.errors import KernelError
from guiderail.sim.contract.messages import Command
from guiderail.sim.driver.guard.budget import Budget
from guiderail.sim.lab.measure.delay_bound import Approach
from guiderail.sim.proof.properties import shipped
from guiderail.sim.proof.prove import STARTS
from guiderail.sim.proof.search.arena import Arena
from guiderail.sim.proof.search.explorer import Explorer, guarded, obeying
from guiderail.sim.proof.search.memory import Mind
from guiderail.sim.proof.search.shield import BRAKING_MM_S2, least_roads, permissiveness
from guiderail.sim.proof.search.sites import SITES, Site
from guiderail.sim.proof.search.strategic import Game


@pytest.fixture(scope="module")
def exit_() -> Site:
    return SITES["motorway_exit"]()


def _search(site: Site, car: Any, limit: int = 100_000) -> Any:
    arena = Arena(site.network)
    start = arena.start(site.origin, 120_000, 15_000, 1)
    return Explorer(site, car, arena=arena, limit=limit).search([start])


def test_whatever_is_said_before_a_motorway_exit_the_guarded_car_breaks_nothing(
    exit_: Site,
) -> None:
    found = _search(exit_, guarded)
    assert (found.is_complete, found.violations.total(), found.trapped) == (True, 0, 0)
    assert found.states > 1_000
    assert found.transitions > 5 * found.states
    assert {"admissible", "over_budget", "wrong_way", "too_late"} <= set(found.reasons)


def test_the_same_words_break_the_car_that_obeys_and_the_way_there_is_told(exit_: Site) -> None:
    found = _search(exit_, obeying, limit=2_000)
    assert found.violations["unsafe_lane_change"] > 0
    first, *told, last = found.example
    assert first == "0.0 s: sets off on M1, 210.0 m before its end at 15.0 m/s in lane 1"
    assert any("the guide says: turn onto Exit; the lane beside is taken" in line for line in told)
    assert "unsafe_lane_change" in last
    assert found.examples["unsafe_lane_change"] == found.example


def test_the_first_way_followed_to_its_end_is_silent_and_one_word_at_its_end_is_harm(
    exit_: Site,
) -> None:
    arena = Arena(exit_.network)
    start = arena.start(exit_.origin, 120_000, 15_000, 1)
    ways = [
        Explorer(exit_, obeying, arena=arena, limit=1_500).search([start], is_deepest_first=is_)
        for is_ in (True, False)
    ]
    *before, last = ways[0].examples["illegal_turn"]
    assert "said: turn" in last
    assert not any("the guide says" in line for line in before)
    assert ways[1].violations["illegal_turn"] == 0


@pytest.mark.parametrize("kind", SITES)
def test_the_car_that_obeys_is_convicted_of_a_banned_turn_at_every_kind_of_junction(
    kind: str,
) -> None:
    site = SITES[kind]()
    arena, clause = Arena(site.network), "illegal_turn"
    search = Explorer(site, obeying, arena=arena, limit=3_000, stops_at=clause)
    starts = [arena.start(site.origin, *start) for start in STARTS[kind]]
    found = search.search(starts, is_deepest_first=True)
    assert found.violations[clause] > 0
    # Silence is innocent: the way there ends with a word.
    assert "said: turn" in found.examples[clause][-1]


def test_a_search_that_is_cut_short_says_so(exit_: Site) -> None:
    assert not _search(exit_, guarded, limit=50).is_complete


def test_a_driver_put_back_drives_on_as_before(exit_: Site) -> None:
    driver, arena = guarded(exit_), Arena(exit_.network)
    mind, car = Mind(driver), arena.start(exit_.origin, 100_000, 15_000)
    seen, before = arena.perceive(car, Command(0, exit_.goal)), mind.memory()
    said = next(word for word in exit_.words(exit_.origin) if word and word.road == "Exit")
    command = driver.command(seen)
    mind.recall(before)
    driver.hear(said, seen)
    assert mind.memory() != before
    mind.recall(before)
    assert mind.memory() == before
    assert driver.command(seen) == command


def test_state_of_an_unknown_kind_is_an_error_and_not_left_out(exit_: Site) -> None:
    driver: Any = guarded(exit_)
    driver.mood = SimpleNamespace(angry=True)
    with pytest.raises(KernelError, match="cannot see mood"):
        Mind(driver)


def test_a_single_attribute_is_remembered_like_many() -> None:
    driver: Any = SimpleNamespace(mood=1)
    mind = Mind(driver)
    before = mind.memory()
    driver.mood = 2
    assert mind.memory() != before
    mind.recall(before)
    assert driver.mood == 1


@pytest.mark.parametrize("kind", ["signal", "roundabout", "motorway_exit"])
@pytest.mark.parametrize("changes", [0, 1, 2])
def test_two_ways_to_the_worst_guide_agree_to_the_millisecond(kind: str, changes: int) -> None:
    """All words to the shipped guard, searched whole, and the sums of turns over the map."""
    site = SITES[kind]()
    budget = Budget(changes=changes, extra_ms=100_000, spacing_ms=0)
    worst = Game(site, shipped(site, budget)).solve()
    approach = Approach(site.network, site.routes.tree(site.goal))
    bought = approach.buyable(site.origin, changes, budget.extra_ms)
    assert worst.delay_ms == bought[-1] <= budget.extra_ms


def test_what_the_worst_guide_says_costs_what_was_computed(exit_: Site) -> None:
    budget = Budget(changes=2, extra_ms=200_000, spacing_ms=0)
    worst = Game(exit_, shipped(exit_, budget)).solve()
    driver, arena, time_ms = shipped(exit_, budget), Arena(exit_.network), 0
    for said in worst.line:
        link = driver.route()[0]
        if said is not None:
            driver.hear(said, arena.perceive(arena.start(link, 0, 0), Command(0, link)))
        turn = exit_.network.turn(*driver.route()[:2])
        assert turn is not None
        time_ms += turn.cost_ms
        driver.command(arena.perceive(arena.start(turn.to_link, 0, 0), Command(0, link)))
    assert (time_ms, driver.route()) == (worst.time_ms, (exit_.goal,))


def test_the_fixpoint_is_the_stop_distance_worked_out_by_hand() -> None:
    edge = least_roads(0, 600)
    # 480 mm/s: a tick of 240 down covers 36 mm, the next 12 mm; 500 mm/s: 38, 14 and 1 mm.
    assert BRAKING_MM_S2 == 2_400
    assert (edge[24], edge[25], edge[0]) == (48, 53, 0)


def test_the_guard_accepts_nearly_all_that_could_be_accepted_and_nothing_else(
    exit_: Site,
) -> None:
    found = permissiveness(exit_, coarse=5)
    assert found.outside == 0
    assert found.share >= 0.99


def test_words_of_a_site_are_made_of_every_turn_there(exit_: Site) -> None:
    onto = {word.onto for word in exit_.words(exit_.origin) if word is not None}
    turns = exit_.network.turns_from(exit_.origin)
    assert {LinkId(turn.to_link) for turn in turns} <= onto
