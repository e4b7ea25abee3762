"""
Who must let whom pass where streets meet.

Signals first, then signs, then the class of the road, then the rule that traffic from the near side
("priority to the right") goes first. Only the streams that a movement crosses or joins count. A
signal protects from those that get green in the other phase of its controller, never from those who
get it at the same time; who has none lets the others pass.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from guiderail.maps.compile.controls import Controls, rank
from guiderail.maps.compile.draft import Draft, DraftLink
from guiderail.maps.compile.lanes import side
from guiderail.maps.geometry import FULL_CIRCLE_CDEG, HALF_CIRCLE_CDEG, turn_angle_cdeg
from guiderail.maps.network import Conflict, Control

_AHEAD_CDEG: Final = 4_500
"""An arm up to this far off the car's own direction is opposite."""
_BEHIND_CDEG: Final = 15_000
"""An arm beyond this comes from behind: its traffic runs alongside and joins or cuts across."""
_MINOR: Final = {
    1: Conflict.RIGHT_FROM_MINOR,
    0: Conflict.THROUGH_FROM_MINOR,
    -1: Conflict.LEFT_FROM_MINOR,
}
_NEAR, _AHEAD, _FAR, _BESIDE_NEAR, _BESIDE_FAR = 1, 0, -1, 2, -2
_BESIDE: Final = {_BESIDE_NEAR, _BESIDE_FAR}
_BEFORE_ME: Final = {_NEAR, _AHEAD, _BESIDE_NEAR}
"""Arms that go first among equals."""

_SIGNS: Final = (Control.STOP, Control.GIVE_WAY)

Priority = tuple[Conflict, int]
"""The conflict and the lanes of the streams that go first."""
NOBODY: Final = (Conflict.NONE, 0)


class Approach(NamedTuple):
    """One stream that arrives at a junction."""

    link: DraftLink
    control: Control
    """What rules it at the junction, be the sign a little before."""
    controller: int
    """Who switches its signal; -1 for none."""
    is_second: bool
    """Whether it gets green in the second phase."""
    rank: int


class Junction(NamedTuple):
    """A junction as seen by one arriving link."""

    mine: Approach
    others: tuple[Approach, ...]
    """Streams from the other arms."""
    bearing_cdeg: dict[int, int]
    """
    Where each of them comes from [0.01 degree], 0 ahead, positive on the near side. Left out where
    only two streets meet.
    """

    def arm(self, other: Approach) -> int:
        """Arm that a stream comes from: near side, ahead, far side, or beside the own one."""
        return _arm(self.bearing_cdeg[other.link.id])


def approaches(draft: Draft, ruled: Controls, node: int) -> tuple[Approach, ...]:
    """Streams that legally arrive at a node."""
    links = [draft.links[i] for i in draft.incoming[node] if not draft.links[i].is_phantom]
    sources = [ruled.source(draft, link).id for link in links]
    return tuple(
        Approach(
            link=link,
            control=ruled.kind[source],
            controller=ruled.controller[source],
            is_second=ruled.is_second[source],
            rank=rank(link),
        )
        for link, source in zip(links, sources, strict=True)
    )


def junction(draft: Draft, arriving: Sequence[Approach], link: DraftLink) -> Junction:
    """See a junction with the eyes of one link, which need not be a legal one."""
    lawless = Approach(
        link=link, control=Control.NONE, controller=-1, is_second=False, rank=rank(link)
    )
    others = tuple(other for other in arriving if other.link.stretch != link.stretch)
    crossing = () if _is_one_road(draft, link) else others
    return Junction(
        mine=next((mine for mine in arriving if mine.link.id == link.id), lawless),
        others=others,
        bearing_cdeg={other.link.id: _bearing(draft, link, other.link) for other in crossing},
    )


