"""Advice for joins that send rows across the network: DISTKEY, DISTSTYLE ALL, or fewer rows."""

from collections.abc import Iterator, Sequence

from backend.domain.case_file import CaseFile, TableFact
from backend.domain.finding import Finding
from backend.domain.in_words import listed, paragraph
from backend.domain.recommendation import Category
from backend.panel.reviewer import Advice
from backend.panel.rules.joins import Join, join_of
from backend.panel.rules.rules_reviewer import advice_on
from backend.panel.rules.statement_joins import large_pairs, scattered_pairs
from backend.panel.rules.table_design import (
    advisor_agrees,
    advisor_opinion,
    is_left_to_redshift,
    is_small,
    size_of,
    style_of,
    suits_distribution,
)
from backend.sql.action_sql import distribute, distribute_by_key, recorded_plan
from backend.sql.plan_joins import JoinPair, JoinSide, distribution_key

COLLOCATION_FRACTION = 0.5
"""The rows no longer cross the network, but the join itself remains."""

UNCONFIRMED_FRACTION = 0.2
"""Without a plan it is only likely that this join is the one that moves the rows."""

TRADE_OFF_FRACTION = 0.1
"""Another key would help here and may hurt other joins of the table: only worth a look."""

FEWER_ROWS_FRACTION = 0.1
"""How many rows an earlier filter could hold back is not known."""

MUCH_LARGER = 20
"""Rewriting a table so much larger than its partner is the last thing to try."""

DDL_CAUTION = "ALTER TABLE rewrites the table and locks it meanwhile: run it when the load is light"


def advise_distribution(case: CaseFile, finding: Finding) -> Advice:
    """By the join that the plan blames; where no plan was recorded, by the statement's joins."""
    join = join_of(case, finding)
    pairs = [pair for pair in join.pairs if pair.outer.table or pair.inner.table] if join else []
    if join and pairs:
        return _of_plan(case, finding, join, pairs)
    scattered = scattered_pairs(case) if case.plan is None else ()
    if scattered:
        return _of_statement(case, finding, scattered)
    return send_fewer_rows(case, finding, join)


def _of_plan(case: CaseFile, finding: Finding, join: Join, pairs: Sequence[JoinPair]) -> Advice:
    for side in _sides_to_copy(join, pairs):
        if side.table and is_small_and_spread(case, side.table):
            return copy_to_every_node(case, finding, side.table, side.column_name)
    pair, moved = _easiest(case, pairs)
    known = "The plan joins"
    if moved:
        return share_the_key(
            case, finding, pair, moved, known=known, expected_fraction=COLLOCATION_FRACTION
        )
    return _weigh_the_keys(case, finding, pair, known)


def _of_statement(case: CaseFile, finding: Finding, scattered: Sequence[JoinPair]) -> Advice:
    pair, moved = _easiest(case, scattered)
    others = len(scattered) - 1
    which = f"One of its {others + 1} joins" if others else "Its only join"
    is_told = "No plan was recorded" in finding.evidence
    known = (
        f"{'' if is_told else 'No plan was recorded to name the join. '}{which} between large "
        "tables whose matching rows lie on different nodes is"
    )
    if moved:
        return share_the_key(
            case, finding, pair, moved, known=known, expected_fraction=UNCONFIRMED_FRACTION
        )
    return _weigh_the_keys(case, finding, pair, known)


def _sides_to_copy(join: Join, pairs: Sequence[JoinPair]) -> Iterator[JoinSide]:
    """Not those whose rows an outer join keeps: if such a table is DISTSTYLE ALL, Redshift sends
    the whole other side to one slice (DS_DIST_ALL_INNER; guide, c_data_redistribution)."""
    operator = join.fact.node.operator
    if "Right" in operator or "Full" in operator:
        return
    for pair in pairs:
        yield pair.inner
        if "Left" not in operator:
            yield pair.outer


