"""How the statement is written, where that costs measured time."""

from backend.checks.check import Check
from backend.checks.sql.count_distinct import count_distinct
from backend.checks.sql.cross_join import cross_join
from backend.checks.sql.delete_without_where import delete_without_where
from backend.checks.sql.distinct_hiding_fan_out import distinct_hiding_fan_out
from backend.checks.sql.function_on_join_key import function_on_join_key
from backend.checks.sql.function_on_sort_key import function_on_sort_key
from backend.checks.sql.leading_wildcard import leading_wildcard
from backend.checks.sql.many_joins import many_joins
from backend.checks.sql.missing_redundant_predicate import missing_redundant_predicate
from backend.checks.sql.no_filter_on_large_table import no_filter_on_large_table
from backend.checks.sql.not_in_nullable import not_in_nullable
from backend.checks.sql.or_across_columns import or_across_columns
from backend.checks.sql.or_on_one_column import or_on_one_column
from backend.checks.sql.order_by_without_limit import order_by_without_limit
from backend.checks.sql.redundant_distinct import redundant_distinct
from backend.checks.sql.regular_expression import regular_expression
from backend.checks.sql.repeated_scan import repeated_scan
from backend.checks.sql.row_by_row_insert import row_by_row_insert
from backend.checks.sql.scalar_subquery import scalar_subquery
from backend.checks.sql.select_star import select_star
from backend.checks.sql.union_distinct import union_distinct
from backend.checks.sql.window_without_partition import window_without_partition

CHECKS: tuple[Check, ...] = (
    no_filter_on_large_table,
    function_on_sort_key,
    or_across_columns,
    or_on_one_column,
    missing_redundant_predicate,
    leading_wildcard,
    regular_expression,
    function_on_join_key,
    cross_join,
    not_in_nullable,
    scalar_subquery,
    repeated_scan,
    union_distinct,
    redundant_distinct,
    distinct_hiding_fan_out,
    count_distinct,
    window_without_partition,
    order_by_without_limit,
    select_star,
    many_joins,
    row_by_row_insert,
    delete_without_where,
)
"""What is read, how it is joined, what is made of the result, and what is written."""
