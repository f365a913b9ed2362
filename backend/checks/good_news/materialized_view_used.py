"""A materialized view that the plan reads.

Good: The result, or a part of it, was worked out before. Redshift can put a view in place of tables
by itself, as long as the view is up to date; views that it makes for itself have auto_mv in their
name. The plan then scans mv_tbl__<view>__0 (Redshift guide, materialized-view-auto-rewrite and
materialized-view-auto-mv).

Keep: Refresh the view as often as its tables change: a stale one is not used for rewriting, and one
that the statement names shows old rows. Other columns or functions in the statement may end it.
"""

import re
from collections.abc import Iterator

from backend.checks.check import MOST_CITED, Said, statement_ids
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile
from backend.domain.finding import GoodNews
from backend.domain.in_words import rows_in_words

CHECK = "materialized_view_used"

RULES = (
    Rule(
        name="a materialized view, also one that Redshift put in by itself",
        inputs=("SYS_QUERY_EXPLAIN.plan_node", "SYS_QUERY_DETAIL.table_name"),
        peers=("peers' union: MV rewrite used", "Snowflake: optimization used"),
    ),
)

_BACKING_TABLE = re.compile(r"mv_tbl__(.+?)__\d+(?:_recomputed)?$")


def materialized_view_used(case: CaseFile) -> Iterator[Said]:
    read: dict[str, list[tuple[str, int]]] = {}
    for name, fact_id, row_count in _tables_read(case):
        match = _BACKING_TABLE.match(name.replace('"', "").lower().rsplit(".", maxsplit=1)[-1])
        if match:
            read.setdefault(match[1], []).append((fact_id, row_count))
    outdated = {
        fact.view.name.lower()
        for fact in case.materialized_views
        if fact.view.is_stale or fact.view.is_broken
    }
    for view, scans in read.items():
        if view in outdated:
            continue
        most = rows_in_words(max(row_count for _, row_count in scans))
        yield GoodNews(
            check=CHECK,
            sentence=f"{_what(case, view)} ({most} from it).",
            fact_ids=(*(fact_id for fact_id, _ in scans[:MOST_CITED]), *statement_ids(case)),
            subject=view,
        )


def _tables_read(case: CaseFile) -> Iterator[tuple[str, str, int]]:
    """Name, fact and rows of each scan: as measured where steps name tables, else as planned."""
    named = [fact for fact in case.steps if fact.step.table_name]
    for step in named:
        yield step.step.table_name or "", step.fact_id, step.step.output_rows
    for node in case.plan_nodes if not named else ():
        yield node.node.table_name or "", node.fact_id, node.node.rows


def _what(case: CaseFile, view: str) -> str:
    named = {name.rsplit(".", maxsplit=1)[-1] for name in _statement_tables(case)}
    if view in named:
        return f"The statement reads the materialized view {view}, which holds its result ready"
    if view.startswith("auto_mv"):
        return f"Redshift reads {view}, a materialized view of its own making, instead of tables"
    return f"Redshift reads the materialized view {view} instead of the tables of the statement"


def _statement_tables(case: CaseFile) -> tuple[str, ...]:
    return case.statement.table_names if case.statement else ()
