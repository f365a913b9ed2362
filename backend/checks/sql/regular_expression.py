"""A regular expression filters a large scan.

Anti-pattern: SIMILAR TO, ~ and the REGEXP functions in a filter are worked out for every row that
is read, and cost several times what LIKE costs.

Remedy: Say it with =, IN or LIKE where the pattern allows it: two LIKEs with OR are cheaper than
one SIMILAR TO with a bar. Put a plain condition before it, so that fewer rows are tried. What is
taken from the text by every run is better stored as a column of its own while loading.
"""

from collections.abc import Iterator

from backend.checks.check import LARGE_STEP_ROWS
from backend.checks.pattern_filters import judge_patterns
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, ClauseKind
from backend.domain.finding import Finding, RuledOut

RULES = (
    Rule(
        name="a regular expression in a filter",
        inputs=(
            "SYS_QUERY_HISTORY.query_text",
            "SYS_QUERY_DETAIL.input_rows",
            "SVV_TABLE_INFO.tbl_rows",
        ),
        thresholds=(LARGE_STEP_ROWS,),
        peers=(
            "AWS query best practices: LIKE before SIMILAR TO and POSIX operators",
            "sqlcheck: pattern matching",
        ),
    ),
)


def regular_expression(case: CaseFile) -> Iterator[Finding | RuledOut]:
    yield from judge_patterns(
        case,
        ClauseKind.REGULAR_EXPRESSION,
        check="regular_expression",
        title="Filters {column} by a regular expression",
        why="The statement filters {clause}, a regular expression, which costs several times what"
        " LIKE does",
    )
