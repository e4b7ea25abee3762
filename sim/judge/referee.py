"""
The judge: one trace and the map in, one judgement out.

It sees the true state, never the guard, the planner or a route, and it owns every formula that it
uses.
"""

from collections.abc import Iterator

from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.errors import KernelError
from guiderail.sim.contract.trace import Outcome, Trace
from guiderail.sim.judge.articles import (
    braking,
    contact,
    emergency_vehicles,
    envelope,
    junction,
    lane,
    near_miss,
    pedestrians,
    purpose,
    speed,
)
from guiderail.sim.judge.causes import Causes
from guiderail.sim.judge.infraction import Infraction, Judgement
from guiderail.sim.judge.ride import Ride
from guiderail.sim.judge.taxonomy import Severity


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
    ride = Ride(trace, network)
    found = list(_found(ride))
    crash_by_others = trace.outcome is Outcome.CRASHED and _only_others_crashed(found)
    found.extend(purpose.trip_failure(ride, crash_by_others=crash_by_others))
    found.sort(key=lambda infraction: infraction.time_ms)  # stable: ties keep the order of the law
    return Judgement(
        infractions=tuple(infraction for infraction in found if infraction.at_fault),
        others=tuple(infraction for infraction in found if not infraction.at_fault),
        driven_mm=int(ride.odometer[-1]),
        duration_ms=int(ride.time_ms[-1] + ride.hold[-1] - ride.time_ms[0]),
    )


def _found(ride: Ride) -> Iterator[Infraction]:
    """Every article but the last, in the order of the taxonomy."""
    causes = Causes(ride)
    yield from pedestrians.collision_vru(ride)
    yield from contact.collisions(ride, causes)
    yield from emergency_vehicles.collisions(ride)
    yield from contact.run_off(ride)
    yield from speed.wrong_way(ride)
    yield from junction.red_light(ride)
    yield from junction.stop_sign(ride)
    yield from junction.failure_to_yield(ride)
    yield from junction.illegal_turn(ride)
    yield from lane.gore_cut(ride)
    yield from lane.unsafe_lane_change(ride)
    yield from envelope.rss_breach(ride)
    yield from speed.over_speed(ride)
    yield from speed.turn_over_speed(ride)
    yield from braking.uncaused_emergency_braking(ride, causes)
    yield from braking.stop_in_live_lane(ride, causes)
    yield from envelope.odd_exit_unhandled(ride)
    yield from envelope.sight_overrun(ride)
    yield from emergency_vehicles.yield_emergency_vehicle(ride)
    yield from near_miss.near_miss_ttc(ride)
    yield from near_miss.near_miss_pet_drac(ride)
    yield from braking.hard_brake(ride)
    yield from braking.discomfort(ride)


def _only_others_crashed(found: list[Infraction]) -> bool:
    crashes = [infraction for infraction in found if infraction.severity is Severity.S4]
    return bool(crashes) and not any(infraction.at_fault for infraction in crashes)
