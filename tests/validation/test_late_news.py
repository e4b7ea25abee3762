"""What a driver learns in the last meters must not make it brake for nobody."""

from guiderail.sim.judge.taxonomy import Kind
from guiderail.sim.lab import metrics
from guiderail.sim.lab.run import Laboratory
from guiderail.sim.lab.scenario import make_scenario


def test_a_road_seen_closed_when_the_car_is_past_waiting_costs_a_detour_and_no_braking() -> None:
    # Helsinki, seed 1: 2.5 m before the node, at 17 km/h, the way straight on shows its barrier.
    # The other turn needs 12 km/h: 7 m/s^2, until this car learned to go on and turn elsewhere.
    conditions = {"lapses_ppm": 1_000_000}
    od = {"min_s": 60, "max_s": 150}
    laboratory = Laboratory(make_scenario({"guide": "silent", "conditions": conditions, "od": od}))
    run = laboratory.silent(laboratory.trips.planned(2_542), "no_guide")
    assert metrics.has_arrived(run.trace)
    assert metrics.missed_turns(run.trace) == 1
    assert Kind.UNCAUSED_EMERGENCY_BRAKING not in {one.kind for one in run.judgement.infractions}
