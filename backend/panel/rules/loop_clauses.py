"""Which clause of the statement most likely makes the nested loop that no plan names."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from sqlglot import exp

from backend.domain.case_file import CaseFile
from backend.panel.rules.query_scope import OUTER, QueryScope, conjuncts
from backend.sql.expression_text import expression_text
from backend.sql.parse import parse
from backend.sql.placeholders import with_stand_ins

LONGEST_CLAUSE = 90

_INEQUALITIES = (exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NEQ)


class LoopKind(IntEnum):
    """The surest sign of a nested loop first."""

    UNLINKED = 0
    NO_EQUALITY = 1
    EXISTS_WITHOUT_EQUALITY = 2
    CORRELATED_INEQUALITY = 3
    LINKED_ELSEWHERE = 4
    ONE_ROW = 5


@dataclass(frozen=True, kw_only=True)
class LoopClause:
    """`text` is the clause as the scrubbed statement has it, or the tables that none links."""

    kind: LoopKind
    text: str


def likely_loop(case: CaseFile) -> LoopClause | None:
    """The clause that Redshift can least hash; None where the statement shows none.

    Doubt counts as a link: a column of an unknown table is never taken for a missing condition.
    """
    if not case.scrubbed_sql:
        return None
    try:
        trees = parse(with_stand_ins(case.scrubbed_sql))
        found = [clause for tree in trees for clause in _clauses(case, tree)]
    except Exception:  # noqa: BLE001 - not parsed, too deep or an odd tree
        return None
    return min(found, key=lambda clause: clause.kind, default=None)


def _clauses(case: CaseFile, tree: exp.Expr) -> Iterator[LoopClause]:
    for select in tree.find_all(exp.Select):
        scope = QueryScope.of(case, select)
        yield from _of_joins(scope, select)
        for condition in conjuncts(select, with_having=True):
            yield from _of_exists(case, condition)
            yield from _of_comparison(case, condition)


def _of_joins(scope: QueryScope, select: exp.Select) -> Iterator[LoopClause]:
    conditions = [(condition, scope.touched(condition)) for condition in conjuncts(select)]
    is_known = not scope.is_unsure and all(touched is not None for _, touched in conditions)
    if len(scope.sources) < 2 or not is_known:
        return
    hashed = set(scope.given_links).union(*(scope.equalities(each) for each, _ in conditions))
    loose = [
        (condition, touched - {OUTER})
        for condition, touched in conditions
        if touched and len(touched - {OUTER}) > 1 and not scope.equalities(condition)
    ]
    parts = _components(scope, {*hashed, *(own for _, own in loose)})
    if len(parts) > 1:
        names = sorted((sorted(map(scope.name_of, part)) for part in parts), key=len)
        text = f"{', '.join(names[0])} and {', '.join(names[-1])}"
        yield LoopClause(kind=LoopKind.UNLINKED, text=text)
    for condition, own in loose:
        if not any(link <= own for link in hashed):
            yield from _of_loose(scope, condition, own, _components(scope, hashed))


def _of_loose(
    scope: QueryScope, condition: exp.Expr, own: frozenset[str], parts: list[set[str]]
) -> Iterator[LoopClause]:
    """Of tables that no equality of their own links."""
    if not any(own <= part for part in parts):
        yield LoopClause(kind=LoopKind.NO_EQUALITY, text=_text(condition))
    elif _compares_sources(scope, condition):
        yield LoopClause(kind=LoopKind.LINKED_ELSEWHERE, text=_text(condition))


def _compares_sources(scope: QueryScope, condition: exp.Expr) -> bool:
    """An OR, or one source's columns against another's: `coalesce(a.x, b.x) > ?` is neither."""
    if isinstance(condition, exp.Or):
        return True
    sides = [condition.args.get(key) for key in ("this", "expression", "low", "high")]
    touched = {scope.touched(side) for side in sides if isinstance(side, exp.Expr)}
    return len({side for side in touched if side}) > 1


def _of_exists(case: CaseFile, condition: exp.Expr) -> Iterator[LoopClause]:
    """A correlated EXISTS whose conditions compare the two sides by no equality."""
    inner = condition.this if isinstance(condition, exp.Not) else condition
    query = inner.this if isinstance(inner, exp.Exists) else None
    if not isinstance(query, exp.Select):
        return
    scope = QueryScope.of(case, query)
    outward = []
    for part in conjuncts(query):
        touched = scope.touched(part)
        if touched is None:
            return
        if OUTER in touched:
            outward.append(part)
    if outward and not any(_is_hashable_outward(scope, part) for part in outward):
        yield LoopClause(kind=LoopKind.EXISTS_WITHOUT_EQUALITY, text=_text(outward[0]))


def _is_hashable_outward(scope: QueryScope, condition: exp.Expr) -> bool:
    return any(OUTER in link for link in scope.equalities(condition))


def _of_comparison(case: CaseFile, condition: exp.Expr) -> Iterator[LoopClause]:
    """`x < (SELECT …)`: of one row for all, or of one row for each."""
    if not isinstance(condition, _INEQUALITIES):
        return
    for side in (condition.this.unnest(), condition.expression.unnest()):
        if isinstance(side, exp.Select):
            scope = QueryScope.of(case, side)
            touched = [scope.touched(part) for part in conjuncts(side)]
            if None in touched:
                continue
            is_correlated = any(OUTER in part for part in touched if part)
            kind = LoopKind.CORRELATED_INEQUALITY if is_correlated else LoopKind.ONE_ROW
            yield LoopClause(kind=kind, text=_text(condition))


def _components(scope: QueryScope, links: set[frozenset[str]]) -> list[set[str]]:
    parts = [{alias} for alias in scope.sources if alias not in scope.one_row_sources]
    for link in links:
        joined = [part for part in parts if part & link]
        parts = [part for part in parts if not part & link]
        if joined:
            parts.append(set().union(*joined))
    return parts


def _text(condition: exp.Expr) -> str:
    """On one line, queries inside it left out."""
    shown = condition.copy()
    for query in list(shown.find_all(exp.Subquery)):
        query.replace(exp.var("(SELECT …)"))
    text = expression_text(shown)
    return text if len(text) <= LONGEST_CLAUSE else text[: LONGEST_CLAUSE - 1].rstrip() + "…"
