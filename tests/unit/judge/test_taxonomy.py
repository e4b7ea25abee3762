"""
The whole taxonomy, row by row: a planted violator is caught, one just short of it is not.

``ROWS`` is the table of the domain, written out here by hand and not taken from the judge.
"""

from collections.abc import Callable

import pytest
from judge_stories import EAST, MAIN, NORTH, SIDE, SOUTH, WRONG, Story

from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Light
from guiderail.sim.contract.trace import LaneChange, Yielding
from guiderail.sim.judge.taxonomy import TAXONOMY

ROWS = {
    "C1": ("collision_vru", "S4", 1.0),
    "C2": ("collision_vehicle", "S4", 0.7),
    "C2b": ("provoked_rear_end", "S4", 0.5),
    "C3": ("run_off", "S4", 0.6),
    "R1": ("wrong_way", "S3", 0.7),
    "R2": ("red_light", "S3", 0.4),
    "R3": ("stop_sign", "S2", 0.25),
    "R4": ("failure_to_yield", "S3", 0.5),
    "R5": ("illegal_turn", "S2", 0.4),
    "R6": ("gore_cut", "S3", 0.5),
    "R7": ("unsafe_lane_change", "S3", 0.4),
    "R8": ("rss_breach", "S2", 0.2),
    "R9": ("over_speed", "S1", 0.4),
    "R10": ("turn_over_speed", "S2", 0.25),
    "R11": ("uncaused_emergency_braking", "S2", 0.25),
    "R12": ("stop_in_live_lane", "S3", 0.4),
    "R13": ("odd_exit_unhandled", "S2", 0.25),
    "R14": ("sight_overrun", "S2", 0.2),
    "R15": ("yield_emergency_vehicle", "S3", 0.4),
    "N1": ("near_miss_ttc", "surrogate", 0.0),
    "N2": ("near_miss_pet_drac", "surrogate", 0.0),
    "N3": ("hard_brake", "surrogate", 0.0),
    "N4": ("discomfort", "comfort", 0.0),
    "P1": ("trip_failure", "purpose", 0.4),
}


def crossed(spare_ms: int) -> Story:
    """Clear a conflict zone so long before traffic with priority comes."""
    story = Story().go(30)
    story.events.append(
        Yielding(
            time_ms=2_000,
            enter_ms=1_000,
            leave_ms=2_000,
            from_link=MAIN,
            to_link=NORTH,
            arrival_ms=2_000 + spare_ms,
            before_ms=-NOTHING,
            forced_braking_mm_s2=0,
        )
    )
    return story


def moved_over(lag_gap_mm: int) -> Story:
    """Change lanes at 10 m/s before a car as fast."""
    story = Story().go(30)
    story.events.append(
        LaneChange(
            time_ms=1_000,
            link=MAIN,
            from_lane=0,
            to_lane=1,
            lead_gap_mm=NOTHING,
            lead_speed_mm_s=0,
            lag_gap_mm=lag_gap_mm,
            lag_speed_mm_s=10_000,
        )
    )
    return story


def turned(lane: int) -> Story:
    """Turn left out of a lane; the left turn is made from lane 1."""
    return Story(s_mm=499_000).see(lane=lane, target_lane=lane).go(5, onto=NORTH)


def followed(ticks: int) -> Story:
    """Come 25 mm too close to a car as fast, then brake with 4 m/s^2 so many ticks later."""
    story = Story().see(leader_gap_mm=14_200, leader_speed_mm_s=10_000).go(1)
    return story.see(leader_gap_mm=14_100).go(ticks).go(6, accel=-4_000)


def ramped(to_mm_s2: int) -> Story:
    """Speed up more and more, 4 m/s^3."""
    story = Story()
    for accel in range(400, to_mm_s2 + 1, 400):
        story.go(1, accel=accel)
    return story


def held_up(ticks: int) -> Story:
    """Stay in front of an emergency vehicle that wants to go twice as fast, so many ticks."""
    story = Story(speed=8_000)
    story.hear_siren(gap_mm=12_000, speed_mm_s=8_000, wish_mm_s=17_340, lane=0)
    return story.go(ticks)


