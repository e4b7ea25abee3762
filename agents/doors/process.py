"""
A guide as a program of its own, in any language: one line of JSON in, one line of JSON out.

The program gets an empty environment, a session of its own and limits on memory, processor time
and files. That isolates crashes and keeps keys out of its sight; **it is no sandbox**: it may still
open sockets and read files. ``docs/plug-in.md`` has recipes for one.
"""

import hashlib
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import weakref
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import IO, TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field

from guiderail.agents.doors.remote import (
    Channel,
    Fault,
    FaultKind,
    RemoteMaker,
    Settings,
    checked,
    scrubbed,
)
from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.errors import PluginError
from guiderail.sim.contract.messages import Observation
from guiderail.sim.contract.ports import GuideMaker
from guiderail.sim.wire.reader import BYTE_LIMIT, Message, read

if TYPE_CHECKING:
    from collections.abc import Callable

FLOOD_BYTES: Final = 1_048_576
"""What a guide may send for one question, answers to nothing included, before it is ended."""
_OCCASION: Final = re.compile(rb'"occasion"\s*:\s*(\d{1,15})\s*[,}]')
_BLOCK: Final = 65_536
_WAITING_BLOCKS: Final = 2
"""A pipe holds one; who fills it faster than it is emptied is dealt with line by line."""
_LAUNCHER: Final = """
import os, resource, sys
memory, cpu = int(sys.argv[1]), int(sys.argv[2])
for limit, value in (("RLIMIT_AS", memory), ("RLIMIT_CPU", cpu), ("RLIMIT_FSIZE", 0),
                     ("RLIMIT_CORE", 0)):
    if value or limit in ("RLIMIT_FSIZE", "RLIMIT_CORE"):
        resource.setrlimit(getattr(resource, limit), (value, value))
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Limits itself, then becomes the program: safe where this process has threads, unlike a hook."""
_MISSING_OCCASION: Final = b'{"occasion":null}'
"""What stands for an answer that names no question: the reader refuses it for its occasion."""


class ProcessSettings(Settings):
    """How to start the program."""

    name: Annotated[str, Field(min_length=1, max_length=64)] = "process"
    command: Annotated[tuple[str, ...], Field(min_length=1)]
    """Program and arguments; no shell looks at them."""
    folder: Path = Path()
    """Where it runs."""
    memory_mb: Annotated[int, Field(ge=0, le=1_000_000)] = 512
    """Limit of its address space [MB]; 0 for none."""
    cpu_s: Annotated[int, Field(ge=0, le=86_400)] = 60
    """Limit of its processor time in one trip [s]; 0 for none."""
    start_s: Annotated[float, Field(ge=0, le=600, allow_inf_nan=False)] = 5.0
    """Real time that it may take to start, on top of the deadline of its first answer [s]."""
    restarts: Annotated[int, Field(ge=0, le=100)] = 3
    """How often it is started again in one trip; then it is lost."""
    pass_env: tuple[str, ...] = ()
    """Variables of our environment that it may see; else it sees none."""


