"""A rewritten statement as a card shows it: what changed, the whole, what was checked."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from backend.domain.recommendation import Recommendation, Verdict
from backend.domain.rewrite import ChangedClause, Rewrite

MOST_CLAUSES_SHOWN = 3

NOT_RUN = "Not run on your cluster; verdict unknown."
CHANGES_RESULT = "An offer that changes the result."
PLACES = (
    ":p1 is the value behind the first ? of the statement as shown, :p2 the one behind the second, "
    "and so on; the last one of a cut list stands for all that followed."
)

WITH_ORIGINALS = "With the original values"
ORIGINALS_STAY = (
    "These are the values of one recorded run. They stay on this machine: no export, no API answer "
    "and no log has them."
)


@dataclass(frozen=True, kw_only=True)
class ClauseView:
    """Foreign text: SQL before and after, or empty where a clause was added or left out."""

    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class RewriteView:
    """`notes` and `checked` are foreign text, as is all SQL. `scrubbed_sql` is the statement that
    the places of the rewrite are counted in; None where it is not known."""

    recommendation_id: str
    query_hash: str
    scrubbed_sql: str | None
    clauses: tuple[ClauseView, ...]
    more_clauses: str
    sql: str
    notes: tuple[str, ...]
    checked_label: str
    checked: tuple[str, ...]


def rewrite_view(advice: Recommendation, scrubbed_sql: str | None = None) -> RewriteView | None:
    rewrite = advice.rewrite
    if rewrite is None:
        return None
    more = len(rewrite.clauses) - MOST_CLAUSES_SHOWN
    return RewriteView(
        recommendation_id=advice.recommendation_id,
        query_hash=advice.query_hash,
        scrubbed_sql=scrubbed_sql,
        clauses=tuple(map(_clause, rewrite.clauses[:MOST_CLAUSES_SHOWN])),
        more_clauses=f"{more} more in the whole statement." if more > 0 else "",
        sql=rewrite.sql,
        notes=_notes(rewrite, advice.verdict),
        checked_label=f"What was checked ({len(rewrite.preconditions)})",
        checked=tuple(f"{each.sentence}: {each.how_checked}." for each in rewrite.preconditions),
    )


def with_values(view: RewriteView, put_back: Callable[[str], str | None]) -> RewriteView | None:
    """The same with the original values in all SQL; None where a single one is not certain."""
    sql = put_back(view.sql)
    clauses = [(put_back(clause.before), put_back(clause.after)) for clause in view.clauses]
    filled = [
        ClauseView(before=before, after=after)
        for before, after in clauses
        if before is not None and after is not None
    ]
    if sql is None or len(filled) < len(clauses):
        return None
    notes = tuple(note for note in view.notes if note != PLACES)
    return replace(view, sql=sql, clauses=tuple(filled), notes=(*notes, ORIGINALS_STAY))


def _clause(clause: ChangedClause) -> ClauseView:
    return ClauseView(before=clause.before, after=clause.after)


def _notes(rewrite: Rewrite, verdict: Verdict) -> tuple[str, ...]:
    notes = [CHANGES_RESULT] if rewrite.changes_result else []
    notes += [rewrite.remark] if rewrite.remark else []
    notes += [NOT_RUN] if verdict is Verdict.UNKNOWN else []
    return (*notes, PLACES)
