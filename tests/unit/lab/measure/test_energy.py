"""Energy of a trip, against the model worked out by hand."""

from collections.abc import Sequence

import pytest

from guiderail.maps.network import LinkId
from guiderail.sim.contract.trace import COLUMNS, Outcome, Trace
from guiderail.sim.lab.measure.energy import detour_kwh, energy_kwh


def driven(*rows: Sequence[int], outcome: Outcome = Outcome.ARRIVED) -> Trace:
    """Make a trace of (time_ms, speed_mm_s)."""
    made = Trace(
        map_digest="",
        arm="",
        start_link=LinkId(0),
        start_mm=0,
        goal_link=LinkId(0),
        goal_mm=0,
        friction_permille=800,
        closed=frozenset(),
        end_ms=rows[-1][0],
        outcome=outcome,
    )
    for time_ms, speed in rows:
        values = dict.fromkeys(COLUMNS, 0) | {"time_ms": time_ms, "speed_mm_s": speed}
        made.motion.extend(values[name] for name in COLUMNS)
    return made


def test_a_steady_minute_at_10_m_s() -> None:
    # (1850 * 9.81 * .01 + 1.2 * .55 * 100 / 2) * 10 = 2,145 W at the wheel; / .9 + 700 = 3,083 W
    rows = [(t * 100, 10_000) for t in range(601)]
    assert energy_kwh(driven(*rows)) == pytest.approx(3_083 * 60 / 3.6e6, rel=1e-3)


def test_standing_takes_what_the_auxiliaries_take() -> None:
    assert energy_kwh(driven((0, 0), (3_600_000, 0))) == pytest.approx(0.7)


def test_braking_gives_back_65_percent_of_what_the_road_does_not_take() -> None:
    # From 10.1 to 9.9 m/s in .1 s at 10 m/s: (1850 * (-2 + .0981) + 33) * 10 = -34,855 W
    back = 0.65 * 34_855 * 0.1 - 700 * 0.1
    assert energy_kwh(driven((0, 10_100), (100, 9_900))) == pytest.approx(-back / 3.6e6, rel=1e-3)


def test_a_longer_way_takes_more() -> None:
    short, long = ([(t * 100, 8_000) for t in range(n)] for n in (100, 200))
    assert energy_kwh(driven(*short)) < energy_kwh(driven(*long))


def test_the_energy_of_a_detour_is_beyond_that_of_the_same_trip_where_both_arrived() -> None:
    hour, half = driven((0, 0), (3_600_000, 0)), driven((0, 0), (1_800_000, 0))
    assert detour_kwh(hour, half).or_none() == pytest.approx(0.35)
    lost = driven((0, 0), (3_600_000, 0), outcome=Outcome.CRASHED)
    assert not detour_kwh(lost, half).valid
    assert not detour_kwh(hour, lost).valid
