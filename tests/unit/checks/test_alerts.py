"""Each alert of Redshift's planner belongs to one check, wherever it stands."""

from typing import Any

import pytest

from backend.checks.alerts import AlertKind, is_alert
from backend.checks.registry import run_checks
from tests.unit.checks.builder import a_case

FOR_AGGREGATION = (
    "Distributed a large number of rows across the network:? rows were distributed in order to"
    " process the aggregation"
)
# As STL_ALERT_EVENT_LOG words them, figures masked (Redshift guide, reviewing query alerts).
OWNERS = {
    "Missing query planner statistics": "missing_statistics",
    "Nested Loop Join in the query plan": "nested_loop",
    "Very selective query filter:ratio=rows(?)/rows_pre_user_filter(?)=?": "selective_filter",
    "Scanned a large number of deleted rows:? rows were scanned": "ghost_rows",
    "Distributed a large number of rows across the network:? rows were distributed in order to"
    " process the hash join": "redistributes_one_side",
    FOR_AGGREGATION: "two_phase_aggregation",
    "Broadcasted a large number of rows across the network:? rows were broadcasted":
    "large_broadcast",
    "DS_DIST_ALL_INNER for Hash Join in the query plan": "serial_join",
}  # fmt: skip
STEPS = {
    "nested_loop": {"name": "nestloop"},
    "redistributes_one_side": {"name": "distribute"},
    "two_phase_aggregation": {"name": "distribute"},
    "large_broadcast": {"name": "broadcast"},
    "serial_join": {"name": "hashjoin"},
}


def who_cites(described: dict[str, Any]) -> list[str]:
    """The checks that rest something on the alert's fact."""
    case = a_case(described)
    alerted = {fact.fact_id for fact in case.alerts}
    alerted |= {fact.fact_id for fact in case.steps if fact.step.alert}
    outcome = run_checks(case)
    assert outcome.problems == ()
    said = (*outcome.findings, *outcome.ruled_out, *outcome.good_news)
    return [one.check for one in said if alerted & set(one.fact_ids)]


def test_every_kind_of_alert_is_tried():
    for kind in AlertKind:
        assert [text for text in OWNERS if is_alert(text, kind)], kind
    for text in OWNERS:
        assert len([kind for kind in AlertKind if is_alert(text, kind)]) == 1


@pytest.mark.parametrize(("text", "owner"), OWNERS.items())
def test_an_alert_of_which_nothing_else_is_known_is_one_checks(text: str, owner: str):
    assert who_cites({"alerts": [text]}) == [owner]


@pytest.mark.parametrize(("text", "owner"), OWNERS.items())
def test_an_alert_of_a_small_step_is_one_checks(text: str, owner: str):
    step = {"segment": 0, "name": "scan", "table": "sale", "in": 900, "out": 9, "rr": True}
    described = {
        "segments": [{"id": 0, "seconds": 60}],
        "steps": [step | STEPS.get(owner, {}) | {"alert": text}],
    }

    assert who_cites(described) == [owner]


@pytest.mark.parametrize(("text", "owner"), OWNERS.items())
def test_an_alert_is_read_whatever_its_case_and_blanks(text: str, owner: str):
    assert who_cites({"alerts": [f"  {text.upper()}  "]}) == [owner]


def test_an_alert_that_nobody_knows_is_nobodys():
    assert who_cites({"alerts": ["Something new happened in the query plan"]}) == []
