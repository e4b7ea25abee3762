"""
What a proposal means on this map: words to links and turns, and nothing about whether it is wise.

Shared by the guard and by the cars that obey, so an illegal turn is found like any other. Total:
any object whatever is either understood or named with one reason.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from guiderail.maps.gazetteer import Gazetteer, fold
from guiderail.maps.network import LinkId, Turn, TurnKind
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Ask, Direction, Proposal, Reason
from guiderail.sim.driver.planner import Planner

STRAIGHT_CDEG: Final = 2_000
"""Up to this change of direction, either way, a turn may be called straight [0.01 degree]."""
NAME_LIMIT: Final = 200
"""Longest name that is looked up [characters]; no street has a longer one."""

_IDEAL_CDEG: Final = {
    Direction.LEFT: -9_000,
    Direction.STRAIGHT: 0,
    Direction.RIGHT: 9_000,
    Direction.BACK: 18_000,
}
# An exit leaves at a small angle; a speaker names its side all the same.
_SIDED: Final = {TurnKind.EXIT, TurnKind.SLIGHT_LEFT, TurnKind.SLIGHT_RIGHT}
_FORMS: Final = {
    Ask.TURN: ({"at", "direction"}, {"at", "onto"}, {"at", "direction", "onto"}),
    Ask.TAKE_ROAD: ({"road"},),
    Ask.VIA: ({"place"},),
    Ask.GO_TO: ({"place"},),
    Ask.AVOID: ({"road"}, {"onto"}),
    Ask.CANCEL: (set[str](),),
}
"""Which fields each request may come with; anything else is malformed, never half understood."""


def _is_link(value: object) -> bool:
    return type(value) is int  # a bool is no link


def _is_direction(value: object) -> bool:
    return isinstance(value, Direction)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= NAME_LIMIT


_CHECKS: Final[dict[str, Callable[[object], bool]]] = {
    "at": _is_link,
    "direction": _is_direction,
    "onto": _is_link,
    "road": _is_name,
    "place": _is_name,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """A proposal in terms of this map."""

    ask: Ask
    turn: Turn | None = None
    """TURN: the turn to make, legal or not."""
    links: frozenset[LinkId] = frozenset()
    """TAKE_ROAD, VIA, GO_TO: enter one of these. AVOID: enter none of these."""
    offset_mm: int = 0
    """VIA, GO_TO: where the place lies along its link."""

    @property
    def entered(self) -> frozenset[LinkId]:
        """Links of which one is to be entered; empty for a wish to keep off or to cancel."""
        if self.turn is not None:
            return frozenset({self.turn.to_link})
        return frozenset() if self.ask is Ask.AVOID else self.links


def resolve(proposal: object, planner: Planner, gazetteer: Gazetteer) -> Meaning | Reason:
    """Say what a proposal means, or why it means nothing here."""
    if not isinstance(proposal, Proposal) or not is_well_formed(proposal):
        return Reason.MALFORMED
    match proposal.ask:
        case Ask.TURN:
            return _turn(proposal, planner)
        case Ask.VIA | Ask.GO_TO:
            return _place(proposal, planner, gazetteer)
        case Ask.TAKE_ROAD | Ask.AVOID:
            return _road(proposal, planner, gazetteer)
        case _:
            return Meaning(ask=proposal.ask)


def hold_wishes(meaning: Meaning, planner: Planner) -> None:
    """Let the planner hold what is wanted beyond one route: to keep off links, or nothing more."""
    if meaning.ask is Ask.CANCEL:
        planner.forget_wishes()
    elif meaning.ask is Ask.AVOID:
        planner.avoid(meaning.links)


def is_well_formed(proposal: Proposal) -> bool:
    """Whether every field has its type and the fields together make one request."""
    # As plain objects: a type is a promise of the checker, and this side believes nobody.
    ask: object = proposal.ask
    seen_ms: object = proposal.seen_ms
    given: dict[str, object] = {name: getattr(proposal, name) for name in _CHECKS}
    given = {name: value for name, value in given.items() if value is not None}
    if not isinstance(ask, Ask) or type(seen_ms) is not int or seen_ms < 0:
        return False
    return set(given) in _FORMS[ask] and all(_CHECKS[name](value) for name, value in given.items())


def fits(turn: Turn, direction: Direction) -> bool:
    """Whether a speaker could call this turn so; a slight turn may be called straight, too."""
    is_back = turn.kind is TurnKind.U_TURN
    if is_back or direction is Direction.BACK:
        return is_back and direction is Direction.BACK
    if direction is Direction.STRAIGHT:
        return abs(turn.angle_cdeg) <= STRAIGHT_CDEG
    side = 1 if direction is Direction.RIGHT else -1
    least = 0 if turn.kind in _SIDED else STRAIGHT_CDEG
    return side * turn.angle_cdeg > least


def _turn(proposal: Proposal, planner: Planner) -> Meaning | Reason:
    at = proposal.at
    # The route ends at its last link, so nothing can be turned into from there.
    if at is None or at not in planner.route[:-1]:
        return Reason.STALE if at is not None and planner.has_driven(at) else Reason.NO_SUCH_TURN
    network, direction = planner.network, proposal.direction
    turns = [
        turn
        for turn in network.ways_out(at)
        if proposal.onto in (None, turn.to_link) and (direction is None or fits(turn, direction))
    ]
    if not turns:
        return Reason.NO_SUCH_TURN
    ideal = _IDEAL_CDEG[direction] if direction is not None else 0
    return Meaning(ask=Ask.TURN, turn=min(turns, key=lambda turn: _oddness(turn, ideal)))


def _oddness(turn: Turn, ideal_cdeg: int) -> tuple[int, bool, LinkId]:
    """How far a turn is from what its name suggests; a legal one first, then the lower link id."""
    # Turning round has the same shape to either side.
    angle = abs(turn.angle_cdeg) if ideal_cdeg == _IDEAL_CDEG[Direction.BACK] else turn.angle_cdeg
    return abs(angle - ideal_cdeg), turn.ban is not None, turn.to_link


def _place(proposal: Proposal, planner: Planner, gazetteer: Gazetteer) -> Meaning | Reason:
    name = proposal.place or ""
    if planner.goal_name and fold(name) == fold(planner.goal_name):
        # The goal lies ahead by definition, wherever the car is.
        links = frozenset({planner.goal})
        return Meaning(ask=proposal.ask, links=links, offset_mm=NOTHING)
    found = gazetteer.find_places(name)
    if not found:
        return Reason.UNKNOWN_PLACE
    if len({place.link for place in found}) > 1:
        return Reason.AMBIGUOUS_PLACE
    links = frozenset({found[0].link})
    return Meaning(ask=proposal.ask, links=links, offset_mm=found[0].offset_mm)


def _road(proposal: Proposal, planner: Planner, gazetteer: Gazetteer) -> Meaning | Reason:
    if proposal.road is not None:
        links = frozenset(gazetteer.find_roads(proposal.road))
        return Meaning(ask=proposal.ask, links=links) if links else Reason.UNKNOWN_ROAD
    link = proposal.onto
    if link is None or not 0 <= link < planner.network.link_count:
        return Reason.UNKNOWN_ROAD
    return Meaning(ask=proposal.ask, links=frozenset({link}))
