"""The closed lists of what roads, signs and turns may be, as the tables number them."""

from enum import IntEnum


class RoadClass(IntEnum):
    """Functional class of a road, as OpenStreetMap's ``highway`` values rank them."""

    MOTORWAY = 0
    TRUNK = 1
    PRIMARY = 2
    SECONDARY = 3
    TERTIARY = 4
    UNCLASSIFIED = 5
    RESIDENTIAL = 6
    LIVING_STREET = 7


class Control(IntEnum):
    """What rules at the end of a link."""

    NONE = 0
    SIGNAL = 1
    STOP = 2
    GIVE_WAY = 3


class TurnKind(IntEnum):
    """Shape of a turn as a speaker would name it."""

    STRAIGHT = 0
    SLIGHT_LEFT = 1
    LEFT = 2
    SHARP_LEFT = 3
    SLIGHT_RIGHT = 4
    RIGHT = 5
    SHARP_RIGHT = 6
    U_TURN = 7
    EXIT = 8
    MERGE = 9


class Conflict(IntEnum):
    """
    Whom a turn must let pass.

    Movement names of the Highway Capacity Manual, mirrored where people drive on the left.
    """

    NONE = 0
    LEFT_FROM_MAJOR = 1
    """Crosses the oncoming stream; also on green without an arrow."""
    U_TURN = 2
    RIGHT_FROM_MINOR = 3
    THROUGH_FROM_MINOR = 4
    LEFT_FROM_MINOR = 5
    ROUNDABOUT_ENTRY = 6


class Ban(IntEnum):
    """Why a turn is illegal."""

    RESTRICTION = 1
    """A ``no_*`` sign."""
    ONLY = 2
    """An ``only_*`` sign names another turn."""
    WRONG_WAY = 3
    """Leads against a one-way street."""
    U_TURN = 4
    """Turning round is not allowed here."""
    NO_ACCESS = 5
    """The road is closed to this car (private, agricultural, barrier)."""
    CONDITIONAL = 6
    """Banned at certain times only; treated as always."""
