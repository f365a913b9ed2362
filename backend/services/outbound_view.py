"""What a model saw of a pattern, and what one would see: the same gate, but nothing is sent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from backend.domain.case_file import CaseFile
from backend.domain.receipt import NOTHING_CHECKED, OutboundCheck, OutboundReceipt, OutboundText
from backend.domain.recommendation import ReviewerName
from backend.domain.review import Review
from backend.panel.model_reviewer.question import question_to
from backend.panel.outbound.case_lines import case_lines, recommendation_lines
from backend.panel.outbound.gate import GateRules, WithheldError, pass_gate
from backend.services.ports import HistoryStore


@dataclass(frozen=True, kw_only=True)
class OutboundPreview:
    """What one reviewer would be sent, or the sentence why nothing would be."""

    reviewer: ReviewerName
    text: OutboundText
    check: OutboundCheck
    withheld: str | None = None


@dataclass(frozen=True, kw_only=True)
class OutboundView:
    store: HistoryStore
    rules: GateRules

    def receipts(self, review: Review) -> Sequence[OutboundReceipt]:
        return self.store.receipts_of(review.query_hash, review.analysis_timestamp)

    def preview(self, review: Review, reviewer: ReviewerName) -> OutboundPreview | None:
        """None without a case file. It is kept nowhere."""
        if review.case_file is None:
            return None
        case = self._as_it_would_be(review.case_file)
        lines = tuple(case_lines(case, review.findings, review.ruled_out))
        extra = (
            tuple(recommendation_lines(review.recommendations, review.good_news))
            if reviewer is ReviewerName.VALIDATE
            else ()
        )
        question = question_to(reviewer, case, lines, extra)
        try:
            passed = pass_gate(question, case.literal_marks, self.rules)
        except WithheldError as error:
            return OutboundPreview(
                reviewer=reviewer,
                text=OutboundText(),
                check=NOTHING_CHECKED,
                withheld=error.message,
            )
        return OutboundPreview(reviewer=reviewer, text=passed.text, check=passed.check)

    def _as_it_would_be(self, case: CaseFile) -> CaseFile:
        """A review is kept without the literals' marks, and older ones without the model form."""
        pattern = self.store.pattern(case.query_hash)
        return replace(
            case,
            literal_marks=pattern.literal_marks,
            model_form=case.model_form or pattern.model_form,
        )
