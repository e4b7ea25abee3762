"""A figure that can be saved whole or not at all, and that a notebook shows by itself."""

import io
from pathlib import Path

from matplotlib.figure import Figure

from guiderail.sim.lab.results import store


class Picture(Figure):
    """A matplotlib figure."""

    def png(self) -> bytes:
        """Render it; no software tag, so that it depends on the results and the library alone."""
        out = io.BytesIO()
        self.savefig(out, format="png", metadata={"Software": None})
        return out.getvalue()

    def save(self, path: Path) -> None:
        """
        Write it as PNG, atomically.

        Raises
        ------
        ResultError
            When the file cannot be written.
        """
        store.write_bytes(path, self.png())

    def _repr_png_(self) -> bytes:
        return self.png()
