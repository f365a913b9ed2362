"""Advice for what is made of the rows: duplicates, order, counts, windows."""

from backend.domain.case_file import CaseFile, ClauseKind
from backend.domain.finding import Finding
from backend.domain.in_words import listed, paragraph
from backend.domain.recommendation import Category
from backend.panel.reviewer import Advice
from backend.panel.rules.clause_of import clause_of, clause_text
from backend.panel.rules.joins import join_of
from backend.panel.rules.rules_reviewer import advice_on

UNION_ALL_FRACTION = 0.6
"""The rows still go through; only nobody compares them."""

UNSURE_UNION_FRACTION = 0.2
"""No step tells whether it removes duplicates."""

DROPPED_STEP_FRACTION = 0.9
"""The step does nothing that anyone needs; its segment does a little more."""

UNIQUE_JOIN_FRACTION = 0.5
"""The join remains, with fewer rows."""

APPROXIMATE_FRACTION = 0.3
"""The values are still read and moved in part."""

PARTITION_FRACTION = 0.5
"""The slices share the work; the rows are sorted all the same."""

NO_ORDER_FRACTION = 0.6
"""With a LIMIT each slice still has to look at all rows."""

_INTO_TABLES = ("INSERT", "CTAS", "DDL", "MERGE")
_NUMBERINGS = ("ROW_NUMBER", "RANK", "DENSE_RANK", "NTILE", "PERCENT_RANK", "CUME_DIST")


def advise_union(case: CaseFile, finding: Finding) -> Advice:
    clause = clause_of(case, "", ClauseKind.UNION_DISTINCT)
    text = clause.text if clause else "the UNION"
    is_measured = any(step.fact_id in finding.fact_ids for step in case.steps)
    return advice_on(
        case,
        finding,
        category=Category.REWRITE if is_measured else Category.INVESTIGATE,
        title="Use UNION ALL, if no row can come twice",
        rationale=paragraph(
            finding.evidence,
            "UNION ALL hands the rows on without comparing them",
        ),
        action=paragraph(
            f"Check whether two of the queries in {text} can give the same row, or one of them the"
            " same row twice; if not, or if it does no harm, write UNION ALL",
            "If only one of them has duplicates, make that one distinct",
        ),
        expected_fraction=UNION_ALL_FRACTION if is_measured else UNSURE_UNION_FRACTION,
    )


def advise_redundant_distinct(case: CaseFile, finding: Finding) -> Advice:
    text = clause_text(case, "", ClauseKind.REDUNDANT_DISTINCT, otherwise="the SELECT DISTINCT")
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title="Drop the DISTINCT over the GROUP BY",
        rationale=paragraph(finding.evidence),
        action=paragraph(
            f"Write {text.replace('SELECT DISTINCT', 'SELECT', 1)} without DISTINCT: the result"
            " stays the same as long as every group key is selected"
        ),
        expected_fraction=DROPPED_STEP_FRACTION,
    )


def advise_distinct_over_join(case: CaseFile, finding: Finding) -> Advice:
    join = join_of(case, finding)
    tables = (*join.outer_tables, *join.inner_tables) if join else ()
    clause = clause_of(case, "", ClauseKind.SELECT_DISTINCT)
    text = clause.text if clause else "the SELECT DISTINCT"
    names = tables or (clause.table_names if clause else ())
    of = f" of {listed(list(names))}" if names else ""
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=f"Make the join{of} unique and drop the DISTINCT",
        rationale=paragraph(
            finding.evidence,
            "Rows that are thrown away at the end were joined and moved for nothing",
        ),
        action=paragraph(
            f"See which side of the join{of} has several rows for a key. If only the match counts,"
            " ask by EXISTS; if values of it are wanted, group that side by the key first; if the"
            " key has more columns, join all of them",
            f"Then {text} needs no DISTINCT",
        ),
        expected_fraction=UNIQUE_JOIN_FRACTION,
    )


def advise_count_distinct(case: CaseFile, finding: Finding) -> Advice:
    text = clause_text(case, "", ClauseKind.COUNT_DISTINCT, otherwise="COUNT(DISTINCT …)")
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title="Count approximately, if a figure off by about 2 % will do",
        rationale=paragraph(
            finding.evidence,
            "An exact count has to keep every value; a sketch has a fixed size",
        ),
        action=paragraph(
            f"Write APPROXIMATE {text} where a trend or an order of magnitude is wanted",
            "This changes the result, so those who read the figure have to agree",
        ),
        expected_fraction=APPROXIMATE_FRACTION,
    )


def advise_window(case: CaseFile, finding: Finding) -> Advice:
    text = clause_text(
        case, "", ClauseKind.WINDOW_WITHOUT_PARTITION, otherwise="the window function"
    )
    if text.upper().startswith(_NUMBERINGS):
        instead = "if only the first rows of all are wanted, ORDER BY with LIMIT does without it"
    elif "ORDER BY" in text.upper():
        instead = "a running total can be worked out over one row a day or group first"
    else:
        instead = (
            "a total of all rows can be worked out in a subquery of one row and joined to each"
        )
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title="Let more than one slice work on the window function",
        rationale=paragraph(finding.evidence, "The other slices wait meanwhile"),
        action=paragraph(
            f"Add to {text} a PARTITION BY whatever it is to start anew for; {instead}"
        ),
        expected_fraction=PARTITION_FRACTION,
    )


def advise_order_by(case: CaseFile, finding: Finding) -> Advice:
    text = clause_text(case, "", ClauseKind.ORDER_BY_WITHOUT_LIMIT, otherwise="the ORDER BY")
    if case.query_type.upper() in _INTO_TABLES:
        return advice_on(
            case,
            finding,
            category=Category.REWRITE,
            title="Drop the ORDER BY of the load",
            rationale=paragraph(finding.evidence),
            action=paragraph(
                f"Leave {text} out; if the table is to be in that order, make it the SORTKEY of the"
                " target"
            ),
            expected_fraction=DROPPED_STEP_FRACTION,
        )
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title="Sort only the rows that are looked at",
        rationale=paragraph(
            finding.evidence,
            "The nodes sort their parts, and the leader merges them one row after the other",
        ),
        action=paragraph(
            f"Add a LIMIT to {text}, if the first rows are wanted; leave it out, if a program reads"
            " them all; write the rows to S3 with UNLOAD, if it is an export"
        ),
        expected_fraction=NO_ORDER_FRACTION,
    )
