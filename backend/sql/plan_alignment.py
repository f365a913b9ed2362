"""Which operator of one plan is which operator of another plan of the same statement.

First the scans are paired, by what they read; then joins, by the scans below them and by what they
compare; then all others between two joins, by what they do. What a plan puts in between (Hash,
Sort, Materialize, Network) or on the other side of a join therefore disturbs nothing. The time is
about that of reading both plans.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from hashlib import blake2b

from backend.sql.plan_places import Place, PlaceTree

Key = Callable[[Place], Hashable]
"""What two places must share to be paired; None = not in this way."""


def align(before: PlaceTree, after: PlaceTree) -> None:
    """Gives each operator its partner, where the other plan has one."""
    _pair_scans(before, after)
    _set_covers(before, after)
    _pair_joins(before, after)
    _pair_others(before, after)


def align_equal(before: PlaceTree, after: PlaceTree) -> None:
    """For two plans that do the same."""
    for one, other in zip(before.places, after.places, strict=True):
        _join_up(one, other)
    _set_covers(before, after)


def _pair_scans(before: PlaceTree, after: PlaceTree) -> None:
    known: dict[tuple[str, ...], int] = {}
    root_of = {**_root_keys(before, known), **_root_keys(after, known)}
    context_of = {leaf: _context(leaf) for tree in (before, after) for leaf in tree.leaves}
    ways: Sequence[Key] = (
        lambda leaf: (root_of[leaf], leaf.exact, leaf.node.alias, context_of[leaf]),
        lambda leaf: (leaf.exact, leaf.node.alias, context_of[leaf]),
        lambda leaf: (_source(leaf), leaf.node.alias, context_of[leaf]),
        lambda leaf: (_source(leaf), leaf.node.alias),
        lambda leaf: (leaf.exact, context_of[leaf]),
        _source,
    )
    for key in ways:
        _pair(before.leaves, after.leaves, key)
    # What is left is read instead of something else.
    for key in (_known_alias, lambda leaf: context_of[leaf] or None, lambda _: 0):
        _pair_if_only_one(
            [leaf for leaf in before.leaves if leaf.table and not leaf.is_temporary],
            [leaf for leaf in after.leaves if leaf.table and not leaf.is_temporary],
            key,
        )


def _root_keys(tree: PlaceTree, known: dict[tuple[str, ...], int]) -> dict[Place, Hashable]:
    """By leaf: what its child query reads, and the how manieth of that kind it is."""
    seen: dict[int, int] = defaultdict(int)
    keys: dict[Place, Hashable] = {}
    for root in tree.roots:
        leaves = tree.leaves_below(root)
        reads = known.setdefault(tuple(sorted(map(_source, leaves))), len(known))
        seen[reads] += 1
        keys.update(dict.fromkeys(leaves, (reads, seen[reads])))
    return keys


def _source(leaf: Place) -> str:
    return leaf.table or leaf.node.operator


def _known_alias(leaf: Place) -> str | None:
    return leaf.node.alias


def _context(leaf: Place) -> str:
    join = leaf.join_above
    return join.join_test.text if join else ""


def _set_covers(before: PlaceTree, after: PlaceTree) -> None:
    """The sets of common scans, each as one number: sums of random numbers do not collide."""
    for leaf in before.leaves:
        if leaf.partner is not None:
            digest = blake2b(str(leaf.at).encode(), digest_size=16).digest()
            leaf.cover = leaf.partner.cover = int.from_bytes(digest, "big")
    for tree in (before, after):
        for place in reversed(tree.places):
            place.cover += sum(child.cover for child in place.children)


def _pair_joins(before: PlaceTree, after: PlaceTree) -> None:
    olds, news = ([p for p in tree.places if p.node.is_join] for tree in (before, after))
    _pair(olds, news, lambda join: (join.cover, join.join_test.text) if join.cover else None)
    _pair_if_only_one(olds, news, lambda join: join.join_test.text or None)
    _pair(olds, news, lambda join: join.cover or None)
    _pair(olds, news, lambda join: join.join_test.text or None)


def _pair_others(before: PlaceTree, after: PlaceTree) -> None:
    olds, news = ([p for p in tree.places if not p.node.is_join] for tree in (before, after))
    _pair(olds, news, lambda place: (place.cover, place.exact) if place.cover else None)
    _pair(olds, news, lambda place: (place.cover, place.kind) if place.cover else None)
    # Moved to another place of the plan.
    _pair(olds, news, lambda place: place.exact if place.cover else None)
    _pair(olds, news, lambda place: place.kind if place.cover else None)


def _pair(olds: Iterable[Place], news: Iterable[Place], key: Key) -> None:
    """Those that share the key and have no partner yet, in the order of print."""
    waiting = _by_key(olds, key)
    for wanted, found in _by_key(news, key).items():
        for one, other in zip(waiting.get(wanted, ()), found, strict=False):
            _join_up(one, other)


def _pair_if_only_one(olds: Iterable[Place], news: Iterable[Place], key: Key) -> None:
    waiting = _by_key(olds, key)
    for wanted, found in _by_key(news, key).items():
        alone = waiting.get(wanted, ())
        if len(alone) == len(found) == 1:
            _join_up(alone[0], found[0])


def _by_key(places: Iterable[Place], key: Key) -> dict[Hashable, list[Place]]:
    found: dict[Hashable, list[Place]] = defaultdict(list)
    for place in places:
        wanted = key(place) if place.partner is None else None
        if wanted is not None:
            found[wanted].append(place)
    return found


def _join_up(one: Place, other: Place) -> None:
    one.partner, other.partner = other, one
