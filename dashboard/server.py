"""Become streamlit, with the first page already made: whoever opens it should not wait."""

import contextlib
import sys

from streamlit.testing.v1 import AppTest
from streamlit.web import cli

_PATIENCE_S = 60


def main() -> None:
    """Serve the page of this folder with the options given."""
    # Loads all modules and drives the first trip; a page that is broken says so when it is opened.
    with contextlib.suppress(RuntimeError):
        AppTest.from_file("app.py", default_timeout=_PATIENCE_S).run()
    sys.argv = ["streamlit", "run", "app.py", *sys.argv[1:]]
    cli.main()


if __name__ == "__main__":
    main()
