"""The decision table: what the guard answers to every word in every situation of a grid."""

from collections.abc import Iterator
from itertools import product
from typing import Any, Final

from guiderail.maps.gazetteer import Gazetteer
from guiderail.maps.network import LinkId
from guiderail.maps.synthetic import town
from guiderail.sim.contract.errors import KernelError
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Ask, Command, Direction, Perception, Proposal
from guiderail.sim.contract.ports import Driver
from guiderail.sim.driver.budget import Budget, Purse
from guiderail.sim.driver.case import GAP_SEARCH_MS, LANE_CHANGE_MS
from guiderail.sim.driver.guard import Guard
from guiderail.sim.driver.guarded import Guarded
from guiderail.sim.proof.arena import Arena
from guiderail.sim.proof.explorer import guarded, pilot_of
from guiderail.sim.proof.sites import NOW_MS, SITES, Site

BUDGETS: Final = (
    Budget(),
    Budget(changes=1, extra_ms=41_270, spacing_ms=5_000),
    Budget(changes=2, extra_ms=41_269, confirmations=1),
    Budget(changes=0),
)
ROOMY_MM: Final = 40_000
_ODD: Final[tuple[Any, ...]] = (None, 7, "left", (), True)


def decisions() -> Iterator[str]:
    """One line for each situation and word, in a fixed order."""
    for kind in SITES:
        yield from _of_site(SITES[kind]())
    yield from _edges(SITES["signal"]())
    yield from _edges(SITES["motorway_exit"]())
    yield from _of_town()
    yield from _purses()
    yield from _asked_twice(SITES["signal"]())


def _purses() -> Iterator[str]:
    """What a purse says before and after each of two or three changes."""
    small = Budget(changes=2, extra_ms=100, spacing_ms=10, confirmations=2)
    for budget in (*BUDGETS, small, Budget(changes=3, extra_ms=100, spacing_ms=10)):
        yield repr((budget, budget.most_extra_ms))
        for prices in product((-5, 0, 1, 50, 100), (-5, 0, 50, 51, 100), (0, 1, 50)):
            yield repr(list(_spending(Purse(budget), prices)))


def _spending(purse: Purse, prices: tuple[int, ...]) -> Iterator[object]:
    for k, price in enumerate(prices):
        yield purse.affords(price), [purse.is_too_soon(10 * k + ms) for ms in (-1, 0, 9, 10)]
        if purse.affords(price):
            purse.spend(price, 10 * k)
        may = purse.may_confirm()
        yield may, purse.changes, purse.extra_ms, purse.last_ms
        if price % 2:
            try:
                purse.confirm()
            except KernelError as error:
                yield str(error)
        yield purse.confirmed, purse.confirmed_ms


def _asked_twice(site: Site) -> Iterator[str]:
    """A passenger who first says no is not asked about the same change again."""
    pilot, asked = pilot_of(site), list[object]()
    guard = Guard(Gazetteer(site.network), can_drive=pilot.can_drive)
    purse = Purse(Budget(confirmations=2))

    def no(accepted: object) -> bool:
        asked.append(accepted)
        return False

    driver = Guarded("guarded", pilot, guard, purse, no)
    for said in (*site.words(site.origin)[1:4], None, 7):
        yield _told(driver, said, _seen(site, 0, 0, 0)) + str(len(asked))


def _driver(site: Site, budget: Budget = BUDGETS[0]) -> Driver:
    return guarded(site, budget)


def _told(driver: Driver, said: Any, seen: Perception) -> str:
    verdict = driver.hear(said, seen)
    purse = next(one for one in vars(driver).values() if isinstance(one, Purse))
    books = purse.changes, purse.extra_ms, purse.last_ms, purse.confirmed, purse.confirmed_ms
    news = [type(one).__name__ for one in driver.news()]
    told = verdict.decision, verdict.reason, verdict.changes_route, verdict.extra_ms
    return repr((told, verdict.counter, driver.route(), books, news))


def _seen(site: Site, s_mm: int, speed: int, lane: int, **values: Any) -> Perception:
    arena = Arena(site.network)
    car = arena.start(site.origin, s_mm, speed, lane)
    return arena.perceive(car, Command(0, site.origin))._replace(**values)


