"""
A talkative navigator that hallucinates: true intent, spoken turn by turn, spoiled at a known rate.

Errors come in clusters. Each trip has one competence, drawn from a beta distribution whose mean is
the rate, so most trips are clean and a few are very bad. The published repeats of one task
(tau-bench, gpt-4o, airline: intraclass correlation .405, other systems up to .53) give the default
of .45.
"""

from dataclasses import replace
from functools import partial
from typing import Final

from guiderail.agents.atlas import View, atlas_of
from guiderail.agents.distributions import competence_table, latency_table, pick, ppm
from guiderail.agents.hallucination import Draws, hallucinate, turn_advice
from guiderail.agents.presets import Preset, preset_named
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.sim.contract.draw import Stream, TripSeed, draw, happens
from guiderail.sim.contract.messages import Advice, Observation
from guiderail.sim.contract.ports import GuideMaker

_NEAR_MM: Final = 160_000
"""The second question on a long link comes about 150 m before its end [mm]; some slack added."""
_SURE_PERCENT: Final = 90
_UNSURE_PERCENT: Final = 50
"""Confidence is uniform on .90 .. .99 when sure, else on .50 .. .89; a proposal, like its share."""


class Noisy:
    """
    Advise the next turn of the best true route, or, at the given rate, something wrong.

    Parameters
    ----------
    network
        The map.
    seed
        Seed of the trip.
    closed
        The truth about closures, known so that it can be missed on purpose.
    rate
        Share of the utterances that are wrong, over all trips; 0 and 1 hold in every trip.
    preset
        Kinds of error, their clustering, latency, confidence, talk; or the name of one in
        :data:`~guiderail.agents.presets.PRESETS`.

    Raises
    ------
    ScenarioError
        When the rate is outside 0 .. 1 or the preset is unknown.
    """

    name = "noisy"
    repeatable = True

    def __init__(
        self,
        network: RoadNetwork,
        seed: TripSeed,
        *,
        closed: frozenset[LinkId],
        rate: float,
        preset: str | Preset = "llm_tool_good",
    ) -> None:
        self._preset = preset if isinstance(preset, Preset) else preset_named(preset)
        self._atlas = atlas_of(network)
        self._seed = seed
        self._closed = closed
        self._latency = latency_table(
            self._preset.latency_median_ms, self._preset.latency_sigma_permille
        )
        self._asked: dict[LinkId, int] = {}
        self.error_ppm = _competence(seed, ppm(rate, "rate"), self._preset)
        """Chance that an utterance of this trip is wrong [ppm]."""

    def advise(self, seen: Observation) -> Advice | None:
        """Say the next turn, rightly or wrongly, or nothing."""
        if not self._atlas.has(seen.link):
            return None
        draws = Draws(self._seed, seen.link, self._ordinal(seen))
        if not happens(draws.word(Stream.GUIDE_SPEAKS), self._preset.talk_ppm):
            return None
        view = self._atlas.view(seen, self._closed)
        if view is None:
            return None
        advice = self._wrong(view, draws) or true_intent(view)
        return self._delivered(advice, draws) if advice else None

    def _wrong(self, view: View, draws: Draws) -> Advice | None:
        # The draw does not know the rate: what is wrong at a rate stays wrong at a higher one.
        if not happens(draws.word(Stream.GUIDE_ERRS), self.error_ppm):
            return None
        return hallucinate(view, draws, self._preset.weights)

    def _delivered(self, advice: Advice, draws: Draws) -> Advice:
        """Add latency, unless the error is the latency, and confidence."""
        drawn_ms = pick(self._latency, draws.word(Stream.GUIDE_LATENCY))
        return replace(
            advice,
            latency_ms=advice.latency_ms or drawn_ms,
            confidence=self._confidence(draws, is_wrong=bool(advice.label)),
        )

    def _confidence(self, draws: Draws, *, is_wrong: bool) -> float:
        preset = self._preset
        sure_ppm = preset.sure_when_wrong_ppm if is_wrong else preset.sure_when_right_ppm
        word = draws.word(Stream.GUIDE_CONFIDENCE)
        low, high = (_UNSURE_PERCENT, _SURE_PERCENT)
        if happens(word, sure_ppm):
            low, high = (_SURE_PERCENT, 100)
        # The low bits: the high ones have just decided between the two ranges.
        return (low + (word & 0xFFFF) % (high - low)) / 100

    def _ordinal(self, seen: Observation) -> int:
        """
        Count the questions at this link: even far from its end, odd near it.

        An arm that was still listening when it entered the link, and is asked only near its end,
        then meets the same draws there as the others.
        """
        k = self._asked.get(seen.link, -1) + 1
        k += (k & 1) != (seen.distance_to_node_mm <= _NEAR_MM)
        self._asked[seen.link] = k
        return k


def true_intent(view: View) -> Advice | None:
    """Advise the next turn of the best true route; None where there is nothing to choose."""
    for one in view.choices():
        turn = view.atlas.best_turn(one)
        if turn is not None:
            return turn_advice(view, one, turn)
    return None


def maker(preset: str) -> GuideMaker:
    """
    Make the maker of noisy guides of one preset.

    Raises
    ------
    ScenarioError
        When there is no such preset.
    """
    preset_named(preset)
    return partial(Noisy, preset=preset)


def _competence(seed: TripSeed, rate_ppm: int, preset: Preset) -> int:
    word = draw(seed, Stream.GUIDE_COMPETENCE, 0, 0)
    return pick(competence_table(rate_ppm, preset.rho_permille), word)
