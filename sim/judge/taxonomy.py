"""
The law: every kind of infraction that the judge knows, in the order in which it looks for them.

A new kind is one file in ``articles`` and one line here. One from outside is registered before the
first trip is judged, in every process that judges trips.
"""

from typing import Final

from guiderail.sim.judge.articles import (
    collision_vehicle,
    collision_vru,
    discomfort,
    failure_to_yield,
    gore_cut,
    hard_brake,
    illegal_turn,
    near_miss_pet_drac,
    near_miss_ttc,
    odd_exit_unhandled,
    over_speed,
    red_light,
    rss_breach,
    run_off,
    sight_overrun,
    stop_in_live_lane,
    stop_sign,
    trip_failure,
    turn_over_speed,
    uncaused_emergency_braking,
    unsafe_lane_change,
    wrong_way,
    yield_emergency_vehicle,
)
from guiderail.sim.judge.law import Article, Rule

LAW: Final[list[Rule]] = [
    collision_vru.RULE,
    collision_vehicle.RULE,
    run_off.RULE,
    wrong_way.RULE,
    red_light.RULE,
    stop_sign.RULE,
    failure_to_yield.RULE,
    illegal_turn.RULE,
    gore_cut.RULE,
    unsafe_lane_change.RULE,
    rss_breach.RULE,
    over_speed.RULE,
    turn_over_speed.RULE,
    uncaused_emergency_braking.RULE,
    stop_in_live_lane.RULE,
    odd_exit_unhandled.RULE,
    sight_overrun.RULE,
    yield_emergency_vehicle.RULE,
    near_miss_ttc.RULE,
    near_miss_pet_drac.RULE,
    hard_brake.RULE,
    discomfort.RULE,
    trip_failure.RULE,
]
TAXONOMY: Final[dict[str, Article]] = {
    article.id: article for rule in LAW for article in rule.articles
}
"""Every article by its id."""


def register(rule: Rule) -> None:
    """
    Add a rule behind all others.

    Raises
    ------
    ValueError
        When one of its articles has the id of another one.
    """
    known = [article.id for article in rule.articles if article.id in TAXONOMY]
    if known:
        raise ValueError(f"there is an article {known[0]!r} already: choose another id")
    LAW.append(rule)
    TAXONOMY.update((article.id, article) for article in rule.articles)
