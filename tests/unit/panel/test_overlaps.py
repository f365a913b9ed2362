"""Two pieces of advice that attack the same seconds say so."""

from backend.domain.evidence import Segment, Step
from backend.domain.finding import Severity
from backend.domain.time_buckets import Bucket
from backend.panel.rules import rules_panel
from tests.builders import a_finding
from tests.unit.panel.cases import CROSS_PLAN, a_case, of_join, of_table, orders, shops

SPILLING, QUIET = (
    Segment(
        child_query_sequence=1,
        stream_id=number,
        segment_id=number,
        duration_seconds=50,
        spilled_local_blocks=spilled,
    )
    for number, spilled in ((2, 40_000), (3, 0))
)


def two_segments(**changes):
    steps = (
        Step(child_query_sequence=1, segment_id=2, step_id=1, step_name="sort"),
        Step(child_query_sequence=1, segment_id=3, step_id=1, step_name="nestloop"),
    )
    return a_case(segments=(SPILLING, QUIET), steps=steps, **changes)


def rationales(case, findings):
    kept = rules_panel().review(case, findings, []).recommendations
    return {each.check + "/" + each.reviewer.value: each.rationale for each in kept}


def test_more_memory_and_fewer_rows_for_one_spill_do_not_add_up():
    case = two_segments()
    finding = a_finding("spill_to_disk", fact_ids=(case.segments[0].fact_id,))

    said = rationales(case, [finding])

    assert "add up" not in said["spill_to_disk/optimize"]
    assert (
        "It attacks the same seconds as “Carry fewer rows into the sort that spills”: "
        "the two savings do not add up."
    ) in said["spill_to_disk/cost_review"]


def test_a_broadcast_and_a_loop_in_one_segment_do_not_add_up():
    case = two_segments()
    loop = a_finding("nested_loop", fact_ids=(case.steps[1].fact_id,))
    broadcast = a_finding("large_broadcast", fact_ids=(case.segments[1].fact_id,))

    said = rationales(case, [loop, broadcast])

    assert "do not add up" in said["large_broadcast/schema_review"]


def test_causes_in_different_segments_are_apart():
    case = two_segments()
    loop = a_finding("nested_loop", fact_ids=(case.steps[1].fact_id,))
    spill = a_finding("spill_to_disk", fact_ids=(case.segments[0].fact_id,))

    said = rationales(case, [loop, spill])

    assert "nested_loop" not in said["spill_to_disk/optimize"]
    assert not any("equality" in said[name] and "add up" in said[name] for name in said)
    assert "add up" not in said["spill_to_disk/optimize"]


def test_advice_about_all_execution_overlaps_with_any_part_of_it():
    case = two_segments(tables=(orders(statistics_off_percent=60.0),))
    loop = a_finding("nested_loop", fact_ids=(case.steps[1].fact_id,), severity=Severity.HIGH)
    stale = of_table(case, "missing_statistics", severity=Severity.HIGH)

    said = rationales(case, [loop, stale])

    assert "in part the same seconds" in said["missing_statistics/schema_review"]


def test_waiting_and_execution_are_apart():
    case = a_case(
        plan=CROSS_PLAN, tables=(orders(), shops()), queue_seconds=900.0, execution_seconds=900.0
    )
    queue = a_finding("queue_dominated", bucket=Bucket.QUEUE)

    said = rationales(case, [of_join(case, "nested_loop"), queue])

    assert len(said) == 2
    assert not any("add up" in rationale for rationale in said.values())
