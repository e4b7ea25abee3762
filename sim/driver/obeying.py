"""
The machine without a guard, which does what it is told; the people are in ``humans.py``.

It drives by the same controller; what differs is that a proposal is adopted unchecked, and that a
turn the guide asked for is neither given up for being too close nor prepared with a safe gap. It
still stops at red and keeps its distance: whatever goes wrong, goes wrong by motion.
"""

from guiderail.maps.gazetteer import Gazetteer
from guiderail.maps.network import LinkId
from guiderail.sim.contract.messages import (
    Ask,
    Decision,
    Perception,
    Proposal,
    Reason,
    Verdict,
)
from guiderail.sim.contract.trace import RerouteCause
from guiderail.sim.driver.guard.resolve import Meaning, hold_wishes, resolve
from guiderail.sim.driver.pilot import Pilot, RoutedDriver
from guiderail.sim.driver.planner import Planner
from guiderail.sim.driver.route import Route


def asked_route(meaning: Meaning, planner: Planner) -> Route | None:
    """
    Route that does what is meant as soon as the road allows, legal or not; None if none does.

    The planner is asked, and stays as it is.
    """
    match meaning.ask:
        case Ask.TURN:
            return None if meaning.turn is None else planner.route_with_turn(meaning.turn)
        case Ask.AVOID:
            return planner.route_avoiding(meaning.links)
        case Ask.CANCEL:
            return planner.best_route()
        case _:
            is_here = not meaning.links.isdisjoint(planner.route)
            return planner.route if is_here else planner.route_via(meaning.links)


def answer(proposal: Proposal, wish: Route | Reason, pilot: Pilot) -> Verdict:
    """Say what becomes of a wish: done unchecked, or refused where there is nothing to drive."""
    if isinstance(wish, Reason):
        return Verdict(proposal=proposal, decision=Decision.REFUSE, reason=wish)
    planner = pilot.planner
    return Verdict(
        proposal=proposal,
        decision=Decision.ACCEPT,
        reason=Reason.OBEYED,
        changes_route=wish != planner.route,
        extra_ms=planner.remaining_ms(wish) - planner.remaining_ms(),
    )


class ObeyingMachine(RoutedDriver):
    """Does at once whatever it is told, if there is asphalt for it."""

    def __init__(self, name: str, pilot: Pilot, gazetteer: Gazetteer) -> None:
        super().__init__(name, pilot)
        self._gazetteer = gazetteer

    def hear(self, proposal: Proposal, seen: Perception) -> Verdict:
        """Adopt the proposal, unchecked."""
        self._pilot.catch_up(seen)
        wish = self._take_wish(proposal)
        verdict = answer(proposal, wish, self._pilot)
        if verdict.changes_route and not isinstance(wish, Reason):
            self._adopt(proposal, wish, seen)
        return verdict

    def _take_wish(self, proposal: Proposal) -> Route | Reason:
        """Hold what the words want held; the route they ask for, or why there is none to drive."""
        planner = self._pilot.planner
        meaning = resolve(proposal, planner, self._gazetteer)
        if isinstance(meaning, Reason):
            return meaning
        route = asked_route(meaning, planner)
        hold_wishes(meaning, planner)
        return Reason.UNREACHABLE if route is None else route

    def _adopt(self, proposal: Proposal, wish: Route, seen: Perception) -> None:
        """Take the route, and insist on what was asked for alone, not on the way from there on."""
        meaning = resolve(proposal, self._pilot.planner, self._gazetteer)
        entered = frozenset[LinkId]() if isinstance(meaning, Reason) else meaning.entered
        now_ms = seen.time_ms
        self._pilot.planner.adopt(
            wish, RerouteCause.GUIDE, now_ms, from_guide=True, entered=entered
        )
