"""The reviewer of the reviewers: strikes what the facts contradict, and says so.

Of what stands it says which savings are the same seconds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, GoodNews, RuledOut
from backend.domain.in_words import counted, listed
from backend.domain.recommendation import Recommendation, ReviewerName
from backend.domain.review import StruckStatement
from backend.panel.reviewer import RULES_ENGINE, Validation
from backend.panel.rules.conflicts import without_conflicts
from backend.panel.rules.good_news_costs import with_costs_told
from backend.panel.rules.matter import Matter, read_statements
from backend.panel.rules.objections import objections
from backend.panel.rules.overlaps import with_overlaps_told


@dataclass(frozen=True, kw_only=True)
class RulesValidator:
    """Needs no trust in who recommends: it holds for rules and for a model alike."""

    name: ReviewerName = ReviewerName.VALIDATE
    engine: str = RULES_ENGINE

    def validate(
        self,
        case: CaseFile,
        findings: Sequence[Finding],
        ruled_out: Sequence[RuledOut],
        recommendations: Sequence[Recommendation],
        good_news: Sequence[GoodNews] = (),
    ) -> Validation:
        known_ids = {fact.fact_id for fact in case.facts()}
        struck: list[StruckStatement] = []
        grounded: list[Recommendation] = []
        for recommendation in recommendations:
            cited, complaints = _with_known_citations(recommendation, known_ids)
            struck.extend(complaints)
            if cited is None:
                continue
            cited, complaints = _with_usable_sql(cited)
            struck.extend(complaints)
            statements = read_statements(cited) or ()
            matter = Matter(
                case=case,
                findings=findings,
                ruled_out=ruled_out,
                recommendation=cited,
                statements=statements,
                good_news=good_news,
            )
            against = list(_struck_by_the_facts(matter))
            struck.extend(against)
            if not against:
                grounded.append(with_costs_told(case, statements, good_news, cited))
        kept, conflicting = without_conflicts(case, grounded)
        struck.extend(conflicting)
        return Validation(
            summary=_summary(len(recommendations), len(kept), struck),
            kept=tuple(with_overlaps_told(case, kept)),
            struck=tuple(struck),
        )


def _with_known_citations(
    recommendation: Recommendation, known_ids: set[str]
) -> tuple[Recommendation | None, list[StruckStatement]]:
    known = tuple(fact_id for fact_id in recommendation.fact_ids if fact_id in known_ids)
    unknown = [fact_id for fact_id in recommendation.fact_ids if fact_id not in known_ids]
    if known and not unknown:
        return recommendation, []
    complaint = (
        f"The case file has no fact {listed(unknown)}" if unknown else "It cites no fact at all"
    )
    consequence = "the other citations stand." if known else "nothing is left to prove it."
    return (
        replace(recommendation, fact_ids=known) if known else None,
        [
            StruckStatement(
                reviewer=recommendation.reviewer,
                statement=recommendation.title,
                reason=f"{complaint}; {consequence}",
                fact_ids=known,
            )
        ],
    )


def _with_usable_sql(
    recommendation: Recommendation,
) -> tuple[Recommendation, list[StruckStatement]]:
    """Without its SQL if that is none that may be proposed; the advice itself can still stand."""
    if read_statements(recommendation) is not None:
        return recommendation, []
    return replace(recommendation, action_sql=None), [
        StruckStatement(
            reviewer=recommendation.reviewer,
            statement=f"The SQL of “{recommendation.title}”",
            reason="It is not one of the Redshift statements that a recommendation may propose.",
            fact_ids=recommendation.fact_ids,
        )
    ]


def _struck_by_the_facts(matter: Matter) -> Iterator[StruckStatement]:
    for objection in objections(matter):
        yield StruckStatement(
            reviewer=matter.recommendation.reviewer,
            statement=matter.recommendation.title,
            reason=objection.reason,
            fact_ids=objection.fact_ids,
        )


def _summary(proposed: int, kept: int, struck: Sequence[StruckStatement]) -> str:
    if proposed == 0:
        return "Nothing was recommended, so there was nothing to check."
    checked = f"{counted(proposed, 'recommendation')} checked against the facts"
    if not struck:
        stand = "it stands" if proposed == 1 else "all stand"
        return f"{checked}: {stand}."
    stands = "stands" if kept == 1 else "stand"
    return f"{checked}: {kept:,} {stands}, {counted(len(struck), 'statement')} struck."
