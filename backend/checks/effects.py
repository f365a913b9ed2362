"""What a part of a statement costs: how many rows go through its operators, in which time.

Measured by the recorded steps where they lead to the operators, else estimated by the plan.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from backend.checks.check import (
    MOST_CITED,
    UNMEASURED_SHARE,
    cited,
    cost_share,
    largest,
    plan_nodes,
    segment_share,
    steps_named,
    too_small_to_matter,
    weigh,
)
from backend.domain.case_file import CaseFile, StepFact, TableFact
from backend.domain.finding import Finding, Measure, RuledOut, Severity
from backend.domain.in_words import percent, rows_in_words, titled
from backend.domain.plan import PlanNode
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket

Operator = tuple[PlanNode, str]
"""With its fact id."""

MANY_ROWS = Threshold(
    name="many_rows",
    default=1_000_000,
    unit="rows",
    meaning="a sort, a removal of duplicates or a window over fewer rows is harmless",
    source=f"{OWN}: they pass in about a second",
)


@dataclass(frozen=True, kw_only=True)
class Effect:
    """`share` is the part (0..1) of execution that they take, capped where it is estimated."""

    rows_in: int
    rows_out: int
    share: float
    fact_ids: tuple[str, ...]
    is_measured: bool

    @property
    def place(self) -> str:
        if self.is_measured:
            return f"in segments with {percent(self.share)} of the segment time"
        return f"with {percent(self.share)} of the plan's cost"

    @property
    def part(self) -> str:
        whole = "the segment time" if self.is_measured else "the plan's cost"
        return f"about {percent(self.share)} of {whole}"

    def in_words(self, rows: int) -> str:
        return f"{'' if self.is_measured else 'about '}{rows_in_words(rows)}"


def scans_of(case: CaseFile, fact: TableFact) -> list[StepFact]:
    """The recorded scan steps of the table, the largest first."""
    scans = []
    for scan in steps_named(case, "scan"):
        of = case.table(scan.step.table_name) if scan.step.table_name else None
        if of is not None and of.fact_id == fact.fact_id:
            scans.append(scan)
    return largest(scans)


def scan_operators(case: CaseFile, fact: TableFact) -> list[Operator]:
    return [
        (node, fact_id)
        for node, fact_id in plan_nodes(case)
        if node.table_name and "Scan" in node.operator and case.table(node.table_name) is fact
    ]


def effect_of_scans(case: CaseFile, fact: TableFact) -> Effect | None:
    """None where neither steps nor plan name the table."""
    scans = scans_of(case, fact)
    if scans:
        return Effect(
            rows_in=sum(scan.step.input_rows for scan in scans),
            rows_out=sum(scan.step.output_rows for scan in scans),
            share=segment_share(case, scans),
            fact_ids=cited(case, scans),
            is_measured=True,
        )
    operators = scan_operators(case, fact)
    if not operators:
        return None
    read = fact.table.row_count
    return Effect(
        rows_in=len(operators) * read
        if read is not None
        else sum(node.rows for node, _ in operators),
        rows_out=sum(node.rows for node, _ in operators),
        share=cost_share(case, [node for node, _ in operators]),
        fact_ids=tuple(fact_id for _, fact_id in operators[:MOST_CITED]),
        is_measured=False,
    )


def effect_of_operators(
    case: CaseFile, operators: Sequence[Operator], *, without_plan: Sequence[str] = ()
) -> Effect | None:
    """Of operators that do one thing together: by the steps that name them, else by the plan's
    estimate. Where there is no plan, of the steps of these names."""
    if case.plan is None:
        return effect_of_steps(case, largest(steps_named(case, *without_plan)))
    recorded = effect_of_steps(case, steps_of(case, operators))
    if recorded is None:
        return estimated_effect(case, operators)
    ids = dict.fromkeys((*recorded.fact_ids, *(fact_id for _, fact_id in operators)))
    return replace(recorded, fact_ids=tuple(ids)[: 2 * MOST_CITED])


def estimated_effect(case: CaseFile, operators: Sequence[Operator]) -> Effect | None:
    if not operators:
        return None
    taken_in = [child.rows for node, _ in operators for child in node.children]
    return Effect(
        rows_in=max(taken_in, default=max(node.rows for node, _ in operators)),
        rows_out=min(node.rows for node, _ in operators),
        share=cost_share(case, [node for node, _ in operators]),
        fact_ids=tuple(fact_id for _, fact_id in operators[:MOST_CITED]),
        is_measured=False,
    )


def effect_of_steps(case: CaseFile, steps: Sequence[StepFact]) -> Effect | None:
    """Of steps that do one thing together: the most that any took in, the least that came out."""
    if not steps:
        return None
    return Effect(
        rows_in=max(fact.step.input_rows for fact in steps),
        rows_out=min(fact.step.output_rows for fact in steps),
        share=segment_share(case, steps),
        fact_ids=cited(case, steps),
        is_measured=True,
    )


def steps_of(case: CaseFile, operators: Sequence[Operator]) -> list[StepFact]:
    """The steps that name these operators, the largest first; none where plan and steps are not
    of the same run."""
    if case.plan_query_id != case.steps_query_id:
        return []
    wanted = {(node.child_query_sequence, node.recorded_node_id) for node, _ in operators}
    return largest(
        fact
        for fact in case.steps
        if fact.step.plan_node_id is not None
        and (fact.step.child_query_sequence, fact.step.plan_node_id) in wanted
    )


def times_in_words(times: int) -> str:
    return {1: "once", 2: "twice"}.get(times, f"{times} times")


def below(node: PlanNode, *passing: str) -> PlanNode | None:
    """The first operator below that does more than pass rows on in one of these ways."""
    inner = node.children[0] if node.children else None
    while inner is not None and inner.children and inner.operator.endswith(passing):
        inner = inner.children[0]
    return inner


def is_unrecorded(case: CaseFile) -> bool:
    """Neither a plan nor steps: only the sizes of tables tell what a clause may cost."""
    return case.plan is None and not case.steps


def unmeasured(fact_ids: Iterable[str] = ()) -> Effect:
    return Effect(
        rows_in=0,
        rows_out=0,
        share=UNMEASURED_SHARE,
        fact_ids=tuple(fact_ids),
        is_measured=False,
    )


def weighed_finding(
    case: CaseFile,
    effect: Effect,
    *,
    check: str,
    what: str,
    titles: Sequence[str],
    evidence: str,
    measures: Sequence[Measure],
    fact_ids: Iterable[str] = (),
    subject: str = "",
    at_most: Severity = Severity.HIGH,
    bucket: Bucket = Bucket.EXECUTION,
) -> Finding | RuledOut:
    """A finding as severe as the effect weighs; ruled out where that is next to nothing.

    `what` is the cause as the start of a sentence that ends in how little it touches.
    """
    ids = tuple(dict.fromkeys((*fact_ids, *effect.fact_ids)))
    severity = weigh(case, bucket, effect.share)
    if severity is None:
        return too_small_to_matter(case, check, what, effect.share, ids)
    return Finding(
        check=check,
        severity=max(severity, at_most, key=lambda each: each.order),
        bucket=bucket,
        title=titled(*titles),
        evidence=evidence,
        fact_ids=ids,
        subject=subject,
        measures=tuple(measures),
        affected_share=min(effect.share, 1.0),
    )
