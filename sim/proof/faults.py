"""
Planted faults: what the proof must refute, each by a named property.

A proof that cannot fail proves nothing. Each fault is a small mistake that somebody could make in
guard, planner or envelope; it is put into the shipped modules, the properties are asked, and it is
taken out again.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from guiderail.sim.contract.messages import Decision, Reason, Verdict
from guiderail.sim.driver import pilot, planner
from guiderail.sim.driver.guard import assessment, budget, guard, rules
from guiderail.sim.driver.motion import controller, envelope, gaps, lanes, lookahead
from guiderail.sim.proof import properties
from guiderail.sim.proof.properties import PROPERTIES
from guiderail.sim.proof.search import margin

Patch = tuple[Any, str, Any]
"""Where, which name, what instead."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One planted mistake."""

    name: str
    part: str
    """``guard``, ``planner`` or ``envelope``."""
    refuted_by: str
    """Property that must not survive it."""
    patches: Callable[[], Iterable[Patch]]


@contextmanager
def planted(fault: Fault) -> Iterator[None]:
    """Put a fault in, and take it out again whatever happens."""
    kept = [(where, name, getattr(where, name)) for where, name, _ in fault.patches()]
    try:
        for where, name, wrong in fault.patches():
            setattr(where, name, wrong)
        yield
    finally:
        for where, name, right in kept:
            setattr(where, name, right)


def is_refuted(fault: Fault) -> bool:
    """Whether the property that is named for a fault fails under it."""
    with planted(fault):
        return not PROPERTIES[fault.refuted_by]()


def _without(*left_out: rules.Rule) -> Callable[[], Iterable[Patch]]:
    return lambda: [(properties, "RULES", tuple(r for r in rules.RULES if r not in left_out))]


def _constant(where: Any, name: str, wrong: object) -> Callable[[], Iterable[Patch]]:
    return lambda: [(where, name, wrong)]


def _bounded(name: str, change: Callable[..., int]) -> Callable[[], Iterable[Patch]]:
    """Plant another formula of the envelope in every module that uses it."""
    right = getattr(envelope, name)
    modules = (assessment, controller, envelope, gaps, lanes, margin, lookahead, pilot)
    users = [module for module in modules if hasattr(module, name)]
    return lambda: [(user, name, lambda *given: change(right, *given)) for user in users]


def _spend_nothing(account: budget.BudgetAccount, extra_ms: int, now_ms: int) -> None:
    del extra_ms
    account.last_ms = now_ms


def _spend_changes_alone(account: budget.BudgetAccount, extra_ms: int, now_ms: int) -> None:
    del extra_ms
    account.changes, account.last_ms = account.changes + 1, now_ms


def _adopt_although_refused(self: guard.Guard, proposal: Any, *situation: Any) -> guard.Ruling:
    ruling = _DECIDE(self, proposal, *situation)
    verdict = ruling.verdict
    if verdict.decision is Decision.REFUSE and verdict.reason is Reason.ILLEGAL_TURN:
        situation[1].avoid(frozenset({proposal.onto}))
    return ruling


def _ruling(proposal: Any, reason: Reason) -> guard.Ruling:
    decision = Decision.ACCEPT if reason is Reason.ADMISSIBLE else Decision.REFUSE
    return guard.Ruling(Verdict(proposal=proposal, decision=decision, reason=reason))


def _accept_all(self: guard.Guard, proposal: Any, *situation: Any) -> guard.Ruling:
    del self, situation
    return _ruling(proposal, Reason.ADMISSIBLE)


def _refuse_all(self: guard.Guard, proposal: Any, *situation: Any) -> guard.Ruling:
    del self, situation
    return _ruling(proposal, Reason.TOO_LATE)


def _let_it_raise(
    self: guard.Guard,
    proposal: Any,
    seen: Any,
    plan: planner.Planner,
    account: budget.BudgetAccount,
) -> guard.Ruling:
    asked = assessment.Assessment(proposal, seen, plan, account, self._context)
    return _ruling(proposal, self._objection(asked) or Reason.ADMISSIBLE)


def _forget_the_route(self: planner.Planner, route: Any, *more: Any, **how: Any) -> None:
    del self, route, more, how


def _straight_from_there(self: planner.Planner, turn: Any) -> Any:
    """Route that ends behind the turn, as if the goal were there."""
    return (turn.from_link, turn.to_link) if turn.from_link == self.link else None


def _half_price(self: planner.Planner, route: Any = None) -> int:
    return _REMAINING(self, route) // 2


def _mistaken_turn_speed(radius_mm: int, friction_permille: int) -> int:
    return _TURN_SPEED(radius_mm, friction_permille) * 2


def _anything(*given: object) -> bool:
    del given
    return True


_DECIDE: Final = guard.Guard.decide
_REMAINING: Final = planner.Planner.remaining_ms
_TURN_SPEED: Final = envelope.turn_speed_mm_s
_MOTION: Final = (rules.road_left, rules.lane, rules.rear_gap, rules.continuation)

