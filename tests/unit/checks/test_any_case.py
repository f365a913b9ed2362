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
            "Hash Join DS_DIST_ALL_NONE",
            "Merge Join DS_DIST_NONE",
            "Nested Loop",
        )
        for out, width in ((1, 8), (90_000_000, 900))
        for outer, inner in ((9_000_000, 8), (9_000_000, 8_000_000), (0, 0))
        for notice in ("", "----- Tables missing statistics: sale, public.sale, volt_tt_1 -----\n")
    ]
)
PLANS |= st.sampled_from(
    [
        f"""\
XN Merge  (cost=1000000009000.00..1000000009100.00 rows={out} width=8)
  ->  XN {top}  (cost=1000000009000.00..1000000009100.00 rows={out} width=8)
        ->  XN {below}  (cost=900.00..9000.00 rows={rows} width=8)
              Join Filter: (("outer".id = "inner".id) OR ("outer".sold_on = "inner".sold_on))
              ->  XN Seq Scan on sale s  (cost=0.00..800.00 rows=9000000 width=8)
              ->  XN Hash  (cost=0.00..100.00 rows=9000000 width=8)
                    ->  XN Seq Scan on item  (cost=0.00..100.00 rows=9000000 width=8)
"""
        for top in ("Sort", "Unique", "HashAggregate", "Window")
        for below in ("Append", "HashAggregate", "Hash NOT IN Join DS_DIST_BOTH", "Hash Join")
        for rows, out in ((90_000_000, 9_000_000), (0, 0))
    ]
)
SQL = st.sampled_from(
    [
        "SELECT * FROM sale, item ORDER BY sold_on",
        "SELECT COUNT(DISTINCT id), COUNT(DISTINCT a), COUNT(DISTINCT b) FROM sale",
        "SELECT DISTINCT s.id FROM sale s JOIN item i ON TRUNC(s.id) = i.id OR s.sold_on = i.sold_on",
        "SELECT DISTINCT id, SUM(n) FROM sale WHERE sold_on = 1 OR id = 2 GROUP BY id",
        "SELECT id FROM sale WHERE id NOT IN (SELECT id FROM item) UNION SELECT id FROM shop",
        "SELECT RANK() OVER (ORDER BY id) FROM sale s WHERE id > (SELECT MAX(id) FROM sale WHERE sale.sold_on = s.sold_on)",
        "SELECT s.id FROM sale s, item i WHERE s.sold_on = i.sold_on AND s.sold_on > 5 AND i.note LIKE '%x' AND s.id ~ 'y'",
        "WITH w AS (SELECT id FROM sale JOIN item USING (id)) SELECT a.id FROM w a JOIN w b ON a.id = b.id",
        "INSERT INTO sale VALUES (1, 2)",
        "DELETE FROM sale",
        "UPDATE sale SET id = 1",
    ]
)
STEP_NAMES = (
    "scan", "broadcast", "distribute", "nestloop", "hash", "hashjoin", "mergejoin", "aggregate",
    "unique", "sort", "merge", "insert", "delete", "window", "limit", "return", "",
)  # fmt: skip
ALERTS = st.sampled_from(list(OWNERS))
STEPS = st.fixed_dictionaries(
    {
        "segment": st.integers(0, 4),
        "name": st.sampled_from(STEP_NAMES),
        "node": st.one_of(st.none(), st.integers(0, 7)),
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
        "stats_off": PERCENT,
        "unsorted": PERCENT,
        "vacuum_sort_benefit": PERCENT,
        "skew_rows": PERCENT,
        "sort_key": st.sampled_from(
            [None, "", "sold_on", "AUTO(SORTKEY)", "AUTO(SORTKEY(id))", "INTERLEAVED"]
        ),
        "sort_key_encoding": st.sampled_from([None, "none", "az64"]),
        "encoded": st.sampled_from([None, "N", "Y", "Y, AUTO(ENCODE)"]),
        "style": st.sampled_from(
            ["KEY(sold_on)", "KEY(id)", "EVEN", "ALL", "AUTO(ALL)", "AUTO(KEY(sold_on))", ""]
        ),
        "columns": st.sampled_from(
            [
                {},
                {"sold_on": 1, "id": 0},
                {"id": -2, "sold_on": 1},
                30,
                [
                    {"name": "sold_on", "type": "date", "encoding": "none"},
                    {"name": "id", "type": "varchar(65535)", "encoding": "raw"},
                ],
            ]
        ),
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
LAKE_SCANS = st.fixed_dictionaries(
    {
        "table": st.sampled_from(["lake.clicks", "shop.lake.clicks", "lake.orders", ""]),
        "type": st.sampled_from(["S3", "PG"]),
        "seconds": SECONDS,
        "partitions": st.sampled_from([0, 1, 90, 5_000]),
        "qualified": st.sampled_from([0, 1, 90, 5_000]),
        "files": st.sampled_from([0, 1, 90_000]),
        "mb": st.sampled_from([0, 1, 20_000]),
        "format": st.sampled_from(["", "Parquet", "Text"]),
        "listing": SECONDS,
        "warning": st.sampled_from([None, "Cut"]),
    }
)
LAKE_TABLES = st.fixed_dictionaries(
    {
        "name": st.just("lake.clicks"),
        "rows": st.one_of(st.none(), ROWS),
        "keys": st.sampled_from([[], ["day"]]),
    }
)
LOADS = st.fixed_dictionaries(
    {
        "table": st.sampled_from(["clicks", "orders"]),
        "copies": st.sampled_from([1, 25, 900]),
        "mb": st.sampled_from([0, 1, 90_000]),
        "counts": st.dictionaries(st.sampled_from([0, 1, 16, 17]), st.integers(1, 9), max_size=2),
        "seconds": SECONDS,
    }
)
VIEWS = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["mart.a", "mart.b"]),
        "role": st.sampled_from(["read", "refreshed", "same_tables"]),
        "state": st.sampled_from([0, 1, 103, 77]),
        "stale": st.sampled_from([None, True, False]),
        "full": st.integers(0, 2),
        "incremental": st.integers(0, 2),
        "bases": st.just(["public.sale"]),
    }
)
LOADING = st.sampled_from(
    [
        "COPY a.b FROM 's3://x' IAM_ROLE 'r' CSV GZIP COMPUPDATE ON",
        "COPY a.b FROM 's3://x' IAM_ROLE 'r' FORMAT AS PARQUET",
        "COPY a.b FROM 's3://x' IAM_ROLE 'r' CSV",
        "ANALYZE COMPRESSION a.b",
        "SELECT 1 FROM lake.clicks WHERE day > 5",
    ]
)
ADVISOR = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["sortkey", "diststyle", "encode", "datatype"]),
        "table": st.sampled_from(["public.sale", "retail.sale", "public.shop", "gone"]),
        "auto_eligible": st.booleans(),
        "ddl": st.sampled_from(
            [
                "",
                'ALTER TABLE "public"."sale" ALTER SORTKEY ("sold_on")',
                'ALTER TABLE "public"."sale" ALTER DISTSTYLE KEY DISTKEY "id"',
                'ALTER TABLE "public"."sale" ALTER COLUMN "id" ENCODE zstd',
            ]
        ),
    }
)
TEXTS = st.sampled_from(
    [
        "SELECT * FROM sale",
        "INSERT INTO sale SELECT id FROM shop WHERE sold_on > 5",
        "SELECT sale.id, MAX(shop.id) FROM sale JOIN shop ON sale.id = shop.id GROUP BY 1",
    ]
)
CASES = st.fixed_dictionaries(
    {
        "runs": st.sampled_from([0, 1, 500, 90_000]),
        "max": SECONDS,
        "buckets": st.dictionaries(
            st.sampled_from(["queue", "planning", "compile", "lock_wait", "execution"]), SECONDS
        ),
        "cache_hits": st.sampled_from([0, 1, 900]),
        "advisor": st.lists(ADVISOR, max_size=3),
        "segments": st.lists(SEGMENTS, max_size=4, unique_by=lambda segment: segment["id"]),
        "steps": st.lists(STEPS, max_size=6),
        "tables": st.lists(TABLES, max_size=3, unique_by=lambda table: table["name"]),
    },
    optional={
        "plan": PLANS,
        "statement": STATEMENTS,
        "lake_elapsed": SECONDS,
        "lake_scans": st.lists(LAKE_SCANS, max_size=3),
        "lake_errors": st.sampled_from([0, 1, 900]),
        "lake_uses": st.lists(
            st.fixed_dictionaries({"runs": st.sampled_from([1, 10, 900]), "mb": ROWS}),
            max_size=1,
        ),
        "lake_tables": st.lists(LAKE_TABLES, max_size=1),
        "loads": st.lists(LOADS, max_size=2, unique_by=lambda load: load["table"]),
        "slices": st.sampled_from([0, 2, 16]),
        "views": st.lists(VIEWS, max_size=2, unique_by=lambda view: view["name"]),
        "sql": st.one_of(SQL, TEXTS, LOADING),
        "alerts": st.lists(ALERTS, max_size=2),
        "query_type": st.sampled_from(
            ["SELECT", "INSERT", "UNLOAD", "CTAS", "DELETE", "COPY", "OTHER"]
        ),
    },
)


@given(CASES)
def test_no_check_fails_or_cites_a_fact_that_is_not_there(described: dict[str, Any]) -> None:
    case = a_case(described)

    outcome = run_checks(case)

    known = {fact.fact_id for fact in case.facts()}
    assert outcome.problems == ()
    for said in (*outcome.findings, *outcome.ruled_out, *outcome.good_news):
        assert set(said.fact_ids) <= known
        assert len(set(said.fact_ids)) == len(said.fact_ids)
    assert contradictions(outcome) == []
    for finding in outcome.findings:
        assert finding.fact_ids
        assert 0 < finding.affected_share <= 1
    for news in outcome.good_news:
        assert news.fact_ids
        assert news.spared_seconds >= 0
    assert len({(f.check, f.subject) for f in outcome.findings}) == len(outcome.findings)
