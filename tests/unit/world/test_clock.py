"""Time goes on whoever thinks: sleeping, speaking and skipping leave the same world."""

from collections.abc import Callable
from dataclasses import dataclass, field
from unittest.mock import patch

import numpy as np
import pytest

from guiderail.maps.network import LinkId
from guiderail.maps.synthetic.networks import arm_link, crossing
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.messages import (
    Advice,
    Ask,
    Command,
    Decision,
    Light,
    Observation,
    Perception,
    Proposal,
    Reason,
    Verdict,
)
from guiderail.sim.contract.trace import Heard, Missed, Outcome, Rerouted, Trace
from guiderail.sim.contract.trip import Trip
from guiderail.sim.world.clock import Drive, simulate

NETWORK = crossing(control="signal", has_ring=True)
SOUTH, NORTH = arm_link(NETWORK, "south", inward=True), arm_link(NETWORK, "north", inward=False)
Trips = Callable[..., Trip]


@dataclass
class Steady:
    """Drive at one speed, stop for lights, refuse all words."""

    name: str = "steady"
    speed: int = 10_000
    asked: int = 0
    heard: list[int] = field(default_factory=list)

    def hear(self, proposal: Proposal, seen: Perception) -> Verdict:
        """Refuse it."""
        self.heard.append(seen.time_ms)
        return Verdict(proposal=proposal, decision=Decision.REFUSE, reason=Reason.STALE)

    def command(self, seen: Perception) -> Command:
        """Keep the speed, or stop at the line."""
        self.asked += 1
        line_mm = NETWORK.link(SOUTH).stop_line_mm - seen.s_mm
        must_stop = seen.light in (Light.RED, Light.YELLOW) and line_mm < 40_000
        if must_stop:
            braking = seen.speed_mm_s**2 // (2 * max(1, line_mm - 2_000))
            return Command(-(braking + 200 - braking % 200), NORTH)
        return Command(max(-2_000, min(1_400, self.speed - seen.speed_mm_s)), NORTH)

    def route(self) -> tuple[LinkId, ...]:
        """Go straight across."""
        return (SOUTH, NORTH)

    def remaining_ms(self) -> int:
        """Guess."""
        return 60_000

    def news(self) -> list[Missed | Rerouted]:
        """Have none."""
        return []


@dataclass
class Slow:
    """Ask for something at each occasion, after so long a thought."""

    latency_ms: int
    name: str = "slow"
    speaks: bool = True
    asked_ms: list[int] = field(default_factory=list)

    def advise(self, seen: Observation) -> Advice | None:
        """Ask for nothing much."""
        self.asked_ms.append(seen.time_ms)
        if not self.speaks:
            return None
        wish = Proposal(ask=Ask.CANCEL, seen_ms=seen.time_ms)
        return Advice(words="no", proposal=wish, latency_ms=self.latency_ms)


def _run(trip: Trip, guide: Slow, driver: Steady | None = None) -> Trace:
    return simulate(NETWORK, trip, driver or Steady(), guide)


def _red_trip(trip_on: Trips, **more: int) -> Trip:
    """Find a trip that has to wait for a long red light."""
    for i in range(40):
        trip = trip_on(
            NETWORK, SOUTH, seed=TripSeed(i, 2), origin_mm=300_000, time_limit_ms=80_000, **more
        )
        trace = _run(trip, Slow(0, speaks=False))
        if np.diff(trace.column("time_ms")).max() > 15_000:
            return trip
    raise AssertionError("no trip waits at red")


def _heard(trace: Trace) -> list[Heard]:
    return [event for event in trace.events if isinstance(event, Heard)]


def test_nothing_polls_at_red(trip_on: Trips) -> None:
    driver = Steady()
    trace = _run(_red_trip(trip_on), Slow(0, speaks=False), driver)
    ticks = trace.end_ms // 100
    assert driver.asked <= ticks - 150  # 15 s and more are slept through


def test_sleeping_through_red_ends_as_waiting_would(trip_on: Trips) -> None:
    trip = _red_trip(trip_on)
    slept = _run(trip, Slow(0, speaks=False))
    with patch.object(Drive, "_standstill_until", lambda *_: 0):
        waited = _run(trip, Slow(0, speaks=False))
    assert (slept.outcome, slept.end_ms) == (waited.outcome, waited.end_ms)
    rows = {row[0]: row for row in waited.table().tolist()}
    assert all(rows[row[0]] == row for row in slept.table().tolist())


