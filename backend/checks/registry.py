"""All checks, run over one case file, and what their modules say about them."""

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from backend.checks import good_news, lake, load, plan, sql, steps, tables, time, workload
from backend.checks.check import SHARED_THRESHOLDS, Check, Said, bucket_share
from backend.checks.rule import Rule
from backend.checks.workload.waiting import WorkloadCheck
from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, GoodNews, RuledOut
from backend.domain.threshold import Threshold
from backend.domain.workload import WorkloadCase

logger = logging.getLogger(__name__)

CHECKS: Sequence[Check] = (
    *time.CHECKS,
    *plan.CHECKS,
    *steps.CHECKS,
    *tables.CHECKS,
    *sql.CHECKS,
    *lake.CHECKS,
    *load.CHECKS,
    *good_news.CHECKS,
)
"""In the order of thought: where the time went, then the plan, its steps, the tables, the text."""


WORKLOAD_CHECKS: Sequence[WorkloadCheck] = workload.CHECKS
AnyCheck = Check | WorkloadCheck
EVERY_CHECK: Sequence[AnyCheck] = (*CHECKS, *WORKLOAD_CHECKS)


@dataclass(frozen=True, kw_only=True)
class CheckProblem:
    """A check that failed on this case file; the others are not affected."""

    check: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class CheckOutcome:
    """Findings with the most severe and most far-reaching first."""

    findings: tuple[Finding, ...] = ()
    ruled_out: tuple[RuledOut, ...] = ()
    good_news: tuple[GoodNews, ...] = ()
    problems: tuple[CheckProblem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CheckText:
    """What the analyst reads about a check. A check for good news has no anti-pattern: it says
    what is good, and as the remedy how to keep it."""

    check: str
    group: str
    summary: str
    anti_pattern: str
    remedy: str
    rules: tuple[Rule, ...]


def run_checks(case: CaseFile, checks: Sequence[Check] = CHECKS) -> CheckOutcome:
    def far_reaching(finding: Finding) -> float:
        return bucket_share(case, finding.bucket) * finding.affected_share

    return _run(checks, lambda check: check(case), far_reaching, query_hash=case.query_hash)


def run_workload_checks(
    case: WorkloadCase, checks: Sequence[WorkloadCheck] = WORKLOAD_CHECKS
) -> CheckOutcome:
    """Of equal severity, what touches more of its bucket comes first."""
    return _run(
        checks, lambda check: check(case), lambda finding: finding.affected_share, query_hash=""
    )


SomeCheck = TypeVar("SomeCheck", Check, WorkloadCheck)


def _run(
    checks: Sequence[SomeCheck],
    said_by: Callable[[SomeCheck], Iterator[Said]],
    far_reaching: Callable[[Finding], float],
    *,
    query_hash: str,
) -> CheckOutcome:
    findings: list[Finding] = []
    ruled_out: list[RuledOut] = []
    good: list[GoodNews] = []
    problems: list[CheckProblem] = []
    for check in checks:
        name = check_name(check)
        try:
            said = tuple(said_by(check))
        except Exception as error:  # noqa: BLE001 - one check must not sink the others
            logger.warning(
                "check failed",
                extra={"check": name, "query_hash": query_hash, "error": type(error).__name__},
            )
            sentence = f"The check {name} failed ({type(error).__name__}) and was left out."
            problems.append(CheckProblem(check=name, sentence=sentence))
            continue
        findings.extend(one for one in said if isinstance(one, Finding))
        ruled_out.extend(one for one in said if isinstance(one, RuledOut))
        good.extend(one for one in said if isinstance(one, GoodNews))
    findings.sort(key=lambda f: (f.severity.order, -far_reaching(f), f.check, f.subject))
    return CheckOutcome(
        findings=tuple(findings),
        ruled_out=tuple(ruled_out),
        good_news=tuple(good),
        problems=tuple(problems),
    )


def check_name(check: AnyCheck) -> str:
    return check.__module__.rpartition(".")[2]


def check_text(check: AnyCheck) -> CheckText:
    """The parts of the module's docstring, on one line each, and its rules."""
    module = sys.modules[check.__module__]
    paragraphs = [" ".join(part.split()) for part in (module.__doc__ or "").split("\n\n")]

    def after(*words: str) -> str:
        found = (p.partition(":")[2].strip() for p in paragraphs if p.startswith(words))
        return next(found, "")

    return CheckText(
        check=check_name(check),
        group=check.__module__.split(".")[-2],
        summary=paragraphs[0],
        anti_pattern=after("Anti-pattern:", "Good:"),
        remedy=after("Remedy:", "Keep:"),
        rules=tuple(getattr(module, "RULES", ())),
    )


def known_thresholds(checks: Sequence[AnyCheck] = EVERY_CHECK) -> dict[str, Threshold]:
    """By the name that the configuration file uses, in the order of the checks."""
    return {threshold.name: threshold for threshold in _thresholds(checks)}


def _thresholds(checks: Sequence[AnyCheck]) -> Iterator[Threshold]:
    yield from SHARED_THRESHOLDS
    for check in checks:
        for rule in check_text(check).rules:
            yield from rule.thresholds
