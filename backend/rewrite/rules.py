"""The rules, in the order in which their rewrites are offered."""

from backend.rewrite import (
    approximate_count,
    common_condition_of_or,
    filter_both_sides,
    not_in_to_not_exists,
    or_to_in,
    or_to_union_all,
    range_on_sort_key,
    redundant_distinct,
    repeated_scan,
    scalar_subquery_to_join,
    star_to_columns,
    union_to_union_all,
)
from backend.rewrite.rule import RewriteRule

RULES: tuple[RewriteRule, ...] = (
    range_on_sort_key.RULE,
    not_in_to_not_exists.RULE,
    filter_both_sides.RULE,
    scalar_subquery_to_join.RULE,
    repeated_scan.RULE,
    union_to_union_all.RULE,
    redundant_distinct.RULE,
    common_condition_of_or.RULE,
    or_to_union_all.RULE,
    or_to_in.RULE,
    star_to_columns.RULE,
    approximate_count.RULE,
)
