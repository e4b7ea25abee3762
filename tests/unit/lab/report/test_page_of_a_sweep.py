"""The report as one page: everything in it, nothing from outside, and nobody's words as markup."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from guiderail.sim.lab.cli.main import run_command
from guiderail.sim.lab.experiment.scenario import make_scenario
from guiderail.sim.lab.report.page import sections
from guiderail.sim.lab.report.page.markup import tag, written
from guiderail.sim.lab.report.page.page import write_page
from guiderail.sim.lab.report.page.worst import worst_rows
from guiderail.sim.lab.results.store import ResultFolder
from guiderail.sim.lab.results.sweep import sweep

ARMS = ["no_guide", "guarded", "obeying_machine"]
VOID = {"meta", "img", "link", "br", "input"}


class Reader(HTMLParser):
    """Check that elements close, and collect what they say."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.sources: list[str] = []
        self.headings: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        if tag[0] == "h" and tag[1:].isdigit():
            self.headings.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("src", "href"):
                self.sources.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        """It must be the one that was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.words.append(data)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> ResultFolder:
    plan = make_scenario({"map": "town", "arms": ARMS, "rates": [1.0], "trips": 3, "seed": 2})
    return sweep(plan, tmp_path_factory.mktemp("page") / "results", 1)


@pytest.fixture(scope="module")
def page(folder: ResultFolder, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("made") / "report.html"
    write_page(folder, path)
    return path.read_text("utf-8")


def test_the_page_holds_figure_tables_trips_and_run_card(page: str, folder: ResultFolder) -> None:
    read = Reader(page)
    assert read.open == []
    assert len(read.ids) == len(set(read.ids))
    assert {"result", "headline", "cost", "harm", "trips", "card", "playback"} <= set(read.ids)
    told = " ".join(read.words)
    assert folder.run_name() in told
    assert "What the words cost" in told
    assert "Where the detour went" in told
    assert "per 1,000 km" in told
    assert "trip_failure" in told or "No infraction" in told or "wrong_way" in told
    assert "The car arrives" in told or "crash" in told
    assert read.headings[0] == "h1"
    assert read.headings.count("h1") == 1


def test_it_asks_for_nothing_from_outside(page: str) -> None:
    read = Reader(page)
    links = [source for source in read.sources if not source.startswith(("#", "data:image/png"))]
    assert links == []
    assert "default-src 'none'" in page
    assert re.search(r"@import|url\(", page) is None


def test_the_trips_shown_are_those_that_were_recorded(page: str, folder: ResultFolder) -> None:
    rows = worst_rows(folder)
    assert [row["arm"] for row in rows] == ["guarded", "guarded", "obeying_machine"]
    assert page.count('class="player"') == 3
    assert "The code has changed" not in page


def test_the_worst_trip_of_an_arm_has_the_most_serious_infractions(folder: ResultFolder) -> None:
    shown = next(row for row in worst_rows(folder) if row["arm"] == "obeying_machine")
    trips = folder.read("trips").to_pylist()
    serious = [t["s4"] + t["s3"] + t["s2"] for t in trips if t["arm"] == "obeying_machine"]
    assert shown["s4"] + shown["s3"] + shown["s2"] == max(serious)


def test_words_of_a_guide_are_text_and_no_markup() -> None:
    hostile = "</ol><script>alert(1)</script><img src=x onerror=alert(2)>\x00"
    text = written(tag("li", hostile, title='"><script>'))
    read = Reader(text)
    assert read.tags == ["li"]
    assert read.words == [hostile.rstrip("\x00")]


def test_a_section_of_ones_own_is_one_function_and_one_entry(
    folder: ResultFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mine(content: sections.Content) -> Any:
        return tag("section", tag("h2", f"Mine: {len(content.summary['arms'])} arms"))

    monkeypatch.setattr(sections, "SECTIONS", (*sections.SECTIONS, mine))
    write_page(folder, tmp_path / "own.html")
    assert "Mine: 3 arms" in (tmp_path / "own.html").read_text("utf-8")


def test_a_guide_that_would_have_to_be_asked_is_not_asked_again(
    folder: ResultFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "guiderail.sim.lab.report.page.worst.load_scenario",
        lambda _path: make_scenario({"map": "town", "guide": "http://127.0.0.1:9/none"}),
    )
    write_page(folder, tmp_path / "asked.html")
    assert "would have to be asked again" in (tmp_path / "asked.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("missing/report.html", "there is no folder"),
        ("there.html", "is there already"),
        ("", "is a folder"),
    ],
)
def test_a_page_that_cannot_be_written_is_refused_before_the_work(
    folder: ResultFolder,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    told: str,
) -> None:
    (tmp_path / "there.html").write_text("mine")
    assert run_command(["report", str(folder.path), "--html", str(tmp_path / name)]) == 2
    said = capsys.readouterr()
    assert told in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert said.out == ""
    assert (tmp_path / "there.html").read_text() == "mine"


def test_a_folder_without_results_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["report", str(tmp_path), "--html", str(tmp_path / "r.html")]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert not (tmp_path / "r.html").exists()
