"""
A results folder: parts written atomically, an append-only manifest, sorted tables at the end.

A part counts only when the manifest names it and its SHA-256 fits, so a killed sweep loses nothing
but what was under way. The folder belongs to one run name; any other content is refused.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from guiderail.maps.files import replacing
from guiderail.sim.contract.errors import ResultError
from guiderail.sim.lab.measure.measure import Scalar
from guiderail.sim.lab.results.columns import TABLES, columns

MANIFEST: Final = "manifest.jsonl"
RUN: Final = "run.json"
SCENARIO: Final = "scenario.toml"
PARTS: Final = "parts"
LEAST_FREE_BYTES: Final = 64_000_000
"""Less free space than this is refused before the work begins."""

_TYPES: Final = {str: pa.string(), float: pa.float64(), int: pa.int64(), bool: pa.bool_()}


def schema(table: str) -> Any:
    """Arrow schema of a table; no metadata, so that contents depend on the results alone."""
    return pa.schema([(column.name, _TYPES[column.holds]) for column in columns(table)])


class ResultFolder:
    """The files of one sweep."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def claim(self, run: str, about: Mapping[str, Any], scenario: str) -> None:
        """
        Take the folder for a run: a new or empty one, or that of the same, interrupted run.

        Parameters
        ----------
        run
            Name of the run.
        about
            Everything that the reports need to know of it.
        scenario
            The scenario as TOML, to run single trips of it again.

        Raises
        ------
        ResultError
            When it holds anything else or cannot be written.
        """
        is_new = not self._is_ours(run)
        self._check_space()
        with writing(self.path):
            if is_new:
                self.path.mkdir(parents=True, exist_ok=True)
                write_json(self.path / RUN, {"run": run, **about})
                write_text(self.path / SCENARIO, scenario)
            for leftover in self.path.rglob(".*.tmp"):
                leftover.unlink()
            with (self.path / MANIFEST).open("ab"):
                pass
            if self.is_finished():  # an interruption may have kept parts that are joined already
                shutil.rmtree(self.path / PARTS, ignore_errors=True)
            else:
                (self.path / PARTS).mkdir(exist_ok=True)

    def _check_space(self) -> None:
        """Refuse a full disk before anything is written; the folder need not exist yet."""
        path = self.path.absolute()
        there = next(place for place in (path, *path.parents) if place.exists())
        with writing(self.path):
            free = shutil.disk_usage(there).free
        if free < LEAST_FREE_BYTES:
            raise ResultError(f"less than 64 MB are free for the results in {str(self.path)!r}")

    def _is_ours(self, run: str) -> bool:
        """Whether the same run began here; False for a new or an empty folder."""
        try:
            content = sorted(entry.name for entry in self.path.iterdir())
        except FileNotFoundError:
            return False
        except NotADirectoryError:
            raise ResultError(
                f"{str(self.path)!r} is a file; name a folder for the results"
            ) from None
        except OSError as error:
            raise _refused(self.path, error) from None
        if not content:
            return False
        held = self.run_name() if RUN in content else ""
        if not held:
            raise ResultError(
                f"{str(self.path)!r} is not empty; name a new folder for the results, or clear it"
            )
        if held != run:
            raise ResultError(
                f"{str(self.path)!r} holds the run {held}, not {run}; "
                "name a new folder for the results"
            )
        return True

    def run_name(self) -> str:
        """Name of the run that the folder belongs to; empty if it does not say."""
        return str(self.about().get("run", ""))

    def about(self) -> dict[str, Any]:
        """What the folder says about its run; empty if it does not say."""
        try:
            value = json.loads((self.path / RUN).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return value if isinstance(value, dict) else {}

    # -- parts ------------------------------------------------------------------------------------

    def note(self, entry: Mapping[str, Any]) -> None:
        """Append one line to the manifest, durably."""
        with writing(self.path), (self.path / MANIFEST).open("ab") as file:
            file.write(json.dumps(entry, sort_keys=True).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def finished_chunks(self) -> dict[int, dict[str, Any]]:
        """Manifest lines of the chunks whose parts are all there and unharmed."""
        lines = {line["chunk"]: line for line in self._manifest() if "chunk" in line}
        return {k: line for k, line in lines.items() if self._is_whole(PARTS, line)}

    def is_finished(self) -> bool:
        """Whether the sorted tables are all there and unharmed."""
        return any(self._is_whole("", line) for line in self._manifest() if "finished" in line)

    def _manifest(self) -> Iterator[dict[str, Any]]:
        for line in (self.path / MANIFEST).read_bytes().splitlines():
            # The last line of a killed sweep may be cut off; its chunk is simply run again.
            with suppress(ValueError):
                yield json.loads(line)

    def _is_whole(self, folder: str, line: Mapping[str, Any]) -> bool:
        files: Mapping[str, str] = line["files"]
        try:
            return all(
                sha256(self.path / folder / name) == digest for name, digest in files.items()
            )
        except OSError:
            return False

    # -- tables -----------------------------------------------------------------------------------

    def finish(self, chunks: Sequence[int]) -> None:
        """Join the parts into sorted tables, then drop the parts."""
        with writing(self.path):
            files = {f"{table}.parquet": self._join(table, chunks) for table in TABLES}
            self.note({"finished": True, "files": files})
            shutil.rmtree(self.path / PARTS)

    def _join(self, table: str, chunks: Sequence[int]) -> str:
        """Write one sorted table, one row group per arm and rate, and return its digest."""
        source = ds.dataset([str(self.path / PARTS / part_name(k, table)) for k in chunks])
        keys = source.to_table(columns=["arm", "rate"]).group_by(["arm", "rate"]).aggregate([])
        cells = sorted(zip(*(keys[name].to_pylist() for name in ("arm", "rate")), strict=True))
        order = [("trip", "ascending")]
        order += [("ordinal", "ascending")] * ("ordinal" in schema(table).names)
        path = self.path / f"{table}.parquet"
        with replacing(path) as fresh, pq.ParquetWriter(fresh, schema(table)) as writer:
            for arm, rate in cells:
                mine = (ds.field("arm") == arm) & (ds.field("rate") == rate)
                writer.write_table(source.to_table(filter=mine).sort_by(order))
        return sha256(path)

    def read(self, table: str, columns: Sequence[str] | None = None) -> Any:
        """
        Read a finished table, or some of its columns, into Arrow.

        Raises
        ------
        ResultError
            When it is missing or cannot be read.
        """
        path = self.path / f"{table}.parquet"
        try:
            return pq.read_table(path, columns=columns, schema=schema(table))
        except FileNotFoundError:
            raise ResultError(
                f"no {path.name} in {str(self.path)!r}: "
                "not a results folder, or its sweep did not finish"
            ) from None
        except (OSError, pa.ArrowException) as error:
            raise ResultError(f"cannot read {str(path)!r}: {_first_line(error)}") from None


def part_name(chunk: int, table: str) -> str:
    """Name of the part that one chunk adds to a table."""
    return f"{chunk:06d}-{table}.parquet"


def write_part(folder: Path, chunk: int, table: str, rows: Iterable[Mapping[str, Scalar]]) -> str:
    """Write the rows that one chunk adds to a table, atomically, and return the digest."""
    path = folder / PARTS / part_name(chunk, table)
    with writing(folder):
        content = pa.Table.from_pylist(list(rows), schema=schema(table))
        with replacing(path) as fresh:
            pq.write_table(content, fresh)
        return sha256(path)


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file atomically; what is not a finite number must be null."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_text(path, text)


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically."""
    with writing(path), replacing(path) as fresh:
        fresh.write_text(text, "utf-8")


def write_bytes(path: Path, content: bytes) -> None:
    """Write a binary file atomically."""
    with writing(path), replacing(path) as fresh:
        fresh.write_bytes(content)


def sha256(path: Path) -> str:
    """Digest of a file's content, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the file system refuses into one error that names the path."""
    try:
        yield
    except OSError as error:
        raise _refused(path, error) from None


def _refused(path: Path, error: OSError) -> ResultError:
    return ResultError(f"cannot write results in {str(path)!r}: {error.strerror or error}")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
