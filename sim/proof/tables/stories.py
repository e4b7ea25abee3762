"""
The corpus of the decision table: stories of cars that hear words.

Every word in plain situations, then whatever it takes to see each rule, each constant and each
branch of the guard from both sides. Wherever an answer changes along a road, with a gap or with
friction, there are stories on both sides of the change, found to the millimeter by what is shipped.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import pairwise, product
from typing import Any, Final

from guiderail.maps.network import LinkId
from guiderail.maps.synthetic.networks import arm_link
from guiderail.sim.contract.messages import Ask, Direction, Perception, Proposal
from guiderail.sim.driver.guard.rules import RULES
from guiderail.sim.proof.search.sites import NOW_MS, SITES
from guiderail.sim.proof.tables.benches import bench, seen_at
from guiderail.sim.proof.tables.witness import Car, Said, Story, Trip, objections

ROOMY_MM: Final = 40_000
"""Links of the town that trips start and end on are longer."""
View = Callable[[int], Perception]
"""What a car perceives, for each value of one quantity."""


def say(ask: Any, **wanted: Any) -> Proposal:
    """Say something at the usual time."""
    fields: dict[str, Any] = {"ask": ask, "seen_ms": NOW_MS} | wanted
    return Proposal(**fields)


def trip_on(name: str) -> Trip:
    """Make the usual trip on a bench: straight on."""
    if name in ("avenue", "odd signs"):
        return Trip(name, LinkId(0), LinkId(22))
    if name in SITES:
        site = SITES[name]()
        return Trip(name, site.origin, site.goal)
    network = bench(name).network
    origin = arm_link(network, "south", inward=True)
    return Trip(name, origin, network.turns_from(origin)[0].to_link)


def _words(trip: Trip) -> list[Said]:
    """Everything that could be said at the start of a trip: each turn, name and link."""
    network, routes, _ = bench(trip.bench)
    route = routes.tree(trip.goal).route(trip.origin)
    names = sorted({link.name for link in network.all_links if link.name})
    places = sorted({place.name for place in network.all_places})
    words: list[Said] = [say(Ask.CANCEL)]
    for at in route[:8]:
        turns = network.ways_out(at)
        words += [say(Ask.TURN, at=at, onto=turn.to_link) for turn in turns]
        words += [say(Ask.TURN, at=at, direction=side) for side in Direction]
    words += [say(ask, road=name) for ask, name in product((Ask.TAKE_ROAD, Ask.AVOID), names)]
    words += [say(ask, place=name) for ask, name in product((Ask.VIA, Ask.GO_TO), places)]
    words += [say(Ask.AVOID, onto=link) for link in (*route[:4], *range(-1, 2))]
    return words


def _odd_words(trip: Trip) -> list[Said]:
    """Say what no guide should: links, names, times and forms just inside and outside of bounds."""
    count = bench(trip.bench).network.link_count
    here = trip.origin
    links = [-2, -1, 0, 1, count - 1, count, True, "0"]
    words = [say(Ask.AVOID, onto=link) for link in links]
    words += [say(Ask.TURN, at=link, onto=LinkId(2)) for link in links]
    words += [say(Ask.TURN, at=here, onto=link) for link in links]
    words += [say(Ask.TURN, at=here, direction=word) for word in ("left", 1)]
    for name in ("", "x" * 199, "x" * 200, "x" * 201, 7, "The Goal!", "...", "Kiosc", "Sreet 2"):
        words += [say(Ask.TAKE_ROAD, road=name), say(Ask.VIA, place=name)]
        words += [say(Ask.AVOID, road=name), say(Ask.GO_TO, place=name)]
    some = {"at": here, "direction": Direction.LEFT, "onto": LinkId(2), "road": "M1", "place": "x"}
    for ask, mask in product(Ask, range(32)):
        given = {name: value for k, (name, value) in enumerate(some.items()) if mask >> k & 1}
        words.append(say(ask, **given))
    times = (-1, 0, 1, NOW_MS + 1, NOW_MS - 30_000, NOW_MS - 30_001, True, 1.0, None)
    words += [say(Ask.CANCEL, seen_ms=time) for time in times]
    return [*words, say("turn", at=here, onto=LinkId(2)), None, 7, "left", (), True]


def _heard_once(trip: Trip, seen: Perception, words: Sequence[Said]) -> list[Story]:
    return [Story(trip, ((said, seen),)) for said in words]


def _plain() -> Iterator[Story]:
    """Every word on every bench, at the start of the trip."""
    for name in (*SITES, "avenue"):
        trip = trip_on(name)
        words = [*_words(trip), *(_odd_words(trip) if name == "avenue" else ())]
        yield from _heard_once(trip, seen_at(trip.origin, 0, 4_000), words)
    network = bench("town").network
    links = [one.id for one in network.all_links if one.in_world and one.length_mm > ROOMY_MM]
    for origin, goal in zip(links[::29], reversed(links[::29]), strict=True):
        trip = Trip("town", origin, goal)
        yield from _heard_once(trip, seen_at(origin, 5_000, 5_000), _words(trip))


# -- edges -----------------------------------------------------------------------------------------


def _edges(trip: Trip, said: Said, view: View, values: Sequence[int]) -> Iterator[Story]:
    """Stories on both sides of a change of the objections, between each two of the values."""
    car = Car(trip)

    @cache
    def told(value: int) -> str:
        return repr(objections(car.assessment(said, view(value))))

    for low, high in pairwise(values):
        if told(low) != told(high):
            last = _last_alike(low, high, told)
            for value in (last, last + 1):
                yield Story(trip, ((said, view(value)),))


def _last_alike(low: int, high: int, told: Callable[[int], str]) -> int:
    """Last value before a change, where there is one in between."""
    while high - low > 1:
        middle = (low + high) // 2
        if told(low) == told(middle):
            low = middle
        else:
            high = middle
    return low


def _at_place(seen: Perception) -> View:
    return lambda s_mm: seen.but(s_mm=s_mm)


def _on_ice(seen: Perception) -> View:
    return lambda permille: seen.but(friction_permille=permille)


def _in_front_of(seen: Perception) -> View:
    return lambda gap_mm: seen.but(follower_gap_mm=gap_mm)


def _along() -> Iterator[Story]:
    """Where on the road each answer changes, at several speeds, in each lane."""
    for name in ("signal", "motorway_exit", "avenue"):
        trip = trip_on(name)._replace(trusts_rules=name == "signal")
        link = bench(name).network.link(trip.origin)
        places = [*range(0, link.length_mm, link.length_mm // 6), link.length_mm]
        speeds = (0, 20, 4_000, link.speed_mm_s // 40 * 20, link.speed_mm_s)
        for speed, lane in product(speeds, range(link.lanes)):
            seen = seen_at(trip.origin, 0, speed, lane)
            tight = seen.but(follower_gap_mm=0, follower_speed_mm_s=25_000)
            for said, one in product(_turning(trip), (seen, tight)):
                yield from _edges(trip, said, _at_place(one), places)


def _turning(trip: Trip) -> list[Said]:
    """Words that leave the route at the first junction, or somewhere."""
    network = bench(trip.bench).network
    turns = network.turns_from(trip.origin)
    named = {"avenue": "Street 6", "signal": "East Road"}.get(trip.bench, "Exit")
    words = [say(Ask.TURN, at=trip.origin, onto=turn.to_link) for turn in turns]
    return [*words, say(Ask.TAKE_ROAD, road=named), say(Ask.AVOID, onto=turns[0].to_link)]


def _slippery_and_stale() -> Iterator[Story]:
    """Each word on ice, each from long ago, and each on a map whose signs are at odds."""
    trip = trip_on("avenue")
    seen = seen_at(trip.origin, 0, 4_000)
    for permille in (0, 199, 200):
        yield from _heard_once(trip, seen.but(friction_permille=permille), _words(trip)[::3])
    late = seen.but(time_ms=NOW_MS + 30_001)
    yield from _heard_once(trip, late, [*_words(trip)[::2], say(Ask.VIA, place="Cinema")])
    unformed = trip._replace(lacks=("form",))
    yield from _heard_once(unformed, late, _odd_words(trip))
    odd = trip_on("odd signs")
    for ask in (Ask.TAKE_ROAD, Ask.AVOID):
        yield Story(odd, ((say(ask, road="Border Road"), seen),))
    yield from _heard_once(odd, seen, _words(odd)[:40])


def _around() -> Iterator[Story]:
    """Who is behind, how slippery it is, and which way the car changes lanes."""
    for name in ("signal", "motorway_exit", "avenue"):
        trip = trip_on(name)._replace(trusts_rules=True)
        link = bench(name).network.link(trip.origin)
        said = _turning(trip)[1]
        speed = link.speed_mm_s // 40 * 20
        for s_mm in range(0, link.length_mm, link.length_mm // 12):
            seen = seen_at(trip.origin, s_mm, speed)
            yield from _edges(trip, said, _on_ice(seen), (0, 150, 250, 500, 800))
            for behind in (speed, link.speed_mm_s, 25_000):
                near = seen.but(follower_speed_mm_s=behind)
                yield from _edges(trip, said, _in_front_of(near), (0, 10_000, 200_000))
            for target in range(-1, link.lanes + 2):
                yield Story(trip, ((said, seen.but(target_lane=target)),))


# -- longer stories --------------------------------------------------------------------------------


def _closures() -> Iterator[Story]:
    """Closures seen before, or only when the word is said."""
    trip = trip_on("avenue")
    for closed in ((2,), (78,), (2, 78), (4,), (77, 78, 2), (22,), ()):
        seen = seen_at(trip.origin, 0, 4_000)
        shut = seen.but(closed=frozenset(map(LinkId, closed)))
        for said in (*_turning(trip), say(Ask.TAKE_ROAD, road="Street 1")):
            yield Story(trip, ((said, shut),))
            yield Story(trip, ((None, shut), (said, seen), (said, shut)))


def _wishes() -> Iterator[Story]:
    """What is held from one word to the next, as far as the budget goes."""
    trip = trip_on("avenue")
    seen = seen_at(trip.origin, 0, 4_000)
    words = [
        *(say(Ask.TAKE_ROAD, road=road) for road in ("Street 3", "Avenue", "West Street")),
        *(say(Ask.AVOID, road=road) for road in ("Street 3", "Avenue", "Street 9")),
        say(Ask.TURN, at=LinkId(2), direction=Direction.LEFT),
        say(Ask.VIA, place="Cinema"),
        say(Ask.CANCEL),
    ]
    budgets = ((), (("spacing_ms", 0),), (("changes", 2), ("confirmations", 1)), (("changes", 0),))
    for budget, passenger in product(budgets, ("trusting", "wary", "torn")):
        told = trip._replace(budget=budget, passenger=passenger)
        for first, second in product(words, words):
            later = seen.but(time_ms=NOW_MS + 5_000)
            yield Story(
                told, ((first, seen), (second, later), (say(Ask.CANCEL), later), (7, later))
            )
    yield from _prices(trip, seen)


def _prices(trip: Trip, seen: Perception) -> Iterator[Story]:
    """The last millisecond of money, of patience and of an observation's age."""
    for said in (say(Ask.TAKE_ROAD, road="Street 3"), say(Ask.TURN, at=LinkId(0), onto=LinkId(78))):
        price = Car(trip).assessment(said, seen).extra_ms
        for extra in (price - 1, price, price + 1):
            poor = trip._replace(budget=(("extra_ms", extra),))
            yield Story(poor, ((said, seen),))
        for wait in (0, 4_999, 5_000, 5_001, 30_000, 30_001):
            later = seen.but(time_ms=NOW_MS + wait)
            again = say(Ask.TURN, at=LinkId(2), direction=Direction.RIGHT)
            yield Story(trip, ((said, seen), (again, later), (said, later)))


