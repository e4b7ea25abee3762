"""
Turn restrictions: which relation bans which turns, and which could not be read.

Half of all relations are ``only_*`` signs, which ban every turn but the one they name. A relation
that does not fit the streets bans nothing and is counted; it is never guessed.
"""

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from itertools import product
from typing import Final, NamedTuple

from guiderail.maps.compile.draft import Draft, DraftLink
from guiderail.maps.compile.link_copies import SequenceSign
from guiderail.maps.compile.via_ways import walks
from guiderail.maps.elements import RawRelation, Tags
from guiderail.maps.geometry import turn_angle_cdeg
from guiderail.maps.network import Ban

_KEYS: Final = ("restriction:motorcar", "restriction:motor_vehicle", "restriction")
"""Most specific first; signs for other vehicles do not count."""
_OURS: Final = frozenset({"motorcar", "motor_vehicle", "vehicle"})
_IDEAL_CDEG: Final = {"left": -9_000, "right": 9_000, "straight": 0, "u": 18_000}
"""Angle that each word of a sign names, positive to the right."""
_WORST_FIT_CDEG: Final = 7_500
"""A turn this far from the named direction is not the one meant."""
_CLEAR_LEAD_CDEG: Final = 2_000
"""The best fit must be better than the next by this much, else the sign is ambiguous."""

Pair = tuple[DraftLink, DraftLink]


class Sign(NamedTuple):
    """Why a turn is banned, and by which relation."""

    ban: Ban
    relation_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Restrictions:
    """All signs of a map, read."""

    banned: dict[tuple[int, int], Sign]
    """By (from link, to link)."""
    permitted: dict[int, set[int]]
    """Links that an ``only_*`` sign leaves, by from link."""
    only: dict[int, Sign]
    """The ``only_*`` sign itself, by from link."""
    sequences: list[SequenceSign] = field(default_factory=list)
    """Signs whose via is a way."""
    counts: Counter[str] = field(default_factory=Counter)
    """Relations by fate: total, applied, unresolved, unsupported, exempt; and the unresolved by
    reason: ``member_absent`` (not a street open to cars in this extract) or ``no_fit``."""

    def sign(self, from_link: int, to_link: int) -> Sign | None:
        """Return the sign that bans a turn, a ``no_*`` sign before an ``only_*`` sign."""
        if direct := self.banned.get((from_link, to_link)):
            return direct
        permitted = self.permitted.get(from_link)
        return self.only[from_link] if permitted and to_link not in permitted else None

    def demands(self, from_link: int, to_link: int) -> bool:
        """Whether an ``only_*`` sign names this turn."""
        return to_link in self.permitted.get(from_link, ())


def restrictions(draft: Draft, relations: Iterable[RawRelation]) -> Restrictions:
    """Read all restriction relations, in the order of their ids."""
    signs = Restrictions(banned={}, permitted={}, only={})
    ways = frozenset(link.street.way_id for link in draft.real_links)
    for relation in sorted(relations, key=lambda r: r.id):
        if relation.tags.get("type", "").partition(":")[0] == "restriction":
            fate = _apply(draft, relation, signs)
            signs.counts["total"] += 1
            signs.counts[fate] += 1
            if fate == "unresolved":
                signs.counts["no_fit" if _is_whole(draft, ways, relation) else "member_absent"] += 1
    return signs


def _is_whole(draft: Draft, ways: Container[int], relation: RawRelation) -> bool:
    """Whether every member that a sign needs is part of the road graph."""
    wanted = [m for m in relation.members if m.role in {"from", "via", "to"}]
    is_here = (m.ref in ways if m.kind == "w" else draft.node(m.ref) is not None for m in wanted)
    return {m.role for m in wanted} == {"from", "via", "to"} and all(is_here)


def _apply(draft: Draft, relation: RawRelation, signs: Restrictions) -> str:
    value, is_conditional = _value(relation.tags)
    verb, _, direction = value.partition("_")
    if verb not in {"no", "only"}:
        return "exempt"
    if _OURS & set(relation.tags.get("except", "").replace(",", ";").split(";")):
        return "exempt"
    vias = {m.kind for m in relation.members if m.role == "via"}
    if "r" in vias:
        return "unsupported"
    if "w" in vias:
        ban = Ban.RESTRICTION if verb == "no" else Ban.ONLY
        sign = Sign(ban=Ban.CONDITIONAL if is_conditional else ban, relation_id=relation.id)
        return _apply_sequence(draft, relation, signs, sign)
    pairs = _pairs(draft, relation, direction)
    for origin, target in pairs:
        if verb == "no":
            ban = Ban.CONDITIONAL if is_conditional else Ban.RESTRICTION
            sign = Sign(ban=ban, relation_id=relation.id)
            signs.banned.setdefault((origin.id, target.id), sign)
        else:
            ban = Ban.CONDITIONAL if is_conditional else Ban.ONLY
            signs.permitted.setdefault(origin.id, set()).add(target.id)
            signs.only.setdefault(origin.id, Sign(ban=ban, relation_id=relation.id))
    return "applied" if pairs else "unresolved"


