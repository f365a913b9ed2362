"""Steps that keep or move wide rows, and which columns make them wide."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend.checks.check import plan_nodes
from backend.checks.step_flow import step_name
from backend.domain.case_file import CaseFile, StepFact, TableFact
from backend.domain.plan import PlanNode
from backend.domain.threshold import OWN, Threshold

CARRIED_ROW_BYTES = Threshold(
    name="carried_row_bytes",
    default=500,
    unit="bytes",
    meaning="rows as wide that a hash, sort, aggregate or move carries are wide",
    source=f"{OWN}; the guide compares bytes with rows and gives no number",
)
CARRIED_MB = Threshold(
    name="carried_mb",
    default=1_000,
    unit="MB",
    meaning="a step that carries less of wide rows does not count",
    source=f"{OWN}: as much passes in a second",
)
WIDE_VARCHAR = 256
"""A VARCHAR declared as wide is named as what makes rows wide; `text` is a VARCHAR(256)."""

OVERHEAD_BYTES = 200
"""For row headers, counters and computed figures."""

_MAKES_TEXT = re.compile(r"\b(?:listagg|repeat|[lr]pad|json\w*|object|array)\s*\(", re.IGNORECASE)
_CARRIES = frozenset(
    {"hash", "sort", "sortlimit", "aggregate", "aggr", "unique", "window", "save"}
    | {"distribute", "dist", "broadcast", "bcast"}
)
_VARCHAR = re.compile(r"(?:character varying|varchar|char)\s*\((\d+)\)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class WideStep:
    """`row_bytes` is measured where the view has bytes, else the plan's width."""

    fact: StepFact
    row_bytes: float
    is_measured: bool

    @property
    def rows(self) -> int:
        return self.fact.step.output_rows

    @property
    def megabytes(self) -> float:
        return self.row_bytes * self.rows / 1_000_000


def wide_steps(case: CaseFile) -> list[WideStep]:
    """Those above both thresholds, the most bytes first."""
    width_of = _plan_widths(case)
    found = (
        _measured(case, fact, width_of)
        for fact in case.steps
        if step_name(fact) in _CARRIES and fact.step.output_rows > 0
    )
    possible = widest_possible_bytes(case)
    return sorted(
        (
            each
            for each in found
            if case.limit(CARRIED_ROW_BYTES) <= each.row_bytes <= possible
            and each.megabytes >= case.limit(CARRIED_MB)
        ),
        key=lambda each: (-each.megabytes, each.fact.fact_id),
    )


def widest_possible_bytes(case: CaseFile) -> float:
    """What a row of this statement can hold: the columns that it names, as they are declared, and
    as much again for what it makes of them. Infinite where that is not known."""
    statement, sql = case.statement, case.scrubbed_sql or ""
    tables = [case.table(name) for name in (statement.table_names if statement else ())]
    known = [fact for fact in tables if fact and fact.table.columns]
    if not tables or len(known) < len(tables) or _MAKES_TEXT.search(sql):
        return math.inf
    named = _names(sql)
    columns = {
        (fact.fact_id, column.name): column
        for fact in known
        for column in fact.table.columns
        if column.name.lower() in named
    }
    return OVERHEAD_BYTES + 2 * sum(_declared_bytes(each.data_type) for each in columns.values())


def wide_columns(case: CaseFile) -> Iterator[tuple[TableFact, str, int]]:
    """The wide VARCHARs that the statement names, the widest first, with their declared bytes."""
    named = _names(case.scrubbed_sql or "")
    found = [
        (fact, column.name, int(match[1]))
        for fact in case.tables
        for column in fact.table.columns
        if column.name.lower() in named
        and (match := _VARCHAR.search(column.data_type))
        and int(match[1]) >= WIDE_VARCHAR
    ]
    return iter(sorted(found, key=lambda each: (-each[2], each[0].fact_id, each[1])))


def _names(sql: str) -> set[str]:
    return set(re.findall(r"[a-z_][a-z0-9_$]*", sql.lower()))


def _declared_bytes(data_type: str) -> float:
    """Sizes of the Redshift guide (data types); a SUPER holds up to 16 MB."""
    if match := _VARCHAR.search(data_type):
        return float(match[1])
    kind = data_type.strip().lower()
    if kind.startswith(("super", "varbyte", "geometry", "geography", "hllsketch")):
        return math.inf
    if kind.startswith(("text", "varchar", "char", "bpchar")):
        return float(WIDE_VARCHAR)
    return 16.0


def _measured(
    case: CaseFile, fact: StepFact, width_of: dict[tuple[int, int | None], int]
) -> WideStep:
    step = fact.step
    if step.output_bytes > 0:
        return WideStep(fact=fact, row_bytes=step.output_bytes / step.output_rows, is_measured=True)
    key = (step.child_query_sequence, step.plan_node_id)
    is_same_run = case.plan_query_id == case.steps_query_id
    width = width_of.get(key, 0) if is_same_run and step.plan_node_id else 0
    return WideStep(fact=fact, row_bytes=float(width), is_measured=False)


def _plan_widths(case: CaseFile) -> dict[tuple[int, int | None], int]:
    def key(node: PlanNode) -> tuple[int, int | None]:
        return node.child_query_sequence or 0, node.recorded_node_id

    return {key(node): node.width_bytes for node, _ in plan_nodes(case) if node.recorded_node_id}
