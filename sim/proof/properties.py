"""
What must hold, each under the name by which a fault is refuted; each is a question with an answer.

They need no solver. The searches are those of ``guiderail prove`` on smaller ground, so that each
planted fault is answered in about a second. Where a property compares numbers, its own side of the
comparison is written here anew, tick by tick, and takes no formula from the driver.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import product
from typing import Any, Final

from guiderail.maps.network import LinkId, RoadNetwork, TurnKind
from guiderail.sim.contract.messages import Ask, Command, Decision, Perception, Proposal, Verdict
from guiderail.sim.contract.ports import Driver
from guiderail.sim.driver.guard.budget import Budget
from guiderail.sim.driver.guard.rules import RULES
from guiderail.sim.driver.motion import envelope
from guiderail.sim.proof.search import margin
from guiderail.sim.proof.search.arena import Arena
from guiderail.sim.proof.search.explorer import BUDGET, Explorer, guarded
from guiderail.sim.proof.search.shield import permissiveness
from guiderail.sim.proof.search.sites import NOW_MS, SITES, Site
from guiderail.sim.proof.search.strategic import NEVER, Game, every_turn

Property = Callable[[], bool]
"""Whether it holds of the shipped car."""
SMALL: Final = 1_500
"""States of a search that looks for one clause."""


def shipped(site: Site, budget: Budget = BUDGET) -> Driver:
    """Make the guarded car of today's rules: what is planted in them is in it."""
    return guarded(site, budget, RULES)


def _clause(
    name: str, kind: str, s_mm: int, speed: int, lane: int = 0, *, is_calm: bool = False
) -> Property:
    """No small search of a site breaks a clause of the specification."""

    def holds() -> bool:
        site = SITES[kind]()
        arena = Arena(site.network, is_calm=is_calm)
        search = Explorer(site, shipped, arena=arena, limit=SMALL, stops_at=name)
        start = arena.start(site.origin, s_mm, speed, lane)
        return search.search([start]).violations[name] == 0

    holds.__doc__ = f"No search of a small part of the junction {kind} breaks the clause {name}."
    return holds


def _seen(site: Site, s_mm: int = 0, speed: int = 0, **values: Any) -> Perception:
    arena = Arena(site.network)
    car = arena.start(site.origin, s_mm, speed)
    return arena.perceive(car, Command(0, site.origin)).but(**values)


def _say(ask: Ask, seen_ms: int = NOW_MS, **wanted: Any) -> Proposal:
    return Proposal(ask=ask, seen_ms=seen_ms, **wanted)


def _east(site: Site, **wanted: Any) -> Proposal:
    east = next(
        turn for turn in site.network.turns_from(site.origin) if turn.kind is TurnKind.RIGHT
    )
    return _say(Ask.TURN, at=site.origin, onto=east.to_link, **wanted)


def arrival() -> bool:
    """No guide keeps the car from its goal for ever."""
    site = SITES["motorway_exit"]()
    budget = Budget(changes=2, extra_ms=150_000, spacing_ms=0)
    turns = every_turn(site.network, NOW_MS)
    return Game(site, shipped(site, budget), turns).solve().time_ms != NEVER


def budget() -> bool:
    """No guide buys more time or more changes than granted."""
    site = SITES["signal"]()
    granted = Budget(changes=2, extra_ms=45_000, spacing_ms=0)
    worst = Game(site, shipped(site, granted), every_turn(site.network, NOW_MS)).solve()
    return 0 <= worst.delay_ms <= granted.extra_ms


def price() -> bool:
    """The extra time of an accepted change is the difference of two cheapest ways."""
    site = SITES["signal"]()
    verdict = shipped(site).hear(_east(site), _seen(site))
    turn = site.network.turn(site.origin, verdict.proposal.onto or LinkId(0))
    costs = _costs_to(site.network, site.goal)
    if turn is None or verdict.decision is not Decision.ACCEPT:
        return False
    return verdict.extra_ms == turn.cost_ms + costs[turn.to_link] - costs[site.origin]


