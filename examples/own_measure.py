"""
A measure of one's own over several trips, as a table: how long the car stood still.

    python examples/own_measure.py
"""

import guiderail


def standing_s(ride: guiderail.TripResult) -> float:
    """Time at a standstill [s]: rows of it may be left out, so the time between rows counts."""
    motion = ride.to_pandas()
    lasted_ms = motion["time_ms"].diff().fillna(0)
    return float(lasted_ms[motion["speed_mm_s"] == 0].sum()) / 1000


experiment = guiderail.Experiment({"map": "town", "od": {"min_s": 30, "max_s": 60}})
print("trip  stands  takes")
for trip in range(3):
    ride = experiment.run_trip(trip, "guarded", rate=0.5)
    print(f"{trip:4d}  {standing_s(ride):4.1f} s  {ride.trace.end_ms / 1000:.1f} s")
