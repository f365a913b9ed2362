"""All rules over the statement of one case file."""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence

from sqlglot import exp
from sqlglot.errors import SqlglotError

from backend.domain.case_file import CaseFile
from backend.domain.in_words import paragraph, titled
from backend.domain.rewrite import (
    NO_REWRITES,
    ChangedClause,
    Precondition,
    RefusedRewrite,
    Rewrite,
    RewriteOutcome,
)
from backend.rewrite.gate import is_kept
from backend.rewrite.numbered import numbers_in, shown
from backend.rewrite.rule import Edit, Found, Reading, Refusal, RewriteRule
from backend.rewrite.rules import RULES
from backend.rewrite.statement import NumberedStatement, read_numbered

logger = logging.getLogger(__name__)

MOST_EDITS = 50
"""Of one rule and subject; a statement with more places of one form is left alone."""


def find_rewrites(case: CaseFile, rules: Sequence[RewriteRule] = RULES) -> RewriteOutcome:
    """Every rewrite whose preconditions hold, and every near miss with the one that failed.

    Never raises: a rule that fails on an odd tree is left out.
    """
    if case.statement is None:
        return NO_REWRITES
    statement = read_numbered(case.scrubbed_sql)
    if statement is None:
        return NO_REWRITES
    rewrites: list[Rewrite] = []
    refused: list[RefusedRewrite] = []
    for rule in rules:
        try:
            found = list(rule.find(Reading.of(case, statement.tree)))
            rewrites += _rewrites(case, statement, rule, found)
            refused += _refusals(rule, found)
        except Exception as error:  # noqa: BLE001 - one rule must not sink the others
            logger.warning(
                "rewrite rule failed",
                extra={
                    "rule": rule.name,
                    "query_hash": case.query_hash,
                    "error": type(error).__name__,
                },
            )
    return RewriteOutcome(rewrites=tuple(rewrites), refused=tuple(refused))


def _rewrites(
    case: CaseFile, statement: NumberedStatement, rule: RewriteRule, found: Sequence[Found]
) -> Iterator[Rewrite]:
    places = Counter(each.subject for each in found if isinstance(each, Edit))
    for subject in (subject for subject, count in places.items() if count < MOST_EDITS):
        rewritten = _rewritten(case, statement, rule, subject)
        if rewritten is not None:
            yield rewritten


def _refusals(rule: RewriteRule, found: Sequence[Found]) -> Iterator[RefusedRewrite]:
    told = {each.sentence: each for each in found if isinstance(each, Refusal)}
    for each in told.values():
        yield RefusedRewrite(
            rule=rule.name,
            check=rule.check,
            sentence=each.sentence,
            fact_ids=each.fact_ids,
            subject=each.subject,
        )


def _rewritten(
    case: CaseFile, statement: NumberedStatement, rule: RewriteRule, subject: str
) -> Rewrite | None:
    """All places of the subject changed one after the other, each time read anew."""
    tree = statement.tree.copy()
    clauses: list[ChangedClause] = []
    preconditions: dict[str, Precondition] = {}
    dropped: set[int] = set()
    remarks: list[str] = []
    for _ in range(MOST_EDITS):
        edit = _next_edit(case, tree, rule, subject)
        if edit is None:
            break
        clauses += _changed_clauses(edit)
        preconditions |= {each.sentence: each for each in edit.preconditions}
        dropped |= {number for node in edit.drops for number in numbers_in(shown(node))}
        remarks.append(edit.remark)
        tree = _with_edit(tree, edit)
    else:
        return None
    if not clauses or not is_kept(case, statement.tree, tree, dropped=dropped):
        return None
    return Rewrite(
        rule=rule.name,
        check=rule.check,
        title=titled(rule.title.format(subject=subject or "it")),
        sql=statement.text_of(tree),
        clauses=tuple(dict.fromkeys(clauses)),
        preconditions=tuple(preconditions.values()),
        subject=subject,
        changes_result=rule.changes_result,
        remark=paragraph(*dict.fromkeys((rule.remark, *remarks))),
    )


def _next_edit(case: CaseFile, tree: exp.Expr, rule: RewriteRule, subject: str) -> Edit | None:
    for each in rule.find(Reading.of(case, tree)):
        if isinstance(each, Edit) and each.subject == subject:
            return each
    return None


def _with_edit(tree: exp.Expr, edit: Edit) -> exp.Expr:
    for old, new in edit.replaced:
        if old is tree:
            tree = new
        else:
            old.replace(new)
    return tree


def _changed_clauses(edit: Edit) -> Iterator[ChangedClause]:
    """Written before the edit is made: afterwards the old nodes stand nowhere."""
    for old, new in edit.clauses or edit.replaced:
        yield ChangedClause(before=_text(old), after=_text(new))


def _text(node: exp.Expr | None) -> str:
    try:
        return shown(node) if node is not None else ""
    except (SqlglotError, ValueError, TypeError, AttributeError):
        return ""