def _costs_to(network: RoadNetwork, goal: LinkId) -> dict[LinkId, int]:
    """Cheapest time from each link to the goal, by Dijkstra's rule on the reversed turns."""
    into: dict[LinkId, list[tuple[LinkId, int]]] = {}
    for before in network.all_links:
        for turn in network.turns_from(before.id):
            into.setdefault(turn.to_link, []).append((before.id, turn.cost_ms))
    costs: dict[LinkId, int] = {}
    heap = [(0, goal)]
    while heap:
        cost, link = heappop(heap)
        if link not in costs:
            costs[link] = cost
            for source, more in into.get(link, []):
                heappush(heap, (cost + more, source))
    return costs


def accepted_is_planned() -> bool:
    """A turn that was accepted is the next one of the route, and the route ends at the goal."""
    site = SITES["signal"]()
    driver, said = shipped(site), _east(site)
    verdict = driver.hear(said, _seen(site))
    route = driver.route()
    accepted = verdict.decision is Decision.ACCEPT
    return accepted and route[1] == said.onto and route[-1] == site.goal


def freshness() -> bool:
    """What was said of the future, or of a minute ago, is refused."""
    site = SITES["signal"]()
    old = _east(site, seen_ms=NOW_MS - 60_000), _east(site, seen_ms=NOW_MS + 1)
    return all(shipped(site).hear(one, _seen(site)).decision is Decision.REFUSE for one in old)


def spacing() -> bool:
    """Two changes are not accepted within five seconds."""
    site = SITES["signal"]()
    driver = shipped(site, Budget(changes=8))
    driver.hear(_east(site), _seen(site))
    again = driver.hear(_say(Ask.CANCEL), _seen(site, time_ms=NOW_MS + 4_900))
    return again.decision is Decision.REFUSE


def reasons() -> bool:
    """Each refusal names what a person would name."""
    site = SITES["signal"]()
    banned = site.network.illegal_turns_from(site.origin)[0].to_link
    asked = (
        (_say(Ask.TURN, at=site.origin, onto=banned), "illegal_turn"),
        (_say(Ask.TURN, at=site.goal, onto=banned), "no_such_turn"),
        (_say(Ask.TAKE_ROAD, road="Moon Road"), "unknown_road"),
        (_say(Ask.VIA, place="Moon"), "unknown_place"),
        (_say(Ask.AVOID, onto=site.goal), "unreachable"),
    )
    driver = shipped(site)
    answers = [driver.hear(said, _seen(site)).reason == reason for said, reason in asked]
    driver.hear(_east(site), _seen(site))
    again = driver.hear(_say(Ask.CANCEL), _seen(site))
    late = shipped(site).hear(_east(site), _seen(site, 55_000, 8_000))
    return all(answers) and again.reason == "over_budget" and late.reason == "too_late"


def closed_roads() -> bool:
    """Nothing accepted leads into a road that is seen to be closed."""
    site = SITES["signal"]()
    driver, said = shipped(site), _east(site)
    closed = frozenset({said.onto or LinkId(0)})
    driver.hear(said, _seen(site, closed=closed))
    return closed.isdisjoint(driver.route())


def slippery_roads() -> bool:
    """On ice no change is accepted."""
    site = SITES["signal"]()
    seen = _seen(site, friction_permille=100)
    return shipped(site).hear(_east(site), seen).decision is Decision.REFUSE


def totality() -> bool:
    """Any object is answered, and what is no proposal is refused without a fault inside."""
    site = SITES["signal"]()
    things: list[Any] = [None, 7, "left", [], object(), _say("left"), _say(Ask.TURN, at=True)]  # type: ignore[arg-type]
    answers = [_heard(shipped(site), thing, _seen(site)) for thing in things]
    return all(answer and answer.reason == "malformed" for answer in answers)


def fails_closed() -> bool:
    """A perception that breaks every rule is a refusal, not an error and not a yes."""
    site = SITES["signal"]()
    broken = _seen(site, speed_mm_s=None, s_mm=0)
    driver = shipped(site)
    answer = _heard(driver, _east(site), broken)
    return answer is not None and answer.decision is Decision.REFUSE


