"""The ledger: no claim above its ceiling, no ceiling above its bucket, no citation of nothing."""

from hypothesis import given
from hypothesis import strategies as st

from backend.domain.case_file import CaseFile, ColumnUse
from backend.domain.evidence import Segment
from backend.domain.finding import Finding, Severity
from backend.domain.time_buckets import Bucket
from backend.panel.ceilings import bucket_seconds
from backend.panel.rules import rules_panel
from tests.unit.panel.cases import JOIN_PLAN, a_case, order_lines, orders, shops

CHECKS = (
    "queue_dominated",
    "lock_dominated",
    "compile_dominated",
    "missing_statistics",
    "nested_loop",
    "large_broadcast",
    "redistributes_both_sides",
    "redistributes_one_side",
    "serial_join",
    "two_phase_aggregation",
    "hash_join_could_merge",
    "estimate_off",
    "spill_to_disk",
    "data_skew",
    "time_skew",
    "unsorted_scan",
    "selective_filter",
    "late_filter",
    "merges_unsorted_region",
    "join_fan_out",
    "ghost_rows",
    "large_result",
    "wide_rows",
    "idle_aggregate",
    "function_on_sort_key",
    "select_star",
    "a check that no reviewer knows",
)
SUBJECTS = ("", "sales.orders", "sales.order_lines", "sales.orders.ordered_at", "nowhere.nothing")
SECONDS = st.floats(min_value=0, max_value=1e9)

cases = st.builds(
    lambda queue, planning, compiling, locks, execution, style, off, benefit, star, sql: a_case(
        plan=JOIN_PLAN,
        tables=(
            orders(
                distribution_style=style,
                statistics_off_percent=off,
                vacuum_sort_benefit_percent=benefit,
                visible_rows=150_000_000,
                first_sort_key="ordered_at",
            ),
            order_lines(distribution_style="AUTO(EVEN)"),
            shops(),
        ),
        filtered=(ColumnUse(table_name="orders", column_name="ordered_at", expression="x"),),
        segments=(
            Segment(
                child_query_sequence=1,
                stream_id=0,
                segment_id=0,
                duration_seconds=5,
                spilled_remote_blocks=50_000,
            ),
        ),
        selects_star=star,
        scrubbed_sql=sql,
        queue_seconds=queue,
        planning_seconds=planning,
        compile_seconds=compiling,
        lock_wait_seconds=locks,
        execution_seconds=execution,
    ),
    SECONDS,
    SECONDS,
    SECONDS,
    SECONDS,
    SECONDS,
    st.sampled_from(["EVEN", "ALL", "KEY(shop_id)", "AUTO(KEY(note))", ""]),
    st.none() | st.floats(0, 100),
    st.none() | st.floats(0, 100),
    st.booleans(),
    st.sampled_from(
        [
            None,
            "SELECT DISTINCT shop_id FROM sales.orders",
            "SELECT shop_id, COUNT(*) FROM sales.orders o JOIN sales.order_lines l"
            " ON o.order_id = l.order_id GROUP BY shop_id",
        ]
    ),
)
findings = st.lists(
    st.builds(
        Finding,
        check=st.sampled_from(CHECKS),
        severity=st.sampled_from(Severity),
        bucket=st.sampled_from(Bucket),
        title=st.just("A finding"),
        evidence=st.text(max_size=20).map("{}seen.".format),
        fact_ids=st.lists(
            st.integers(1, 30).map("F{}".format), min_size=1, max_size=4, unique=True
        ).map(tuple),
        subject=st.sampled_from(SUBJECTS),
        affected_share=st.floats(-1, 2),
    ),
    max_size=8,
)


@given(case=cases, found=findings)
def test_no_recommendation_promises_more_than_was_measured(case: CaseFile, found: list[Finding]):
    outcome = rules_panel().review(case, found, [])

    known = {fact.fact_id for fact in case.facts()}
    assert not any(response.error for response in outcome.agent_responses)
    for each in outcome.recommendations:
        assert 0 <= each.claimed_saving_seconds <= each.ceiling_seconds
        assert 0 < each.ceiling_seconds <= bucket_seconds(case, each.bucket)
        assert each.fact_ids
        assert set(each.fact_ids) <= known
        assert each.title
        assert each.rationale
        assert each.action
    identities = [each.recommendation_id for each in outcome.recommendations]
    assert len(set(identities)) == len(identities)
