"""A large join whose rows lie together already.

Good: Both tables are distributed by the join column (DS_DIST_NONE), or one of them has a copy on
every node (DS_DIST_ALL_NONE), so no row crosses the network. Where both are sorted by it, too,
Redshift merges them without hashing.

Keep: The DISTKEY of either table, or DISTSTYLE ALL of the copied one: with another, millions of rows
would move in every run.
"""

from collections.abc import Iterable, Iterator, Sequence

from backend.checks.check import (
    LARGE_MOVE_ESTIMATED_ROWS,
    MOST_CITED,
    Said,
    base_tables,
    bucket_seconds,
    cost_share,
    full_name,
    plan_nodes,
    segment_share,
    steps_named,
    weigh,
    working_for,
)
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile
from backend.domain.finding import GoodNews
from backend.domain.in_words import counted, listed, rows_in_words
from backend.domain.plan import Movement, PlanNode
from backend.domain.time_buckets import Bucket

CHECK = "collocated_join"

RULES = (
    Rule(
        name="a large join of tables that share their DISTKEY (DS_DIST_NONE), or a merge join",
        inputs=("SYS_QUERY_EXPLAIN.plan_node", "SYS_QUERY_DETAIL.duration"),
        thresholds=(LARGE_MOVE_ESTIMATED_ROWS,),
        peers=("peers' union: co-located join", "AWS guide: merge join is typically the fastest"),
    ),
    Rule(
        name="a large join with a table that every node has a copy of (DS_DIST_ALL_NONE)",
        inputs=("SYS_QUERY_EXPLAIN.plan_node", "SYS_QUERY_DETAIL.duration"),
        thresholds=(LARGE_MOVE_ESTIMATED_ROWS,),
        peers=("peers' union: co-located join",),
    ),
)

Join = tuple[PlanNode, str]

MOST_TOLD = 3
"""Of the joins on a DISTKEY the largest few are told."""

_JOIN_STEPS = ("hashjoin", "hjoin", "merge", "mergejoin", "mjoin")


def collocated_join(case: CaseFile) -> Iterator[Said]:
    worth_rows = case.limit(LARGE_MOVE_ESTIMATED_ROWS)
    joins = [join for join in plan_nodes(case) if join[0].is_join and len(join[0].children) > 1]
    by_key = (
        join
        for join in joins
        if join[0].movement is Movement.DS_DIST_NONE and _smaller(join[0]) >= worth_rows
    )
    for join in _largest(case, by_key):
        if _takes_time(case, [join]):
            yield _by_key(case, join)
    copied = [
        (node, fact_id)
        for node, fact_id in joins
        if node.movement is Movement.DS_DIST_ALL_NONE and node.children[0].rows >= worth_rows
    ]
    if copied and _takes_time(case, copied):
        yield _by_copies(case, copied)


def _smaller(node: PlanNode) -> int:
    return min(child.rows for child in node.children[:2])


def _largest(case: CaseFile, joins: Iterable[Join]) -> list[Join]:
    """One of each pair of tables: a statement of many parts joins the same two again and again."""
    first: dict[tuple[str, ...], Join] = {}
    for join in sorted(joins, key=lambda join: (-_smaller(join[0]), join[0].node_id)):
        first.setdefault(tuple(sorted(_table_names(case, join[0]))), join)
    return list(first.values())[:MOST_TOLD]


def _by_key(case: CaseFile, join: Join) -> GoodNews:
    node, fact_id = join
    outer, inner = node.children[0].rows, node.children[1].rows
    names = _table_names(case, node)
    how = "are merged with" if "Merge" in node.operator else "are joined with"
    return GoodNews(
        check=CHECK,
        sentence=f"{_together(names)} lie together (DS_DIST_NONE): by the plan's estimate"
        f" {rows_in_words(outer)} {how} {rows_in_words(inner)}, and none moves.",
        fact_ids=(fact_id, *_table_ids(case, names)),
        subject=" and ".join(dict.fromkeys(names)),
        spared_seconds=_spared(case, [join]),
    )


def _together(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"Matching rows of {names[0]} and of what it is joined with"
    return f"Matching rows{f' of {listed(list(dict.fromkeys(names)))}' if names else ''}"


def _by_copies(case: CaseFile, joins: Sequence[Join]) -> GoodNews:
    inner = [name for node, _ in joins for name in sorted(base_tables(node.children[1]))]
    names = list(dict.fromkeys(full_name(case, name) for name in inner))
    rows = rows_in_words(max(node.children[0].rows for node, _ in joins))
    copies = f"A copy of {names[0]} lies" if len(names) == 1 else f"Copies of {listed(names)} lie"
    return GoodNews(
        check=CHECK,
        sentence=f"{copies} on every node (DS_DIST_ALL_NONE), so {counted(len(joins), 'join')} of"
        f" up to {rows} by the plan's estimate {'moves' if len(joins) == 1 else 'move'} none.",
        fact_ids=(
            *(fact_id for _, fact_id in joins[:MOST_CITED]),
            *_table_ids(case, names)[:MOST_CITED],
        ),
        subject=names[0] if len(names) == 1 else "",
        spared_seconds=_spared(case, joins),
    )


def _table_names(case: CaseFile, node: PlanNode) -> list[str]:
    """Of the sides that are one table; of a side that is a join itself the key may be of any."""
    sides = [base_tables(child) for child in node.children[:2]]
    return [full_name(case, next(iter(side))) for side in sides if len(side) == 1]


def _table_ids(case: CaseFile, names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(fact.fact_id for fact in map(case.table, names) if fact))


def _takes_time(case: CaseFile, joins: Sequence[Join]) -> bool:
    return weigh(case, Bucket.EXECUTION, _share(case, joins)) is not None


def _spared(case: CaseFile, joins: Sequence[Join]) -> float:
    """What was not moved was not measured: a move is taken to cost what the join itself does."""
    return bucket_seconds(case, Bucket.EXECUTION) * _share(case, joins)


def _share(case: CaseFile, joins: Sequence[Join]) -> float:
    if not case.steps:
        return cost_share(case, [node for node, _ in joins])
    every = [(node, fact_id) for node, fact_id in plan_nodes(case) if node.is_join]
    wanted = {node.node_id for node, _ in joins}
    return segment_share(case, working_for(case, steps_named(case, *_JOIN_STEPS), every, wanted))
