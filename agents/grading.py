"""
What is wrong with an advice, computed from the graph and the true closures, never by a model.

It serves any guide, also one that does not know its own errors. An advice may be wrong in several
ways at once, so the answer is a set; empty means that nothing was found, which for an advice
without a proposal is always so: words alone are not graded.
"""

from typing import Final

from guiderail.agents.atlas import Atlas, View, atlas_of
from guiderail.agents.hallucination import LANE_CHANGE_MS, time_left_ms
from guiderail.agents.presets import Hallucination
from guiderail.agents.wording import direction_of
from guiderail.maps.network import LinkId, RoadNetwork, Turn
from guiderail.maps.routing import UNREACHABLE
from guiderail.sim.contract.messages import Advice, Ask, Observation, Proposal

_LATE_MS: Final = 3_000
"""Words that land with less time left are late [ms]; the mean driver wants 5.4 s (UMTRI-95-6)."""
_SURE: Final = 0.9
"""From this confidence on something wrong is said overconfidently, as in the presets."""

Faults = frozenset[Hallucination]
_NONE: Final[Faults] = frozenset()


def faults(
    network: RoadNetwork, advice: Advice, seen: Observation, *, closed: frozenset[LinkId]
) -> Faults:
    """
    Name the kinds of error in an advice.

    Parameters
    ----------
    network
        The map.
    advice
        What was said.
    seen
        What the guide was shown when it was asked.
    closed
        Links that truly are closed.
    """
    if advice.proposal is None:
        return _NONE
    atlas = atlas_of(network)
    found = _of_proposal(atlas, advice.proposal, seen, closed)
    view = atlas.view(seen, closed)
    if view is not None:
        found |= _of_timing(view, advice, advice.proposal)
    if found and advice.confidence >= _SURE:
        found |= {Hallucination.OVERCONFIDENCE}
    return found


def _of_proposal(
    atlas: Atlas, proposal: Proposal, seen: Observation, closed: frozenset[LinkId]
) -> Faults:
    match proposal.ask:
        case Ask.TURN:
            return _of_turn(atlas, proposal, seen, closed)
        case Ask.AVOID if proposal.onto is not None and proposal.onto not in closed:
            return frozenset({Hallucination.STALE_MAP})
        case Ask.TAKE_ROAD | Ask.AVOID if proposal.road is not None:
            is_known = bool(atlas.gazetteer.find_roads(proposal.road))
        case Ask.VIA | Ask.GO_TO:
            is_known = proposal.place == seen.goal_name or bool(
                atlas.gazetteer.find_places(proposal.place or "")
            )
        case _:
            is_known = True
    return _NONE if is_known else frozenset({Hallucination.INVENTED_PLACE})


def _of_turn(
    atlas: Atlas, proposal: Proposal, seen: Observation, closed: frozenset[LinkId]
) -> Faults:
    wrong = Hallucination.WRONG_DIRECTION if proposal.onto is None else Hallucination.WRONG_LINK
    meant = _meant(atlas.network, proposal)
    legal = [turn for turn in meant if turn.ban is None]
    if not legal:
        is_banned = Hallucination.ILLEGAL_TURN
        return frozenset({wrong, is_banned} if meant else {wrong})
    if all(turn.to_link in closed for turn in legal):
        by_side = {wrong} if proposal.onto is None else set()
        return frozenset({Hallucination.STALE_MAP, *by_side})
    return frozenset({wrong}) if _is_dearer(atlas, legal, seen, closed) else _NONE


def _is_dearer(
    atlas: Atlas, turns: list[Turn], seen: Observation, closed: frozenset[LinkId]
) -> bool:
    """Whether the best of these turns leads on by a longer way than the best of all."""
    if not atlas.has(seen.goal):
        return False
    tree = atlas.tree(seen.goal, closed)
    costs = [
        turn.cost_ms + tree.cost_to_go_ms[turn.to_link]
        for turn in turns
        if turn.to_link not in closed and tree.cost_to_go_ms[turn.to_link] != UNREACHABLE
    ]
    return min(costs, default=UNREACHABLE) > tree.cost_to_go_ms[turns[0].from_link]


def _meant(network: RoadNetwork, proposal: Proposal) -> list[Turn]:
    """Turns, legal or not, that fit what was proposed."""
    at = proposal.at
    if at is None or not 0 <= at < network.link_count:
        return []
    turns = list(network.ways_out(at))
    if proposal.onto is not None:
        turns = [turn for turn in turns if turn.to_link == proposal.onto]
    if proposal.direction is not None:
        turns = [turn for turn in turns if direction_of(turn) is proposal.direction]
    return turns


def _of_timing(view: View, advice: Advice, proposal: Proposal) -> Faults:
    """Late, or in the wrong lane for it, at the present speed."""
    seen = view.seen
    one = next((one for one in view.ahead if one.link == proposal.at), None)
    if one is None:
        return _NONE
    left_ms = time_left_ms(seen, one.end_mm) - advice.latency_ms
    found = {Hallucination.BAD_TIMING} if left_ms <= _LATE_MS else set()
    meant = _meant(view.network, proposal) if one.link == seen.link else []
    lanes = min((turn.lanes_from(seen.lane) for turn in meant), default=0)
    if lanes * LANE_CHANGE_MS > left_ms:
        found.add(Hallucination.LANE_FAR)
    return frozenset(found)
