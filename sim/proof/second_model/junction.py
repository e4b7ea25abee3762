"""
The approach to a junction, modelled a second time: the numbers that go into its text.

The text, ``prism/junction.prism``, is a program in the language of PRISM. It and the numbers here
follow the documents alone, in other units and steps than the search (1 s, 1 m, 2 m/s); an
import rule keeps both away from driver, world and judge, so two models that agree have not copied
from one another.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from math import isqrt
from typing import Final

from guiderail.sim.contract.errors import KernelError

UNIT_MM_S: Final = 2_000
"""One unit of speed [mm/s]."""
CELL_MM: Final = 1_000
COMFORT_MM_S2: Final = 2_000
"""Lateral acceleration that a turn is planned with."""
BEARABLE_MM_S2: Final = 4_890
"""The most that is no fault (nuPlan)."""
CLAUSES: Final = (
    "no_road",
    "banned_turn",
    "wrong_lane",
    "turn_too_fast",
    "red_light",
    "stop_sign",
    "failure_to_yield",
    "collision",
    "hard_braking",
    "unsafe_lane_change",
)
"""What must never happen: labels of the text."""
MOST_CHANGES: Final = 4
"""Budgets 0 to this are asked about."""

Constants = Mapping[str, int | bool]
_UNDEFINED: Final = re.compile(r"^const (int|bool) (\w+);", re.MULTILINE)


def units(speed_mm_s: int) -> int:
    """Speed in whole units, rounded down."""
    return speed_mm_s // UNIT_MM_S


def through(radius_mm: int, lateral_mm_s2: int) -> int:
    """Speed in a curve, in units, rounded down."""
    return units(isqrt(lateral_mm_s2 * radius_mm))


def street(**values: int | bool) -> Constants:
    """
    Constants of a street of 60 m at 30 km/h with a corner of 8 m radius, nothing else there.

    Raises
    ------
    KernelError
        Where a value is none of the text's.
    """
    corner = 8_000
    plain = {
        "LENGTH": 60,
        "ZONE": 12,
        "LIMIT": units(8_320),
        "AHEAD": units(8_320),
        "AHEAD_TOP": units(8_320),
        "TURN": through(corner, COMFORT_MM_S2),
        "TURN_TOP": through(corner, BEARABLE_MM_S2),
        "LANES": 1,
        "SIGNAL": False,
        "SIGN": False,
        "YIELDS_AHEAD": False,
        "YIELDS_TURN": False,
        "GOAL_TURNS": False,
        "LEADER": True,
        "LOOP_S": 40,
        "K": MOST_CHANGES,
        "UNLIMITED": False,
        "OBEYS": False,
        "FAULT": 0,
    }
    unknown = set(values) - set(plain)
    if unknown:
        raise KernelError(f"no constant of the re-model: {', '.join(sorted(unknown))}")
    return plain | values


JUNCTIONS: Final[dict[str, Constants]] = {
    "signal": street(SIGNAL=True),
    "left_at_signal": street(SIGNAL=True, YIELDS_TURN=True, LEADER=False),
    "stop": street(SIGN=True, YIELDS_AHEAD=True, YIELDS_TURN=True),
    "give_way": street(YIELDS_AHEAD=True, YIELDS_TURN=True),
    "uncontrolled": street(YIELDS_TURN=True),
    "roundabout": street(AHEAD=2, AHEAD_TOP=3, YIELDS_AHEAD=True, YIELDS_TURN=True),
    "two_lanes": street(LANES=2, LENGTH=80, GOAL_TURNS=True),
    "motorway_exit": street(
        LENGTH=330,
        LIMIT=units(22_220),
        AHEAD=units(22_220),
        AHEAD_TOP=units(22_220),
        TURN=units(13_880),
        TURN_TOP=units(13_880) + 1,
        LANES=2,
        GOAL_TURNS=True,
        LEADER=False,
        LOOP_S=75,
    ),
}
"""Every kind of junction. On the motorway there is no car ahead: 120 m of sight at twelve speeds
each are too many states."""


@dataclass(frozen=True, kw_only=True)
class Planted:
    """One mistake that the text can be told to make."""

    number: int
    name: str
    refuted_by: str
    """Label that must become reachable; or ``arrives`` or ``price``."""
    where: Constants


def _planted() -> tuple[Planted, ...]:
    alone = street(LEADER=False, K=1)
    rows: tuple[tuple[str, str, Constants], ...] = (
        ("a turn is accepted however late", "turn_too_fast", alone),
        ("a lane that does not lead there is overlooked", "wrong_lane", _beside(GOAL_TURNS=True)),
        ("a banned turn is accepted", "banned_turn", alone),
        ("a road that is not there is accepted", "no_road", alone),
        ("lanes are changed without a look", "unsafe_lane_change", _beside()),
        ("the car ahead is trusted to brake gently", "collision", street(K=0)),
        ("yellow is taken for green", "red_light", street(SIGNAL=True, LEADER=False, K=0)),
        ("nobody is given way to", "failure_to_yield", street(YIELDS_AHEAD=True, LEADER=False)),
        ("a stop sign is rolled through", "stop_sign", street(SIGN=True, LEADER=False)),
        ("an accepted change costs nothing", "arrives", alone),
        ("everything is refused", "price", alone),
    )
    return tuple(
        Planted(number=k, name=name, refuted_by=label, where={**where, "FAULT": k})
        for k, (name, label, where) in enumerate(rows, start=1)
    )


def _beside(**values: int | bool) -> Constants:
    return street(LANES=2, LENGTH=100, LEADER=False, K=1, **values)


PLANTED: Final = _planted()
"""Every mistake, in the order of the text's own numbers."""


def text(name: str = "junction.prism") -> str:
    """One of the committed files as it is."""
    folder = resources.files("guiderail.sim.proof.second_model").joinpath("prism")
    return folder.joinpath(name).read_text("utf-8")


def program(constants: Constants) -> str:
    """
    Put the numbers into the text.

    Raises
    ------
    KernelError
        Where the text asks for others than are given.
    """
    raw = text()
    asked = {name for _, name in _UNDEFINED.findall(raw)}
    if asked != set(constants):
        wrong = ", ".join(sorted(asked ^ set(constants)))
        raise KernelError(f"the re-model's constants do not fit its text: {wrong}")
    return _UNDEFINED.sub(lambda found: _defined(found, constants), raw)


def _defined(found: re.Match[str], constants: Constants) -> str:
    kind, name = found.groups()
    return f"const {kind} {name} = {str(constants[name]).lower()};"


def spelled(constants: Constants) -> str:
    """Spell the numbers as the command line of Storm takes them (``--constants``)."""
    return ",".join(f"{name}={str(value).lower()}" for name, value in constants.items())
