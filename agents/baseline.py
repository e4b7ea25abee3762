"""Guides to compare with: nobody, one who knows everything, one who reads from a script."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from guiderail.agents.atlas import LEAD_MS, NOWHERE, Ahead, View, atlas_of, route_ahead
from guiderail.agents.hallucination import LANE_CHANGE_MS, turn_advice
from guiderail.agents.wording import closed_words, direction_of, from_afar, turn_words
from guiderail.maps.network import LinkId, RoadNetwork, Turn
from guiderail.maps.routing import UNREACHABLE
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.messages import Advice, Ask, Decision, Observation, Proposal, Reason

_BRAKING_MM_S2: Final = 2_000
"""Comfortable braking that the oracle counts on [mm/s^2]; the guard's own limit is 2.5 m/s^2."""
_THINKING_MS: Final = 2_000
"""Road that the oracle leaves the driver to think in [ms]."""
_WORTH_MS: Final = 1_000
"""A better route that saves less is not worth a word [ms]."""
_PASSING: Final = frozenset({Reason.TOO_LATE, Reason.TOO_FREQUENT, Reason.STALE, Reason.WRONG_LANE})
"""Refusals that say "not now" rather than "no"."""


class Silent:
    """Say nothing."""

    name = "silent"
    repeatable = True

    def __init__(
        self, network: RoadNetwork, seed: TripSeed, *, closed: frozenset[LinkId], rate: float
    ) -> None:
        del network, seed, closed, rate  # nothing to know for who says nothing

    def advise(self, seen: Observation) -> None:
        """Stay silent."""
        del seen


BREATH_MS: Final = 6_000
"""Silence of the oracle after an accepted change [ms]: the guard wants 5 s between two."""


class Oracle:
    """
    Speak only where the driver's plan is worse than the best true route: early, and doable.

    Parameters
    ----------
    network
        The map.
    seed
        Not used: there is nothing random about it.
    closed
        The truth about closures.
    rate
        Not used: it does not err.
    confirms
        Whether to name the next turn too, in words alone.
    """

    name = "oracle"
    repeatable = True

    def __init__(
        self,
        network: RoadNetwork,
        seed: TripSeed,
        *,
        closed: frozenset[LinkId],
        rate: float,
        confirms: bool = False,
    ) -> None:
        del seed, rate
        self._atlas = atlas_of(network)
        self._closed = closed
        self._confirms = confirms
        self._said: set[Proposal | None] = set()

    def advise(self, seen: Observation) -> Advice | None:
        """Warn of a closed road on the route, else show a better way, else confirm if asked to."""
        view = self._atlas.view(seen, self._closed)
        if view is None or view.tree.cost_to_go_ms[seen.link] == UNREACHABLE:
            return None
        advice = self._warn(view) or self._improve(view)
        if advice is None and self._confirms:
            return _confirmation(view)
        return advice

    def _warn(self, view: View) -> Advice | None:
        seen = view.seen
        for k, link in enumerate(route_ahead(seen)[1:-1], start=1):
            if link in self._closed and self._atlas.has(link):
                in_time = _can_still_leave(view, view.ahead[:k]) or k > len(view.ahead)
                return self._once(_avoid(view, link), seen) if in_time else None
        return None

    def _improve(self, view: View) -> Advice | None:
        one = next((one for one in view.ahead if _is_worse(view, one)), None)
        if one is None or not _can_still_leave(view, (one,)):
            return None
        # What the driver takes for closed it will not enter, whatever is said.
        if not view.seen.reported_closed.isdisjoint(view.tree.route(one.link)[1:]):
            return None
        turn = view.atlas.best_turn(one)
        return self._once(turn_advice(view, one, turn), view.seen) if turn else None

    def _once(self, advice: Advice, seen: Observation) -> Advice | None:
        """Say each thing once, and again only if the answer was "not now"."""
        meant = _undated(advice.proposal)
        if meant in self._said and not _was_put_off(meant, seen):
            return None
        if _was_just_granted(seen):
            return None
        self._said.add(meant)
        return advice


