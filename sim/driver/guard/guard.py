"""
The guard: one verdict and one reason for whatever a guide proposes.

A monitor in the words of runtime assurance, with the planned route as its backup: a refusal means
that the car goes on as before. It fails closed: whatever breaks inside is a refusal. There is no
switch to turn it off, and none can be built without rules; a car without a guard is another driver.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

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
from guiderail.sim.driver.guard.assessment import Assessment, CandidateRoute, CanDrive, GuardContext
from guiderail.sim.driver.guard.budget import BudgetAccount
from guiderail.sim.driver.guard.resolve import fits, hold_wishes
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


class Ruling(NamedTuple):
    """What a guard answered, and whether the answer cost anything."""

    verdict: Verdict
    is_charged: bool = False
    """Whether the account was charged: for a new route, or for a new wish to keep off a link."""


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
        self._context = GuardContext(gazetteer=gazetteer, can_drive=can_drive)
        self._rules = tuple(rules)

    def decide(
        self, proposal: Proposal, seen: Perception, planner: Planner, account: BudgetAccount
    ) -> Ruling:
        """
        Answer one proposal: decide, then charge the account and change the route if it is accepted.

        Parameters
        ----------
        proposal
            What a guide proposes; any object gets an answer.
        seen
            What the driver perceives now, on the link where the planner has the car.
        planner
            Given the new route if the proposal is accepted, else left as it is.
        account
            Charged if the proposal is accepted and changes anything, else left as it is.
        """
        try:
            asked = Assessment(proposal, seen, planner, account, self._context)
            objection = self._objection(asked)
            if objection is None:
                return _accept(asked)
        except Exception:  # noqa: BLE001  fail closed, whatever broke
            return _refuse(proposal, Reason.GUARD_FAULT)
        return _refuse(proposal, objection, self._counter(asked, objection))

    def _objection(self, asked: Assessment) -> Reason | None:
        for rule in self._rules:
            objection = rule(asked)
            if objection is not None:
                return objection
        return None

    def _counter(self, asked: Assessment, objection: Reason) -> Proposal | None:
        """Nearest feasible thing to what was refused, or nothing."""
        try:
            offers = self._offers(asked, objection)
            return next((offer for offer in offers if self._is_feasible(asked, offer)), None)
        except Exception:  # noqa: BLE001  an offer is a courtesy, the refusal stands without it
            return None

    def _is_feasible(self, asked: Assessment, offer: Proposal) -> bool:
        again = Assessment(offer, asked.seen, asked.planner, asked.account, self._context)
        return self._objection(again) is None

    def _offers(self, asked: Assessment, objection: Reason) -> Iterator[Proposal]:
        said, now_ms, gazetteer = asked.proposal, asked.seen.time_ms, self._context.gazetteer
        if objection is Reason.UNKNOWN_PLACE and said.place is not None:
            place = gazetteer.nearest_place(said.place)
            if place is not None:
                yield replace(said, seen_ms=now_ms, place=place.name)
        elif objection is Reason.UNKNOWN_ROAD and said.road is not None:
            yield replace(said, seen_ms=now_ms, road=gazetteer.nearest_name(said.road))
        elif objection in _TURN_ELSEWHERE and said.ask is Ask.TURN:
            yield from _turns_elsewhere(asked)


def _refuse(proposal: Proposal, reason: Reason, counter: Proposal | None = None) -> Ruling:
    return Ruling(
        Verdict(proposal=proposal, decision=Decision.REFUSE, reason=reason, counter=counter)
    )


def _accept(asked: Assessment) -> Ruling:
    """Charge first, then change: an account that refuses leaves the route alone."""
    candidate = asked.candidate
    if candidate is None:
        raise KernelError("a proposal without a route was accepted")
    verdict = Verdict(
        proposal=asked.proposal,
        decision=Decision.ACCEPT,
        reason=Reason.ADMISSIBLE,
        changes_route=candidate.is_new,
        extra_ms=asked.extra_ms,
    )
    is_charged = asked.changes_anything
    if is_charged:
        asked.account.spend(asked.extra_ms, asked.seen.time_ms)
    _adopt(asked, candidate)
    return Ruling(verdict, is_charged)


def _adopt(asked: Assessment, candidate: CandidateRoute) -> None:
    """Hold what the proposal wants held, and drive the new route if it is one."""
    hold_wishes(asked.meaning, asked.planner)
    if candidate.is_new:
        asked.planner.adopt(
            candidate.route,
            RerouteCause.GUIDE,
            asked.seen.time_ms,
            from_guide=asked.meaning.ask is not Ask.CANCEL,
            entered=asked.entered,
        )


def _turns_elsewhere(asked: Assessment) -> Iterator[Proposal]:
    """Turns to the same side at the next junctions of the route, nearest first."""
    said, route, network = asked.proposal, asked.planner.route, asked.planner.network
    side = said.direction or _side_of(asked)
    if side is None:
        return
    first = route.index(said.at) + 1 if said.at in route else 0
    for link in route[first : first + COUNTER_LINKS]:
        turns = [turn for turn in network.turns_from(link) if fits(turn, side)]
        for turn in turns:
            yield Proposal(
                ask=Ask.TURN,
                seen_ms=asked.seen.time_ms,
                at=link,
                direction=side,
                onto=turn.to_link,
            )


def _side_of(asked: Assessment) -> Direction | None:
    """Which way the refused turn goes, where the guide named only its street."""
    if isinstance(asked.resolved, Reason) or asked.resolved.turn is None:
        return None
    turn = asked.resolved.turn
    return next((side for side in Direction if fits(turn, side)), None)
