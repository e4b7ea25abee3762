"""The noisy guide: right at rate 0, wrong at rate 1, in clusters between, the same each time."""

from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guiderail.agents import makers
from guiderail.agents.grading import faults
from guiderail.agents.noisy import Noisy, maker
from guiderail.agents.presets import PRESETS, Hallucination, Preset, preset_named
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.contract.messages import Advice, Ask, Observation, Proposal
from guiderail.sim.contract.ports import Guide, GuideMaker

OPEN: frozenset[LinkId] = frozenset()
TALKATIVE = replace(preset_named("llm_tool_good"), talk_ppm=1_000_000)
ONLY_ROUTE_WORDS = {"ask", "seen_ms", "at", "direction", "onto", "road", "place"}


def _guide(network: RoadNetwork, trip: int, rate: float, preset: Preset = TALKATIVE) -> Noisy:
    return Noisy(network, TripSeed(trip, 11), closed=OPEN, rate=rate, preset=preset)


def _heard(guide: Noisy, seen: Observation, times: int) -> Iterator[Advice | None]:
    for k in range(times):
        yield guide.advise(replace(seen, time_ms=10_000 * k, occasion=k))


def _labels(guide: Noisy, seen: Observation, times: int) -> list[str]:
    return [advice.label if advice else "-" for advice in _heard(guide, seen, times)]


def test_it_follows_the_contract(network: RoadNetwork) -> None:
    make: GuideMaker = Noisy
    guide: Guide = make(network, TripSeed(1, 2), closed=OPEN, rate=0.1)
    assert guide.name == "noisy"


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_at_rate_zero_nothing_is_wrong(
    network: RoadNetwork, to_quay: Observation, name: str
) -> None:
    preset = replace(preset_named(name), talk_ppm=1_000_000)
    for trip in range(30):
        for advice in _heard(_guide(network, trip, 0, preset), to_quay, 4):
            assert advice is not None
            assert advice.label == ""
            assert advice.proposal is not None
            assert advice.proposal.onto == 1
            assert not faults(network, advice, to_quay, closed=OPEN) - {Hallucination.LANE_FAR}


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_at_rate_one_everything_is_wrong(
    network: RoadNetwork, to_quay: Observation, name: str
) -> None:
    preset = replace(preset_named(name), talk_ppm=1_000_000)
    near = replace(to_quay, distance_to_node_mm=60_000)  # near enough for every kind
    seen = near if name == "only_lane_far" else to_quay
    if name == "only_lane_far":
        seen = replace(near, goal=LinkId(5), route=(LinkId(0), LinkId(3), LinkId(5)))
    for trip in range(30):
        for advice in _heard(_guide(network, trip, 1, preset), seen, 4):
            assert advice is not None
            assert advice.label in faults(network, advice, seen, closed=OPEN)


def test_it_speaks_at_the_share_of_occasions_that_its_preset_says(
    network: RoadNetwork, to_quay: Observation
) -> None:
    quiet = replace(TALKATIVE, talk_ppm=250_000)
    said = [a is not None for a in _heard(_guide(network, 0, 0, quiet), to_quay, 2_000)]
    assert sum(said) == pytest.approx(500, abs=60)  # 3 standard deviations


def test_the_same_trip_hears_the_same_words(network: RoadNetwork, to_quay: Observation) -> None:
    first, second = (list(_heard(_guide(network, 5, 0.5), to_quay, 40)) for _ in range(2))
    other = list(_heard(_guide(network, 6, 0.5), to_quay, 40))
    assert first == second
    assert first != other


def test_a_higher_rate_errs_wherever_a_lower_one_does_and_in_the_same_words(
    network: RoadNetwork, to_quay: Observation
) -> None:
    rates = (0, 0.01, 0.1, 0.3, 0.7, 1)
    for trip in range(200):
        runs = [list(_heard(_guide(network, trip, rate), to_quay, 12)) for rate in rates]
        for lower, higher in pairwise(runs):
            for before, after in zip(lower, higher, strict=True):
                assert before is not None
                assert not before.label or before == after


def _between_trips(
    network: RoadNetwork, seen: Observation, rho_permille: int
) -> tuple[float, float]:
    """Mean and variance over trips of the share of wrong words among eight."""
    preset = replace(TALKATIVE, rho_permille=rho_permille)
    shares = [
        np.mean([bool(x) for x in _labels(_guide(network, trip, 0.2, preset), seen, 8)])
        for trip in range(1_500)
    ]
    return float(np.mean(shares)), float(np.var(shares))


@pytest.mark.parametrize("rho_permille", [0, 450])
def test_errors_cluster_in_trips_as_the_beta_binomial_does(
    network: RoadNetwork, to_quay: Observation, rho_permille: int
) -> None:
    mean, variance = _between_trips(network, to_quay, rho_permille)
    rho = rho_permille / 1_000
    # Var(share of n) = mu (1 - mu) (rho + (1 - rho) / n): .083 clustered, .020 independent.
    expected = 0.2 * 0.8 * (rho + (1 - rho) / 8)
    assert mean == pytest.approx(0.2, abs=0.025)
    assert variance == pytest.approx(expected, rel=0.12)


