"""
Junctions small enough to be searched whole, one of each kind, each with a way back to try again.

Drawn here and compiled like any map. The car comes from the south and its goal lies straight on;
whatever else it is talked into, the ring brings it back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from guiderail.maps.compile.compiler import compile_network
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing import RouteOracle
from guiderail.maps.synthetic.networks import arm_link, crossing
from guiderail.maps.synthetic.sketch import Sketch
from guiderail.sim.contract.messages import Ask, Direction, Proposal

ARM_MM: Final = 60_000
SPEED_KMH: Final = 30
NOWHERE: Final = LinkId(-1)
NOW_MS: Final = 600_000
"""The one moment at which everything is said: the rules know only differences of time."""


@dataclass(frozen=True)
class Site:
    """One junction, where trips to it start and end, and what may be said there."""

    kind: str
    network: RoadNetwork
    origin: LinkId
    goal: LinkId
    roads: tuple[str, ...]
    """Names that words are made of."""
    approach: frozenset[LinkId] = frozenset()
    """Links that belong to the junction, from the origin on."""
    decides: LinkId = NOWHERE
    """Link from which the choice is made, on the way to the goal."""

    @cached_property
    def routes(self) -> RouteOracle:
        """Trees of this map."""
        return RouteOracle(self.network)

    @property
    def goal_mm(self) -> int:
        """The goal lies in the middle of its link."""
        return self.network.link(self.goal).length_mm // 2

    def words(self, link: LinkId) -> tuple[Proposal | None, ...]:
        """Everything a guide may say to a car on a link; None is silence."""
        if link not in self._words:
            self._words[link] = self._all_words(link)
        return self._words[link]

    @cached_property
    def _words(self) -> dict[LinkId, tuple[Proposal | None, ...]]:
        return {}

    def _all_words(self, link: LinkId) -> tuple[Proposal | None, ...]:
        network = self.network
        turns = network.ways_out(link)
        said = [_say(Ask.TURN, at=link, onto=turn.to_link) for turn in turns]
        said += [_say(Ask.TAKE_ROAD, road=road) for road in self.roads]
        said += [_say(Ask.AVOID, road=road) for road in self.roads]
        said.append(_say(Ask.TURN, at=self.origin, direction=Direction.LEFT))
        return (None, *said, _say(Ask.CANCEL))


def _say(ask: Ask, **wanted: object) -> Proposal:
    return Proposal(ask=ask, seen_ms=NOW_MS, **wanted)  # type: ignore[arg-type]


def _crossing(control: str) -> Callable[[], Site]:
    def draw() -> Site:
        network = crossing(control=control, has_ring=True, arm_mm=ARM_MM, speed_kmh=SPEED_KMH)
        origin = arm_link(network, "south", inward=True)
        goal = arm_link(network, "north", inward=False)
        return Site(
            _KINDS[control], network, origin, goal, ("East Road",), frozenset({origin}), origin
        )

    return draw


_KINDS: Final = {
    "signal": "signal",
    "stop": "stop",
    "give_way": "give_way",
    "none": "uncontrolled",
}


def _street(sketch: Sketch, points: list[tuple[int, int]], name: str, **tags: str) -> None:
    plain = {"highway": "secondary", "maxspeed": str(SPEED_KMH), "lanes": "2"}
    sketch.way(points, name=name, **{**plain, **tags})


def _roundabout() -> Site:
    sketch = Sketch()
    r, d, far = 14_000, 10_000, ARM_MM
    circle = [(0, -r), (d, -d), (r, 0), (d, d), (0, r), (-d, d), (-r, 0), (-d, -d), (0, -r)]
    _street(sketch, circle, "Circle", junction="roundabout", oneway="yes", lanes="1")
    arms = {"South Road": (0, -1), "East Road": (1, 0), "North Road": (0, 1), "West Road": (-1, 0)}
    for name, (x, y) in arms.items():
        _street(sketch, [(x * far, y * far), (x * r, y * r)], name)
    corners = [(0, -far), (far, -far), (far, 0), (far, far), (0, far), (-far, far), (-far, 0)]
    _street(sketch, [*corners, (-far, -far), (0, -far)], "Ring Road", highway="residential")
    network = compile_network(sketch.elements("roundabout"))
    origin = _link(network, "South Road", towards=(0, -r))
    goal = _link(network, "North Road", towards=(0, far))
    circle_links = {link.id for link in network.all_links if link.is_roundabout}
    approach = frozenset({origin, *circle_links})
    first = network.turns_from(origin)[0].to_link
    return Site("roundabout", network, origin, goal, ("East Road",), approach, first)


def _motorway() -> Site:
    sketch = Sketch()
    far, gore, end = 0, 330_000, 480_000
    lane = {"highway": "motorway", "oneway": "yes", "lanes": "2", "maxspeed": "80"}
    ramp = {"highway": "motorway_link", "oneway": "yes", "lanes": "1", "maxspeed": "50"}
    _street(sketch, [(0, far), (0, gore)], "M1", **lane)
    _street(sketch, [(0, gore), (0, end)], "M1", **lane)
    _street(sketch, [(0, gore), (12_000, gore + 60_000), (40_000, gore + 110_000)], "Exit", **ramp)
    back = {"oneway": "yes", "lanes": "1", "maxspeed": "50"}
    _street(sketch, [(40_000, gore + 110_000), (60_000, gore), (60_000, -40_000)], "Back", **back)
    _street(sketch, [(60_000, -40_000), (0, -40_000), (0, far)], "Back", **back)
    _street(sketch, [(0, end), (40_000, gore + 110_000)], "Over", **back)
    network = compile_network(sketch.elements("motorway"))
    origin = _link(network, "M1", towards=(0, gore))
    goal = _link(network, "M1", towards=(0, end))
    return Site("motorway_exit", network, origin, goal, ("Exit",), frozenset({origin}), origin)


def _link(network: RoadNetwork, name: str, *, towards: tuple[int, int]) -> LinkId:
    """Legal link of a name that ends at a point."""
    nodes = network.nodes
    return next(
        link.id
        for link in network.all_links
        if link.name == name
        and not link.against_oneway
        and (nodes.x_mm[link.to_node], nodes.y_mm[link.to_node]) == towards
    )


SITES: Final[dict[str, Callable[[], Site]]] = {
    "signal": _crossing("signal"),
    "stop": _crossing("stop"),
    "give_way": _crossing("give_way"),
    "uncontrolled": _crossing("none"),
    "roundabout": _roundabout,
    "motorway_exit": _motorway,
}
"""Every kind of junction, by name."""