def _words(site: Site) -> list[Any]:
    turns = [Proposal(ask=Ask.TURN, seen_ms=NOW_MS, at=site.origin, direction=d) for d in Direction]
    age = (-1, 0, 30_000, 30_001)
    dated = [Proposal(ask=Ask.CANCEL, seen_ms=NOW_MS - ms) for ms in age]
    places = [
        Proposal(ask=Ask.VIA, seen_ms=NOW_MS, place=n) for n in ("the goal", "Moon", "x" * 201)
    ]
    odd = [
        Proposal(ask=Ask.TURN, seen_ms=NOW_MS),
        Proposal(ask=Ask.TURN, seen_ms=NOW_MS, at=LinkId(-1), onto=LinkId(0)),
        Proposal(ask=Ask.AVOID, seen_ms=NOW_MS, onto=LinkId(-1)),
        Proposal(ask=Ask.AVOID, seen_ms=NOW_MS, onto=LinkId(0)),
        Proposal(ask=Ask.AVOID, seen_ms=NOW_MS, onto=LinkId(site.network.link_count)),
        Proposal(ask=Ask.TAKE_ROAD, seen_ms=NOW_MS, road=""),
        Proposal(ask=Ask.TAKE_ROAD, seen_ms=NOW_MS, road="East Roat"),
        Proposal(ask=Ask.CANCEL, seen_ms=-1),
        Proposal(ask=Ask.CANCEL, seen_ms=True),
        Proposal(ask="turn", seen_ms=NOW_MS, at=site.origin, onto=LinkId(1)),  # type: ignore[arg-type]
    ]
    return [*site.words(site.origin)[1:], *turns, *dated, *places, *odd, *_ODD]


def _of_site(site: Site) -> Iterator[str]:
    link = site.network.link(site.origin)
    places = range(0, link.length_mm, link.length_mm // 8)
    speeds = (0, link.speed_mm_s // 40 * 20, link.speed_mm_s)
    for s_mm, speed, lane in product(places, speeds, range(link.lanes)):
        seen = _seen(site, s_mm, speed, lane)
        for said in _words(site):
            yield _told(_driver(site), said, seen)


def _edges(site: Site) -> Iterator[str]:
    """What the grid steps over: the last millimeter, the last millisecond, who is behind."""
    link = site.network.link(site.origin)
    said = [word for word in site.words(site.origin) if word is not None][:3]
    for speed, s_mm in product((4_000, 8_000, link.speed_mm_s), range(0, link.length_mm, 911)):
        for word in said:
            yield _told(_driver(site), word, _seen(site, s_mm, speed, 0))
    step = 4_000 * (LANE_CHANGE_MS + GAP_SEARCH_MS) // 1_000
    for gap, behind in product((0, 5_000, 20_000, 60_000, NOTHING), (0, 8_000, 16_000)):
        values = {"follower_gap_mm": gap, "follower_speed_mm_s": behind}
        for s_mm in range(0, link.length_mm, max(1, step // 8)):
            yield _told(_driver(site), said[1], _seen(site, s_mm, 8_000, 0, **values))
    for permille in (100, 199, 200, 201, 500):
        yield _told(_driver(site), said[1], _seen(site, 0, 0, 0, friction_permille=permille))
    for closed in link.id, said[1].onto, site.goal:
        shut = frozenset({closed or LinkId(0)})
        yield _told(_driver(site), said[1], _seen(site, 0, 0, 0, closed=shut))
    yield from _budgets(site, said)


def _budgets(site: Site, said: list[Proposal]) -> Iterator[str]:
    for budget, wait_ms in product(BUDGETS, (0, 4_999, 5_000)):
        driver = _driver(site, budget)
        yield _told(driver, said[1], _seen(site, 0, 0, 0))
        later = _seen(site, 0, 0, 0, time_ms=NOW_MS + wait_ms)
        for word in (*said, Proposal(ask=Ask.CANCEL, seen_ms=NOW_MS)):
            yield _told(driver, word, later)


def _of_town() -> Iterator[str]:
    """Names, places and longer routes, on a map that has them."""
    network = town(1, 4)
    links = [link.id for link in network.all_links if link.in_world and link.length_mm > ROOMY_MM]
    for origin, goal in zip(links[::23], reversed(links[::23]), strict=True):
        site = Site("town", network, origin, goal, ())
        if origin == goal or len(site.routes.tree(goal).route(origin)) < 3:  # noqa: PLR2004
            continue
        for said in _town_words(site):
            driver = _driver(site)
            yield _told(driver, said, _seen(site, 5_000, 5_000, 0))
            again = Proposal(ask=Ask.CANCEL, seen_ms=NOW_MS)
            yield _told(driver, again, _seen(site, 5_000, 5_000, 0, time_ms=NOW_MS + 6_000))


def _town_words(site: Site) -> list[Proposal]:
    network = site.network
    names = sorted({link.name for link in network.all_links if link.name})[::3]
    places = [place.name for place in network.all_places][::3]
    say: dict[str, Any] = {"seen_ms": NOW_MS}
    words = [Proposal(ask=Ask.TAKE_ROAD, road=name, **say) for name in names]
    words += [Proposal(ask=Ask.AVOID, road=name, **say) for name in names]
    words += [Proposal(ask=Ask.VIA, place=name, **say) for name in places]
    words += [Proposal(ask=Ask.GO_TO, place=name[:-1], **say) for name in places]
    route = site.routes.tree(site.goal).route(site.origin)
    for at, side in product(route[:4], Direction):
        words.append(Proposal(ask=Ask.TURN, at=at, direction=side, **say))
    return words