class Process:
    """The channel to one program, for one trip."""

    def __init__(self, settings: ProcessSettings) -> None:
        self._settings = settings
        self._child: subprocess.Popen[bytes] | None = None
        self._reap: Callable[[], object] = _nothing
        self._starts_left = 1 + settings.restarts
        self._buffer = b""
        self._skips_line = False
        self._errors = b""

    @property
    def notes(self) -> dict[str, Any]:
        """What the program wrote to its standard error last, for the transcript."""
        return {"stderr": self._told(self._errors)} if self._errors else {}

    def ask(self, seen: Observation, request: bytes, deadline_s: float) -> bytes:
        """Write one line and read the one that answers it."""
        starts_before = self._starts_left
        child = self._running()
        until = monotonic() + deadline_s
        if self._starts_left < starts_before:
            until += self._settings.start_s
        self._drop_what_waits(child)
        try:
            self._send(child, request + b"\n", until)
            answer = self._receive(child, seen.occasion, until)
            return self._without_secrets(answer)
        except Fault as fault:
            if fault.kind is not FaultKind.TIMEOUT:
                self._end()
            raise
        except OSError as error:
            self._end()
            raise self._gone(f"its pipes broke: {type(error).__name__}") from None

    def close(self) -> None:
        """End the program and everything in its session."""
        self._end()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._child is not None and self._child.poll() is None:
            return self._child
        if self._child is not None:
            code = self._child.returncode
            self._end()
            if not self._starts_left:
                raise self._gone(f"it ended with code {code}")
        self._child = self._started()
        return self._child

    def _started(self) -> "subprocess.Popen[bytes]":
        settings = self._settings
        if not self._starts_left:
            raise self._gone("it was started too often")
        self._starts_left -= 1
        limits = (str(settings.memory_mb * 1_000_000), str(settings.cpu_s))
        program = _found(settings.command[0], settings.folder)
        command = (sys.executable, "-I", "-S", "-c", _LAUNCHER, *limits, program)
        try:
            child = subprocess.Popen(  # noqa: S603  the user's own command, and no shell
                (*command, *settings.command[1:]),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=settings.folder,
                env={name: os.environ[name] for name in settings.pass_env if name in os.environ},
                start_new_session=True,
                bufsize=0,
            )
        except OSError as error:
            raise self._gone(f"it cannot be started: {error.strerror}") from None
        for pipe in (child.stdin, child.stdout, child.stderr):
            os.set_blocking(_open(pipe).fileno(), False)
        # Also where a trip breaks off: nothing that we started outlives us.
        self._reap = weakref.finalize(self, _kill, child)
        self._buffer, self._skips_line = b"", False
        return child

    def _gone(self, detail: str) -> Fault:
        tail = self._told(self._errors)[-120:].strip()
        text = f"{detail} ({tail})" if tail else detail
        return Fault(FaultKind.CRASHED, text, is_final=not self._starts_left)

    def _told(self, raw: bytes) -> str:
        """What it wrote, without the variables that it was given."""
        return self._without_secrets(raw).decode("utf-8", "replace")

    def _without_secrets(self, raw: bytes) -> bytes:
        secrets = [os.environ.get(name, "") for name in self._settings.pass_env]
        # Bytes that are no text stay what they are, for the reader to refuse.
        text = scrubbed(raw.decode("utf-8", "surrogateescape"), secrets)
        return text.encode("utf-8", "surrogateescape")

    def _drop_what_waits(self, child: "subprocess.Popen[bytes]") -> None:
        """Empty the pipe of everything that was sent before the question; it answers nothing."""
        out = _open(child.stdout).fileno()
        for _ in range(_WAITING_BLOCKS):
            block = _read(out)
            if not block:
                break
            self._buffer += block
        if self._buffer:
            self._skips_line = not self._buffer.endswith(b"\n")
        self._buffer = b""

    def _send(self, child: "subprocess.Popen[bytes]", request: bytes, until: float) -> None:
        pipe = _open(child.stdin)
        left = memoryview(request)
        with selectors.DefaultSelector() as ready:
            ready.register(pipe, selectors.EVENT_WRITE)
            while left:
                if not ready.select(max(0.0, until - monotonic())):
                    # Half a line was written: the next question would be glued to it.
                    self._end()
                    raise Fault(FaultKind.TIMEOUT, "it does not read")
                left = left[os.write(pipe.fileno(), left[:4_096]) :]

    def _receive(self, child: "subprocess.Popen[bytes]", occasion: int, until: float) -> bytes:
        out, err = _open(child.stdout), _open(child.stderr)
        received = 0
        with selectors.DefaultSelector() as ready:
            ready.register(out, selectors.EVENT_READ)
            ready.register(err, selectors.EVENT_READ)
            while received <= FLOOD_BYTES:
                events = ready.select(max(0.0, until - monotonic()))
                if not events or monotonic() >= until:
                    raise Fault(FaultKind.TIMEOUT, "no answer by the deadline")
                for key, _ in events:
                    block = _read(key.fd)
                    if key.fileobj is err:
                        self._errors = (self._errors + block)[-2_048:]
                        if not block:
                            ready.unregister(err)
                        continue
                    if not block:
                        raise self._ended(child)
                    received += len(block)
                    answer = self._answer_in(block, occasion)
                    if answer is not None:
                        return answer
        raise Fault(FaultKind.FLOOD, f"more than {FLOOD_BYTES} bytes for one question")

    def _answer_in(self, block: bytes, occasion: int) -> bytes | None:
        """First line that answers this question; lines for other questions are dropped."""
        *lines, self._buffer = (self._buffer + block).split(b"\n")
        if lines and self._skips_line:
            del lines[0]  # the rest of a line that was refused or dropped before
            self._skips_line = False
        for line in lines:
            answer = self._fitting(line, occasion)
            if answer is not None:
                return answer
        if len(self._buffer) <= BYTE_LIMIT:
            return None
        start, self._buffer = self._buffer[: BYTE_LIMIT + 1], b""
        is_known, self._skips_line = self._skips_line, True
        return None if is_known else start  # long enough to be refused, whatever follows

    def _fitting(self, line: bytes, occasion: int) -> bytes | None:
        number = _OCCASION.search(line)
        if number is not None and int(number[1]) != occasion:
            return None  # without reading it: a flood of these must cost next to nothing
        message = read(line)
        if not isinstance(message, Message):
            return line  # whatever it answers, it is refused
        if message.occasion is None:
            return _MISSING_OCCASION
        return line if message.occasion == occasion else None

    def _ended(self, child: "subprocess.Popen[bytes]") -> Fault:
        try:
            code: int | None = child.wait(0.2)
        except subprocess.TimeoutExpired:
            code = None
        self._drain_errors(child)
        return self._gone("it closed its output" if code is None else f"it ended with code {code}")

    def _drain_errors(self, child: "subprocess.Popen[bytes]") -> None:
        for _ in range(16):
            block = _read(_open(child.stderr).fileno())
            if not block:
                break
            self._errors = (self._errors + block)[-2_048:]

    def _end(self) -> None:
        self._reap()
        self._child, self._reap = None, _nothing


