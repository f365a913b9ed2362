"""Advice on where a table's rows lie: DISTKEY and DISTSTYLE, for joins that move rows, and skew."""

from backend.domain.case_file import CaseFile, TableFact
from backend.domain.finding import Finding
from backend.domain.recommendation import Category
from backend.panel.action_sql import count_by_value, distribute, distribute_by_key
from backend.panel.reviewer import Advice
from backend.panel.rules.joins import Join, JoinPair, JoinSide, distribution_key, join_of
from backend.panel.rules.rules_reviewer import advice_on
from backend.panel.rules.table_design import (
    advisor_opinion,
    is_left_to_redshift,
    is_small,
    size_of,
    suits_distribution,
)
from backend.panel.rules.wording import listed, paragraph

COLLOCATION_FRACTION = 0.5
"""The rows no longer cross the network, but the join itself remains."""

TRADE_OFF_FRACTION = 0.1
"""Another key would help here and may hurt other joins of the table: only worth a look."""

EVEN_SPREAD_FRACTION = 0.4
"""The slowest slice sets the time; spreading helps until the next uneven step."""

DDL_CAUTION = "It rewrites the table under a lock, so run it when the load is light"


def advise_distribution(case: CaseFile, finding: Finding) -> Advice:
    join = join_of(case, finding)
    if join is None or not join.pairs:
        return _reduce_first(case, finding, join)
    for pair in join.pairs:
        if small := next(
            (side for side in (pair.inner, pair.outer) if _is_small_and_spread(side)), None
        ):
            return _copy_to_every_node(case, finding, small)
    for pair in sorted(join.pairs, key=lambda each: not _is_half_collocated(each)):
        if movable := _sides_to_move(pair):
            return _share_the_key(case, finding, pair, movable)
    return _weigh_the_keys(case, finding, join)


def _is_small_and_spread(side: JoinSide) -> bool:
    fact = side.table
    if fact is None or not is_small(fact.table) or fact.table.row_count == 0:
        return False
    return fact.table.distribution_style.upper() not in {"ALL", "AUTO(ALL)"}


def _is_half_collocated(pair: JoinPair) -> bool:
    return pair.outer.is_distributed_by_it or pair.inner.is_distributed_by_it


def _sides_to_move(pair: JoinPair) -> list[JoinSide]:
    """The sides that would have to change for the join to stay on its node; none if one cannot.

    A table that someone gave another DISTKEY on purpose is not moved for the sake of one pattern.
    """
    sides = [side for side in (pair.outer, pair.inner) if not side.is_distributed_by_it]
    for side in sides:
        if side.table is None or not suits_distribution(side.table.table, side.column_name):
            return []
        if distribution_key(side.table) and not is_left_to_redshift(side.table.table):
            return []
    return sides


def _copy_to_every_node(case: CaseFile, finding: Finding, side: JoinSide) -> Advice:
    fact = side.table
    assert fact is not None  # noqa: S101 - chosen by _is_small_and_spread
    table = fact.table
    opinion, opinion_facts = advisor_opinion(case, fact, kind="diststyle")
    return advice_on(
        case,
        finding,
        category=Category.TABLE_DESIGN,
        title=f"Keep a copy of {table.full_name} on every node",
        rationale=paragraph(
            finding.evidence,
            f"{table.full_name} {size_of(table)} is small enough for DISTSTYLE ALL: its rows then "
            f"lie beside every partner and the join on {side.column_name} moves none",
            opinion,
        ),
        action=paragraph(
            f"Set DISTSTYLE ALL on {table.full_name}, unless it is loaded so often that writing "
            "every copy would cost more",
            DDL_CAUTION,
        ),
        action_sql=distribute(table, "ALL"),
        expected_fraction=COLLOCATION_FRACTION,
        fact_ids=(fact.fact_id, *opinion_facts),
    )


def _share_the_key(
    case: CaseFile, finding: Finding, pair: JoinPair, sides: list[JoinSide]
) -> Advice:
    known = [side.table for side in (pair.outer, pair.inner) if side.table]
    moved = [(side, side.table) for side in sides if side.table]
    labels = listed([side.label for side in sides])
    opinions = [
        advisor_opinion(case, fact, kind="diststyle", proposed_columns=(side.column_name,))
        for side, fact in moved
    ]
    styles = listed(
        [f"{fact.table.full_name} {size_of(fact.table)} is {_style(fact)}" for fact in known]
    )
    return advice_on(
        case,
        finding,
        category=Category.TABLE_DESIGN,
        title=f"Distribute {labels.rsplit('.', maxsplit=1)[0]} by {sides[0].column_name}"
        if len(sides) == 1
        else f"Distribute {listed([fact.table.full_name for _, fact in moved])} by their join key",
        rationale=paragraph(
            finding.evidence,
            f"The join is on {pair.outer.label} = {pair.inner.label}; {styles}. Distributed by "
            "this key on both sides, matching rows lie on the same node and none has to move",
            *(opinion for opinion, _ in opinions),
        ),
        action=paragraph(
            f"Make {labels} the DISTKEY, after checking the other joins of "
            f"{listed([fact.table.full_name for _, fact in moved])}",
            DDL_CAUTION,
        ),
        action_sql="\n".join(
            distribute_by_key(fact.table, side.column_name) for side, fact in moved
        ),
        expected_fraction=COLLOCATION_FRACTION,
        fact_ids=(
            *(fact.fact_id for fact in known),
            *(fact_id for _, ids in opinions for fact_id in ids),
        ),
    )