def _was_just_granted(seen: Observation) -> bool:
    """Whether the last wish was granted so recently that another would come too soon."""
    last = seen.verdicts[-1] if seen.verdicts else None
    if last is None or last.decision is not Decision.ACCEPT:
        return False
    return seen.time_ms < last.proposal.seen_ms + BREATH_MS


def _avoid(view: View, link: LinkId) -> Advice:
    proposal = Proposal(ask=Ask.AVOID, seen_ms=view.seen.time_ms, onto=link)
    return Advice(words=closed_words(view.network, link), proposal=proposal)


def _can_still_leave(view: View, ahead: Iterable[Ahead]) -> bool:
    """Whether the plan can be left for the best way at the end of one of these links."""
    for one in ahead:
        turn = view.atlas.best_turn(one)
        if turn is not None and one.best != one.planned and _needed_mm(view, turn) <= one.end_mm:
            return True
    return False


def _needed_mm(view: View, turn: Turn) -> int:
    """Road to think, to change lanes and to brake gently to a standstill [mm]."""
    speed_mm_s = max(0, view.seen.speed_mm_s)
    lane = min(view.seen.lane, view.network.link(turn.from_link).lanes - 1)
    busy_ms = _THINKING_MS + turn.lanes_from(lane) * LANE_CHANGE_MS
    return speed_mm_s * busy_ms // 1_000 + speed_mm_s**2 // (2 * _BRAKING_MM_S2)


def _is_worse(view: View, one: Ahead) -> bool:
    """Whether even the best way on from the planned link is clearly longer than the best way."""
    if NOWHERE in {one.planned, one.best}:
        return False
    planned = view.network.turn(one.link, one.planned)
    beyond_ms = view.tree.cost_to_go_ms[one.planned]
    if planned is None or one.planned in view.closed or beyond_ms == UNREACHABLE:
        return True
    return planned.cost_ms + beyond_ms - view.tree.cost_to_go_ms[one.link] >= _WORTH_MS


def _undated(proposal: Proposal | None) -> Proposal | None:
    return proposal and replace(proposal, seen_ms=0)


def _was_put_off(meant: Proposal | None, seen: Observation) -> bool:
    for verdict in reversed(seen.verdicts):
        if _undated(verdict.proposal) == meant:
            return verdict.decision is not Decision.ACCEPT and verdict.reason in _PASSING
    return False


def _confirmation(view: View) -> Advice | None:
    for one in view.ahead:
        turn = view.network.turn(one.link, one.planned) if one.is_choice else None
        if turn is not None and one.end_ms >= LEAD_MS:
            words = turn_words(view.network, turn, direction_of(turn))
            return Advice(words=from_afar(words, one.end_mm))
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One line of a script: what to say at an occasion, or at the first occasion from a time on."""

    advice: Advice
    """A proposal with ``seen_ms`` below 0 gets the time at which it is said."""
    occasion: int | None = None
    """Ordinal of the occasion; None to go by time."""
    time_ms: int = 0
    """Used when there is no ordinal."""

    def is_due(self, seen: Observation) -> bool:
        """Whether this is the moment."""
        if self.occasion is not None:
            return seen.occasion == self.occasion
        return seen.time_ms >= self.time_ms


class Scripted:
    """Say the lines of a script, each once, at most one at an occasion."""

    name = "scripted"

    def __init__(
        self,
        network: RoadNetwork,
        seed: TripSeed,
        *,
        closed: frozenset[LinkId],
        rate: float,
        script: Sequence[Cue] = (),
    ) -> None:
        del network, seed, closed, rate  # all is in the script
        self._lines = list(script)

    def advise(self, seen: Observation) -> Advice | None:
        """Say the first line that is due."""
        for k, cue in enumerate(self._lines):
            if cue.is_due(seen):
                del self._lines[k]
                return _dated(cue.advice, seen.time_ms)
        return None


def _dated(advice: Advice, time_ms: int) -> Advice:
    if advice.proposal is None or advice.proposal.seen_ms >= 0:
        return advice
    return replace(advice, proposal=replace(advice.proposal, seen_ms=time_ms))
