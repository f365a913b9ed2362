"""One recommendation beside all that is known, and what may be said against it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, GoodNews, RuledOut
from backend.domain.recommendation import Recommendation
from backend.sql.action_sql import (
    ActionKind,
    ActionStatement,
    NotActionSqlError,
    read_action_sql,
)


@dataclass(frozen=True, kw_only=True)
class Objection:
    """Why a recommendation cannot stand, and the facts that say so."""

    reason: str
    fact_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Matter:
    """One recommendation beside all that is known."""

    case: CaseFile
    findings: Sequence[Finding]
    ruled_out: Sequence[RuledOut]
    recommendation: Recommendation
    statements: tuple[ActionStatement, ...] = ()
    good_news: Sequence[GoodNews] = ()


Objector = Callable[[Matter], Objection | None]


def read_statements(recommendation: Recommendation) -> tuple[ActionStatement, ...] | None:
    """The action's SQL; None where it is not of a kind that may be proposed."""
    if not recommendation.action_sql:
        return ()
    try:
        return read_action_sql(recommendation.action_sql)
    except NotActionSqlError:
        return None


def of_kind(matter: Matter, kind: ActionKind) -> Iterator[ActionStatement]:
    return (statement for statement in matter.statements if statement.kind is kind)
