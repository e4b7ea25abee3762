"""What a driver learns in the last meters must not make it brake for nobody."""

from guiderail.sim.lab.experiment.run import Laboratory
from guiderail.sim.lab.experiment.scenario import make_scenario
from guiderail.sim.lab.measure import metrics


def test_a_road_seen_closed_when_the_car_is_past_waiting_costs_a_detour_and_no_braking() -> None:
    # Helsinki, seed 1: 2.5 m before the node, at 23 km/h, the road beyond shows its barrier.
    # The right turn (6 m) takes 4.2 m/s^2, until this car learned to go on and turn elsewhere.
    conditions = {"lapses_ppm": 1_000_000}
    rest = {"od": {"min_s": 60, "max_s": 150}, "closures": {"mean": 3.0}}
    laboratory = Laboratory(make_scenario({"guide": "silent", "conditions": conditions} | rest))
    run = laboratory.silent(laboratory.trips.planned(540), "no_guide")
    assert metrics.has_arrived(run.trace)
    assert metrics.missed_turns(run.trace) == 1
    felt = {"uncaused_emergency_braking", "discomfort"}
    assert not felt & {one.kind for one in run.judgement.infractions}
