"""A reviewer that asks a model, and believes of its answer only what the facts bear out."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import counted
from backend.domain.recommendation import ReviewerName
from backend.panel.model_reviewer.ask import Outlet, ask
from backend.panel.model_reviewer.known import KnownNames
from backend.panel.model_reviewer.question import question_to
from backend.panel.model_reviewer.read_advice import ReplyReader
from backend.panel.model_reviewer.reply import read_reply
from backend.panel.outbound.case_lines import case_lines
from backend.panel.reviewer import ReviewerAnswer


@dataclass(frozen=True, kw_only=True)
class ModelReviewer:
    """Its failures are errors with a sentence: nothing was sent, no answer, no usable answer."""

    name: ReviewerName
    outlet: Outlet

    @property
    def engine(self) -> str:
        return self.outlet.model.model_id

    def review(
        self, case: CaseFile, findings: Sequence[Finding], ruled_out: Sequence[RuledOut]
    ) -> ReviewerAnswer:
        lines = tuple(case_lines(case, findings, ruled_out))
        answered = ask(
            self.outlet, question_to(self.name, case, lines), case=case, reviewer=self.name
        )
        reply = read_reply(answered.reply, gives_advice=True)
        reader = ReplyReader(
            case=case,
            findings=findings,
            ruled_out=ruled_out,
            names=KnownNames(case, lines, findings),
            aliases=answered.aliases,
            reviewer=self.name,
        )
        advice = tuple(filter(None, (reader.advice(each) for each in reply.advice)))
        summary = reader.summary(reply.summary) or f"{counted(len(advice), 'recommendation')}."
        return ReviewerAnswer(summary=summary, advice=advice, struck=tuple(reader.struck))
