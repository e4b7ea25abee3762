"""A story says what was said, what was answered and why, and what came of it."""

from dataclasses import replace
from typing import Any

import pytest

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Advice, Ask, Decision, Proposal, Reason, Verdict
from guiderail.sim.contract.trace import (
    Event,
    Heard,
    LaneChange,
    Missed,
    Outcome,
    RerouteCause,
    Rerouted,
    SirenSample,
    Trace,
    YieldingToSiren,
)
from guiderail.sim.contract.trip import Bottleneck, Trip
from guiderail.sim.judge.infraction import Infraction, Judgement
from guiderail.sim.judge.severity import Severity
from guiderail.sim.lab.experiment.run import Run, RunResult
from guiderail.sim.lab.experiment.trips import PlannedTrip
from guiderail.sim.lab.report.story import BECAUSE, tell

VIA = Proposal(ask=Ask.VIA, seen_ms=0, place="Museum")
ELSEWHERE = Proposal(ask=Ask.VIA, seen_ms=0, place="New Museum")


@pytest.fixture
def link(town: RoadNetwork) -> LinkId:
    """Name a link with a street name."""
    return next(one.id for one in town.all_links if one.name and one.in_world)


def run(link: LinkId, *events: Event, found: tuple[Infraction, ...] = ()) -> Run:
    trace = Trace(
        map_digest="",
        arm="guarded",
        start_link=link,
        start_mm=0,
        goal_link=link,
        goal_mm=1,
        friction_permille=800,
        closed=frozenset(),
        events=list(events),
        outcome=Outcome.ARRIVED,
        end_ms=61_500,
    )
    trip = Trip(
        seed=TripSeed(1, 2), origin=link, origin_mm=0, goal=link, goal_mm=1, goal_name="Museum",
        closed=frozenset({link}),
    )  # fmt: skip
    planned = PlannedTrip(index=7, trip=trip, free_flow_ms=50_000, shortest_mm=900_000)
    ours = tuple(one for one in found if one.at_fault)
    others = tuple(one for one in found if not one.at_fault)
    judgement = Judgement(infractions=ours, others=others, driven_mm=1_000_000, duration_ms=61_500)
    return Run(
        arm="guarded", guide="noisy", rate=0.5, planned=planned, trace=trace, judgement=judgement
    )


def story(
    town: RoadNetwork, link: LinkId, *events: Event, found: tuple[Infraction, ...] = ()
) -> list[str]:
    quiet = run(link)
    loud = run(link, *events, found=found)
    return tell(RunResult(run=loud, twin=quiet, baseline=quiet), town)


def heard(link: LinkId, **verdict: Any) -> Heard:
    answer = Verdict(proposal=VIA, **verdict) if verdict else None
    return Heard(
        time_ms=5_000,
        asked_ms=3_500,
        occasion=0,
        link=link,
        distance_to_node_mm=40_000,
        speed_mm_s=10_000,
        advice=Advice(words="To the museum!", proposal=VIA if verdict else None, label="stale_map"),
        verdict=answer,
    )


def infraction(link: LinkId, *, at_fault: bool, severity: Severity = Severity.S3) -> Infraction:
    return Infraction(
        article="R2", kind="red_light", severity=severity, time_ms=9_000, link=link, s_mm=0,
        at_fault=at_fault, weight=0.4, lead_ms=None, evidence=(("speed_mm_s", 8_000),),
    )  # fmt: skip


def test_the_story_begins_with_the_trip_and_ends_with_its_cost(
    town: RoadNetwork, link: LinkId
) -> None:
    lines = story(town, link)
    assert "to Museum on" in lines[0]
    assert "0.90 km, 50 s alone at the limit." in lines[0]
    assert lines[1].startswith("Closed: ")
    assert lines[1].endswith("Reported as closed: nothing.")
    assert lines[-1].startswith("  1:01.5  The car arrives after 1.00 km, +0.0 s against no guide")


def test_words_are_quoted_with_place_speed_delay_and_the_guides_own_error(
    town: RoadNetwork, link: LinkId
) -> None:
    line = story(town, link, heard(link))[2]
    assert "40 m before the junction at 36 km/h the guide says:" in line
    assert '"To the museum!" (1.5 s after it was asked) [stale_map]' in line


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [
        (
            {"decision": Decision.ACCEPT, "changes_route": True, "extra_ms": 12_000},
            "The driver accepts (via Museum): it can be done calmly and legally, +12 s expected.",
        ),
        ({"decision": Decision.ACCEPT}, "calmly and legally, and it is the way already."),
        (
            {"decision": Decision.REFUSE, "reason": Reason.UNKNOWN_PLACE, "counter": ELSEWHERE},
            "refuses (via Museum): there is no such place. It offers: via New Museum.",
        ),
    ],
)
def test_the_answer_has_its_reason(
    town: RoadNetwork, link: LinkId, verdict: dict[str, Any], sentence: str
) -> None:
    line = story(town, link, heard(link, **{"reason": Reason.ADMISSIBLE, **verdict}))[2]
    assert sentence in line


