"""What ``import guiderail`` offers, and what the commands are built on; ``__all__`` is the list."""

from guiderail.maps.library.load import load_map
from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.errors import (
    GuiderailError,
    KernelError,
    MapError,
    PluginError,
    ResultError,
    ScenarioError,
)
from guiderail.sim.contract.messages import (
    Advice,
    Ask,
    Decision,
    Direction,
    Observation,
    Proposal,
    Reason,
    Verdict,
)
from guiderail.sim.contract.ports import Guide
from guiderail.sim.contract.trace import Trace
from guiderail.sim.judge.infraction import Infraction, Judgement
from guiderail.sim.lab.api.figures import draw_headline, draw_trip
from guiderail.sim.lab.api.lists import (
    add_map,
    columns,
    list_arms,
    list_guides,
    list_maps,
    list_scenes,
    register_guide,
)
from guiderail.sim.lab.api.sweeps import sweep
from guiderail.sim.lab.api.tables import Results, open_results
from guiderail.sim.lab.api.trips import (
    Experiment,
    TripResult,
    load_scenario,
    load_scene,
    run_arms,
    run_trip,
    save_trips,
)
from guiderail.sim.lab.experiment.scenario import Scenario

__all__ = [
    "Advice",
    "Ask",
    "Decision",
    "Direction",
    "Experiment",
    "Guide",
    "GuiderailError",
    "Infraction",
    "Judgement",
    "KernelError",
    "MapError",
    "Observation",
    "PluginError",
    "Proposal",
    "Reason",
    "ResultError",
    "Results",
    "RoadNetwork",
    "Scenario",
    "ScenarioError",
    "Trace",
    "TripResult",
    "Verdict",
    "add_map",
    "columns",
    "draw_headline",
    "draw_trip",
    "list_arms",
    "list_guides",
    "list_maps",
    "list_scenes",
    "load_map",
    "load_scenario",
    "load_scene",
    "open_results",
    "register_guide",
    "run_arms",
    "run_trip",
    "save_trips",
    "sweep",
]