def _on_the_way() -> Iterator[Story]:
    """A car that is one link on, one that stands where it should not, one at its goal."""
    trip = trip_on("avenue")
    first, next_one = seen_at(LinkId(0), 0, 4_000), seen_at(LinkId(2), 1_000, 4_000)
    for said in _words(trip)[:40]:
        yield Story(trip, ((7, first), (7, next_one), (said, next_one)))
    yield Story(trip, ((say(Ask.CANCEL), next_one),))
    for s_mm in (29_999, 30_000, 30_001, 119_999):
        for ask in (Ask.VIA, Ask.GO_TO):
            yield Story(trip, ((say(ask, place="Kiosk"), seen_at(LinkId(0), s_mm, 4_000)),))
    for goal in (0, 2, 4, 77):
        near = trip._replace(goal=LinkId(goal))
        yield from _heard_once(near, first, _words(near)[:30])
        beyond = near._replace(origin_mm=90_000)
        yield from _heard_once(beyond, first.but(s_mm=90_000), _words(near)[:30])
    nameless = trip._replace(goal_name="")
    yield from _heard_once(nameless, first, [say(Ask.VIA, place=name) for name in ("...", "Bar")])


def _late_branches() -> Iterator[Story]:
    """A street so far ahead that each of the branches before it is tried, and too late."""
    trip = trip_on("avenue")
    for k, speed in product(range(13), (4_000, 13_880)):
        for s_mm in (0, 60_000, 110_000):
            seen = seen_at(LinkId(0), s_mm, speed)
            for ask in (Ask.TAKE_ROAD, Ask.AVOID):
                yield Story(trip, ((say(ask, road=f"Street {k}"), seen),))
                free = trip._replace(trusts_rules=True)
                yield Story(free, ((say(ask, road=f"Street {k}"), seen),))

    for speed, lane in product(range(12_000, 21_000, 500), range(3)):
        seen = seen_at(LinkId(0), 0, speed, lane).but(friction_permille=10)
        for road in ("Street 0", "West Street"):
            yield Story(trip._replace(trusts_rules=True), ((say(Ask.TAKE_ROAD, road=road), seen),))
    for s_mm in range(50_000, 100_000, 2_000):
        seen = seen_at(LinkId(0), s_mm, 13_880)
        tight = seen.but(follower_gap_mm=0, follower_speed_mm_s=13_880)
        yield Story(trip, ((say(Ask.TAKE_ROAD, road="Street 0"), tight),))


