"""Why a pattern became slower: the causes that the facts speak for, and those against."""

from collections.abc import Callable, Iterator, Sequence

from backend.domain.case_file import CaseFile
from backend.domain.causes.cause import Cause, CauseKind, Evidence, Excluded, Explanation
from backend.domain.causes.plans import plan_evidence
from backend.domain.causes.reading import reading_evidence, result_evidence
from backend.domain.causes.surroundings import (
    load_evidence,
    statistics_evidence,
    table_evidence,
    version_evidence,
    waiting_evidence,
)
from backend.domain.comparison import ComparisonBasis
from backend.domain.in_words import BUCKET_NOUNS, duration_in_words, listed, paragraph, percent

LOOKS: tuple[Callable[[CaseFile], Evidence], ...] = (
    plan_evidence,
    reading_evidence,
    result_evidence,
    table_evidence,
    statistics_evidence,
    version_evidence,
    load_evidence,
    waiting_evidence,
)
NEARLY_ALL = 0.95
MOST_NAMED = 5
PLURAL = frozenset({"statistics"})


def explain(case: CaseFile) -> Explanation | None:
    """None where the pattern did not become slower."""
    if case.regression is None:
        return None
    looks = [look(case) for look in LOOKS]
    causes = sorted(
        (cause for look in looks for cause in look.causes), key=lambda cause: cause.kind.order
    )
    kept = list(_one_each(causes))
    named = {_said_of(cause.kind) for cause in kept}
    return Explanation(
        regression=case.regression,
        causes=tuple(kept),
        excluded=tuple(one for look in looks for one in look.excluded if one.what not in named),
        unseen=tuple(dict.fromkeys(clause for look in looks for clause in look.unseen)),
    )


def _one_each(causes: Sequence[Cause]) -> Iterator[Cause]:
    """One cause a table: what a table did to the plan is not another cause by itself. A larger
    spill beside anything else is a symptom of it."""
    tables: set[str] = set()
    for place, cause in enumerate(causes):
        is_symptom = cause.kind is CauseKind.SPILL and place > 0
        if is_symptom or (cause.table_name and cause.table_name in tables):
            continue
        tables.add(cause.table_name)
        yield cause


def _said_of(kind: CauseKind) -> str:
    """What an excluded cause of the same matter is called."""
    return {
        CauseKind.PLAN_OVER_CHANGED_TABLE: "table design",
        CauseKind.TABLE_CHANGED: "table design",
    }.get(kind, "")


def verdict(case: CaseFile, explanation: Explanation) -> str:
    """In one sentence what made it slower, in another what did not."""
    slower = explanation.regression.regression
    since = (
        f"Since {slower.changed_at:%Y-%m-%d %H:%M} UTC a run takes"
        f" {duration_in_words(slower.median_after_seconds)} instead of"
        f" {duration_in_words(slower.median_before_seconds)} ({slower.ratio:.1f}×)"
        f"{_growth(case)}"
    )
    cause = explanation.cause
    return paragraph(
        f"{since}: {cause.clause}" if cause else since,
        "" if cause else _nothing_found(explanation),
        _not_the_cause(explanation.excluded),
    )


def _growth(case: CaseFile) -> str:
    """Of which time bucket the growth is."""
    fact = case.changes.comparison
    if fact is None or fact.comparison.basis is not ComparisonBasis.SLOW_DOWN:
        return ""
    grown = fact.comparison.grown
    if grown is None:
        return ""
    share = fact.comparison.growth_share(grown)
    part = "all" if share >= NEARLY_ALL else percent(share)
    return f", {part} of it {BUCKET_NOUNS[grown]}"


def _nothing_found(explanation: Explanation) -> str:
    missing = f"; it lacks {listed(explanation.unseen, MOST_NAMED)}" if explanation.unseen else ""
    return f"No cause is found in the data{missing}"


def _not_the_cause(excluded: Sequence[Excluded]) -> str:
    names = list(dict.fromkeys(one.what for one in excluded if not one.doubt))
    doubts = [one.doubt for one in excluded if one.doubt]
    told = listed(names, most=len(names))
    is_one = len(names) == 1 and names[0] not in PLURAL
    certain = f"{told[:1].upper()}{told[1:]} {'is' if is_one else 'are'} not the cause"
    return paragraph(certain if names else "", *doubts)
