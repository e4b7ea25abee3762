"""Words to links and turns on the hand-made town (see conftest)."""

from typing import Any

import pytest

from guiderail.maps.gazetteer import Gazetteer
from guiderail.maps.network import LinkId, Turn, TurnKind
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Ask, Direction, Proposal, Reason
from guiderail.sim.driver.guard.resolve import NAME_LIMIT, Meaning, fits, resolve
from guiderail.sim.driver.planner import Planner


def proposal(ask: Any, **wanted: Any) -> Proposal:
    return Proposal(**({"ask": ask, "seen_ms": 0} | wanted))


@pytest.mark.parametrize(
    "garbage",
    [
        pytest.param(None, id="nothing"),
        pytest.param("turn left", id="a sentence"),
        pytest.param({"ask": "turn", "at": 0}, id="a dictionary"),
        pytest.param(Proposal, id="the class itself"),
        pytest.param(proposal("turn", at=0, onto=1), id="a bare string for what is asked"),
        pytest.param(proposal(None), id="nothing asked"),
        pytest.param(proposal(Ask.TURN), id="a turn nowhere"),
        pytest.param(proposal(Ask.TURN, at=0), id="a turn with no way to turn"),
        pytest.param(proposal(Ask.TURN, onto=1), id="a turn without a place"),
        pytest.param(proposal(Ask.TURN, at="0", onto=1), id="text for a link"),
        pytest.param(proposal(Ask.TURN, at=0, onto=1.0), id="a float for a link"),
        pytest.param(proposal(Ask.TURN, at=True, onto=1), id="a truth for a link"),
        pytest.param(proposal(Ask.TURN, at=0, direction="left"), id="text for a direction"),
        pytest.param(proposal(Ask.TURN, at=0, onto=1, road="Main Street"), id="a field too many"),
        pytest.param(proposal(Ask.TAKE_ROAD), id="no road"),
        pytest.param(proposal(Ask.TAKE_ROAD, road=""), id="an empty name"),
        pytest.param(proposal(Ask.TAKE_ROAD, road=7), id="a number for a name"),
        pytest.param(proposal(Ask.VIA, place="x" * (NAME_LIMIT + 1)), id="an endless name"),
        pytest.param(proposal(Ask.GO_TO, road="Main Street"), id="a road for a place"),
        pytest.param(proposal(Ask.AVOID), id="nothing to avoid"),
        pytest.param(proposal(Ask.AVOID, road="Main Street", onto=1), id="two things to avoid"),
        pytest.param(proposal(Ask.CANCEL, place="School"), id="too much to cancel"),
        pytest.param(proposal(Ask.CANCEL, seen_ms=-1), id="seen before the trip"),
        pytest.param(proposal(Ask.CANCEL, seen_ms=1.0), id="a float for a time"),
    ],
)
def test_whatever_is_no_complete_request_is_malformed(
    garbage: Any, planner: Planner, gazetteer: Gazetteer
) -> None:
    assert resolve(garbage, planner, gazetteer) is Reason.MALFORMED


@pytest.mark.parametrize(
    ("wanted", "to_link"),
    [
        pytest.param({"direction": Direction.LEFT}, 3, id="left: -90, not -30 nor -140 degrees"),
        pytest.param({"direction": Direction.RIGHT}, 4, id="right: 90, not 30 nor 140 degrees"),
        pytest.param({"direction": Direction.STRAIGHT}, 1, id="straight on"),
        pytest.param({"direction": Direction.BACK}, 11, id="back: only by turning round"),
        pytest.param({"onto": 8}, 8, id="a street by itself"),
        pytest.param({"onto": 6}, 6, id="the wrong end of a one-way street is a turn, too"),
        pytest.param({"direction": Direction.RIGHT, "onto": 7}, 7, id="both fit"),
    ],
)
def test_a_turn_is_found_by_its_direction_its_street_or_both(
    planner: Planner, gazetteer: Gazetteer, wanted: dict[str, Any], to_link: int
) -> None:
    meaning = resolve(proposal(Ask.TURN, at=0, **wanted), planner, gazetteer)
    assert isinstance(meaning, Meaning)
    assert meaning.turn == planner.network.turn(LinkId(0), LinkId(to_link))


