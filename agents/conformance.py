"""What any guide has to hold to, as a check that plug-in authors can run on theirs."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from guiderail.agents.atlas import atlas_of
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.sim.contract.draw import TripSeed, below, draw
from guiderail.sim.contract.messages import Advice, Observation, Proposal
from guiderail.sim.contract.ports import Guide, GuideMaker

_SEED: Final = TripSeed(20_260_101, 7)
"""Any fixed one: the same guide gets the same report."""
_SOUND: Final = 200
"""Observations of cars on real routes."""
_ODD: Final = 1_000
"""Observations that no car makes."""
_MOST: Final = 20
"""Problems reported; a guide that fails everywhere says so often enough."""
_STREAM: Final = 1_000
"""Far from the streams of a trip: these draws make test cases."""

_ODD_INTEGERS: Final = (-(2**63), -1, 0, 1, 19, 13_880, 2**31, 2**63)
_ODD_NAMES: Final = ("", "\x00", "'; --", "\N{GREEK SMALL LETTER OMEGA}" * 500, "\u202eeman")


def check_guide(make: GuideMaker, network: RoadNetwork) -> list[str]:
    """
    Find out what a guide does that no guide may do.

    Parameters
    ----------
    make
        The maker, as an entry point of the group ``guiderail.guides`` names it.
    network
        Any map with a drivable world.

    Returns
    -------
    list of str
        One sentence per problem, the first twenty; empty for a sound guide. Silence is no problem.
    """
    try:
        guides = [_make(make, network) for _ in range(2)]
    except Exception as error:  # noqa: BLE001  a stranger's code may raise anything
        return [f"it cannot be made: {error!r}"]
    if not all(isinstance(guide, Guide) and isinstance(guide.name, str) for guide in guides):
        return ["it is no Guide: it needs a text 'name' and a method 'advise'"]
    problems: list[str] = []
    for seen in observations(network, _SOUND, _ODD):
        problems += _problems(guides, seen)
        if len(problems) >= _MOST:
            break
    return list(dict.fromkeys(problems))[:_MOST]


def _make(make: GuideMaker, network: RoadNetwork) -> Any:
    closed = frozenset({LinkId(network.link_count // 2)})
    return make(network, _SEED, closed=closed, rate=0.5)


def _problems(guides: list[Any], seen: Observation) -> Iterator[str]:
    before = replace(seen)
    try:
        first, second = (guide.advise(seen) for guide in guides)
    except Exception as error:  # noqa: BLE001
        yield f"it raised {error!r} on an observation of link {seen.link}"
        return
    if seen != before:
        yield "it changed the observation"
    if first != second:
        yield "the same seed gave different words"
    if first is not None:
        yield from _faults_of_form(first)


def _faults_of_form(said: object) -> Iterator[str]:
    # Exact types: a subclass could carry what the contract has no field for.
    if type(said) is not Advice:
        yield f"it returned {type(said).__name__}, not Advice or None"
        return
    advice: Any = said  # what its annotations promise is yet to be seen
    if not isinstance(advice.words, str) or not isinstance(advice.label, str):
        yield "words and label must be text"
    if advice.proposal is not None and type(advice.proposal) is not Proposal:
        yield f"it proposed {type(advice.proposal).__name__}, not Proposal"
    if type(advice.latency_ms) is not int or advice.latency_ms < 0:
        yield f"latency_ms is {advice.latency_ms!r}: it must be an int, 0 or more"
    if not isinstance(advice.confidence, int | float) or not 0 <= advice.confidence <= 1:
        yield f"confidence is {advice.confidence!r}: it must lie in 0 .. 1"


def observations(network: RoadNetwork, sound: int, odd: int) -> Iterator[Observation]:
    """Make test observations, always the same: first sound ones, then odd ones."""
    made = [_sound(network, k) for k in range(max(1, sound))]
    yield from made[:sound]
    for k in range(odd):
        yield _spoiled(made[k % len(made)], network, k)


def _sound(network: RoadNetwork, k: int) -> Observation:
    """Show a car somewhere on the best route between two links."""
    world = [link.id for link in network.all_links if link.in_world]
    links = world or [link.id for link in network.all_links]
    origin, goal = (links[_choose(which, k, len(links))] for which in (0, 1))
    tree = atlas_of(network).tree(goal, frozenset())
    here = network.link(origin)
    return Observation(
        time_ms=1_000 * k,
        occasion=k,
        link=origin,
        distance_to_node_mm=1 + _choose(2, k, here.length_mm),
        speed_mm_s=_choose(3, k, here.speed_mm_s + 1) // 20 * 20,
        lane=_choose(4, k, here.lanes),
        route=tree.route(origin) or (origin,),
        goal=goal,
        goal_name=network.link(goal).name,
        eta_ms=tree.cost_to_go_ms[origin],
        reported_closed=frozenset(),
    )


def _spoiled(seen: Observation, network: RoadNetwork, k: int) -> Observation:
    """Replace some of the fields by values that no car shows."""
    strange = (-1, network.link_count, 2**40, seen.goal, seen.link)
    link, goal, other = (LinkId(strange[_choose(5 + i, k, len(strange))]) for i in range(3))
    number = [_ODD_INTEGERS[_choose(8 + i, k, len(_ODD_INTEGERS))] for i in range(4)]
    routes = ((), (other,), (link, other, goal), seen.route[::-1], seen.route * 3, (seen.link,) * 9)
    return replace(
        seen,
        time_ms=number[0],
        link=link,
        goal=goal,
        distance_to_node_mm=number[1],
        speed_mm_s=number[2],
        lane=number[3],
        route=routes[_choose(12, k, len(routes))],
        goal_name=_ODD_NAMES[_choose(13, k, len(_ODD_NAMES))],
        reported_closed=frozenset({other}),
    )


def _choose(which: int, k: int, count: int) -> int:
    return below(draw(_SEED, _STREAM, which, k), count)
