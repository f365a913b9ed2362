"""What reading one table costs a pattern: by its recorded steps, else by the plan's estimate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backend.checks.check import (
    LARGE_STEP_ROWS,
    MOST_CITED,
    cited,
    cost_share,
    largest,
    milder,
    plan_nodes,
    segment_share,
    steps_named,
)
from backend.domain.case_file import CaseFile, StepFact, TableFact
from backend.domain.finding import Severity
from backend.domain.in_words import percent
from backend.domain.plan import PlanNode
from backend.domain.threshold import LARGE_TABLE_ROWS


@dataclass(frozen=True, kw_only=True)
class TableScans:
    """`share` (0..1) is the part of the segment time that the table's scans ran in; where no steps
    were recorded, their part of the plan's cost. `fact_ids` cite scans and table."""

    fact: TableFact
    share: float
    fact_ids: tuple[str, ...]
    steps: tuple[StepFact, ...] = ()
    nodes: tuple[PlanNode, ...] = ()

    @property
    def is_measured(self) -> bool:
        return bool(self.steps)

    @property
    def rows_read(self) -> int:
        """By all of them together; the whole table each time where nothing was measured."""
        if self.steps:
            return sum(fact.step.input_rows for fact in self.steps)
        return (self.fact.table.row_count or 0) * len(self.nodes)

    @property
    def kept_share(self) -> float:
        """What their filters let through of the rows that they read."""
        if self.steps:
            kept = sum(fact.step.output_rows for fact in self.steps)
        else:
            kept = sum(node.rows for node in self.nodes)
        return min(kept / self.rows_read, 1.0) if self.rows_read else 1.0

    @property
    def read_share(self) -> float:
        """The part of the table that the largest of them read, after blocks were skipped."""
        rows = self.fact.table.row_count
        if not self.steps or not rows:
            return 1.0
        return min(max(fact.step.input_rows for fact in self.steps) / rows, 1.0)

    @property
    def cost_in_words(self) -> str:
        """`the table's scans are in segments with 34 % of the segment time`"""
        is_one = len(self.steps or self.nodes) == 1
        scans = "the table's scan" if is_one else "the table's scans"
        if self.steps:
            are = "is" if is_one else "are"
            return f"{scans} {are} in segments with {percent(self.share)} of the segment time"
        return (
            f"{scans} {'makes' if is_one else 'make'} up {percent(self.share)} of the plan's cost,"
            " and no steps were recorded to measure it"
        )

    def tempered(self, severity: Severity) -> Severity:
        """A table's state is never all of the cause, and the plan's cost is no measure."""
        return milder(severity, at_most=Severity.MEDIUM if self.steps else Severity.LOW)


def large_scans(case: CaseFile) -> Iterator[TableScans]:
    """Of each large table that this pattern reads, the costliest first."""
    large = case.limit(LARGE_TABLE_ROWS)
    facts = [fact for fact in case.tables if (fact.table.row_count or 0) > large]
    found = [scans for scans in (table_scans(case, fact) for fact in facts) if scans]
    yield from sorted(found, key=lambda scans: (-scans.share, scans.fact.fact_id))


def table_scans(case: CaseFile, fact: TableFact) -> TableScans | None:
    """None where neither steps nor plan show that the table is read."""
    if case.steps:
        return of_steps(case, fact, _steps_of(case, fact))
    nodes = [
        (node, fact_id)
        for node, fact_id in plan_nodes(case)
        if node.table_name and _is(case.table(node.table_name), fact)
    ]
    if not nodes:
        return None
    return TableScans(
        fact=fact,
        share=cost_share(case, [node for node, _ in nodes]),
        fact_ids=(*(fact_id for _, fact_id in nodes[:MOST_CITED]), fact.fact_id),
        nodes=tuple(node for node, _ in nodes),
    )


def of_steps(case: CaseFile, fact: TableFact, steps: Sequence[StepFact]) -> TableScans | None:
    """The same of some of the table's scan steps only."""
    if not steps:
        return None
    return TableScans(
        fact=fact,
        share=segment_share(case, steps),
        fact_ids=(*cited(case, steps), fact.fact_id),
        steps=tuple(steps),
    )


def _steps_of(case: CaseFile, fact: TableFact) -> list[StepFact]:
    """Where no step names a table, large scans are of the only large table that is read."""
    scans = steps_named(case, "scan")
    if any(scan.step.table_name for scan in scans):
        return largest(
            scan
            for scan in scans
            if scan.step.table_name and _is(case.table(scan.step.table_name), fact)
        )
    large = case.limit(LARGE_TABLE_ROWS)
    large_tables = [other for other in case.tables if (other.table.row_count or 0) > large]
    if large_tables != [fact]:
        return []
    worth_rows = case.limit(LARGE_STEP_ROWS)
    return largest(scan for scan in scans if scan.step.input_rows > worth_rows)


def _is(one: TableFact | None, other: TableFact) -> bool:
    return one is not None and one.fact_id == other.fact_id
