"""Messages of the suite, and a moment of a trip."""

import pytest

from guiderail.maps.network import LinkId
from guiderail.sim.contract.messages import Observation
from guiderail.sim.lab.conformance.suite import Suite, load_suite


@pytest.fixture(scope="session")
def suite() -> Suite:
    """Load the shipped suite."""
    return load_suite()


@pytest.fixture(scope="session")
def seen() -> Observation:
    """A car on link 3, a minute into its trip."""
    return Observation(
        time_ms=60_000,
        occasion=4,
        link=LinkId(3),
        distance_to_node_mm=100_000,
        speed_mm_s=10_000,
        lane=0,
        route=(LinkId(3), LinkId(4)),
        goal=LinkId(4),
        goal_name="Museum",
        eta_ms=30_000,
        reported_closed=frozenset(),
    )
