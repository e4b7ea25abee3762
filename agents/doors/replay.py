"""A guide that repeats recorded transcripts: exact, offline, without the program or model."""

import hashlib
from pathlib import Path
from typing import Any

from guiderail.agents.doors.remote import RemoteMaker, Settings, checked, nobody
from guiderail.sim.contract.errors import PluginError
from guiderail.sim.contract.ports import GuideMaker


def door(values: dict[str, Any], folder: Path) -> GuideMaker:
    """
    Make the maker of guides that repeat the transcripts in ``record``.

    Raises
    ------
    PluginError
        When a setting is wrong or there is no such folder.
    """
    settings = checked(Settings, {"name": "replay", **values, "offline": True}, "replay guide")
    if settings.record is None or not (folder / settings.record).is_dir():
        raise PluginError(f"replay guide: there is no folder {str(settings.record)!r}")
    return RemoteMaker(settings, nobody, folder, fingerprint=_fingerprint(folder / settings.record))


def _fingerprint(record: Path) -> str:
    """All that such a guide is: its transcripts."""
    tapes = sorted(record.glob("*.jsonl"))
    return "\n".join(f"{one.name} {hashlib.sha256(one.read_bytes()).hexdigest()}" for one in tapes)
