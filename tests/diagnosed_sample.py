"""How well the checks find what is planted in the sample: what a test and a bench both count."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Protocol

from backend.checks.registry import EVERY_CHECK, check_name
from backend.domain.finding import Finding, GoodNews, RuledOut
from backend.domain.review import Review
from backend.domain.workload import WorkloadReview
from backend.sample.catalogue import SAMPLE_PATTERNS, statement_texts
from backend.sample.planted import CLEAN, PLANTED, Planted
from backend.sql.fingerprint import Fingerprinter

GROUP_OF_CHECK = {check_name(check): check.__module__.split(".")[-2] for check in EVERY_CHECK}
GOOD_NEWS = "good_news"
GROUPS = tuple(group for group in dict.fromkeys(GROUP_OF_CHECK.values()) if group != GOOD_NEWS)


class HasId(Protocol):
    @property
    def fact_id(self) -> str: ...


class Outcome(Protocol):
    """Of checks just run, or of a review that was kept."""

    @property
    def findings(self) -> Sequence[Finding]: ...

    @property
    def ruled_out(self) -> Sequence[RuledOut]: ...

    @property
    def good_news(self) -> Sequence[GoodNews]: ...


@dataclass(frozen=True, kw_only=True, order=True)
class Cause:
    """Somebody is said to suffer from something: a statement, or (`is_across`) what a finding over
    all patterns names."""

    subject: str
    check: str
    about: str = ""
    is_across: bool = False

    def __str__(self) -> str:
        about = f" of {self.about}" if self.about else ""
        where = " (across patterns)" if self.is_across else ""
        return f"{self.subject or 'the workload'}: {self.check}{about}{where}"

    @property
    def group(self) -> str:
        return GROUP_OF_CHECK[self.check]


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the checks said of one pattern or of the workload, and the facts that it may rest on."""

    findings: Sequence[Finding]
    ruled_out: Sequence[RuledOut]
    good_news: Sequence[GoodNews]
    fact_ids: frozenset[str]

    @property
    def without_facts(self) -> int:
        return sum(
            not finding.fact_ids or not set(finding.fact_ids) <= self.fact_ids
            for finding in self.findings
        )

    @property
    def contradictions(self) -> int:
        """Found and excluded by the same check for the same subject."""
        excluded = {(cause.check, cause.subject) for cause in self.ruled_out}
        return sum((finding.check, finding.subject) in excluded for finding in self.findings)


@dataclass(frozen=True, kw_only=True)
class Scores:
    """`consequences` are true, but nobody planted them: to find one is right, to miss it counts
    for nothing."""

    planted: frozenset[Cause]
    consequences: frozenset[Cause]
    found: frozenset[Cause]
    clean: frozenset[str]

    @cached_property
    def missed(self) -> list[Cause]:
        return sorted(self.planted - self.found)

    @cached_property
    def false(self) -> list[Cause]:
        return sorted(self.found - self.planted - self.consequences)

    @property
    def clean_accused(self) -> list[str]:
        return sorted({cause.subject for cause in self.false if not cause.is_across} & self.clean)

    @property
    def precision(self) -> float:
        return 1 - len(self.false) / len(self.found) if self.found else 1.0

    @property
    def recall(self) -> float:
        return 1 - len(self.missed) / len(self.planted) if self.planted else 1.0

    def of_group(self, group: str) -> "Scores":
        def within(causes: Iterable[Cause]) -> frozenset[Cause]:
            return frozenset(cause for cause in causes if cause.group == group)

        return Scores(
            planted=within(self.planted),
            consequences=within(self.consequences),
            found=within(self.found),
            clean=self.clean,
        )


def sample_hashes(last_day: date) -> dict[str, str]:
    """The query_hash of each statement of the sample, by its name."""
    fingerprinter = Fingerprinter()
    return {
        pattern.name: fingerprinter.of(statement_texts(pattern, last_day)[0]).query_hash
        for pattern in SAMPLE_PATTERNS
    }


def scores(
    reviews: Mapping[str, Review], workload: WorkloadReview, *, hashes: Mapping[str, str]
) -> Scores:
    """`reviews` by query_hash, the latest of each pattern."""
    name_of = {query_hash: name for name, query_hash in hashes.items()}
    of_patterns = (
        Cause(subject=name_of[query_hash], check=finding.check, about=finding.subject)
        for query_hash, review in reviews.items()
        for finding in review.findings
    )
    across = (
        Cause(
            subject=name_of.get(finding.subject, finding.subject),
            check=finding.check,
            is_across=True,
        )
        for finding in workload.findings
    )
    return Scores(
        planted=_causes(planted for planted in PLANTED if not planted.is_consequence),
        consequences=_causes(planted for planted in PLANTED if planted.is_consequence),
        found=frozenset((*of_patterns, *across)),
        clean=frozenset(CLEAN),
    )


def _causes(planted: Iterable[Planted]) -> frozenset[Cause]:
    return frozenset(
        Cause(subject=one.subject, check=one.check, about=one.about, is_across=one.is_across)
        for one in planted
    )


def said_of_pattern(review: Review) -> Said:
    """Of a review with its case file; without it no finding has a fact."""
    return said_by(review, review.case_file.facts() if review.case_file else ())


def said_of_workload(review: WorkloadReview) -> Said:
    return said_by(review, review.facts)


def said_by(outcome: Outcome, facts: Iterable[HasId]) -> Said:
    return Said(
        findings=outcome.findings,
        ruled_out=outcome.ruled_out,
        good_news=outcome.good_news,
        fact_ids=frozenset(fact.fact_id for fact in facts),
    )


def checks_not_exercised(said: Iterable[Said]) -> dict[str, list[str]]:
    """By group, the checks that find nothing (or have no good news) anywhere."""
    spoke = {one.check for each in said for one in (*each.findings, *each.good_news)}
    silent: dict[str, list[str]] = {}
    for check, group in GROUP_OF_CHECK.items():
        if check not in spoke:
            silent.setdefault(group, []).append(check)
    return silent
