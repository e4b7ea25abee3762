"""What a guide and a driver must offer; who implements them is a stranger to the others."""

from typing import Protocol, runtime_checkable

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.messages import (
    Advice,
    Command,
    Observation,
    Perception,
    Proposal,
    Verdict,
)
from guiderail.sim.contract.trace import Missed, Rerouted


@runtime_checkable
class Guide(Protocol):
    """
    Anything that may speak to the car; it holds no reference to the vehicle.

    One that answers by its questions so far, and by nothing else, may declare
    ``repeatable = True``: a trip on which it would say what was said before is not driven again.
    """

    name: str

    def advise(self, seen: Observation) -> Advice | None:
        """Say at most one thing, or nothing."""
        ...


class GuideMaker(Protocol):
    """
    What the entry-point group ``guiderail.guides`` names: makes one guide for one trip.

    ``closed`` is the truth about closures; only an oracle, or a synthetic guide that must know the
    truth to miss it on purpose, may look at it. ``rate`` is the share of utterances that are wrong,
    in [0, 1].
    """

    def __call__(
        self, network: RoadNetwork, seed: TripSeed, *, closed: frozenset[LinkId], rate: float
    ) -> Guide:
        """Make the guide."""
        ...


class Driver(Protocol):
    """Whoever holds the dynamic driving task of one trip."""

    name: str

    def hear(self, proposal: Proposal, seen: Perception) -> Verdict:
        """Answer a proposal, and adopt it if accepted."""
        ...

    def command(self, seen: Perception) -> Command:
        """Decide what to do in the next tick."""
        ...

    def route(self) -> tuple[LinkId, ...]:
        """Planned links, the current one first, the goal last."""
        ...

    def remaining_ms(self) -> int:
        """Predicted free-flow time to the goal along the route."""
        ...

    def news(self) -> list[Missed | Rerouted]:
        """Hand over, once, what happened to the plan since the last call."""
        ...
