"""How operators, tables and conditions of a plan are called in sentences."""

from backend.domain.in_words import listed
from backend.domain.plan import Movement
from backend.sql.plan_places import Place, PlaceTree
from backend.sql.plan_predicate import PredicateShape

LONGEST_TEXT = 120
_NOTHING = "no condition"
_VOWELS = ("a", "e", "i", "o", "u", "s3")


def tables_in_words(tree: PlaceTree, place: Place) -> str:
    """`sale and shop`; what is read where there is no table."""
    return listed(tree.names_below(place)) or "an inner query"


def join_in_words(tree: PlaceTree, join: Place) -> str:
    """`the join of sale with shop`"""
    if len(join.children) < 2:
        return f"the join of {tables_in_words(tree, join)}"
    outer, inner = _sides(tree, join)
    return f"the join of {outer} with {inner}"


def place_in_words(tree: PlaceTree, place: Place) -> str:
    """`the scan of sale`, `the HashAggregate over sale and shop`"""
    if place.node.is_join:
        return join_in_words(tree, place)
    tables = tables_in_words(tree, place)
    if not place.children:
        return f"the scan of {tables}"
    return f"the {short_operator(place)} over {tables}"


def short_operator(place: Place) -> str:
    """Without the layer that nearly all operators share."""
    return place.node.operator.removeprefix("XN ")


def with_article(words: str) -> str:
    return f"{'an' if words.lower().startswith(_VOWELS) else 'a'} {words}"


def movement_in_words(tree: PlaceTree, join: Place) -> str:
    """`a broadcast of shop (DS_BCAST_INNER)`; only joins of two sides move something."""
    movement = join.node.movement
    if movement is None:
        unknown = join.node.condition("Movement")
        return f"a movement that the guide does not name ({unknown})" if unknown else "no movement"
    outer, inner = _sides(tree, join)
    return {
        Movement.DS_DIST_NONE: "no movement",
        Movement.DS_DIST_ALL_NONE: "no movement, as one side is on every node",
        Movement.DS_DIST_INNER: f"a redistribution of {inner}",
        Movement.DS_DIST_OUTER: f"a redistribution of {outer}",
        Movement.DS_DIST_BOTH: f"a redistribution of both {outer} and {inner}",
        Movement.DS_DIST_ALL_INNER: f"all of {inner} on one slice",
        Movement.DS_BCAST_INNER: f"a broadcast of {inner}",
    }[movement] + f" ({movement})"


def moved_tables(tree: PlaceTree, join: Place) -> tuple[str, ...]:
    """The tables below the sides that the join moves."""
    movement = join.node.movement
    sides = join.children[:2]
    if movement in (Movement.DS_DIST_INNER, Movement.DS_DIST_ALL_INNER, Movement.DS_BCAST_INNER):
        sides = sides[1:]
    elif movement is Movement.DS_DIST_OUTER:
        sides = sides[:1]
    elif movement is not Movement.DS_DIST_BOTH:
        return ()
    return tuple(dict.fromkeys(name for side in sides for name in tree.tables_below(side)))


def _sides(tree: PlaceTree, join: Place) -> tuple[str, str]:
    if len(join.children) < 2:
        tables = tables_in_words(tree, join)
        return tables, tables
    outer, inner = (tables_in_words(tree, side) for side in join.children[:2])
    return outer, inner


def inner_in_words(tree: PlaceTree, join: Place) -> str:
    return _sides(tree, join)[1]


def join_kind_in_words(place: Place) -> str:
    """`a hash join`, `a left hash join`, `a nested loop`"""
    words = short_operator(place).lower().split()
    for kind in ("left", "right", "full"):
        if kind in words:
            words.remove(kind)
            words.insert(0, kind)
    return with_article(" ".join(words))


def tests_in_words(shape: PredicateShape, other: PredicateShape) -> str:
    """What is tested; of long conditions only what the other one does not test."""
    if len(shape.text) <= LONGEST_TEXT and len(other.text) <= LONGEST_TEXT:
        return shape.text or _NOTHING
    own = [part for part in shape.parts if part not in set(other.parts)]
    return _short(" and ".join(own)) or "nothing more"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1].rstrip()}…"
