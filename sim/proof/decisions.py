"""
The decision table: what the guard answers to every word in every situation of a corpus.

A row is a story: a car on a bench, and what it hears where, one word after the other. Told are what
each rule says by itself, what the route asked for would demand, the verdict, and all that is held
afterwards. Wherever an answer changes along a road, with a gap or with friction, the corpus has the
rows on both sides of the change, found to the millimeter by what is shipped.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, product
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

from guiderail.maps.network import LinkId, Turn, TurnKind
from guiderail.maps.synthetic import arm_link
from guiderail.sim.contract.errors import KernelError
from guiderail.sim.contract.messages import Ask, Direction, Perception, Proposal
from guiderail.sim.driver.budget import Budget, Purse
from guiderail.sim.driver.case import Case, Grounds, Plan
from guiderail.sim.driver.guard import Guard
from guiderail.sim.driver.guarded import Guarded
from guiderail.sim.driver.manner import Manner
from guiderail.sim.driver.pilot import Pilot
from guiderail.sim.driver.resolve import Meaning, fits, resolve
from guiderail.sim.driver.rules import RULES
from guiderail.sim.proof.benches import bench, seen_at
from guiderail.sim.proof.sites import NOW_MS, SITES

Said = Any
"""A proposal, or anything else that could be said."""


class Trip(NamedTuple):
    """Where a car goes, and what it grants its guide."""

    bench: str
    origin: LinkId
    goal: LinkId
    origin_mm: int = 0
    goal_name: str = "the goal"
    budget: tuple[tuple[str, int], ...] = ()
    """Fields of a budget that are not the default's."""
    passenger: str = "trusting"
    """``trusting``, ``wary`` (says no) or ``torn`` (no, then yes, and so on)."""
    trusts_rules: bool = False
    """Whether the guard is made without the controller's word."""
    lacks: tuple[str, ...] = ()
    """Rules that this guard does not have."""
    missed_for: LinkId | None = None
    """Link that the car has to take at the end of the first one, instead of the planned."""


class Story(NamedTuple):
    """A trip, and what the car hears where."""

    trip: Trip
    steps: tuple[tuple[Said, Perception], ...]


def say(ask: Ask, **wanted: Any) -> Proposal:
    """Say something at the usual time."""
    return Proposal(**({"ask": ask, "seen_ms": NOW_MS} | wanted))


# -- what is told ----------------------------------------------------------------------------------


class Car:
    """The guarded car of a trip, opened up."""

    def __init__(self, trip: Trip) -> None:
        """Make it as the arms do."""
        network, routes, gazetteer = bench(trip.bench)
        self.pilot = Pilot(
            network,
            routes,
            origin=(trip.origin, trip.origin_mm),
            goal=(trip.goal, network.link(trip.goal).length_mm // 2),
            goal_name=trip.goal_name,
            manner=Manner(),
            friction_permille=800,
        )
        missed = trip.missed_for and network.turn(trip.origin, trip.missed_for)
        if missed is not None:
            self.pilot.planner.miss(missed, 0)
        rules = [rule for rule in RULES if rule.__name__ not in trip.lacks]
        asks = {} if trip.trusts_rules else {"can_drive": self.pilot.can_drive}
        self.grounds = Grounds(gazetteer=gazetteer, can_drive=self.pilot.can_drive)
        self.guard = Guard(gazetteer, rules, **asks)
        self.purse = Purse(Budget(**dict(trip.budget)))
        self.asked = 0
        heard = () if trip.passenger == "trusting" else (self._answers(trip.passenger),)
        self.driver = Guarded("guarded", self.pilot, self.guard, self.purse, *heard)

    def _answers(self, passenger: str) -> Callable[[object], bool]:
        def answer(_: object) -> bool:
            self.asked += 1
            return passenger == "torn" and self.asked % 2 == 0

        return answer

    def tell(self, said: Said, seen: Perception) -> Iterator[object]:
        """Everything before, at and after a word."""
        case = self.case(said, seen)
        yield objections(case)
        yield from _worked_out(case)
        planner, purse = self.pilot.planner, self.purse
        verdict = self.driver.hear(said, seen)
        yield verdict.decision, verdict.reason, verdict.changes_route, verdict.extra_ms
        yield verdict.counter, planner.route, self.driver.news(), self.asked
        yield planner.holds_wishes, sorted(planner.avoided), planner.remaining_ms()
        yield [planner.is_from_guide(step) for step in pairwise(planner.route)]
        yield purse.changes, purse.extra_ms, purse.last_ms, purse.confirmed, purse.confirmed_ms

    def case(self, said: Said, seen: Perception) -> Any:
        """The case as it is before the word is heard, or why there is none."""
        return _tried(lambda: Case(said, seen, self.pilot.planner, self.purse, self.grounds))


def objections(case: Any) -> list[object]:
    """What each rule says by itself."""
    return [_tried(lambda rule=rule: rule(case)) for rule in RULES]


def _worked_out(case: Any) -> Iterator[object]:
    for name in ("resolved", "meaning", "entered", "changes_wishes", "changes_anything"):
        yield _tried(lambda name=name: _told(getattr(case, name)))
    yield _tried(lambda: case.extra_ms)
    plan = _tried(lambda: case.plan)
    if isinstance(plan, Plan):
        yield [_tried(lambda name=name: getattr(plan, name)) for name in _OF_PLAN]
    elif not isinstance(case, Case):
        yield case


_OF_PLAN: Final = (
    *("route", "is_new", "branch", "room_mm", "lanes_mm", "is_makeable"),
    *("is_in_time", "is_in_lane", "is_free_behind", "is_drivable"),
)


def _tried(what: Callable[[], Any]) -> Any:
    """Result, or the error that it ends in."""
    try:
        return what()
    except KernelError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001  which one is told, where one is
        return type(error).__name__


def _told(value: object) -> object:
    """The same text whatever order a set is in."""
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Meaning):
        return value.ask, value.turn, sorted(value.links), value.offset_mm, sorted(value.entered)
    return value


