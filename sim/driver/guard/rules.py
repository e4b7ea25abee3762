"""
The admission rules: each looks at one proposal in one situation and objects with one reason.

They run in the order of :data:`RULES`, from "what is that" over "may one" and "can one still" to
"is it worth it", so the reason named is the first that a person would name, too.
"""

from collections.abc import Callable
from typing import Final

from guiderail.maps.network import Ban
from guiderail.sim.contract.messages import Proposal, Reason
from guiderail.sim.driver.guard.assessment import Case
from guiderail.sim.driver.guard.resolve import is_well_formed

FRESH_MS: Final = 30_000
"""Oldest observation that a proposal may rest on [ms] (a decision of this project)."""
FRICTION_FLOOR_PERMILLE: Final = 200
"""Below it no change of route is taken: between packed snow, .3, and ice, .1."""
Rule = Callable[[Case], Reason | None]
"""Objects to a case with one reason, or not."""


def form(case: Case) -> Reason | None:
    """Object to anything that is no complete proposal."""
    proposal: object = case.proposal
    is_one = isinstance(proposal, Proposal) and is_well_formed(proposal)
    return None if is_one else Reason.MALFORMED


def freshness(case: Case) -> Reason | None:
    """Object to an observation from long ago or from the future."""
    age_ms = case.seen.time_ms - case.proposal.seen_ms
    return None if 0 <= age_ms <= FRESH_MS else Reason.STALE


def existence(case: Case) -> Reason | None:
    """Object to names and turns that this map does not know, and to turns already passed."""
    return case.resolved if isinstance(case.resolved, Reason) else None


def direction_of_traffic(case: Case) -> Reason | None:
    """Object to a turn into a one-way street from its wrong end."""
    turn = case.meaning.turn
    if turn is None:
        return None
    is_against = case.planner.network.link(turn.to_link).against_oneway
    return Reason.WRONG_WAY if is_against or turn.ban is Ban.WRONG_WAY else None


def legality(case: Case) -> Reason | None:
    """Object to a banned turn."""
    turn = case.meaning.turn
    return None if turn is None or turn.ban is None else Reason.ILLEGAL_TURN


def closure(case: Case) -> Reason | None:
    """Object when everything asked for is seen to be closed."""
    closed = case.planner.closed | case.seen.closed
    return Reason.CLOSED if case.entered and case.entered <= closed else None


def domain(case: Case) -> Reason | None:
    """Object to leaving the drivable world, and to any change on a road too slippery."""
    links = [case.planner.network.link(link) for link in case.entered]
    if links and not any(link.in_world for link in links):
        return Reason.OUTSIDE_DOMAIN
    is_slippery = case.seen.friction_permille < FRICTION_FLOOR_PERMILLE
    return Reason.OUTSIDE_DOMAIN if is_slippery and case.changes_anything else None


def reach(case: Case) -> Reason | None:
    """Object when no legal route does what is asked and ends at the goal."""
    return Reason.UNREACHABLE if case.plan is None else None


def road_left(case: Case) -> Reason | None:
    """Object when the car is too fast or too near to slow down for the turn."""
    return Reason.TOO_LATE if case.plan is not None and not case.plan.is_in_time else None


def lane(case: Case) -> Reason | None:
    """Object when the lanes between the car and the turn cannot be crossed in time."""
    return Reason.WRONG_LANE if case.plan is not None and not case.plan.is_in_lane else None


def rear_gap(case: Case) -> Reason | None:
    """Object to braking beyond comfort in front of a car that is too close."""
    return Reason.TOO_LATE if case.plan is not None and not case.plan.is_free_behind else None


def continuation(case: Case) -> Reason | None:
    """Object to a route that the controller could not join by calm braking."""
    return Reason.TOO_LATE if case.plan is not None and not case.plan.is_drivable else None


def spacing(case: Case) -> Reason | None:
    """Object to a change right after another."""
    is_too_soon = case.changes_anything and case.purse.is_too_soon(case.seen.time_ms)
    return Reason.TOO_FREQUENT if is_too_soon else None


def price(case: Case) -> Reason | None:
    """Object to more changes, or more extra time, than the trip grants."""
    is_granted = not case.changes_anything or case.purse.affords(case.extra_ms)
    return None if is_granted else Reason.OVER_BUDGET


RULES: Final[tuple[Rule, ...]] = (
    form,
    freshness,
    existence,
    direction_of_traffic,
    legality,
    closure,
    domain,
    reach,
    road_left,
    lane,
    rear_gap,
    continuation,
    spacing,
    price,
)
"""All rules, in the order in which they speak."""
