"""What other designs than those proposed would do: those of a recommendation or of the Advisor."""

from collections.abc import Iterable

from backend.domain.in_words import counted, duration_in_words, listed
from backend.domain.table_proposal import Aspect, Decision, Effect
from backend.table_design.balance import effect_of_use, one_each_pattern
from backend.table_design.choose_distributions import DistributionSearch
from backend.table_design.decide_encoding import encoding_effects
from backend.table_design.distribution_effects import distribution_effects
from backend.table_design.sort_keys import NO_COLUMN, sort_effects
from backend.table_design.wants import Want


def is_met(want: Want, key: str, decision: Decision, search: DistributionSearch) -> bool:
    """Whether the table would look as wanted; a sort key does if it begins as wanted, and Redshift
    may already choose the encodings."""
    if want.aspect is Aspect.DISTRIBUTION:
        return want.distribution is not None and search.designs[key] == want.distribution
    if want.aspect is Aspect.SORT_KEY:
        if want.is_automatic:
            return decision.is_left_to_redshift and not decision.is_change
        return want.columns[:1] == decision.columns[:1]
    return decision.is_change or decision.is_left_to_redshift


TableWant = tuple[str, Want]
"""With the key of the table that is meant."""


def effects_of_wants(wants: Iterable[TableWant], search: DistributionSearch) -> list[Effect]:
    """Of all of them together, against the present designs of these tables; the other tables as
    they are to be. One effect for each pattern."""
    wants = list(wants)
    distributions = {key: want.distribution for key, want in wants if want.distribution is not None}
    effects: list[Effect] = []
    if distributions:
        effects += distribution_effects(distributions, search.designs, search.workload)
    for key, want in wants:
        if want.aspect is Aspect.SORT_KEY and want.can_be_weighed:
            leading = want.columns[0] if want.columns else NO_COLUMN
            effects += map(effect_of_use, sort_effects(key, leading, search.workload))
        elif want.aspect is Aspect.ENCODING:
            effects += map(effect_of_use, encoding_effects(key, search.workload))
    return one_each_pattern(effects)


def verdict_on(effects: Iterable[Effect]) -> str:
    """`save 40 s a week on 1 pattern and cost 3.5 min on 3 patterns`"""
    told = list(effects)
    saved = [each.seconds for each in told if each.seconds > 0]
    lost = [-each.seconds for each in told if each.seconds < 0]
    parts = []
    if saved:
        parts.append(f"save {_seconds(saved)} a week on {counted(len(saved), 'pattern')}")
    if lost:
        parts.append(f"cost {_seconds(lost)} a week on {counted(len(lost), 'pattern')}")
    return listed(parts) if parts else "change nothing for any of them"


def verdict_on_advice(query_hash: str, effects: Iterable[Effect]) -> str:
    """The same, from the pattern that the advice was given on: `save 40 s a week here, but cost
    3.5 min on 3 other patterns`"""
    told = list(effects)
    own = sum(each.seconds for each in told if each.query_hash == query_hash)
    others = [each for each in told if each.query_hash != query_hash]
    if own > 0:
        here = f"save {duration_in_words(own)} a week here"
    elif own < 0:
        here = f"cost {duration_in_words(-own)} a week here"
    else:
        here = "save nothing that is measured here"
    saved = [each.seconds for each in others if each.seconds > 0]
    lost = [-each.seconds for each in others if each.seconds < 0]
    if lost:
        also = f" and save {_seconds(saved)} elsewhere" if saved else ""
        return f"{here}{also}, but cost {_seconds(lost)} on {_others(lost)}"
    return f"{here} and {_seconds(saved)} on {_others(saved)}" if saved else here


def _seconds(parts: list[float]) -> str:
    return duration_in_words(sum(parts))


def _others(parts: list[float]) -> str:
    return counted(len(parts), "other pattern")
