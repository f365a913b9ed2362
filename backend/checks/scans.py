"""The scan steps of a run by the table that they read."""

from collections import defaultdict

from backend.checks.check import LARGE_STEP_ROWS, largest, reads_lake, steps_named
from backend.domain.case_file import CaseFile, StepFact, TableFact
from backend.domain.threshold import LARGE_TABLE_ROWS


def large_scans(case: CaseFile) -> dict[str, list[StepFact]]:
    """By table, the scans that read many rows. Where the export names no tables at all, they are
    put down to the only large one that is read, or to "" if there are several."""
    worth_rows = case.limit(LARGE_STEP_ROWS)
    scans = [fact for fact in _scans(case) if fact.step.input_rows > worth_rows]
    of_table: dict[str, list[StepFact]] = defaultdict(list)
    for fact in largest(scans):
        of_table[_table_read(case, fact)].append(fact)
    return dict(of_table)


def large_tables(case: CaseFile) -> list[TableFact]:
    large = case.limit(LARGE_TABLE_ROWS)
    return [fact for fact in case.tables if (fact.table.row_count or 0) > large]


def is_small_table(case: CaseFile, fact: TableFact) -> bool:
    rows = fact.table.row_count
    return rows is not None and rows <= case.limit(LARGE_TABLE_ROWS)


def is_read(case: CaseFile, fact: TableFact) -> bool:
    """Whether the run scans the table: by its steps, its plan, or a statement that only reads."""
    by_steps = {step.step.table_name for step in steps_named(case, "scan") if step.step.table_name}
    by_plan = {node.node.table_name for node in case.plan_nodes if node.node.table_name}
    if by_steps or by_plan:
        return any(case.table(name) == fact for name in by_steps | by_plan if name)
    return case.query_type.upper() == "SELECT"


def kept_share(scans: list[StepFact]) -> float:
    """The part (0..1) of what they read that they hand on."""
    rows_in = sum(fact.step.input_rows for fact in scans)
    return min(sum(fact.step.output_rows for fact in scans) / rows_in, 1.0) if rows_in else 1.0


def _scans(case: CaseFile) -> list[StepFact]:
    """Where tables are named at all, a scan without one reads an intermediate result. Scans of the
    data lake are left out: they have no sort key."""
    scans = [fact for fact in steps_named(case, "scan") if not reads_lake(case, fact)]
    named = [fact for fact in scans if fact.step.table_name]
    return named or scans


def _table_read(case: CaseFile, fact: StepFact) -> str:
    if fact.step.table_name:
        known = case.table(fact.step.table_name)
        return known.table.full_name if known else fact.step.table_name
    large = large_tables(case)
    return large[0].table.full_name if len(large) == 1 else ""
