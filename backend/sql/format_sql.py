"""Scrubbed SQL laid out for reading."""

from sqlglot import exp
from sqlglot.dialects.redshift import Redshift
from sqlglot.errors import ErrorLevel

from backend.sql.fingerprint import fingerprint_of
from backend.sql.parse import parse
from backend.sql.placeholders import with_placeholders, with_stand_ins
from backend.sql.wrapped import read_wrapped

LONGEST_FORMATTED = 100_000


def format_sql(scrubbed_sql: str) -> str:
    """Laid out over lines; as it came where it cannot be parsed or its meaning might change."""
    if len(scrubbed_sql) > LONGEST_FORMATTED:
        return scrubbed_sql
    try:
        formatted = _formatted(scrubbed_sql)
        is_same = fingerprint_of(formatted) == fingerprint_of(scrubbed_sql)
    except Exception:  # noqa: BLE001 - not parsed, too deep or an odd tree: it stays as it came
        return scrubbed_sql
    return formatted if is_same else scrubbed_sql


def _formatted(scrubbed_sql: str) -> str:
    wrapped = read_wrapped(scrubbed_sql)
    if wrapped is None:
        return ";\n\n".join(_laid_out(tree) for tree in parse(with_stand_ins(scrubbed_sql)))
    head, tail = wrapped.head.strip(), wrapped.tail.strip()
    query = _formatted(wrapped.query)
    return f"{head}'\n{query}\n'{tail}" if wrapped.is_quoted else f"{head}\n{query}"


def _laid_out(tree: exp.Expr) -> str:
    sql = Redshift().generate(
        tree,
        pretty=True,
        normalize_functions=False,
        comments=False,
        unsupported_level=ErrorLevel.IGNORE,
    )
    return with_placeholders(sql)
