"""A measure from outside: registered once, it is a column of the results and a number in them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from guiderail.sim.lab.experiment.scenario import make_scenario
from guiderail.sim.lab.measure import metrics
from guiderail.sim.lab.measure.measure import Compared, Measure, Summed
from guiderail.sim.lab.measure.measures import MEASURES, register
from guiderail.sim.lab.measure.over_trips import total
from guiderail.sim.lab.report.report import cells_csv
from guiderail.sim.lab.results.columns import columns
from guiderail.sim.lab.results.summary import summarize
from guiderail.sim.lab.results.sweep import sweep


def spoken_words(one: Compared) -> int:
    return sum(len(said.advice.words.split()) for said in metrics.heard(one.run.trace))


WORDS: Final = Measure(
    name="spoken_words",
    holds=int,
    unit="words",
    meaning="Words that the passenger heard.",
    of=spoken_words,
    summed=(Summed("spoken_words", total),),
)


@pytest.fixture
def words_are_counted() -> Iterator[None]:
    register(WORDS)
    yield
    MEASURES.remove(WORDS)


@pytest.mark.usefixtures("words_are_counted")
def test_a_measure_from_outside_is_in_rows_dictionary_summary_and_csv(tmp_path: Path) -> None:
    short = {"min_s": 15, "max_s": 30}
    scenario = make_scenario({"trips": 1, "arms": ["guarded"], "rates": [1.0], "od": short})
    folder = sweep(scenario, tmp_path / "results", workers=1)
    trips, messages = folder.read("trips"), folder.read("messages")
    spoken = sum(len(words.split()) for words in messages["words"].to_pylist())
    assert trips["spoken_words"].to_pylist() == [spoken]
    assert columns("trips")[-1].meaning == "Words that the passenger heard."
    summary = summarize(folder)
    assert summary["arms"]["guarded"].get("spoken_words") == spoken
    assert "spoken_words" in cells_csv(summary).splitlines()[0].split(",")


@pytest.mark.usefixtures("words_are_counted")
def test_two_measures_never_share_a_column() -> None:
    with pytest.raises(ValueError, match="there is a measure 'spoken_words' already"):
        register(WORDS)