def door(values: dict[str, Any], folder: Path) -> GuideMaker:
    """
    Make the maker of guides behind a program.

    Raises
    ------
    PluginError
        When a setting is wrong or the program does not exist.
    """
    place = folder / str(values.get("folder", ""))
    settings = checked(ProcessSettings, {**values, "folder": place}, "process guide")
    _found(settings.command[0], settings.folder)

    def connect(_: RoadNetwork) -> Channel:
        return Process(settings)

    return RemoteMaker(settings, connect, folder, fingerprint=_fingerprint(settings))


def _found(program: str, folder: Path) -> str:
    """Full path of a program, as a shell in that folder would find it."""
    found = shutil.which(str(folder.absolute() / program) if "/" in program else program)
    if found is None:
        raise PluginError(f"process guide: there is no program {program!r}")
    return str(Path(found).absolute())  # links are kept: a virtual environment's Python is one


def _fingerprint(settings: ProcessSettings) -> str:
    """Settings, and the content of every file that the command names."""
    parts = [settings.model_dump_json(exclude={"record", "offline", "folder"})]
    for word in settings.command:
        file = settings.folder / word
        if file.is_file():
            with file.open("rb") as content:
                parts.append(hashlib.file_digest(content, "sha256").hexdigest())
    return "\n".join(parts)


def _nothing() -> None:
    """Reap nobody: nothing was started."""


def _kill(child: "subprocess.Popen[bytes]") -> None:
    """End a program and its whole session."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdin, child.stdout, child.stderr):
        _open(pipe).close()


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise PluginError("process guide: a pipe is missing")
    return pipe


def _read(descriptor: int) -> bytes:
    """What is there to read without waiting; nothing at the end or where nothing is there."""
    try:
        return os.read(descriptor, _BLOCK)
    except BlockingIOError:
        return b""
