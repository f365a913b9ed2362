"""A model's advice as the panel takes it: only what the case bears out is left of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from backend.domain.case_file import CaseFile
from backend.domain.errors import WorkbenchError
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import listed, titled
from backend.domain.recommendation import ReviewerName
from backend.domain.review import StruckStatement
from backend.domain.rewrite import Rewrite
from backend.panel.clean_text import shortened
from backend.panel.model_reviewer.clean_reply import clean_reply
from backend.panel.model_reviewer.grounding import grounded, objection
from backend.panel.model_reviewer.known import KnownNames, all_facts, facts_cited, numbers_of
from backend.panel.model_reviewer.reply import AdviceReply
from backend.panel.outbound.aliases import Aliases
from backend.panel.reviewer import Advice
from backend.rewrite.find_rewrites import find_rewrites
from backend.sql.action_sql import ActionKind, read_action_sql

LONGEST_STATEMENT = 300
NOT_PLAIN = "It held a link, an image, markup or invisible characters, which are never shown."


@dataclass(kw_only=True)
class ReplyReader:
    """Reads the parts of one reply and keeps count of what had to be struck."""

    case: CaseFile
    findings: Sequence[Finding]
    ruled_out: Sequence[RuledOut]
    names: KnownNames
    aliases: Aliases
    reviewer: ReviewerName
    struck: list[StruckStatement] = field(default_factory=list)

    def summary(self, text: str) -> str:
        """Of what stands; empty where nothing does."""
        numbers = numbers_of(all_facts(self.case), self.findings, self.ruled_out)
        return self.sentences(text, numbers)

    def advice(self, reply: AdviceReply) -> Advice | None:
        title = self.plain(reply.title)
        finding = self._answered(reply)
        if finding is None:
            self.strike(title, "It answers no finding of the checks.")
            return None
        fact_ids = self.known_facts(title, reply.fact_ids)
        if not fact_ids:
            return None
        numbers = numbers_of(facts_cited(self.case, fact_ids), finding)
        reason = objection(title, numbers, self.names) if title else "It has no title."
        if reason:
            self.strike(title, reason)
            return None
        rationale = self.sentences(reply.rationale, numbers)
        action = self.sentences(reply.action, numbers)
        if not rationale:
            self.strike(title, "Nothing that it gives as a reason is borne out by the facts.")
            return None
        return Advice(
            category=reply.category,
            severity=max(reply.severity, finding.severity, key=lambda each: each.order),
            bucket=reply.bucket,
            title=titled(title),
            rationale=rationale,
            fact_ids=fact_ids,
            check=finding.check,
            subject=finding.subject,
            action=action,
            action_sql=self._action_sql(title, reply.action_sql),
            claimed_saving_seconds=reply.saving_seconds,
            rewrite=_established_rewrite(self.case, finding),
        )

    def plain(self, text: str) -> str:
        """With the names of the case, and nothing that a page could act on."""
        cleaned, was_not_plain = clean_reply(text)
        named, _ = clean_reply(self.aliases.undone(cleaned))
        if was_not_plain:
            self.strike(named, NOT_PLAIN)
        return named

    def sentences(self, text: str, numbers: frozenset[float]) -> str:
        result = grounded(self.plain(text), numbers, self.names)
        for each in result.struck:
            self.strike(each.sentence, each.reason)
        return result.text

    def known_facts(self, statement: str, fact_ids: Sequence[str]) -> tuple[str, ...]:
        """Each once; those that are not there are struck."""
        own = {fact.fact_id for fact in self.case.facts()}
        known = tuple(dict.fromkeys(each for each in fact_ids if each in own))
        unknown = [clean_reply(each)[0] for each in fact_ids if each not in own]
        if unknown:
            self.strike(statement, f"The case file has no fact {listed(unknown)}.", known)
        elif not known:
            self.strike(statement, "It cites no fact at all.")
        return known

    def strike(self, statement: str, reason: str, fact_ids: tuple[str, ...] = ()) -> None:
        self.struck.append(
            StruckStatement(
                reviewer=self.reviewer,
                statement=shortened(statement, LONGEST_STATEMENT) or "(nothing readable)",
                reason=reason,
                fact_ids=fact_ids,
            )
        )

    def _answered(self, reply: AdviceReply) -> Finding | None:
        """By the subject as it was sent or as it is; where there is but one, by its check."""
        of_check = [each for each in self.findings if each.check == reply.check]
        for finding in of_check:
            sent = self.aliases.applied(finding.subject)
            if reply.subject.lower() in (finding.subject.lower(), sent.lower()):
                return finding
        return of_check[0] if len(of_check) == 1 else None

    def _action_sql(self, title: str, sql: str | None) -> str | None:
        """Only statements that a recommendation may propose, on names of the case."""
        if sql is None or not sql.strip():
            return None
        try:
            own = self.aliases.undone_in_sql(sql)
            statements = read_action_sql(own)
        except WorkbenchError:
            statements = ()
        if not statements or any(
            each.kind is ActionKind.SELECT
            or not self._are_known(each.table_names)
            or not self._are_known(each.column_names)
            for each in statements
        ):
            self.strike(
                f"The SQL of “{title}”",
                "It is no change of a table of this pattern that a recommendation may propose.",
            )
            return None
        return own

    def _are_known(self, names: Sequence[str]) -> bool:
        return all(self.names.is_of_case(part) for name in names for part in name.split("."))


def _established_rewrite(case: CaseFile, finding: Finding) -> Rewrite | None:
    """The statement as the rules write it for this finding: a model's own is never taken."""
    own = [each for each in find_rewrites(case).rewrites if each.check == finding.check]
    same = [each for each in own if each.subject == finding.subject]
    return same[0] if same else None