def test_most_trips_are_clean_and_a_few_are_very_bad(
    network: RoadNetwork, to_quay: Observation
) -> None:
    wrong = [sum(map(bool, _labels(_guide(network, k, 0.1), to_quay, 8))) for k in range(500)]
    # P(all 8 right) at error .10 is .74 clustered (table of the published ICC), .43 independent.
    assert wrong.count(0) / 500 == pytest.approx(0.74, abs=0.06)
    assert max(wrong) >= 7


def test_an_arm_that_missed_the_first_question_hears_the_same_at_the_second(
    network: RoadNetwork, to_quay: Observation
) -> None:
    near = replace(to_quay, distance_to_node_mm=150_000)
    for trip in range(50):
        listening, busy = (_guide(network, trip, 0.5) for _ in range(2))
        listening.advise(to_quay)
        assert listening.advise(near) == busy.advise(near)


def test_late_words_keep_their_own_latency(network: RoadNetwork, to_quay: Observation) -> None:
    preset = replace(preset_named("only_bad_timing"), talk_ppm=1_000_000)
    near = replace(to_quay, distance_to_node_mm=150_000)
    for advice in _heard(_guide(network, 1, 1, preset), near, 20):
        assert advice is not None
        assert 7_800 <= advice.latency_ms <= 10_300  # the node is 10.8 s away


def test_confidence_is_high_for_the_share_of_errors_that_the_preset_says(
    network: RoadNetwork, to_quay: Observation
) -> None:
    said = [a for a in _heard(_guide(network, 1, 1), to_quay, 1_000) if a is not None]
    sure = sum(advice.confidence >= 0.9 for advice in said)
    assert sure == pytest.approx(600, abs=50)
    assert all(0.5 <= advice.confidence < 1 for advice in said)


def test_a_sure_error_counts_as_overconfidence(network: RoadNetwork, to_quay: Observation) -> None:
    for advice in _heard(_guide(network, 1, 1), to_quay, 100):
        assert advice is not None
        found = faults(network, advice, to_quay, closed=OPEN)
        assert (Hallucination.OVERCONFIDENCE in found) is (advice.confidence >= 0.9)


def test_a_truth_unknown_to_the_driver_is_advised_by_a_turn(
    network: RoadNetwork, approaching: Observation
) -> None:
    closed = frozenset({LinkId(3)})
    guide = Noisy(network, TripSeed(1, 1), closed=closed, rate=0, preset=TALKATIVE)
    advice = guide.advise(approaching)
    assert advice is not None
    assert advice.proposal is not None
    assert (advice.proposal.ask, advice.proposal.onto) == (Ask.TURN, 1)


def test_at_the_goal_there_is_nothing_to_say(
    network: RoadNetwork, approaching: Observation
) -> None:
    there = replace(approaching, link=LinkId(5), route=(LinkId(5),))
    assert _guide(network, 1, 0).advise(there) is None


def test_a_proposal_has_no_field_for_control() -> None:
    assert {field.name for field in fields(Proposal)} == ONLY_ROUTE_WORDS


@pytest.mark.parametrize("rate", [-0.01, 1.01, float("nan")])
def test_a_rate_that_is_no_share_is_refused(network: RoadNetwork, rate: float) -> None:
    with pytest.raises(ScenarioError, match="rate is"):
        _guide(network, 1, rate)


def test_a_preset_is_found_by_name_or_refused(network: RoadNetwork) -> None:
    guide = maker("llm_memory")(network, TripSeed(1, 2), closed=OPEN, rate=1)
    assert isinstance(guide, Guide)
    with pytest.raises(ScenarioError, match="no guide preset named 'genie'"):
        maker("genie")


def test_every_preset_can_be_named_by_import_path(network: RoadNetwork) -> None:
    for name in PRESETS:
        guide = getattr(makers, name)(network, TripSeed(1, 2), closed=OPEN, rate=0.5)
        assert isinstance(guide, Noisy)
        assert guide.name == "noisy"


LINKS = st.one_of(st.integers(-2, 9), st.integers()).map(LinkId)
OBSERVATIONS = st.builds(
    Observation,
    time_ms=st.integers(),
    occasion=st.integers(),
    link=LINKS,
    distance_to_node_mm=st.integers(),
    speed_mm_s=st.integers(),
    lane=st.integers(),
    route=st.lists(LINKS, max_size=20).map(tuple),
    goal=LINKS,
    goal_name=st.text(max_size=30),
    eta_ms=st.integers(),
    reported_closed=st.frozensets(LINKS, max_size=4),
)


@settings(max_examples=1_000, deadline=None)
@given(
    seen=OBSERVATIONS, closed=st.frozensets(LINKS, max_size=3), rate=st.sampled_from([0, 0.5, 1])
)
def test_no_observation_whatever_breaks_it(
    network: RoadNetwork, seen: Observation, closed: frozenset[LinkId], rate: float
) -> None:
    before = replace(seen)
    guide = Noisy(network, TripSeed(9, 9), closed=closed, rate=rate, preset=TALKATIVE)
    for advice in (guide.advise(seen), guide.advise(seen)):
        assert advice is None or (type(advice) is Advice and advice.latency_ms >= 0)
        if advice is not None:
            assert isinstance(faults(network, advice, seen, closed=closed), frozenset)
    assert seen == before
