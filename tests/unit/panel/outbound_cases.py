"""A case file through the gate, and what came out of it."""

import json
from collections.abc import Sequence
from typing import Any

from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, RuledOut
from backend.domain.recommendation import ReviewerName
from backend.panel.model_reviewer.question import question_to
from backend.panel.outbound.case_lines import case_lines
from backend.panel.outbound.gate import GateRules, Passed, pass_gate
from backend.panel.outbound.write_lines import texts_in
from backend.sql.literal_marks import mark_of
from tests.model_fakes import A_KEY, its_findings

RULES = GateRules(marks_key=A_KEY)


def passed(
    case: CaseFile,
    literals: tuple[str, ...] = (),
    *,
    rules: GateRules = RULES,
    reviewer: ReviewerName = ReviewerName.OPTIMIZE,
    findings: Sequence[Finding] | None = None,
    ruled_out: tuple[RuledOut, ...] = (),
) -> Passed:
    marks = frozenset(mark_of(each, A_KEY) for each in literals)
    lines = tuple(case_lines(case, its_findings(case) if findings is None else findings, ruled_out))
    return pass_gate(question_to(reviewer, case, lines), marks, rules)


def lines_of(result: Passed) -> list[dict[str, Any]]:
    first, *lines, last = result.text.prefix.split("\n")
    assert (first, last) == ("<case_file>", "</case_file>")
    return [json.loads(line) for line in lines]


def words_of(result: Passed) -> str:
    """All strings of the document as its reader gets them."""
    return "\n".join(
        text for line in result.text.prefix.split("\n")[1:-1] for text in texts_in(line)
    ).lower()
