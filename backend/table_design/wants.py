"""What a statement of ours, of a recommendation or of Redshift's Advisor wants of a table."""

from collections.abc import Iterator
from dataclasses import dataclass

from backend.domain.table_design import ALL, EVEN, Distribution, by_key
from backend.domain.table_proposal import Aspect
from backend.sql.action_sql import (
    ActionKind,
    ActionStatement,
    NotActionSqlError,
    read_action_sql,
)

_STYLES = {"ALL": ALL, "EVEN": EVEN}


@dataclass(frozen=True, kw_only=True)
class Want:
    """`table_name` is as the statement writes it. `is_automatic`: it leaves the matter to Redshift,
    then `distribution` is None. `columns` are those of a sort key; none drops it."""

    table_name: str
    aspect: Aspect
    words: str
    distribution: Distribution | None = None
    columns: tuple[str, ...] = ()
    is_automatic: bool = False

    @property
    def can_be_weighed(self) -> bool:
        """What Redshift would choose where a distribution or sort key is left to it, nobody knows."""
        return not self.is_automatic or self.aspect is Aspect.ENCODING


def wants_of(action_sql: str | None) -> tuple[Want, ...]:
    """Nothing for SQL that changes no table's design, or none that may be proposed."""
    if not action_sql:
        return ()
    try:
        statements = read_action_sql(action_sql)
    except NotActionSqlError:
        return ()
    return tuple(_wants(statements))


def _wants(statements: tuple[ActionStatement, ...]) -> Iterator[Want]:
    for statement in statements:
        want = _want(statement)
        if want is not None:
            yield want


def _want(statement: ActionStatement) -> Want | None:
    name = statement.table_names[0] if statement.table_names else ""
    columns = tuple(column.casefold() for column in statement.column_names)
    match statement.kind:
        case ActionKind.DISTRIBUTE_BY_KEY:
            wanted = by_key(columns[0])
            return Want(
                table_name=name,
                aspect=Aspect.DISTRIBUTION,
                words=wanted.words,
                distribution=wanted,
            )
        case ActionKind.DISTRIBUTE:
            style = _STYLES.get(statement.argument)
            return Want(
                table_name=name,
                aspect=Aspect.DISTRIBUTION,
                words=style.words if style else f"DISTSTYLE {statement.argument}",
                distribution=style,
                is_automatic=style is None,
            )
        case ActionKind.SORT_KEY:
            is_automatic = statement.argument == "AUTO"
            unnamed = "sort key AUTO" if is_automatic else "no sort key"
            return Want(
                table_name=name,
                aspect=Aspect.SORT_KEY,
                words=f"sorted by {', '.join(columns)}" if columns else unnamed,
                columns=columns,
                is_automatic=is_automatic,
            )
        case ActionKind.ENCODE_AUTO:
            return Want(
                table_name=name, aspect=Aspect.ENCODING, words="ENCODE AUTO", is_automatic=True
            )
    return None
