"""
The law: every kind of infraction this world can produce, with its class, weight and source.

Weights are on the scale of the CARLA leaderboard 2.1; they rank nothing by themselves.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Severity(StrEnum):
    """How grave an infraction is."""

    S4 = "S4"
    """Crash or loss of the road."""
    S3 = "S3"
    """Serious breach; that no crash follows is luck."""
    S2 = "S2"
    """Breach of a rule or of the envelope."""
    S1 = "S1"
    """Minor."""
    SURROGATE = "surrogate"
    """A near miss or a conflict: logged with weight 0."""
    COMFORT = "comfort"
    """Logged with weight 0."""
    PURPOSE = "purpose"
    """The purpose of the trip failed."""


class Kind(StrEnum):
    """What was done; the identifier in code and results."""

    COLLISION_VRU = "collision_vru"
    COLLISION_VEHICLE = "collision_vehicle"
    PROVOKED_REAR_END = "provoked_rear_end"
    RUN_OFF = "run_off"
    WRONG_WAY = "wrong_way"
    RED_LIGHT = "red_light"
    STOP_SIGN = "stop_sign"
    FAILURE_TO_YIELD = "failure_to_yield"
    ILLEGAL_TURN = "illegal_turn"
    GORE_CUT = "gore_cut"
    UNSAFE_LANE_CHANGE = "unsafe_lane_change"
    RSS_BREACH = "rss_breach"
    OVER_SPEED = "over_speed"
    TURN_OVER_SPEED = "turn_over_speed"
    UNCAUSED_EMERGENCY_BRAKING = "uncaused_emergency_braking"
    STOP_IN_LIVE_LANE = "stop_in_live_lane"
    ODD_EXIT_UNHANDLED = "odd_exit_unhandled"
    SIGHT_OVERRUN = "sight_overrun"
    YIELD_EMERGENCY_VEHICLE = "yield_emergency_vehicle"
    NEAR_MISS_TTC = "near_miss_ttc"
    NEAR_MISS_PET_DRAC = "near_miss_pet_drac"
    CONFLICT_TTC = "conflict_ttc"
    CONFLICT_PET_DRAC = "conflict_pet_drac"
    HARD_BRAKE = "hard_brake"
    DISCOMFORT = "discomfort"
    TRIP_FAILURE = "trip_failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One row of the taxonomy."""

    id: str
    """Row of the taxonomy; a letter behind it marks a lighter or graver variant."""
    kind: Kind
    severity: Severity
    weight: float
    """Penalty c in the score 1 / (1 + sum of c); the most, where it grows with the breach."""
    source: str


def _table(*rows: tuple[str, Kind, Severity, float, str]) -> dict[str, Article]:
    return {
        row_id: Article(id=row_id, kind=kind, severity=severity, weight=weight, source=source)
        for row_id, kind, severity, weight, source in rows
    }


TAXONOMY: Final = _table(
    ("C1", Kind.COLLISION_VRU, Severity.S4, 1.0, "CARLA 2.1; nuPlan at-fault classes"),
    ("C2", Kind.COLLISION_VEHICLE, Severity.S4, 0.7, "nuPlan at-fault classes; CARLA 2.1"),
    ("C2b", Kind.PROVOKED_REAR_END, Severity.S4, 0.5, "this project; hard-brake event 3 m/s^2"),
    ("C3", Kind.RUN_OFF, Severity.S4, 0.6, "friction circle; CARLA static collision"),
    ("R1", Kind.WRONG_WAY, Severity.S3, 0.7, "nuPlan driving direction, 6 m in 1 s"),
    ("R1h", Kind.WRONG_WAY, Severity.S3, 0.35, "nuPlan driving direction, 2 m in 1 s"),
    ("R2", Kind.RED_LIGHT, Severity.S3, 0.4, "CARLA; ITE yellow, 3.05 m/s^2 after 1 s"),
    ("R3", Kind.STOP_SIGN, Severity.S2, 0.25, "CARLA, 0.1 m/s within 4 m"),
    ("R4", Kind.FAILURE_TO_YIELD, Severity.S3, 0.5, "HCM; SUMO surrogate measures; RSS"),
    ("R5", Kind.ILLEGAL_TURN, Severity.S2, 0.4, "OpenStreetMap restrictions and access"),
    ("R6", Kind.GORE_CUT, Severity.S3, 0.5, "MUTCD gore; length chosen by this project"),
    ("R7", Kind.UNSAFE_LANE_CHANGE, Severity.S3, 0.4, "RSS; SUMO; UN R157"),
    ("R8", Kind.RSS_BREACH, Severity.S2, 0.2, "RSS; arXiv 1708.06374"),
    ("R9", Kind.OVER_SPEED, Severity.S1, 0.4, "nuPlan speed compliance"),
    ("R9m", Kind.OVER_SPEED, Severity.S3, 0.4, "this project: 20 km/h over for 2 s"),
    ("R10", Kind.TURN_OVER_SPEED, Severity.S2, 0.25, "nuPlan lateral comfort bound"),
    ("R10m", Kind.TURN_OVER_SPEED, Severity.S3, 0.4, "this project: 0.85 of the friction"),
    ("R11", Kind.UNCAUSED_EMERGENCY_BRAKING, Severity.S2, 0.25, "UN R157; hard-brake event"),
    ("R12", Kind.STOP_IN_LIVE_LANE, Severity.S3, 0.4, "CARLA blocked; traffic law"),
    ("R13", Kind.ODD_EXIT_UNHANDLED, Severity.S2, 0.25, "SAE J3016; UN R157"),
    ("R14", Kind.SIGHT_OVERRUN, Severity.S2, 0.2, "AASHTO sight distance; RSS occlusion"),
    ("R15", Kind.YIELD_EMERGENCY_VEHICLE, Severity.S3, 0.4, "CARLA 2.1; 5 s are this project's"),
    ("N1", Kind.NEAR_MISS_TTC, Severity.SURROGATE, 0.0, "nuPlan time to collision"),
    ("N2", Kind.NEAR_MISS_PET_DRAC, Severity.SURROGATE, 0.0, "SUMO surrogate measures"),
    ("N1m", Kind.CONFLICT_TTC, Severity.SURROGATE, 0.0, "SUMO surrogate measures, moderate"),
    ("N2m", Kind.CONFLICT_PET_DRAC, Severity.SURROGATE, 0.0, "SUMO measures, moderate"),
    ("N3", Kind.HARD_BRAKE, Severity.SURROGATE, 0.0, "hard-brake event 3 m/s^2"),
    ("N4", Kind.DISCOMFORT, Severity.COMFORT, 0.0, "nuPlan comfort bounds"),
    ("P1", Kind.TRIP_FAILURE, Severity.PURPOSE, 0.4, "CARLA route timeout"),
)
"""Every article by its id."""

GATES: Final = frozenset({"C1", "C2", "C3", "R1"})
"""Articles that fail a drive as a whole, as in nuPlan: contact, loss of the road, wrong way."""

BREACHES: Final = frozenset({Severity.S4, Severity.S3, Severity.S2, Severity.S1})
"""Severities that break a rule; the others only measure."""

SERIOUS: Final = BREACHES - {Severity.S1}
"""Severities of the headline: breaches worse than minor."""
