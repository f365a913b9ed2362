"""A LIKE pattern that begins with % is tried on every row of a large scan.

Anti-pattern: LIKE '%word%' or LIKE '%.pdf' fits values from one end of the sort order to the
other, so no block can be skipped, and the text of every row that is read has to be searched.

Remedy: Filter by a plain column first, so that fewer rows are read. Look for the beginning of the
value where that answers the question. For a search that comes often, store what it looks for while
loading: the ending, the domain, a flag, or the value reversed.
"""

from collections.abc import Iterator

from backend.checks.check import LARGE_STEP_ROWS
from backend.checks.pattern_filters import judge_patterns
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, ClauseKind
from backend.domain.finding import Finding, RuledOut

RULES = (
    Rule(
        name="a LIKE pattern that begins with a wildcard",
        inputs=(
            "SYS_QUERY_HISTORY.query_text",
            "SYS_QUERY_DETAIL.input_rows",
            "SVV_TABLE_INFO.tbl_rows",
        ),
        thresholds=(LARGE_STEP_ROWS,),
        peers=(
            "Snowflake: LIKE_WITH_LEADING_WILDCARD",
            "Infraredshift: leading-wildcard LIKE",
            "sqlcheck: pattern matching",
            "sql-sentinel: leading %",
        ),
    ),
)


def leading_wildcard(case: CaseFile) -> Iterator[Finding | RuledOut]:
    yield from judge_patterns(
        case,
        ClauseKind.LEADING_WILDCARD,
        check="leading_wildcard",
        title="Searches {column} by a pattern that begins with %",
        why="The statement filters {clause}, which no sort order can help",
    )
