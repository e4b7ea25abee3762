"""Start the dashboard; what it needs is an extra, and this module says so in one sentence."""

import os
import sys
from importlib.resources import files
from importlib.util import find_spec
from typing import NoReturn

from guiderail.maps.errors import to_install
from guiderail.sim.contract.errors import PluginError

ADDRESS = "127.0.0.1"


def serve_dashboard(port: int) -> NoReturn:
    """
    Become the server of the dashboard, on this machine alone.

    The process is replaced, so that whoever stops this command stops the server.

    Raises
    ------
    PluginError
        When streamlit is not installed.
    """
    if find_spec("streamlit") is None:
        raise PluginError(
            f"the dashboard needs streamlit: install it with: {to_install('dashboard')}"
        )
    # Settings of the folder that the command is started in must not open the server.
    os.chdir(str(files("guiderail.dashboard")))
    os.environ |= {"STREAMLIT_SERVER_PORT": str(port), "STREAMLIT_SERVER_ADDRESS": ADDRESS}
    command = [sys.executable, "-P", "-m", "guiderail.dashboard.server"]
    sys.stdout.flush()
    os.execv(sys.executable, command)  # noqa: S606  fixed words and a number
