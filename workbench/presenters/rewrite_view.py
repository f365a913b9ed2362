"""A rewritten statement as a card shows it: what changed, the whole, what was checked."""

from dataclasses import dataclass

from backend.domain.recommendation import Recommendation, Verdict
from backend.domain.rewrite import ChangedClause, Rewrite

MOST_CLAUSES_SHOWN = 3

NOT_RUN = "Not run on your cluster; verdict unknown."
CHANGES_RESULT = "An offer that changes the result."
PLACES = (
    ":p1 is the value behind the first ? of the statement as shown, :p2 the one behind the second, "
    "and so on; the last one of a cut list stands for all that followed."
)


@dataclass(frozen=True, kw_only=True)
class ClauseView:
    """Foreign text: SQL before and after, or empty where a clause was added or left out."""

    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class RewriteView:
    """`notes` and `checked` are foreign text, as is all SQL."""

    clauses: tuple[ClauseView, ...]
    more_clauses: str
    sql: str
    notes: tuple[str, ...]
    checked_label: str
    checked: tuple[str, ...]


def rewrite_view(advice: Recommendation) -> RewriteView | None:
    rewrite = advice.rewrite
    if rewrite is None:
        return None
    more = len(rewrite.clauses) - MOST_CLAUSES_SHOWN
    return RewriteView(
        clauses=tuple(map(_clause, rewrite.clauses[:MOST_CLAUSES_SHOWN])),
        more_clauses=f"{more} more in the whole statement." if more > 0 else "",
        sql=rewrite.sql,
        notes=_notes(rewrite, advice.verdict),
        checked_label=f"What was checked ({len(rewrite.preconditions)})",
        checked=tuple(f"{each.sentence}: {each.how_checked}." for each in rewrite.preconditions),
    )


def _clause(clause: ChangedClause) -> ClauseView:
    return ClauseView(before=clause.before, after=clause.after)


def _notes(rewrite: Rewrite, verdict: Verdict) -> tuple[str, ...]:
    notes = [CHANGES_RESULT] if rewrite.changes_result else []
    notes += [rewrite.remark] if rewrite.remark else []
    notes += [NOT_RUN] if verdict is Verdict.UNKNOWN else []
    return (*notes, PLACES)
