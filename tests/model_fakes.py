"""Models and receipt books with a memory, and case files of which a model may be told."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from backend.domain.case_file import CaseFile, ColumnUse
from backend.domain.evidence import Step
from backend.domain.finding import Finding
from backend.domain.model_form import LiteralType, ModelForm, Placeholder
from backend.domain.receipt import OutboundReceipt, TokenUsage
from backend.panel.model_reviewer.model import ModelReply, ModelRequest, StopReason
from tests.builders import A_MOMENT
from tests.unit.panel.cases import JOIN_PLAN, a_case, of_join, order_lines, orders

A_KEY = b"a key of the tests"

STATEMENT = """SELECT o.order_id, SUM(l.amount) AS turnover
FROM sales.orders AS o
JOIN sales.order_lines AS l ON o.order_id = l.order_id
WHERE o.ordered_at >= :date_1 AND o.note LIKE :pattern_1
GROUP BY o.order_id"""

A_FORM = ModelForm(
    sql=STATEMENT,
    placeholders=(
        Placeholder(
            name="date_1", type=LiteralType.DATE, positions=(1,), compared_with="o.ordered_at"
        ),
        Placeholder(
            name="pattern_1",
            type=LiteralType.PATTERN,
            length_class="5-16 characters",
            like_shape="?%",
            compared_with="o.note",
        ),
    ),
)


def a_told_case(**changes: Any) -> CaseFile:
    known: dict[str, Any] = {
        "plan": JOIN_PLAN,
        "tables": (orders(), order_lines()),
        "filtered": (
            ColumnUse(table_name="sales.orders", column_name="ordered_at", expression=">="),
        ),
        "steps": (
            Step(
                child_query_sequence=1,
                segment_id=1,
                step_id=1,
                step_name="scan",
                table_name="sales.orders",
                segment_seconds=40.0,
                input_rows=200_000_000,
                output_rows=150_000,
            ),
        ),
        "users": ("ana",),
        "labels": ("nightly",),
        "model_form": A_FORM,
    }
    return a_case(**(known | changes))


def its_findings(case: CaseFile) -> list[Finding]:
    return [
        of_join(
            case,
            "redistributes_both_sides",
            title="Both sides of a join are moved",
            evidence="The join moves 90 million rows of 40 bytes",
            subject="sales.orders",
        )
    ]


def advice_of(case: CaseFile, **changes: Any) -> dict[str, Any]:
    """What a model might answer, and all of it borne out."""
    [finding] = its_findings(case)
    known: dict[str, Any] = {
        "check": finding.check,
        "subject": finding.subject,
        "category": "table_design",
        "severity": "medium",
        "bucket": "execution",
        "title": "Distribute orders by order_id",
        "rationale": "The join moves 90 million rows.",
        "action": "Distribute sales.orders by order_id.",
        "action_sql": "ALTER TABLE sales.orders ALTER DISTSTYLE KEY DISTKEY order_id;",
        "fact_ids": [*finding.fact_ids, table_fact(case)],
        "saving_seconds": 200.0,
    }
    return known | changes


def table_fact(case: CaseFile, name: str = "sales.orders") -> str:
    fact = case.table(name)
    assert fact is not None
    return fact.fact_id


def a_reply_of(*advice: dict[str, Any], **changes: Any) -> str:
    known: dict[str, Any] = {
        "summary": "The join moves both sides.",
        "advice": list(advice),
        "rulings": [],
    }
    return json.dumps(known | changes)


def reviewer_asked(request: ModelRequest) -> str:
    """By its own instructions, which come last."""
    _, _, named = request.text.instructions.partition("You are the reviewer `")
    return named.partition("`")[0]


@dataclass
class ScriptedModel:
    """Answers by reviewer; who is not in the script has nothing to say."""

    answers: dict[str, str | Callable[[ModelRequest], str]] = field(default_factory=dict)
    stop_reason: StopReason = StopReason.COMPLETE
    failure: Exception | None = None
    requests: list[ModelRequest] = field(default_factory=list)
    model_id: str = "a-model"

    def answer(self, request: ModelRequest) -> ModelReply:
        self.requests.append(request)
        if self.failure:
            raise self.failure
        scripted = self.answers.get(reviewer_asked(request), a_reply_of(summary="Nothing."))
        return ModelReply(
            text=scripted if isinstance(scripted, str) else scripted(request),
            model_id=self.model_id,
            stop_reason=self.stop_reason,
            usage=TokenUsage(input_tokens=1_000, output_tokens=100),
        )


@dataclass
class ReceiptsInMemory:
    failure: Exception | None = None
    kept: list[OutboundReceipt] = field(default_factory=list)

    def put_receipt(self, receipt: OutboundReceipt) -> None:
        if self.failure:
            raise self.failure
        self.kept.append(receipt)

    def complete_receipt(
        self, receipt_id: str, *, usage: TokenUsage, answered_by: str, stop_reason: str
    ) -> None:
        self.kept = [
            replace(each, usage=usage, answered_by=answered_by, stop_reason=stop_reason)
            if each.receipt_id == receipt_id
            else each
            for each in self.kept
        ]


@dataclass
class TickingClock:
    """A second later each time it is asked."""

    now: datetime = A_MOMENT

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def texts(requests: Sequence[ModelRequest]) -> str:
    return "\n".join(
        part
        for request in requests
        for part in (request.text.system, request.text.prefix, request.text.instructions)
    )
