"""The way to a violation is told in words that a person can follow."""

from typing import Any

import pytest

from guiderail.maps.network import LinkId
from guiderail.sim.contract.messages import Ask, Direction, Proposal
from guiderail.sim.proof.search.arena import NO_RIVAL, Arena
from guiderail.sim.proof.search.narrative import Moment, narrate, spoken
from guiderail.sim.proof.search.sites import SITES, Site


@pytest.fixture(scope="module")
def signal() -> Site:
    return SITES["signal"]()


def _say(ask: Ask, **wanted: Any) -> Proposal:
    return Proposal(ask=ask, seen_ms=0, **wanted)


def _tell(site: Site, *states: dict[str, Any], said: Proposal | None = None) -> list[str]:
    car = Arena(site.network).start(site.origin, 30_000, 6_000)
    way = [Moment(car._replace(**values), said) for values in states]
    return list(narrate(way, site.network, "red_light"))


def test_a_light_that_turns_on_a_silent_car_is_told_in_three_sentences(signal: Site) -> None:
    told = _tell(
        signal, {}, {"s_mm": 30_600}, {"s_mm": 31_200, "light": 30}, {"s_mm": 52_100, "light": 0}
    )
    road = signal.network.link(signal.origin).name
    assert told == [
        f"0.0 s: sets off on {road}, 30.0 m before its end at 6.0 m/s in lane 0, light green",
        f"0.1 s: the light turns yellow; on {road}, 28.8 m before its end at 6.0 m/s in lane 0",
        f"0.2 s: the light turns green; on {road}, 7.9 m before its end at 6.0 m/s in lane 0",
        (
            f"0.3 s: red_light on {road}, 7.9 m before its end at 6.0 m/s in lane 0, "
            "the guide is silent"
        ),
    ]


@pytest.mark.parametrize(
    ("before", "after", "event"),
    [
        ({"light": 1}, {"light": NO_RIVAL}, "the light turns red"),
        ({}, {"rival": 80}, "somebody with priority comes, there in 8.0 s"),
        ({}, {"is_beside_free": False}, "the lane beside is taken"),
        ({}, {"target_lane": 1}, "begins to change to lane 1"),
        ({}, {"link": LinkId(1), "light": -1}, "passes the node"),
    ],
)
def test_everything_new_is_told(signal: Site, before: Any, after: Any, event: str) -> None:
    assert f" {event}; " in _tell(signal, before, after)[1]


def test_a_tick_in_which_nothing_is_new_is_left_out(signal: Site) -> None:
    calm: list[dict[str, Any]] = [{"s_mm": 30_000 + 600 * k} for k in range(20)]
    assert len(_tell(signal, *calm)) == 2
    # The same word, said in every tick, is told when it is first said and at the end.
    told = _tell(signal, *calm, said=_say(Ask.CANCEL))
    assert [line.split(":")[0] for line in told] == ["0.0 s", "0.0 s", "1.9 s"]
    assert told[-1].endswith("said: cancel")


def test_words_are_said_with_the_names_of_the_map(signal: Site) -> None:
    network, onto = signal.network, signal.goal
    name = network.link(onto).name
    assert spoken(_say(Ask.TURN, at=signal.origin, onto=onto), network) == f"turn onto {name}"
    left = _say(Ask.TURN, at=signal.origin, direction=Direction.LEFT)
    assert spoken(left, network) == "turn left"
    assert spoken(_say(Ask.AVOID, road="East Road"), network) == "avoid East Road"
    assert spoken(_say(Ask.TURN, onto=LinkId(-5)), network) == "turn onto"
