"""One proposal for each table, consistent over all of them, from the uses of all patterns."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from backend.domain.evidence import AdvisorRow, Table
from backend.domain.recommendation import AcrossPatterns, TriagedRecommendation
from backend.domain.table_proposal import Aspect, Balance, Decision, Effect, Rival, TableProposal
from backend.domain.table_use import TableUse
from backend.domain.threshold import DEFAULT_LIMITS, Limits
from backend.table_design.advisor import advisor_opinion
from backend.table_design.assumptions import assumptions, cautions
from backend.table_design.balance import balance_of, effect_of_use
from backend.table_design.choose_distributions import DistributionSearch, choose_distributions
from backend.table_design.decide_distribution import decide_distribution
from backend.table_design.decide_encoding import decide_encoding, encoding_effects
from backend.table_design.decide_sort_key import decide_sort_key
from backend.table_design.distribution_effects import distribution_effects
from backend.table_design.sort_keys import sort_effects
from backend.table_design.standings import judge
from backend.table_design.workload import make_workload


@dataclass(frozen=True, kw_only=True)
class OpenAdvice:
    """An open recommendation, and the keys of the tables by their names in its SQL."""

    triaged: TriagedRecommendation
    key_of: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """`standings` are by recommendation id. `total` is the balance of all changes together: no sum
    of the proposals', as two changes may count on each other."""

    proposals: tuple[TableProposal, ...]
    standings: Mapping[str, AcrossPatterns]
    total: Balance
    patterns: int
    old_uses: int


def propose_designs(
    uses: Iterable[TableUse],
    tables: Iterable[Table],
    *,
    at: datetime,
    advisor_rows: Mapping[str, Sequence[AdvisorRow]] | None = None,
    advice: Iterable[OpenAdvice] = (),
    limits: Limits = DEFAULT_LIMITS,
    nodes: int | None = None,
    unread: Collection[str] = (),
) -> Proposed:
    """`advisor_rows` and `unread`, the tables that nobody reads in the whole history, are by the
    table's key; `nodes` are the cluster's, None where not known. Tables whose design is not known
    get no proposal."""
    workload = make_workload(uses, tables, limits, nodes)
    search = choose_distributions(workload)
    rows_of = advisor_rows or {}
    decisions = {key: _decisions(key, rows_of.get(key, ()), search) for key in search.candidates}
    judged = [
        found
        for each in advice
        if (found := judge(each.triaged, each.key_of, decisions, search, at))
    ]
    rivals: dict[tuple[str, Aspect], list[Rival]] = defaultdict(list)
    for each in judged:
        for key, aspect, rival in each.rivals:
            rivals[key, aspect].append(rival)
    return Proposed(
        proposals=tuple(
            _proposal(
                key,
                [_with_rivals(key, each, rivals) for each in own],
                search,
                at,
                is_unread=key in unread,
            )
            for key, own in decisions.items()
        ),
        standings={each.recommendation_id: each.across for each in judged},
        total=_total(decisions, search),
        patterns=len({use.query_hash for own in workload.uses_of.values() for use in own}),
        old_uses=workload.old_uses,
    )


def _decisions(
    key: str, rows: Sequence[AdvisorRow], search: DistributionSearch
) -> tuple[Decision, ...]:
    workload, least = search.workload, search.least[key]
    found = (
        decide_distribution(key, search),
        decide_sort_key(key, least, workload),
        decide_encoding(key, least, workload),
    )
    return tuple(replace(each, advisor=advisor_opinion(key, each, rows, search)) for each in found)


def _worth_showing(decisions: Iterable[Decision]) -> list[Decision]:
    """Not that encodings stay as they are, where nobody says otherwise."""
    return [
        each
        for each in decisions
        if each.is_change or each.advisor or each.rivals or each.aspect is not Aspect.ENCODING
    ]


def _with_rivals(
    key: str, decision: Decision, rivals: Mapping[tuple[str, Aspect], Sequence[Rival]]
) -> Decision:
    own = rivals.get((key, decision.aspect), ())
    return replace(decision, rivals=tuple(sorted(own, key=lambda each: each.recommendation_id)))


def _proposal(
    key: str,
    decisions: Sequence[Decision],
    search: DistributionSearch,
    at: datetime,
    *,
    is_unread: bool,
) -> TableProposal:
    return TableProposal(
        table_name=key,
        analysis_timestamp=at,
        decisions=tuple(_worth_showing(decisions)),
        headline=_headline(decisions),
        assumptions=tuple(assumptions(key, decisions, search)),
        cautions=tuple(cautions(key, decisions, search.workload, is_unread=is_unread)),
    )


def _headline(decisions: Sequence[Decision]) -> str:
    """`Distribute by order_id, sort by shipped_on`, `Keep`"""
    words = [_in_words(each) for each in decisions if each.is_change]
    if not words:
        return "Keep"
    return ", ".join([words[0], *(word[0].lower() + word[1:] for word in words[1:])])


def _in_words(decision: Decision) -> str:
    if decision.aspect is Aspect.SORT_KEY:
        return f"Sort by {', '.join(decision.columns)}"
    if decision.aspect is Aspect.ENCODING:
        return "Encode automatically"
    if decision.columns:
        return f"Distribute by {decision.columns[0]}"
    return "Copy to every node" if decision.proposed == "ALL" else "Spread evenly"


def _total(decisions: Mapping[str, Sequence[Decision]], search: DistributionSearch) -> Balance:
    workload = search.workload
    effects: list[Effect] = []
    if changes := {key: search.designs[key] for key in search.changed()}:
        effects += distribution_effects(changes, search.designs, workload)
    for key, own in decisions.items():
        for each in own:
            if each.is_change and each.aspect is Aspect.SORT_KEY:
                effects += map(effect_of_use, sort_effects(key, each.columns[0], workload))
            elif each.is_change and each.aspect is Aspect.ENCODING:
                effects += map(effect_of_use, encoding_effects(key, workload))
    return balance_of(effects, (use for uses in workload.uses_of.values() for use in uses))
