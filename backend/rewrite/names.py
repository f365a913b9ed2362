"""Names for what a rewrite makes up, and names of columns as Redshift reads them back."""

import re
from collections.abc import Collection

from sqlglot import exp

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")


def identifier(name: str) -> exp.Identifier:
    """In quotes where a bare name would not do; sqlglot knows the reserved words."""
    return exp.Identifier(this=name, quoted=_PLAIN.fullmatch(name) is None)


def names_in(tree: exp.Expr) -> set[str]:
    return {node.name.lower() for node in tree.find_all(exp.Identifier)}


def fresh_name(wanted: str, taken: Collection[str]) -> str:
    """`wanted`, or with a number behind it where the statement has that name already."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name


def numbered_name(wanted: str, taken: Collection[str]) -> str:
    """`value_1`, `value_2` and so on."""
    number = 1
    while f"{wanted}_{number}" in taken:
        number += 1
    return f"{wanted}_{number}"
