"""Each rule for turn restrictions on a crossing small enough to check by eye."""

import pytest

from guiderail.maps.compile.compiler import compile_network
from guiderail.maps.elements import Member
from guiderail.maps.network import Ban, RoadNetwork
from guiderail.maps.synthetic.networks import ARMS, arm_link, crossing
from guiderail.maps.synthetic.sketch import Sketch


def ban(network: RoadNetwork, arm_from: str, arm_to: str) -> Ban | None:
    """Why one may not go from arm to arm; None if one may."""
    turn = network.turn(
        arm_link(network, arm_from, inward=True), arm_link(network, arm_to, inward=False)
    )
    assert turn is not None
    return turn.ban


def bans_from(network: RoadNetwork, arm: str) -> dict[str, Ban | None]:
    return {other: ban(network, arm, other) for other in ARMS}


def counts(network: RoadNetwork) -> dict[str, int]:
    fates = ("applied", "unresolved", "unsupported", "exempt")
    return {fate: n for fate in fates if (n := int(network.header[f"restrictions_{fate}"]))}


def test_without_signs_only_turning_round_is_banned_at_a_crossing() -> None:
    network = crossing()
    assert bans_from(network, "south") == {
        "north": None,
        "east": None,
        "south": Ban.U_TURN,
        "west": None,
    }


def test_a_no_left_turn_sign_bans_that_turn_and_no_other() -> None:
    network = crossing(restrictions=[("no_left_turn", "south", "west")])
    assert bans_from(network, "south")["west"] is Ban.RESTRICTION
    assert bans_from(network, "south")["north"] is None
    assert ban(network, "north", "east") is None
    assert counts(network) == {"applied": 1}


def test_an_only_sign_bans_all_other_turns_the_u_turn_included() -> None:
    network = crossing(restrictions=[("only_straight_on", "south", "north")])
    assert bans_from(network, "south") == {
        "north": None,
        "east": Ban.ONLY,
        "south": Ban.ONLY,
        "west": Ban.ONLY,
    }


def test_an_only_sign_whose_turn_does_not_exist_bans_nothing() -> None:
    network = crossing(
        oneway={"north": "in"}, restrictions=[("only_straight_on", "south", "north")]
    )
    assert bans_from(network, "south")["east"] is None
    assert counts(network) == {"unresolved": 1}


def test_two_only_signs_leave_both_turns_they_name() -> None:
    signs = [("only_straight_on", "south", "north"), ("only_right_turn", "south", "east")]
    network = crossing(restrictions=signs)
    assert [ban(network, "south", arm) for arm in ("north", "east", "west")] == [
        None,
        None,
        Ban.ONLY,
    ]


def test_a_no_u_turn_sign_names_the_relation_that_bans_turning_round() -> None:
    network = crossing(restrictions=[("no_u_turn", "south", "south")])
    inward = arm_link(network, "south", inward=True)
    turn = network.turn(inward, network.link(inward).reverse)
    assert turn is not None
    assert (turn.ban, turn.relation_id) == (Ban.RESTRICTION, 1)


def test_only_u_turn_makes_turning_round_legal() -> None:
    network = crossing(restrictions=[("only_u_turn", "south", "south")])
    assert bans_from(network, "south")["south"] is None
    assert bans_from(network, "south")["north"] is Ban.ONLY


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        pytest.param({"restriction": "no_left_turn", "except": "psv"}, Ban.RESTRICTION, id="buses"),
        pytest.param({"restriction": "no_left_turn", "except": "no"}, Ban.RESTRICTION, id="nobody"),
        pytest.param({"restriction": "no_left_turn", "except": "motorcar;psv"}, None, id="cars"),
        pytest.param({"restriction": "no_left_turn", "except": "vehicle"}, None, id="vehicles"),
        pytest.param({"restriction:hgv": "no_left_turn"}, None, id="lorries only"),
        pytest.param({"restriction:motorcar": "no_left_turn"}, Ban.RESTRICTION, id="cars only"),
        pytest.param(
            {"restriction:conditional": "no_left_turn @ (Mo-Fr 07:00-09:00)"},
            Ban.CONDITIONAL,
            id="at times",
        ),
    ],
)
def test_a_sign_counts_when_it_is_meant_for_cars(
    tags: dict[str, str], expected: Ban | None
) -> None:
    network = crossing(restrictions=[(tags, "south", "west")])
    assert ban(network, "south", "west") is expected


