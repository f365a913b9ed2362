"""All patterns' uses of all tables, brought together for weighing designs. Seconds are a week's."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from backend.domain.evidence import Table
from backend.domain.table_design import Distribution, distribution_of, key_of_table
from backend.domain.table_use import TableJoin, TableUse
from backend.domain.threshold import DEFAULT_LIMITS, Limits, Threshold
from backend.table_design.model import (
    MEASURED_FROM_ROWS,
    MERGE_FRACTION,
    MOVING_FRACTION,
    NODES_ASSUMED,
    STATED_SECONDS_A_ROW,
    USES_OLD_AFTER_DAYS,
)
from backend.table_design.movement import JoinTree, Meeting, Place


@dataclass(slots=True, kw_only=True, eq=False)
class WeighedJoin:
    """A join of one pattern: `saved_at_most` is what it may save where it moves nothing any more,
    `lost_a_row` what each further row sent in a run costs, `unmerged` what it costs beside that
    where a merge join becomes a hash join."""

    meeting: Meeting
    saved_at_most: float
    lost_a_row: float
    unmerged: float

    @property
    def join(self) -> TableJoin:
        return self.meeting.join

    def seconds(self, rows_sent: int) -> float:
        """Against the present; more than 0 is saved."""
        before = self.meeting.rows_sent
        if rows_sent < before:
            return self.saved_at_most * (1 - rows_sent / before)
        lost = (rows_sent - before) * self.lost_a_row
        return -(lost if before else lost + self.unmerged)


@dataclass(frozen=True, kw_only=True, eq=False)
class PatternJoins:
    """The joins of one pattern that designs may change; those not understood count for nothing."""

    query_hash: str
    analysis_timestamp: datetime
    tree: JoinTree
    joins: tuple[WeighedJoin, ...]
    dollars_a_second: float | None

    @property
    def table_names(self) -> tuple[str, ...]:
        return self.tree.table_names

    @cached_property
    def position_of(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.table_names)}

    def seconds(self, places: Sequence[Place]) -> float:
        """What other places of its tables save it, against the present ones."""
        total = 0.0
        for weighed, rows_sent in zip(self.joins, self.tree.rows_sent(places), strict=True):
            meeting = weighed.meeting
            if rows_sent != meeting.rows_sent and meeting.is_understood:
                total += weighed.seconds(rows_sent)
        return total


@dataclass(frozen=True, kw_only=True, eq=False)
class Workload:
    """`tables` are those with a known design; `uses_of` is by the table's key."""

    tables: Mapping[str, Table]
    uses_of: Mapping[str, tuple[TableUse, ...]]
    patterns: Mapping[str, PatternJoins]
    seconds_a_row: float
    is_rate_measured: bool
    nodes: int
    are_nodes_known: bool
    limits: Limits = DEFAULT_LIMITS
    old_uses: int = 0

    @cached_property
    def present(self) -> dict[str, Distribution]:
        """The designs in force, of the tables whose style is known."""
        known = ((key, distribution_of(table)) for key, table in self.tables.items())
        return {key: distribution for key, distribution in known if distribution}

    @cached_property
    def patterns_of(self) -> dict[str, tuple[PatternJoins, ...]]:
        """Patterns whose joins the design of a table touches."""
        found: dict[str, list[PatternJoins]] = defaultdict(list)
        for pattern in self.patterns.values():
            for name in pattern.table_names:
                found[name].append(pattern)
        return {name: tuple(patterns) for name, patterns in found.items()}

    def limit(self, threshold: Threshold) -> float:
        return self.limits.of(threshold)

    def seconds_on(self, key: str) -> float:
        return sum(use.seconds_a_week for use in self.uses_of.get(key, ()))


def make_workload(
    uses: Iterable[TableUse],
    tables: Iterable[Table],
    limits: Limits = DEFAULT_LIMITS,
    nodes: int | None = None,
) -> Workload:
    """`nodes` of the cluster, None where they are not known."""
    known = {key_of_table(table): table for table in tables}
    kept, old = _without_old(list(uses))
    uses_of: dict[str, list[TableUse]] = defaultdict(list)
    of_pattern: dict[str, list[TableUse]] = defaultdict(list)
    for use in kept:
        uses_of[use.table_name].append(use)
        of_pattern[use.query_hash].append(use)
    present = {key: found for key, table in known.items() if (found := distribution_of(table))}
    trees = {
        query_hash: JoinTree(list(joins.values()), present, nodes or NODES_ASSUMED)
        for query_hash, own in sorted(of_pattern.items())
        if (joins := {join.join_id: join for use in own for join in use.joins})
    }
    rate = _measured_rate((of_pattern[query_hash][0], tree) for query_hash, tree in trees.items())
    seconds_a_row = rate or STATED_SECONDS_A_ROW
    return Workload(
        tables=known,
        uses_of={key: _heaviest_first(own) for key, own in sorted(uses_of.items())},
        patterns={
            query_hash: _pattern_joins(of_pattern[query_hash][0], tree, seconds_a_row)
            for query_hash, tree in trees.items()
        },
        seconds_a_row=seconds_a_row,
        is_rate_measured=rate is not None,
        nodes=nodes or NODES_ASSUMED,
        are_nodes_known=bool(nodes),
        limits=limits,
        old_uses=old,
    )


def _without_old(uses: list[TableUse]) -> tuple[list[TableUse], int]:
    newest = max((use.window_end for use in uses), default=None)
    if newest is None:
        return [], 0
    kept = [u for u in uses if u.window_end >= newest - timedelta(days=USES_OLD_AFTER_DAYS)]
    return kept, len(uses) - len(kept)


def _heaviest_first(uses: list[TableUse]) -> tuple[TableUse, ...]:
    return tuple(sorted(uses, key=lambda use: (-use.seconds_a_week, use.query_hash)))


def _pattern_joins(use: TableUse, tree: JoinTree, seconds_a_row: float) -> PatternJoins:
    """`use` is any of the pattern's: they agree about its runs."""
    weeks = use.weeks
    weighed = []
    for meeting in tree.meetings:
        own_rate = _own_rate(use, meeting)
        weighed.append(
            WeighedJoin(
                meeting=meeting,
                saved_at_most=meeting.join.moving_seconds * MOVING_FRACTION / weeks,
                lost_a_row=(own_rate or seconds_a_row) * use.like_runs / weeks,
                unmerged=meeting.join.join_seconds * MERGE_FRACTION / weeks
                if meeting.join.is_merge
                else 0.0,
            )
        )
    return PatternJoins(
        query_hash=use.query_hash,
        analysis_timestamp=use.analysis_timestamp,
        tree=tree,
        joins=tuple(weighed),
        dollars_a_second=use.dollars_a_second,
    )


def _own_rate(use: TableUse, meeting: Meeting) -> float | None:
    """Seconds for each row sent, as this join's own moves took; None where they tell too little."""
    rows = meeting.rows_sent
    is_told = meeting.join.is_measured and meeting.is_understood and use.like_runs > 0
    if not is_told or rows < MEASURED_FROM_ROWS:
        return None
    return meeting.join.moving_seconds * MOVING_FRACTION / (rows * use.like_runs)


def _measured_rate(trees: Iterable[tuple[TableUse, JoinTree]]) -> float | None:
    """Over all moves that were measured; None without any."""
    seconds = rows = 0.0
    for use, tree in trees:
        for meeting in tree.meetings:
            if _own_rate(use, meeting) is not None:
                seconds += meeting.join.moving_seconds * MOVING_FRACTION / use.weeks
                rows += meeting.rows_sent * use.like_runs / use.weeks
    return seconds / rows if rows > 0 else None
