"""Tell a real Ctrl-C from a guide in this process that raises KeyboardInterrupt."""

import signal
from types import FrameType
from typing import Final

_seen: Final = {"count": 0}


def watch() -> None:
    """Note every Ctrl-C from now on; it goes on as KeyboardInterrupt."""
    signal.signal(signal.SIGINT, _note)


def _note(number: int, frame: FrameType | None) -> None:
    del number, frame
    _seen["count"] += 1
    raise KeyboardInterrupt


def is_real() -> bool:
    """Whether somebody pressed Ctrl-C; unknown is yes, so that a run can always be stopped."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.SIG_IGN:
        return False
    return _seen["count"] > 0 if handler is _note else True
