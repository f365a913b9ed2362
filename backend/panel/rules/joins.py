"""Which columns of which tables a join of the plan brings together."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend.domain.case_file import CaseFile, PlanNodeFact, TableFact
from backend.domain.finding import Finding
from backend.domain.plan import PlanNode
from backend.sql.join_condition import equalities

_CONDITIONS = ("Hash Cond", "Merge Cond", "Join Filter")


@dataclass(frozen=True, kw_only=True)
class JoinSide:
    """One end of an equality; `table` is None where the plan does not lead to a known table."""

    column_name: str
    table: TableFact | None
    table_names: tuple[str, ...]
    rows: int

    @property
    def is_distributed_by_it(self) -> bool:
        return self.table is not None and distribution_key(self.table) == self.column_name.lower()

    @property
    def label(self) -> str:
        if self.table:
            return f"{self.table.table.full_name}.{self.column_name}"
        return self.column_name


@dataclass(frozen=True, kw_only=True)
class JoinPair:
    outer: JoinSide
    inner: JoinSide


@dataclass(frozen=True, kw_only=True)
class Join:
    """A join of the plan; the inner side is the one that is hashed."""

    fact: PlanNodeFact
    pairs: tuple[JoinPair, ...]
    outer_tables: tuple[str, ...]
    inner_tables: tuple[str, ...]


def join_of(case: CaseFile, finding: Finding) -> Join | None:
    """The join that the finding cites, the largest by rows if it cites several."""
    cited = [
        fact for fact in case.plan_nodes if fact.fact_id in finding.fact_ids and fact.node.is_join
    ]
    if not cited:
        return None
    fact = max(cited, key=lambda each: max(each.node.rows, each.node.self_cost))
    node = _in_tree(case, fact)
    if node is None or len(node.children) < 2:
        return Join(fact=fact, pairs=(), outer_tables=(), inner_tables=())
    outer, inner = node.children[0], node.children[1]
    return Join(
        fact=fact,
        pairs=tuple(_pairs(case, node)),
        outer_tables=_scanned(outer),
        inner_tables=_scanned(inner),
    )


def distribution_key(fact: TableFact) -> str | None:
    """The column in KEY(column) or AUTO(KEY(column)), in lower case."""
    match = re.search(r"KEY\((.+?)\)", fact.table.distribution_style, re.IGNORECASE)
    return match.group(1).strip('"').lower() if match else None


def _in_tree(case: CaseFile, fact: PlanNodeFact) -> PlanNode | None:
    if case.plan is None:
        return None
    wanted = fact.node
    return next(
        (
            node
            for node in case.plan.walk()
            if node.node_id == wanted.node_id
            and (node.operator, node.rows, node.total_cost)
            == (wanted.operator, wanted.rows, wanted.total_cost)
        ),
        None,
    )


def _pairs(case: CaseFile, node: PlanNode) -> Iterator[JoinPair]:
    text = next((text for name in _CONDITIONS if (text := node.condition(name))), "")
    for outer, inner in equalities(text):
        yield JoinPair(
            outer=_side(case, node.children[0], outer), inner=_side(case, node.children[1], inner)
        )


def _side(case: CaseFile, below: PlanNode, column_name: str) -> JoinSide:
    names = _scanned(below)
    owners = {
        fact.table.full_name: fact
        for name in names
        if (fact := case.table(name)) and has_column(fact, column_name)
    }
    return JoinSide(
        column_name=column_name,
        table=next(iter(owners.values())) if len(owners) == 1 else None,
        table_names=names,
        rows=below.rows,
    )


def has_column(fact: TableFact, column_name: str) -> bool:
    return any(column.name.lower() == column_name.lower() for column in fact.table.columns)


def _scanned(below: PlanNode) -> tuple[str, ...]:
    return tuple(dict.fromkeys(node.table_name for node in below.walk() if node.table_name))
