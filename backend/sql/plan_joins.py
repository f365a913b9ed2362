"""Which columns of which tables a join of the plan brings together."""

from collections.abc import Iterator
from dataclasses import dataclass

from backend.domain.case_file import CaseFile, TableFact
from backend.domain.plan import PlanNode
from backend.domain.table_design import distribution_of
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


def join_pairs(case: CaseFile, join: PlanNode) -> Iterator[JoinPair]:
    """What the join sets equal; it has an outer and an inner child."""
    text = next((text for name in _CONDITIONS if (text := join.condition(name))), "")
    for outer, inner in equalities(text):
        yield JoinPair(
            outer=_side(case, join.children[0], outer), inner=_side(case, join.children[1], inner)
        )


def distribution_key(fact: TableFact) -> str | None:
    """The column in KEY(column) or AUTO(KEY(column)), in lower case."""
    distribution = distribution_of(fact.table)
    return distribution.column or None if distribution else None


def has_column(fact: TableFact, column_name: str) -> bool:
    return any(column.name.lower() == column_name.lower() for column in fact.table.columns)


def owners(case: CaseFile, below: PlanNode, column_name: str) -> list[TableFact]:
    """The known tables scanned below that have the column, each once."""
    having = {
        fact.table.full_name: fact
        for name in scanned(below)
        if (fact := case.table(name)) and has_column(fact, column_name)
    }
    return list(having.values())


def scanned(below: PlanNode) -> tuple[str, ...]:
    """Names of the tables that are scanned at or below a node, as the plan writes them."""
    return tuple(dict.fromkeys(node.table_name for node in below.walk() if node.table_name))


def _side(case: CaseFile, below: PlanNode, column_name: str) -> JoinSide:
    having = owners(case, below, column_name)
    return JoinSide(
        column_name=column_name,
        table=having[0] if len(having) == 1 else None,
        table_names=scanned(below),
        rows=below.rows,
    )
