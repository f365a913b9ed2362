"""What Redshift's own Advisor says about a table (SVV_ALTER_TABLE_RECOMMENDATIONS), beside ours."""

from collections.abc import Sequence

from backend.domain.evidence import AdvisorRow
from backend.domain.in_words import duration_in_words
from backend.domain.table_proposal import AdvisorOpinion, Aspect, Decision, Opinion
from backend.table_design.choose_distributions import DistributionSearch
from backend.table_design.wants import Want, wants_of
from backend.table_design.weigh_wants import effects_of_wants, is_met, verdict_on

_ASPECTS = {
    "diststyle": Aspect.DISTRIBUTION,
    "distkey": Aspect.DISTRIBUTION,
    "sortkey": Aspect.SORT_KEY,
    "encode": Aspect.ENCODING,
}


def aspect_of(row: AdvisorRow) -> Aspect | None:
    return _ASPECTS.get(row.kind.strip().lower())


def advisor_opinion(
    key: str, decision: Decision, rows: Sequence[AdvisorRow], search: DistributionSearch
) -> AdvisorOpinion | None:
    """On one aspect of the table; None where neither side proposes anything."""
    row = next((each for each in rows if aspect_of(each) is decision.aspect), None)
    if row is None:
        return _silent(decision.aspect) if decision.is_change else None
    want = next((each for each in wants_of(row.ddl) if each.aspect is decision.aspect), None)
    opinion, sentence = _compared(key, decision, want, search)
    automatic = " Redshift may carry it out by itself." if row.is_auto_eligible else ""
    return AdvisorOpinion(
        aspect=decision.aspect,
        opinion=opinion,
        sentence=f"{sentence}{automatic}",
        ddl=row.ddl,
        is_auto_eligible=row.is_auto_eligible,
    )


def _silent(aspect: Aspect) -> AdvisorOpinion:
    return AdvisorOpinion(
        aspect=aspect,
        opinion=Opinion.SILENT,
        sentence="Redshift's Advisor proposes nothing here, which does not mean that the present"
        " design is right.",
    )


def _compared(
    key: str, decision: Decision, want: Want | None, search: DistributionSearch
) -> tuple[Opinion, str]:
    if want is None and decision.aspect is Aspect.ENCODING and decision.is_change:
        return Opinion.AGREES, "Redshift's Advisor proposes encodings as well, column by column."
    if decision.aspect is Aspect.ENCODING and not decision.is_change:
        return (
            Opinion.NOT_WEIGHED,
            "Redshift's Advisor proposes another encoding, which no figure here speaks for or"
            " against.",
        )
    if want is None or not want.can_be_weighed:
        return (
            Opinion.NOT_WEIGHED,
            "Redshift's Advisor proposes a statement whose effect no figure here tells.",
        )
    if is_met(want, key, decision, search):
        told = "the same" if decision.is_change else "what the table has already"
        return Opinion.AGREES, f"Redshift's Advisor proposes {told}."
    verdict = verdict_on(effects_of_wants([(key, want)], search))
    if decision.is_change:
        net = duration_in_words(decision.balance.net_seconds)
        ours = f"{decision.proposed} saves {net} a week net"
    else:
        ours = "that is no reason to change it"
    return (
        Opinion.DISAGREES,
        f"Redshift's Advisor proposes {want.words}. By the patterns known here that would"
        f" {verdict}; {ours}.",
    )
