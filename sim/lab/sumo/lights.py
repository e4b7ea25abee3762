"""SUMO's lights: set to our signal plans, and what they show our driver."""

from typing import Any, Final

from guiderail.maps.network import Conflict, Link, LinkId, RoadNetwork
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Light
from guiderail.sim.lab.sumo.paths import Net
from guiderail.sim.world.background.signals import Signals

_LIGHTS: Final = {"r": Light.RED, "y": Light.YELLOW, "g": Light.GREEN, "G": Light.GREEN}
_SIGNS: Final = {Light.RED: "r", Light.YELLOW: "y"}

_Group = tuple[str, str, str] | None
"""Lanes of a connection that a controller rules: from, to, through."""


class Lights:
    """The lights of a running simulation."""

    def __init__(self, sumo: Any, network: RoadNetwork, net: Net, seed: int) -> None:
        self._sumo, self._network, self._net = sumo, network, net
        self._plans = Signals(network, TripSeed(seed, seed ^ 0x5DEECE66D))
        self._states: dict[str, str] = {}
        self._due_ms: dict[str, int] = {}
        """When a controller's lights change next."""
        self._controlled: dict[str, list[_Group]] = {
            tl: [group[0] if group else None for group in sumo.trafficlight.getControlledLinks(tl)]
            for tl in sumo.trafficlight.getIDList()
        }

    def set_to(self, time_ms: int) -> None:
        """Show what the plans say at a time."""
        for tl, groups in self._controlled.items():
            if time_ms < self._due_ms.get(tl, 0):
                continue
            changes = (self._next_change_ms(group, time_ms) for group in groups)
            self._due_ms[tl] = min(changes, default=NOTHING)
            state = "".join(self._sign(group, time_ms) for group in groups)
            if self._states.get(tl) != state:
                self._states[tl] = state
                self._sumo.trafficlight.setRedYellowGreenState(tl, state)

    def _next_change_ms(self, group: _Group, time_ms: int) -> int:
        plan = None if group is None else self._plans.plan(_link_of(group[0]))
        return NOTHING if plan is None else plan.next_change_ms(time_ms)

    def _sign(self, group: _Group, time_ms: int) -> str:
        if group is None:
            return "r"
        link, onto = _link_of(group[0]), _link_of(group[1])
        plan = self._plans.plan(link)
        light = Light.GREEN if plan is None else plan.light(time_ms)
        turn = self._network.turn(link, onto)
        yields = turn is not None and turn.conflict is not Conflict.NONE
        return _SIGNS.get(light, "g" if yields else "G")

    def shown(self, link: Link) -> Light:
        """What SUMO shows at the end of a link."""
        if self._plans.plan(link.id) is None:
            return Light.NONE
        turns = self._network.turns_from(link.id)
        way = next((way for t in turns for way in self._net.ways_of(link.id, t.to_link)), None)
        if way is None or not way.tl:
            return Light.NONE
        state = self._sumo.trafficlight.getRedYellowGreenState(way.tl)
        return _LIGHTS.get(state[way.tl_index], Light.NONE)

    def red_left_ms(self, link: LinkId, time_ms: int) -> int:
        """Time until those who wait at the light of a link may set off [ms]; 0 if none is red."""
        plan, at_ms = self._plans.plan(link), time_ms
        while plan is not None and plan.light(at_ms) is Light.RED:
            at_ms = plan.next_change_ms(at_ms)
        return at_ms - time_ms


def _link_of(lane_id: str) -> LinkId:
    return LinkId(int(lane_id.rpartition("_")[0]))
