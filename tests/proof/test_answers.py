"""Answers that are looked up are those that would be given: no search is the smaller for it."""

from dataclasses import fields
from operator import attrgetter
from typing import Any, Final

import pytest

from guiderail.sim.contract.messages import Command, Decision, Light, Perception, Reason, Verdict
from guiderail.sim.proof.search.answers import Listener, Watched
from guiderail.sim.proof.search.arena import Arena
from guiderail.sim.proof.search.explorer import Explorer, Findings, guarded, obeying
from guiderail.sim.proof.search.sites import SITES, Site

STATES: Final = 500


def _searched(kind: str, car: Any, *, is_anew: bool) -> Findings:
    site = SITES[kind]()
    arena = Arena(site.network)
    start = arena.start(site.origin, site.network.link(site.origin).length_mm // 2, 7_000)
    return Explorer(site, car, arena=arena, limit=STATES, is_anew=is_anew).search([start])


def _seen(site: Site) -> Perception:
    arena = Arena(site.network)
    return arena.perceive(arena.start(site.origin, 10_000, 6_000), Command(0, site.origin))


@pytest.mark.parametrize("car", [guarded, obeying])
@pytest.mark.parametrize("kind", ["signal", "roundabout", "motorway_exit"])
def test_a_search_that_looks_answers_up_finds_what_one_finds_that_asks_anew(
    kind: str, car: Any
) -> None:
    assert _searched(kind, car, is_anew=False) == _searched(kind, car, is_anew=True)


def _moody(site: Site) -> Any:
    """Make the guarded car, except that it refuses every word while the light is yellow."""
    driver: Any = guarded(site)
    hear: Any = driver.hear

    def heard(said: Any, seen: Perception) -> Verdict:
        if seen.light is Light.YELLOW:
            return Verdict(proposal=said, decision=Decision.REFUSE, reason=Reason.CLOSED)
        return hear(said, seen)  # type: ignore[no-any-return]

    driver.hear = heard
    return driver


def test_whatever_a_driver_looks_at_while_it_listens_is_part_of_what_is_looked_up() -> None:
    found = _searched("signal", _moody, is_anew=False)
    assert found.reasons["closed"] > 0
    assert found == _searched("signal", _moody, is_anew=True)


def test_a_lookup_that_forgot_a_field_would_be_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [one.name for one in fields(Perception) if one.name != "light"]
    monkeypatch.setattr(Watched, "looks", lambda _: attrgetter(*names))
    forgetful = _searched("signal", _moody, is_anew=False)
    monkeypatch.undo()
    assert forgetful != _searched("signal", _moody, is_anew=True)


def test_each_word_counts_whether_asked_or_looked_up() -> None:
    site = SITES["signal"]()
    listener, seen = Listener(guarded(site), site), _seen(site)
    answers = listener.answers(listener.first, seen)
    assert listener.answers(listener.first, seen) is answers
    words = site.words(site.origin)
    assert sum(answer.words for answer in answers.each) == len(words)
    assert len(answers.reasons) == len(words) - 1  # silence has no verdict


def test_what_is_watched_can_be_looked_at_by_name_alone() -> None:
    watched: Any = Watched(_seen(SITES["signal"]()))
    assert (watched.speed_mm_s, watched.s_mm) == (6_000, 10_000)
    assert watched.looks()(_seen(SITES["signal"]())) == (4, 10_000, 6_000)
    with pytest.raises(AttributeError, match="not _replace"):
        watched._replace(speed_mm_s=0)
    with pytest.raises(TypeError):
        tuple(watched)
