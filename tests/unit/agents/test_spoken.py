"""A person's words through the fixed grammar."""

import pytest

from guiderail.agents.spoken import Spoken, understand
from guiderail.maps.library.load import load_map
from guiderail.maps.network import LinkId, TurnKind
from guiderail.maps.routing import RouteOracle
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.messages import Advice, Ask, Direction, Observation, Proposal

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


def lefts_along(route: tuple[LinkId, ...]) -> list[LinkId]:
    """Links of a route at whose end one may turn left, counted by hand from the angles."""
    return [
        link
        for link in route[:-1]
        if any(-13_000 < turn.angle_cdeg < -5_000 for turn in TOWN.turns_from(link))
    ]


@pytest.mark.parametrize(
    ("words", "count"),
    [("Take the second left.", 2), ("the next left", 1), ("turn at the 3rd left turn", 3)],
)
def test_turns_are_counted_along_the_planned_route(words: str, count: int) -> None:
    grid = [link for link in TOWN.all_links if link.in_world and link.name == "Mill Lane"]
    oracle = RouteOracle(TOWN)
    routes = [oracle.tree(LinkId(goal)).route(grid[0].id) for goal in range(0, 120, 7)]
    route = next(one for one in routes if len(lefts_along(one)) > 3)
    said_turn = understand(words, TOWN, route[0], 1_000, route)
    assert said_turn is not None
    assert (said_turn.ask, said_turn.direction) == (Ask.TURN, Direction.LEFT)
    assert said_turn.at == lefts_along(route)[count - 1]


def test_the_next_exit_is_that_of_the_motorway() -> None:
    exits = [
        turn
        for link in TOWN.all_links
        for turn in TOWN.turns_from(link.id)
        if turn.kind is TurnKind.EXIT and link.in_world
    ]
    on = next(
        turn for turn in TOWN.turns_from(exits[0].from_link) if turn.kind is not TurnKind.EXIT
    )
    route = (exits[0].from_link, on.to_link)
    found = understand("take the next exit", TOWN, route[0], 1_000, route)
    assert found is not None
    assert (found.at, found.onto) == (exits[0].from_link, exits[0].to_link)


def test_more_turns_than_the_route_has_are_no_proposal() -> None:
    assert understand("take the fourth left", TOWN, AT, 1_000, (AT,)) is None


def test_a_street_named_after_a_number_is_a_street() -> None:
    assert said("take Second Avenue") == Proposal(
        ask=Ask.TAKE_ROAD, seen_ms=1_000, road="Second Avenue"
    )


def advice(seen: Observation, meant: str) -> Advice:
    script = [(9_000, "to the left, if you please", LinkId(3), meant)]
    guide = Spoken(TOWN, TripSeed(1, 2), closed=frozenset[LinkId](), rate=0.0, script=script)
    said = guide.advise(seen)
    assert said is not None
    return said


def test_what_an_interpreter_made_of_a_line_counts_in_its_place(approaching: Observation) -> None:
    said = advice(
        approaching, '{"words": "Left.", "proposal": {"ask": "turn", "direction": "left"}}'
    )
    assert (said.words, said.latency_ms) == ("to the left, if you please", 4_000)
    assert said.proposal == Proposal(
        ask=Ask.TURN, seen_ms=9_000, at=LinkId(3), direction=Direction.LEFT
    )


def test_an_interpreter_may_find_no_request(approaching: Observation) -> None:
    assert advice(approaching, '{"words": "What?"}').proposal is None
    assert advice(approaching, "{}").words == "to the left, if you please"


def test_what_no_strict_reader_takes_is_refused_like_that_of_any_guide(
    approaching: Observation,
) -> None:
    said = advice(approaching, '{"proposal": {"ask": "brake"}}')
    assert said.label == "malformed:unknown_word"
    assert said.proposal == Proposal(ask=Ask.TURN, seen_ms=9_000)
