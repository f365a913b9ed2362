"""What is as it should be: worth knowing before anybody changes it."""

from backend.checks.check import Check
from backend.checks.good_news.collocated_join import collocated_join
from backend.checks.good_news.materialized_view_used import materialized_view_used
from backend.checks.good_news.result_cache_used import result_cache_used
from backend.checks.good_news.sort_key_pruned import sort_key_pruned

CHECKS: tuple[Check, ...] = (
    sort_key_pruned,
    collocated_join,
    result_cache_used,
    materialized_view_used,
)
