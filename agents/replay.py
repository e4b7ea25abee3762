"""A guide that repeats recorded transcripts: exact, offline, without the program or model."""

from pathlib import Path
from typing import Any

from guiderail.agents.remote import Channel, RemoteMaker, Settings, checked
from guiderail.maps.network import RoadNetwork
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
    return RemoteMaker(settings, _nobody, folder)


def _nobody(_: RoadNetwork) -> Channel:
    raise PluginError("replay guide: nobody is there to be asked")
