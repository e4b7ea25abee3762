"""`guiderail --help` answers at once: heavy libraries are imported inside the commands."""

import subprocess
import sys

HEAVY = {
    "matplotlib",
    "networkx",
    "numpy",
    "osmium",
    "pandas",
    "pyarrow",
    "scipy",
    "simpy",
}
ASK_FOR_HELP = """
import sys
from guiderail.sim.lab.cli.main import main
sys.argv = ["guiderail", "--help"]
try:
    main()
except SystemExit as end:
    if end.code:
        raise
print(*sorted(sys.modules), file=sys.stderr)
"""


def test_help_loads_no_heavy_library() -> None:
    result = subprocess.run(
        [sys.executable, "-P", "-c", ASK_FOR_HELP], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert "Usage" in result.stdout
    assert HEAVY & set(result.stderr.split()) == set()
