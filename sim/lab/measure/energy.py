"""
Energy that a trip takes, by the usual road-load model of an electric car on level road.

``E = integral of (P+ / eta - regen * P-) dt + aux * T`` with
``P = (m * a + m * g * C_r + rho * C_d A * v^2 / 2) * v``. Parameters are those of a mid-size
electric car (assumptions of usual size, not of one model); gradients are not in the map.
"""

from typing import Final

import numpy as np

from guiderail.sim.contract.trace import Trace
from guiderail.sim.lab.measure.measure import Measure, Summed
from guiderail.sim.lab.measure.metrics import Metric, has_arrived
from guiderail.sim.lab.measure.over_trips import mean

MASS_KG: Final = 1_850.0
ROLLING: Final = 0.010
"""Coefficient of rolling resistance [1]; 0.008 to 0.012 is usual on asphalt."""
DRAG_AREA_M2: Final = 0.55
AIR_KG_M3: Final = 1.2
EFFICIENCY: Final = 0.9
"""From the battery to the road [1]."""
RECOVERY: Final = 0.65
"""Share of the braking energy that comes back [1]."""
AUXILIARY_W: Final = 700.0
GRAVITY_M_S2: Final = 9.81
_J_PER_KWH: Final = 3.6e6


def energy_kwh(trace: Trace) -> float:
    """Energy of one trip, standing time included [kWh]."""
    times = trace.column("time_ms") / 1_000
    speeds = trace.column("speed_mm_s") / 1_000
    if len(times) < 2:  # noqa: PLR2004  no tick
        return 0.0
    durations = np.diff(times)
    speed = (speeds[1:] + speeds[:-1]) / 2
    resistance = MASS_KG * GRAVITY_M_S2 * ROLLING + AIR_KG_M3 * DRAG_AREA_M2 * np.square(speed) / 2
    # Two rows of one moment are no motion: nothing is divided by their distance in time.
    work = (MASS_KG * np.diff(speeds) + resistance * durations) * speed
    drawn = np.where(work > 0, work / EFFICIENCY, RECOVERY * work)
    lasted = trace.end_ms / 1_000 - times[0]
    return float(drawn.sum() + AUXILIARY_W * lasted) / _J_PER_KWH


def detour_kwh(trace: Trace, baseline: Trace) -> Metric:
    """Energy beyond the same trip without a guide [kWh]; applies where both arrived."""
    if not (has_arrived(trace) and has_arrived(baseline)):
        return Metric.absent()
    return Metric(energy_kwh(trace) - energy_kwh(baseline))


ENERGY_KWH: Final = Measure(
    name="energy_kwh",
    holds=float,
    unit="kWh",
    meaning="Energy of the trip by a road-load model of a mid-size electric car on level road.",
    of=lambda one: energy_kwh(one.run.trace),
)
DETOUR_KWH: Final = Measure(
    name="detour_kwh",
    holds=float,
    unit="kWh",
    meaning="Energy beyond the same trip without a guide.",
    applies="both arrived",
    of=lambda one: detour_kwh(one.run.trace, one.baseline.trace).or_none(),
    summed=(Summed("detour_kwh", mean),),
)
