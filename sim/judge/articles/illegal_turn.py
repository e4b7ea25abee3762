"""R5: a turn that is banned, does not exist, or leads onto a closed link."""

from collections.abc import Iterator
from typing import Final

from guiderail.maps.network import Ban, Turn
from guiderail.sim.contract.trace import Passing
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.judge.law import Article, Rule
from guiderail.sim.judge.severity import Severity

ILLEGAL_TURN: Final = Article(
    id="R5",
    kind="illegal_turn",
    severity=Severity.S2,
    weight=0.4,
    source="OpenStreetMap restrictions and access",
    meaning="The car made a turn that is banned, does not exist, or leads onto a closed road.",
)


def illegal_turn(trip: JudgedTrip) -> Iterator[Infraction]:
    """R5: a turn that is banned or does not exist, or one onto a closed link."""
    for passing in trip.events(Passing):
        turn = trip.network.turn(passing.from_link, passing.to_link)
        closed = passing.to_link in trip.trace.closed or any(
            link == passing.to_link and begin_ms < passing.time_ms <= end_ms
            for link, begin_ms, end_ms in trip.trace.closed_between
        )
        if closed or _is_banned(turn):
            yield ILLEGAL_TURN.broken_at(
                trip,
                max(trip.row_at(passing.time_ms) - 1, 0),
                (
                    ("from_link", passing.from_link),
                    ("to_link", passing.to_link),
                    ("ban", turn.ban or 0 if turn else -1),
                    ("closed", int(closed)),
                ),
            )


def _is_banned(turn: Turn | None) -> bool:
    """Turning against a one-way street is left to R1, which weighs how far it went."""
    return turn is None or turn.ban not in (None, Ban.WRONG_WAY)


RULE: Final = Rule(find=illegal_turn, articles=(ILLEGAL_TURN,))
