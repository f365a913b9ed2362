"""The join of the plan that a finding is about."""

from dataclasses import dataclass

from backend.domain.case_file import CaseFile, PlanNodeFact
from backend.domain.finding import Finding
from backend.domain.plan import PlanNode
from backend.sql.plan_joins import JoinPair, join_pairs, scanned


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
        pairs=tuple(join_pairs(case, node)),
        outer_tables=scanned(outer),
        inner_tables=scanned(inner),
    )


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
