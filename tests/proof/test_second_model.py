"""
The second model of the junction: what Storm says of it, and that it can convict.

Where it and the shipped guard speak of the same thing, they agree.
"""

import re
import sys
from typing import Any

import pytest

from guiderail.maps.network import Turn
from guiderail.sim.contract.errors import KernelError
from guiderail.sim.contract.messages import Command, Decision
from guiderail.sim.driver.guard import rules
from guiderail.sim.driver.guard.rules import RULES
from guiderail.sim.lab.cli.main import run_command
from guiderail.sim.proof.prove import pinned
from guiderail.sim.proof.search.arena import Arena
from guiderail.sim.proof.search.explorer import guarded
from guiderail.sim.proof.search.memory import Mind
from guiderail.sim.proof.search.shield import Shield
from guiderail.sim.proof.search.sites import SITES, Site
from guiderail.sim.proof.second_model import junction, storm
from guiderail.sim.proof.second_model.junction import (
    CLAUSES,
    JUNCTIONS,
    PLANTED,
    program,
    street,
    text,
)
from guiderail.sim.proof.second_model.storm import Answers, Model, SecondModel

Cells = dict[tuple[int, int, int], bool]
"""Cell, unit of speed and lane, and whether the turn is accepted there."""


def _needs_storm() -> None:
    pytest.importorskip("stormpy")


# -- the text --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", JUNCTIONS)
def test_every_number_of_a_junction_goes_into_the_text(kind: str) -> None:
    filled = program(JUNCTIONS[kind])
    assert not re.search(r"^const (int|bool) \w+;", filled, re.MULTILINE)
    assert f"const int LENGTH = {JUNCTIONS[kind]['LENGTH']};" in filled


def test_a_number_that_the_text_does_not_ask_for_is_an_error() -> None:
    with pytest.raises(KernelError, match="no constant of the re-model: WIDTH"):
        street(WIDTH=3)
    with pytest.raises(KernelError, match="do not fit its text: K, WIDTH"):
        program({name: v for name, v in street().items() if name != "K"} | {"WIDTH": 3})


def test_each_candidate_for_the_next_speed_meets_the_same_demands() -> None:
    found = dict(re.findall(r"formula (\w+)_is_ok = ([^;]+);", text()))
    demands = {body.replace(name, "x") for name, body in found.items()}
    assert (len(found), len(demands)) == (3, 1)


def test_a_corner_of_8_m_is_taken_at_4_and_borne_at_6_m_s() -> None:
    # (2 * 8) ** .5 = 4 and (4.89 * 8) ** .5 = 6.25 m/s, in units of 2 m/s
    assert (street()["TURN"], street()["TURN_TOP"]) == (2, 3)


# -- what Storm says -------------------------------------------------------------------------------


def _shorter(kind: str) -> junction.Constants:
    """Make the junction small: half the street at 6 m/s, the motorway as it is."""
    constants = JUNCTIONS[kind]
    if constants["LIMIT"] != 4:
        return {**constants, "K": 2}
    slow = {"AHEAD": min(3, constants["AHEAD"]), "AHEAD_TOP": 3, "LIMIT": 3, "K": 2}
    return {**constants, **slow, "LENGTH": 55 if constants["LANES"] == 2 else 25, "LEADER": False}


@pytest.mark.parametrize("kind", JUNCTIONS)
def test_no_guide_breaks_or_stops_the_guarded_car_on_a_small_junction(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _needs_storm()
    monkeypatch.setitem(storm.JUNCTIONS, kind, _shorter(kind))
    found = storm.ask(kind)
    assert list(found.troubles()) == []
    assert found.states > 100
    assert {"no_road", "banned_turn"} <= set(found.breaks)
    steps = [b - a for a, b in zip(found.worst_time_s, found.worst_time_s[1:], strict=False)]
    assert steps[0] == pytest.approx(steps[1], rel=0.01) == pytest.approx(found.price_s, rel=0.01)


def test_a_car_behind_one_that_does_anything_neither_touches_it_nor_waits_for_ever() -> None:
    _needs_storm()
    numbers = street(LENGTH=25, LIMIT=3, AHEAD=3, AHEAD_TOP=3, K=1)
    found = Model(numbers, keeps_values=True)
    assert found.reaches("collision") == 0
    assert found.value("arrives") == 1
    heard = found.holding("speaks")
    pairs = set(zip(found.variable("gap", heard), found.variable("u", heard), strict=True))
    assert (1, 0) in pairs  # a meter behind one that stands


def test_a_street_without_anybody_takes_as_long_as_counted_by_hand() -> None:
    _needs_storm()
    # From a standstill 1 + 3 + 5 + 7 m in 4 s, then 8 m a second: 72 m are behind it after 11 s. A
    # guide adds nothing without a budget, and for ever without an end of it.
    alone = {"LEADER": False, "K": 0}
    assert Model(street(**alone)).worst_times_s() == [pytest.approx(11)]
    assert Model(street(**alone, UNLIMITED=True)).worst_times_s() == [float("inf")]


@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: one.refuted_by)
def test_a_planted_mistake_is_refuted_by_its_own_clause(planted: junction.Planted) -> None:
    _needs_storm()
    assert storm.is_refuted(planted)