def _apply_sequence(draft: Draft, relation: RawRelation, signs: Restrictions, sign: Sign) -> str:
    verb, _, direction = _value(relation.tags)[0].partition("_")
    found = {(walk[0].id, walk[-1].id): walk for walk in walks(draft, relation)}
    ends = _pair([(walk[0], walk[-1]) for walk in found.values()], direction)
    signs.sequences.extend(
        SequenceSign(
            links=tuple(link.id for link in found[origin.id, target.id]),
            is_only=verb == "only",
            ban=sign.ban,
            relation_id=sign.relation_id,
        )
        for origin, target in ends
    )
    return "applied" if ends else "unresolved"


def _value(tags: Tags) -> tuple[str, bool]:
    # "no_left_turn @ (Mo-Fr 07:00-09:00)" is obeyed at any time: the safe side.
    is_dated = "day_on" in tags or "hour_on" in tags
    for key in _KEYS:
        if key in tags:
            return tags[key].strip(), is_dated
        if text := tags.get(f"{key}:conditional"):
            return text.partition("@")[0].strip(), True
    return "", False


def _pairs(draft: Draft, relation: RawRelation, direction: str) -> list[Pair]:
    """Turns that a relation speaks of; none if that is not beyond doubt."""
    origins = [m.ref for m in relation.members if m.role == "from" and m.kind == "w"]
    targets = [m.ref for m in relation.members if m.role == "to" and m.kind == "w"]
    via = [
        node for m in relation.members if m.role == "via" if (node := draft.node(m.ref)) is not None
    ]
    many_from, many_to = direction == "entry", direction == "exit"
    if len(via) != 1 or not origins or not targets:
        return []
    if (len(origins) > 1 and not many_from) or (len(targets) > 1 and not many_to):
        return []
    found: list[Pair] = []
    for way_from, way_to in product(origins, targets):
        found += _pair(_candidates(draft, via[0], way_from, way_to), direction)
    return found


def _candidates(draft: Draft, via: int, way_from: int, way_to: int) -> list[Pair]:
    """Arriving links of one way with leaving links of another, phantoms aside."""
    arriving = [draft.links[i] for i in draft.incoming[via]]
    leaving = [draft.links[i] for i in draft.outgoing[via]]
    return [
        (origin, target)
        for origin in arriving
        if origin.street.way_id == way_from and not origin.is_phantom
        for target in leaving
        if target.street.way_id == way_to and not target.is_phantom
    ]


def _pair(candidates: list[Pair], direction: str) -> list[Pair]:
    word = direction.partition("_")[0]
    if word == "u":
        candidates = _turning_round(candidates)
    if len(candidates) < 2:  # noqa: PLR2004  nothing to choose from
        return candidates
    if word not in _IDEAL_CDEG:
        return []
    ranked = sorted(candidates, key=lambda pair: (_misfit(pair, word), pair[0].id, pair[1].id))
    best, second = (_misfit(pair, word) for pair in ranked[:2])
    is_clear = best <= _WORST_FIT_CDEG and second - best >= _CLEAR_LEAD_CDEG
    return ranked[:1] if is_clear else []


def _turning_round(candidates: list[Pair]) -> list[Pair]:
    """Of a way that both comes and goes here, only the turn onto its own reverse is meant."""
    own = [pair for pair in candidates if pair[0].reverse == pair[1].id]
    same_way = [pair for pair in candidates if pair[0].street.way_id == pair[1].street.way_id]
    return own if same_way else candidates


def _misfit(pair: Pair, word: str) -> int:
    """How far a turn is from the named direction [0.01 degree]; turning round is no left turn."""
    if pair[0].reverse == pair[1].id:
        return 0 if word == "u" else 18_000
    angle = turn_angle_cdeg(pair[0].bearing_end_cdeg, pair[1].bearing_start_cdeg)
    return abs(turn_angle_cdeg(_IDEAL_CDEG[word], angle))
