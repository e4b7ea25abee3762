"""
How often guides of today err, in which way, how fast and how sure of themselves.

No split by kind has been published for in-car guides: the numbers are proposals of this project,
set beside published rates of neighboring tasks. ``source`` names those for each preset. An entry
``only_<kind>`` makes one kind of error alone, to price it.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from guiderail.sim.contract.errors import ScenarioError

HIGHEST_RHO_PERMILLE: Final = 950
"""Beyond it nearly every trip is all right or all wrong, and the table loses its mean."""


class Hallucination(StrEnum):
    """The ways in which a guide errs; what a wrong advice carries as its label."""

    WRONG_LINK = "wrong_link"
    """A legal turn onto the wrong road."""
    WRONG_DIRECTION = "wrong_direction"
    """Left for right or right for left; there may be no such turn."""
    ILLEGAL_TURN = "illegal_turn"
    """A turn that is banned or leads the wrong way into a one-way street."""
    STALE_MAP = "stale_map"
    """A closed road called open, or an open road called closed."""
    BAD_TIMING = "bad_timing"
    """Said when the car is all but there."""
    INVENTED_PLACE = "invented_place"
    """A place that does not exist."""
    LANE_FAR = "lane_far"
    """The very next turn, from a lane that does not lead there."""
    OVERCONFIDENCE = "overconfidence"
    """A modifier, never a label: something wrong said with a confidence of 0.9 or more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One kind of guide; all shares in parts per million."""

    weights: tuple[tuple[Hallucination, int], ...]
    """Share of instructions wrong in this way: the mix of kinds at any rate of a trip."""
    sure_when_wrong_ppm: int
    """Share of errors stated with a confidence of 0.9 or more."""
    sure_when_right_ppm: int
    latency_median_ms: int
    latency_sigma_permille: int
    """Standard deviation of the logarithm of the latency, in thousandths."""
    talk_ppm: int = 500_000
    """Share of the occasions at which it speaks; a knob, since nobody has published one."""
    rho_permille: int = 450
    """
    Intraclass correlation of the errors of one trip, in thousandths; 0 makes them independent.

    tau-bench, airline, gpt-4o repeats one task with .405; other systems are reported up to .53.
    """
    source: str

    def __post_init__(self) -> None:
        """Refuse what the tables cannot hold."""
        if not 0 <= self.rho_permille <= HIGHEST_RHO_PERMILLE:
            raise ScenarioError(
                f"rho_permille is {self.rho_permille}: it must lie in 0 .. {HIGHEST_RHO_PERMILLE}"
            )

    @property
    def error_ppm(self) -> int:
        """Share of wrong instructions in all: the preset's own hallucination rate."""
        return sum(weight for _, weight in self.weights)


def _mix(
    *, edge: int, side: int, invented: int, stale: int, late: int
) -> tuple[tuple[Hallucination, int], ...]:
    """
    Spread one row of the preset table over the kinds [ppm].

    "Wrong edge or turn" is one column there. One in four of them is made illegal here: from memory
    a model does not know which turns are banned, but most turns of a city are not.
    """
    return (
        # The next in order stands in for what cannot be made somewhere, so like follows like.
        (Hallucination.STALE_MAP, stale),
        (Hallucination.BAD_TIMING, late),
        (Hallucination.WRONG_DIRECTION, side),
        (Hallucination.ILLEGAL_TURN, edge // 4),
        (Hallucination.WRONG_LINK, edge - edge // 4),
        (Hallucination.INVENTED_PLACE, invented),
    )


_PUBLISHED: Final = {
    "fixed_command": Preset(
        weights=_mix(edge=2_000, side=0, invented=0, stale=10_000, late=20_000),
        sure_when_wrong_ppm=1_000_000,
        sure_when_right_ppm=1_000_000,
        latency_median_ms=300,
        latency_sigma_permille=0,
        source="Proposal: a navigator with fixed phrases, sure of all it says; constant 0.3 s.",
    ),
    "llm_tool_good": Preset(
        weights=_mix(edge=20_000, side=10_000, invented=5_000, stale=20_000, late=80_000),
        sure_when_wrong_ppm=600_000,
        sure_when_right_ppm=900_000,
        latency_median_ms=1_300,
        latency_sigma_permille=350,
        source=(
            "Proposal for a language model with a map tool, 2026: invented places 1.6-12.1 %"
            " (VOYGR, search on), compass 8 % wrong (o1, arXiv 2507.12059), response latency"
            " 1.15-4.24 s (tau-Voice)."
        ),
    ),
    "llm_tool_noisy": Preset(
        weights=_mix(edge=80_000, side=30_000, invented=30_000, stale=50_000, late=150_000),
        sure_when_wrong_ppm=700_000,
        sure_when_right_ppm=900_000,
        latency_median_ms=1_700,
        latency_sigma_permille=500,
        source=(
            "Proposal for a weaker model with a map tool: 24 % of routes wrong with tools"
            " (MapEval-API), names misheard 10-44 % (arXiv 2602.12249), latencies of the"
            " slower voice panel rows."
        ),
    ),
    "llm_map_in_prompt": Preset(
        weights=_mix(edge=70_000, side=28_000, invented=27_000, stale=45_000, late=140_000),
        sure_when_wrong_ppm=700_000,
        sure_when_right_ppm=900_000,
        latency_median_ms=1_400,
        latency_sigma_permille=420,
        source=(
            "Proposal: geometric means of llm_tool_good and llm_memory; with the road graph in the"
            " prompt models do give valid paths (GlobalTrace, arXiv 2510.01639)."
        ),
    ),
    "llm_memory": Preset(
        weights=_mix(edge=250_000, side=80_000, invented=150_000, stale=100_000, late=250_000),
        sure_when_wrong_ppm=800_000,
        sure_when_right_ppm=900_000,
        latency_median_ms=1_500,
        latency_sigma_permille=500,
        source=(
            "Proposal, for stress only, worse than measured: city routes 38 % right from memory"
            " (hansenq 2025), invented places 12-22 % (VOYGR, search off), compass 41-59 % wrong"
            " (arXiv 2406.16528)."
        ),
    ),
}


def _only(kind: Hallucination) -> Preset:
    return Preset(
        weights=((kind, 1_000_000),),
        sure_when_wrong_ppm=600_000,
        sure_when_right_ppm=900_000,
        latency_median_ms=1_300,
        latency_sigma_permille=350,
        source=f"llm_tool_good, with no other error than {kind}.",
    )


PRESETS: Final = MappingProxyType(
    _PUBLISHED
    | {f"only_{k}": _only(k) for k in Hallucination if k is not Hallucination.OVERCONFIDENCE}
)
"""Every preset by name."""


def preset_named(name: str) -> Preset:
    """
    Find a preset.

    Raises
    ------
    ScenarioError
        When there is none of that name; the message lists those that exist.
    """
    if name not in PRESETS:
        raise ScenarioError(f"no guide preset named {name!r}; there are: {', '.join(PRESETS)}")
    return PRESETS[name]
