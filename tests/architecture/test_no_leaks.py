"""Nothing committed names the machine it was made on, and the raw map extracts stay out."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Written so that this file does not convict itself.
LOCAL_PATH = re.compile(
    r"(?<![\w.~/-])/(?:home|Users|root|work|workspace|opt|mnt|srv)/\w"
    r"|\b[A-Za-z]:\\Users\\|\bfile:/{2,3}[\w.]"
)
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted\.org|pypi\.python\.org|anaconda\.org|npmjs\.(?:org|com)|crates\.io"
    r"|-{2}(?:extra-)?index-url|-{2}find-links",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def committed() -> list[Path]:
    """List the files that git knows."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listing.returncode != 0:
        pytest.skip("not a git checkout, so nothing tells committed files from others")
    paths = [ROOT / name for name in listing.stdout.split("\0") if name]
    return [path for path in paths if path.is_symlink() or path.is_file()]


def text(path: Path) -> str:
    """Read a text file; a link or a binary file has no text."""
    if path.is_symlink():
        return ""
    content = path.read_bytes()
    return "" if b"\0" in content else content.decode("utf-8")


def convicted(paths: list[Path], pattern: re.Pattern[str]) -> list[str]:
    """Name each line that the pattern is found in."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in paths
        for number, line in enumerate(text(path).splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_file_names_a_path_of_one_machine(committed: list[Path]) -> None:
    assert convicted(committed, LOCAL_PATH) == []


def test_no_file_names_a_package_registry(committed: list[Path]) -> None:
    assert convicted(committed, REGISTRY) == []


def test_links_stay_inside_the_repository(committed: list[Path]) -> None:
    links = [path for path in committed if path.is_symlink()]
    assert [path for path in links if path.readlink().is_absolute()] == []
    assert [path for path in links if not path.resolve().is_relative_to(ROOT)] == []


def test_no_raw_map_extract_is_committed(committed: list[Path]) -> None:
    assert [path.name for path in committed if path.name.endswith((".osm.pbf", ".osm"))] == []


def test_the_lock_holds_pinned_names_only() -> None:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pin = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?==[0-9][A-Za-z0-9.+!]*")
    assert lines
    assert [line for line in lines if not pin.fullmatch(line)] == []
    assert lines == sorted(lines, key=str.lower)


@pytest.mark.parametrize(
    ("pattern", "leak"),
    [
        pytest.param(LOCAL_PATH, "saved to /ho" + "me/ada/x.csv", id="home"),
        pytest.param(LOCAL_PATH, "C:\\Us" + "ers\\ada", id="Windows home"),
        pytest.param(LOCAL_PATH, "file:" + "///x", id="file address"),
        pytest.param(REGISTRY, "https://pypi" + ".org", id="registry host"),
        pytest.param(REGISTRY, "--index" + "-url x", id="index option"),
    ],
)
def test_a_planted_leak_is_convicted(pattern: re.Pattern[str], leak: str) -> None:
    assert pattern.search(leak)
