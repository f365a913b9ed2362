"""What the later of two plans of one pattern does in another way, operator by operator."""

from collections.abc import Iterator
from math import exp, log

from backend.domain.in_words import listed, number_in_words, rows_in_words
from backend.domain.plan import Plan
from backend.domain.plan_difference import (
    ESTIMATE_CHANGED,
    ESTIMATE_WORTH_ROWS,
    ChangeKind,
    PlanChange,
)
from backend.sql.plan_alignment import align, align_equal
from backend.sql.plan_changes import MOVES_NOTHING, Trees, changes_of
from backend.sql.plan_hash import plan_hash
from backend.sql.plan_places import Place, PlaceTree
from backend.sql.plan_words import (
    join_in_words,
    join_kind_in_words,
    moved_tables,
    movement_in_words,
    place_in_words,
    short_operator,
    tables_in_words,
    with_article,
)

MOST_TABLES_IN_ORDER = 8


def plan_differences(
    before: Plan,
    after: Plan,
    *,
    estimate_factor: float = ESTIMATE_CHANGED.default,
    estimate_worth_rows: float = ESTIMATE_WORTH_ROWS.default,
) -> tuple[PlanChange, ...]:
    """The weightiest kinds first, within a kind in the order of print.

    Plans with the same hash differ in estimates at most. An estimate counts where it is
    `estimate_factor` times higher or lower than those below it explain, and either plan expects
    at least `estimate_worth_rows`.
    """
    trees = Trees(before=PlaceTree(before), after=PlaceTree(after))
    changes: list[PlanChange] = []
    if plan_hash(before) == plan_hash(after):
        align_equal(trees.before, trees.after)
    else:
        align(trees.before, trees.after)
        changes = list(_structure(trees)) or list(_another_order(trees))
    changes.extend(_estimates(trees, estimate_factor, estimate_worth_rows))
    return tuple(sorted(changes, key=lambda one: one.kind.order))


def _structure(trees: Trees) -> Iterator[PlanChange]:
    old_count, new_count = len(trees.before.roots), len(trees.after.roots)
    if old_count != new_count:
        before, after = _child_queries(old_count), _child_queries(new_count)
        yield trees.changed(
            ChangeKind.SHAPE, trees.before.roots[0], trees.after.roots[0], before=before,
            after=after, says=f"the statement now runs as {after} instead of {before}",
        )  # fmt: skip
    for new in trees.after.places:
        if new.partner is not None:
            yield from changes_of(trees, new.partner, new)
    yield from _join_orders(trees)
    gone = [place for place in trees.before.places if place.partner is None]
    come = [place for place in trees.after.places if place.partner is None]
    is_exchange = all(any(place.node.is_join for place in places) for places in (gone, come))
    for new in come:
        yield from _added(trees, new, is_exchange=is_exchange)
    for old in gone:
        yield from _removed(trees, old, is_exchange=is_exchange)


def _child_queries(count: int) -> str:
    return "1 child query" if count == 1 else f"{count} child queries"


def _added(trees: Trees, new: Place, *, is_exchange: bool) -> Iterator[PlanChange]:
    tree = trees.after
    if not new.children:
        name = tables_in_words(tree, new)
        yield trees.changed(
            ChangeKind.TABLE, None, new, before="not read", after=name,
            says=f"the plan now also reads {name}",
        )  # fmt: skip
    elif new.node.is_join and new.cover:
        yield trees.changed(
            ChangeKind.JOIN_ORDER if is_exchange else ChangeKind.SHAPE, None, new,
            before="no such join", after=join_kind_in_words(new),
            says=f"{join_in_words(tree, new)} has come in, {join_kind_in_words(new)}",
        )  # fmt: skip
        if new.node.movement not in MOVES_NOTHING:
            movement = movement_in_words(tree, new)
            yield trees.changed(
                ChangeKind.MOVEMENT, None, new, before="no such join", after=movement,
                tables=moved_tables(tree, new),
                says=f"{join_in_words(tree, new)}, which has come in, needs {movement}",
            )  # fmt: skip
    elif new.cover and new.kind != "Hash":
        operator, where = short_operator(new), tables_in_words(tree, new)
        yield trees.changed(
            ChangeKind.SHAPE, None, new, before=f"no {operator}", after=with_article(operator),
            says=f"the plan now has {with_article(operator)} over {where}",
        )  # fmt: skip