def priority(draft: Draft, seen: Junction, target: DraftLink, angle_cdeg: int) -> Priority:
    """Whom a car must let pass that turns by this angle, positive towards the kerb."""
    link = seen.mine.link
    if link.reverse == target.id:
        return _priority(Conflict.U_TURN, seen.others)
    if _is_one_road(draft, link):
        return NOBODY
    if target.street.is_roundabout or link.street.is_roundabout:
        return _at_roundabout(seen, target)
    is_next_exit = not any(
        _angle(draft, link, draft.links[i]) > angle_cdeg
        for i in draft.outgoing[link.to_node]
        if i not in (link.reverse, target.id)
    )
    crossed = [
        other
        for other in seen.others
        if _meets(
            seen, other, angle_cdeg, is_own=is_next_exit and other.link.stretch == target.stretch
        )
    ]
    oncoming = [other for other in crossed if seen.arm(other) == _AHEAD]
    first = _going_first(crossed, seen)
    if all(other in oncoming for other in first):
        return _priority(Conflict.LEFT_FROM_MAJOR, oncoming)
    is_merge = all(seen.arm(other) in _BESIDE for other in first)
    return _priority(Conflict.RIGHT_FROM_MINOR if is_merge else _MINOR[side(angle_cdeg)], first)


def _is_one_road(draft: Draft, link: DraftLink) -> bool:
    """Whether no more than two streets meet at its end: nobody crosses anybody."""
    return draft.arms[link.to_node] <= 2  # noqa: PLR2004


def _meets(seen: Junction, other: Approach, angle_cdeg: int, *, is_own: bool) -> bool:
    """
    Whether a movement by this angle crosses or joins another stream.

    ``is_own`` says that the stream leaves the very street that is turned into, with no exit before
    it: the two pass each other.
    """
    arm = seen.arm(other)
    if arm == _AHEAD:  # it passes on the far side, unless one turns across it
        return side(angle_cdeg) < 0 or (
            seen.bearing_cdeg[other.link.id] > angle_cdeg and not is_own
        )
    return arm != _NEAR or not is_own


def _going_first(crossed: list[Approach], seen: Junction) -> list[Approach]:
    """Crossed streams that have priority, those aside that stand when the own signal is green."""
    mine = seen.mine
    met = [other for other in crossed if not _is_protected(mine, other)]
    if mine.control in _SIGNS:
        return [other for other in met if other.control not in _SIGNS] or met
    return [
        other
        for other in met
        if other.control not in _SIGNS and _order(mine, other, seen.arm(other))
    ]


def _is_protected(mine: Approach, other: Approach) -> bool:
    """Whether a signal never lets both go at once."""
    return mine.controller == other.controller >= 0 and mine.is_second is not other.is_second


def _order(mine: Approach, other: Approach, arm: int) -> bool:
    """Whether another stream goes first where no sign says so: by signal, by class, by side."""
    is_lit = Control.SIGNAL in (mine.control, other.control)
    if is_lit and mine.control is not other.control:
        return other.control is Control.SIGNAL
    return other.rank < mine.rank or (other.rank == mine.rank and arm in _BEFORE_ME)


def _at_roundabout(seen: Junction, target: DraftLink) -> Priority:
    if seen.mine.link.street.is_roundabout or seen.mine.control is Control.SIGNAL:
        return NOBODY
    ring = [other for other in seen.others if other.link.street.way_id == target.street.way_id]
    return _priority(Conflict.ROUNDABOUT_ENTRY, ring or seen.others)


def _angle(draft: Draft, link: DraftLink, target: DraftLink) -> int:
    return turn_angle_cdeg(link.bearing_end_cdeg, target.bearing_start_cdeg) * draft.near_side


def _bearing(draft: Draft, link: DraftLink, other: DraftLink) -> int:
    """Where another stream comes from as seen by a car, positive on the near side."""
    outward = (other.bearing_end_cdeg + HALF_CIRCLE_CDEG) % FULL_CIRCLE_CDEG
    return turn_angle_cdeg(link.bearing_end_cdeg, outward) * draft.near_side


def _arm(bearing_cdeg: int) -> int:
    if abs(bearing_cdeg) <= _AHEAD_CDEG:
        return _AHEAD
    is_beside = 2 if abs(bearing_cdeg) > _BEHIND_CDEG else 1
    return (_NEAR if bearing_cdeg > 0 else _FAR) * is_beside


def _priority(conflict: Conflict, streams: Sequence[Approach]) -> Priority:
    return (conflict, sum(stream.link.lanes for stream in streams)) if streams else NOBODY
