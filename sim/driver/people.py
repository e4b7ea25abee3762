"""
People at the wheel: what they are like, where each number comes from, and which are assumptions.

Drivers, world and judge are strangers: the table of critical gaps stands here once more, so that a
person's gaps and those of the cars around can be changed apart.
"""

from dataclasses import dataclass
from typing import Annotated, Final, get_type_hints

from guiderail.maps.network import Conflict, Turn
from guiderail.sim.contract.draw import Stream, TripSeed, below, draw
from guiderail.sim.contract.quantiles import (
    log_normal_permille,
    logistic_permille,
    normal_permille,
)

CRITICAL_MS: Final = {
    Conflict.LEFT_FROM_MAJOR: (4_100, 5_300),
    Conflict.U_TURN: (6_400, 5_600),
    Conflict.RIGHT_FROM_MINOR: (6_200, 7_100),
    Conflict.THROUGH_FROM_MINOR: (6_500, 6_500),
    Conflict.LEFT_FROM_MINOR: (7_100, 6_400),
    Conflict.ROUNDABOUT_ENTRY: (4_500, 4_500),
}
"""Critical headway [ms] across up to 4 lanes with priority and across more (HCM 20-17, base)."""
MOST_LATERAL_MM_S2: Final = 3_500
LEAST_LATERAL_MM_S2: Final = 1_500
SHORTEST_GAP_MS: Final = 3_000
SHORTEST_HEADWAY_MS: Final = 800
QUICKEST_CHANGE_MS: Final = 3_000
SLOWEST_CHANGE_MS: Final = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One kind of driver; every number carries its source."""

    reaction_ms: Annotated[int, "Green 2000: brake reaction to the unexpected, median"] = 1_250
    """From the last word to the first action."""
    reaction_sigma_permille: Annotated[int, "assumption: log-normal, sigma 0.25 to 0.35"] = 350
    attentive_ms: Annotated[int, "Green 2000: brake reaction to the expected, 0.70 to 0.75 s"] = 700
    """Age of what an attentive person goes by."""
    headway_ms: Annotated[int, "SUMO tau 1.0 s and nuPlan's IDM 1.5 s: the calmer one"] = 1_500
    headway_spread_ms: Annotated[int, "assumption: spread of the headway over people"] = 300
    lateral_mm_s2: Annotated[int, "assumption: lateral acceleration in turns, mean"] = 2_500
    lateral_spread_mm_s2: Annotated[int, "assumption: its standard deviation over people"] = 400
    change_ms: Annotated[
        int, "Lee, Olsen and Wierwille 2004: mean 6.28 s, sd 2.0 s; the median of these"
    ] = 5_984
    change_sigma_permille: Annotated[int, "of the same two figures, taken as log-normal"] = 311
    gap_spread_ms: Annotated[int, "assumption: spread of critical gaps over drivers"] = 800
    loss_least_permille: Annotated[int, "assumption: awareness lost by a late word, least"] = 200
    loss_most_permille: Annotated[int, "assumption: awareness lost by a late word, most"] = 600
    half_life_ms: Annotated[int, "assumption: recovery exp(-t / 8 s); IVIS studies 15 to 27 s"] = (
        5_500
    )
    full_loss_ms: Annotated[int, "assumption: delay of what is seen at a full loss"] = 2_500
    hurry_permille: Annotated[int, "assumption: share of the loss by which gaps shrink"] = 500
    late_ms: Annotated[int, "UMTRI-95-6: the last message is wanted 5.4 to 8.2 s ahead"] = 6_000
    lapses_ppm: Annotated[int, "calibrated: near-crashes of the 100-Car study; per second"] = 900
    lapse_ms: Annotated[int, "assumption: eyes off the road; 100-Car: risk grows from 2 s on"] = (
        2_000
    )
    attempt_mm_s2: Annotated[int, "assumption: braking that half of the people still try"] = 4_500
    attempt_spread_mm_s2: Annotated[int, "assumption: its spread over people"] = 800
    attempt_slope_mm_s2: Annotated[int, "assumption: slope of the logistic go or no-go choice"] = (
        800
    )
    heeds_permille: Annotated[int, "assumption: share of forbidden ways that are seen as such"] = (
        950
    )


SOURCES: Final[dict[str, str]] = {
    name: hint.__metadata__[0] for name, hint in get_type_hints(Person, include_extras=True).items()
}
"""Where each number of a person comes from."""
ASSUMED: Final = tuple(name for name, source in SOURCES.items() if source.startswith("assumption"))
"""Names of the numbers that are assumptions: what ``guiderail sensitivity`` varies."""
PEOPLE: Final = {
    "ordinary": Person(),
    "calm": Person(loss_least_permille=0, loss_most_permille=0, lapses_ppm=0),
    "flustered": Person(
        loss_least_permille=400, loss_most_permille=800, half_life_ms=10_500, late_ms=10_000
    ),
}
"""Presets; ``flustered`` is the long tail of the in-vehicle studies (15 s: half in 10.5 s)."""


class Traits:
    """What one person is like on one trip, and what each word does to him."""

    def __init__(self, person: Person, seed: TripSeed) -> None:
        self.person = person
        self._seed = seed

    def reaction_ms(self, ordinal: int) -> int:
        """Time from the last word to the first action."""
        word = draw(self._seed, Stream.HUMAN_REACTION, 0, ordinal)
        sigma = self.person.reaction_sigma_permille
        return self.person.reaction_ms * log_normal_permille(word, sigma) // 1_000

    def loss_permille(self, ordinal: int) -> int:
        """Awareness lost by one late word."""
        least, most = self.person.loss_least_permille, self.person.loss_most_permille
        word = draw(self._seed, Stream.HUMAN_REACTION, 1, ordinal)
        return least + below(word, most - least + 1)

    def headway_ms(self) -> int:
        """Time headway that this person keeps."""
        word = draw(self._seed, Stream.HUMAN_STYLE, 3, 0)
        spread = self.person.headway_spread_ms * normal_permille(word) // 1_000
        return max(SHORTEST_HEADWAY_MS, self.person.headway_ms + spread)

    def lateral_mm_s2(self) -> int:
        """Lateral acceleration that this person turns with."""
        word = draw(self._seed, Stream.HUMAN_STYLE, 0, 0)
        spread = self.person.lateral_spread_mm_s2 * normal_permille(word) // 1_000
        taste = self.person.lateral_mm_s2 + spread
        return max(LEAST_LATERAL_MM_S2, min(MOST_LATERAL_MM_S2, taste))

    def change_ms(self, ordinal: int) -> int:
        """Time that a lane change takes: log-normal, within 3 .. 8 s."""
        word = draw(self._seed, Stream.HUMAN_STYLE, 4, ordinal)
        factor = log_normal_permille(word, self.person.change_sigma_permille)
        change_ms = self.person.change_ms * factor // 1_000
        return max(QUICKEST_CHANGE_MS, min(SLOWEST_CHANGE_MS, change_ms))

    def critical_gap_ms(self, turn: Turn) -> int:
        """Gap that this person takes."""
        spread = self.person.gap_spread_ms
        spread = spread * normal_permille(draw(self._seed, Stream.HUMAN_STYLE, 1, 0)) // 1_000
        return max(SHORTEST_GAP_MS, CRITICAL_MS[turn.conflict][turn.major_lanes > 4] + spread)  # noqa: PLR2004  four lanes

    def most_braking_mm_s2(self, ordinal: int) -> int:
        """Braking beyond which this person lets a turn go: a draw from the logistic choice."""
        person = self.person
        word = draw(self._seed, Stream.HUMAN_STYLE, 2, 0)
        personal = person.attempt_spread_mm_s2 * normal_permille(word) // 1_000
        word = draw(self._seed, Stream.HUMAN_REACTION, 2, ordinal)
        now = person.attempt_slope_mm_s2 * logistic_permille(word) // 1_000
        return person.attempt_mm_s2 + personal + now

    def heeds(self, ordinal: int) -> bool:
        """Whether the person sees that a way is forbidden."""
        word = draw(self._seed, Stream.HUMAN_REACTION, 3, ordinal)
        return below(word, 1_000) < self.person.heeds_permille