def test_planted_mistakes_have_the_numbers_of_the_text() -> None:
    in_text = {int(number) for number in re.findall(r"FAULT !?= (\d+)", text())}
    assert in_text == {planted.number for planted in PLANTED}
    clauses = {planted.refuted_by for planted in PLANTED} & set(CLAUSES)
    assert set(CLAUSES) - clauses == {"hard_braking"}  # comes with the turn that is too fast


@pytest.mark.nightly
@pytest.mark.parametrize("kind", JUNCTIONS)
def test_no_guide_breaks_or_stops_the_guarded_car(kind: str) -> None:
    _needs_storm()
    found = storm.ask(kind)
    assert list(found.troubles()) == []
    assert len(found.worst_time_s) == junction.MOST_CHANGES + 1
    assert [found.states, found.transitions] == pinned()[f"storm_{kind}"]


# -- two models, one guard -------------------------------------------------------------------------


def _says_storm(constants: junction.Constants) -> Cells:
    """Every state on the planned way in which a word is heard, read from Storm itself."""
    model = Model(constants, keeps_values=True)
    heard = model.holding("speaks")
    columns = [model.variable(name, heard) for name in ("s", "w", "lane", "plan", "k", "shift")]
    admitted = set(model.holding("admits_turn"))
    return {
        (s, w, lane): state in admitted
        for state, s, w, lane, plan, k, shift in zip(heard, *columns, strict=True)
        if (plan, k, shift) == (0, 1, 0)
    }


def _says_guard(site: Site, turn: Turn, cells: Cells, rules: Any = RULES) -> Cells:
    """What the shipped guard says in the same places."""
    driver, arena = guarded(site, rules=rules), Arena(site.network)
    mind = Mind(driver)
    fresh, planned = mind.memory(), driver.route()[1]
    said = next(w for w in site.words(turn.from_link) if w is not None and w.onto == turn.to_link)
    found: Cells = {}
    for s, w, lane in cells:
        mind.recall(fresh)
        car = arena.start(turn.from_link, s * junction.CELL_MM, w * junction.UNIT_MM_S, lane)
        verdict = driver.hear(said, arena.perceive(car, Command(0, planned)))
        driver.news()
        found[s, w, lane] = verdict.decision is Decision.ACCEPT
    return found


def _corner(kind: str) -> tuple[Site, Turn, junction.Constants]:
    site = SITES[kind]()
    link = site.network.link(site.decides)
    turns = site.network.turns_from(link.id)
    turn = next(t for t in turns if t.conflict == 0 and t.to_link != guarded(site).route()[1])
    limit, onto = junction.units(link.speed_mm_s), site.network.link(turn.to_link).speed_mm_s
    corner = junction.through(turn.radius_mm, junction.COMFORT_MM_S2) if turn.radius_mm else limit
    constants = street(
        LENGTH=link.length_mm // junction.CELL_MM,
        LIMIT=limit,
        AHEAD=limit,
        AHEAD_TOP=limit,
        TURN=min(corner, junction.units(onto)),
        LANES=link.lanes,
        LEADER=False,
        K=1,
    )
    return site, turn, constants


def _last(cells: Cells, w: int, lane: int) -> int:
    """Last cell in which the turn is accepted at a speed, in a lane; 0 where there is none."""
    return max((s for (s, *at), yes in cells.items() if yes and at == [w, lane]), default=0)


@pytest.mark.parametrize("kind", ["signal", "motorway_exit"])
def test_shipped_guard_and_second_model_accept_a_turn_in_the_same_places(kind: str) -> None:
    """The second one is coarser: later in no place, earlier by no more than its steps explain."""
    _needs_storm()
    site, turn, constants = _corner(kind)
    storm_ = _says_storm(constants)
    assert set(storm_.values()) == {True, False}
    guard = _says_guard(site, turn, storm_)
    shield, arena = Shield(site.network), Arena(site.network)
    for (s, w, lane), accepted in storm_.items():
        car = arena.start(site.decides, s * junction.CELL_MM, w * junction.UNIT_MM_S, lane)
        if accepted:
            assert guard[s, w, lane], f"only the second model accepts at {s} m, {2 * w} m/s, {lane}"
            assert shield.accepts(car, turn)
    assert _lags(site, turn, constants, storm_, guard) == []


