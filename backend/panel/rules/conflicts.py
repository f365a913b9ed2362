"""Recommendations of one pattern that cannot both be followed: the larger saving stays."""

from collections.abc import Iterator, Sequence

from backend.domain.case_file import CaseFile
from backend.domain.recommendation import Recommendation
from backend.domain.review import StruckStatement
from backend.panel.rules.matter import read_statements
from backend.sql.action_sql import ActionKind, ActionStatement

_DISTRIBUTION = frozenset({ActionKind.DISTRIBUTE_BY_KEY, ActionKind.DISTRIBUTE})


def without_conflicts(
    case: CaseFile, recommendations: Sequence[Recommendation]
) -> tuple[list[Recommendation], list[StruckStatement]]:
    """Those that can stand together, in the order given, and what was struck for their sake."""
    by_saving = sorted(
        recommendations,
        key=lambda each: (
            -each.claimed_saving_seconds,
            each.severity.order,
            each.recommendation_id,
        ),
    )
    kept: list[Recommendation] = []
    struck: list[StruckStatement] = []
    for recommendation in by_saving:
        reason = next(
            (reason for other in kept if (reason := _conflict(case, recommendation, other))), None
        )
        if reason is None:
            kept.append(recommendation)
            continue
        struck.append(
            StruckStatement(
                reviewer=recommendation.reviewer,
                statement=recommendation.title,
                reason=reason,
                fact_ids=recommendation.fact_ids,
            )
        )
    kept_ones = set(map(id, kept))  # of two that are equal only one
    return [each for each in recommendations if id(each) in kept_ones], struck


def _conflict(case: CaseFile, lesser: Recommendation, larger: Recommendation) -> str | None:
    if lesser.recommendation_id == larger.recommendation_id:
        return f"The same reviewer gave this advice twice: “{larger.title}” stands for both."
    lesser_changes = dict(_changes(case, lesser))
    for what, wanted in _changes(case, larger):
        if what not in lesser_changes:
            continue
        table_name, aspect = what
        if lesser_changes[what] == wanted:
            return f"“{larger.title}” proposes the same for {table_name} and saves as much or more."
        return f"{table_name} has only one {aspect}, and “{larger.title}” saves as much or more."
    return None


def _changes(
    case: CaseFile, recommendation: Recommendation
) -> Iterator[tuple[tuple[str, str], tuple[object, ...]]]:
    """What the action sets: (table, aspect) and to which value."""
    for statement in read_statements(recommendation) or ():
        aspect = _aspect(statement)
        if aspect is None:
            continue
        fact = case.table(statement.table_names[0])
        table_name = fact.table.full_name if fact else statement.table_names[0].lower()
        columns = tuple(name.lower() for name in statement.column_names)
        yield (table_name, aspect), (statement.kind, statement.argument, columns)


def _aspect(statement: ActionStatement) -> str | None:
    if statement.kind in _DISTRIBUTION:
        return "distribution"
    if statement.kind is ActionKind.ENCODE_COLUMN:
        return f"encoding of {statement.column_names[0].lower()}"
    names = {
        ActionKind.SORT_KEY: "sort key",
        ActionKind.ANALYZE: "set of statistics",
        ActionKind.VACUUM_SORT: "sort order",
        ActionKind.VACUUM_REINDEX: "sort order",
        ActionKind.VACUUM_DELETE: "set of deleted rows",
        ActionKind.ENCODE_AUTO: "choice of encodings",
    }
    return names.get(statement.kind)
