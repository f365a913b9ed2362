"""One distribution for each table that together save the most: local search from the present ones.

What is raised is the seconds saved, less for each changed table what a change has to save. Three
kinds of moves: one table, also back to its present design; the two tables of a join; all the tables
that are joined by equal columns. Nothing moves on a tie, so the present design wins it. The order
is fixed: the same uses give the same designs.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from backend.domain.table_design import Distribution, by_key
from backend.domain.table_use import TableColumn
from backend.table_design.candidates import Candidates, distribution_candidates, is_large
from backend.table_design.model import CHANGE_SECONDS, CHANGE_SHARE
from backend.table_design.movement import Place
from backend.table_design.table_effects import use_effects
from backend.table_design.workload import PatternJoins, Workload

MOST_ROUNDS = 20
"""Each round raises the sum, so there is an end without it; two or three are usual."""

TIE_SECONDS = 1e-6

Change = tuple[str, Distribution]
Changes = dict[str, Distribution]
Columns = frozenset[TableColumn]


def choose_distributions(workload: Workload) -> "DistributionSearch":
    """The search when it has ended."""
    search = DistributionSearch(workload)
    search.climb()
    return search


@dataclass
class DistributionSearch:
    """`designs` are those reached so far, of all tables whose present design is known; `least` is
    what a change of each table has to save, in seconds a week."""

    workload: Workload
    designs: dict[str, Distribution] = field(init=False)
    candidates: dict[str, Candidates] = field(init=False)
    least: dict[str, float] = field(init=False)
    _now: dict[str, float] = field(init=False)
    _places: dict[str, list[Place]] = field(init=False)
    _known: dict[str, dict[tuple[Place, ...], float]] = field(init=False)
    _alone: dict[Change, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        workload = self.workload
        self.designs = dict(workload.present)
        self.candidates = {
            key: distribution_candidates(key, workload)
            for key in sorted(self.designs)
            if key in workload.uses_of
        }
        self.least = {key: _least(key, workload) for key in self.candidates}
        self._now = dict.fromkeys(workload.patterns, 0.0)
        self._known = {query_hash: {} for query_hash in workload.patterns}
        self._places = {
            query_hash: pattern.tree.places(self.designs)
            for query_hash, pattern in workload.patterns.items()
        }

    # Values

    def gain(self, changes: Changes) -> float:
        """Seconds a week that the changes save beyond the designs reached so far."""
        joins = sum(
            self._seconds(pattern, changes) - self._now[pattern.query_hash]
            for pattern in self._touched(changes)
        )
        return joins + sum(self._gain_apart(key, design) for key, design in changes.items())

    def alone(self, key: str, design: Distribution) -> float:
        """The gain of one change, remembered and kept right as other designs change."""
        change = key, design
        known = self._alone.get(change)
        if known is None:
            known = self._alone[change] = self.gain({key: design})
        return known

    def take(self, changes: Changes) -> None:
        touched = list(self._touched(changes))
        for key in changes:
            for design in self.candidates[key].designs:
                self._alone.pop((key, design), None)
        remembered = [
            (pattern, (name, design))
            for pattern in touched
            for name in pattern.table_names
            if name in self.candidates
            for design in self.candidates[name].designs
            if (name, design) in self._alone
        ]
        self._count(remembered, -1)
        self.designs.update(changes)
        for pattern in touched:
            places = pattern.tree.places(self.designs)
            self._places[pattern.query_hash] = places
            self._now[pattern.query_hash] = pattern.seconds(places)
        self._count(remembered, 1)

    def _count(self, changes: Iterable[tuple[PatternJoins, Change]], times: int) -> None:
        """Each pattern's part of what a change alone would gain."""
        for pattern, change in changes:
            gain = self._seconds(pattern, dict((change,))) - self._now[pattern.query_hash]
            self._alone[change] += times * gain

    def neighbours(self, keys: Iterable[str]) -> set[str]:
        """The tables themselves and all that a pattern joins with them."""
        return {
            name
            for key in keys
            for pattern in self.workload.patterns_of.get(key, ())
            for name in pattern.table_names
            if name in self.candidates
        } | {key for key in keys if key in self.candidates}

    def _touched(self, changes: Changes) -> Iterable[PatternJoins]:
        patterns_of = self.workload.patterns_of
        if len(changes) == 1:
            return patterns_of.get(next(iter(changes)), ())
        found = {p.query_hash: p for key in changes for p in patterns_of.get(key, ())}
        return found.values()

    def _seconds(self, pattern: PatternJoins, changes: Changes) -> float:
        """Of one pattern with the changes; what its tables' places come to is remembered."""
        query_hash = pattern.query_hash
        now = self._places[query_hash]
        places = list(now)
        for name, design in changes.items():
            position = pattern.position_of.get(name)
            if position is not None:
                places[position] = pattern.tree.place(name, design)
        if places == now:
            return self._now[query_hash]
        known = self._known[query_hash]
        placed = tuple(places)
        seconds = known.get(placed)
        if seconds is None:
            seconds = known[placed] = pattern.seconds(places)
        return seconds

    def _gain_apart(self, key: str, design: Distribution) -> float:
        return self._apart(key, design) - self._apart(key, self.designs[key])

    def _apart(self, key: str, design: Distribution) -> float:
        return sum(each.seconds for each in use_effects(key, design, self.workload))

    # Moves

    def climb(self) -> None:
        wanted = self._hopeful()
        for _ in range(MOST_ROUNDS):
            changed = {key for key in wanted if self._improve(key)}
            for group in self._groups():
                if self._is_worth_it(group):
                    self.take(group)
                    changed.update(group)
            if not changed:
                return
            near = self.neighbours(changed)
            wanted = [key for key in self._hopeful() if key in near]

    def _hopeful(self) -> list[str]:
        """Tables that could be worth a change at all: small ones first, as they are rewritten at
        once, then the heaviest."""
        hope: dict[str, float] = defaultdict(float)
        for pattern in self.workload.patterns.values():
            moving = sum(
                weighed.saved_at_most
                for weighed in pattern.joins
                if weighed.meeting.is_understood and weighed.meeting.rows_sent
            )
            for name in pattern.table_names if moving else ():
                hope[name] += moving
        for key, candidates in self.candidates.items():
            hope[key] += max(self._apart(key, design) for design in candidates.designs)
        hopeful = [key for key in self.candidates if hope[key] >= self.least[key]]
        return sorted(hopeful, key=lambda key: (is_large(key, self.workload), -hope[key], key))

    def _improve(self, key: str) -> bool:
        """Takes the best of the table's designs, the other tables as they are."""
        others = [each for each in self.candidates[key].designs if each != self.designs[key]]
        if not others:
            return False
        design = max(others, key=lambda each: self._raise_alone(key, each))
        if self._raise_alone(key, design) <= TIE_SECONDS:
            return False
        self.take({key: design})
        return True

    def _raise_alone(self, key: str, design: Distribution) -> float:
        return self.alone(key, design) - self._has_to_save({key: design})

    def _has_to_save(self, changes: Changes) -> float:
        """What the changes make out beside those there are; less than 0 for one taken back."""
        present = self.workload.present
        return sum(
            self.least[key] * ((to != present[key]) - (self.designs[key] != present[key]))
            for key, to in changes.items()
        )

    def _is_worth_it(self, group: Changes) -> bool:
        changes = {key: to for key, to in group.items() if self.designs[key] != to}
        if len(changes) < 2:
            return False  # A single change is weighed with all others of its table.
        least = self._has_to_save(changes) + TIE_SECONDS
        # Together they save more than apart only in patterns that join several of them.
        common: dict[str, int] = defaultdict(int)
        for key in changes:
            for pattern in self.workload.patterns_of.get(key, ()):
                common[pattern.query_hash] += 1
        together = sum(
            weighed.saved_at_most
            for query_hash, times in common.items()
            if times > 1
            for weighed in self.workload.patterns[query_hash].joins
        )
        at_most = together + sum(self.alone(key, to) for key, to in changes.items())
        return at_most > least and self.gain(changes) > least

    def _groups(self) -> Iterator[Changes]:
        """Tables to be distributed by equal columns together: those of one join, then of all."""
        seconds: dict[Columns, float] = defaultdict(float)
        for pattern in self.workload.patterns.values():
            for weighed in pattern.joins:
                for left, right in weighed.join.pairs:
                    if left and right and left.table_name != right.table_name:
                        seconds[frozenset((left, right))] += weighed.saved_at_most
        least = self.workload.limit(CHANGE_SECONDS)
        edges = sorted(
            (edge for edge, saved in seconds.items() if saved >= least),
            key=lambda edge: (-seconds[edge], sorted(map(_name, edge))),
        )
        for columns in (*edges, *_connected(edges)):
            if changes := self._together(columns):
                yield changes

    def _together(self, columns: Columns) -> Changes:
        """Nothing where a table occurs twice; tables that cannot be distributed so are left."""
        ordered = sorted(columns, key=_name)
        if len({column.table_name for column in ordered}) < len(ordered):
            return {}
        return {
            column.table_name: by_key(column.column_name)
            for column in ordered
            if column.table_name in self.candidates
            and by_key(column.column_name) in self.candidates[column.table_name].designs
        }

    # Afterwards

    def changed(self) -> list[str]:
        present = self.workload.present
        return [key for key in sorted(self.candidates) if self.designs[key] != present[key]]

    def depends_on(self, key: str) -> list[str]:
        """Changed tables without whose changes this table's own would save less, the most first.

        Of what a table's change saves, a tenth is left out as no dependence.
        """
        present = self.workload.present
        worth = -self.alone(key, present[key])
        lacking = {}
        for other in self.neighbours([key]) - {key}:
            if self.designs[other] == present[other]:
                continue
            without = {other: present[other]}
            both = self.gain({key: present[key], **without})
            lacking[other] = worth + both - self.gain(without)
        found = [other for other, seconds in lacking.items() if seconds > 0.1 * worth]
        return sorted(found, key=lambda other: (-lacking[other], other))


def _least(key: str, workload: Workload) -> float:
    """Seconds a week that a change of the table has to save."""
    share = workload.limit(CHANGE_SHARE) * workload.seconds_on(key)
    return max(workload.limit(CHANGE_SECONDS), share)


def _name(column: TableColumn) -> tuple[str, str]:
    return column.table_name, column.column_name


def _connected(edges: Iterable[Columns]) -> list[Columns]:
    """Columns that are set equal over several joins, each class once."""
    above: dict[TableColumn, TableColumn] = {}

    def root(column: TableColumn) -> TableColumn:
        while (parent := above.get(column, column)) != column:
            above[column] = above.get(parent, parent)
            column = parent
        return column

    for one, other in (sorted(edge, key=_name) for edge in edges):
        above[root(one)] = root(other)
    classes: dict[TableColumn, set[TableColumn]] = defaultdict(set)
    for edge in edges:
        for column in edge:
            classes[root(column)].add(column)
    large = [frozenset(columns) for columns in classes.values() if len(columns) > 2]
    return sorted(large, key=lambda columns: sorted(map(_name, columns)))
