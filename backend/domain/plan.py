"""A Redshift query plan as a typed tree."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Movement(StrEnum):
    """How a join moves rows between nodes (Redshift guide: evaluating the query plan)."""

    DS_DIST_NONE = "DS_DIST_NONE"
    DS_DIST_ALL_NONE = "DS_DIST_ALL_NONE"
    DS_DIST_INNER = "DS_DIST_INNER"
    DS_DIST_OUTER = "DS_DIST_OUTER"
    DS_DIST_ALL_INNER = "DS_DIST_ALL_INNER"
    DS_DIST_BOTH = "DS_DIST_BOTH"
    DS_BCAST_INNER = "DS_BCAST_INNER"


TEMPORARY_TABLES = ("volt_tt_", "merge_tt_")
"""How the names of tables begin that Redshift makes for a statement: what several of its parts
read, and what a MERGE brings together."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """An attribute line below an operator: `Hash Cond`, `Filter`, `Sort Key` …, scrubbed."""

    name: str
    text: str


@dataclass(frozen=True, kw_only=True)
class PlanNode:
    """One operator. Costs are the planner's relative units, the 1e12 sort constant taken off.

    `operator` is the words before `on table`, without the movement (`XN Hash Join`);
    `self_cost` is `total_cost` less the children's, never negative. `node_id` is unique over the
    plan; `child_query_sequence` and `recorded_node_id` are what SYS_QUERY_EXPLAIN calls the node
    and SYS_QUERY_DETAIL its steps, None where the plan came without ids or they contradict.
    """

    node_id: int
    operator: str
    table_name: str | None = None
    alias: str | None = None
    movement: Movement | None = None
    startup_cost: float = 0.0
    total_cost: float = 0.0
    self_cost: float = 0.0
    rows: int = 0
    width_bytes: int = 0
    conditions: tuple[Condition, ...] = ()
    children: tuple["PlanNode", ...] = ()
    child_query_sequence: int | None = None
    recorded_node_id: int | None = None

    def walk(self) -> Iterator["PlanNode"]:
        """This node and all below it, as the plan prints them."""
        pending = [self]
        while pending:
            node = pending.pop()
            yield node
            pending.extend(reversed(node.children))

    def condition(self, name: str) -> str | None:
        return next((c.text for c in self.conditions if c.name == name), None)

    @property
    def is_join(self) -> bool:
        return "Join" in self.operator or "Nested Loop" in self.operator

    @property
    def reads_lake(self) -> bool:
        """Whether it is a scan of files on S3: by Spectrum, or by nodes that read them themselves
        (the file format then stands in the plan all the same)."""
        return self.operator.startswith("S3 ") or self.condition("Format") is not None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The roots (one each child query) and the notices that the planner added."""

    roots: tuple[PlanNode, ...]
    notices: tuple[str, ...] = ()
    tables_missing_statistics: tuple[str, ...] = ()

    def walk(self) -> Iterator[PlanNode]:
        for root in self.roots:
            yield from root.walk()
