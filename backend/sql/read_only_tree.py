"""The guard's second look, at the parsed tree: a query through and through.

Every kind of node must be known to only read. Functions are judged by their written names in the
first look; here those that are called without a bracket are.
"""

from collections.abc import Iterator

from sqlglot import TokenType, exp
from sqlglot.dialects.redshift import Redshift

from backend.sql.allowed_functions import ALLOWED_FUNCTIONS
from backend.sql.parse import NotParsedError, parse
from backend.sql.read_only_code import ReadOnlyCode, unknown_function
from backend.sql.read_only_rejection import RejectedError, Rejection

_STRING_TOKENS = frozenset(
    {
        TokenType.STRING,
        TokenType.BYTE_STRING,
        TokenType.HEREDOC_STRING,
        TokenType.NATIONAL_STRING,
        TokenType.IDENTIFIER,
    }
)
_WRITING = (exp.DML, exp.DDL, exp.Command, exp.Copy, exp.Set)
# exp.Func has a class of its own: NEXT VALUE FOR calls without a bracket and writes.
_NOT_ONLY_READING = (exp.NextValueFor, exp.Predict, exp.UserDefinedFunction)
_READING = (
    exp.Alias, exp.Aliases, exp.All, exp.Any, exp.Array, exp.AtIndex, exp.AtTimeZone, exp.Between,
    exp.Binary, exp.Boolean, exp.Bracket, exp.ByteString, exp.CTE, exp.Collate, exp.Column,
    exp.ColumnDef, exp.Connect, exp.Cube, exp.DataType, exp.DataTypeParam, exp.Distinct, exp.Dot,
    exp.Except, exp.Exists, exp.Fetch, exp.Filter, exp.From, exp.Group, exp.GroupingSets, exp.Having,
    exp.HavingMax, exp.Identifier, exp.IgnoreNulls, exp.In, exp.Intersect, exp.Interval,
    exp.IntervalSpan, exp.JSONPath, exp.JSONPathPart, exp.Join, exp.Lateral, exp.Limit, exp.LimitOptions, exp.Literal, exp.National, exp.Null,
    exp.Offset, exp.Order, exp.Ordered, exp.Paren, exp.Pivot, exp.PivotAlias, exp.PivotAny,
    exp.Prior, exp.Qualify, exp.RawString, exp.RespectNulls, exp.Rollup, exp.Select, exp.Slice,
    exp.Star, exp.Subquery, exp.Table, exp.TableAlias, exp.Tuple, exp.Unary, exp.Union, exp.Unnest,
    exp.Values, exp.Var, exp.Where, exp.Window, exp.WindowSpec, exp.With, exp.WithinGroup,
)  # fmt: skip


def check_tree(code: ReadOnlyCode) -> None:
    """Raises RejectedError with the first reason found."""
    tree = _query_of(code)
    for node in tree.walk():
        _check_node(node)
    named_columns = set(_starts_of_column_lists(tree))
    for start, name in code.unknown_calls.items():
        if start not in named_columns:
            raise unknown_function(name)


def _query_of(code: ReadOnlyCode) -> exp.Query:
    try:
        statements = parse(code.text)
        ends = tuple(
            token.end + 1
            for token in Redshift().tokenize(code.text)
            if token.token_type in _STRING_TOKENS
        )
    except NotParsedError as error:
        if isinstance(error.__cause__, RecursionError):
            raise RejectedError(Rejection.TOO_DEEP) from error
        raise RejectedError(Rejection.NOT_READ) from error
    # The parser must have read the same strings as the first look did.
    if ends != code.string_ends:
        raise RejectedError(Rejection.NOT_READ)
    if len(statements) > 1:
        raise RejectedError(Rejection.SEVERAL_STATEMENTS)
    if isinstance(statements[0], _WRITING):
        raise RejectedError(Rejection.WRITES)
    if not isinstance(statements[0], exp.Query):
        raise RejectedError(Rejection.NOT_A_SELECT)
    return statements[0]


def _check_node(node: exp.Expr) -> None:
    if isinstance(node, exp.Into):
        raise RejectedError(Rejection.INTO)
    if isinstance(node, exp.Lock):
        raise RejectedError(Rejection.LOCKS)
    if isinstance(node, _WRITING):
        raise RejectedError(Rejection.WRITES)
    if isinstance(node, exp.Anonymous):
        _check_name(node)
    elif isinstance(node, _NOT_ONLY_READING) or not isinstance(node, (exp.Func, *_READING)):
        raise RejectedError(Rejection.UNKNOWN_CLAUSE)


def _check_name(call: exp.Anonymous) -> None:
    """The parser knows no such function by itself: its name is as the statement writes it."""
    name = call.name.lower()
    if name not in ALLOWED_FUNCTIONS:
        raise unknown_function(name)


def _starts_of_column_lists(tree: exp.Expr) -> Iterator[int]:
    """Of `t` in `WITH t(a, b) AS …` and in `FROM … AS t(a, b)`."""
    for alias in tree.find_all(exp.TableAlias):
        if isinstance(alias.this, exp.Identifier) and alias.args.get("columns"):
            start = alias.this.meta.get("start")
            if isinstance(start, int):
                yield start
