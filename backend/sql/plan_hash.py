"""Whether two runs of a statement worked by the same plan.

Of a plan the operators, their order, what moves between nodes, the tables, and the columns and
operators of conditions count. Costs, estimates, values, the names of temporary tables and notices
do not: they change from run to run while the work stays the same.
"""

import hashlib
from collections.abc import Iterator

from backend.domain.plan import Plan, PlanNode
from backend.sql.plan_predicate import predicate_shape, stable_name

# Goes up whenever the same plan may get another hash.
PLAN_HASH_VERSION = "p1"


def plan_hash(plan: Plan) -> str:
    """Such as `p1-3f9c…`; the child queries count in their order.

    A condition that the view cut at 400 characters counts as far as it goes: where it stops
    depends on the length of the values before, so two hashes of such plans may differ although
    `plan_differences` names nothing.
    """
    digest = hashlib.blake2b(digest_size=12)
    for root in plan.roots:
        for node in root.walk():
            digest.update("\x1f".join(_wording(node)).encode("utf-8", "surrogatepass") + b"\x1e")
        digest.update(b"\x1d")
    return f"{PLAN_HASH_VERSION}-{digest.hexdigest()}"


def _wording(node: PlanNode) -> Iterator[str]:
    """In the order of print the number of children tells the shape of the tree."""
    yield str(len(node.children))
    yield " ".join(node.operator.split())
    yield node.movement or ""
    yield stable_name(node.table_name or "")
    yield from sorted(f"{line.name}:{predicate_shape(line.text).text}" for line in node.conditions)
