"""People: spread as published, marked where guessed, and with a judgement of their own."""

from math import exp, log, sqrt
from statistics import NormalDist, mean, median, pstdev

import pytest

from guiderail.maps.network import Conflict
from guiderail.maps.synthetic.networks import arm_link, crossing
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.driver.people import ASSUMED, PEOPLE, SOURCES, Person, Traits
from guiderail.sim.world.traffic.critical_gaps import critical_gap_ms

MANY = [Traits(Person(), TripSeed(k, 9)) for k in range(2_000)]
NETWORK = crossing(control="stop", classes={"north": "residential", "south": "residential"})
SOUTH = arm_link(NETWORK, "south", inward=True)
LEFT = NETWORK.turn(SOUTH, arm_link(NETWORK, "west", inward=False))


def test_every_number_of_a_person_names_its_source_and_guesses_say_so() -> None:
    assert all(len(source) > 10 for source in SOURCES.values())
    assert 5 <= len(ASSUMED) < len(SOURCES)


def test_the_reaction_is_log_normal_about_1_25_s() -> None:
    times = [traits.reaction_ms(1) for traits in MANY]
    assert median(times) == pytest.approx(1_250, rel=0.03)
    # exp(0.35): 84.1 % react within 1.77 s
    assert sum(t < 1_774 for t in times) / len(times) == pytest.approx(0.841, abs=0.03)


def test_lane_changes_are_log_normal_of_6_28_s_and_2_s_cut_at_3_and_8_s() -> None:
    # sigma^2 = ln(1 + (2 / 6.28)^2) = 0.0966; the cut takes 6.28 s down to 6.01 and 2 s to 1.46
    sigma = sqrt(log(1 + (2.0 / 6.28) ** 2))
    middle = 6_280 * exp(-sigma * sigma / 2)
    shares = ((i + 0.5) / 10_000 for i in range(10_000))
    whole = [middle * exp(sigma * NormalDist().inv_cdf(share)) for share in shares]
    cut = [min(8_000, max(3_000, one)) for one in whole]
    assert (mean(whole), pstdev(whole)) == (
        pytest.approx(6_280, rel=0.01),
        pytest.approx(2_000, rel=0.02),
    )
    drawn = [traits.change_ms(k) for traits in MANY for k in range(3)]
    assert mean(drawn) == pytest.approx(mean(cut), rel=0.01)
    assert pstdev(drawn) == pytest.approx(pstdev(cut), rel=0.03)
    assert (min(drawn), max(drawn)) == (3_000, 8_000)
    assert len({MANY[0].change_ms(k) for k in range(8)}) > 4


def test_people_take_the_gaps_of_the_manual_and_so_do_the_cars_around() -> None:
    assert LEFT is not None
    assert LEFT.conflict is Conflict.LEFT_FROM_MINOR
    gaps = [traits.critical_gap_ms(LEFT) for traits in MANY]
    assert mean(gaps) == pytest.approx(critical_gap_ms(LEFT.conflict, LEFT.major_lanes), abs=60)


@pytest.mark.parametrize(
    ("braking", "share"),
    # logistic about 4.5 with slope 0.8 m/s^2, blurred by people who differ by 0.8 m/s^2
    [(4_500, 0.50), (2_500, 0.89), (6_500, 0.11)],
)
def test_half_of_the_people_still_try_a_turn_that_needs_4_5_m_s2(
    braking: int, share: float
) -> None:
    tries = sum(traits.most_braking_mm_s2(1) >= braking for traits in MANY)
    assert tries / len(MANY) == pytest.approx(share, abs=0.04)


def test_of_a_hundred_forbidden_ways_95_are_seen_as_such() -> None:
    assert sum(traits.heeds(1) for traits in MANY) / len(MANY) == pytest.approx(0.95, abs=0.015)


def test_a_flustered_person_loses_more_and_recovers_later() -> None:
    ordinary, flustered = PEOPLE["ordinary"], PEOPLE["flustered"]
    assert flustered.loss_least_permille > ordinary.loss_least_permille
    assert flustered.half_life_ms > ordinary.half_life_ms
    losses = [traits.loss_permille(1) for traits in MANY]
    assert (min(losses) >= 200, max(losses) <= 600) == (True, True)
