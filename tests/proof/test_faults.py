"""The proof can fail: every planted fault is refuted by its property, and every alarm sounds."""

import pytest

pytest.importorskip("z3")

from guiderail.sim.proof.assumptions import ASSUMPTIONS, Assumption
from guiderail.sim.proof.faults import FAULTS, Fault, is_refuted, planted
from guiderail.sim.proof.properties import PROPERTIES
from guiderail.sim.proof.search.margin import boundary_states_lost, controlled_states_lost
from guiderail.sim.proof.search.sites import SITES
from guiderail.sim.proof.search.spec import CLAUSES

SEARCHING = {*CLAUSES, "within_the_shield", "not_timid", "lattice_edge"}
"""Properties that take a second or more."""
QUICK = [fault for fault in FAULTS if fault.refuted_by not in SEARCHING]
LONG = [fault for fault in FAULTS if fault.refuted_by in SEARCHING]


def _names(faults: list[Fault]) -> list[str]:
    return [fault.name for fault in faults]


@pytest.mark.parametrize("fault", QUICK, ids=_names(QUICK))
def test_a_planted_fault_is_refuted(fault: Fault) -> None:
    assert is_refuted(fault)


@pytest.mark.slow
@pytest.mark.parametrize("fault", LONG, ids=_names(LONG))
def test_a_planted_fault_is_refuted_by_search(fault: Fault) -> None:
    assert is_refuted(fault)


@pytest.mark.parametrize("name", sorted(set(PROPERTIES) - SEARCHING))
def test_without_a_fault_the_property_holds(name: str) -> None:
    assert PROPERTIES[name]()


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SEARCHING & set(PROPERTIES)))
def test_without_a_fault_the_search_finds_nothing(name: str) -> None:
    assert PROPERTIES[name]()


def test_a_fault_is_taken_out_again() -> None:
    for fault in FAULTS:
        kept = [getattr(where, name) for where, name, _ in fault.patches()]
        with planted(fault):
            pass
        assert [getattr(where, name) for where, name, _ in fault.patches()] == kept


def test_there_are_faults_in_every_part() -> None:
    assert len(FAULTS) >= 20
    assert {fault.part for fault in FAULTS} == {"guard", "planner", "envelope"}


SLOW_ALARMS = {"yellow_is_long_enough", "priority_is_seen_in_time", "grip_is_as_perceived"}


@pytest.mark.parametrize(
    "assumption",
    [
        pytest.param(one, id=one.name, marks=[pytest.mark.slow] * (one.name in SLOW_ALARMS))
        for one in ASSUMPTIONS
    ],
)
def test_an_alarm_sounds_where_an_assumption_is_broken(assumption: Assumption) -> None:
    assert assumption.sounds()


def test_no_state_on_the_edge_is_lost() -> None:
    assert boundary_states_lost(20_000) == (20_000, 0)
    assert controlled_states_lost(100) == 0


@pytest.mark.slow
def test_no_state_of_a_million_on_the_edge_is_lost() -> None:
    assert boundary_states_lost() == (1_000_000, 0)


def test_all_kinds_of_junctions_are_there() -> None:
    kinds = {"signal", "stop", "give_way", "uncontrolled", "roundabout", "motorway_exit"}
    assert set(SITES) == kinds
