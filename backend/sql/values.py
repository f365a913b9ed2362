"""Which parts of a tree are values: what a fingerprint leaves out."""

from sqlglot import exp


def is_value(node: object) -> bool:
    """A literal or placeholder, whatever sign, cast, unit or bracket it wears."""
    while isinstance(node, exp.Neg | exp.Paren | exp.Cast | exp.Interval):
        node = node.this
    if isinstance(node, exp.Concat):  # 'a' 'b'
        return all(is_value(part) for part in node.expressions)
    return isinstance(node, exp.Literal | exp.Placeholder | exp.Parameter | exp.Boolean)


def are_values(nodes: list[exp.Expr]) -> bool:
    return bool(nodes) and all(is_value(node) for node in nodes)


def is_any_of_values(node: object) -> bool:
    """ANY over values, a bind variable or an array of values."""
    if not isinstance(node, exp.Any):
        return False
    inside = node.this.unnest() if isinstance(node.this, exp.Paren) else node.this
    if isinstance(inside, exp.Array | exp.Tuple):
        return all(is_value(entry) for entry in inside.expressions)
    return is_value(inside)


def is_row_entry(node: exp.Expr) -> bool:
    """In VALUES also NULL and DEFAULT stand for a value of that row."""
    is_default = isinstance(node, exp.Var | exp.Column) and node.name.lower() == "default"
    return is_value(node) or isinstance(node, exp.Null) or is_default
