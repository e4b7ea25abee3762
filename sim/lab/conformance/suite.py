"""
The conformance suite: messages in described situations and the verdict that each must get.

The data names a small map as points and ways, and situations on it, so that an implementation in
any language can build the same; the expected verdicts are reasoned from the rules, case by case
(``why``). Link ids depend on the implementation: a message writes ``<south_in>`` where the id of
that link belongs.
"""

import base64
import json
import re
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, fields
from functools import cached_property
from importlib import resources
from typing import Any, Final

from guiderail.maps.compile.compiler import compile_network
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing import RouteOracle
from guiderail.maps.synthetic.sketch import Sketch
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Light, Observation, Perception, Verdict
from guiderail.sim.contract.ports import Driver
from guiderail.sim.contract.trip import Trip
from guiderail.sim.driver.arms import make_driver
from guiderail.sim.driver.guard.budget import Budget
from guiderail.sim.wire.reader import hear

Parts = dict[str, Any]
Answer = tuple[str, str]
"""Decision and reason; two empty words for a message without a proposal."""

OCCASIONS_APART_MS: Final = 300_000
"""Time between two situations that one guide is shown [ms]: nothing is busy or stale by then."""


def answer_of(verdict: Verdict | None) -> Answer:
    """Decision and reason as the suite writes them."""
    return ("", "") if verdict is None else (verdict.decision.value, verdict.reason.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageCase:
    """One message and the verdict that it must get."""

    id: str
    why: str
    """The rule that the expectation follows from."""
    situation: str
    message: bytes
    """With ``<link>`` names, where it has any."""
    before: tuple[bytes, ...]
    """Messages heard just before, in the same situation."""
    expected: Answer
    label: str
    """``malformed:FLAW`` where it cannot be read at all, else empty."""

    def asked(self) -> Parts:
        """The messages as they are put to another implementation, bytes in base64."""
        return {
            "before": [base64.b64encode(one).decode() for one in self.before],
            "message": base64.b64encode(self.message).decode(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TripCase:
    """One whole trip."""

    id: str
    map: str
    seed: int
    trip: int
    conditions: Parts


class Situation:
    """A car somewhere on the suite's map, with the shipped driver at the wheel."""

    def __init__(self, parts: Parts, sheet: "Sheet") -> None:
        self._parts = parts
        self._sheet = sheet
        car = parts["car"]
        self.link = sheet.link(car["link"])
        self._s_mm = sheet.network.link(self.link).length_mm - int(car["distance_to_node_mm"])
        self._goal = sheet.link(parts["goal"]["link"])

    def driver(self) -> Driver:
        """Put a fresh guarded driver where the car is."""
        return make_driver(
            "guarded", self._sheet.network, self._sheet.routes, self._trip(), self._budget()
        )

    def heard(self, message: bytes, before: Iterable[bytes] = ()) -> tuple[Verdict | None, str]:
        """Verdict and label that the shipped reader and guard give, after what was heard before."""
        driver = self.driver()
        seen = self.observation(driver)
        for earlier in before:
            self._hear(driver, self._sheet.filled(earlier), seen)
        return self._hear(driver, self._sheet.filled(message), seen)

    def _hear(self, driver: Driver, raw: bytes, seen: Observation) -> tuple[Verdict | None, str]:
        advice = hear(raw, seen)
        if advice is None or advice.proposal is None:
            return None, ""
        return driver.hear(advice.proposal, self.perception()), advice.label

    def observation(
        self, driver: Driver, verdicts: tuple[Verdict, ...] = (), occasion: int = 0
    ) -> Observation:
        """What a guide is shown here."""
        car = self._parts["car"]
        return Observation(
            time_ms=self._parts["time_ms"] + occasion * OCCASIONS_APART_MS,
            occasion=occasion,
            link=self.link,
            distance_to_node_mm=car["distance_to_node_mm"],
            speed_mm_s=car["speed_mm_s"],
            lane=car["lane"],
            route=driver.route(),
            goal=self._goal,
            goal_name=self._parts["goal"]["name"],
            eta_ms=driver.remaining_ms(),
            reported_closed=frozenset(),
            verdicts=verdicts,
        )

    def perception(self, occasion: int = 0) -> Perception:
        """What the driver perceives here: a clear road but for what is said of it."""
        car, behind = self._parts["car"], self._parts.get("follower")
        known = fields(Perception)
        values: Parts = {one.name: 0 if one.default is MISSING else one.default for one in known}
        values |= {one.name: NOTHING for one in known if one.name.endswith("gap_mm")}
        values |= {
            "time_ms": self._parts["time_ms"] + occasion * OCCASIONS_APART_MS,
            "link": self.link,
            "s_mm": self._s_mm,
            "lane": car["lane"],
            "target_lane": car["lane"],
            "speed_mm_s": car["speed_mm_s"],
            "light": Light.NONE,
            "next_light": Light.NONE,
            "priority_ms": (),
            "barrier_mm": NOTHING,
            "closed": frozenset(map(self._sheet.link, self._parts.get("closed", ()))),
            "friction_permille": self._parts.get("friction_permille", 800),
        }
        if behind is not None:
            values |= {
                "follower_gap_mm": behind["gap_mm"],
                "follower_speed_mm_s": behind["speed_mm_s"],
            }
        return Perception(**values)

    def _trip(self) -> Trip:
        goal = self._parts["goal"]
        return Trip(
            seed=TripSeed(1, 2),
            origin=self.link,
            origin_mm=self._s_mm,
            goal=self._goal,
            goal_mm=self._sheet.network.link(self._goal).length_mm // 2,
            goal_name=goal["name"],
        )

    def _budget(self) -> Budget:
        return Budget(**self._parts.get("budget", {}))


class Sheet:
    """The suite's map, compiled, with its links by name."""

    def __init__(self, parts: Parts) -> None:
        sketch = Sketch()
        ways = [sketch.way(map(tuple, way["points"]), **way["tags"]) for way in parts["ways"]]
        for place in parts["places"]:
            sketch.lone_node(tuple(place["point"]), **place["tags"])
        for rule in parts["restrictions"]:
            from_way, to_way = ways[rule["from_way"]], ways[rule["to_way"]]
            sketch.restriction(rule["value"], from_way, tuple(rule["via"]), to_way)
        self.network: RoadNetwork = compile_network(sketch.elements("suite"))
        self.routes = RouteOracle(self.network)
        self._ends = {name: (tuple(a), tuple(b)) for name, (a, b) in parts["links"].items()}

    def link(self, name: str) -> LinkId:
        """Id of a link by its name in the suite."""
        return self._by_name[name]

    def filled(self, message: bytes) -> bytes:
        """Message with link names replaced by ids."""

        def number(found: "re.Match[bytes]") -> bytes:
            link = self._by_name.get(found[1].decode())
            return found[0] if link is None else str(link).encode()

        return re.sub(rb"<([a-z_]+)>", number, message)

    @cached_property
    def _by_name(self) -> dict[str, LinkId]:
        nodes = self.network.nodes
        at = list(zip(nodes.x_mm.tolist(), nodes.y_mm.tolist(), strict=True))
        ends = {(at[link.from_node], at[link.to_node]): link.id for link in self.network.all_links}
        return {name: ends[pair] for name, pair in self._ends.items()}


class Suite:
    """Everything in the data file."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        """The data file as it is."""
        self.sheet = Sheet(parts["map"])
        self.situations = {
            name: Situation(one, self.sheet) for name, one in parts["situations"].items()
        }
        self.cases = tuple(map(_case, parts["cases"]))
        self.trips = tuple(TripCase(**one) for one in parts["trips"])


def load_suite() -> Suite:
    """Read the suite that is shipped."""
    file = resources.files("guiderail.sim.lab.conformance").joinpath("conformance.json")
    return Suite(json.loads(file.read_text("utf-8")))


def _case(parts: Parts) -> MessageCase:
    return MessageCase(
        id=parts["id"],
        why=parts["why"],
        situation=parts["situation"],
        message=_bytes(parts),
        before=tuple(text.encode() for text in parts.get("before", ())),
        expected=(parts.get("decision") or "", parts.get("reason") or ""),
        label=parts.get("label", ""),
    )


def _bytes(parts: Parts) -> bytes:
    """Text as UTF-8, or bytes that are no text; ``times`` repeats what is long."""
    raw = parts["message"].encode() if "message" in parts else base64.b64decode(parts["base64"])
    return bytes(raw * int(parts.get("times", 1)))