def _other_plans() -> Iterator[Story]:
    """Cars that turn where the others go straight on, or have missed a turn."""
    trip = trip_on("avenue")
    words = [*_turning(trip), say(Ask.TAKE_ROAD, road="Street 1"), say(Ask.CANCEL)]
    for onto, lane in product((77, 78), range(3)):
        turning = trip._replace(goal=LinkId(onto))
        for s_mm in (0, 60_000, 115_000):
            yield from _heard_once(turning, seen_at(LinkId(0), s_mm, 13_880, lane), words)
        missing = trip._replace(missed_for=LinkId(onto))
        yield from _heard_once(missing, seen_at(LinkId(0), 0, 4_000, lane), words)


def _lacking() -> Iterator[Story]:
    """Guards with a rule less: what is accepted is booked all the same, or fails closed."""
    blind = trip_on("avenue")._replace(lacks=("reach", "price"))
    yield Story(blind, ((say(Ask.AVOID, road="Avenue"), seen_at(blind.origin, 0, 4_000)),))
    for rule, name in product([rule.__name__ for rule in RULES], ("avenue", "signal")):
        trip = trip_on(name)._replace(lacks=(rule,))
        for changes in (0, 8):
            poor = trip._replace(budget=(("changes", changes),))
            words = [*_turning(trip), say(Ask.TAKE_ROAD, road="Yard"), say(Ask.VIA, place="Moon")]
            yield from _heard_once(poor, seen_at(trip.origin, 40_000, 4_000), words)
            if changes and name == "avenue":
                yield from _heard_once(poor, seen_at(trip.origin, 112_000, 8_000), words)


