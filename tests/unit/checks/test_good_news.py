"""What good news spares: seconds of the window, from which an objection may follow."""

import pytest

from backend.checks.good_news.collocated_join import collocated_join
from backend.checks.good_news.result_cache_used import result_cache_used
from backend.checks.good_news.sort_key_pruned import sort_key_pruned
from backend.checks.registry import run_checks
from tests.unit.checks.builder import a_case

TOGETHER = """
XN Hash Join DS_DIST_NONE  (cost=9.00..9000.00 rows=9000000 width=30)
  ->  XN Seq Scan on sale  (cost=0.00..2000.00 rows=90000000 width=20)
  ->  XN Hash  (cost=9.00..9.00 rows=8000000 width=10)
        ->  XN Seq Scan on item  (cost=0.00..9.00 rows=8000000 width=10)
"""


def test_a_sort_key_spares_the_time_of_its_scans_once_more():
    case = a_case(
        {
            "buckets": {"queue": 500, "execution": 1000},
            "segments": [{"id": 0, "seconds": 3}, {"id": 1, "seconds": 7}],
            "steps": [
                {"segment": 0, "name": "scan", "table": "shop.public.sale", "in": 9, "rr": True}
            ],
            "tables": [{"name": "sale", "rows": 90_000_000, "sort_key": "sold_on"}],
        }
    )

    (news,) = sort_key_pruned(case)

    assert news.spared_seconds == pytest.approx(300)


def test_a_join_whose_rows_lie_together_spares_as_much_as_it_takes():
    case = a_case(
        {
            "buckets": {"execution": 1000},
            "plan": TOGETHER,
            "segments": [{"id": 0, "seconds": 4}, {"id": 1, "seconds": 6}],
            "steps": [{"segment": 0, "name": "hashjoin", "node": 1}],
        }
    )

    (news,) = collocated_join(case)

    assert news.spared_seconds == pytest.approx(400)


def test_the_result_cache_spares_a_median_run_a_hit():
    (news,) = result_cache_used(a_case({"runs": 10, "cache_hits": 30, "p50": 2}))

    assert news.spared_seconds == 60


def test_good_news_is_no_finding():
    outcome = run_checks(a_case({"runs": 10, "cache_hits": 30, "p50": 2}))

    assert [news.check for news in outcome.good_news] == ["result_cache_used"]
    assert outcome.findings == ()
