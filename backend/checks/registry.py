"""All checks, run over one case file, and what their docstrings say."""

import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from backend.checks.check import Check, bucket_share
from backend.checks.compile_dominated import compile_dominated
from backend.checks.data_skew import data_skew
from backend.checks.function_on_sort_key import function_on_sort_key
from backend.checks.large_broadcast import large_broadcast
from backend.checks.lock_dominated import lock_dominated
from backend.checks.missing_statistics import missing_statistics
from backend.checks.nested_loop import nested_loop
from backend.checks.queue_dominated import queue_dominated
from backend.checks.redistributes_both_sides import redistributes_both_sides
from backend.checks.select_star import select_star
from backend.checks.spill_to_disk import spill_to_disk
from backend.checks.unsorted_scan import unsorted_scan
from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, RuledOut

logger = logging.getLogger(__name__)

CHECKS: Sequence[Check] = (
    queue_dominated,
    lock_dominated,
    compile_dominated,
    missing_statistics,
    nested_loop,
    large_broadcast,
    redistributes_both_sides,
    spill_to_disk,
    data_skew,
    unsorted_scan,
    function_on_sort_key,
    select_star,
)


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
    problems: tuple[CheckProblem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CheckText:
    """What the analyst reads about a check."""

    check: str
    summary: str
    anti_pattern: str
    remedy: str


def run_checks(case: CaseFile, checks: Sequence[Check] = CHECKS) -> CheckOutcome:
    findings: list[Finding] = []
    ruled_out: list[RuledOut] = []
    problems: list[CheckProblem] = []
    for check in checks:
        name = check_name(check)
        try:
            said = tuple(check(case))
        except Exception as error:  # noqa: BLE001 - one check must not sink the other eleven
            logger.warning(
                "check failed",
                extra={"check": name, "query_hash": case.query_hash, "error": type(error).__name__},
            )
            sentence = f"The check {name} failed ({type(error).__name__}) and was left out."
            problems.append(CheckProblem(check=name, sentence=sentence))
            continue
        findings.extend(one for one in said if isinstance(one, Finding))
        ruled_out.extend(one for one in said if isinstance(one, RuledOut))
    findings.sort(
        key=lambda f: (
            f.severity.order,
            -bucket_share(case, f.bucket) * f.affected_share,
            f.check,
            f.subject,
        )
    )
    return CheckOutcome(
        findings=tuple(findings), ruled_out=tuple(ruled_out), problems=tuple(problems)
    )


def check_name(check: Check) -> str:
    return check.__module__.rpartition(".")[2]


def check_text(check: Check) -> CheckText:
    """The parts of the module's docstring, on one line each."""
    docstring = sys.modules[check.__module__].__doc__ or ""
    paragraphs = [" ".join(part.split()) for part in docstring.split("\n\n")]

    def after(word: str) -> str:
        return next((p.removeprefix(word).strip() for p in paragraphs if p.startswith(word)), "")

    return CheckText(
        check=check_name(check),
        summary=paragraphs[0],
        anti_pattern=after("Anti-pattern:"),
        remedy=after("Remedy:"),
    )
