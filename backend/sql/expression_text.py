"""A part of a parsed statement as scrubbed SQL on one line."""

from sqlglot import exp
from sqlglot.dialects.redshift import Redshift
from sqlglot.errors import ErrorLevel, SqlglotError

from backend.sql.placeholders import with_placeholders

LONGEST_EXPRESSION = 200


def expression_text(expression: exp.Expr) -> str:
    """Empty where it cannot be written."""
    try:
        sql = Redshift().generate(
            expression, normalize_functions=False, unsupported_level=ErrorLevel.IGNORE
        )
    except (SqlglotError, ValueError, TypeError, AttributeError):
        return ""
    return with_placeholders(sql)[:LONGEST_EXPRESSION]
