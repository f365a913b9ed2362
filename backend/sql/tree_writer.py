"""A parsed statement as text: the part that needs no names."""

from collections.abc import Callable

from sqlglot import exp

from backend.sql.scope import Scope
from backend.sql.values import are_values, is_any_of_values, is_row_entry, is_value

VALUE = "?"
# Deeper trees are left to the fingerprint over tokens: a fixed bound, so that the answer does
# not hang on how deep the caller stands.
DEEPEST_TREE = 150


class TooDeepError(Exception):
    """The tree is deeper than is worth following."""


class TreeWriter:
    """Writes any tree as its kind and arguments, values as `?`, equal neighbours of a list once."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self._depth = 0
        self.special_nodes: dict[type, Callable[[exp.Expr, Scope], None]] = {
            exp.Paren: lambda node, scope: self.write(node.this, scope),
            exp.And: self._chain,
            exp.Or: self._chain,
            exp.In: self._in,
            exp.EQ: self._equal,
            exp.Not: self._not,
            exp.Is: self._is,
            exp.Values: self._values,
            exp.Identifier: lambda node, _: self.out.append(node.name),
        }

    def write(self, node: exp.Expr, scope: Scope) -> None:
        self._depth += 1
        if self._depth > DEEPEST_TREE:
            raise TooDeepError
        if is_value(node):
            self.out.append(VALUE)
        else:
            special = self.special_nodes.get(type(node))
            if special:
                special(node, scope)
            else:
                self._plain(node, scope)
        self._depth -= 1

    def _plain(self, node: exp.Expr, scope: Scope, *, without: tuple[str, ...] = ()) -> None:
        self.out.append(node.key + "(")
        for name in sorted(node.args):
            if name not in without:
                self._argument(name, node.args[name], scope)
        self.out.append(")")

    def _argument(self, name: str, value: object, scope: Scope) -> None:
        if value is None or value is False or value == []:
            return
        self.out.append(name + "=")
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, exp.Expr):
                self.write(entry, scope)
            else:
                self.out.append(str(entry).lower())

    def _text_of(self, node: exp.Expr, scope: Scope) -> str:
        before, self.out = self.out, []
        self.write(node, scope)
        written, self.out = self.out, before
        return " ".join(written)

    def _distinct_neighbours(self, nodes: list[exp.Expr], scope: Scope) -> None:
        last = None
        for node in nodes:
            written = self._text_of(node, scope)
            if written != last:
                self.out.append(written)
            last = written

    # Predicates and lists

    def _chain(self, node: exp.Expr, scope: Scope) -> None:
        """`a AND b AND c` however it is bracketed, without a level for each operand."""
        self.out.append(node.key + "(")
        pending = [node]
        while pending:
            part = pending.pop().unnest()
            if type(part) is type(node):
                pending += (part.args["expression"], part.this)
            else:
                self.write(part, scope)
        self.out.append(")")

    def _in(self, node: exp.Expr, scope: Scope) -> None:
        if are_values(node.expressions):
            self._comparison("eq", node.this, scope)
            return
        self.out.append("in(")
        self.write(node.this, scope)
        self._distinct_neighbours(node.expressions, scope)
        for name in ("query", "unnest", "field"):
            self._argument(name, node.args.get(name), scope)
        self.out.append(")")

    def _equal(self, node: exp.Expr, scope: Scope) -> None:
        if is_any_of_values(node.args["expression"]):
            self._comparison("eq", node.this, scope)
        else:
            self._plain(node, scope)

    def _not(self, node: exp.Expr, scope: Scope) -> None:
        inside = node.this.unnest()
        if isinstance(inside, exp.In) and are_values(inside.expressions):
            self._comparison("neq", inside.this, scope)
        else:
            self._plain(node, scope)

    def _comparison(self, operator: str, operand: exp.Expr, scope: Scope) -> None:
        # As _plain writes it, so that IN with values is the same as = with a value.
        self.out += (f"{operator}(", "expression=", VALUE, "this=")
        self.write(operand, scope)
        self.out.append(")")

    def _is(self, node: exp.Expr, scope: Scope) -> None:
        right = node.args["expression"]
        self.out.append(f"is {right.key} {right.this if isinstance(right, exp.Boolean) else ''}(")
        self.write(node.this, scope)
        if not isinstance(right, exp.Boolean | exp.Null):
            self.write(right, scope)
        self.out.append(")")

    def _values(self, node: exp.Expr, scope: Scope) -> None:
        last = None
        for row in node.expressions:
            entries = row.expressions if isinstance(row, exp.Tuple) else [row]
            written = " ".join(
                VALUE if is_row_entry(entry) else self._text_of(entry, scope) for entry in entries
            )
            if written != last:
                self.out.append(f"row( {written} )")
            last = written
