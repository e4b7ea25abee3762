"""Become streamlit, with the first trip already driven: whoever opens the page should not wait."""

import sys

from streamlit.web import cli

from guiderail.dashboard import session


def main() -> None:
    """Serve the page of this folder with the options given."""
    session.warm_up()
    sys.argv = ["streamlit", "run", "app.py", *sys.argv[1:]]
    cli.main()


if __name__ == "__main__":
    main()