def is_small_and_spread(case: CaseFile, fact: TableFact) -> bool:
    is_everywhere = fact.table.distribution_style.upper() in {"ALL", "AUTO(ALL)"}
    return is_small(case, fact.table) and fact.table.row_count != 0 and not is_everywhere


def _easiest(
    case: CaseFile, pairs: Sequence[JoinPair]
) -> tuple[JoinPair, list[tuple[JoinSide, TableFact]]]:
    """The join that the fewest tables would have to change for, and those tables' sides."""
    choices = [(pair, _to_move(case, pair)) for pair in pairs]
    return min(choices, key=lambda each: (not each[1], not _is_half_way(each[0]), len(each[1])))


def _is_half_way(pair: JoinPair) -> bool:
    return pair.outer.is_distributed_by_it or pair.inner.is_distributed_by_it


def _to_move(case: CaseFile, pair: JoinPair) -> list[tuple[JoinSide, TableFact]]:
    """The sides that would have to change for the join to stay on its node; none if one cannot.

    A table that someone gave another DISTKEY on purpose is not moved for the sake of one pattern,
    unless Redshift's Advisor, which sees them all, proposes it.
    """
    moved = []
    for side in (pair.outer, pair.inner):
        if side.is_distributed_by_it:
            continue
        fact = side.table
        if fact is None or not suits_distribution(fact.table, side.column_name):
            return []
        is_chosen = distribution_key(fact) and not is_left_to_redshift(fact.table)
        ours = distribute_by_key(fact.table, side.column_name)
        if is_chosen and not advisor_agrees(case, fact, kind="diststyle", proposed_sql=ours):
            return []
        moved.append((side, fact))
    return moved


def copy_to_every_node(
    case: CaseFile, finding: Finding, fact: TableFact, column_name: str = ""
) -> Advice:
    table = fact.table
    join = f"the join on {column_name}" if column_name else "its join"
    action_sql = distribute(table, "ALL")
    opinion, opinion_facts = advisor_opinion(case, fact, kind="diststyle", proposed_sql=action_sql)
    return advice_on(
        case,
        finding,
        category=Category.TABLE_DESIGN,
        title=f"Keep a copy of {table.full_name} on every node",
        rationale=paragraph(
            finding.evidence,
            f"{table.full_name} {size_of(table)} is small enough for DISTSTYLE ALL: its rows then "
            f"lie beside every partner, and {join} moves none",
            opinion,
        ),
        action=paragraph(
            f"Set DISTSTYLE ALL on {table.full_name}, unless it is loaded so often that writing "
            "every copy would cost more",
            DDL_CAUTION,
        ),
        action_sql=action_sql,
        expected_fraction=COLLOCATION_FRACTION,
        fact_ids=(fact.fact_id, *opinion_facts),
    )


def share_the_key(
    case: CaseFile,
    finding: Finding,
    pair: JoinPair,
    moved: Sequence[tuple[JoinSide, TableFact]],
    *,
    known: str,
    expected_fraction: float,
) -> Advice:
    names = listed([fact.table.full_name for _, fact in moved])
    by_what = moved[0][0].column_name if len(moved) == 1 else "their join key"
    statements = [distribute_by_key(fact.table, side.column_name) for side, fact in moved]
    opinions = [
        advisor_opinion(case, fact, kind="diststyle", proposed_sql=statement)
        for (_, fact), statement in zip(moved, statements, strict=True)
    ]
    return advice_on(
        case,
        finding,
        category=Category.TABLE_DESIGN,
        title=f"Distribute {names} by {by_what}",
        rationale=paragraph(
            finding.evidence,
            f"{known} {_equality(pair)}; {_styles(pair)}",
            "With this DISTKEY on both sides matching rows lie on the same node, and none has to "
            "move",
            *dict.fromkeys(opinion for opinion, _ in opinions),
        ),
        action=paragraph(
            _gentler_way(pair, moved),
            f"Make {listed([side.label for side, _ in moved])} the "
            f"{'DISTKEY' if len(moved) == 1 else 'DISTKEYs'}, after a look at the other joins of "
            f"{names} and at how evenly the values are spread",
            DDL_CAUTION,
        ),
        action_sql="\n".join(statements),
        expected_fraction=expected_fraction,
        fact_ids=(*_fact_ids(pair), *(fact_id for _, ids in opinions for fact_id in ids)),
    )