def _angles() -> Iterator[Story]:
    """Turns that could be called by one name, in either order, to a hundredth of a degree."""
    near = (-9_011, -9_010, -9_009, -8_990, -8_989)
    for base, side in ((-9_000, Direction.LEFT), (9_000, Direction.RIGHT), (0, Direction.STRAIGHT)):
        shifts = [angle + 9_000 for angle in near]
        for a, b in product(shifts, shifts):
            # In the order of links: straight on, right, round, left (which is banned).
            for values in ((base + a, base + b, 18_000, 90), (90, base + a, 18_000, base + b)):
                yield _of_angles(values, {"direction": side})
    for a, b, c in product((-18_000, -17_999, 17_998, 18_000), repeat=3):
        yield _of_angles((0, a, b, c), {"direction": Direction.BACK})
    for a, b, c in product((-10, -9, 0, 9, 10), (-10, -9, 9, 10), (9, 10)):
        yield _of_angles((a, b, 18_000, c), {"onto": None, "direction": Direction.STRAIGHT})


def _of_angles(values: tuple[int, ...], wanted: dict[str, Any]) -> Story:
    name = " ".join(map(str, ("angles", *values)))
    trip = trip_on(name)
    said = say(Ask.TURN, at=trip.origin, **wanted)
    return Story(trip, ((said, seen_at(trip.origin, 0, 4_000)),))


_TELLERS: Final = (
    *(_plain, _along, _slippery_and_stale, _around, _closures, _wishes, _on_the_way),
    *(_late_branches, _other_plans, _lacking, _angles),
)


def stories() -> Iterator[Story]:
    """Every story."""
    for tell in _TELLERS:
        yield from tell()
