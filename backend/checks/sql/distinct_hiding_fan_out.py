"""SELECT DISTINCT repairs what a join has multiplied.

Anti-pattern: A join on a key that is not unique gives each row several times; DISTINCT then throws
nearly all of them away. The rows are joined, moved and compared for nothing, and a SUM or COUNT
over the same join would be wrong.

Remedy: Find the join that multiplies and make its side unique before the join: EXISTS or IN where
it only filters, GROUP BY or a window with ROW_NUMBER where values of it are wanted, or the missing
part of a key of several columns. The DISTINCT is then not needed.
"""

from collections.abc import Iterator

from backend.checks.check import measured, plan_nodes, steps_named
from backend.checks.clauses import clauses, statement_id
from backend.checks.effects import (
    MANY_ROWS,
    Effect,
    Operator,
    below,
    effect_of_operators,
    effect_of_steps,
    estimated_effect,
    steps_of,
    weighed_finding,
)
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, ClauseKind
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import percent, rows_in_words
from backend.domain.threshold import OWN, Threshold

CHECK = "distinct_hiding_fan_out"

FAN_OUT_RATIO = Threshold(
    name="distinct_fan_out_ratio",
    default=2.0,
    unit="times",
    meaning="a join that puts out so many times the rows that it took in multiplies them",
    source=OWN,
)
KEPT_SHARE = Threshold(
    name="distinct_kept_share",
    default=0.5,
    unit="share",
    meaning="a DISTINCT that keeps more of its rows repairs no join",
    source=OWN,
)
RULES = (
    Rule(
        name="DISTINCT above a join that multiplies rows",
        inputs=(
            "SYS_QUERY_HISTORY.query_text",
            "SYS_QUERY_EXPLAIN.plan_node",
            "SYS_QUERY_DETAIL.input_rows",
            "SYS_QUERY_DETAIL.output_rows",
        ),
        thresholds=(MANY_ROWS, FAN_OUT_RATIO, KEPT_SHARE),
        peers=(
            "Snowflake: EXPLODING_JOIN",
            "sqlcheck: DISTINCT with JOIN",
            "Infraredshift: distinct",
            "AWS redshift-guide: join fan-out",
        ),
    ),
)
_JOIN_STEPS = ("hashjoin", "mjoin", "merge", "nestloop", "nloop")


def distinct_hiding_fan_out(case: CaseFile) -> Iterator[Finding | RuledOut]:
    joined = [
        clause
        for clause in clauses(case, ClauseKind.SELECT_DISTINCT)
        if len(clause.table_names) > 1
    ]
    if not joined:
        return
    removers = _removers(case)
    removing = effect_of_operators(case, removers, without_plan=("unique",))
    if removing is None:
        return
    worth_rows = case.limit(MANY_ROWS)
    kept = removing.rows_out / max(removing.rows_in, 1)
    join = _multiplying_join(case, removers)
    fact_ids = (*statement_id(case), *removing.fact_ids)
    if removing.rows_in < worth_rows or kept > case.limit(KEPT_SHARE) or join is None:
        if removing.rows_in >= worth_rows:
            return  # a DISTINCT that removes little, or duplicates that the tables have themselves
        yield RuledOut(
            check=CHECK,
            sentence=f"The DISTINCT goes through {removing.in_words(removing.rows_in)} only"
            f" (threshold {rows_in_words(worth_rows)}).",
            fact_ids=fact_ids,
        )
        return
    ratio = join.rows_out / max(join.rows_in, 1)
    times = f"{ratio:,.1f}".removesuffix(".0")
    effect = _both(join, removing)
    yield weighed_finding(
        case,
        effect,
        check=CHECK,
        what=f"A DISTINCT repairs a join that puts out {join.in_words(join.rows_out)}",
        titles=(f"DISTINCT repairs a join that makes {times} rows of one",),
        evidence=f"A join makes {join.in_words(join.rows_out)} of"
        f" {rows_in_words(join.rows_in)} ({times} times as many, threshold"
        f" {case.limit(FAN_OUT_RATIO):g}), and {joined[0].text} keeps {percent(kept)} of"
        f" {removing.in_words(removing.rows_in)} (threshold {percent(case.limit(KEPT_SHARE))}),"
        f" {effect.place}.",
        measures=(
            measured(case, FAN_OUT_RATIO, "rows out of a row in", ratio),
            measured(case, KEPT_SHARE, "rows kept", kept),
        ),
        fact_ids=fact_ids,
    )


def _removers(case: CaseFile) -> list[Operator]:
    """What removes duplicates of a SELECT, not of a UNION or of groups."""
    return [
        (node, fact_id)
        for node, fact_id in plan_nodes(case)
        if node.operator.endswith("Unique")
        and (inner := below(node, "Sort", "Network")) is not None
        and inner.is_join
    ]


def _multiplying_join(case: CaseFile, removers: list[Operator]) -> Effect | None:
    """The join that multiplies most; of those below the DISTINCT where there is a plan."""
    if case.plan is None:
        effects = [effect_of_steps(case, [step]) for step in steps_named(case, *_JOIN_STEPS)]
    else:
        inside = {node.node_id for remover, _ in removers for node in remover.walk()}
        effects = [
            _of_join(case, (node, fact_id))
            for node, fact_id in plan_nodes(case)
            if node.is_join and node.node_id in inside
        ]
    wanted = case.limit(FAN_OUT_RATIO)
    multiplying = [
        each
        for each in effects
        if each
        and each.rows_out >= wanted * each.rows_in
        and each.rows_out >= case.limit(MANY_ROWS)
    ]
    return max(multiplying, key=lambda each: each.rows_out, default=None)


def _of_join(case: CaseFile, join: Operator) -> Effect | None:
    """Of the join step itself: what hashes its inner side puts out nothing."""
    steps = [step for step in steps_of(case, [join]) if step.step.step_name.strip() in _JOIN_STEPS]
    return effect_of_steps(case, steps[:1]) or estimated_effect(case, [join])


def _both(join: Effect, removing: Effect) -> Effect:
    return Effect(
        rows_in=join.rows_in,
        rows_out=removing.rows_out,
        share=max(join.share, removing.share),
        fact_ids=tuple(dict.fromkeys((*join.fact_ids, *removing.fact_ids))),
        is_measured=join.is_measured and removing.is_measured,
    )
