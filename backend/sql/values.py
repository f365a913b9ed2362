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


def listed_values(node: exp.Expr) -> tuple[exp.Column, list[exp.Expr]] | None:
    """The bare column of `c = ?`, `? = c` or `c IN (?, …)` and what it may equal."""
    if isinstance(node, exp.In):
        side, values = node.this.unnest(), node.expressions
        if node.args.get("query") is not None or not are_values(values):
            return None
    elif isinstance(node, exp.EQ):
        left, right = node.this.unnest(), node.expression.unnest()
        side, value = (right, node.this) if is_value(left) else (left, node.expression)
        if not is_value(value):
            return None
        values = [value]
    else:
        return None
    return (side, values) if isinstance(side, exp.Column) else None


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
