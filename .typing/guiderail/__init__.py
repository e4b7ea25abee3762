"""
guiderail from Python: one trip, several arms of it, a sweep, and their tables and figures.

>>> import guiderail
>>> scenario = guiderail.load_scenario(map="town", rates=[1.0], od={"min_s": 30, "max_s": 60})
>>> arms = guiderail.run_arms(scenario, trip=1, arms=["guarded", "obeying_machine"])
>>> [len(ride.infractions) for ride in arms.values()]
[0, 3]

Everything below is stable; docs/api.md shows each in use. Every mistake of the caller raises a
:class:`GuiderailError` with the sentence that the command prints. Names are loaded when first used,
so that ``import guiderail`` costs nothing.

=====================  ========================================================================
a map                  ``load_map``, ``add_map``, ``list_maps``
a scenario             ``load_scenario``, ``Scenario``, ``list_arms``, ``list_guides``
one trip               ``run_trip``, ``run_arms``, ``load_scene``, ``Experiment``, ``TripResult``
many trips             ``sweep``, ``open_results``, ``Results``, ``columns``
a guide                ``register_guide``, ``Guide``, ``Observation``, ``Advice``, ``Proposal``
a figure, a file       ``draw_headline``, ``draw_trip``, ``save_trips``
=====================  ========================================================================
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from guiderail.sim.lab.api import *  # noqa: F403  its __all__ is the one list of names


def __getattr__(name: str) -> Any:
    """Load what is asked for (PEP 562)."""
    api = import_module("guiderail.sim.lab.api")
    try:
        return getattr(api, name)
    except AttributeError:
        raise AttributeError(f"module 'guiderail' has no attribute {name!r}") from None


def __dir__() -> list[str]:
    """List what there is."""
    return sorted(import_module("guiderail.sim.lab.api").__all__)
