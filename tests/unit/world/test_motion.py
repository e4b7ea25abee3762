import pytest

from guiderail.sim.world.motion import advance, granted, grip_mm_s2


@pytest.mark.parametrize(
    ("speed", "accel", "moved", "after"),
    [
        pytest.param(10_000, 0, 1_000, 10_000, id="v * dt = 10 m/s * 0.1 s"),
        pytest.param(10_000, -2_000, 990, 9_800, id="v * dt + a * dt^2 / 2 = 1 - 0.01 m"),
        pytest.param(0, 2_600, 13, 260, id="2.6 * 0.01 / 2 = 0.013 m from a standstill"),
        pytest.param(20, 200, 3, 40, id="one step of each: 2 mm + 1 mm"),
    ],
)
def test_a_tick_is_exact_on_the_lattice(speed: int, accel: int, moved: int, after: int) -> None:
    assert advance(speed, accel) == (moved, after, accel)


def test_a_braking_car_lands_on_zero_and_never_rolls_back() -> None:
    # 100 mm/s would need only 1 m/s^2 to stop in a tick: 0.1 * 0.1 / 2 m = 5 mm
    assert advance(100, -7_800) == (5, 0, -1_000)
    assert advance(0, -7_800) == (0, 0, 0)


def test_many_ticks_equal_one_jump() -> None:
    # s = v * t + a * t^2 / 2 = 20 * 4 - 2 * 16 / 2 = 64 m; v = 20 - 2 * 4 = 12 m/s
    speed, road = 20_000, 0
    for _ in range(40):
        moved, speed, _ = advance(speed, -2_000)
        road += moved
    assert (road, speed) == (64_000, 12_000)


@pytest.mark.parametrize(
    ("friction", "grip"),
    [(800, 7_800), (500, 4_800), (300, 2_800), (100, 800)],  # mu * 9.81, down to 0.2 m/s^2
)
def test_grip_is_rounded_down_to_the_lattice(friction: int, grip: int) -> None:
    assert grip_mm_s2(friction) == grip


@pytest.mark.parametrize(
    ("asked", "last", "grip", "granted_"),
    [
        pytest.param(-7_800, 0, 7_800, -600, id="jerk 12 m/s^3 from zero: 0.6 on average"),
        pytest.param(-7_800, 600, 7_800, -600, id="the throttle is let go at once"),
        pytest.param(-7_800, -600, 7_800, -1_800, id="then 1.2 m/s^2 more in each tick"),
        pytest.param(-7_800, -7_200, 7_800, -7_800, id="the last bit of the build-up"),
        pytest.param(-9_000, -7_800, 7_800, -7_800, id="never more than grip"),
        pytest.param(5_000, 2_000, 7_800, 2_600, id="never more than the throttle gives"),
        pytest.param(2_600, 800, 800, 800, id="nor more than ice holds"),
        pytest.param(-1_990, -1_000, 7_800, -1_800, id="onto the lattice, toward zero"),
        pytest.param(2_000, -2_000, 7_800, -800, id="brakes are released as fast as they build up"),
    ],
)
def test_pedals_are_bounded_by_grip_throttle_and_build_up(
    asked: int, last: int, grip: int, granted_: int
) -> None:
    assert granted(asked, last, grip) == granted_


@pytest.mark.parametrize("speed", [8_320, 13_880, 19_440, 25_000, 36_100])
@pytest.mark.parametrize(("braking", "grip"), [(2_000, 7_800), (7_800, 7_800), (4_800, 4_800)])
def test_stopping_distance_equals_the_closed_form(speed: int, braking: int, grip: int) -> None:
    # v^2 / (2 * b) and what the build-up over b / (12 m/s^3) adds
    ramp = braking / 12_000
    closed_form = speed**2 / (2 * braking) + speed * ramp / 2 - braking * ramp**2 / 24
    road, accel = 0, 0
    while speed:
        moved, speed, accel = advance(speed, granted(-braking, accel, grip))
        road += moved
    assert road == pytest.approx(closed_form, rel=0.02)