def _of_story(story: Story) -> list[object]:
    car = Car(story.trip)
    return [one for said, seen in story.steps for one in car.tell(said, seen)]


# -- stories ---------------------------------------------------------------------------------------


def _trip(name: str) -> Trip:
    if name in ("avenue", "odd signs"):
        return Trip(name, LinkId(0), LinkId(22))
    if name in SITES:
        site = SITES[name]()
        return Trip(name, site.origin, site.goal)
    network = bench(name).network
    origin = arm_link(network, "south", inward=True)
    return Trip(name, origin, network.turns_from(origin)[0].to_link)


def _words(trip: Trip) -> list[Said]:
    """Everything that could be said at the start of a trip, and much that should not."""
    network, routes, _ = bench(trip.bench)
    route = routes.tree(trip.goal).route(trip.origin)
    names = sorted({link.name for link in network.all_links if link.name})
    places = sorted({place.name for place in network.all_places})
    words: list[Said] = [say(Ask.CANCEL)]
    for at in route[:8]:
        turns = (*network.turns_from(at), *network.illegal_turns_from(at))
        words += [say(Ask.TURN, at=at, onto=turn.to_link) for turn in turns]
        words += [say(Ask.TURN, at=at, direction=side) for side in Direction]
    words += [say(ask, road=name) for ask, name in product((Ask.TAKE_ROAD, Ask.AVOID), names)]
    words += [say(ask, place=name) for ask, name in product((Ask.VIA, Ask.GO_TO), places)]
    words += [say(Ask.AVOID, onto=link) for link in (*route[:4], *range(-1, 2))]
    return words


def _odd_words(trip: Trip) -> list[Said]:
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
    for name in ("signal", "roundabout", "motorway_exit", "avenue"):
        trip = _trip(name)
        words = [*_words(trip), *(_odd_words(trip) if name == "avenue" else ())]
        yield from _heard_once(trip, seen_at(trip.origin, 0, 4_000), words)
    network = bench("town").network
    links = [link.id for link in network.all_links if link.in_world and link.length_mm > 40_000]  # noqa: PLR2004
    for origin, goal in list(zip(links[::29], reversed(links[::29]), strict=True)):
        trip = Trip("town", origin, goal)
        yield from _heard_once(trip, seen_at(origin, 5_000, 5_000), _words(trip))


# -- edges -----------------------------------------------------------------------------------------


