"""What a reviewer is asked: the texts that are the same for all first, its own last."""

from collections.abc import Sequence

from backend.domain.case_file import CaseFile
from backend.domain.recommendation import ReviewerName
from backend.panel.model_reviewer.reply import reply_schema
from backend.panel.outbound.document import Line
from backend.panel.outbound.gate import Question
from backend.panel.prompts import reviewer_prompt, system_prompt


def question_to(
    reviewer: ReviewerName, case: CaseFile, lines: Sequence[Line], extra: Sequence[Line] = ()
) -> Question:
    return Question(
        system=system_prompt(),
        instructions=reviewer_prompt(reviewer),
        schema=reply_schema(),
        lines=lines,
        extra=extra,
        window_end=case.window_end,
    )
