"""
One trip in two arms: what came of it, and the picture of it.

    python examples/one_trip.py
"""

import guiderail

scenario = guiderail.load_scenario(map="town", rates=[1.0], od={"min_s": 30, "max_s": 60})
arms = guiderail.run_arms(scenario, trip=1, arms=["guarded", "obeying_machine"])
for name, ride in arms.items():
    print(f"{name}: {ride.trace.outcome} after {ride.trace.end_ms / 1000:.1f} s")
    for one in ride.infractions:
        print(f"  {one.kind} ({one.severity}) at {one.time_ms / 1000:.1f} s")
guiderail.draw_trip(arms, "trip.png")
