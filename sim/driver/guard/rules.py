"""
The admission rules: each looks at one proposal in one situation and objects with one reason.

They run in the order of :data:`RULES`, from "what is that" over "may one" and "can one still" to
"is it worth it", so the reason named is the first that a person would name, too.
"""

from collections.abc import Callable
from typing import Final

from guiderail.maps.network import Ban
from guiderail.sim.contract.messages import Proposal, Reason
from guiderail.sim.driver.guard.assessment import Assessment
from guiderail.sim.driver.guard.resolve import is_well_formed

FRESH_MS: Final = 30_000
"""Oldest observation that a proposal may rest on [ms] (a decision of this project)."""
FRICTION_FLOOR_PERMILLE: Final = 200
"""Below it no change of route is taken: between packed snow, .3, and ice, .1."""
Rule = Callable[[Assessment], Reason | None]
"""Objects with one reason, or not."""


def form(asked: Assessment) -> Reason | None:
    """Object to anything that is no complete proposal."""
    proposal: object = asked.proposal
    is_one = isinstance(proposal, Proposal) and is_well_formed(proposal)
    return None if is_one else Reason.MALFORMED


def freshness(asked: Assessment) -> Reason | None:
    """Object to an observation from long ago or from the future."""
    age_ms = asked.seen.time_ms - asked.proposal.seen_ms
    return None if 0 <= age_ms <= FRESH_MS else Reason.STALE


def existence(asked: Assessment) -> Reason | None:
    """Object to names and turns that this map does not know, and to turns already passed."""
    return asked.resolved if isinstance(asked.resolved, Reason) else None


def direction_of_traffic(asked: Assessment) -> Reason | None:
    """Object to a turn into a one-way street from its wrong end."""
    turn = asked.meaning.turn
    if turn is None:
        return None
    is_against = asked.planner.network.link(turn.to_link).against_oneway
    return Reason.WRONG_WAY if is_against or turn.ban is Ban.WRONG_WAY else None


def legality(asked: Assessment) -> Reason | None:
    """Object to a banned turn."""
    turn = asked.meaning.turn
    return None if turn is None or turn.ban is None else Reason.ILLEGAL_TURN


def closure(asked: Assessment) -> Reason | None:
    """Object when everything asked for is seen to be closed."""
    closed = asked.planner.closed | asked.seen.closed
    return Reason.CLOSED if asked.entered and asked.entered <= closed else None


def domain(asked: Assessment) -> Reason | None:
    """Object to leaving the drivable world, and to any change on a road too slippery."""
    links = [asked.planner.network.link(link) for link in asked.entered]
    if links and not any(link.in_world for link in links):
        return Reason.OUTSIDE_DOMAIN
    is_slippery = asked.seen.friction_permille < FRICTION_FLOOR_PERMILLE
    return Reason.OUTSIDE_DOMAIN if is_slippery and asked.changes_anything else None


def reach(asked: Assessment) -> Reason | None:
    """Object when no legal route does what is asked and ends at the goal."""
    return Reason.UNREACHABLE if asked.candidate is None else None


def road_left(asked: Assessment) -> Reason | None:
    """Object when the car is too fast or too near to slow down for the turn."""
    candidate = asked.candidate
    return Reason.TOO_LATE if candidate is not None and not candidate.is_in_time else None


def lane(asked: Assessment) -> Reason | None:
    """Object when the lanes between the car and the turn cannot be crossed in time."""
    candidate = asked.candidate
    return Reason.WRONG_LANE if candidate is not None and not candidate.is_in_lane else None


def rear_gap(asked: Assessment) -> Reason | None:
    """Object to braking beyond comfort in front of a car that is too close."""
    candidate = asked.candidate
    return Reason.TOO_LATE if candidate is not None and not candidate.is_free_behind else None


def continuation(asked: Assessment) -> Reason | None:
    """Object to a route that the controller could not join by calm braking."""
    candidate = asked.candidate
    return Reason.TOO_LATE if candidate is not None and not candidate.is_drivable else None


def spacing(asked: Assessment) -> Reason | None:
    """Object to a change right after another."""
    is_too_soon = asked.changes_anything and asked.account.is_too_soon(asked.seen.time_ms)
    return Reason.TOO_FREQUENT if is_too_soon else None


def price(asked: Assessment) -> Reason | None:
    """Object to more changes, or more extra time, than the trip grants."""
    is_granted = not asked.changes_anything or asked.account.affords(asked.extra_ms)
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
