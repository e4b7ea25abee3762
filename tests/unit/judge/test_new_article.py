"""A kind of infraction from outside: one rule, registered once, and it is judged and weighed."""

from collections.abc import Iterator
from typing import Final

import pytest
from judge_stories import Story

from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.judge.law import Article, Rule
from guiderail.sim.judge.severity import Severity
from guiderail.sim.judge.taxonomy import LAW, TAXONOMY, register

CRAWLING: Final = Article(
    id="X1",
    kind="crawling",
    severity=Severity.S1,
    weight=0.25,
    source="this test",
    meaning="The car moved slower than 1 m/s.",
)


def crawling(trip: JudgedTrip) -> Iterator[Infraction]:
    for rows in trip.episodes((trip.speed_mm_s > 0) & (trip.speed_mm_s < 1_000)):
        yield CRAWLING.broken_at(trip, int(rows[0]), (("rows", len(rows)),))


@pytest.fixture
def crawling_is_an_infraction() -> Iterator[None]:
    register(Rule(find=crawling, articles=(CRAWLING,)))
    yield
    del LAW[-1], TAXONOMY["X1"]


@pytest.mark.usefixtures("crawling_is_an_infraction")
def test_an_article_from_outside_is_judged_and_weighed() -> None:
    judgement = Story(speed=980).go(2).judged()
    (found,) = judgement.breaches
    assert (found.article, found.kind, found.evidence) == ("X1", "crawling", (("rows", 3),))
    assert judgement.score == pytest.approx(1 / (1 + 0.25 + 0.4))  # it did not arrive, too
    assert Story(speed=1_000).go(2).judged().breaches == ()


@pytest.mark.usefixtures("crawling_is_an_infraction")
def test_two_articles_never_share_an_id() -> None:
    with pytest.raises(ValueError, match="there is an article 'X1' already: choose another id"):
        register(Rule(find=crawling, articles=(CRAWLING,)))
    assert len(LAW) == len({rule.find for rule in LAW})
