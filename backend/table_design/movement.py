"""What a plan's joins would have to move if tables lay otherwise, the order of joins unchanged.

Two sides meet without moving where both lie by a pair of columns that the join sets equal, or one
lies on every node (Redshift guide, c_data_redistribution). Otherwise the planner is taken to do
what the recorded plan did, as long as it can and no side has come to lie by the join's columns;
else what sends the fewest rows.

Where rows lie is a number whose bits are the pattern's columns by the value of which they are
placed: none for rows that are scattered, all for rows that are on every node. Thousands of designs
are weighed, so this is plain arithmetic.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.domain.plan import Movement
from backend.domain.table_design import Distribution, DistributionStyle
from backend.domain.table_use import Arrival, JoinEnd, JoinKind, TableColumn, TableJoin

Place = int
Move = tuple[int, Place]
"""Rows sent for a join, and where its result lies."""

SCATTERED: Place = 0
EVERYWHERE: Place = -1

_KEEPS_OUTER = frozenset({JoinKind.LEFT, JoinKind.FULL})
_KEEPS_INNER = frozenset({JoinKind.RIGHT, JoinKind.FULL})


@dataclass(slots=True, kw_only=True, eq=False)
class Meeting:
    """A join in the form that is weighed: `outer_at` and `inner_at` tell where in the list of
    places a side's stands, `pairs` are the bits of the columns that it sets equal. Of an outer
    join the side whose rows are all kept can neither be broadcast nor lie on every node.

    `outer_lay` and `inner_lay` say which side lies by the join's columns at present.
    """

    join: TableJoin
    outer_at: int
    inner_at: int
    pairs: tuple[tuple[int, int], ...]
    outer_rows: int
    inner_rows: int
    nodes: int
    can_broadcast: bool
    can_read_copies_inside: bool
    can_read_copies_outside: bool
    outer_lay: bool = True
    inner_lay: bool = True
    rows_sent: int = 0
    is_understood: bool = True


class JoinTree:
    """The joins of one pattern, those below before those above, weighed against the present.

    A join is not understood where the present designs contradict the recorded plan: the plan may
    be older than the design, or hold what its text does not tell.
    """

    def __init__(
        self, joins: Sequence[TableJoin], present: Mapping[str, Distribution], nodes: int
    ) -> None:
        ordered = _bottom_up(joins)
        self._nodes = nodes
        self._place_of: dict[tuple[str, Distribution | None], Place] = {}
        ends = [end for join in ordered for end in (join.outer, join.inner)]
        self.table_names = tuple(
            sorted({end.table_names[0] for end in ends if end.arrival is Arrival.SCAN})
        )
        self._bits = _Bits()
        self._fixed: list[Place] = [SCATTERED, EVERYWHERE]
        self._first_result = 0
        self.meetings = self._meetings(ordered)
        self._compare_with_recorded(self.places(present))

    def places(self, designs: Mapping[str, Distribution]) -> list[Place]:
        """Of the tables, in the order of `table_names`."""
        return [self.place(name, designs.get(name)) for name in self.table_names]

    def place(self, table_name: str, distribution: Distribution | None) -> Place:
        known = self._place_of.get((table_name, distribution))
        if known is None:
            known = self._place_of[table_name, distribution] = self._place(table_name, distribution)
        return known

    def _place(self, table_name: str, distribution: Distribution | None) -> Place:
        if distribution is None or distribution.style is DistributionStyle.EVEN:
            return SCATTERED
        if distribution.style is DistributionStyle.ALL:
            return EVERYWHERE
        own = TableColumn(table_name=table_name, column_name=distribution.column)
        return self._bits.known(own)

    def rows_sent(self, places: Sequence[Place]) -> list[int]:
        """For each join, in a run; a broadcast row counts once for each node."""
        at = [*places, *self._fixed]
        sent = []
        for meeting in self.meetings:
            rows, place = _meet(meeting, at[meeting.outer_at], at[meeting.inner_at])
            at.append(place)
            sent.append(rows)
        return sent

    def _meetings(self, ordered: Sequence[TableJoin]) -> list[Meeting]:
        """Sides that no table places get places of their own behind those of the tables."""
        pairs_of = [self._pairs(join) for join in ordered]
        # The pairs are known, so the list of fixed places is complete: results follow behind it.
        self._first_result = (
            len(self.table_names)
            + len(self._fixed)
            + sum(
                end.arrival is Arrival.ON_KEY
                for join in ordered
                for end in (join.outer, join.inner)
            )
        )
        position_of = {join.join_id: position for position, join in enumerate(ordered)}
        return [
            Meeting(
                join=join,
                pairs=pairs,
                outer_rows=join.outer.rows,
                inner_rows=join.inner.rows,
                nodes=self._nodes,
                can_broadcast=join.kind not in _KEEPS_INNER or not pairs,
                can_read_copies_inside=join.kind not in _KEEPS_INNER
                or join.movement is Movement.DS_DIST_ALL_NONE,
                can_read_copies_outside=join.kind not in _KEEPS_OUTER,
                outer_at=self._at(join.outer, [pair[0] for pair in pairs], position_of),
                inner_at=self._at(join.inner, [pair[1] for pair in pairs], position_of),
            )
            for join, pairs in zip(ordered, pairs_of, strict=True)
        ]

    def _pairs(self, join: TableJoin) -> tuple[tuple[int, int], ...]:
        """A side that lies by the join whatever it is has a bit even where its column is not
        known; any other unknown column has none."""
        return tuple(
            (self._bit(join.outer, left), self._bit(join.inner, right))
            for left, right in join.pairs
        )

    def _bit(self, end: JoinEnd, column: TableColumn | None) -> int:
        if column is not None:
            return self._bits.of(column)
        return self._bits.of(end) if end.arrival is Arrival.ON_KEY else 0

    def _at(self, end: JoinEnd, bits: Sequence[int], position_of: Mapping[int, int]) -> int:
        tables = len(self.table_names)
        if end.arrival is Arrival.SCAN:
            return self.table_names.index(end.table_names[0])
        if end.arrival is Arrival.EVERYWHERE:
            return tables + 1
        if end.arrival is Arrival.ON_KEY:
            lies_by = 0
            for bit in bits:
                lies_by |= bit
            self._fixed.append(lies_by)
            return tables + len(self._fixed) - 1
        if end.arrival is Arrival.JOIN and end.join_below is not None:
            position = position_of.get(end.join_below)
            return tables if position is None else self._first_result + position
        return tables

    def _compare_with_recorded(self, places: Sequence[Place]) -> None:
        at = [*places, *self._fixed]
        for meeting in self.meetings:
            outer, inner = at[meeting.outer_at], at[meeting.inner_at]
            meeting.outer_lay = any(outer & left for left, _ in meeting.pairs)
            meeting.inner_lay = any(inner & right for _, right in meeting.pairs)
            meeting.rows_sent, place = _meet(meeting, outer, inner)
            meeting.is_understood = _is_as_recorded(meeting, outer, inner)
            at.append(place)


class _Bits:
    """A bit for each column, and for each side that is placed by columns that are not known."""

    def __init__(self) -> None:
        self._of: dict[object, int] = {}

    def of(self, what: object) -> int:
        return self._of.setdefault(what, 1 << len(self._of))

    def known(self, column: TableColumn) -> int:
        """0 for a column that no join of the pattern is about."""
        return self._of.get(column, 0)


def _bottom_up(joins: Sequence[TableJoin]) -> list[TableJoin]:
    waiting = {join.join_id: join for join in sorted(joins, key=lambda each: each.join_id)}
    ordered: list[TableJoin] = []
    while waiting:
        ready = [
            join
            for join in waiting.values()
            if join.outer.join_below not in waiting and join.inner.join_below not in waiting
        ]
        # Ids that contradict each other are taken as they come.
        ordered += [waiting.pop(join.join_id) for join in ready or list(waiting.values())]
    return ordered


def _meet(meeting: Meeting, outer: Place, inner: Place) -> Move:
    still = _place_of_still(meeting, outer, inner)
    if still is not None:
        return 0, still
    moves = _moves(meeting, outer, inner)
    movement = meeting.join.movement
    recorded = moves.get(movement) if movement else None
    if recorded is None:
        return min(moves.values(), key=_rows)
    if len(moves) == 1:
        return recorded
    # What the planner could not do before, it does if that sends less.
    for lay, other in (
        (meeting.outer_lay, moves.get(Movement.DS_DIST_INNER)),
        (meeting.inner_lay, moves.get(Movement.DS_DIST_OUTER)),
    ):
        if other and not lay and other[0] < recorded[0]:
            recorded = other
    return recorded


def _moves(meeting: Meeting, outer: Place, inner: Place) -> dict[Movement, Move]:
    """What the planner could do."""
    outer_rows, inner_rows = meeting.outer_rows, meeting.inner_rows
    if outer == EVERYWHERE:
        # One slice does all the work.
        return {Movement.DS_DIST_ALL_INNER: (inner_rows * meeting.nodes, SCATTERED)}
    found: dict[Movement, Move] = {}
    if meeting.can_broadcast:
        found[Movement.DS_BCAST_INNER] = inner_rows * meeting.nodes, outer
    for left, right in meeting.pairs:
        if outer & left:
            found.setdefault(Movement.DS_DIST_INNER, (inner_rows, outer | right))
        if inner & right:
            found.setdefault(Movement.DS_DIST_OUTER, (outer_rows, inner | left))
        found.setdefault(Movement.DS_DIST_BOTH, (outer_rows + inner_rows, left | right))
    return found


def _rows(move: Move) -> int:
    return move[0]


def _place_of_still(meeting: Meeting, outer: Place, inner: Place) -> Place | None:
    """Where the result lies of a join that moves nothing; None for any other."""
    if inner == EVERYWHERE and (outer == EVERYWHERE or meeting.can_read_copies_inside):
        return outer
    if outer == EVERYWHERE:
        return inner if meeting.can_read_copies_outside else None
    for left, right in meeting.pairs:
        if outer & left and inner & right:
            return outer | inner
    return None


def _is_as_recorded(meeting: Meeting, outer: Place, inner: Place) -> bool:
    join = meeting.join
    if join.movement is None:
        return True
    if _place_of_still(meeting, outer, inner) is not None:
        return join.is_still
    return join.movement in _moves(meeting, outer, inner)
