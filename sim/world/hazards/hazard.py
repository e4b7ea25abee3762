"""What a hazard of the world is: a process that meets the ego, moves, may touch it, and records."""

from guiderail.maps.network import Turn
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Command
from guiderail.sim.contract.trace import Trace
from guiderail.sim.world.approach import Approach
from guiderail.sim.world.ego import Ego
from guiderail.sim.world.setting import Setting
from guiderail.sim.world.traffic.neighbors import Neighbors


class Hazard:
    """
    One kind of hazard during one trip.

    It reads the ego, moves what is its own in ``state``, and may send a neighbor away. Every method
    has a default that does nothing; the order in which they are called is that of ``World.step``.
    """

    name = ""
    """Key of what it records in ``Trace.hazards``."""
    state: object = None
    """Everything that changes during the trip, as data that can be printed and compared."""

    def __init__(self, setting: Setting, ego: Ego, neighbors: Neighbors, trace: Trace) -> None:
        self.setting = setting
        self.ego = ego
        self.neighbors = neighbors
        self.trace = trace

    @classmethod
    def exists(cls, setting: Setting) -> bool:
        """Whether there is any on this trip."""
        del setting
        return True

    def enter(self, time_ms: int, *, goes_on: bool) -> None:
        """Take note that the ego has come onto its link; ``goes_on``: a mere cut in the road."""

    def pass_node(self, turn: Turn, inside_mm: int, time_ms: int) -> None:
        """Take note that the ego is in a junction, so far beyond the node."""

    def meet(self, approach: Approach, command: Command, time_ms: int) -> None:
        """Take note of what the ego is about to do, before its driver looks."""

    def move(self, moved_mm: int, command: Command, time_ms: int) -> None:
        """Drive or walk one tick; the ego has moved so far, and its place is not yet updated."""

    def act(self, time_ms: int) -> None:
        """Do what depends on where the ego is at the end of the tick."""

    def end(self, time_ms: int) -> None:
        """Take note that the trip is over."""

    def skip(self) -> None:
        """Take note that ticks are skipped while the ego stands."""

    def rests(self) -> bool:
        """Whether nothing of it can move while the ego stands, so that ticks may be skipped."""
        return True

    def touches(self) -> bool:
        """Whether the ego touches it now: by where both are, never by a draw."""
        return False

    def ahead_mm(self) -> int:
        """Road to what the driver sees standing in its way on this link; NOTHING for none."""
        return NOTHING

    def record(self, time_ms: int) -> tuple[int, ...]:
        """Row of ``Trace.hazards``, without the time; empty where there is nothing to tell."""
        del time_ms
        return ()
