"""
Who must let whom pass where streets meet.

Signals first, then signs, then the class of the road, then the rule that traffic from the near side
("priority to the right") goes first. Only the streams that a movement crosses or joins count.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from guiderail.maps.controls import Controls, rank
from guiderail.maps.draft import Draft, DraftLink
from guiderail.maps.geometry import turn_angle_cdeg
from guiderail.maps.lanes import side
from guiderail.maps.network import Conflict, Control

_AHEAD_CDEG: Final = 4_500
"""An arm up to this far off the car's own direction is opposite."""
_BEHIND_CDEG: Final = 15_000
"""An arm beyond this comes from behind: it runs alongside and merges, it does not cross."""
_MINOR: Final = {
    1: Conflict.RIGHT_FROM_MINOR,
    0: Conflict.THROUGH_FROM_MINOR,
    -1: Conflict.LEFT_FROM_MINOR,
}
_NEAR, _AHEAD, _FAR = 1, 0, -1
_CROSSED: Final = {1: {_FAR}, 0: {_NEAR, _FAR}, -1: {_NEAR, _AHEAD, _FAR}}
"""By movement (near side, straight on, far side): arms whose streams it crosses or joins."""

Priority = tuple[Conflict, int]
"""The conflict and the lanes of the streams that go first."""
NOBODY: Final = (Conflict.NONE, 0)


class Approach(NamedTuple):
    """One stream that arrives at a junction."""

    link: DraftLink
    control: Control
    """What rules it at the junction, be the sign a little before."""
    own: Control
    """What rules at the end of this very link."""
    rank: int


class Junction(NamedTuple):
    """A junction as seen by one arriving link."""

    mine: Approach
    others: tuple[Approach, ...]
    """Streams from the other arms."""
    arms: dict[int, int | None]
    """
    Where each of them comes from: near side, ahead, far side; None alongside. Left out where only
    two streets meet.
    """
    is_signaled: bool


def approaches(draft: Draft, ruled: Controls, node: int) -> tuple[Approach, ...]:
    """Streams that legally arrive at a node."""
    links = [draft.links[i] for i in draft.incoming[node] if not draft.links[i].is_phantom]
    return tuple(
        Approach(
            link=link,
            control=ruled.approaching(draft, link),
            own=ruled.kind[link.id],
            rank=rank(link),
        )
        for link in links
    )


def junction(draft: Draft, arriving: Sequence[Approach], link: DraftLink) -> Junction:
    """See a junction with the eyes of one link, which need not be a legal one."""
    lawless = Approach(link=link, control=Control.NONE, own=Control.NONE, rank=rank(link))
    others = tuple(other for other in arriving if other.link.stretch != link.stretch)
    crossing = () if _is_one_road(draft, link) else others
    return Junction(
        mine=next((mine for mine in arriving if mine.link.id == link.id), lawless),
        others=others,
        arms={other.link.id: _arm(draft, link, other.link) for other in crossing},
        is_signaled=any(other.control is Control.SIGNAL for other in arriving),
    )


def priority(draft: Draft, seen: Junction, target: DraftLink, angle: int) -> Priority:
    """Whom a car must let pass that turns by this angle, positive towards the kerb."""
    link = seen.mine.link
    if link.reverse == target.id:
        return _priority(Conflict.U_TURN, seen.others)
    if _is_one_road(draft, link):
        return NOBODY
    if target.street.is_roundabout or link.street.is_roundabout:
        return _at_roundabout(seen, target)
    movement = side(angle)
    crossed = [other for other in seen.others if seen.arms[other.link.id] in _CROSSED[movement]]
    oncoming = [other for other in crossed if seen.arms[other.link.id] == _AHEAD]
    first = [] if seen.is_signaled else _going_first(crossed, seen)
    if all(other in oncoming for other in first):
        return _priority(Conflict.LEFT_FROM_MAJOR, oncoming)
    return _priority(_MINOR[movement], first)


def _is_one_road(draft: Draft, link: DraftLink) -> bool:
    """Whether no more than two streets meet at its end: nobody crosses anybody."""
    return draft.arms[link.to_node] <= 2  # noqa: PLR2004


def _going_first(crossed: list[Approach], seen: Junction) -> list[Approach]:
    """Crossed streams that have priority where no signal rules."""
    unsigned = [other for other in crossed if other.control is Control.NONE]
    mine = seen.mine
    if mine.control is not Control.NONE:
        return unsigned or crossed
    return [
        other
        for other in unsigned
        if other.rank < mine.rank
        or (other.rank == mine.rank and seen.arms[other.link.id] in {_NEAR, _AHEAD})
    ]


def _at_roundabout(seen: Junction, target: DraftLink) -> Priority:
    if seen.mine.link.street.is_roundabout or seen.mine.control is Control.SIGNAL:
        return NOBODY
    ring = [other for other in seen.others if other.link.street.way_id == target.street.way_id]
    return _priority(Conflict.ROUNDABOUT_ENTRY, ring or seen.others)


def _arm(draft: Draft, link: DraftLink, other: DraftLink) -> int | None:
    """Where another stream comes from as seen by a car: near side, ahead, far side; else None."""
    outward = (other.bearing_end + 18_000) % 36_000
    angle = turn_angle_cdeg(link.bearing_end, outward) * draft.near_side
    if abs(angle) <= _AHEAD_CDEG:
        return _AHEAD
    if abs(angle) > _BEHIND_CDEG:
        return None
    return _NEAR if angle > 0 else _FAR


def _priority(conflict: Conflict, streams: Sequence[Approach]) -> Priority:
    return (conflict, sum(stream.link.lanes for stream in streams)) if streams else NOBODY
