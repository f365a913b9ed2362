"""What a reviewer of the panel is, whoever works it: built-in rules or a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, GoodNews, RuledOut, Severity
from backend.domain.recommendation import Category, Recommendation, ReviewerName
from backend.domain.review import StruckStatement
from backend.domain.rewrite import Rewrite
from backend.domain.time_buckets import Bucket

RULES_ENGINE = "rules"
"""The engine of a reviewer that no model takes part in; shown as it is."""


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What a reviewer proposes; the panel gives it an id and a ceiling.

    `check` and `subject` are those of the finding that it answers; with the reviewer's name they
    are the advice's identity from review to review. `affected_share` (0..1) is the part of the
    bucket that the advice is about: it can lower the ceiling that the finding sets, never lift it.
    `rewrite` is kept only if the rules give it for this case file.
    """

    category: Category
    severity: Severity
    bucket: Bucket
    title: str
    rationale: str
    fact_ids: tuple[str, ...]
    check: str = ""
    subject: str = ""
    action: str = ""
    action_sql: str | None = None
    claimed_saving_seconds: float = 0.0
    affected_share: float = 1.0
    rewrite: Rewrite | None = None


@dataclass(frozen=True, kw_only=True)
class ReviewerAnswer:
    """`summary` is one or two sentences for the analyst, also when there is no advice."""

    summary: str
    advice: tuple[Advice, ...] = ()
    struck: tuple[StruckStatement, ...] = ()


class Reviewer(Protocol):
    """Reads a case file and what the checks made of it, and gives advice."""

    @property
    def name(self) -> ReviewerName: ...

    @property
    def engine(self) -> str:
        """ "rules", or the id of the model that answers."""
        ...

    def review(
        self, case: CaseFile, findings: Sequence[Finding], ruled_out: Sequence[RuledOut]
    ) -> ReviewerAnswer: ...


@dataclass(frozen=True, kw_only=True)
class Validation:
    """The recommendations that stand, and what was struck from the others and why. `error` says in
    a sentence which part of the checking could not be done; what is kept stands without it."""

    summary: str
    kept: tuple[Recommendation, ...]
    struck: tuple[StruckStatement, ...] = ()
    error: str | None = None


class Validator(Protocol):
    """Checks what the other reviewers recommend against the facts."""

    @property
    def name(self) -> ReviewerName: ...

    @property
    def engine(self) -> str: ...

    def validate(
        self,
        case: CaseFile,
        findings: Sequence[Finding],
        ruled_out: Sequence[RuledOut],
        recommendations: Sequence[Recommendation],
        good_news: Sequence[GoodNews] = (),
    ) -> Validation: ...
