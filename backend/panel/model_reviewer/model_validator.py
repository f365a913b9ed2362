"""The fourth reviewer by a model: it can only take away, and only with facts.

What the rules can check they check first. The model then rules on what is left: it may lower a
severity or reject with facts; it can add nothing, and without a fact it changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from backend.domain.case_file import CaseFile
from backend.domain.errors import WorkbenchError
from backend.domain.finding import Finding, GoodNews, RuledOut
from backend.domain.in_words import counted
from backend.domain.recommendation import Recommendation, ReviewerName
from backend.domain.review import StruckStatement
from backend.panel.model_reviewer.ask import Outlet, ask
from backend.panel.model_reviewer.known import KnownNames, facts_cited, numbers_of
from backend.panel.model_reviewer.question import question_to
from backend.panel.model_reviewer.read_advice import ReplyReader
from backend.panel.model_reviewer.reply import Ruling, Verdict, read_reply
from backend.panel.outbound.case_lines import case_lines, recommendation_lines
from backend.panel.reviewer import Validation, Validator
from backend.panel.rules.validate import RulesValidator


@dataclass(frozen=True, kw_only=True)
class ModelValidator:
    outlet: Outlet
    rules: Validator = field(default_factory=RulesValidator)
    name: ReviewerName = ReviewerName.VALIDATE

    @property
    def engine(self) -> str:
        return self.outlet.model.model_id

    def validate(
        self,
        case: CaseFile,
        findings: Sequence[Finding],
        ruled_out: Sequence[RuledOut],
        recommendations: Sequence[Recommendation],
        good_news: Sequence[GoodNews] = (),
    ) -> Validation:
        """What the rules leave stands also where the model cannot be asked: then the error says
        that it was not."""
        by_rules = self.rules.validate(case, findings, ruled_out, recommendations, good_news)
        if not by_rules.kept:
            return by_rules
        try:
            return self._ruled(case, findings, ruled_out, by_rules, good_news)
        except WorkbenchError as error:
            return replace(by_rules, error=error.message)

    def _ruled(
        self,
        case: CaseFile,
        findings: Sequence[Finding],
        ruled_out: Sequence[RuledOut],
        by_rules: Validation,
        good_news: Sequence[GoodNews],
    ) -> Validation:
        lines = tuple(case_lines(case, findings, ruled_out))
        extra = tuple(recommendation_lines(by_rules.kept, good_news))
        answered = ask(
            self.outlet, question_to(self.name, case, lines, extra), case=case, reviewer=self.name
        )
        reply = read_reply(answered.reply, gives_advice=False)
        reader = ReplyReader(
            case=case,
            findings=findings,
            ruled_out=ruled_out,
            names=KnownNames(case, (*lines, *extra), findings),
            aliases=answered.aliases,
            reviewer=self.name,
        )
        kept, rejected = _apply(reply.rulings, by_rules.kept, reader)
        said = reader.summary(reply.summary)
        counts = f"{counted(len(by_rules.kept), 'recommendation')} looked at: {len(kept):,} left."
        return Validation(
            summary=f"{by_rules.summary} {counts} {said}".strip(),
            kept=tuple(kept),
            struck=(*by_rules.struck, *rejected, *reader.struck),
        )


def _apply(
    rulings: Sequence[Ruling], kept: Sequence[Recommendation], reader: ReplyReader
) -> tuple[list[Recommendation], list[StruckStatement]]:
    by_number = {f"R{number}": each for number, each in enumerate(kept, start=1)}
    rejected: list[StruckStatement] = []
    for ruling in rulings:
        about = by_number.get(ruling.recommendation)
        if about is None:
            reader.strike(reader.plain(ruling.reason), "It rules on no recommendation there is.")
            continue
        if ruling.verdict is Verdict.STANDS:
            continue
        fact_ids, reason = _proof(ruling, about, reader)
        if not fact_ids or not reason:
            continue
        if ruling.verdict is Verdict.REJECT:
            del by_number[ruling.recommendation]
            rejected.append(
                StruckStatement(
                    reviewer=about.reviewer, statement=about.title, reason=reason, fact_ids=fact_ids
                )
            )
        elif ruling.severity is not None and ruling.severity.order > about.severity.order:
            by_number[ruling.recommendation] = replace(about, severity=ruling.severity)
    return list(by_number.values()), rejected


def _proof(
    ruling: Ruling, about: Recommendation, reader: ReplyReader
) -> tuple[tuple[str, ...], str]:
    """The facts and what is left of the reason; without either the ruling changes nothing."""
    fact_ids = reader.known_facts(reader.plain(ruling.reason), ruling.fact_ids)
    if not fact_ids:
        return (), ""
    cited = facts_cited(reader.case, (*fact_ids, *about.fact_ids))
    said = (about.title, about.rationale, about.claimed_saving_seconds, about.ceiling_seconds)
    return fact_ids, reader.sentences(ruling.reason, numbers_of(cited, said))
