"""
The guard: one verdict and one reason for whatever a guide proposes.

A monitor in the words of runtime assurance, with the planned route as its backup: a refusal means
that the car goes on as before. It fails closed: whatever breaks inside is a refusal. There is no
switch to turn it off, and none can be built without rules; a car without a guard is another driver.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from guiderail.maps.gazetteer import Gazetteer
from guiderail.sim.contract.errors import KernelError
from guiderail.sim.contract.messages import (
    Ask,
    Decision,
    Direction,
    Perception,
    Proposal,
    Reason,
    Verdict,
)
from guiderail.sim.contract.trace import RerouteCause
from guiderail.sim.driver.guard.assessment import CanDrive, Case, Grounds
from guiderail.sim.driver.guard.budget import Purse
from guiderail.sim.driver.guard.resolve import fits
from guiderail.sim.driver.guard.rules import RULES, Rule
from guiderail.sim.driver.planner import Planner

COUNTER_LINKS: Final = 6
"""How many junctions farther on are tried for a counter-offer."""
_TURN_ELSEWHERE: Final = {
    Reason.STALE,
    Reason.NO_SUCH_TURN,
    Reason.WRONG_WAY,
    Reason.ILLEGAL_TURN,
    Reason.CLOSED,
    Reason.TOO_LATE,
    Reason.WRONG_LANE,
}


class Guard:
    """
    Decides on proposals; adopts and books what it accepts.

    Parameters
    ----------
    gazetteer
        Which names exist on the driver's map.
    rules
        What may object, in order; the whole list unless a test plants a fault.
    can_drive
        The controller's word: can the car join this route by calm braking? A guard built without it
        trusts the rules about speed, lanes and gaps alone.

    Raises
    ------
    KernelError
        When there is no rule at all.
    """

    def __init__(
        self,
        gazetteer: Gazetteer,
        rules: Sequence[Rule] = RULES,
        *,
        can_drive: CanDrive = lambda _route, _seen: True,
    ) -> None:
        """Refuse to be empty: no objection would then mean yes to everything."""
        if not rules:
            raise KernelError("a guard without rules would accept everything: give it some")
        self._grounds = Grounds(gazetteer=gazetteer, can_drive=can_drive)
        self._rules = tuple(rules)

    def decide(
        self, proposal: Proposal, seen: Perception, planner: Planner, purse: Purse
    ) -> Verdict:
        """
        Answer one proposal.

        Parameters
        ----------
        proposal
            What a guide proposes; any object gets an answer.
        seen
            What the driver perceives now, on the link where the planner has the car.
        planner
            Given the new route if the proposal is accepted, else left as it is.
        purse
            Charged if the proposal is accepted and changes anything, else left as it is.
        """
        try:
            case = Case(proposal, seen, planner, purse, self._grounds)
            objection = self._objection(case)
            if objection is None:
                return _accept(case)
        except Exception:  # noqa: BLE001  fail closed, whatever broke
            return Verdict(proposal=proposal, decision=Decision.REFUSE, reason=Reason.GUARD_FAULT)
        counter = self._counter(case, objection)
        return Verdict(
            proposal=proposal, decision=Decision.REFUSE, reason=objection, counter=counter
        )

    def _objection(self, case: Case) -> Reason | None:
        for rule in self._rules:
            objection = rule(case)
            if objection is not None:
                return objection
        return None

    def _counter(self, case: Case, objection: Reason) -> Proposal | None:
        """Nearest feasible thing to what was refused, or nothing."""
        try:
            offers = self._offers(case, objection)
            return next((offer for offer in offers if self._is_feasible(case, offer)), None)
        except Exception:  # noqa: BLE001  an offer is a courtesy, the refusal stands without it
            return None

    def _is_feasible(self, case: Case, offer: Proposal) -> bool:
        again = Case(offer, case.seen, case.planner, case.purse, self._grounds)
        return self._objection(again) is None

    def _offers(self, case: Case, objection: Reason) -> Iterator[Proposal]:
        said, now_ms, gazetteer = case.proposal, case.seen.time_ms, self._grounds.gazetteer
        if objection is Reason.UNKNOWN_PLACE and said.place is not None:
            place = gazetteer.nearest_place(said.place)
            if place is not None:
                yield replace(said, seen_ms=now_ms, place=place.name)
        elif objection is Reason.UNKNOWN_ROAD and said.road is not None:
            yield replace(said, seen_ms=now_ms, road=gazetteer.nearest_name(said.road))
        elif objection in _TURN_ELSEWHERE and said.ask is Ask.TURN:
            yield from _turns_elsewhere(case)


def _accept(case: Case) -> Verdict:
    """Book first, then change: a purse that refuses leaves the route alone."""
    planner, ask, now_ms, plan = case.planner, case.meaning.ask, case.seen.time_ms, case.plan
    if plan is None:
        raise KernelError("a proposal without a route was accepted")
    verdict = Verdict(
        proposal=case.proposal,
        decision=Decision.ACCEPT,
        reason=Reason.ADMISSIBLE,
        changes_route=plan.is_new,
        extra_ms=case.extra_ms,
    )
    if case.changes_anything:
        case.purse.spend(case.extra_ms, now_ms)
    if ask is Ask.CANCEL:
        planner.forget_wishes()
    elif ask is Ask.AVOID:
        planner.avoid(case.meaning.links)
    if plan.is_new:
        is_wish = ask is not Ask.CANCEL
        planner.adopt(
            plan.route, RerouteCause.GUIDE, now_ms, from_guide=is_wish, entered=case.entered
        )
    return verdict


def _turns_elsewhere(case: Case) -> Iterator[Proposal]:
    """Turns to the same side at the next junctions of the route, nearest first."""
    said, route, network = case.proposal, case.planner.route, case.planner.network
    side = said.direction or _side_of(case)
    if side is None:
        return
    first = route.index(said.at) + 1 if said.at in route else 0
    for link in route[first : first + COUNTER_LINKS]:
        turns = [turn for turn in network.turns_from(link) if fits(turn, side)]
        for turn in turns:
            yield Proposal(
                ask=Ask.TURN,
                seen_ms=case.seen.time_ms,
                at=link,
                direction=side,
                onto=turn.to_link,
            )


def _side_of(case: Case) -> Direction | None:
    """Which way the refused turn goes, where the guide named only its street."""
    if isinstance(case.resolved, Reason) or case.resolved.turn is None:
        return None
    turn = case.resolved.turn
    return next((side for side in Direction if fits(turn, side)), None)
