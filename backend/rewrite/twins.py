"""The nodes of a copied tree beside those that they are copies of."""

from sqlglot import exp


def twins_of(tree: exp.Expr, copy: exp.Expr) -> dict[int, exp.Expr]:
    """By the id of a node of `tree`: its twin in `copy`, which must be as it was copied."""
    pairs = zip(tree.walk(), list(copy.walk()), strict=True)
    return {id(node): twin for node, twin in pairs}
