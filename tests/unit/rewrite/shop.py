"""The tables that the cases are about, as Redshift's views describe them and as DuckDB makes them."""

from collections.abc import Mapping
from typing import Any

from tests.unit.rewrite.duck import DuckTable

SHOP: dict[str, dict[str, str]] = {
    "retail.orders": {
        "order_id": "bigint not null",
        "customer_id": "bigint",
        "store_id": "integer not null",
        "order_date": "date sort 1",
        "ordered_at": "timestamp without time zone sort 2",
        "status": "character varying(10)",
        "total": "numeric(12,2)",
        "is_paid": "boolean",
    },
    "retail.lines": {
        "order_id": "bigint not null",
        "product_id": "integer",
        "line_date": "date sort 1",
        "quantity": "integer sort 2",
        "amount": "numeric(12,2)",
    },
    "retail.returns": {
        "order_id": "bigint",
        "store_id": "integer not null",
        "returned_on": "date not null sort 1",
        "noted_at": "timestamp with time zone sort 2",
        "weight": "double precision",
        "code": "character(3)",
    },
    "retail.stores": {
        "store_id": "integer not null",
        "opened_on": "date not null sort 1",
        "name": "character varying(20)",
    },
}


def shop(changes: Mapping[str, str] = {}) -> dict[str, dict[str, str]]:
    """`retail.orders.customer_id: bigint not null` changes one column."""
    tables = {name: dict(columns) for name, columns in SHOP.items()}
    for path, described in changes.items():
        table, _, column = path.rpartition(".")
        tables.setdefault(table, {})[column] = described
    return tables


def described_tables(tables: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    """For the builder of case files."""
    return [
        {
            "name": name,
            "rows": 50_000_000,
            "columns": [
                {
                    "name": column,
                    "type": _type(described),
                    "sort": _sort(described),
                    "nullable": "not null" not in described,
                }
                for column, described in columns.items()
            ],
        }
        for name, columns in tables.items()
    ]


def duck_tables(tables: Mapping[str, Mapping[str, str]], sql: str) -> list[DuckTable]:
    """Those that the statement names."""
    return [
        DuckTable(
            name=name,
            columns=tuple((column, _type(described)) for column, described in columns.items()),
            not_null=frozenset(c for c, described in columns.items() if "not null" in described),
        )
        for name, columns in tables.items()
        if name in sql
    ]


def _type(described: str) -> str:
    return described.partition(" not null")[0].partition(" sort")[0]


def _sort(described: str) -> int:
    place = described.partition(" sort ")[2]
    return int(place) if place else 0