def _weigh_the_keys(case: CaseFile, finding: Finding, join: Join) -> Advice:
    pair = next((pair for pair in join.pairs if _is_half_collocated(pair)), join.pairs[0])
    known = [side.table for side in (pair.outer, pair.inner) if side.table]
    if not known:
        return _reduce_first(case, finding, join)
    styles = listed([f"{fact.table.full_name} is {_style(fact)}" for fact in known])
    return advice_on(
        case,
        finding,
        category=Category.INVESTIGATE,
        title=f"Weigh which join {listed([fact.table.full_name for fact in known])} should serve",
        rationale=paragraph(
            finding.evidence,
            f"The join is on {pair.outer.label} = {pair.inner.label}; {styles}. A table has one "
            "DISTKEY, and the present one serves other joins",
        ),
        action=paragraph(
            "Filter the moved side harder before the join; change the DISTKEY only if this join "
            "takes more time over all patterns than those that the present key serves"
        ),
        expected_fraction=TRADE_OFF_FRACTION,
        fact_ids=tuple(fact.fact_id for fact in known),
    )


def _reduce_first(case: CaseFile, finding: Finding, join: Join | None) -> Advice:
    tables = listed(join.inner_tables, 2) if join else ""
    what = f"the rows of {tables}" if tables else "the rows on the moved side"
    condition = next((c.text for c in join.fact.node.conditions), "") if join else ""
    return advice_on(
        case,
        finding,
        category=Category.INVESTIGATE,
        title=f"Move fewer of {what}",
        rationale=paragraph(
            finding.evidence,
            f"The join condition {condition} does not lead to columns of tables whose design is "
            "known, so no distribution key can be named"
            if condition
            else "The plan does not lead to columns of tables whose design is known, so no "
            "distribution key can be named",
        ),
        action=paragraph(f"Filter or aggregate {what} before the join"),
        expected_fraction=TRADE_OFF_FRACTION,
    )


def advise_on_skew(case: CaseFile, finding: Finding) -> Advice:
    fact = case.table(finding.subject) if finding.subject else None
    key = distribution_key(fact) if fact else None
    if fact is None or key is None:
        return _look_at_the_values(case, finding)
    table = fact.table
    serves_join = _joins_on(case, fact, key)
    opinion, opinion_facts = advisor_opinion(case, fact, kind="diststyle")
    shared: list[str] = [finding.evidence, f"{table.full_name} {size_of(table)} is {_style(fact)}"]
    if serves_join:
        action = (
            f"Look at which values of {key} hold the most rows. If it is a default or empty value, "
            f"filter it out before the join; else look for a DISTKEY with more even values"
        )
        rationale = paragraph(
            *shared, f"This pattern joins on {key}, so spreading the rows evenly would cost the "
            "join its co-location", opinion
        )  # fmt: skip
    else:
        action = f"Spread {table.full_name} evenly, or by a join column with more even values"
        rationale = paragraph(
            *shared, f"No join of this pattern's plan uses {key}, so nothing here needs it", opinion
        )
    return advice_on(
        case,
        finding,
        category=Category.INVESTIGATE if serves_join else Category.TABLE_DESIGN,
        title=f"Even out the rows of {table.full_name}",
        rationale=rationale,
        action=paragraph(action, "" if serves_join else DDL_CAUTION),
        action_sql=count_by_value(table, key) if serves_join else distribute(table, "EVEN"),
        expected_fraction=TRADE_OFF_FRACTION if serves_join else EVEN_SPREAD_FRACTION,
        fact_ids=(fact.fact_id, *opinion_facts),
    )


def _look_at_the_values(case: CaseFile, finding: Finding) -> Advice:
    subject = f" of {finding.subject}" if finding.subject else ""
    return advice_on(
        case,
        finding,
        category=Category.INVESTIGATE,
        title=f"Find the values that crowd one slice{subject}",
        rationale=paragraph(
            finding.evidence,
            "The slowest slice sets the time of the step, and no table with a DISTKEY explains "
            "why one has more to do than the others",
        ),
        action=paragraph(
            "Count the rows by the join or GROUP BY column of that step; treat the few values "
            "that hold most rows apart"
        ),
        expected_fraction=TRADE_OFF_FRACTION,
    )


def _joins_on(case: CaseFile, fact: TableFact, key: str) -> bool:
    """Whether a join condition of the plan speaks of the table's key column."""
    if not any(column.name.lower() == key for column in fact.table.columns):
        return False
    return any(
        f".{key}" in condition.text.lower().replace('"', "")
        for node in case.plan_nodes
        if node.node.is_join
        for condition in node.node.conditions
    )


def _style(fact: TableFact) -> str:
    style = fact.table.distribution_style or "unknown"
    return f"DISTSTYLE {style}"
