"""What one table's distribution does to each pattern, the other tables as they are to be."""

from collections.abc import Iterator, Mapping

from backend.domain.in_words import listed, rows_in_words
from backend.domain.table_design import Distribution, short_name
from backend.domain.table_proposal import Effect
from backend.domain.table_use import TableJoin
from backend.table_design.balance import effect_of_use
from backend.table_design.table_effects import use_effects
from backend.table_design.workload import PatternJoins, WeighedJoin, Workload


def distribution_effects(
    changes: Mapping[str, Distribution], designs: Mapping[str, Distribution], workload: Workload
) -> Iterator[Effect]:
    """Of these changes together against the present designs of the same tables, while all other
    tables have `designs`."""
    base = {**designs, **{key: workload.present[key] for key in changes}}
    changed = {**designs, **changes}
    touched = {p.query_hash: p for key in changes for p in workload.patterns_of.get(key, ())}
    for pattern in touched.values():
        yield from _of_pattern(pattern, changed, base, next(iter(changes)))
    for key, design in changes.items():
        for each in use_effects(key, design, workload):
            yield effect_of_use(each)


def _of_pattern(
    pattern: PatternJoins,
    changed: Mapping[str, Distribution],
    base: Mapping[str, Distribution],
    key: str,
) -> Iterator[Effect]:
    tree = pattern.tree
    rows_after = tree.rows_sent(tree.places(changed))
    rows_before = tree.rows_sent(tree.places(base))
    for weighed, after, before in zip(pattern.joins, rows_after, rows_before, strict=True):
        if after == before or not weighed.meeting.is_understood:
            continue
        seconds = _against_present(weighed, after) - _against_present(weighed, before)
        if not seconds:
            continue
        rate = pattern.dollars_a_second
        yield Effect(
            query_hash=pattern.query_hash,
            analysis_timestamp=pattern.analysis_timestamp,
            seconds=seconds,
            reason=_reason(weighed.join, key, before, after),
            is_measured=seconds > 0 and weighed.join.is_measured,
            fact_ids=weighed.join.fact_ids,
            dollars=None if rate is None else seconds * rate,
        )


def _against_present(weighed: WeighedJoin, rows_sent: int) -> float:
    return 0.0 if rows_sent == weighed.meeting.rows_sent else weighed.seconds(rows_sent)


def _reason(join: TableJoin, key: str, before: int, after: int) -> str:
    what = f"its join {_partners(join, key)}"
    if after == 0:
        return f"{what} no longer moves {rows_in_words(before)} a run"
    if before == 0:
        return f"{what} would move {rows_in_words(after)} a run"
    return f"{what} moves {rows_in_words(after)} a run instead of {rows_in_words(before)}"


def _partners(join: TableJoin, key: str) -> str:
    """`with retail.orders on order_id`, seen from the table whose key it is."""
    for left, right in join.pairs:
        if left and right and key in (left.table_name, right.table_name):
            own, partner = (left, right) if left.table_name == key else (right, left)
            on = own.column_name
            if partner.column_name != on:
                on = f"{on} = {partner.column_name}"
            if partner.table_name == key:
                return f"with itself on {on}"
            return f"with {short_name(partner.table_name)} on {on}"
    names = [short_name(name) for name in (*join.outer.table_names, *join.inner.table_names)]
    return f"of {listed(list(dict.fromkeys(names)), 3)}"