def test_the_most_specific_key_wins() -> None:
    tags = {"restriction": "no_left_turn", "restriction:motorcar": "no_right_turn"}
    network = crossing(restrictions=[(tags, "south", "east")])
    assert ban(network, "south", "east") is Ban.RESTRICTION


def cross_of_two_ways(*signs: tuple[str, int, int]) -> RoadNetwork:
    """Two roads that pass through each other uncut: way 1 to the north, way 2 to the east."""
    sketch = Sketch()
    for line in ([(0, -400_000), (0, 0), (0, 400_000)], [(-400_000, 0), (0, 0), (400_000, 0)]):
        sketch.way(line, highway="secondary", name=f"Way {len(line)}")
    for value, way_from, way_to in signs:
        sketch.restriction(value, way_from, (0, 0), way_to)
    return compile_network(sketch.elements("cross"))


def test_a_way_that_passes_through_is_never_banned_in_both_directions() -> None:
    network = cross_of_two_ways(("no_left_turn", 1, 2))
    # Left from way 1 onto way 2 exists twice, northbound and southbound: which one is meant?
    assert counts(network) == {"unresolved": 1}


def test_the_named_direction_chooses_the_segment_when_one_end_is_fixed() -> None:
    sketch = Sketch()
    south = sketch.way([(0, -400_000), (0, 0)], highway="secondary")
    across = sketch.way([(-400_000, 0), (0, 0), (400_000, 0)], highway="secondary")
    sketch.restriction("no_left_turn", south, (0, 0), across)
    network = compile_network(sketch.elements("t junction"))
    banned = [
        turn.angle_cdeg
        for link in network.all_links
        for turn in network.illegal_turns_from(link.id)
        if turn.ban is Ban.RESTRICTION
    ]
    assert banned == [-9_000]


def test_no_entry_may_name_several_origins() -> None:
    sketch = Sketch()
    sketch.node((0, 0))
    ways = [
        sketch.way([end, (0, 0)], highway="secondary")
        for end in [(0, 400_000), (400_000, 0), (0, -400_000)]
    ]
    members = (
        Member(kind="w", ref=ways[0], role="from"),
        Member(kind="w", ref=ways[1], role="from"),
        Member(kind="n", ref=1, role="via"),
        Member(kind="w", ref=ways[2], role="to"),
    )
    for value in ("no_entry", "no_right_turn"):
        sketch.relation(members, {"type": "restriction", "restriction": value})
    network = compile_network(sketch.elements("y"))
    assert counts(network) == {"applied": 1, "unresolved": 1}
    signed = [
        t for k in network.all_links for t in network.illegal_turns_from(k.id) if t.relation_id
    ]
    assert [(network.link(t.from_link).way_id, network.link(t.to_link).way_id) for t in signed] == [
        (1, 3),
        (2, 3),
    ]


def test_a_member_that_the_extract_lacks_is_counted_and_bans_nothing() -> None:
    sketch = Sketch()
    way = sketch.way([(0, -400_000), (0, 0)], highway="secondary")
    sketch.restriction("no_left_turn", way, (0, 0), 4_711)
    network = compile_network(sketch.elements("clipped"))
    assert counts(network) == {"unresolved": 1}


def test_the_town_counts_the_fate_of_each_of_its_nine_relations(the_town: RoadNetwork) -> None:
    # Drawn: 4 signs and 1 conditional sign for cars, 2 not for cars, 1 via a way, 1 onto nothing.
    assert counts(the_town) == {"applied": 6, "exempt": 2, "unresolved": 1}