def test_of_two_turns_of_one_shape_the_legal_one_is_meant(
    planner: Planner, gazetteer: Gazetteer
) -> None:
    meaning = resolve(proposal(Ask.TURN, at=1, direction=Direction.LEFT), planner, gazetteer)
    assert isinstance(meaning, Meaning)
    assert meaning.turn == planner.network.turn(LinkId(1), LinkId(10))


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        pytest.param({"at": 0, "onto": 5}, Reason.NO_SUCH_TURN, id="no way through"),
        pytest.param({"at": 0, "onto": 10**9}, Reason.NO_SUCH_TURN, id="no such street"),
        pytest.param(
            {"at": 0, "onto": 4, "direction": Direction.LEFT},
            Reason.NO_SUCH_TURN,
            id="the street is on the right",
        ),
        pytest.param({"at": 4, "onto": 5}, Reason.NO_SUCH_TURN, id="not on the route"),
        pytest.param({"at": -1, "onto": 5}, Reason.NO_SUCH_TURN, id="nowhere at all"),
        pytest.param({"at": 2, "onto": 5}, Reason.NO_SUCH_TURN, id="the trip ends there"),
    ],
)
def test_a_turn_that_is_not_there_is_named_so(
    planner: Planner, gazetteer: Gazetteer, wanted: dict[str, Any], reason: Reason
) -> None:
    assert resolve(proposal(Ask.TURN, **wanted), planner, gazetteer) is reason


def test_a_turn_already_passed_is_stale(planner: Planner, gazetteer: Gazetteer) -> None:
    planner.enter(LinkId(1), 1_000)
    assert resolve(proposal(Ask.TURN, at=0, onto=3), planner, gazetteer) is Reason.STALE


@pytest.mark.parametrize(
    ("ask", "wanted", "meant"),
    [
        pytest.param(Ask.VIA, {"place": "School"}, ({10}, 20_000), id="a place"),
        pytest.param(Ask.GO_TO, {"place": "Two Doors"}, ({3}, 0), id="two doors on one street"),
        pytest.param(Ask.VIA, {"place": "Twin Shop"}, Reason.AMBIGUOUS_PLACE, id="two shops"),
        pytest.param(Ask.VIA, {"place": "Moon Bar"}, Reason.UNKNOWN_PLACE, id="an invented bar"),
        pytest.param(Ask.GO_TO, {"place": "Town Hall"}, ({2}, NOTHING), id="the goal itself"),
        pytest.param(Ask.GO_TO, {"place": "TOWN-HALL"}, ({2}, NOTHING), id="in other letters"),
        pytest.param(Ask.TAKE_ROAD, {"road": "Main Street"}, ({0, 1, 2}, 0), id="a road"),
        pytest.param(Ask.TAKE_ROAD, {"road": "Moon Road"}, Reason.UNKNOWN_ROAD, id="no road"),
        pytest.param(Ask.AVOID, {"road": "Ring Road"}, ({5}, 0), id="keep off a road"),
        pytest.param(Ask.AVOID, {"onto": 10}, ({10}, 0), id="keep off a link"),
        pytest.param(Ask.AVOID, {"onto": 12}, Reason.UNKNOWN_ROAD, id="one link too far"),
        pytest.param(Ask.AVOID, {"onto": -1}, Reason.UNKNOWN_ROAD, id="a link below all"),
        pytest.param(Ask.CANCEL, {}, (set(), 0), id="never mind"),
    ],
)
def test_names_become_links(
    planner: Planner, gazetteer: Gazetteer, ask: Ask, wanted: dict[str, Any], meant: Any
) -> None:
    meaning = resolve(proposal(ask, **wanted), planner, gazetteer)
    if isinstance(meaning, Reason):
        assert meaning is meant
    else:
        assert (meaning.links, meaning.offset_mm) == meant
        assert meaning.ask is ask


def bend(network_turn: Turn, angle_deg: int, kind: TurnKind) -> Turn:
    """Bend a turn into another shape."""
    values = {name: getattr(network_turn, name) for name in network_turn.__slots__}
    return Turn(**(values | {"angle_cdeg": 100 * angle_deg, "kind": kind}))


@pytest.mark.parametrize(
    ("angle_deg", "kind", "names"),
    [
        (0, TurnKind.STRAIGHT, {Direction.STRAIGHT}),
        (20, TurnKind.STRAIGHT, {Direction.STRAIGHT}),
        (21, TurnKind.MERGE, {Direction.RIGHT}),
        (-21, TurnKind.MERGE, {Direction.LEFT}),
        (15, TurnKind.SLIGHT_RIGHT, {Direction.STRAIGHT, Direction.RIGHT}),
        (5, TurnKind.EXIT, {Direction.STRAIGHT, Direction.RIGHT}),
        (-5, TurnKind.EXIT, {Direction.STRAIGHT, Direction.LEFT}),
        (175, TurnKind.SHARP_RIGHT, {Direction.RIGHT}),
        (175, TurnKind.U_TURN, {Direction.BACK}),
    ],
)
def test_a_turn_may_be_called_what_a_speaker_would_call_it(
    planner: Planner, angle_deg: int, kind: TurnKind, names: set[Direction]
) -> None:
    turn = bend(planner.network.turns_from(LinkId(0))[0], angle_deg, kind)
    assert {direction for direction in Direction if fits(turn, direction)} == names
