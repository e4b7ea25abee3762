"""
C1: two separate systems; the guide may change only the route.

A proposal has no field for a pedal, a wheel, a lane or a light, and a stream of words that are all
refused leaves the motion of the car bit-identical to silence.
"""

from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest

from guiderail.agents import makers
from guiderail.maps.network import LinkId
from guiderail.sim.contract.messages import Advice, Ask, Command, Decision, Observation, Proposal
from guiderail.sim.contract.trace import Heard
from guiderail.sim.driver.guard.budget import Budget

CONTROLS = ("accel", "brake", "speed", "steer", "lane", "look", "gap", "light", "headway")


def test_a_proposal_names_places_roads_and_turns_and_nothing_that_controls() -> None:
    names = {field.name for field in fields(Proposal)}
    assert names == {"ask", "seen_ms", "at", "direction", "onto", "road", "place"}
    assert not any(control in name for name in names for control in CONTROLS)


def test_what_controls_the_car_is_no_part_of_what_a_guide_says() -> None:
    said = {field.name for field in (*fields(Proposal), *fields(Advice))}
    assert said.isdisjoint(Command._fields)


def test_words_cannot_be_changed_after_they_were_judged() -> None:
    proposal = Proposal(ask=Ask.CANCEL, seen_ms=0)
    with pytest.raises(FrozenInstanceError):
        proposal.at = LinkId(0)  # type: ignore[misc]


@pytest.mark.parametrize("make", [makers.only_illegal_turn, makers.only_invented_place])
def test_a_refused_stream_leaves_the_motion_bit_identical_to_silence(
    helsinki: Any, make: Any
) -> None:
    trips = helsinki.trips(14)
    refused = 0
    for trip, talked in zip(trips, helsinki.drive_all("guarded", trips, make, 1.0), strict=True):
        silent = helsinki.drive("guarded", trip)
        verdicts = [heard.verdict for heard in talked.heard if heard.verdict]
        assert {verdict.decision for verdict in verdicts} <= {Decision.REFUSE}
        assert talked.trace.motion == silent.trace.motion
        assert _without_words(talked) == _without_words(silent)
        refused += len(verdicts)
    assert refused > 20


def test_whatever_is_said_without_a_budget_leaves_the_motion_as_it_is(
    helsinki: Any, adversary: Any
) -> None:
    for trip in helsinki.trips(6):
        guide = adversary(helsinki.network, trip.seed)
        talked = helsinki.drive("guarded", trip, guide, Budget(changes=0))
        assert talked.trace.motion == helsinki.drive("no_guide", trip).trace.motion


def test_what_a_guide_is_shown_holds_nothing_live(helsinki: Any) -> None:
    """A guide that tries to write into what it was shown changes nothing."""

    class Vandal:
        name = "vandal"

        def advise(self, seen: Observation) -> None:
            for field in fields(seen):
                with pytest.raises(FrozenInstanceError):
                    setattr(seen, field.name, None)

    trip = helsinki.trips(1)[0]
    vandalized = helsinki.drive("guarded", trip, Vandal())
    assert vandalized.trace.digest() == helsinki.drive("guarded", trip).trace.digest()


def _without_words(outing: Any) -> list[Any]:
    return [event for event in outing.trace.events if not isinstance(event, Heard)]
