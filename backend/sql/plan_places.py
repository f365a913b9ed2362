"""The operators of a plan with what is around them, for comparing two plans."""

from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cached_property

from backend.domain.plan import TEMPORARY_TABLES, Plan, PlanNode
from backend.sql.plan_predicate import PredicateShape, predicate_shape, stable_name

JOIN_TESTS = ("Hash Cond", "Merge Cond", "Join Filter", "Filter")
TEMPORARY_TABLE = "a temporary table"


@dataclass(eq=False)
class Place:
    """An operator in its plan: `at` counts in the order of print, `end` is behind the last one
    below it. `cover` stands for the set of scans below that both plans have."""

    node: PlanNode
    at: int
    parent: "Place | None"
    end: int = 0
    children: list["Place"] = field(default_factory=list)
    cover: int = 0
    partner: "Place | None" = None

    @cached_property
    def table(self) -> str:
        return stable_name(self.node.table_name or "")

    @cached_property
    def is_temporary(self) -> bool:
        name = (self.node.table_name or "").lower()
        return name.rpartition(".")[2].startswith(TEMPORARY_TABLES)

    @cached_property
    def shapes(self) -> dict[str, PredicateShape]:
        """By the name of the condition; several of one name are read as one."""
        texts: dict[str, list[str]] = {}
        for line in self.node.conditions:
            texts.setdefault(line.name, []).append(line.text)
        return {name: predicate_shape(" AND ".join(each)) for name, each in texts.items()}

    @cached_property
    def exact(self) -> tuple[object, ...]:
        """What two operators share that do the same."""
        tests = tuple(sorted((name, shape.text) for name, shape in self.shapes.items()))
        return (self.node.operator, self.node.movement, self.table, tests)

    def does_the_same_as(self, other: "Place") -> bool:
        """As far as conditions can be read that the view cut."""
        if self.exact[:3] != other.exact[:3] or self.shapes.keys() != other.shapes.keys():
            return False
        return all(shape.agrees_with(other.shapes[name]) for name, shape in self.shapes.items())

    @cached_property
    def kind(self) -> str:
        """What the operator is for, however it goes about it."""
        operator = self.node.operator
        layer = "S3 " if operator.startswith("S3 ") else ""
        if self.node.is_join:
            return "join"
        if not self.children:
            return "scan"
        if "Aggregate" in operator:
            return f"{layer}aggregate"
        return operator.partition(" ")[2] or operator

    @cached_property
    def join_test(self) -> PredicateShape:
        """What a join compares, whichever side is the outer one and whichever line says it."""
        shapes = [self.shapes[name] for name in JOIN_TESTS if name in self.shapes]
        parts = tuple(dict.fromkeys(_without_sides(part) for one in shapes for part in one.parts))
        return PredicateShape(
            text=" and ".join(sorted(parts)),
            parts=parts,
            is_cut=any(shape.is_cut for shape in shapes),
        )

    @property
    def join_above(self) -> "Place | None":
        above = self.parent
        while above is not None and not above.node.is_join:
            above = above.parent
        return above


class PlaceTree:
    """All operators of a plan in the order of print."""

    def __init__(self, plan: Plan) -> None:
        self.places: list[Place] = []
        self.roots: list[Place] = []
        pending: list[tuple[PlanNode, Place | None]] = [(r, None) for r in reversed(plan.roots)]
        while pending:
            node, parent = pending.pop()
            place = Place(node=node, at=len(self.places), parent=parent)
            self.places.append(place)
            (parent.children if parent else self.roots).append(place)
            pending.extend((child, place) for child in reversed(node.children))
        for place in reversed(self.places):
            place.end = place.children[-1].end if place.children else place.at + 1
        self.leaves = [place for place in self.places if not place.children]
        self._leaf_positions = [leaf.at for leaf in self.leaves]
        self._tables = [
            "" if leaf.is_temporary else leaf.node.table_name or "" for leaf in self.leaves
        ]
        self._names = [
            TEMPORARY_TABLE if leaf.is_temporary else leaf.node.table_name or leaf.node.alias or ""
            for leaf in self.leaves
        ]

    def leaves_below(self, place: Place) -> list[Place]:
        return self.leaves[self._span(place)]

    def tables_below(self, place: Place) -> tuple[str, ...]:
        """As the plan names them, in the order of print, each once; temporary ones left out."""
        return tuple(filter(None, dict.fromkeys(self._tables[self._span(place)])))

    def names_below(self, place: Place) -> list[str]:
        """For the reader: with a word for temporary tables, by alias where there is no table."""
        return list(filter(None, dict.fromkeys(self._names[self._span(place)])))

    def _span(self, place: Place) -> slice:
        first = bisect_left(self._leaf_positions, place.at)
        return slice(first, bisect_left(self._leaf_positions, place.end))


def _without_sides(part: str) -> str:
    part = part.replace("outer.", "").replace("inner.", "")
    left, is_equal, right = part.partition(" = ")
    return " = ".join(sorted((left, right))) if is_equal else part
