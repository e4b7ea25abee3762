"""What rules at the end of the ego's link: turns, signal, sign, closed roads beyond."""

from dataclasses import dataclass
from typing import Final

from guiderail.maps.network import Conflict, Control, Link, LinkId, RoadNetwork, Turn, TurnKind
from guiderail.sim.world.background.signals import SignalPlan
from guiderail.sim.world.setting import Setting

CLOSURE_SIGHT_MM: Final = 60_000
"""From here on a closed road is seen to be closed, and who comes out of a one-way street
(assumption)."""


@dataclass(frozen=True, slots=True)
class Approach:
    """The leg of a junction that the ego drives on."""

    turns: dict[LinkId, Turn]
    """Turns from here, legal or not, by the link that they lead onto."""
    plan: SignalPlan | None
    """When this link sees which light; None without a signal."""
    yielding: Turn | None
    """Turn that makes a car stop or slow at the sign of the link; None without a sign."""
    closed_ahead: tuple[tuple[int, LinkId], ...]
    """Closed links in sight beyond the end of this one, each with its distance from the start."""

    def choices(self) -> int:
        """Ways to go on at the end of this link, legal or not; turning round is none."""
        return sum(turn.kind is not TurnKind.U_TURN for turn in self.turns.values())


def approach_of(setting: Setting, link: Link, closed: frozenset[LinkId]) -> Approach:
    """Look up what rules at the end of a link, with these links closed."""
    network = setting.network
    turns = (*network.turns_from(link.id), *network.illegal_turns_from(link.id))
    return Approach(
        turns={turn.to_link: turn for turn in turns},
        plan=setting.signals.plan(link.id),
        yielding=yielding_turn(network, link),
        closed_ahead=closed_ahead(network, link, closed),
    )


def yielding_turn(network: RoadNetwork, link: Link) -> Turn | None:
    """Turn that makes a car stop or slow at the sign of a link; None without a sign."""
    if link.control not in (Control.STOP, Control.GIVE_WAY):
        return None
    turns = network.turns_from(link.id)
    return next((turn for turn in turns if turn.conflict is not Conflict.NONE), None)


def closed_ahead(
    network: RoadNetwork, link: Link, closed: frozenset[LinkId]
) -> tuple[tuple[int, LinkId], ...]:
    """Closed links in sight beyond the end of a link, each with its distance [mm]."""
    found: dict[LinkId, int] = {}
    turns = (*network.turns_from(link.id), *network.illegal_turns_from(link.id)) if closed else ()
    reached = sorted((link.length_mm, turn.to_link) for turn in turns)
    horizon_mm = link.length_mm + CLOSURE_SIGHT_MM
    while reached:
        place_mm, ahead = reached.pop(0)
        if ahead in closed:
            found[ahead] = min(place_mm, found.get(ahead, place_mm))
            continue
        beyond_mm = place_mm + network.link(ahead).length_mm
        if beyond_mm < horizon_mm:
            reached += [(beyond_mm, turn.to_link) for turn in network.turns_from(ahead)]
    return tuple((place_mm, barred) for barred, place_mm in sorted(found.items()))
