"""One schema: what we write fits it, what it refuses we refuse, and it holds no control field."""

import json
from typing import Any

import jsonschema
import pytest

from guiderail.agents.conformance import observations
from guiderail.maps.library.load import load_map
from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.messages import (
    Ask,
    Command,
    Decision,
    Direction,
    Proposal,
    Reason,
    Verdict,
)
from guiderail.sim.driver.guard.resolve import fits
from guiderail.sim.lab.conformance.suite import Suite
from guiderail.sim.wire import reader
from guiderail.sim.wire.documents import direction_of, observation_document, verdict_document
from guiderail.sim.wire.schema import schema_text

SCHEMA: dict[str, Any] = json.loads(schema_text())


def validator(name: str) -> Any:
    return jsonschema.Draft202012Validator(SCHEMA | {"anyOf": [{"$ref": f"#/$defs/{name}"}]})


@pytest.fixture(scope="module")
def town() -> RoadNetwork:
    """Load the synthetic town."""
    return load_map("town")


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert {"Observation", "Advice", "Proposal", "Verdict"} <= SCHEMA["$defs"].keys()


def test_its_words_are_those_of_the_contract() -> None:
    found = SCHEMA["$defs"]
    assert found["ask"]["enum"] == [one.value for one in Ask]
    assert found["direction"]["enum"] == [one.value for one in Direction]
    verdict = found["Verdict"]["properties"]
    assert verdict["decision"]["enum"] == [one.value for one in Decision]
    assert verdict["reason"]["enum"] == [one.value for one in Reason]


def test_its_limits_are_those_of_the_reader() -> None:
    found = SCHEMA["$defs"]
    assert found["protocol"]["const"] == reader.PROTOCOL
    assert found["name"]["maxLength"] == reader.NAME_LIMIT
    assert found["Advice"]["properties"]["words"]["maxLength"] == reader.WORDS_LIMIT
    assert found["integer"]["exclusiveMaximum"] == reader.INTEGER_LIMIT


def test_no_field_of_a_guide_is_one_that_controls_the_car() -> None:
    said = SCHEMA["$defs"]["Advice"]["properties"] | SCHEMA["$defs"]["Proposal"]["properties"]
    assert said.keys().isdisjoint(Command._fields)
    assert not [name for name in said if any(word in name for word in ("speed", "brake", "lane"))]


def test_every_message_that_is_read_fits_the_schema(suite: Suite) -> None:
    check = validator("Advice")
    for case in suite.cases:
        raw = suite.sheet.filled(case.message)
        if isinstance(reader.read(raw), reader.Message):
            check.validate(json.loads(raw))


def test_every_message_that_the_schema_refuses_is_refused(suite: Suite) -> None:
    check, refused = validator("Advice"), 0
    for case in suite.cases:
        raw = suite.sheet.filled(case.message)
        try:
            value = json.loads(raw)
        except (ValueError, RecursionError):
            continue
        if not check.is_valid(value):
            refused += 1
            assert isinstance(reader.read(raw), reader.Refusal), case.id
    assert refused > 50


def test_every_observation_fits_the_schema_however_odd(town: RoadNetwork) -> None:
    check = validator("Observation")
    for seen in observations(town, 100, 300):
        check.validate(observation_document(seen, town))


def test_every_verdict_fits_the_schema() -> None:
    counter = Proposal(ask=Ask.VIA, seen_ms=1, place="Museum")
    verdict = Verdict(
        proposal=Proposal(ask=Ask.TURN, seen_ms=1),
        decision=Decision.REFUSE,
        reason=Reason.MALFORMED,
        counter=counter,
    )
    validator("Verdict").validate(verdict_document(verdict))


def test_a_turn_is_named_as_the_driver_understands_it(town: RoadNetwork) -> None:
    links = [link.id for link in town.all_links]
    turns = [t for link in links for t in town.ways_out(link)]
    assert len(turns) > 500
    assert all(fits(turn, direction_of(turn)) for turn in turns)


def test_an_observation_names_roads_turns_and_places(town: RoadNetwork) -> None:
    seen = next(iter(observations(town, 1, 0)))
    shown = observation_document(seen, town)
    assert shown["road"] == town.link(seen.link).name
    assert [one["link"] for one in shown["route"]] == list(seen.route)
    assert {turn["onto"] for turn in shown["turns"] if turn["is_legal"]} == {
        turn.to_link for turn in town.turns_from(seen.link)
    }
    assert len(shown["places"]) == 5
    distances = [place["distance_m"] for place in shown["places"]]
    assert distances == sorted(distances)
