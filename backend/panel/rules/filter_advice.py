"""Advice for what the statement filters by, and what it does not."""

from backend.domain.case_file import CaseFile, ClauseKind
from backend.domain.finding import Finding
from backend.domain.in_words import counted, paragraph, titled
from backend.domain.recommendation import Category
from backend.panel.reviewer import Advice
from backend.panel.rules.clause_of import clause_of, clause_text
from backend.panel.rules.rules_reviewer import advice_on
from backend.panel.rules.table_design import sort_column, wants_a_range
from backend.rewrite.or_to_in import ARRAY_OVER_VALUES

RESTRICTED_FRACTION = 0.4
"""Depends on how much of the table the question is really about."""

SPLIT_OR_FRACTION = 0.4
"""Each part still reads its own rows."""

RANGE_BESIDE_OR_FRACTION = 0.25
"""The values may lie far apart, which the scrubbed statement does not tell."""

REPEATED_CONDITION_FRACTION = 0.5
"""Blocks are skipped only as far as the range is narrow, which the facts do not tell."""

PATTERN_FRACTION = 0.3
"""The search is spared only where another condition or a stored answer takes its place."""


def advise_unfiltered_table(case: CaseFile, finding: Finding) -> Advice:
    known = case.table(finding.subject)
    column_name = sort_column(known.table) if known else None
    by_key = (
        f", best by a range on its sort key {column_name}"
        if known and column_name and wants_a_range(known.table, column_name)
        else ""
    )
    runs = counted(case.statistics.runs, "run")
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=f"Ask {finding.subject} for the part that is wanted",
        rationale=paragraph(
            finding.evidence,
            "As the table grows, so does the time of the statement",
        ),
        action=paragraph(
            f"If the question is about a period or a part of {finding.subject}, add that"
            f" condition{by_key}",
            f"If it is about all rows, keep its answer in a materialized view: {runs} worked it"
            " out anew",
        ),
        expected_fraction=RESTRICTED_FRACTION,
    )


def advise_or_across_columns(case: CaseFile, finding: Finding) -> Advice:
    clause = clause_of(case, finding.subject, ClauseKind.OR_ACROSS_COLUMNS)
    text = clause.text if clause else "the OR"
    known = case.table(finding.subject)
    column_name = sort_column(known.table) if known else None
    uses = clause.columns if clause else ()
    sides = [use for use in uses if column_name and use.column_name == column_name.lower()]
    first = (
        f"one with {sides[0].expression}, which can skip blocks" if sides else "one for each side"
    )
    others = "the other with the rest" if sides else "each filtered before its join"
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=f"Split the OR over {finding.subject} into two queries",
        rationale=paragraph(
            finding.evidence,
            "A row may come in by either side, so neither side alone can keep rows from being read",
        ),
        action=paragraph(
            f"Instead of {text}, write two queries with UNION ALL: {first}, {others}",
            "Leave the rows of the first out of the second, so that none comes twice; mind that"
            " NOT is not true of a NULL",
        ),
        expected_fraction=SPLIT_OR_FRACTION,
    )


def advise_or_on_one_column(case: CaseFile, finding: Finding) -> Advice:
    """A range; a list only where Redshift evaluates it as something else than the OR."""
    column_name = finding.subject.rsplit(".", maxsplit=1)[-1]
    clause = clause_of(case, finding.subject, ClauseKind.OR_ON_ONE_COLUMN)
    text = clause.text if clause else "the OR"
    of_list = (
        "Beside that, write the values as one IN list: Redshift evaluates one of more than"
        f" {ARRAY_OVER_VALUES} values as one array and not as a series of ORs"
        if clause and clause.count > ARRAY_OVER_VALUES
        else ""
    )
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=titled(
            f"Put a range on {finding.subject} beside its OR",
            f"Put a range on {column_name} beside its OR",
            "Put a range beside the OR on the sort key",
        ),
        rationale=paragraph(
            finding.evidence,
            f"A range of {column_name} is compared with the lowest and highest value of each block"
            ", which skips those before and after it",
        ),
        action=paragraph(
            f"Beside {text}, add {column_name} >= the lowest and {column_name} <= the highest of"
            " its values: the rows stay the same",
            "The nearer to each other the values are, the more it saves; is_rrscan of the scan"
            " tells whether it does",
            of_list,
        ),
        expected_fraction=RANGE_BESIDE_OR_FRACTION,
    )


def advise_missing_redundant_predicate(case: CaseFile, finding: Finding) -> Advice:
    clause = next(
        (
            each
            for each in (
                case.statement.clauses_of(ClauseKind.ONE_SIDED_FILTER) if case.statement else ()
            )
            if each.columns[1].column_name == finding.subject.rsplit(".", maxsplit=1)[-1]
        ),
        None,
    )
    condition = clause.text if clause else "the condition"
    twin = clause.columns[1].expression if clause else finding.subject
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=f"Repeat the condition for {finding.subject}",
        rationale=paragraph(
            finding.evidence,
            "The join sets the two columns equal, so the same condition holds for both and changes"
            " no result; zone maps then skip blocks of both tables",
        ),
        action=paragraph(f"Write {condition} once more, with {twin} in the place of its column"),
        expected_fraction=REPEATED_CONDITION_FRACTION,
    )


def advise_leading_wildcard(case: CaseFile, finding: Finding) -> Advice:
    text = clause_text(
        case, finding.subject, ClauseKind.LEADING_WILDCARD, otherwise="the LIKE pattern"
    )
    runs = counted(case.statistics.runs, "run")
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=f"Spare the search through {finding.subject}",
        rationale=paragraph(
            finding.evidence,
            "A pattern that begins with % fits values from end to end of any sort order",
        ),
        action=paragraph(
            f"Put a plain condition beside {text}, so that it is tried on fewer rows, or leave the"
            " % in front out where the beginning of the value is known",
            f"{runs} looked for such text: if it is the same each time, store the answer in a"
            " column of its own while loading",
        ),
        expected_fraction=PATTERN_FRACTION,
    )


def advise_regular_expression(case: CaseFile, finding: Finding) -> Advice:
    text = clause_text(
        case, finding.subject, ClauseKind.REGULAR_EXPRESSION, otherwise="the regular expression"
    )
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=f"Filter {finding.subject} by LIKE or = where that will do",
        rationale=paragraph(
            finding.evidence,
            "Redshift's guide advises LIKE before SIMILAR TO and POSIX operators, which it calls"
            " expensive",
        ),
        action=paragraph(
            f"Say {text} with =, IN or one LIKE for each alternative, if the pattern allows it",
            "If each run takes the same piece of the text, store that piece in a column of its own"
            " while loading",
        ),
        expected_fraction=PATTERN_FRACTION,
    )