def test_a_guard_that_forgets_lanes_and_road_disagrees_with_the_second_model() -> None:
    _needs_storm()
    site, turn, constants = _corner("motorway_exit")
    storm_ = _says_storm(constants)
    forgotten = (rules.lane, rules.road_left, rules.continuation, rules.rear_gap)
    left = tuple(rule for rule in RULES if rule not in forgotten)
    guard = _says_guard(site, turn, storm_, left)
    assert (11, 1) in _lags(site, turn, constants, storm_, guard)


def _lags(
    site: Site, turn: Turn, constants: junction.Constants, storm_: Cells, guard: Cells
) -> list[tuple[int, int]]:
    """
    Speeds and lanes at which the guard accepts for longer than coarser steps explain.

    They are a whole second to react instead of half of one, 2 m/s^2 instead of 2.4, whole cells,
    and a turn at 4 or 12 m/s where the guard knows the millimeter.
    """
    fastest = site.network.link(turn.to_link).speed_mm_s / 1_000
    exact = min(fastest, (turn.radius_mm / 500) ** 0.5) if turn.radius_mm else fastest
    lags = []
    for w, lane in {(w, lane) for _, w, lane in storm_}:
        v, slow = 2 * w, 2 * constants["TURN"]
        coarse = max(0, v * v - slow * slow) / 4 - max(0, v * v - exact * exact) / 4.8
        later = _last(guard, w, lane) - _last(storm_, w, lane)
        if later > v * 0.5 + coarse + 2:
            lags.append((w, lane))
    return lags


def test_yellow_is_as_long_in_both_models() -> None:
    _needs_storm()
    model = Model(street(SIGNAL=True, LEADER=False, K=0), keeps_values=True)
    red = max(model.variable("light", model.holding("speaks")))
    site = SITES["signal"]()
    assert (red - 1) * 10 == Arena(site.network).yellow_ticks(site.network.link(site.origin)) == 30


# -- what is said of it ----------------------------------------------------------------------------


def _answers(**values: Any) -> Answers:
    well: dict[str, Any] = {
        "states": 7,
        "transitions": 20,
        "guarded": 0.0,
        "obeying": 0.5,
        "breaks": ["no_road"],
        "arrives": 1.0,
        "unlimited": 0.25,
        "worst_time_s": [10.0, 60.0, 110.0],
    }
    return Answers(**(well | values))


@pytest.mark.parametrize(
    ("values", "trouble"),
    [
        ({"guarded": 0.125}, "break a rule with probability 0.125"),
        ({"arrives": 0.75}, "keeps the guarded car away with probability 0.25"),
        ({"obeying": 0.0}, "the words were harmless"),
        ({"unlimited": 1.0}, "without a budget changes nothing"),
        ({"worst_time_s": [10.0, 10.0]}, "nothing was ever accepted"),
    ],
)
def test_whatever_storm_finds_wrong_is_said(values: Any, trouble: str) -> None:
    assert list(_answers().troubles()) == []
    (said,) = SecondModel(answers={"stop": _answers(**values)}, planted={}).troubles()
    assert said.startswith("Storm, stop: ")
    assert trouble in said


def test_the_worst_junction_counts_and_a_mistake_that_is_not_seen_is_named() -> None:
    kinds = {"stop": _answers(guarded=0.5), "signal": _answers(arrives=0.75)}
    found = SecondModel(answers=kinds, planted={"yellow": False, "red": True})
    figures = found.as_json()
    assert (figures["states"], figures["transitions"]) == (14, 40)
    assert figures["pmax_violation"]["guarded"] == 0.5
    assert figures["pmin_arrival"] == 0.75
    assert figures["price_per_word_s"] == {"stop": 50.0, "signal": 50.0}
    assert figures["planted"] == {"total": 2, "refuted": 1}
    assert "LENGTH=60" in figures["constants"]["stop"]
    assert "Storm did not refute: yellow" in list(found.troubles())


def test_without_storm_one_sentence_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "stormpy", None)
    assert run_command(["prove", "--storm"]) == 2
    said = capsys.readouterr().err.strip()
    assert "the re-model needs Storm: pip install stormpy" in said
    assert "Traceback" not in said
