"""What a guide may spend: so many changes, so much time, not too fast."""

import pytest

from guiderail.sim.contract.errors import KernelError
from guiderail.sim.driver.guard.budget import Budget, BudgetAccount


def test_an_account_counts_changes_and_extra_time() -> None:
    account = BudgetAccount(Budget())
    account.spend(60_000, now_ms=0)
    account.spend(30_000, now_ms=9_000)
    assert (account.changes, account.extra_ms, account.last_ms) == (2, 90_000, 9_000)


def test_a_change_that_saves_time_counts_and_cannot_be_sold_back() -> None:
    account = BudgetAccount(Budget(changes=1))
    account.spend(-60_000, now_ms=0)
    assert (account.changes, account.extra_ms) == (1, 0)
    assert not account.affords(-60_000)


@pytest.mark.parametrize(
    ("extra_ms", "affords"),
    [
        pytest.param(40_000, True, id="60 s of 100 s are spent: 40 s are left"),
        pytest.param(40_001, False, id="1 ms more"),
        pytest.param(-1, True, id="saving time is within any budget"),
    ],
)
def test_extra_time_is_granted_up_to_the_last_millisecond(*, extra_ms: int, affords: bool) -> None:
    account = BudgetAccount(Budget(extra_ms=100_000))
    account.spend(60_000, now_ms=0)
    assert account.affords(extra_ms) is affords


@pytest.mark.parametrize(("now_ms", "is_too_soon"), [(14_999, True), (15_000, False)])
def test_changes_keep_their_distance(*, now_ms: int, is_too_soon: bool) -> None:
    account = BudgetAccount(Budget())
    assert not account.is_too_soon(0)
    account.spend(0, now_ms=10_000)
    assert account.is_too_soon(now_ms) is is_too_soon


def test_no_change_at_all_is_within_a_budget_of_none() -> None:
    assert not BudgetAccount(Budget(changes=0)).affords(0)


def test_spending_beyond_the_budget_is_a_bug_and_books_nothing() -> None:
    account = BudgetAccount(Budget(extra_ms=1_000))
    with pytest.raises(KernelError, match="1001 ms was accepted beyond"):
        account.spend(1_001, now_ms=0)
    assert (account.changes, account.extra_ms) == (0, 0)


def test_a_confirmed_change_is_given_back_once() -> None:
    account = BudgetAccount(Budget(changes=1, extra_ms=60_000, confirmations=2))
    account.spend(50_000, now_ms=0)
    account.confirm()
    assert (account.changes, account.extra_ms, account.confirmed_ms) == (0, 0, 50_000)
    assert not account.may_confirm()
    with pytest.raises(KernelError, match="no change that the passenger could confirm"):
        account.confirm()


def test_a_passenger_who_confirms_everything_multiplies_the_budget_and_no_more() -> None:
    budget = Budget(changes=1, extra_ms=60_000, confirmations=2)
    account, bought = BudgetAccount(budget), 0
    while account.affords(60_000):
        account.spend(60_000, now_ms=0)
        bought += 60_000
        if account.may_confirm():
            account.confirm()
    assert bought == budget.most_extra_ms == 3 * 60_000


def test_a_budget_without_changes_sells_nothing() -> None:
    assert Budget(changes=0, confirmations=5).most_extra_ms == 0
