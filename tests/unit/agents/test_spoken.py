"""A person's words through the fixed grammar."""

import pytest

from guiderail.agents.spoken import understand
from guiderail.maps.io import load_map
from guiderail.maps.network import LinkId
from guiderail.sim.contract.messages import Ask, Direction, Proposal

TOWN = load_map("town")
AT = LinkId(0)


def said(text: str) -> Proposal | None:
    return understand(text, TOWN, AT, 1_000)


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("turn left", "left"),
        ("Right!", "right"),
        ("go straight on", "straight"),
        ("turn around", "back"),
    ],
)
def test_a_turn_is_meant_at_the_next_junction(text: str, side: str) -> None:
    turn = Proposal(ask=Ask.TURN, seen_ms=1_000, at=AT, direction=Direction(side))
    assert said(text) == turn


def test_names_go_to_the_driver_as_they_are_said() -> None:
    assert said("take Ring Motorway") == Proposal(
        ask=Ask.TAKE_ROAD, seen_ms=1_000, road="Ring Motorway"
    )
    assert said("avoid Ring Motorway") == Proposal(
        ask=Ask.AVOID, seen_ms=1_000, road="Ring Motorway"
    )
    assert said("via Café Central") == Proposal(ask=Ask.VIA, seen_ms=1_000, place="Café Central")
    assert said("go to  Atlantis.") == Proposal(ask=Ask.GO_TO, seen_ms=1_000, place="Atlantis")
    assert said("never mind") == Proposal(ask=Ask.CANCEL, seen_ms=1_000)


def test_a_turn_into_a_street_that_is_there_names_its_link() -> None:
    turn = next(turn for turn in TOWN.turns_from(AT) if TOWN.link(turn.to_link).name)
    proposal = said(f"turn left into {TOWN.link(turn.to_link).name.upper()}")
    assert proposal is not None
    assert proposal.onto is not None
    assert TOWN.link(proposal.onto).name == TOWN.link(turn.to_link).name


@pytest.mark.parametrize("text", ["", "brake", "brake=false", "Nice weather", "left " * 500])
def test_what_is_no_request_is_talk(text: str) -> None:
    assert said(text) is None
