"""What holds of the guard whatever is said, in whatever town."""

from collections.abc import Callable
from dataclasses import fields
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing import UNREACHABLE, RouteOracle
from guiderail.sim.contract.messages import Ask, Decision, Direction, Proposal, Reason
from guiderail.sim.driver.guard.budget import Budget, BudgetAccount
from guiderail.sim.driver.guard.guard import Guard
from guiderail.sim.driver.guard.rules import RULES
from guiderail.sim.driver.planner import Planner

NAMES = st.sampled_from(["Ring Cafe", "School", "Main Street", "Ring Road", "Town Hall", "Moon"])
LINKS = st.integers(-2, 13)
NOISE = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary())
GARBAGE = st.one_of(
    NOISE,
    st.lists(NOISE),
    st.dictionaries(st.text(), NOISE),
    st.builds(
        Proposal,
        ask=st.one_of(st.sampled_from(Ask), NOISE),
        seen_ms=st.one_of(st.just(60_000), NOISE),
        **{field.name: NOISE for field in fields(Proposal)[2:]},
    ),
)
# Built to be understood, so that most get beyond the first rules.
SENSE = st.one_of(
    st.builds(
        Proposal,
        ask=st.just(Ask.TURN),
        seen_ms=st.just(60_000),
        at=LINKS,
        onto=LINKS,
        direction=st.one_of(st.none(), st.sampled_from(Direction)),
    ),
    st.builds(
        Proposal, ask=st.sampled_from([Ask.VIA, Ask.GO_TO]), seen_ms=st.just(60_000), place=NAMES
    ),
    st.builds(
        Proposal,
        ask=st.sampled_from([Ask.TAKE_ROAD, Ask.AVOID]),
        seen_ms=st.just(60_000),
        road=NAMES,
    ),
    st.builds(Proposal, ask=st.just(Ask.AVOID), seen_ms=st.just(60_000), onto=LINKS),
    st.builds(Proposal, ask=st.just(Ask.CANCEL), seen_ms=st.just(60_000)),
)


StateOf = Callable[[Planner, BudgetAccount], Any]


@given(st.one_of(GARBAGE, SENSE), st.integers(0, 300_000), st.integers(0, 1_000))
def test_every_object_gets_one_verdict_and_a_refusal_changes_nothing(
    town: SimpleNamespace,
    state_of: StateOf,
    said: Any,
    s_mm: int,
    speed: int,
) -> None:
    planner, account = town.plan(), BudgetAccount(Budget())
    here = town.seen.but(s_mm=s_mm, speed_mm_s=20 * speed)
    before = state_of(planner, account)
    verdict = Guard(town.gazetteer).decide(said, here, planner, account).verdict
    assert verdict.proposal is said
    assert verdict.reason is not Reason.GUARD_FAULT
    assert (verdict.decision is Decision.ACCEPT) == (verdict.reason is Reason.ADMISSIBLE)
    if verdict.decision is Decision.REFUSE:
        assert state_of(planner, account) == before


@given(st.lists(st.one_of(GARBAGE, SENSE), max_size=6))
def test_a_budget_of_no_change_is_as_good_as_no_guide(
    town: SimpleNamespace,
    state_of: StateOf,
    words: list[Any],
) -> None:
    planner, account = town.plan(), BudgetAccount(Budget(changes=0))
    before = state_of(planner, account)
    for said in words:
        ruling = Guard(town.gazetteer).decide(said, town.seen, planner, account)
        assert not ruling.verdict.changes_route
        assert not ruling.is_charged
    assert state_of(planner, account) == before


@given(st.lists(SENSE, max_size=8), st.integers(0, 4), st.integers(0, 60_000))
def test_whatever_is_said_the_bought_time_stays_within_the_budget_and_the_route_legal(
    town: SimpleNamespace,
    state_of: StateOf,
    words: list[Proposal],
    changes: int,
    extra_ms: int,
) -> None:
    planner = town.plan()
    account = BudgetAccount(Budget(changes=changes, extra_ms=extra_ms, spacing_ms=0))
    best_ms, accepted = planner.remaining_ms(), 0
    for said in words:
        before_ms = planner.remaining_ms()
        verdict = Guard(town.gazetteer).decide(said, town.seen, planner, account).verdict
        assert planner.remaining_ms() == before_ms + verdict.extra_ms
        accepted += verdict.changes_route
    assert accepted <= account.changes <= changes
    assert planner.remaining_ms() <= best_ms + account.extra_ms <= best_ms + extra_ms
    assert (planner.route[0], planner.route[-1]) == (0, 2)
    steps = list(pairwise(planner.route))
    assert all(b in [turn.to_link for turn in town.network.turns_from(a)] for a, b in steps)


@settings(max_examples=50)
@given(st.lists(st.tuples(SENSE, st.integers(0, 2)), max_size=8))
def test_the_same_words_always_get_the_same_verdicts(
    town: SimpleNamespace,
    state_of: StateOf,
    words: list[tuple[Proposal, int]],
) -> None:
    def told() -> Any:
        planner, account, verdicts = (
            town.plan(RouteOracle(town.network)),
            BudgetAccount(Budget()),
            [],
        )
        for i, (said, seconds) in enumerate(words):
            here = town.seen.but(time_ms=60_000 + 4_000 * i + 1_000 * seconds)
            verdicts.append(Guard(town.gazetteer).decide(said, here, planner, account).verdict)
        return verdicts, planner.news(), state_of(planner, account)

    assert told() == told()


@given(SENSE, st.integers(0, len(RULES) - 1))
def test_a_rule_that_breaks_never_lets_anything_through(
    town: SimpleNamespace,
    state_of: StateOf,
    said: Proposal,
    place: int,
) -> None:
    def broken(asked: Any) -> Reason | None:
        raise ZeroDivisionError(asked)

    planner, account = town.plan(), BudgetAccount(Budget())
    before = state_of(planner, account)
    guard = Guard(town.gazetteer, (*RULES[:place], broken, *RULES[place + 1 :]))
    assert guard.decide(said, town.seen, planner, account).verdict.decision is Decision.REFUSE
    assert state_of(planner, account) == before


@given(st.integers(3, 8), st.lists(st.integers(0, 63), max_size=12), st.integers(0, 7))
def test_keeping_off_a_link_of_any_map_leads_the_best_way_round(
    network_of: Callable[..., RoadNetwork],
    town: SimpleNamespace,
    size: int,
    chords: list[int],
    off: int,
) -> None:
    turns = {(i, (i + 1) % size): 1_000 for i in range(size)}
    turns |= {(chord % size, chord // 8 % size): 1_000 + 700 * chord for chord in chords}
    network = network_of(size, [(a, b, cost) for (a, b), cost in turns.items()])
    routes, goal, avoided = RouteOracle(network), LinkId(size - 1), LinkId(off % size)
    planner, account = Planner(network, routes, LinkId(0), goal), BudgetAccount(Budget())
    said = Proposal(ask=Ask.AVOID, seen_ms=60_000, onto=avoided)
    verdict = Guard(town.gazetteer).decide(said, town.seen, planner, account).verdict
    round_ms = routes.tree(goal, frozenset({avoided})).cost_to_go_ms[0]
    assert (verdict.decision is Decision.ACCEPT) == (round_ms < UNREACHABLE)
    if verdict.decision is Decision.ACCEPT:
        assert planner.remaining_ms() == round_ms
