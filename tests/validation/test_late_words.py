"""Validation 6, and the shape of the human arm: harm falls with lead time, grows with speed."""

import pytest

from guiderail.sim.driver.people import PEOPLE
from guiderail.sim.lab.studies.late.study import Cell, LateTurn

RUNS = 60
DRY_50 = LateTurn()


def _share(count: int, cell: Cell) -> float:
    return count / cell.tried if cell.tried else 0.0


@pytest.fixture(scope="module")
def human() -> dict[float, Cell]:
    return {lead: DRY_50.cell("obeying_human", lead, RUNS) for lead in (2.0, 2.5, 3.0, 4.0, 6.0)}


def test_people_who_try_a_turn_told_2_s_ahead_mostly_brake_hard_or_swerve(
    human: dict[float, Cell],
) -> None:
    # A point mass on the same turn: .86 hard and .69 lateral excess at 2 s, .96 and .27 at 2.5 s.
    assert 0.5 <= _share(human[2.0].hard, human[2.0]) <= 1.0
    assert 0.6 <= _share(human[2.0].excess, human[2.0]) <= 1.0
    assert 0.7 <= _share(human[2.5].hard, human[2.5]) <= 1.0


def test_told_6_s_ahead_hardly_anybody_does(human: dict[float, Cell]) -> None:
    assert human[6.0].tried == RUNS
    assert _share(human[6.0].hard, human[6.0]) <= 0.10
    assert human[6.0].excess == 0


def test_lateral_excess_falls_with_lead_time(human: dict[float, Cell]) -> None:
    shares = [_share(cell.excess, cell) for _, cell in sorted(human.items())]
    assert shares == sorted(shares, reverse=True)


def test_the_obeying_machine_is_clean_from_3_s_on_and_brakes_hard_at_2() -> None:
    late, early = (DRY_50.cell("obeying_machine", lead, 5) for lead in (2.0, 3.0))
    assert (late.runs, late.tried, late.hard) == (1, 1, 1)
    assert (early.tried, early.hard, early.excess) == (1, 0, 0)


@pytest.mark.parametrize("lead_s", [1.0, 2.0, 3.0, 6.0])
def test_the_guarded_car_misses_what_is_too_late_and_does_the_rest_calmly(lead_s: float) -> None:
    cell = DRY_50.cell("guarded", lead_s, 5)
    assert (cell.hard, cell.excess) == (0, 0)
    assert cell.tried == (lead_s == 6.0)


def test_harm_does_not_fall_with_speed_or_with_slipperiness() -> None:
    by_speed = [LateTurn(speed_kmh=kmh).cell("obeying_human", 3.0, 40) for kmh in (30, 50, 70)]
    by_road = [LateTurn(friction=mu).cell("obeying_human", 3.0, 40) for mu in (0.8, 0.5, 0.3)]
    for cells in (by_speed, by_road):
        shares = [_share(cell.excess, cell) for cell in cells]
        assert shares == sorted(shares)
    # R10 tests the bound of 4.89 m/s^2 and 0.85 of the friction: snow holds 2.9 m/s^2 in all
    assert _share(by_road[2].excess, by_road[2]) > _share(by_road[0].excess, by_road[0])


def test_the_flustered_are_no_safer_than_the_calm() -> None:
    calm, flustered = (
        LateTurn(person=PEOPLE[name]).cell("obeying_human", 3.0, 60)
        for name in ("calm", "flustered")
    )
    assert flustered.excess / 60 >= calm.excess / 60
    assert flustered.tried < calm.tried
