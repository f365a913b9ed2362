"""A function, a cast or a difference of types on a distribution key makes a join move rows.

Anti-pattern: Two tables that are distributed by their join columns can be joined where they lie.
ON TRUNC(a.id) = b.id, ON a.id::varchar = b.code, or an integer joined to a VARCHAR, compares other
values than those that the rows were distributed by: Redshift sends the rows around, cannot merge
the sorted tables, and guesses how many match, for its statistics are of the bare column.

Remedy: Store both columns with one type and in one form, at the latest while loading, and compare
them bare. Where the function is on the smaller side only, work it out there first.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from backend.checks.check import (
    LARGE_MOVE_ESTIMATED_ROWS,
    LARGE_STEP_ROWS,
    base_tables,
    blamed,
    measured,
    plan_nodes,
    steps_named,
)
from backend.checks.clauses import (
    clauses,
    column_of,
    full_column,
    is_distribution_key,
    owner_of,
    statement_id,
)
from backend.checks.effects import (
    Effect,
    Operator,
    effect_of_operators,
    effect_of_steps,
    estimated_effect,
    weighed_finding,
)
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, Clause, ClauseKind, ColumnUse, TableFact
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import rows_in_words
from backend.domain.plan import Movement, PlanNode

CHECK = "function_on_join_key"

_STANDING_STILL = (Movement.DS_DIST_NONE, Movement.DS_DIST_ALL_NONE)
_FAMILIES = (
    ("integer", {"int", "int2", "int4", "int8", "integer", "smallint", "bigint"}),
    ("decimal", {"numeric", "decimal"}),
    ("floating-point", {"float", "float4", "float8", "real", "double"}),
    ("character", {"char", "varchar", "bpchar", "character", "nchar", "nvarchar", "text"}),
    ("date", {"date"}),
    ("timestamp", {"timestamp", "timestamptz"}),
    ("boolean", {"bool", "boolean"}),
)
RULES = (
    Rule(
        name="a function or cast around a distribution key in a join",
        inputs=(
            "SYS_QUERY_HISTORY.query_text",
            "SVV_REDSHIFT_COLUMNS.distkey",
            "SYS_QUERY_EXPLAIN.plan_node",
            "SYS_QUERY_DETAIL.output_rows",
        ),
        thresholds=(LARGE_STEP_ROWS, LARGE_MOVE_ESTIMATED_ROWS),
        peers=(
            "AWS redshift-guide: functions on join and distribution keys",
            "Snowflake: INEFFICIENT_JOIN_CONDITION",
            "sql-sentinel: function on column",
        ),
    ),
    Rule(
        name="a join of columns of different types",
        inputs=("SVV_REDSHIFT_COLUMNS.data_type", "SVV_REDSHIFT_COLUMNS.distkey"),
        thresholds=(LARGE_STEP_ROWS, LARGE_MOVE_ESTIMATED_ROWS),
        peers=("sql-sentinel: implicit cast", "PerformanceStudio: implicit conversion"),
    ),
)


@dataclass(frozen=True, kw_only=True)
class _Hindered:
    """A join whose key is compared in another form than its table is distributed by."""

    clause: Clause
    key: TableFact
    key_column: str
    other: TableFact
    is_other_key: bool
    why: str


def function_on_join_key(case: CaseFile) -> Iterator[Finding | RuledOut]:
    """Each join once, though both of its keys may be hindered."""
    told: set[str] = set()
    for hindered in _hindered_joins(case):
        subject = full_column(hindered.key, hindered.key_column)
        if not told & {subject, hindered.clause.text}:
            for said in _judge(case, hindered, subject):
                told |= {subject, hindered.clause.text}
                yield said


def _hindered_joins(case: CaseFile) -> Iterator[_Hindered]:
    for clause in clauses(case, ClauseKind.JOIN_ON_EXPRESSION):
        wrapped = clause.columns[: clause.count]
        for use in wrapped:
            others = [each for each in clause.columns if each is not use]
            why = f"compares {use.expression} instead"
            yield from _hindered(case, clause, use, others, why)
    for clause in clauses(case, ClauseKind.JOIN_EQUALITY):
        for use, other in (clause.columns, clause.columns[::-1]):
            if difference := _type_difference(case, use, other):
                yield from _hindered(case, clause, use, [other], difference)


def _hindered(
    case: CaseFile, clause: Clause, use: ColumnUse, others: list[ColumnUse], why: str
) -> Iterator[_Hindered]:
    key = owner_of(case, use)
    if key is None or not is_distribution_key(key, use.column_name):
        return
    for each in others:
        other = owner_of(case, each)
        if other is not None and other is not key:
            yield _Hindered(
                clause=clause,
                key=key,
                key_column=use.column_name,
                other=other,
                is_other_key=is_distribution_key(other, each.column_name),
                why=why,
            )


def _type_difference(case: CaseFile, one: ColumnUse, other: ColumnUse) -> str | None:
    """Types of two families, where both are known."""
    known = []
    for use in (one, other):
        fact = owner_of(case, use)
        column = column_of(fact, use.column_name) if fact else None
        if fact is None or column is None or not column.data_type:
            return None
        known.append((full_column(fact, use.column_name), column.data_type.lower()))
    (_, own_type), (other_name, other_type) = known
    families = type_family(own_type), type_family(other_type)
    if None in families or families[0] == families[1]:
        return None
    return f"compares it, a {own_type}, with {other_name}, a {other_type}, and converts one of them"


def type_family(data_type: str) -> str | None:
    """None for types that are not known here; integers of all sizes are one family."""
    first_word = next(iter(data_type.lower().partition("(")[0].split()), "")
    return next((family for family, words in _FAMILIES if first_word in words), None)


def _judge(case: CaseFile, hindered: _Hindered, subject: str) -> Iterator[Finding | RuledOut]:
    found = _move(case, hindered)
    if found is None:
        return
    effect, movement = found
    fact_ids = (*statement_id(case), hindered.key.fact_id, hindered.other.fact_id)
    if movement in _STANDING_STILL:
        yield RuledOut(
            check=CHECK,
            sentence=f"{subject} is joined as {hindered.clause.text}, but none of"
            f" {effect.in_words(effect.rows_in)} has to move for it ({movement}).",
            fact_ids=(*fact_ids, *effect.fact_ids),
        )
        return
    threshold = LARGE_STEP_ROWS if effect.is_measured else LARGE_MOVE_ESTIMATED_ROWS
    worth_rows = case.limit(threshold)
    moved = effect.in_words(effect.rows_out)
    if effect.rows_out <= worth_rows:
        yield RuledOut(
            check=CHECK,
            sentence=f"{subject} is joined as {hindered.clause.text}, which moves only {moved}"
            f" (threshold {rows_in_words(worth_rows)}).",
            fact_ids=(*fact_ids, *effect.fact_ids),
        )
        return
    other = hindered.other.table.full_name
    named = f" ({movement})" if movement else ""
    yield weighed_finding(
        case,
        effect,
        check=CHECK,
        what=f"The join {hindered.clause.text} moves {moved}",
        titles=(f"The join key {subject} is not compared bare", "A join key is not compared bare"),
        evidence=f"{subject} is the distribution key of its table, but the join"
        f" {hindered.clause.text} {hindered.why}: to join {other}{named} it moves {moved}"
        f" (threshold {rows_in_words(worth_rows)}), {effect.place}.",
        measures=(measured(case, threshold, "rows moved", effect.rows_out),),
        fact_ids=fact_ids,
        subject=subject,
    )


def _move(case: CaseFile, hindered: _Hindered) -> tuple[Effect, Movement | None] | None:
    """What the join moves; None where no fact leads to the join, or where the key stays."""
    moves = steps_named(case, "broadcast", "distribute")
    if case.plan is None:
        is_only_join = case.statement is not None and case.statement.join_count == 1
        steps = moves if is_only_join and hindered.is_other_key else []
        effect = effect_of_steps(case, steps)
        return (_moving(effect, max(f.step.output_rows for f in steps)), None) if effect else None
    join = next(_joins_between(case, hindered.key, hindered.other), None)
    if join is None or join[0].movement is None:
        return None
    node, _ = join
    if node.movement in _STANDING_STILL:
        effect = effect_of_operators(case, [join])
        return (effect, node.movement) if effect else None
    if not (hindered.is_other_key or _moves_table(case, node, hindered.key)):
        return None
    own = [step for step in moves if blamed(case, [step], [join])]
    effect = effect_of_steps(case, own)
    if effect:
        return _moving(effect, max(f.step.output_rows for f in own)), node.movement
    estimated = estimated_effect(case, [join])
    return (_moving(estimated, _moved_rows(node)), node.movement) if estimated else None


def _moving(effect: Effect, rows: int) -> Effect:
    return Effect(
        rows_in=effect.rows_in,
        rows_out=rows,
        share=effect.share,
        fact_ids=effect.fact_ids,
        is_measured=effect.is_measured,
    )


def _joins_between(case: CaseFile, one: TableFact, other: TableFact) -> Iterator[Operator]:
    for node, fact_id in plan_nodes(case):
        if node.is_join and len(node.children) > 1:
            sides = [{case.table(name) for name in base_tables(side)} for side in node.children[:2]]
            if (one in sides[0] and other in sides[1]) or (other in sides[0] and one in sides[1]):
                yield node, fact_id


def _moves_table(case: CaseFile, node: PlanNode, fact: TableFact) -> bool:
    is_outer = fact in {case.table(name) for name in base_tables(node.children[0])}
    if node.movement is Movement.DS_DIST_BOTH:
        return True
    return is_outer is (node.movement is Movement.DS_DIST_OUTER)


def _moved_rows(node: PlanNode) -> int:
    outer, inner = node.children[0].rows, node.children[1].rows
    if node.movement is Movement.DS_DIST_BOTH:
        return outer + inner
    return outer if node.movement is Movement.DS_DIST_OUTER else inner
