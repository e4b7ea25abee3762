"""Signs about a sequence of links: what they ban, and what they leave alone."""

import numpy as np
import pytest

from guiderail.maps.compile.compiler import compile_network
from guiderail.maps.elements import Member
from guiderail.maps.network import Ban, Link, RoadNetwork
from guiderail.maps.synthetic.sketch import Sketch

BLOCK_MM = 200_000


def ladder(value: str, *, twice: str = "", tags: dict[str, str] | None = None) -> RoadNetwork:
    """Two northbound and southbound one-way roads and a rung between them, all with stubs."""
    sketch, b = Sketch(), BLOCK_MM
    up = sketch.way([(b, -b), (b, 0)], highway="primary", oneway="yes", name="Up")
    sketch.way([(b, 0), (b, b)], highway="primary", oneway="yes", name="Up on")
    sketch.way([(0, b), (0, 0)], highway="primary", oneway="yes", name="Down")
    down = sketch.way([(0, 0), (0, -b)], highway="primary", oneway="yes", name="Down on")
    rung = sketch.way([(0, 0), (b, 0)], highway="residential", name="Rung")
    sketch.way([(b, 0), (2 * b, 0)], highway="residential", name="East")
    sketch.way([(0, 0), (-b, 0)], highway="residential", name="West")
    sketch.way([(0, b), (b, b)], highway="residential", name="Top")
    sketch.way([(0, -b), (b, -b)], highway="residential", name="Bottom")
    members = [("from", up), ("via", rung), ("to", down)]
    if twice:
        members.append((twice, rung))
    parts = tuple(Member(kind="w", ref=way, role=role) for role, way in members)
    sketch.relation(parts, {"type": "restriction", "restriction": value} | (tags or {}))
    return compile_network(sketch.elements("ladder"))


def named(network: RoadNetwork, name: str, *, to: str = "") -> Link:
    """Link of that name without memory; of two the one that ends where ``to`` begins."""
    starts = {link.from_node for link in network.all_links if link.name == to}
    return next(
        link
        for link in network.all_links
        if link.name == name and not link.against_oneway and (not to or link.to_node in starts)
    )


def drive(network: RoadNetwork, *names: str) -> Ban | None:
    """Follow names from link to link, legally or not; the ban of the last step."""
    link, ban = named(network, names[0], to=names[1]).id, None
    for name in names[1:]:
        turns = network.ways_out(link)
        onto = [t for t in turns if network.link(t.to_link).name == name]
        turn = next(t for t in onto if t.ban is not Ban.WRONG_WAY)
        link, ban = turn.to_link, turn.ban
    return ban


def test_turning_round_over_the_rung_is_banned_and_each_of_its_turns_is_not() -> None:
    network = ladder("no_u_turn")
    assert drive(network, "Up", "Rung", "Down on") is Ban.RESTRICTION
    assert drive(network, "Up", "Rung", "West") is None
    assert drive(network, "East", "Rung", "Down on") is None
    assert network.header["restrictions_applied"] == "1"


def test_without_the_sign_the_same_drive_is_legal() -> None:
    assert drive(ladder("nothing"), "Up", "Rung", "Down on") is None


def test_the_banned_turn_names_its_relation() -> None:
    network = ladder("no_u_turn")
    bans = [t for k in network.all_links for t in network.illegal_turns_from(k.id)]
    assert [t.relation_id for t in bans if t.ban is Ban.RESTRICTION] == [1]


def test_an_only_sign_bans_every_other_way_from_its_first_step_on() -> None:
    network = ladder("only_u_turn")
    assert drive(network, "Up", "Rung", "Down on") is None
    assert drive(network, "Up", "Rung", "West") is Ban.ONLY
    assert drive(network, "Up", "Up on") is Ban.ONLY
    assert drive(network, "East", "Rung", "West") is None


def test_a_timed_sequence_is_banned_at_all_times_and_says_so() -> None:
    network = ladder("no_u_turn", tags={"day_on": "Monday"})
    assert drive(network, "Up", "Rung", "Down on") is Ban.CONDITIONAL


@pytest.mark.parametrize("role", ["from", "to"])
def test_a_sequence_with_two_first_or_last_members_bans_nothing(role: str) -> None:
    network = ladder("no_u_turn", twice=role)
    assert drive(network, "Up", "Rung", "Down on") is None
    assert network.header["restrictions_no_fit"] == "1"


def test_a_copy_is_the_same_asphalt_as_its_link() -> None:
    network = ladder("no_u_turn")
    source, links = network.links.original(), network.links
    (copy,) = np.flatnonzero(source != np.arange(network.link_count)).tolist()
    assert copy == network.link_count - 1
    for column in ("from_node", "to_node", "length_mm", "way_id", "lanes", "speed_mm_s"):
        assert getattr(links, column)[copy] == getattr(links, column)[source[copy]]
