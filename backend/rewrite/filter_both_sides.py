"""A condition on one side of a join is written for the other side too.

From `a = b AND a > v` follows `b > v`. Redshift skips blocks of a table only by conditions on
that table's own columns.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from backend.domain.case_file import PlanNodeFact
from backend.domain.rewrite import Precondition
from backend.rewrite.column_types import has_exact_order, is_same_type
from backend.rewrite.conditions import COMPARISONS, is_constant, joined_by_and, parts
from backend.rewrite.rule import Edit, Reading, Refusal, RewriteRule
from backend.rewrite.sources import Origin, Owner, Sources, qualified
from backend.sql.values import are_values


@dataclass(frozen=True, kw_only=True, eq=False)
class _Side:
    """A column of a base table that stands in this FROM clause."""

    column: exp.Column
    owner: Owner
    origin: Origin

    @property
    def key(self) -> tuple[str, str]:
        return self.owner.source.alias, self.owner.name


@dataclass(frozen=True, kw_only=True, eq=False)
class _Demand:
    """A condition that rows have to meet, and the join that it belongs to; None for WHERE and
    the ON of inner joins, which every row has to meet."""

    condition: exp.Expr
    join: exp.Join | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class _Pair:
    """`known` has a condition, `missing` has none; `link` says that they are equal.

    `link` may stand in the ON of a LEFT JOIN: then only the joined side may be restricted.
    """

    select: exp.Select
    link: _Demand
    known: _Side
    missing: _Side


def find(reading: Reading) -> Iterator[Edit | Refusal]:
    for select in reading.selects():
        sources = reading.reader.sources(select)
        if sources is None or len(sources.by_alias) < 2 or _keeps_left_over_rows(sources):
            continue
        demands = list(_demands(select))
        filters = _filters(reading, select, demands)
        for link in demands:
            for pair in _pairs(reading, select, link):
                yield from _judge(reading, pair, filters)


def _keeps_left_over_rows(sources: Sources) -> bool:
    """RIGHT and FULL JOIN: no condition before them holds for every row."""
    sides = (each.join.side for each in sources.by_alias.values() if each.join is not None)
    return any(side in ("RIGHT", "FULL") for side in sides)


def _demands(select: exp.Select) -> Iterator[_Demand]:
    where = select.args.get("where")
    for condition in parts(where.this, exp.And) if where is not None else ():
        yield _Demand(condition=condition)
    for join in select.args.get("joins") or []:
        on = join.args.get("on")
        for condition in parts(on, exp.And) if on is not None else ():
            yield _Demand(condition=condition, join=join if join.side == "LEFT" else None)


def _pairs(reading: Reading, select: exp.Select, link: _Demand) -> Iterator[_Pair]:
    if not isinstance(link.condition, exp.EQ):
        return
    left = _side(reading, select, link.condition.this)
    right = _side(reading, select, link.condition.expression)
    if left is None or right is None or left.owner.source is right.owner.source:
        return
    for known, missing in ((left, right), (right, left)):
        if link.join is None or link.join.this is missing.owner.source.node:
            yield _Pair(select=select, link=link, known=known, missing=missing)


def _filters(
    reading: Reading, select: exp.Select, demands: Sequence[_Demand]
) -> dict[tuple[str, str], list[_Demand]]:
    """By column those that compare it bare with constants, so that NULL never meets them."""
    found: dict[tuple[str, str], list[_Demand]] = {}
    for demand in demands:
        column = _filtered(demand.condition)
        owner = reading.reader.owner(column) if column is not None else None
        if owner is not None and owner.of is select:
            found.setdefault((owner.source.alias, owner.name), []).append(demand)
    return found


def _judge(
    reading: Reading, pair: _Pair, demands: Mapping[tuple[str, str], Sequence[_Demand]]
) -> Iterator[Edit | Refusal]:
    known, missing = pair.known, pair.missing
    of_known = demands.get(known.key, ())
    filters = [each.condition for each in of_known if each.join in (None, pair.link.join)]
    if not filters or missing.key in demands:
        return
    node = _restricting_node(reading, missing.origin)
    why = _why_not(known.origin, missing.origin)
    if node is not None:
        yield Refusal(
            sentence=f"The condition on {known.origin.full_name} need not be repeated for "
            f"{missing.origin.full_name}: the plan shows that Redshift filters its scan by it.",
            subject=missing.origin.full_name,
            fact_ids=(*reading.statement_ids, node.fact_id),
        )
    elif why:
        subject = missing.origin.full_name
        sentence = f"The condition on {known.origin.full_name} could not be repeated for {subject}"
        yield reading.refusal(f"{sentence}: {why}.", subject, known.origin, missing.origin)
    else:
        yield _edit(reading, pair, filters)


def _restricting_node(reading: Reading, missing: Origin) -> PlanNodeFact | None:
    """The scan of the table in the recorded plan, if its filter names the column."""
    name = re.compile(rf"\b{re.escape(missing.column.name)}\b", re.IGNORECASE)
    for fact in reading.case.plan_nodes:
        is_scan = fact.node.table_name and reading.case.table(fact.node.table_name) is missing.fact
        if is_scan and name.search(fact.node.condition("Filter") or ""):
            return fact
    return None


def _why_not(known: Origin, missing: Origin) -> str:
    """Empty where equal values of the two compare alike with any third."""
    one, other = known.column.data_type, missing.column.data_type
    if known.is_same_column(missing) or (is_same_type(one, other) and has_exact_order(one)):
        return ""
    if not is_same_type(one, other):
        return f"the types differ ({one or 'unknown'} and {other or 'unknown'})"
    return f"equal values of {one or 'an unknown type'} need not compare alike"


def _side(reading: Reading, select: exp.Select, side: exp.Expr) -> _Side | None:
    column = side.unnest()
    if not isinstance(column, exp.Column):
        return None
    owner, origin = reading.reader.owner(column), reading.reader.origin(column)
    if owner is None or origin is None or owner.of is not select or owner.source.fact is None:
        return None
    return _Side(column=qualified(column, owner), owner=owner, origin=origin)


def _filtered(condition: exp.Expr) -> exp.Column | None:
    if isinstance(condition, exp.Between):
        is_plain = is_constant(condition.args["low"]) and is_constant(condition.args["high"])
        side = condition.this if is_plain and not condition.args.get("symmetric") else None
    elif isinstance(condition, exp.In):
        is_plain = are_values(condition.expressions) and not condition.args.get("query")
        side = condition.this if is_plain else None
    elif isinstance(condition, COMPARISONS):
        left, right = condition.this, condition.expression
        side = left if is_constant(right) else right if is_constant(left) else None
    else:
        side = None
    column = side.unnest() if side is not None else None
    return column if isinstance(column, exp.Column) else None


def _edit(reading: Reading, pair: _Pair, filters: Sequence[exp.Expr]) -> Edit:
    repeated = [_repeated(condition, pair.missing.column) for condition in filters]
    old, new = _restricted(pair, repeated)
    return Edit(
        subject=pair.missing.origin.full_name,
        replaced=((old, new),),
        clauses=((joined_by_and(filters), joined_by_and([*filters, *repeated])),),
        preconditions=_preconditions(reading, pair),
    )


def _restricted(pair: _Pair, repeated: Sequence[exp.Expr]) -> tuple[exp.Expr, exp.Expr]:
    """What is replaced and by what: the ON of the LEFT JOIN, or WHERE, or a query without one."""
    if pair.link.join is not None:
        on: exp.Expr = pair.link.join.args["on"]
        return on, joined_by_and([*parts(on, exp.And), *repeated])
    where = pair.select.args.get("where")
    if where is not None:
        return where, exp.Where(this=joined_by_and([*parts(where.this, exp.And), *repeated]))
    whole = pair.select.copy()
    whole.set("where", exp.Where(this=joined_by_and(repeated)))
    return pair.select, whole


def _repeated(condition: exp.Expr, column: exp.Column) -> exp.Expr:
    """The condition with the other column in the place of its own."""
    own = _filtered(condition)
    if own is None:
        raise ValueError("the condition compares no bare column")
    marked = condition.copy()
    for node in list(marked.find_all(exp.Column)):
        node.replace(column.copy())
    return marked


def _preconditions(reading: Reading, pair: _Pair) -> tuple[Precondition, ...]:
    known, missing = pair.known.origin, pair.missing.origin
    equal = f"{known.full_name} = {missing.full_name}"
    where = (
        f"{equal} is a condition of the LEFT JOIN, and {missing.full_name} belongs to the side "
        "that it may leave empty"
        if pair.link.join is not None
        else f"Every row has to meet {equal}"
    )
    return (
        reading.by_statement(where, "read in WHERE and ON; there is no RIGHT or FULL JOIN"),
        reading.by_column(
            f"{known.full_name} is of type {known.column.data_type}", known, "data_type"
        ),
        reading.by_column(f"{missing.full_name} is of the same type", missing, "data_type"),
    )


RULE = RewriteRule(
    name="filter_both_sides",
    check="missing_redundant_predicate",
    title="Restrict {subject} as well",
    find=find,
    remark="The Redshift guide says that a filter on a column of the join condition need not be "
    "repeated. Look first whether the plan already filters the scan of this table by it.",
)