def _removed(trees: Trees, old: Place, *, is_exchange: bool) -> Iterator[PlanChange]:
    tree = trees.before
    if not old.children:
        name = tables_in_words(tree, old)
        yield trees.changed(
            ChangeKind.TABLE, old, None, before=name, after="not read",
            says=f"the plan no longer reads {name}",
        )  # fmt: skip
    elif old.node.is_join and old.cover:
        moved = "" if old.node.movement in MOVES_NOTHING else (
            f", and with it {movement_in_words(tree, old)}"
        )  # fmt: skip
        yield trees.changed(
            ChangeKind.JOIN_ORDER if is_exchange else ChangeKind.SHAPE, old, None,
            before=join_kind_in_words(old), after="no such join",
            says=f"{join_in_words(tree, old)} is gone{moved}",
        )  # fmt: skip
    elif old.cover and old.kind != "Hash":
        operator, where = short_operator(old), tables_in_words(tree, old)
        yield trees.changed(
            ChangeKind.SHAPE, old, None, before=with_article(operator), after=f"no {operator}",
            says=f"the plan no longer has {with_article(operator)} over {where}",
        )  # fmt: skip


def _join_orders(trees: Trees) -> Iterator[PlanChange]:
    """One for each part of the plan whose joins follow each other in another way."""
    told: set[Place] = set()
    for new in reversed(trees.after.places):
        old = new.partner
        if old is None or not new.node.is_join or old.cover == new.cover:
            continue
        whole, old_whole = _whole_with_equal_cover(new), _whole_with_equal_cover(old)
        if whole in told:
            continue
        told.add(whole)
        before = _reading_order(trees.before, old_whole)
        after = _reading_order(trees.after, whole)
        if before == after:
            before, after = join_in_words(trees.before, old), join_in_words(trees.after, new)
        yield trees.changed(
            ChangeKind.JOIN_ORDER, old, new, before=before, after=after,
            tables=trees.after.tables_below(whole),
            says=f"the tables are joined in another order: {after} instead of {before}",
        )  # fmt: skip


def _whole_with_equal_cover(join: Place) -> Place:
    """The nearest operator above that reads the same in both plans; else the root."""
    place = join
    while place.parent is not None:
        place = place.parent
        if place.partner is not None and place.partner.cover == place.cover:
            break
    return place


def _reading_order(tree: PlaceTree, place: Place) -> str:
    """The tables as joins take them up: the outermost scan first, then each inner side."""
    return listed(tree.tables_below(place), most=MOST_TABLES_IN_ORDER)


def _another_order(trees: Trees) -> Iterator[PlanChange]:
    """Where every operator has an equal partner and yet the trees are not the same."""
    for old, new in zip(trees.before.places, trees.after.places, strict=False):
        if not old.does_the_same_as(new) or len(old.children) != len(new.children):
            yield trees.changed(
                ChangeKind.SHAPE, old, new, before=place_in_words(trees.before, old),
                after=place_in_words(trees.after, new),
                says=f"the same operators follow each other in another way: here is now"
                f" {place_in_words(trees.after, new)} instead of"
                f" {place_in_words(trees.before, old)}",
            )  # fmt: skip
            return


def _estimates(trees: Trees, factor: float, worth_rows: float) -> Iterator[PlanChange]:
    """Only where the estimate is not explained by those below: one wrong scan changes all joins
    above it."""
    rises: dict[Place, float] = {}
    falls: dict[Place, float] = {}
    for new in reversed(trees.after.places):
        rise = sum(rises[child] for child in new.children)
        fall = sum(falls[child] for child in new.children)
        old = new.partner
        # Lines that the view cut have no estimate.
        if old is None or old.cover != new.cover or not (old.node.rows and new.node.rows):
            rises[new], falls[new] = rise, fall
            continue
        change = log(new.node.rows / old.node.rows)
        rises[new], falls[new] = max(change, 0.0), min(change, 0.0)
        own = change - (rise if change > 0 else fall)
        is_worth_it = max(new.node.rows, old.node.rows) >= worth_rows
        if is_worth_it and own * change > 0 and abs(own) >= log(factor) - 1e-9:
            yield _other_estimate(trees, old, new, exp(abs(change)))


def _other_estimate(trees: Trees, old: Place, new: Place, times: float) -> PlanChange:
    before, after = rows_in_words(old.node.rows), rows_in_words(new.node.rows)
    direction = "higher" if new.node.rows > old.node.rows else "lower"
    return trees.changed(
        ChangeKind.ESTIMATE, old, new, before=before, after=after,
        says=f"the planner now expects {after} of {place_in_words(trees.after, new)} instead of"
        f" {before}, {number_in_words(times)} times {direction}",
    )  # fmt: skip