def _gentler_way(pair: JoinPair, moved: Sequence[tuple[JoinSide, TableFact]]) -> str:
    """Before a very large table is rewritten for the sake of a small partner."""
    others = [fact for fact in _facts(pair) if fact not in [fact for _, fact in moved]]
    if len(moved) != 1 or len(others) != 1:
        return ""
    rows, other_rows = moved[0][1].table.row_count, others[0].table.row_count
    if rows is None or other_rows is None or rows < MUCH_LARGER * other_rows:
        return ""
    partner = others[0].table.full_name
    return f"First see whether {partner}, the much smaller side, can be filtered before the join"


def _weigh_the_keys(case: CaseFile, finding: Finding, pair: JoinPair, known: str) -> Advice:
    return advice_on(
        case,
        finding,
        category=Category.INVESTIGATE,
        title=f"Weigh the DISTKEYs of {_table_names(pair)}",
        rationale=paragraph(
            finding.evidence,
            f"{known} {_equality(pair)}; {_styles(pair)}",
            "A table has one DISTKEY, and the present ones may serve other joins",
        ),
        action=paragraph(
            "Filter or aggregate the moved side before the join; change a DISTKEY only if this "
            "join takes more time over all patterns than those that the present key serves"
        ),
        expected_fraction=TRADE_OFF_FRACTION,
        fact_ids=_fact_ids(pair),
    )


def send_fewer_rows(
    case: CaseFile,
    finding: Finding,
    join: Join | None,
    *,
    reason: str = "",
    moved_tables: Sequence[str] = (),
) -> Advice:
    """`reason` is why no distribution key can be named, `moved_tables` what the rows are made of;
    both as far as the caller knows better than the join tells."""
    tables = moved_tables or (join.inner_tables if join else ())
    of_tables = f" of {listed(tables, 2)}" if tables else ""
    has_no_plan = case.plan is None and case.steps_query_id is not None
    look = "See in the plan of the recorded run what sends them. " if has_no_plan else ""
    return advice_on(
        case,
        finding,
        category=Category.INVESTIGATE,
        title="Send fewer rows across the network",
        rationale=paragraph(finding.evidence, reason or _why_no_key(case, join)),
        action=paragraph(f"{look}Filter or aggregate the rows{of_tables} before they are sent"),
        action_sql=recorded_plan(case.steps_query_id or 0) if has_no_plan else None,
        expected_fraction=FEWER_ROWS_FRACTION,
    )


def _why_no_key(case: CaseFile, join: Join | None) -> str:
    condition = next((each.text for each in join.fact.node.conditions), "") if join else ""
    if condition:
        return (
            f"The join condition {condition} does not lead to columns of tables whose design is "
            "known, so no distribution key can be named"
        )
    if case.plan is None and large_pairs(case):
        return (
            "The statement joins its large tables on their DISTKEYs, so what moves is an "
            "intermediate result"
        )
    return "Which join sends these rows is not known, so no distribution key can be named"


def _equality(pair: JoinPair) -> str:
    return f"{pair.outer.label} = {pair.inner.label}"


def _facts(pair: JoinPair) -> list[TableFact]:
    return [side.table for side in (pair.outer, pair.inner) if side.table]


def _fact_ids(pair: JoinPair) -> tuple[str, ...]:
    return tuple(fact.fact_id for fact in _facts(pair))


def _table_names(pair: JoinPair) -> str:
    return listed([fact.table.full_name for fact in _facts(pair)])


def _styles(pair: JoinPair) -> str:
    return listed(
        [
            f"{fact.table.full_name} {size_of(fact.table)} is {style_of(fact)}"
            for fact in _facts(pair)
        ]
    )
