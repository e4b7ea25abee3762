"""A sweep in its own process: what it shows, how it ends, and that it leaves nothing behind."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from guiderail.dashboard.model.campaign import COLUMNS, Campaign, Campaigns, CampaignState
from guiderail.dashboard.model.interim import cells, worst
from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.lab.experiment.run import Laboratory
from guiderail.sim.lab.experiment.scenario import Scenario
from guiderail.sim.lab.results.batch import chunks_of, run_chunk
from guiderail.sim.lab.results.store import schema
from guiderail.sim.lab.results.sweep import sweep

SMALL = Scenario(map="town", arms=("no_guide", "guarded", "obeying_machine"), rates=(1.0,), trips=8)


@pytest.fixture
def desk() -> Iterator[Campaigns]:
    desk = Campaigns()
    yield desk
    desk.close()


def wait_for(campaign: Campaign, *states: CampaignState) -> None:
    """Give it up to two minutes."""
    tick = threading.Event()
    for _ in range(1_200):
        if campaign.state is not CampaignState.RUNNING:
            break
        tick.wait(0.1)
    assert campaign.state in states, campaign.error


def table(*rows: tuple[str, float, int, str, int, float | None]) -> pa.Table:
    """Make a table of trips: arm, rate, trip, outcome, induced, detour."""
    zeros = dict.fromkeys(COLUMNS, 0) | {"goal_name": "", "digest": ""}
    names = ("arm", "rate", "trip", "outcome", "induced_s2", "detour_s")
    filled = [zeros | dict(zip(names, row, strict=True)) | {"s3": row[4]} for row in rows]
    fields = [schema("trips").field(name) for name in COLUMNS]
    return pa.Table.from_pylist(filled, schema=pa.schema(fields))


@pytest.mark.slow
def test_a_campaign_gives_the_tables_of_the_same_sweep(desk: Campaigns, tmp_path: Path) -> None:
    campaign = desk.start(SMALL)
    wait_for(campaign, CampaignState.FINISHED)
    straight = sweep(SMALL, tmp_path / "straight", 1).read("trips", COLUMNS)
    assert campaign.table().equals(straight)
    row = worst(campaign.table())[0]
    trip = Laboratory(SMALL).one(row["trip"], row["arm"], row["rate"])
    assert trip.run.trace.digest().startswith(row["digest"])
    assert campaign.zipped().startswith(b"PK")


@pytest.mark.slow
def test_a_cancelled_campaign_goes_on_where_it_stopped(desk: Campaigns) -> None:
    long = SMALL.model_copy(update={"trips": 80})
    campaign = desk.start(long)
    tick = threading.Event()
    while len(campaign.table()) == 0 and campaign.state is CampaignState.RUNNING:
        tick.wait(0.05)
    campaign.cancel()
    kept = campaign.table()
    assert campaign.state is CampaignState.CANCELLED
    assert 0 < len(kept) < 240
    assert desk.start(long) is campaign
    wait_for(campaign, CampaignState.FINISHED)
    assert campaign.table().sort_by([("trip", "ascending")])["trip"].to_pylist()[-1] == 79


def test_one_campaign_at_a_time_and_none_without_end(desk: Campaigns) -> None:
    with pytest.raises(ScenarioError, match="more than the 50,000"):
        desk.start(SMALL.model_copy(update={"trips": 1_000_000}))
    long = SMALL.model_copy(update={"trips": 500})
    first = desk.start(long)
    with pytest.raises(ScenarioError, match="another campaign is under way"):
        desk.start(SMALL.model_copy(update={"seed": 2}))
    assert desk.start(long) is first
    folder = first.folder.path.parent
    desk.close()
    assert first.state is CampaignState.CANCELLED
    assert not folder.exists()


def test_a_campaign_that_cannot_run_says_why(desk: Campaigns) -> None:
    campaign = desk.start(SMALL.model_copy(update={"guide": "hal9000"}))
    wait_for(campaign, CampaignState.FAILED)
    assert "no guide named 'hal9000'" in campaign.error


def test_the_process_ends_when_whoever_started_it_is_killed(tmp_path: Path) -> None:
    program = (
        "import os\n"
        "from pathlib import Path\n"
        "from guiderail.dashboard.model.campaign import Campaign\n"
        "from guiderail.sim.lab.experiment.scenario import Scenario\n"
        f"one = Campaign(Scenario(map='town', trips=500), Path({str(tmp_path / 'c')!r}))\n"
        "one.start()\n"
        "print(one._process.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    shown = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, check=False
    )
    pid = int(shown.stdout)
    tick = threading.Event()
    for _ in range(200):
        if not is_alive(pid):
            return
        tick.wait(0.1)
    pytest.fail("the sweep outlived its parent")


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_gap_in_the_finished_trips_ends_what_is_shown(tmp_path: Path) -> None:
    scenario = SMALL.model_copy(update={"trips": 11})
    campaign = Campaign(scenario, tmp_path)
    parts = campaign.folder.path / "parts"
    parts.mkdir(parents=True)
    laboratory = Laboratory(SMALL)
    chunks = chunks_of(scenario)
    for chunk in (chunks[0], chunks[2]):
        run_chunk(laboratory, chunk, campaign.folder.path)
    assert set(campaign.table()["trip"].to_pylist()) == set(chunks[0].trips)


def test_zero_of_50_trips_is_shown_as_its_bound_at_every_look() -> None:
    (cell,) = cells(table(*(("guarded", 0.5, k, "arrived", 0, 1.0) for k in range(50))))
    assert cell.trips == cell.arrived == 50
    assert cell.induced.value == 0
    assert cell.induced.high == pytest.approx(1 - (20 * 51) ** (-1 / 50), rel=1e-6)


def test_the_worst_trip_is_the_one_with_most_infractions_by_the_guide_then_the_slowest() -> None:
    rows = worst(
        table(
            ("guarded", 1.0, 0, "arrived", 0, 90.0),
            ("guarded", 1.0, 1, "arrived", 0, 200.0),
            ("obeying_machine", 1.0, 2, "crashed", 1, None),
            ("obeying_machine", 1.0, 3, "arrived", 3, 5.0),
        )
    )
    assert [row["trip"] for row in rows] == [3, 2, 1, 0]
