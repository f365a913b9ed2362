"""Effects on patterns added up: one for each pattern, the largest first."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from backend.domain.table_proposal import Alternative, Balance, Effect
from backend.domain.table_use import TableUse
from backend.table_design.table_effects import UseEffect

MOST_LISTED = 40
"""Of each sign; the others are in the sums."""

MOST_OF_ALTERNATIVE = 8
WORTH_TELLING_SECONDS = 0.05


def balance_of(effects: Iterable[Effect], uses: Iterable[TableUse]) -> Balance:
    """`uses` tell what a pattern's second costs, and since when its prices hold."""
    merged = one_each_pattern(effects)
    gains = [each for each in merged if each.seconds > WORTH_TELLING_SECONDS]
    losses = [each for each in merged if each.seconds < -WORTH_TELLING_SECONDS]
    priced = [each.dollars for each in (*gains, *losses)]
    dollars = [each for each in priced if each is not None]
    is_priced = bool(dollars) and len(dollars) == len(priced)
    as_of = [use.prices_as_of for use in uses if use.prices_as_of]
    return Balance(
        gained_seconds=sum(each.seconds for each in gains),
        lost_seconds=-sum(each.seconds for each in losses),
        gaining_patterns=len(gains),
        losing_patterns=len(losses),
        net_dollars=sum(dollars) if is_priced else None,
        prices_as_of=max(as_of) if is_priced and as_of else None,
        effects=(*gains[:MOST_LISTED], *reversed(losses[-MOST_LISTED:])),
    )


def alternative(design: str, balance: Balance) -> Alternative:
    return Alternative(
        design=design,
        gained_seconds=balance.gained_seconds,
        lost_seconds=balance.lost_seconds,
        effects=_largest(balance.effects),
    )


def _largest(effects: Sequence[Effect]) -> tuple[Effect, ...]:
    """Of both signs, in the order that they come in."""
    heaviest = sorted(effects, key=lambda each: -abs(each.seconds))[:MOST_OF_ALTERNATIVE]
    return tuple(each for each in effects if each in heaviest)


def effect_of_use(each: UseEffect) -> Effect:
    """A loss is always an estimate: it has not happened yet."""
    use = each.use
    rate = use.dollars_a_second
    return Effect(
        query_hash=use.query_hash,
        analysis_timestamp=use.analysis_timestamp,
        seconds=each.seconds,
        reason=each.reason,
        is_measured=each.is_measured and use.is_measured and each.seconds > 0,
        fact_ids=use.fact_ids,
        dollars=None if rate is None else each.seconds * rate,
    )


def one_each_pattern(effects: Iterable[Effect]) -> list[Effect]:
    """The heaviest effect of a pattern gives the reason; largest saving first, then by hash."""
    by_pattern: dict[str, list[Effect]] = defaultdict(list)
    for effect in effects:
        by_pattern[effect.query_hash].append(effect)
    merged = []
    for own in by_pattern.values():
        heaviest = max(own, key=lambda each: abs(each.seconds))
        dollars = [each.dollars for each in own if each.dollars is not None]
        facts = dict.fromkeys(fact_id for each in own for fact_id in each.fact_ids)
        merged.append(
            replace(
                heaviest,
                seconds=sum(each.seconds for each in own),
                is_measured=all(each.is_measured for each in own),
                fact_ids=tuple(facts),
                dollars=sum(dollars) if len(dollars) == len(own) else None,
            )
        )
    return sorted(merged, key=lambda each: (-each.seconds, each.query_hash))
