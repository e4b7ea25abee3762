"""Named scenes: one seeded trip each, with what it must show, in ``data/scenes.toml``."""

import difflib
import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.contract.messages import Decision, Light
from guiderail.sim.judge.articles.red_light import RED_LIGHT
from guiderail.sim.lab.experiment.run import Laboratory, RunResult
from guiderail.sim.lab.experiment.scenario import Scenario, make_scenario
from guiderail.sim.lab.measure import metrics

SPOKEN: Final = "guiderail.agents.spoken:Spoken"
"""The guide that reads a script of lines."""


class Scene(BaseModel):
    """One named trip."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    about: str
    map: str = "helsinki"
    guide: str = SPOKEN
    """``noisy`` guide by import path, or the one that reads ``script``."""
    rate: float = 1.0
    seed: int = 1
    trip: int = 0
    arms: tuple[str, ...] = ("guarded", "obeying_machine")
    """Who drives, the first where there is room for one only."""
    friction: str = "dry"
    od: dict[str, float] = Field(default_factory=dict)
    """How long the trips are, ``min_s`` and ``max_s`` [s]; those of any scenario if empty."""
    script: tuple[tuple[int, str], ...] = ()
    """Lines with their times [ms], for the scripted guide."""
    shows: Annotated[tuple[tuple[str, str, str], ...], Field(min_length=1)]
    """
    Arm, ``refused`` or ``infraction``, and the reason or kind that its trace must hold; or
    ``missed turn``; or ``waited red``: it stood at red, with an accepted turn, and never ran a red.
    """

    def scenario(self) -> Scenario:
        """Scenario that the trip belongs to."""
        return make_scenario(
            {
                "map": self.map,
                "guide": self.guide,
                "arms": self.arms,
                "rates": [self.rate],
                "seed": self.seed,
                "conditions": {"friction": self.friction},
                "od": self.od,
            }
        )

    def laboratory(self, network: RoadNetwork | None = None) -> Laboratory:
        """Load what the scene needs."""
        script = self.script if self.guide == SPOKEN else None
        return Laboratory(self.scenario(), network, script=script)


@cache
def scenes() -> dict[str, Scene]:
    """All scenes by name, in the order of the file."""
    text = files("guiderail.sim.lab.experiment").joinpath("data/scenes.toml").read_text("utf-8")
    return {name: Scene.model_validate(scene) for name, scene in tomllib.loads(text).items()}


def scene_named(name: str) -> Scene:
    """
    Find a scene.

    Raises
    ------
    ScenarioError
        When there is none of that name.
    """
    known = scenes()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
        raise ScenarioError(f"no scene named {name[:60]!r}; {hint}")
    return known[name]


def lacks(scene: Scene, results: list[RunResult]) -> list[tuple[str, str, str]]:
    """List what a scene promises and its runs do not show."""
    shown: set[tuple[str, str, Any]] = set()
    for result in results:
        run = result.run
        refused = metrics.answers(run.trace, Decision.REFUSE)
        shown |= {(run.arm, "refused", reason.value) for reason in refused}
        shown |= {(run.arm, "infraction", one.kind) for one in result.induced}
        shown |= {(run.arm, "missed", "turn")} if metrics.missed_turns(run.trace) else set()
        shown |= {(run.arm, "waited", "red")} if _waits_at_red(result) else set()
    return [promise for promise in scene.shows if promise not in shown]


def _waits_at_red(result: RunResult) -> bool:
    """Whether the car stood at red on a link where a turn was accepted, and ran no red at all."""
    trace, judgement = result.run.trace, result.run.judgement
    accepted = {
        event.link
        for event in metrics.heard(trace)
        if event.verdict is not None and event.verdict.decision is Decision.ACCEPT
    }
    stands = (trace.column("speed_mm_s") == 0) & (trace.column("light") == Light.RED)
    is_waiting = not accepted.isdisjoint(trace.column("link")[stands].tolist())
    return is_waiting and all(one.kind != RED_LIGHT.kind for one in judgement.infractions)
