"""Maps that several tests look at, loaded once."""

import os
from pathlib import Path

import pytest

from guiderail.maps.library.load import load_map
from guiderail.maps.network import RoadNetwork


@pytest.fixture(scope="session")
def helsinki() -> RoadNetwork:
    return load_map("helsinki")


@pytest.fixture(scope="session")
def the_town() -> RoadNetwork:
    return load_map("town")


@pytest.fixture(scope="session", params=["helsinki", "town"])
def network(request: pytest.FixtureRequest) -> RoadNetwork:
    return load_map(request.param)


@pytest.fixture(scope="session")
def sample_maps() -> Path:
    root = Path(__file__).parents[3]
    folder = Path(os.environ.get("GUIDERAIL_SAMPLE_MAPS", root.parent / "shared" / "maps"))
    if not folder.is_dir():
        pytest.skip("no sample maps: set GUIDERAIL_SAMPLE_MAPS to their folder")
    return folder
