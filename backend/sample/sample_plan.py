"""A whole plan: its operators as rows of SYS_QUERY_EXPLAIN, and its notices."""

from dataclasses import dataclass

from backend.sample.plan_builder import Operator


@dataclass(frozen=True, kw_only=True)
class PlanLine:
    """A row of SYS_QUERY_EXPLAIN, less the query it belongs to."""

    node_id: int
    parent_id: int
    text: str
    condition: str


@dataclass(frozen=True, kw_only=True)
class SamplePlan:
    root: Operator
    tables_missing_statistics: tuple[str, ...] = ()

    def node_ids(self) -> dict[int, int]:
        """By `id` of the operator: its plan_node_id, counted from 1 as the plan prints them."""
        return {id(node): position for position, node in enumerate(self.root.walk(), start=1)}

    def lines(self) -> list[PlanLine]:
        lines: list[PlanLine] = []
        _print(self.root, 0, 0, lines)
        for notice in self._notices():
            lines.append(
                PlanLine(
                    node_id=len(lines) + 1, parent_id=0, text=f"----- {notice} -----", condition=""
                )
            )
        return lines

    def _notices(self) -> list[str]:
        notices = []
        if self.tables_missing_statistics:
            notices.append(
                f"Tables missing statistics: {', '.join(self.tables_missing_statistics)}"
            )
            notices.append("Update statistics by running the ANALYZE command on these tables")
        if any(node.step_name == "nestloop" for node in self.root.walk()):
            notices.append(
                "Nested Loop Join in the query plan - "
                "review the join predicates to avoid Cartesian products"
            )
        return notices


def _print(node: Operator, depth: int, parent_id: int, lines: list[PlanLine]) -> None:
    node_id = len(lines) + 1
    indent = " " * (6 * depth - 4) + "->  " if depth else ""
    cost = f"(cost={node.startup:.2f}..{node.total:.2f} rows={node.rows} width={node.width})"
    lines.append(
        PlanLine(
            node_id=node_id,
            parent_id=parent_id,
            text=f"{indent}{node.words}  {cost}",
            condition=node.condition,
        )
    )
    for child in node.children:
        _print(child, depth + 1, node_id, lines)
