"""Whatever a case file holds, no check fails or cites what is not there."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from backend.checks.registry import run_checks
from tests.unit.checks.builder import a_case
from tests.unit.checks.test_alerts import OWNERS
from tests.unit.checks.test_checks import contradictions

ROWS = st.sampled_from([0, 1, 9, 400, 90_000, 1_000_000, 6_000_000, 800_000_000])
SECONDS = st.sampled_from([0, 0.5, 7, 900])
NAMES = st.sampled_from(["sale", "retail.sale", "shop", "item"])
PERCENT = st.one_of(st.none(), st.sampled_from([0, 0.4, 10, 12.5, 99]))

PLANS = st.sampled_from(
    [
        f"""\
XN {join}  (cost=10.00..900000000.00 rows={out} width={width})
  Hash Cond: ("outer".id = "inner".id)
  ->  XN Seq Scan on sale  (cost=0.00..91000.00 rows={outer} width=40)
  ->  XN Hash  (cost=90.00..90.00 rows={inner} width=32)
        ->  XN Seq Scan on shop  (cost=0.00..90.00 rows={inner} width=32)
{notice}"""
        for join in (
            "Hash Join DS_BCAST_INNER",
            "Hash Join DS_DIST_BOTH",
            "Hash Join DS_DIST_INNER",
            "Hash Left Join DS_DIST_ALL_INNER",
            "Hash Join DS_DIST_NONE",
            "Nested Loop",
        )
        for out, width in ((1, 8), (90_000_000, 900))
        for outer, inner in ((9_000_000, 8), (9_000_000, 8_000_000), (0, 0))
        for notice in ("", "----- Tables missing statistics: sale, public.sale, volt_tt_1 -----\n")
    ]
)
STEP_NAMES = (
    "scan", "broadcast", "distribute", "nestloop", "hash", "hashjoin", "mergejoin", "aggregate",
    "unique", "sort", "merge", "insert", "limit", "return", "",
)  # fmt: skip
ALERTS = st.sampled_from(list(OWNERS))
STEPS = st.fixed_dictionaries(
    {
        "segment": st.integers(0, 4),
        "name": st.sampled_from(STEP_NAMES),
        "node": st.one_of(st.none(), st.integers(0, 5)),
        "bytes": st.sampled_from([0, 900, 90_000_000_000]),
        "table": st.one_of(st.none(), NAMES, st.just("shop.retail.sale")),
        "in": ROWS,
        "out": ROWS,
        "skew": st.integers(0, 100),
        "rr": st.sampled_from([None, True, False]),
        "alert": st.one_of(st.none(), ALERTS),
    }
)
SEGMENTS = st.fixed_dictionaries(
    {
        "id": st.integers(0, 4),
        "seconds": SECONDS,
        "spilled_local": ROWS,
        "spilled_remote": st.sampled_from([0, 5, 5000]),
        "time_skew": st.integers(0, 100),
    }
)
TABLES = st.fixed_dictionaries(
    {
        "name": NAMES,
        "rows": st.one_of(st.none(), ROWS),
        "visible_rows": st.one_of(st.none(), ROWS),
        "style": st.sampled_from(["ALL", "EVEN", "KEY(id)", "AUTO(KEY(sold_on))", ""]),
        "stats_off": PERCENT,
        "unsorted": PERCENT,
        "vacuum_sort_benefit": PERCENT,
        "skew_rows": PERCENT,
        "sort_key": st.sampled_from([None, "", "sold_on", "AUTO(SORTKEY)", "AUTO(SORTKEY(id))"]),
        "columns": st.sampled_from([{}, {"sold_on": 1, "id": 0}, {"id": -2, "sold_on": 1}, 30]),
    }
)
STATEMENTS = st.fixed_dictionaries(
    {
        "tables": st.just(["sale"]),
        "selects_star": st.booleans(),
        "wrapped": st.lists(st.sampled_from(["sold_on", "sale.sold_on", "shop.id"]), max_size=2),
        "filtered": st.lists(st.sampled_from(["sold_on", "shop.sold_on", "id"]), max_size=2),
    }
)
CASES = st.fixed_dictionaries(
    {
        "runs": st.sampled_from([0, 1, 500]),
        "max": SECONDS,
        "buckets": st.dictionaries(
            st.sampled_from(["queue", "planning", "compile", "lock_wait", "execution"]), SECONDS
        ),
        "segments": st.lists(SEGMENTS, max_size=4, unique_by=lambda segment: segment["id"]),
        "steps": st.lists(STEPS, max_size=6),
        "tables": st.lists(TABLES, max_size=3, unique_by=lambda table: table["name"]),
    },
    optional={
        "plan": PLANS,
        "statement": STATEMENTS,
        "alerts": st.lists(ALERTS, max_size=2),
        "query_type": st.sampled_from(["SELECT", "INSERT", "CTAS", "DELETE"]),
    },
)


@given(CASES)
def test_no_check_fails_or_cites_a_fact_that_is_not_there(described: dict[str, Any]) -> None:
    case = a_case(described)

    outcome = run_checks(case)

    known = {fact.fact_id for fact in case.facts()}
    assert outcome.problems == ()
    for said in (*outcome.findings, *outcome.ruled_out):
        assert set(said.fact_ids) <= known
        assert len(set(said.fact_ids)) == len(said.fact_ids)
    assert contradictions(outcome) == []
    for finding in outcome.findings:
        assert finding.fact_ids
        assert 0 < finding.affected_share <= 1
    assert len({(f.check, f.subject) for f in outcome.findings}) == len(outcome.findings)
