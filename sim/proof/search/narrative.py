"""
The way to a violation in sentences: what was said, what happened around the car, where it was.

A search finds the shortest way in ticks; told are its moments at which something new happened.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.lattice import TICK_MS
from guiderail.sim.contract.messages import Ask, Proposal
from guiderail.sim.proof.search.arena import NO_RIVAL, State


class Moment(NamedTuple):
    """One tick on the way: the car, and the word that was said to it then."""

    car: State
    said: Proposal | None


def narrate(way: Sequence[Moment], network: RoadNetwork, fault: str) -> tuple[str, ...]:
    """
    Tell a way from its start to a violation.

    Parameters
    ----------
    way
        Every tick, the last one that of the violation; not empty.
    network
        The map, for the names of its roads.
    fault
        Clause that was broken.
    """
    told = [f"0.0 s: sets off {_where(way[0].car, network)}{_around(way[0].car)}"]
    before = None
    for tick, (one, after) in enumerate(pairwise(way)):
        events = list(_events(one.car, after.car))
        if one.said is not None and one.said != before:
            events.insert(0, f"the guide says: {spoken(one.said, network)}")
        before = one.said
        if events:
            told.append(f"{_time(tick)}: {'; '.join(events)}; {_where(after.car, network)}")
    end = way[-1]
    words = "the guide is silent" if end.said is None else f"said: {spoken(end.said, network)}"
    told.append(f"{_time(len(way) - 1)}: {fault} {_where(end.car, network)}, {words}")
    return tuple(told)


def spoken(said: Proposal, network: RoadNetwork) -> str:
    """Say a word in words."""
    name = said.road or said.place
    if name is None and said.onto is not None and 0 <= said.onto < network.link_count:
        name = network.link(said.onto).name or f"link {said.onto}"
    side = said.direction.value if said.direction else ""
    onto = "onto" if said.onto is not None and said.ask is Ask.TURN else ""
    return " ".join(part for part in (said.ask.value.replace("_", " "), side, onto, name) if part)


def _time(tick: int) -> str:
    return f"{tick * TICK_MS / 1_000:.1f} s"


def _where(car: State, network: RoadNetwork) -> str:
    left = network.link(car.link).length_mm - car.s_mm
    return (
        f"on {network.link(car.link).name or f'link {car.link}'}, {left / 1_000:.1f} m before its "
        f"end at {car.speed / 1_000:.1f} m/s in lane {car.lane}"
    )


def _around(car: State) -> str:
    return "" if car.light < 0 else f", light {_color(car.light)}"


def _color(light: int) -> str:
    if light == 0:
        return "green"
    return "red" if light == NO_RIVAL else "yellow"


def _events(before: State, after: State) -> Iterator[str]:
    """What happened in one tick, of the car and around it."""
    if before.link != after.link:
        yield "passes the node"
    elif min(before.light, after.light) >= 0 and _color(before.light) != _color(after.light):
        yield f"the light turns {_color(after.light)}"
    if after.rival != NO_RIVAL and before.rival == NO_RIVAL:
        yield f"somebody with priority comes, there in {_time(after.rival)}"
    if before.is_beside_free and not after.is_beside_free:
        yield "the lane beside is taken"
    if after.target_lane not in (before.target_lane, after.lane):
        yield f"begins to change to lane {after.target_lane}"
