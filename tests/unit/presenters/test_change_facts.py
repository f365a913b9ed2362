"""Every fact about change is one readable sentence."""

from typing import Any

import pytest

from backend.domain.change_facts import ChangeFact
from tests.unit.checks.builder import a_case
from workbench.presenters.change_facts import CHANGE_FACT_KINDS
from workbench.presenters.facts import fact_table

RECORDED = {
    "before": {
        "runs": 3,
        "plans": ["p1-a"],
        "rows": [7, 9],
        "blocks": [70, 70],
        "spilled": [0, 0],
    },
    "plans": {"p1-a": [3, 9, 12], "p1-b": [1, 40, 40]},
}
CASES: list[tuple[dict[str, Any], str]] = [
    (
        {"levels": [{"before": 10, "after": 30}]},
        "3.0× slower from 18 Nov 2026, 06:00 UTC on, without waiting: median 10.0 s of 40 runs →"
        " 30.0 s of 20 runs",
    ),
    (
        {"levels": [{"before": 30, "after": 10}]},
        "3.0× faster from 18 Nov 2026, 06:00 UTC on, without waiting: median 30.0 s of 40 runs →"
        " 10.0 s of 20 runs",
    ),
    (
        {"waits": [{"bucket": "queue", "before": 0.2, "after": 12}]},
        "queue 12.0 s a run on average since 18 Nov 2026, 06:00 UTC, 200 ms before",
    ),
    (
        {
            "comparison": {
                "before": {"execution": 10, "queue": 2, "returned": 18},
                "after": {"execution": 31, "queue": 1, "returned": 1800},
            }
        },
        "12.0 s a run (before, 40 runs) → 32.0 s (after, 40 runs): queue −1.0 s, execution +21.0 s;"
        " returned rows 18 → 1,800",
    ),
    (
        {
            "comparison": {
                "basis": "fast and slow runs",
                "before": {"execution": 10},
                "after": {"execution": 10},
            }
        },
        "10.0 s a run (the fastest, 40 runs) → 10.0 s (the slowest, 40 runs): no time bucket"
        " differs; returned rows 0 → 0",
    ),
    (
        {"recorded": RECORDED},
        "before: 3 recorded runs, 1 plan, 7 to 9 rows scanned, 70 MB read, 0 MB spilled; after: no"
        " run recorded",
    ),
    (
        {"recorded": {"plans": RECORDED["plans"]}},
        "recorded runs worked by plan p1-a (3 runs, 9.0 s to 12.0 s), plan p1-b (1 run, 40.0 s)",
    ),
    (
        {"plans": {"fast": "p1-a", "slow": "p1-a"}},
        "run 1 of 13 Nov 2026, 06:00 UTC (10.0 s) and run 2 of 20 Nov 2026, 06:00 UTC (30.0 s) worked"
        " by the same plan, p1-a",
    ),
    (
        {"plans": {"fast": "p1-a", "slow": "p1-b"}},
        "run 1 of 13 Nov 2026, 06:00 UTC (10.0 s) and run 2 of 20 Nov 2026, 06:00 UTC (30.0 s) worked"
        " by other plans: p1-a and p1-b",
    ),
    (
        {"plan_changes": [{"says": "the join became a loop"}]},
        "The join became a loop.",
    ),
    (
        {
            "scans": [
                {
                    "table": "public.sale",
                    "rows": [1000, 42000],
                    "blocks": [10, 4200],
                    "rr": [True, False],
                }
            ]
        },
        "public.sale: 1,000 → 42,000 rows scanned, 10 MB → 4.2 GB read, no longer range restricted",
    ),
    (
        {
            "tables": [
                {
                    "table": "public.sale",
                    "rows": [10, 4000],
                    "size": [7, 9000],
                    "distribution": ["KEY(id)", "EVEN"],
                    "encodings": ["x", "y"],
                    "stats_off": [None, 97.5],
                }
            ]
        },
        "public.sale between 13 Nov 2026 and 20 Nov 2026: rows 10 → 4,000, size 7 MB → 9.0 GB,"
        " distribution KEY(id) → EVEN, other columns or encodings, stats_off unknown → 97.5 %",
    ),
    (
        {"tables": [{"table": "public.sale"}]},
        "public.sale between 13 Nov 2026 and 20 Nov 2026: nothing changed",
    ),
    (
        {"events": [{"kind": "created", "table": "public.sale"}]},
        "public.sale was created on 18 Nov 2026, 02:00 UTC",
    ),
    (
        {"events": [{"kind": "statement", "table": "public.sale", "what": "CREATE TABLE"}]},
        "CREATE TABLE on public.sale ended on 18 Nov 2026, 02:00 UTC",
    ),
    (
        {
            "events": [
                {
                    "kind": "auto optimization",
                    "table": "public.sale",
                    "what": "distkey",
                    "automatic": True,
                    "detail": "from EVEN",
                }
            ]
        },
        "public.sale got another distkey by Redshift itself on 18 Nov 2026, 02:00 UTC (from EVEN)",
    ),
    (
        {"events": [{"kind": "vacuum", "table": "public.sale", "what": "Sort"}]},
        "VACUUM Sort of public.sale ended on 18 Nov 2026, 02:00 UTC",
    ),
    (
        {"version": {"seconds": [10, 11]}},
        "Redshift 1.0.1 → Redshift 1.0.2 on 17 Nov 2026, 06:00 UTC: this pattern takes 10.0 s before"
        " and 11.0 s after it",
    ),
    (
        {"version": {"slowed": 5, "unrelated": 2, "patterns": 25}},
        "Redshift 1.0.1 → Redshift 1.0.2 on 17 Nov 2026, 06:00 UTC: this pattern takes 10.0 s before"
        " and 10.0 s after it; 5 of 25 patterns (20 %) became slower near it, 2 of them without a"
        " table in common",
    ),
    (
        {"load": [3600, 7200]},
        "all other patterns take 2.0 h a day in the 3 days after the slow-down, 60.0 min in the 7 days"
        " before it",
    ),
]


@pytest.mark.parametrize(("changes", "text"), CASES, ids=[text[:40] for _, text in CASES])
def test_a_fact_about_change_is_told_in_a_sentence(changes: dict[str, Any], text: str) -> None:
    table = fact_table(a_case({"changes": changes}))

    last = table.iloc[-1]
    assert last["fact"] == text
    assert last["kind"] in CHANGE_FACT_KINDS.values()


def test_every_kind_of_such_a_fact_has_its_name_and_its_case_above() -> None:
    kinds = {kind.__dataclass_fields__["kind"].default for kind in ChangeFact.__args__}
    told = {
        fact.kind for changes, _ in CASES for fact in a_case({"changes": changes}).changes.facts()
    }

    assert kinds == set(CHANGE_FACT_KINDS) == told