def _edges(
    trip: Trip, said: Said, seen: Perception, name: str, values: Sequence[int]
) -> Iterator[Story]:
    """Stories on both sides of each value between the given ones where an objection changes."""

    car = Car(trip)

    @cache
    def told(value: int) -> str:
        return repr(objections(car.case(said, seen._replace(**{name: value}))))

    for low, high in pairwise(values):
        while told(low) != told(high) and high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if told(low) == told(middle) else (low, middle)
        if high - low == 1:
            for value in (low, high):
                yield Story(trip, ((said, seen._replace(**{name: value})),))


def _along() -> Iterator[Story]:
    """Where on the road each answer changes, at several speeds, in each lane."""
    for name in ("signal", "motorway_exit", "avenue"):
        trip = _trip(name)._replace(trusts_rules=name == "signal")
        link = bench(name).network.link(trip.origin)
        places = [*range(0, link.length_mm, link.length_mm // 6), link.length_mm]
        speeds = (0, 20, 4_000, link.speed_mm_s // 40 * 20, link.speed_mm_s)
        for speed, lane in product(speeds, range(link.lanes)):
            seen = seen_at(trip.origin, 0, speed, lane)
            tight = seen._replace(follower_gap_mm=0, follower_speed_mm_s=25_000)
            for said, view in product(_turning(trip), (seen, tight)):
                yield from _edges(trip, said, view, "s_mm", places)


def _turning(trip: Trip) -> list[Said]:
    """Words that leave the route at the first junction, or somewhere."""
    network = bench(trip.bench).network
    turns = network.turns_from(trip.origin)
    named = {"avenue": "Street 6", "signal": "East Road"}.get(trip.bench, "Exit")
    words = [say(Ask.TURN, at=trip.origin, onto=turn.to_link) for turn in turns]
    return [*words, say(Ask.TAKE_ROAD, road=named), say(Ask.AVOID, onto=turns[0].to_link)]


def _slippery_and_stale() -> Iterator[Story]:
    """Each word on ice, each from long ago, and each on a map whose signs are at odds."""
    trip = _trip("avenue")
    seen = seen_at(trip.origin, 0, 4_000)
    for permille in (0, 199, 200):
        yield from _heard_once(trip, seen._replace(friction_permille=permille), _words(trip)[::3])
    late = seen._replace(time_ms=NOW_MS + 30_001)
    yield from _heard_once(trip, late, [*_words(trip)[::2], say(Ask.VIA, place="Cinema")])
    unformed = trip._replace(lacks=("form",))
    yield from _heard_once(unformed, late, _odd_words(trip))
    odd = _trip("odd signs")
    for ask in (Ask.TAKE_ROAD, Ask.AVOID):
        yield Story(odd, ((say(ask, road="Border Road"), seen),))
    yield from _heard_once(odd, seen, _words(odd)[:40])


def _around() -> Iterator[Story]:
    """Who is behind, how slippery it is, and which way the car changes lanes."""
    for name in ("signal", "motorway_exit", "avenue"):
        trip = _trip(name)._replace(trusts_rules=True)
        link = bench(name).network.link(trip.origin)
        said = _turning(trip)[1]
        speed = link.speed_mm_s // 40 * 20
        for s_mm in range(0, link.length_mm, link.length_mm // 12):
            seen = seen_at(trip.origin, s_mm, speed)
            yield from _edges(trip, said, seen, "friction_permille", (0, 150, 250, 500, 800))
            for behind in (speed, link.speed_mm_s, 25_000):
                near = seen._replace(follower_speed_mm_s=behind)
                yield from _edges(trip, said, near, "follower_gap_mm", (0, 10_000, 200_000))
            for target in range(-1, link.lanes + 2):
                yield Story(trip, ((said, seen._replace(target_lane=target)),))


# -- longer stories --------------------------------------------------------------------------------


def _closures() -> Iterator[Story]:
    """Closures seen before, or only when the word is said."""
    trip = _trip("avenue")
    for closed in ((2,), (78,), (2, 78), (4,), (77, 78, 2), (22,), ()):
        seen = seen_at(trip.origin, 0, 4_000)
        shut = seen._replace(closed=frozenset(map(LinkId, closed)))
        for said in (*_turning(trip), say(Ask.TAKE_ROAD, road="Street 1")):
            yield Story(trip, ((said, shut),))
            yield Story(trip, ((None, shut), (said, seen), (said, shut)))


def _wishes() -> Iterator[Story]:
    """What is held from one word to the next, as far as the budget goes."""
    trip = _trip("avenue")
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
            later = seen._replace(time_ms=NOW_MS + 5_000)
            yield Story(told, ((first, seen), (second, later), (say(Ask.CANCEL), later), (7, later)))
    yield from _prices(trip, seen)


def _prices(trip: Trip, seen: Perception) -> Iterator[Story]:
    """The last millisecond of money, of patience and of an observation's age."""
    for said in (say(Ask.TAKE_ROAD, road="Street 3"), say(Ask.TURN, at=LinkId(0), onto=LinkId(78))):
        price = Car(trip).case(said, seen).extra_ms
        for extra in (price - 1, price, price + 1):
            poor = trip._replace(budget=(("extra_ms", extra),))
            yield Story(poor, ((said, seen),))
        for wait in (0, 4_999, 5_000, 5_001, 30_000, 30_001):
            later = seen._replace(time_ms=NOW_MS + wait)
            again = say(Ask.TURN, at=LinkId(2), direction=Direction.RIGHT)
            yield Story(trip, ((said, seen), (again, later), (said, later)))


def _on_the_way() -> Iterator[Story]:
    """A car that is one link on, one that stands where it should not, one at its goal."""
    trip = _trip("avenue")
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
        yield from _heard_once(beyond, first._replace(s_mm=90_000), _words(near)[:30])
    nameless = trip._replace(goal_name="")
    yield from _heard_once(nameless, first, [say(Ask.VIA, place=name) for name in ("...", "Bar")])


def _late_branches() -> Iterator[Story]:
    """A street so far ahead that each of the branches before it is tried, and too late."""
    trip = _trip("avenue")
    for k, speed in product(range(13), (4_000, 13_880)):
        for s_mm in (0, 60_000, 110_000):
            seen = seen_at(LinkId(0), s_mm, speed)
            for ask in (Ask.TAKE_ROAD, Ask.AVOID):
                yield Story(trip, ((say(ask, road=f"Street {k}"), seen),))
                free = trip._replace(trusts_rules=True)
                yield Story(free, ((say(ask, road=f"Street {k}"), seen),))


    for speed, lane in product(range(12_000, 21_000, 500), range(3)):
        seen = seen_at(LinkId(0), 0, speed, lane)._replace(friction_permille=10)
        for road in ("Street 0", "West Street"):
            yield Story(trip._replace(trusts_rules=True), ((say(Ask.TAKE_ROAD, road=road), seen),))
    for s_mm in range(50_000, 100_000, 2_000):
        seen = seen_at(LinkId(0), s_mm, 13_880)
        tight = seen._replace(follower_gap_mm=0, follower_speed_mm_s=13_880)
        yield Story(trip, ((say(Ask.TAKE_ROAD, road="Street 0"), tight),))


def _other_plans() -> Iterator[Story]:
    """Cars that turn where the others go straight on, or have missed a turn."""
    trip = _trip("avenue")
    words = [*_turning(trip), say(Ask.TAKE_ROAD, road="Street 1"), say(Ask.CANCEL)]
    for onto, lane in product((77, 78), range(3)):
        turning = trip._replace(goal=LinkId(onto))
        for s_mm in (0, 60_000, 115_000):
            yield from _heard_once(turning, seen_at(LinkId(0), s_mm, 13_880, lane), words)
        missing = trip._replace(missed_for=LinkId(onto))
        yield from _heard_once(missing, seen_at(LinkId(0), 0, 4_000, lane), words)


def _lacking() -> Iterator[Story]:
    """Guards with a rule less: what is accepted is booked all the same, or fails closed."""
    for rule, name in product([rule.__name__ for rule in RULES], ("avenue", "signal")):
        trip = _trip(name)._replace(lacks=(rule,))
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
    for values in product((-18_000, -17_999, 17_998, 18_000), repeat=3):
        yield _of_angles((0, *values[1:], values[0]), {"direction": Direction.BACK})
    for a, b, c in product((-10, -9, 0, 9, 10), (-10, -9, 9, 10), (9, 10)):
        yield _of_angles((a, b, 18_000, c), {"onto": None, "direction": Direction.STRAIGHT})


def _of_angles(values: tuple[int, ...], wanted: dict[str, Any]) -> Story:
    name = " ".join(map(str, ("angles", *values)))
    trip = _trip(name)
    said = say(Ask.TURN, at=trip.origin, **wanted)
    return Story(trip, ((said, seen_at(trip.origin, 0, 4_000)),))


# -- parts by themselves ---------------------------------------------------------------------------


def _of_fits(angle: int, kind: TurnKind) -> list[object]:
    turn = SimpleNamespace(angle_cdeg=angle, kind=kind)
    return [fits(turn, side) for side in Direction]  # type: ignore[arg-type]


def _fitting() -> Iterator[tuple[int, TurnKind]]:
    angles = (0, 1, 2, 1_999, 2_000, 2_001, 9_000, 18_000)
    for angle, kind in product(angles, TurnKind):
        yield angle, kind
        yield -angle, kind


def _of_purse(budget: tuple[tuple[str, int], ...], prices: tuple[int, ...]) -> list[object]:
    made = Budget(**dict(budget))
    return [made, made.most_extra_ms, *_spending(Purse(made), prices)]


def _purses() -> Iterator[tuple[Any, Any]]:
    small = {"changes": 2, "extra_ms": 100, "spacing_ms": 10}
    budgets = ({}, small, small | {"changes": 3}, small | {"confirmations": 2}, {"changes": 0})
    for budget in budgets:
        for prices in product((-5, 0, 1, 50, 100), (-5, 0, 50, 51, 100), (0, 1, 50)):
            yield tuple(budget.items()), prices


def _spending(purse: Purse, prices: tuple[int, ...]) -> Iterator[object]:
    """What a purse says before and after each of three changes; it is confirmed when odd."""
    for k, price in enumerate(prices):
        yield purse.affords(price), [purse.is_too_soon(10 * k + ms) for ms in (-1, 0, 9, 10)]
        yield purse.may_confirm(), _tried(lambda price=price, k=k: purse.spend(price, 10 * k))
        yield purse.may_confirm(), purse.changes, purse.extra_ms, purse.last_ms
        if price % 2:
            yield _tried(purse.confirm), _tried(purse.confirm)
        yield purse.confirmed, purse.confirmed_ms, purse.changes, purse.extra_ms


def _of_broken(what: str) -> list[object]:
    """Guards that are made of nothing, or of something that breaks."""
    trip = _trip("avenue")
    car, seen = Car(trip), seen_at(trip.origin, 0, 4_000)
    planner, purse = car.pilot.planner, car.purse
    if what == "no rules":
        return [_tried(lambda: Guard(bench("avenue").gazetteer, ()))]
    gazetteer = Broken() if what == "names" else Broken(finds=())
    guard = Guard(gazetteer)  # type: ignore[arg-type]
    words = (say(Ask.TAKE_ROAD, road="Moon"), say(Ask.VIA, place="Moon"), say(Ask.CANCEL))
    return [
        *(guard.decide(said, seen, planner, purse) for said in words),
        *(_told(_tried(lambda one=one: resolve(one, planner, gazetteer))) for one in words),  # type: ignore[arg-type]
        planner.route,
        purse.changes,
    ]


@dataclass
class Broken:
    """A gazetteer that knows nothing; asked for what is near, it breaks."""

    finds: Any = None

    def find_roads(self, name: str) -> Any:
        """Find nothing, or break."""
        if self.finds is None:
            raise KeyError(name)
        return self.finds

    find_places = find_roads

    def nearest_name(self, name: str) -> Any:
        """Break."""
        raise KeyError(name)

    nearest_place = nearest_name


# -- the table -------------------------------------------------------------------------------------

_ANSWERS: Final[dict[str, Callable[..., list[object]]]] = {
    "story": _of_story,
    "fits": _of_fits,
    "purse": _of_purse,
    "broken": _of_broken,
}
_STORIES: Final = (
    *(_plain, _along, _slippery_and_stale, _around, _closures, _wishes, _on_the_way),
    *(_late_branches, _other_plans, _lacking, _angles),
)


def corpus() -> list[tuple[str, tuple[Any, ...]]]:
    """Every row that is asked: its kind, and what it is about."""
    rows: list[tuple[str, tuple[Any, ...]]] = []
    rows += [("story", (story,)) for tell in _STORIES for story in tell()]
    rows += [("fits", one) for one in _fitting()]
    rows += [("purse", one) for one in _purses()]
    return rows + [("broken", (what,)) for what in ("no rules", "names", "offers")]


def answer(row: tuple[str, tuple[Any, ...]]) -> str:
    """One row of the table."""
    kind, about = row
    return repr(_ANSWERS[kind](*about))
