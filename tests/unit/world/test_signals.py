from itertools import combinations

import pytest

from guiderail.maps.library.load import load_map
from guiderail.maps.network import LinkId
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.messages import Light
from guiderail.sim.world.background.signals import SignalPlan, Signals, yellow_ms

CITY = load_map("helsinki")
GROUPS = CITY.controller_groups
SIGNALS = Signals(CITY, TripSeed(5, 6))
PLANS = [
    [plan for link in group if (plan := SIGNALS.plan(link.id))]
    for group in list(GROUPS.values())[:40]
]
TOWARD = (Light.GREEN, Light.YELLOW)


@pytest.mark.parametrize(
    ("kmh", "yellow"),
    # 1 s + v / (2 * 3.05 m/s^2), at least 3 s, up to the tick: 30 km/h gives 2.37 s
    [(30, 3_000), (50, 3_300), (60, 3_800), (70, 4_200), (90, 5_100)],
)
def test_yellow_follows_the_ite_formula(kmh: int, yellow: int) -> None:
    assert yellow_ms(kmh * 10_000 // 36) == yellow


@pytest.mark.parametrize("plans", PLANS[:5])
def test_the_next_change_is_what_waiting_would_find(plans: list[SignalPlan]) -> None:
    for plan in plans:
        for time_ms in range(0, plan.cycle_ms, 700):
            waited = time_ms + 100
            while plan.light(waited) is plan.light(time_ms):
                waited += 100
            assert plan.next_change_ms(time_ms) == waited


@pytest.mark.parametrize("plans", PLANS[:5])
def test_a_light_is_constant_within_a_tick(plans: list[SignalPlan]) -> None:
    for plan in plans:
        for tick in range(0, plan.cycle_ms, 100):
            assert plan.light(tick) is plan.light(tick + 99)


@pytest.mark.parametrize("plans", PLANS)
def test_approaches_of_different_phases_never_go_together(plans: list[SignalPlan]) -> None:
    for one, other in combinations(plans, 2):
        if one.green_from != other.green_from:
            times = range(0, one.cycle_ms, 100)
            assert not any(one.light(t) in TOWARD and other.light(t) in TOWARD for t in times)


@pytest.mark.parametrize("plans", PLANS[:5])
def test_everybody_gets_green_yellow_and_red_in_each_cycle(plans: list[SignalPlan]) -> None:
    for plan in plans:
        shown = [plan.light(time_ms) for time_ms in range(0, plan.cycle_ms, 100)]
        assert set(shown) == {Light.GREEN, Light.YELLOW, Light.RED}
        changes = sum(a is not b for a, b in zip(shown, [*shown[1:], shown[0]], strict=True))
        assert changes == 3


def test_no_light_rules_where_the_map_has_none() -> None:
    free = next(link.id for link in CITY.all_links if link.controller < 0)
    assert SIGNALS.plan(LinkId(free)) is None


def test_trips_meet_the_lights_at_different_times() -> None:
    link = next(iter(GROUPS.values()))[0].id
    plans = [Signals(CITY, TripSeed(i, 0)).plan(link) for i in range(20)]
    assert len({plan.offset_ms for plan in plans if plan}) > 10