_ROWS: Final[tuple[tuple[str, str, str, Callable[[], Iterable[Patch]]], ...]] = (
    # guard
    ("no rule of legality", "guard", "illegal_turn", _without(rules.legality)),
    ("no rule about what can still be made", "guard", "within_the_shield", _without(*_MOTION)),
    ("no rule of lanes", "guard", "within_the_shield", _without(rules.lane)),
    ("no rule of freshness", "guard", "freshness", _without(rules.freshness)),
    ("no rule of spacing", "guard", "spacing", _without(rules.spacing)),
    ("no rule of price", "guard", "reasons", _without(rules.price)),
    (
        "no rule of price, an account without a bottom",
        "guard",
        "arrival",
        lambda: [*_without(rules.price)(), (budget.BudgetAccount, "spend", _spend_nothing)],
    ),
    (
        "changes are not counted",
        "guard",
        "arrival",
        _constant(budget.BudgetAccount, "spend", _spend_nothing),
    ),
    (
        "extra time is not counted",
        "guard",
        "budget",
        _constant(budget.BudgetAccount, "spend", _spend_changes_alone),
    ),
    ("no rule of closures", "guard", "closed_roads", _without(rules.closure)),
    ("no rule of the domain", "guard", "slippery_roads", _without(rules.domain)),
    ("no rule of form", "guard", "totality", _without(rules.form)),
    (
        "an error inside escapes",
        "guard",
        "fails_closed",
        _constant(guard.Guard, "decide", _let_it_raise),
    ),
    (
        "everything is accepted",
        "guard",
        "accepted_is_planned",
        _constant(guard.Guard, "decide", _accept_all),
    ),
    ("everything is refused", "guard", "not_timid", _constant(guard.Guard, "decide", _refuse_all)),
    (
        "a refusal leaves a trace",
        "guard",
        "non_interference",
        _constant(guard.Guard, "decide", _adopt_although_refused),
    ),
    ("no reaction time", "guard", "within_the_shield", _constant(assessment, "REACTION_MS", 0)),
    (
        "a margin beyond the node",
        "guard",
        "within_the_shield",
        _constant(assessment, "MARGIN_MM", -3_000),
    ),
    ("a margin of 30 m", "guard", "not_timid", _constant(assessment, "MARGIN_MM", 30_000)),
    (
        "lane changes take no road",
        "guard",
        "within_the_shield",
        lambda: [
            (assessment, "LANE_CHANGE_MS", 0),
            (assessment, "GAP_SEARCH_MS", 0),
            (assessment, "LANE_CHANGE_LEAST_MM", 0),
        ],
    ),
    # planner
    (
        "the route is not adopted",
        "planner",
        "accepted_is_planned",
        _constant(planner.Planner, "adopt", _forget_the_route),
    ),
    (
        "the route ends behind the turn",
        "planner",
        "accepted_is_planned",
        _constant(planner.Planner, "route_with_turn", _straight_from_there),
    ),
    (
        "routes cost half of it",
        "planner",
        "price",
        _constant(planner.Planner, "remaining_ms", _half_price),
    ),
    # envelope
    (
        "turns at twice the speed",
        "envelope",
        "turn_too_fast",
        lambda: [
            (module, "turn_speed_mm_s", _mistaken_turn_speed) for module in (assessment, pilot)
        ],
    ),
    (
        "stopping in half the road",
        "envelope",
        "lattice_edge",
        _bounded("stop_distance_mm", lambda right, *given: right(*given) // 2),
    ),
    (
        "no gentle last tick",
        "envelope",
        "lattice_edge",
        _bounded("stop_distance_mm", lambda _, v, b: v * v // (2 * b)),
    ),
    (
        "slowing down without the last tick",
        "envelope",
        "lattice_edge",
        _bounded("slow_distance_mm", lambda _, v, to, b: max(0, v * v - to * to) // (2 * b)),
    ),
    (
        "the next tick's road is not counted",
        "envelope",
        "speed_rules",
        _bounded(
            "next_speed_mm_s", lambda _, v, d, to, b: envelope.fastest_speed_mm_s(d, to, b) + v * 0
        ),
    ),
    (
        "admission by braking of 4.8 m/s2",
        "envelope",
        "within_the_shield",
        _bounded("admission_braking_mm_s2", lambda _, friction: 4_800 + friction * 0),
    ),
    (
        "braking of the leader is not bounded below the own",
        "envelope",
        "follow_gap",
        _constant(envelope, "RSS_BRAKING_MM_S2", 16_000),
    ),
    (
        "nobody needs a reaction time",
        "envelope",
        "follow_gap",
        lambda: [(envelope, "REACTION_MS", 0), (envelope, "STANDSTILL_GAP_MM", 0)],
    ),
    (
        "the follower always has room",
        "envelope",
        "rear_gap",
        _constant(envelope, "rear_gap_is_enough", _anything),
    ),
    (
        "the follower reacts at once",
        "envelope",
        "rear_gap",
        _constant(envelope, "FOLLOWER_REACTION_MS", 0),
    ),
)

FAULTS: Final = tuple(
    Fault(name=name, part=part, refuted_by=by, patches=patches) for name, part, by, patches in _ROWS
)
"""Every planted fault."""