@pytest.mark.parametrize("seed", range(12))
def test_sleeping_amid_traffic_ends_as_waiting_would(trip_on: Trips, seed: int) -> None:
    trip = trip_on(
        NETWORK,
        SOUTH,
        seed=TripSeed(seed, 9),
        origin_mm=200_000,
        time_limit_ms=90_000,
        conditions={"flow_per_hour": 1_200},
    )
    slept = _run(trip, Slow(0, speaks=False))
    with patch.object(Drive, "_standstill_until", lambda *_: 0):
        waited = _run(trip, Slow(0, speaks=False))
    assert slept.table()[-1].tolist() == waited.table()[-1].tolist()
    assert (slept.outcome, slept.end_ms) == (waited.outcome, waited.end_ms)


@pytest.mark.parametrize(
    ("latency_ms", "lands_ms"),
    [(0, 100), (1, 100), (100, 100), (101, 200), (3_450, 3_500), (12_000, 12_000)],
)
def test_words_land_their_latency_after_the_question(
    trip_on: Trips, latency_ms: int, lands_ms: int
) -> None:
    trip = trip_on(NETWORK, SOUTH, origin_mm=100_000, time_limit_ms=40_000)
    driver = Steady()
    first = _heard(_run(trip, Slow(latency_ms), driver))[0]
    assert (first.asked_ms, first.time_ms) == (0, lands_ms)
    assert driver.heard[0] == lands_ms


def test_words_wake_a_sleeping_car_in_time(trip_on: Trips) -> None:
    trip = _red_trip(trip_on)
    rows = _run(trip, Slow(0, speaks=False)).column("time_ms")
    k = int(np.diff(rows).argmax())
    lands_ms = int(rows[k]) + 5_050
    driver = Steady()
    first = _heard(_run(trip, Slow(lands_ms), driver))[0]
    assert first.time_ms == lands_ms + 50
    assert driver.heard[0] == first.time_ms


@pytest.mark.parametrize("latency_ms", [0, 700, 5_000, 20_000, 31_000])
def test_refused_words_leave_the_motion_of_silence(trip_on: Trips, latency_ms: int) -> None:
    trip = _red_trip(trip_on)
    silent = _run(trip, Slow(0, speaks=False))
    refused = _run(trip, Slow(latency_ms))
    assert _heard(refused) or latency_ms > 30_000
    assert refused.motion.tobytes() == silent.motion.tobytes()
    assert (refused.outcome, refused.end_ms) == (silent.outcome, silent.end_ms)


def test_the_car_drives_on_while_the_guide_thinks(trip_on: Trips) -> None:
    # From a standstill: 1.4 m/s^2 * (6 s)^2 / 2 = 25.2 m, a little less for the build-up
    trip = trip_on(NETWORK, SOUTH, origin_mm=0, time_limit_ms=60_000)
    guide = Slow(6_000)
    first = _heard(_run(trip, guide, Steady(speed=10_000)))[0]
    road_mm = NETWORK.link(SOUTH).length_mm - first.distance_to_node_mm
    assert road_mm == pytest.approx(25_200, rel=0.02)


def test_an_occasion_is_lost_while_the_guide_still_thinks(trip_on: Trips) -> None:
    # Asked on entering and 150 m before the node, reached after about 28 s.
    trip = trip_on(NETWORK, SOUTH, time_limit_ms=36_000)
    quick, slow = Slow(1_000), Slow(35_000)
    _run(trip, quick)
    _run(trip, slow)
    assert len(quick.asked_ms) >= 2
    assert slow.asked_ms == quick.asked_ms[:1]


def test_words_after_the_end_are_not_heard(trip_on: Trips) -> None:
    trace = _run(trip_on(NETWORK, SOUTH, time_limit_ms=2_000), Slow(2_100))
    assert trace.outcome is Outcome.TIMED_OUT
    assert not _heard(trace)


def test_a_trip_that_sleeps_ends_at_its_time_limit(trip_on: Trips) -> None:
    trip = _red_trip(trip_on)
    rows = _run(trip, Slow(0, speaks=False)).column("time_ms")
    limit_ms = int(rows[int(np.diff(rows).argmax())]) + 5_000
    known = {name: getattr(trip, name) for name in trip.__dataclass_fields__}
    trace = _run(Trip(**known | {"time_limit_ms": limit_ms}), Slow(0, speaks=False))
    assert (trace.outcome, trace.end_ms) == (Outcome.TIMED_OUT, limit_ms)
