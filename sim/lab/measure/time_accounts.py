"""
Where the time of a trip went, as columns: one per account of the ledger.

The ``booked`` columns add up to ``time_ms``, the ``detour`` ones to its difference from
``baseline_ms``; see ``ledger.py``.
"""

from typing import Final

from guiderail.sim.lab.measure.ledger import ACCOUNTS, DETOUR_ACCOUNTS, MEANING, Account
from guiderail.sim.lab.measure.measure import Compared, Measure, Summed
from guiderail.sim.lab.measure.over_trips import mean_seconds


def _booked(account: Account) -> Measure[int | None]:
    def of(one: Compared) -> int | None:
        books = one.run.books
        return None if books is None else books[account]

    return Measure(
        name=f"booked_{account}_ms",
        holds=int,
        unit="ms",
        meaning=f"Part of time_ms. {MEANING[account]}",
        applies="arrived",
        of=of,
        summed=(Summed(f"trip_seconds_by_cause.{account}", mean_seconds),),
    )


def _detour(account: Account) -> Measure[int | None]:
    def of(one: Compared) -> int | None:
        books, base = one.run.books, one.baseline.books
        return None if books is None or base is None else books[account] - base[account]

    return Measure(
        name=f"detour_{account}_ms",
        holds=int,
        unit="ms",
        meaning=f"Part of the time beyond baseline_ms. {MEANING[account]}",
        applies="both arrived",
        of=of,
        summed=(Summed(f"detour_seconds_by_cause.{account}", mean_seconds),),
    )


BOOKED: Final = tuple(_booked(account) for account in ACCOUNTS)
DETOUR_BY_CAUSE: Final = {account: _detour(account) for account in DETOUR_ACCOUNTS}
