"""
The judge: one trace and the map in, one judgement out.

It sees the true state, never the guard, the planner or a route, and it owns every formula that it
uses.
"""

from collections.abc import Iterable
from dataclasses import replace

from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.errors import KernelError
from guiderail.sim.contract.trace import Outcome, Trace
from guiderail.sim.judge.infraction import Infraction, Judgement
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.judge.severity import Severity
from guiderail.sim.judge.taxonomy import LAW


def judge(trace: Trace, network: RoadNetwork) -> Judgement:
    """
    Judge one trip; the trace is left as it is.

    Raises
    ------
    KernelError
        When the trace has no motion: there is nothing to judge, which is not the same as innocence.
    """
    if not trace.motion:
        raise KernelError("the trace has no motion: record at least the row of the start")
    trip = JudgedTrip(trace, network)
    found = [infraction for rule in LAW for infraction in rule.find(trip)]
    if trace.outcome is Outcome.CRASHED and _only_others_crashed(found):
        found = [_excused(infraction) for infraction in found]
    found.sort(key=lambda infraction: infraction.time_ms)  # stable: ties keep the order of the law
    return Judgement(
        infractions=tuple(infraction for infraction in found if infraction.at_fault),
        others=tuple(infraction for infraction in found if not infraction.at_fault),
        driven_mm=int(trip.odometer_mm[-1]),
        duration_ms=trip.duration_ms,
    )


def _only_others_crashed(found: Iterable[Infraction]) -> bool:
    crashes = [infraction for infraction in found if infraction.severity is Severity.S4]
    return bool(crashes) and not any(infraction.at_fault for infraction in crashes)


def _excused(infraction: Infraction) -> Infraction:
    """Who was crashed into is not to blame for a trip that did not arrive."""
    is_purpose = infraction.severity is Severity.PURPOSE
    return replace(infraction, at_fault=False) if is_purpose else infraction
