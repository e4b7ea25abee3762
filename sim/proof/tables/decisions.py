"""
The decision table: what the guard answers to every word in every situation of a corpus.

A row is a story: a car on a bench, and what it hears where, one word after the other. Told are what
each rule says by itself, what the route asked for would demand, the verdict, and all that is held
afterwards. Other rows ask a part of the guard by itself: which turn a name fits, an account that is
spent, a guard whose map breaks.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from types import SimpleNamespace
from typing import Any, Final

from guiderail.maps.network import TurnKind
from guiderail.sim.contract.messages import Ask, Direction
from guiderail.sim.driver.guard.budget import Budget, BudgetAccount
from guiderail.sim.driver.guard.guard import Guard
from guiderail.sim.driver.guard.resolve import fits, resolve
from guiderail.sim.proof.tables.benches import Broken, bench, seen_at
from guiderail.sim.proof.tables.stories import say, stories, trip_on
from guiderail.sim.proof.tables.witness import Car, Story, told, tried


def _of_story(story: Story) -> list[object]:
    car = Car(story.trip)
    return [one for said, seen in story.steps for one in car.tell(said, seen)]


def _of_fits(angle: int, kind: TurnKind) -> list[object]:
    turn = SimpleNamespace(angle_cdeg=angle, kind=kind)
    return [fits(turn, side) for side in Direction]  # type: ignore[arg-type]


def _fitting() -> Iterator[tuple[int, TurnKind]]:
    angles = (0, 1, 2, 1_999, 2_000, 2_001, 9_000, 18_000)
    for angle, kind in product(angles, TurnKind):
        yield angle, kind
        yield -angle, kind


def _of_account(budget: tuple[tuple[str, int], ...], prices: tuple[int, ...]) -> list[object]:
    made = Budget(**dict(budget))
    return [made, made.most_extra_ms, *_spending(BudgetAccount(made), prices)]


def _accounts() -> Iterator[tuple[Any, Any]]:
    small = {"changes": 2, "extra_ms": 100, "spacing_ms": 10}
    budgets: tuple[dict[str, int], ...] = (
        {},
        small,
        small | {"changes": 3},
        small | {"confirmations": 2},
        {"changes": 0},
    )
    for budget in budgets:
        for prices in product((-5, 0, 1, 50, 100), (-5, 0, 50, 51, 100), (0, 1, 50)):
            yield tuple(budget.items()), prices


def _spending(account: BudgetAccount, prices: tuple[int, ...]) -> Iterator[object]:
    """What an account says before and after each of three changes; it is confirmed when odd."""
    for k, price in enumerate(prices):
        yield account.affords(price), [account.is_too_soon(10 * k + ms) for ms in (-1, 0, 9, 10)]
        yield account.may_confirm(), tried(partial(account.spend, price, 10 * k))
        yield account.may_confirm(), account.changes, account.extra_ms, account.last_ms
        if price % 2:
            yield tried(account.confirm), tried(account.confirm)
        yield account.confirmed, account.confirmed_ms, account.changes, account.extra_ms


def _of_broken(what: str) -> list[object]:
    """Guards that are made of nothing, or of something that breaks."""
    trip = trip_on("avenue")
    car, seen = Car(trip), seen_at(trip.origin, 0, 4_000)
    planner, account = car.pilot.planner, car.account
    if what == "no rules":
        return [tried(partial(Guard, bench("avenue").gazetteer, ()))]
    gazetteer = Broken() if what == "names" else Broken(finds=())
    guard = Guard(gazetteer)
    words = (say(Ask.TAKE_ROAD, road="Moon"), say(Ask.VIA, place="Moon"), say(Ask.CANCEL))
    return [
        *(guard.decide(said, seen, planner, account).verdict for said in words),
        *(told(tried(partial(resolve, one, planner, gazetteer))) for one in words),
        planner.route,
        account.changes,
    ]


_ANSWERS: Final[dict[str, Callable[..., list[object]]]] = {
    "story": _of_story,
    "fits": _of_fits,
    "account": _of_account,
    "broken": _of_broken,
}


def corpus() -> list[tuple[str, tuple[Any, ...]]]:
    """Every row that is asked: its kind, and what it is about."""
    rows: list[tuple[str, tuple[Any, ...]]] = []
    rows += [("story", (story,)) for story in stories()]
    rows += [("fits", one) for one in _fitting()]
    rows += [("account", one) for one in _accounts()]
    return rows + [("broken", (what,)) for what in ("no rules", "names", "offers")]


def answer(row: tuple[str, tuple[Any, ...]]) -> str:
    """One row of the table."""
    kind, about = row
    return repr(_ANSWERS[kind](*about))
