"""Facts of a case file as lines of the document: every fact of every kind, with its id.

A string of a field that is not listed here counts as somebody's message and is masked as such.
No date leaves the house: moments become days before the end of the window.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from enum import Enum
from typing import Any, ClassVar, Protocol

from backend.domain.case_file import (
    CaseFile,
    Fact,
    PlanNodeFact,
    SegmentFact,
    StatementFact,
    StepFact,
    TableFact,
)
from backend.domain.change_facts import PlanComparisonFact
from backend.domain.evidence import Column
from backend.domain.pattern import NameShare
from backend.panel.outbound.document import Line, Outside, OutsideKind, Tree

SECONDS_A_DAY = 86_400
COLUMNS_SHOWN = 40
NAMES_SHOWN = 8
NODES_FIRST = 60
STEPS_FIRST = 60
SEGMENTS_FIRST = 15

_LEFT_OUT = frozenset(
    {
        "fact_id", "kind", "children", "query_id", "fast_query_id", "slow_query_id", "table_id",
        "group_id", "query_hash", "plan_hash", "plan_hashes", "steps_hash", "steps_hashes",
        "fast_hash", "slow_hash", "prices_as_of", "recorded_node_id",
    }
)  # fmt: skip
"""Ids and digests: they tell a reviewer nothing, and somebody else perhaps something."""

_KINDS: Mapping[str, OutsideKind] = {
    "database_name": OutsideKind.DATABASE,
    "schema_name": OutsideKind.SCHEMA,
    "table_name": OutsideKind.TABLE,
    "table_names": OutsideKind.TABLE,
    "starred_tables": OutsideKind.TABLE,
    "base_tables": OutsideKind.TABLE,
    "tables_missing_statistics": OutsideKind.TABLE,
    "column_name": OutsideKind.COLUMN,
    "partition_keys": OutsideKind.COLUMN,
    "first_sort_key": OutsideKind.SENTENCE,
    "alias": OutsideKind.NAME,
    "expression": OutsideKind.SQL,
    "ddl": OutsideKind.SQL,
    "operator": OutsideKind.SENTENCE,
    "step_name": OutsideKind.SENTENCE,
    "source": OutsideKind.SENTENCE,
    "source_type": OutsideKind.SENTENCE,
    "file_format": OutsideKind.SENTENCE,
    "data_type": OutsideKind.SENTENCE,
    "encoding": OutsideKind.SENTENCE,
    "encoded": OutsideKind.SENTENCE,
    "first_sort_key_encoding": OutsideKind.SENTENCE,
    "distribution_style": OutsideKind.SENTENCE,
    "sentence": OutsideKind.SENTENCE,
    "before": OutsideKind.SENTENCE,
    "after": OutsideKind.SENTENCE,
    "versions": OutsideKind.SENTENCE,
    "detail": OutsideKind.SENTENCE,
}
_KINDS_IN: Mapping[tuple[str, str], OutsideKind] = {
    ("Clause", "text"): OutsideKind.SQL,
    ("Condition", "text"): OutsideKind.PLAN,
    ("Condition", "name"): OutsideKind.SENTENCE,
    ("Column", "name"): OutsideKind.COLUMN,
    ("MaterializedView", "name"): OutsideKind.TABLE,
    ("AdvisorRow", "kind"): OutsideKind.SENTENCE,
}
_SHARES = {
    "users": OutsideKind.USER,
    "databases": OutsideKind.DATABASE,
    "labels": OutsideKind.LABEL,
}


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]


def fact_lines(case: CaseFile) -> Iterator[Line]:
    """In the order of the facts. Those that tell most have the lowest rank."""
    depths = _plan_depths(case)
    used = _used_columns(case)
    ranks = _ranks(case)
    for fact in case.facts():
        tree: dict[str, Tree] = {"fact": fact.fact_id, "kind": fact.kind}
        tree |= _told(fact, case, used)
        if isinstance(fact, PlanNodeFact) and fact.node.node_id in depths:
            tree["depth"] = depths[fact.node.node_id]
        if isinstance(fact, PlanComparisonFact):
            tree["is_same_plan"] = fact.is_same
        yield Line(group=fact.kind, tree=tree, rank=ranks.get(fact.fact_id, 1))


def _told(fact: Fact, case: CaseFile, used: frozenset[str]) -> Mapping[str, Tree]:
    """What a fact wraps (`PlanNodeFact.node`) stands in the line itself."""
    told = _fields_of(fact, case, used)
    wrapped = [name for name, value in told.items() if isinstance(value, Mapping)]
    if len(told) == 1 and wrapped:
        inner = told[wrapped[0]]
        return inner if isinstance(inner, Mapping) else told
    return told


def _fields_of(value: _Dataclass, case: CaseFile, used: frozenset[str]) -> dict[str, Tree]:
    told: dict[str, Tree] = {}
    owner = type(value).__name__
    for each in fields(value):
        content = getattr(value, each.name)
        if (each.name in _LEFT_OUT and (owner, each.name) not in _KINDS_IN) or _is_empty(content):
            continue
        if isinstance(value, Column) and content == each.default:
            continue
        if isinstance(content, datetime):
            days = (case.window_end - content).total_seconds() / SECONDS_A_DAY
            told[f"{each.name}_days_before_end"] = round(days, 2)
        elif isinstance(content, date):
            continue
        elif each.name == "columns" and all(isinstance(one, Column) for one in content):
            told |= _columns(content, case, used)
        else:
            told[each.name] = _tree(content, owner, each.name, case, used)
    return told


def _tree(content: Any, owner: str, name: str, case: CaseFile, used: frozenset[str]) -> Tree:
    if isinstance(content, Enum):
        return str(content.value)
    if isinstance(content, str):
        kind = _KINDS_IN.get((owner, name)) or _KINDS.get(name, OutsideKind.MESSAGE)
        return Outside(content, kind)
    if content is None or isinstance(content, bool | int | float):
        return content
    if isinstance(content, NameShare):
        share = Outside(content.name, _SHARES.get(name, OutsideKind.LABEL))
        return {
            "name": share,
            "runs": content.runs,
            "total_elapsed_seconds": content.total_elapsed_seconds,
        }
    if isinstance(content, tuple | list):
        kept = content[:NAMES_SHOWN] if name in _SHARES else content
        return [_tree(one, owner, name, case, used) for one in kept]
    return _fields_of(content, case, used)


def _columns(columns: Sequence[Column], case: CaseFile, used: frozenset[str]) -> dict[str, Tree]:
    """The columns that the statement uses and the keys first; of wide tables not all."""

    def is_of_interest(column: Column) -> bool:
        is_key = column.is_distribution_key or column.sort_key_position != 0
        return is_key or column.name.lower() in used

    chosen = sorted(columns, key=lambda column: not is_of_interest(column))[:COLUMNS_SHOWN]
    shown = [column for column in columns if column in chosen]
    told: dict[str, Tree] = {"columns": [_fields_of(one, case, used) for one in shown]}
    if len(shown) < len(columns):
        told["columns_left_out"] = len(columns) - len(shown)
    return told


def _is_empty(content: Any) -> bool:
    """Nothing to tell; a 0 or False may be a measured one."""
    return content is None or content in ("", ())


def _used_columns(case: CaseFile) -> frozenset[str]:
    statement: StatementFact | None = case.statement
    if statement is None:
        return frozenset()
    uses = [*statement.filtered_columns, *statement.wrapped_columns]
    uses += [use for clause in statement.clauses for use in clause.columns]
    return frozenset(use.column_name.lower() for use in uses)


def _plan_depths(case: CaseFile) -> dict[int, int]:
    """The facts have the nodes without their tree."""
    depths: dict[int, int] = {}
    pending = [(root, 0) for root in (case.plan.roots if case.plan else ())]
    while pending:
        node, depth = pending.pop()
        depths[node.node_id] = depth
        pending.extend((child, depth + 1) for child in node.children)
    return depths


def _ranks(case: CaseFile) -> dict[str, int]:
    """Of long lists the parts that took the most time come first."""
    ranks = {fact.fact_id: 0 for fact in (case.statistics, case.buckets)}
    ranks |= {fact.fact_id: 1 for fact in case.facts() if isinstance(fact, TableFact)}
    nodes = sorted(case.plan_nodes, key=lambda fact: -fact.node.self_cost)
    steps = sorted(case.steps, key=_weight_of_step)
    segments = sorted(case.segments, key=_weight_of_segment)
    for fact_ids, first in (
        ([fact.fact_id for fact in nodes], NODES_FIRST),
        ([fact.fact_id for fact in steps], STEPS_FIRST),
        ([fact.fact_id for fact in segments], SEGMENTS_FIRST),
    ):
        ranks |= {fact_id: 2 + place // first for place, fact_id in enumerate(fact_ids)}
    return ranks


def _weight_of_step(fact: StepFact) -> tuple[float, int]:
    return -fact.step.segment_seconds, -fact.step.input_rows


def _weight_of_segment(fact: SegmentFact) -> float:
    return -fact.segment.duration_seconds