def test_every_reason_has_a_sentence() -> None:
    assert set(BECAUSE) == set(Reason)


def test_missed_turns_new_routes_and_lane_changes_are_told(town: RoadNetwork, link: LinkId) -> None:
    gaps = {"lead_gap_mm": 0, "lead_speed_mm_s": 0, "lag_gap_mm": 0, "lag_speed_mm_s": 0}
    lines = story(
        town,
        link,
        LaneChange(time_ms=1_000, link=link, from_lane=0, to_lane=1, **gaps),
        Missed(time_ms=2_000, link=link, wanted=link, taken=link, from_guide=True),
        Rerouted(time_ms=2_100, route=(link,), cause=RerouteCause.MISSED),
        Rerouted(time_ms=0, route=(link,), cause=RerouteCause.START),
    )
    told = [line.split("  ", 2)[-1] for line in lines[2:-1]]
    assert told[0] == "Lane change to the left begins."
    assert told[1].startswith("The turn that the guide asked for, into ")
    assert told[2] == "A new route is found, over 1 links."
    assert len(told) == 3


@pytest.mark.parametrize(
    ("arrival_ms", "before_ms", "sentence"),
    [
        (
            9_500,
            -NOTHING,
            "An emergency vehicle comes to the junction 3.5 s after the car left.",
        ),
        (NOTHING, 3_000, "The car crosses a junction 2.0 s after an emergency vehicle."),
        (6_000, -NOTHING, "An emergency vehicle comes to the junction that the car is in."),
    ],
)
def test_an_emergency_vehicle_near_by_is_told(
    town: RoadNetwork, link: LinkId, arrival_ms: int, before_ms: int, sentence: str
) -> None:
    met = YieldingToSiren(
        time_ms=6_000,
        enter_ms=5_000,
        leave_ms=6_000,
        from_link=link,
        to_link=link,
        arrival_ms=arrival_ms,
        before_ms=before_ms,
        forced_braking_mm_s2=0,
        heard_ms=0,
    )
    assert story(town, link, met)[-2].endswith(sentence)


def test_one_that_comes_from_behind_is_told_once_each_time(town: RoadNetwork, link: LinkId) -> None:
    quiet, loud = run(link), run(link)
    crossing, behind = (20_000, NOTHING), (NOTHING, 90_000)
    for time_ms, gaps in ((900, crossing), (1_000, behind), (1_100, behind), (9_000, behind)):
        loud.trace.sirens.extend(SirenSample(time_ms, *gaps, 0, 0, 0, 0))
    lines = tell(RunResult(run=loud, twin=quiet, baseline=quiet), town)[2:-1]
    assert lines == [
        "  0:01.0  An emergency vehicle comes up from behind.",
        "  0:09.0  An emergency vehicle comes up from behind.",
    ]


def test_only_incidents_whose_queue_the_car_met_are_told(town: RoadNetwork, link: LinkId) -> None:
    quiet, loud = run(link), run(link)
    # 720 more than can pass have come in the hour before.
    full = {"from_ms": -3_600_000, "until_ms": 60_000, "demand_per_hour": 1_620}
    rest = {"upstream": (link,), "capacity_per_hour": 900}
    here = Bottleneck(**rest | full)
    free = Bottleneck(**rest | full | {"demand_per_hour": 900})
    later = Bottleneck(**rest | full | {"from_ms": 3_000})
    away = Bottleneck(**rest | full | {"upstream": (LinkId(link + 1),)})
    trip = replace(loud.planned.trip, bottlenecks=(free, later, here, away))
    loud = replace(loud, planned=replace(loud.planned, trip=trip))
    loud.trace.queued += [(link, 2_000), (link, 2_500)]
    lines = tell(RunResult(run=loud, twin=quiet, baseline=quiet), town)[2:-1]
    assert len(lines) == 2
    assert lines[0].endswith("0:00.0 to   1:00.0: of 1620 vehicles per hour 900 can pass.")
    assert lines[1].startswith("  0:02.0  The queue of an incident stands on ")


def test_infractions_are_told_with_their_evidence_and_comfort_is_not(
    town: RoadNetwork, link: LinkId
) -> None:
    mine, theirs = infraction(link, at_fault=True), infraction(link, at_fault=False)
    rough = infraction(link, at_fault=True, severity=Severity.COMFORT)
    lines = story(town, link, found=(mine, rough, theirs))[2:-1]
    assert "JUDGE: red_light (S3) on" in lines[0]
    assert "[speed_mm_s 8000]; the guide's doing" in lines[0]
    assert lines[1].endswith("caused by somebody else.")
    assert len(lines) == 2