def _heard(driver: Driver, said: Any, seen: Perception) -> Verdict | None:
    try:
        return driver.hear(said, seen)
    except Exception:  # noqa: BLE001  that it raised is the finding
        return None


def non_interference() -> bool:
    """A refused word leaves route and motion as silence would."""
    site = SITES["signal"]()
    search = Explorer(site, shipped, limit=300, stops_at="non_interference")
    start = Arena(site.network).start(site.origin, 0, 8_000)
    return search.search([start]).violations["non_interference"] == 0


def within_the_shield() -> bool:
    """Nothing is accepted that the maximal shield refuses."""
    kinds = ("signal", "motorway_exit")
    return all(permissiveness(SITES[kind](), shipped, coarse=6).outside == 0 for kind in kinds)


def not_timid() -> bool:
    """At least 99 % of what the maximal shield accepts is accepted."""
    return permissiveness(SITES["signal"](), shipped, coarse=3).share >= 0.99  # noqa: PLR2004


def lattice_edge() -> bool:
    """No car that stands on the edge of the rule is lost, the last tick included."""
    return margin.boundary_states_lost(5_000)[1] == 0


def speed_rules() -> bool:
    """No car that takes the fastest allowed speed in each tick passes its line."""
    return margin.controlled_states_lost(200) == 0


def follow_gap() -> bool:
    """At the gap of the rule both may brake as assumed and never touch."""
    return not any(
        _touch(envelope.follow_gap_mm(v, u, 800), v, u, 4_000, 8_000, wait=5, gain=2_000)
        for v, u in product(range(0, 40_001, 4_000), repeat=2)
    )


def rear_gap() -> bool:
    """Braking in front of somebody is only allowed where he can answer it in time."""
    speeds, gaps = range(2_000, 30_001, 4_000), range(0, 60_001, 3_000)
    return not any(
        envelope.rear_gap_is_enough(gap, behind, own, 2_400)
        and _touch(gap + 500, behind, own, 4_000, 2_400, wait=13, gain=0)
        for gap, behind, own in product(gaps, speeds, speeds)
    )


def _touch(  # noqa: PLR0913  two cars and their brakes
    gap: int, rear: int, front: int, rear_brakes: int, front_brakes: int, *, wait: int, gain: int
) -> bool:
    """Whether the car behind, which waits so many ticks, touches one that brakes at once."""
    while rear > 0:
        after = rear + gain // 10 if wait > 0 else max(0, rear - rear_brakes // 10)
        ahead = max(0, front - front_brakes // 10)
        gap += (front + ahead - rear - after) // 20
        rear, front, wait = after, ahead, wait - 1
        if gap < 0:
            return True
    return False


PROPERTIES: Final[dict[str, Property]] = {
    "illegal_turn": _clause("illegal_turn", "signal", 40_000, 3_000, is_calm=True),
    "turn_too_fast": _clause("turn_too_fast", "uncontrolled", 20_000, 8_000, is_calm=True),
    "red_light": _clause("red_light", "signal", 20_000, 8_000),
    "stop_sign": _clause("stop_sign", "stop", 20_000, 8_000),
    "failure_to_yield": _clause("failure_to_yield", "give_way", 20_000, 8_000),
    "wrong_lane": _clause("wrong_lane", "motorway_exit", 100_000, 22_000, 1),
    "hard_braking": _clause("hard_braking", "uncontrolled", 20_000, 8_000),
    "arrival": arrival,
    "budget": budget,
    "price": price,
    "accepted_is_planned": accepted_is_planned,
    "freshness": freshness,
    "spacing": spacing,
    "reasons": reasons,
    "closed_roads": closed_roads,
    "slippery_roads": slippery_roads,
    "totality": totality,
    "fails_closed": fails_closed,
    "non_interference": non_interference,
    "within_the_shield": within_the_shield,
    "not_timid": not_timid,
    "lattice_edge": lattice_edge,
    "speed_rules": speed_rules,
    "follow_gap": follow_gap,
    "rear_gap": rear_gap,
}
"""Every property that a fault is refuted by, by name."""
