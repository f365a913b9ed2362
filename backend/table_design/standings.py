"""How the open recommendations of single patterns stand when all patterns are looked at."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from backend.domain.in_words import duration_in_words, listed, paragraph
from backend.domain.recommendation import AcrossPatterns, Standing, TriagedRecommendation
from backend.domain.table_design import short_name
from backend.domain.table_proposal import Aspect, Decision, Effect, Rival
from backend.table_design.choose_distributions import DistributionSearch
from backend.table_design.distribution_effects import distribution_effects
from backend.table_design.wants import Want, wants_of
from backend.table_design.weigh_wants import (
    effects_of_wants,
    is_met,
    verdict_on_advice,
)

Decisions = Mapping[str, Sequence[Decision]]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A recommendation with its standing; `rivals` has one entry for each table that it is about,
    by the table's key and the aspect."""

    recommendation_id: str
    across: AcrossPatterns
    rivals: tuple[tuple[str, Aspect, Rival], ...]


def judge(
    triaged: TriagedRecommendation,
    key_of: Mapping[str, str],
    decisions: Decisions,
    search: DistributionSearch,
    at: datetime,
) -> Judged | None:
    """`key_of` gives a table's key by the name in the recommendation's SQL. None for advice that
    changes no design of a table that was weighed, and where nothing speaks for or against it."""
    advice = triaged.recommendation
    judged = list(_own_decisions(advice.action_sql, key_of, decisions))
    if not judged:
        return None
    unmet = [each for each in judged if not is_met(each.want, each.key, each.decision, search)]
    if unmet and not _is_contradicted(judged, unmet, search):
        return None
    standing = Standing.LOSES if unmet else Standing.AGREES
    sentence = (
        _why_it_loses(advice.query_hash, judged, unmet, search)
        if unmet
        else _why_it_agrees(judged, search)
    )
    return Judged(
        recommendation_id=advice.recommendation_id,
        across=AcrossPatterns(
            standing=standing,
            table_name=(unmet or judged)[0].key,
            sentence=sentence,
            analysis_timestamp=at,
        ),
        rivals=tuple(
            (
                each.key,
                each.want.aspect,
                Rival(
                    recommendation_id=advice.recommendation_id,
                    query_hash=advice.query_hash,
                    title=advice.title,
                    wants=each.want.words,
                    standing=standing,
                    sentence=sentence,
                ),
            )
            for each in judged
        ),
    )


class _Wanted(NamedTuple):
    """What a recommendation wants of a table, and what was decided about that."""

    key: str
    want: Want
    decision: Decision


def _own_decisions(
    action_sql: str | None, key_of: Mapping[str, str], decisions: Decisions
) -> Iterator[_Wanted]:
    for want in wants_of(action_sql):
        key = key_of.get(want.table_name)
        for decision in decisions.get(key, ()) if key else ():
            is_left_open = not (want.can_be_weighed or decision.is_change)
            if key and decision.aspect is want.aspect and not is_left_open:
                yield _Wanted(key, want, decision)


def _is_contradicted(
    judged: Sequence[_Wanted], unmet: Sequence[_Wanted], search: DistributionSearch
) -> bool:
    """By another change, by a pattern that loses, or by the design itself. That a change saves
    too little over all patterns, or that nothing measures it, contradicts nobody."""
    return any(each.decision.is_change or _objection_to(each, search) for each in unmet) or any(
        each.seconds < 0 for each in _effects(judged, search)
    )


def _effects(judged: Iterable[_Wanted], search: DistributionSearch) -> list[Effect]:
    return effects_of_wants(((each.key, each.want) for each in judged), search)


def _why_it_agrees(judged: Sequence[_Wanted], search: DistributionSearch) -> str:
    changes = [each for each in judged if each.decision.is_change]
    if not changes:
        return "The table has this design already."
    names = listed([short_name(each.key) for each in changes])
    told = f"The same is proposed for {names} over all patterns"
    effects = _effects(changes, search)
    if not effects:
        return f"{told}."
    net = duration_in_words(sum(each.seconds for each in effects))
    on_all = f"{len(effects):,} patterns together"
    over = "this pattern alone" if len(effects) == 1 else on_all
    return f"{told}: it saves {net} a week net, on {over}."


def _why_it_loses(
    query_hash: str,
    judged: Sequence[_Wanted],
    unmet: Sequence[_Wanted],
    search: DistributionSearch,
) -> str:
    named = listed([_of_table(each.want.words, each.want.aspect, each.key) for each in judged])
    told = f"{named} would {verdict_on_advice(query_hash, _effects(judged, search))}"
    objections = [objection for each in unmet if (objection := _objection_to(each, search))]
    return paragraph(told, _instead(judged, unmet, search), *objections)


def _instead(
    judged: Sequence[_Wanted], unmet: Sequence[_Wanted], search: DistributionSearch
) -> str:
    """What is proposed for the same tables, so that like is set against like."""
    proposed = {
        each.key: search.designs[each.key]
        for each in judged
        if each.want.aspect is Aspect.DISTRIBUTION
        and search.designs[each.key] != search.workload.present[each.key]
    }
    others = [
        each
        for each in unmet
        if each.decision.is_change and each.decision.aspect is not Aspect.DISTRIBUTION
    ]
    if not proposed and not others:
        names = listed([short_name(each.key) for each in unmet])
        left = "is better left as it is" if len(unmet) == 1 else "are better left as they are"
        return f"Over all patterns {names} {left}"
    effects = list(distribution_effects(proposed, search.designs, search.workload))
    net = sum(each.seconds for each in effects)
    net += sum(each.decision.balance.net_seconds for each in others)
    named = [f"{design.words} of {short_name(key)}" for key, design in proposed.items()]
    named += [_of_table(e.decision.proposed, e.decision.aspect, e.key) for e in others]
    saves = "saves" if len(named) == 1 else "save"
    return f"{listed(named)} {saves} {duration_in_words(net)} a week net instead"


def _of_table(words: str, aspect: Aspect, key: str) -> str:
    """`KEY(order_id) of sales.lines`, `sales.lines sorted by sold_on`, `… with no sort key`"""
    table_name = short_name(key)
    if aspect is not Aspect.SORT_KEY:
        return f"{words} of {table_name}"
    return f"{table_name} {'' if words.startswith('sorted') else 'with '}{words}"


def _objection_to(wanted: _Wanted, search: DistributionSearch) -> str:
    """Why the design was not even weighed; empty where it was."""
    if not wanted.want.can_be_weighed:
        return f"What Redshift would choose for {short_name(wanted.key)} no figure tells"
    candidates, distribution = search.candidates.get(wanted.key), wanted.want.distribution
    if candidates is None or distribution is None:
        return ""
    name = distribution.column or distribution.style.value
    return next((each for each in candidates.refused if each.startswith(f"{name}: ")), "")