Make = Callable[[], Story]
PAIRS: dict[str, tuple[Make, Make]] = {
    "C1": (
        lambda: Story().see(walker_gap_mm=-1, walker_aside_mm=0).go(1),
        lambda: Story().see(walker_gap_mm=-1, walker_aside_mm=1).go(1),
    ),
    "C2": (
        lambda: Story().see(leader_gap_mm=0).go(1),
        lambda: Story().see(leader_gap_mm=1).go(1),
    ),
    "C2b": (
        lambda: Story().go(5, accel=-3_200).see(follower_gap_mm=0).go(1),
        lambda: Story().go(5, accel=-3_000).see(follower_gap_mm=0).go(1),
    ),
    # mu * g = 7.848 m/s^2: 100 / 7.848 = 12.742 m.
    "C3": (
        lambda: Story().see(radius_mm=12_740).go(2),
        lambda: Story().see(radius_mm=12_745).go(2),
    ),
    "R1": (
        lambda: Story(link=WRONG, speed=6_100).go(12),
        lambda: Story(link=WRONG, speed=6_000).go(12),
    ),
    "R1h": (
        lambda: Story(link=WRONG, speed=2_100).go(12),
        lambda: Story(link=WRONG, speed=2_000).go(12),
    ),
    "R2": (
        lambda: Story(s_mm=489_500).see(light=Light.RED).go(2),
        lambda: Story(s_mm=489_500).see(light=Light.YELLOW).go(2),
    ),
    "R3": (
        lambda: Story(link=SIDE, s_mm=194_000, speed=100).go(150),
        lambda: Story(link=SIDE, s_mm=194_000, speed=80).go(150),
    ),
    "R4": (lambda: crossed(999), lambda: crossed(1_000)),
    "R5": (
        lambda: Story(s_mm=499_000).go(5, onto=SOUTH),
        lambda: Story(s_mm=499_000).go(5, onto=EAST),
    ),
    "R6": (lambda: turned(0), lambda: turned(1)),
    # RSS: 10 + 1 m while the car behind reacts, 12^2 / 8 - 10^2 / 16 m: 22.75 m.
    "R7": (lambda: moved_over(22_749), lambda: moved_over(22_750)),
    # RSS: 5.25 m while ego reacts, 11^2 / 8 - 10^2 / 16 m: 14.125 m.
    "R8": (lambda: followed(5), lambda: followed(4)),
    "R9": (lambda: Story(speed=13_900).go(2), lambda: Story(speed=13_880).go(2)),
    # 20 km/h are 5.556 m/s.
    "R9m": (lambda: Story(speed=19_440).go(25), lambda: Story(speed=19_420).go(25)),
    "R10": (
        lambda: Story().see(radius_mm=20_440).go(2),
        lambda: Story().see(radius_mm=20_450).go(2),
    ),
    # 0.85 * 7.848 = 6.671 m/s^2: 14.991 m.
    "R10m": (
        lambda: Story().see(radius_mm=14_990).go(2),
        lambda: Story().see(radius_mm=14_995).go(2),
    ),
    "R11": (lambda: Story().go(5, accel=-5_200), lambda: Story().go(5, accel=-5_000)),
    "R12": (lambda: Story(speed=0).wait(5_100), lambda: Story(speed=0).wait(5_000)),
    "R13": (
        lambda: Story(closed=frozenset({MAIN})).go(101),
        lambda: Story(closed=frozenset({MAIN})).go(100),
    ),
    # 5 m while it reacts, 100 / (2 * 7.848) = 6.371 m to stop.
    "R14": (lambda: Story().see(sight_mm=11_370).go(2), lambda: Story().see(sight_mm=11_371).go(2)),
    "R15": (lambda: held_up(51), lambda: held_up(50)),
    "N1": (
        lambda: Story().see(leader_gap_mm=9_499).go(1),
        lambda: Story().see(leader_gap_mm=9_500).go(1),
    ),
    "N1m": (
        lambda: Story().see(leader_gap_mm=14_999).go(1),
        lambda: Story().see(leader_gap_mm=15_000).go(1),
    ),
    # 10^2 / (2 * 3.35) = 14.925 m, 10^2 / (2 * 3) = 16.667 m.
    "N2": (
        lambda: Story().see(leader_gap_mm=14_925).go(1),
        lambda: Story().see(leader_gap_mm=14_926).go(1),
    ),
    "N2m": (
        lambda: Story().see(leader_gap_mm=16_666).go(1),
        lambda: Story().see(leader_gap_mm=16_667).go(1),
    ),
    "N3": (lambda: Story().go(2, accel=-3_200).go(1), lambda: Story().go(1, accel=-3_200).go(3)),
    "N4": (lambda: ramped(2_800), lambda: ramped(2_400)),
    "P1": (
        lambda: Story(goal=(MAIN, 200_001)),
        lambda: Story(goal=(MAIN, 200_000)),
    ),
}


def articles(story: Story) -> set[str]:
    """What ego is convicted of."""
    return {found.article for found in story.judged().infractions}


@pytest.mark.parametrize("article", TAXONOMY)
def test_the_planted_violator_is_caught_and_the_one_just_short_of_it_is_not(article: str) -> None:
    violator, near = PAIRS[article]
    assert article in articles(violator())
    assert article not in articles(near())


def test_every_row_of_the_domain_is_judged_and_has_its_planted_pair() -> None:
    assert not ROWS.keys() - TAXONOMY.keys()
    assert TAXONOMY.keys() == PAIRS.keys()


@pytest.mark.parametrize("row", ROWS)
def test_names_classes_and_weights_are_those_of_the_domain(row: str) -> None:
    law = TAXONOMY[row]
    assert (law.kind, law.severity, law.weight) == ROWS[row]


def test_the_gates_are_contact_loss_of_the_road_and_the_wrong_way() -> None:
    assert {"C1", "C2", "C3", "R1"} == {one.id for one in TAXONOMY.values() if one.is_gate}


@pytest.mark.parametrize("article", TAXONOMY)
def test_what_goes_on_is_one_event(article: str) -> None:
    story = PAIRS[article][0]()
    found = [each for each in story.judged().infractions if each.article == article]
    assert len(found) == 1
