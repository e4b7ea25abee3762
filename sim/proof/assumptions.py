"""
What the proof takes for granted, each with a world that breaks it and the alarm that then sounds.

An assumption that nobody has seen broken may be none at all, or one whose loss nothing notices.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from guiderail.sim.contract.messages import Command, Decision
from guiderail.sim.driver.guard.budget import Budget
from guiderail.sim.proof.lemmas.lemmas import lemmas
from guiderail.sim.proof.lemmas.solving import ask_z3
from guiderail.sim.proof.properties import shipped
from guiderail.sim.proof.search.arena import RIVAL_SEEN_TICKS, Arena, State
from guiderail.sim.proof.search.explorer import Explorer
from guiderail.sim.proof.search.sites import NOW_MS, SITES
from guiderail.sim.proof.search.spec import broken
from guiderail.sim.proof.search.strategic import NEVER, Game, every_turn


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """One thing that must be true of the world."""

    name: str
    says: str
    alarm: str
    """What fails where it is not true."""
    sounds: Callable[[], bool]
    """Break it; whether the alarm was heard."""


class _SuddenRivals(Arena):
    """Vehicles with priority are seen two seconds before they are there, not eight."""

    def _rivals(self, before: State, state: State) -> tuple[int, ...]:
        rivals = super()._rivals(before, state)
        return tuple(20 if rival == RIVAL_SEEN_TICKS else rival for rival in rivals)


class _Ice(Arena):
    """The road holds a fifth of what the driver perceives."""

    grip = 1_600


class _HiddenNeighbors(Arena):
    """Nobody can be seen beside the car, and somebody may be there all the same."""

    def perceive(self, state: State, command: Command) -> Any:
        return super().perceive(state._replace(is_beside_free=True), command)


def _alarm(kind: str, arena: Arena, clause: str, start: tuple[int, int, int]) -> bool:
    site = SITES[kind]()
    search = Explorer(site, shipped, arena=arena, limit=20_000, stops_at=clause)
    return search.search([arena.start(site.origin, *start)]).violations[clause] > 0


def _short_yellow() -> bool:
    arena = Arena(SITES["signal"]().network, yellow_ticks=5)
    return _alarm("signal", arena, "red_light", (20_000, 8_000, 0))


def _sudden_rivals() -> bool:
    arena = _SuddenRivals(SITES["give_way"]().network)
    return _alarm("give_way", arena, "failure_to_yield", (20_000, 8_000, 0))


def _ice() -> bool:
    return _alarm("signal", _Ice(SITES["signal"]().network), "red_light", (20_000, 8_000, 0))


def _hidden_neighbors() -> bool:
    arena = _HiddenNeighbors(SITES["motorway_exit"]().network)
    return _alarm("motorway_exit", arena, "unsafe_lane_change", (20_000, 15_000, 1))


def _harder_own_brakes() -> bool:
    kept = [lemma for lemma in lemmas() if lemma.name == "following_with_stronger_brakes"]
    return ask_z3(kept)[0].counterexample == "sat"


def _unbounded_guide() -> bool:
    site = SITES["motorway_exit"]()
    endless = Budget(changes=10**6, extra_ms=10**9, spacing_ms=0)
    driver = _bottomless(shipped(site, endless))
    return Game(site, driver, every_turn(site.network, NOW_MS)).solve().time_ms == NEVER


def _bottomless(driver: Any) -> Any:
    """Hand the account back full after each change: a budget that is none."""
    hear = driver.hear

    def heard(said: Any, seen: Any) -> Any:
        verdict = hear(said, seen)
        if verdict.decision is Decision.ACCEPT:
            for holder in vars(driver).values():
                if hasattr(holder, "affords"):
                    holder.changes = holder.extra_ms = 0
        return verdict

    driver.hear = heard
    return driver


def _another_way_in() -> bool:
    """Put an illegal turn into the route without a proposal: the specification must notice."""
    site = SITES["signal"]()
    arena = Arena(site.network, is_calm=True)
    turn = site.network.illegal_turns_from(site.origin)[0]
    end = site.network.link(site.origin).length_mm
    car = arena.start(site.origin, end - 100, 2_000)
    steps = arena.moves(car, Command(0, turn.to_link))
    return any("illegal_turn" in broken(step, site.network) for step in steps)


ASSUMPTIONS: Final = (
    Assumption(
        name="yellow_is_long_enough",
        says="Yellow lasts as the ITE formula has it: 1 s + v / (2 * 3.05 m/s^2), at least 3 s.",
        alarm="red_light",
        sounds=_short_yellow,
    ),
    Assumption(
        name="priority_is_seen_in_time",
        says="A vehicle with priority is seen eight seconds before it reaches the zone.",
        alarm="failure_to_yield",
        sounds=_sudden_rivals,
    ),
    Assumption(
        name="grip_is_as_perceived",
        says="The road holds what the driver believes it holds.",
        alarm="red_light",
        sounds=_ice,
    ),
    Assumption(
        name="side_gap_is_sensed",
        says="Whoever is beside the car is seen before a lane change.",
        alarm="unsafe_lane_change",
        sounds=_hidden_neighbors,
    ),
    Assumption(
        name="own_brakes_are_no_harder",
        says="The follow rule: own braking is no harder than what the leader is assumed to do.",
        alarm="following_with_stronger_brakes",
        sounds=_harder_own_brakes,
    ),
    Assumption(
        name="accepted_changes_are_bounded",
        says="A trip grants so many changes and so much time, and no more.",
        alarm="arrival",
        sounds=_unbounded_guide,
    ),
    Assumption(
        name="the_guide_has_one_way_in",
        says="The guide reaches the car through a proposal alone.",
        alarm="illegal_turn",
        sounds=_another_way_in,
    ),
)
"""Everything that is taken for granted."""
