"""Serve the page, once its first trip has been driven: nobody waits for the modules to load."""

import contextlib
import logging
import sys

from streamlit.testing.v1 import AppTest
from streamlit.web import cli

_PATIENCE_S = 60


def main() -> None:
    """Serve the page of this folder; the environment holds port and address."""
    # Loads all modules and drives the first trip; a page that is broken says so when it is opened.
    logging.disable(logging.WARNING)  # it warns that no browser is there
    with contextlib.suppress(RuntimeError):
        AppTest.from_file("app.py", default_timeout=_PATIENCE_S).run()
    logging.disable(logging.NOTSET)
    # The page has read the settings before the server does: no change that anybody made.
    logging.getLogger("streamlit.config").addFilter(lambda said: "[server]" not in said.msg)
    sys.argv = ["streamlit", "run", "app.py"]
    cli.main()


if __name__ == "__main__":
    main()
