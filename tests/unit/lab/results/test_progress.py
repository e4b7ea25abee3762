"""Where there is no terminal, a line now and then says how far a sweep is."""

import pytest

from guiderail.sim.lab.results import progress
from guiderail.sim.lab.results.batch import Finished
from guiderail.sim.lab.results.progress import Watch


def test_a_line_says_how_many_trips_are_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "SECONDS_PER_LINE", 0)
    with Watch(100, done=40) as watch:
        watch.note(Finished(0, {}, 20, {"guarded": 0, "obeying_human": 2}))
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("60 of 100 trips, about ")


def test_nothing_is_said_before_ten_seconds_or_when_all_is_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Watch(100) as watch:
        watch.note(Finished(0, {}, 20, {}))
        monkeypatch.setattr(progress, "SECONDS_PER_LINE", 0)
        watch.note(Finished(1, {}, 80, {}))
    assert capsys.readouterr().err == ""
