"""A results folder belongs to one run and loses nothing that was finished."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from guiderail.sim.contract.errors import ResultError
from guiderail.sim.lab.results import store
from guiderail.sim.lab.results.columns import TABLES
from guiderail.sim.lab.results.store import ResultFolder, write_part

MakeRow = dict[str, Callable[..., dict[str, Any]]]
RUN = "gr1-town-00000000-s1-noisy"


def claimed(path: Path) -> ResultFolder:
    folder = ResultFolder(path)
    folder.claim(RUN, {}, "")
    return folder


def add_chunk(folder: ResultFolder, chunk: int, trips: list[dict[str, Any]]) -> None:
    files = {
        store.part_name(chunk, table): write_part(
            folder.path, chunk, table, trips if table == "trips" else []
        )
        for table in TABLES
    }
    folder.note({"chunk": chunk, "files": files})


def test_a_new_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    folder = claimed(tmp_path / "a" / "b")
    assert folder.run_name() == RUN
    assert folder.finished_chunks() == {}


def test_a_folder_with_anything_else_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("dear")
    with pytest.raises(ResultError, match=r"is not empty; name a new folder"):
        claimed(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_folder_of_another_run_is_refused_with_both_names(tmp_path: Path) -> None:
    claimed(tmp_path)
    with pytest.raises(ResultError, match=rf"holds the run {RUN}, not gr1-other"):
        ResultFolder(tmp_path).claim("gr1-other", {}, "")


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(ResultError, match=r"is a file; name a folder"):
        claimed(tmp_path / "out")
    with pytest.raises(ResultError, match=r"cannot write results|is a file"):
        claimed(tmp_path / "out" / "deeper")


def test_a_folder_that_cannot_be_written_is_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, **_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(ResultError, match=r"cannot write results in .*: Permission denied"):
        claimed(tmp_path / "out")


def test_a_full_disk_is_told_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "LEAST_FREE_BYTES", 1 << 62)
    with pytest.raises(ResultError, match="64 MB"):
        claimed(tmp_path / "new" / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_leaves_no_partial_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = claimed(tmp_path)

    def fill(_table: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", fill)
    with pytest.raises(ResultError, match="No space left on device"):
        write_part(folder.path, 0, "trips", [])
    assert list((tmp_path / store.PARTS).iterdir()) == []


def test_only_chunks_whose_parts_are_unharmed_count_as_finished(
    tmp_path: Path, rows: MakeRow
) -> None:
    folder = claimed(tmp_path)
    for chunk in range(4):
        add_chunk(folder, chunk, [rows["trip"]("guarded", 0.0, chunk)])
    parts = tmp_path / store.PARTS
    (parts / store.part_name(1, "trips")).unlink()
    damaged = parts / store.part_name(2, "trips")
    damaged.write_bytes(damaged.read_bytes()[:-1])
    assert set(folder.finished_chunks()) == {0, 3}


def test_a_manifest_whose_last_line_is_cut_off_keeps_the_lines_before(
    tmp_path: Path, rows: MakeRow
) -> None:
    folder = claimed(tmp_path)
    for chunk in range(2):
        add_chunk(folder, chunk, [rows["trip"]("guarded", 0.0, chunk)])
    manifest = tmp_path / store.MANIFEST
    manifest.write_bytes(manifest.read_bytes()[:-10])
    assert set(folder.finished_chunks()) == {0}


def test_what_a_killed_writer_left_is_swept_away(tmp_path: Path) -> None:
    folder = claimed(tmp_path)
    leftover = tmp_path / store.PARTS / ".000000-trips.parquet.77.tmp"
    leftover.write_bytes(b"half")
    folder.claim(RUN, {}, "")
    assert not leftover.exists()


def test_tables_are_sorted_by_arm_rate_and_trip_whatever_the_order_of_the_parts(
    tmp_path: Path, rows: MakeRow
) -> None:
    folder = claimed(tmp_path)
    cells = [("obeying_human", 0.1), ("guarded", 1.0), ("guarded", 0.0)]
    for chunk in (1, 0):
        trips = [rows["trip"](arm, rate, 10 * chunk + k) for arm, rate in cells for k in (1, 0)]
        add_chunk(folder, chunk, trips)
    folder.finish([0, 1])
    table = folder.read("trips", ["arm", "rate", "trip"]).to_pylist()
    keys = [tuple(row.values()) for row in table]
    assert keys == sorted(keys)
    assert len(keys) == 12
    assert folder.is_finished()
    assert not (tmp_path / store.PARTS).exists()


def test_a_finished_folder_with_a_damaged_table_is_not_finished(
    make_folder: Callable[..., ResultFolder], rows: MakeRow
) -> None:
    folder = make_folder(trips=[rows["trip"]("guarded", 0.0, 0)])
    path = folder.path / "trips.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    assert not folder.is_finished()
    with pytest.raises(ResultError, match=r"cannot read .*trips\.parquet"):
        folder.read("trips")


def test_a_folder_without_tables_is_not_a_results_folder(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="not a results folder, or its sweep did not finish"):
        ResultFolder(tmp_path).read("trips")


def test_json_never_holds_a_number_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        store.write_json(tmp_path / "x.json", {"rate": float("nan")})
    assert list(tmp_path.iterdir()) == []
    store.write_json(tmp_path / "x.json", {"rate": None})
    assert json.loads((tmp_path / "x.json").read_text()) == {"rate": None}
