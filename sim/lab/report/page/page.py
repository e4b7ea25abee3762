"""
One self-contained page of a sweep: works offline, prints, and asks nobody for anything.

Its policy forbids any request; what a guide said is text and nothing else.
"""

from importlib.resources import files
from pathlib import Path
from typing import Final

from guiderail.sim.contract.errors import ResultError
from guiderail.sim.lab.report.page import sections
from guiderail.sim.lab.report.page.markup import tag, written
from guiderail.sim.lab.report.page.sections import Content
from guiderail.sim.lab.report.page.worst import drive_again, worst_rows
from guiderail.sim.lab.report.playback import map_drawing, trip_playback
from guiderail.sim.lab.report.player.page import json_in_html, player_script
from guiderail.sim.lab.report.report import write_report
from guiderail.sim.lab.results import store
from guiderail.sim.lab.results.store import ResultFolder
from guiderail.sim.lab.results.summary import Summary

PAGE: Final = "report.html"
"""Its name in the folder of a demo."""
_POLICY: Final = (
    "default-src 'none'; img-src data:; script-src 'unsafe-inline'; style-src 'unsafe-inline'"
)
_START: Final = """
const dark = matchMedia("(prefers-color-scheme: dark)").matches;
const data = JSON.parse(document.getElementById("playback").textContent);
for (const place of document.querySelectorAll("[data-trip]"))
  guiderailPlayer(place, {...data, trips: [data.trips[place.dataset.trip]], dark});
"""
_LINKS: Final = (
    ("result", "Result"),
    ("headline", "Figure"),
    ("cost", "Cost"),
    ("harm", "Harm"),
    ("trips", "Worst trips"),
    ("card", "Run card"),
)


def check_page_path(path: Path) -> None:
    """
    Refuse a place where no page can be written, before the work begins.

    Raises
    ------
    ResultError
        When something is there already, or the folder is missing.
    """
    if path.is_dir():
        raise ResultError(f"--html {str(path)!r} is a folder: name a file in it")
    if path.exists():
        raise ResultError(f"--html {str(path)!r} is there already: name a new file, or remove it")
    if not path.parent.is_dir():
        raise ResultError(f"--html {str(path)!r}: there is no folder {str(path.parent)!r}")


def write_page(folder: ResultFolder, path: Path, *, summary: Summary | None = None) -> Summary:
    """
    Write the page of a finished results folder.

    Parameters
    ----------
    folder
        The results.
    path
        A new file in a folder that exists.
    summary
        What :func:`~guiderail.sim.lab.report.report.write_report` gave; made where it is left out.

    Raises
    ------
    ResultError
        When the results cannot be read or the page cannot be written.
    """
    summary = write_report(folder) if summary is None else summary
    network, trips, why = drive_again(folder, worst_rows(folder))
    content = Content(
        folder=folder.path, summary=summary, network=network, trips=trips, why_no_trips=why
    )
    store.write_text(path, page_text(content))
    return summary


def page_text(content: Content) -> str:
    """Make the page."""
    roads, run = content.summary["map"], content.summary["run"]
    title = f"guiderail: {run}"
    body = [section(content) for section in sections.SECTIONS]
    main = tag(
        "main",
        tag("h1", f"What an unreliable guide costs on {roads.get('name', 'a map')}"),
        tag(
            "p",
            f"Run {run}. An unreliable guide speaks, a driving layer drives; the same trips "
            "and the same words for every arm.",
            class_="dim",
        ),
        tag("nav", *(tag("a", text, href=f"#{name}") for name, text in _LINKS)),
        *(section for section in body if section is not None),
    )
    return "\n".join(
        (
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">',
            written(tag("meta", http_equiv="Content-Security-Policy", content=_POLICY)),
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            written(tag("title", title)),
            f"<style>{files(__package__).joinpath('page.css').read_text('utf-8')}</style></head>",
            f"<body>{written(main)}",
            *_player(content),
            "</body></html>\n",
        )
    )


def _player(content: Content) -> list[str]:
    """Script and data of the trips shown; nothing where there are none."""
    if content.network is None or not content.trips:
        return []
    shown = [trip_playback(trip.result, content.network) for trip in content.trips]
    data = {
        "map": map_drawing(content.network),
        "trips": shown,
        "run": content.summary["run"],
    }
    return [
        f'<script type="application/json" id="playback">{json_in_html(data)}</script>',
        f"<script>{player_script()}{_START}</script>",
    ]
