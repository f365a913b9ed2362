"""What one operator does in another way than its partner in the plan before."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from backend.domain.in_words import sentence
from backend.domain.plan import Movement
from backend.domain.plan_difference import ChangeKind, PlanChange
from backend.sql.plan_places import JOIN_TESTS, Place, PlaceTree
from backend.sql.plan_predicate import PredicateShape
from backend.sql.plan_words import (
    inner_in_words,
    join_kind_in_words,
    moved_tables,
    movement_in_words,
    place_in_words,
    short_operator,
    tables_in_words,
    tests_in_words,
    with_article,
)

MOVES_NOTHING = (None, Movement.DS_DIST_NONE, Movement.DS_DIST_ALL_NONE)
_NOTHING_TESTED = PredicateShape(text="")
_KEYS = ("Sort Key", "Merge Key", "Partition", "Order")
_OF_MOVEMENT = ("Inner Dist Key", "Outer Dist Key", "Movement")
_NETWORK = ("Send to leader", "Send to slice 0", "Distribute", "Broadcast")
_MIRRORED = frozenset({"left", "right"})


@dataclass(frozen=True, kw_only=True)
class Trees:
    before: PlaceTree
    after: PlaceTree

    def changed(
        self,
        kind: ChangeKind,
        old: Place | None,
        new: Place | None,
        *,
        before: str,
        after: str,
        says: str,
        tables: tuple[str, ...] | None = None,
    ) -> PlanChange:
        """By default about the tables that are read below the operator, in either plan."""
        if tables is None:
            below = self.after.tables_below(new) if new else ()
            tables = below or (self.before.tables_below(old) if old else ())
        return PlanChange(
            kind=kind,
            before_node_id=old.node.node_id if old else None,
            after_node_id=new.node.node_id if new else None,
            table_names=tables,
            before=before,
            after=after,
            # A condition may end in the mark of a value.
            sentence=sentence(f"{says}."),
        )


def changes_of(trees: Trees, old: Place, new: Place) -> Iterator[PlanChange]:
    if new.node.is_join:
        yield from _of_join(trees, old, new)
    elif new.children:
        yield from _of_operator(trees, old, new)
    else:
        yield from _of_scan(trees, old, new)


def _of_scan(trees: Trees, old: Place, new: Place) -> Iterator[PlanChange]:
    if old.table != new.table:
        yield _other_source(trees, old, new)
    old_format, new_format = (place.node.condition("Format") or "" for place in (old, new))
    if old_format.lower() != new_format.lower():
        before, after = old_format or "no format", new_format or "no format"
        yield trees.changed(
            ChangeKind.TABLE, old, new, before=before, after=after,
            says=f"{tables_in_words(trees.after, new)} is now read as {after} instead of {before}",
        )  # fmt: skip
    if old.node.operator != new.node.operator:
        yield _other_operator(trees, old, new, ChangeKind.SHAPE)
    yield from _of_conditions(trees, old, new)


def _other_source(trees: Trees, old: Place, new: Place) -> PlanChange:
    before, after = tables_in_words(trees.before, old), tables_in_words(trees.after, new)
    names = (*trees.before.tables_below(old), *trees.after.tables_below(new))
    return trees.changed(
        ChangeKind.TABLE, old, new, before=before, after=after, tables=names,
        says=f"the plan now reads {after} instead of {before}",
    )  # fmt: skip


def _of_operator(trees: Trees, old: Place, new: Place) -> Iterator[PlanChange]:
    if old.node.operator != new.node.operator:
        kind = {"aggregate": ChangeKind.AGGREGATE, "Sort": ChangeKind.SORT}
        yield _other_operator(trees, old, new, kind.get(new.kind, ChangeKind.SHAPE))
    if old.node.movement != new.node.movement:
        yield _other_movement(trees, old, new)
    if old.cover != new.cover and new.kind != "Hash":
        before, after = (
            f"over {tables_in_words(tree, place)}"
            for tree, place in ((trees.before, old), (trees.after, new))
        )
        yield trees.changed(
            ChangeKind.SHAPE, old, new, before=before, after=after,
            says=f"the {short_operator(new)} now works {after} instead of {before}",
        )  # fmt: skip
    yield from _of_conditions(trees, old, new)


def _other_operator(trees: Trees, old: Place, new: Place, kind: ChangeKind) -> PlanChange:
    before, after = (with_article(short_operator(place)) for place in (old, new))
    subject = "scan" if not new.children else "aggregation" if new.kind == "aggregate" else "work"
    return trees.changed(
        kind, old, new, before=before, after=after,
        says=f"the {subject} over {tables_in_words(trees.after, new)} is now {after} instead of"
        f" {before}",
    )  # fmt: skip


def _of_conditions(trees: Trees, old: Place, new: Place) -> Iterator[PlanChange]:
    before, after = _ways_over_network(old), _ways_over_network(new)
    if before != after:
        yield trees.changed(
            ChangeKind.MOVEMENT, old, new, before=before, after=after,
            says=f"{place_in_words(trees.after, new)} now goes by {after} instead of {before}",
        )  # fmt: skip
    for name in dict.fromkeys((*new.shapes, *old.shapes)):
        if name == "Format" or name in _NETWORK or (name in JOIN_TESTS and new.node.is_join):
            continue
        one, other = (place.shapes.get(name, _NOTHING_TESTED) for place in (old, new))
        is_same = (name in old.shapes) == (name in new.shapes) and one.agrees_with(other)
        if not is_same and not (name == "Merge Key" and _repeats_its_sort(new)):
            yield _other_condition(trees, old, new, name)


def _ways_over_network(place: Place) -> str:
    return ", ".join(label for label in _NETWORK if label in place.shapes) or "no movement"


def _repeats_its_sort(merge: Place) -> bool:
    """Rows sorted on each node are merged by the same key."""
    below = merge
    while len(below.children) == 1 and "Sort Key" not in below.shapes:
        below = below.children[0]
    keys = below.shapes.get("Sort Key")
    return keys is not None and keys.text == merge.shapes.get("Merge Key", _NOTHING_TESTED).text


def _other_condition(trees: Trees, old: Place, new: Place, name: str) -> PlanChange:
    one, other = (place.shapes.get(name, _NOTHING_TESTED) for place in (old, new))
    before, after = tests_in_words(one, other), tests_in_words(other, one)
    kind, verb = ChangeKind.SHAPE, f"has as {name}"
    if name in JOIN_TESTS or name.endswith("Filter"):
        kind, verb = ChangeKind.SCAN_PREDICATE, "tests"
    elif name in _KEYS or name in _OF_MOVEMENT:
        kind = ChangeKind.SORT if name in _KEYS else ChangeKind.MOVEMENT
        verb = "goes by"
        before, after = f"{name} {before}", f"{name} {after}"
    where = place_in_words(trees.after, new)
    return trees.changed(
        kind, old, new, before=before, after=after,
        says=f"{where} now {verb} {after} instead of {before}",
    )  # fmt: skip


def _of_join(trees: Trees, old: Place, new: Place) -> Iterator[PlanChange]:
    is_swapped = _is_swapped(old, new)
    if is_swapped or old.node.operator != new.node.operator:
        yield from _other_join_type(trees, old, new, is_swapped=is_swapped)
    if old.node.movement != new.node.movement or _moved(old, new) != _moved(new, old):
        is_same = is_swapped and _moved(old, new) == _moved(new, old)
        if not is_same:
            yield _other_movement(trees, old, new)
    elif not is_swapped:
        yield from _of_conditions(trees, old, new)
    if not old.join_test.agrees_with(new.join_test):
        before = tests_in_words(old.join_test, new.join_test)
        after = tests_in_words(new.join_test, old.join_test)
        yield trees.changed(
            ChangeKind.JOIN_PREDICATE, old, new, before=before, after=after,
            says=f"{place_in_words(trees.after, new)} now compares {after} instead of {before}",
        )  # fmt: skip


def _is_swapped(old: Place, new: Place) -> bool:
    """Whether what was the inner side is now the outer one; only a known side can tell."""
    if len(old.children) < 2 or len(new.children) < 2:
        return False
    (old_outer, old_inner), (new_outer, new_inner) = (
        (place.children[0].cover, place.children[1].cover) for place in (old, new)
    )
    if old_outer == old_inner:
        return False
    return (old_inner == new_outer and new_outer != 0) or (
        old_outer == new_inner and new_inner != 0
    )


def _other_join_type(
    trees: Trees, old: Place, new: Place, *, is_swapped: bool
) -> Iterator[PlanChange]:
    before, after = join_kind_in_words(old), join_kind_in_words(new)
    tables = None
    if is_swapped:
        before = f"{before} with {inner_in_words(trees.before, old)} as its inner side"
        after = f"{after} with {inner_in_words(trees.after, new)} as its inner side"
        tables = trees.after.tables_below(new.children[1])
    yield trees.changed(
        ChangeKind.JOIN_TYPE, old, new, before=before, after=after, tables=tables,
        says=f"{place_in_words(trees.after, new)} is now {after} instead of {before}",
    )  # fmt: skip


def _moved(join: Place, partner: Place) -> Hashable:
    """How rows move, and of which side where both plans have it."""
    movement = join.node.movement
    if len(join.children) < 2 or movement in MOVES_NOTHING or movement is Movement.DS_DIST_BOTH:
        return movement
    outer, inner = (side.cover for side in join.children[:2])
    if movement is Movement.DS_DIST_OUTER:
        # With another order of joins the outer side holds other tables, and is still the same.
        return ("redistributed", outer if join.cover == partner.cover else 0)
    how = "redistributed" if movement is Movement.DS_DIST_INNER else movement
    return (how, inner)


def _other_movement(trees: Trees, old: Place, new: Place) -> PlanChange:
    before, after = movement_in_words(trees.before, old), movement_in_words(trees.after, new)
    tables = moved_tables(trees.after, new) or moved_tables(trees.before, old)
    return trees.changed(
        ChangeKind.MOVEMENT, old, new, before=before, after=after, tables=tables or None,
        says=f"{place_in_words(trees.after, new)} now needs {after} instead of {before}",
    )  # fmt: skip
