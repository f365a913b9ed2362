"""Which columns a statement names, and how wide its rows can be."""

import math

import pytest

from backend.domain.case_file import StatementFact, TableFact
from backend.domain.evidence import Column
from backend.sql.named_columns import OVERHEAD_BYTES, wide_columns, widest_possible_bytes
from tests.builders import a_case_file, a_table


def a_case(sql, *columns, table_names=("sales.orders",)):
    own = tuple(Column(name=name, data_type=data_type) for name, data_type in columns)
    return a_case_file(
        scrubbed_sql=sql,
        statement=StatementFact(fact_id="F3", table_names=table_names),
        tables=(TableFact(fact_id="F4", table=a_table("sales.orders", columns=own)),),
    )


def test_the_widest_texts_that_are_named_come_first():
    case = a_case(
        "SELECT note, title, id FROM sales.orders",
        ("id", "bigint"),
        ("title", "character varying(300)"),
        ("note", "varchar(4000)"),
        ("remark", "varchar(9000)"),
        ("city", "varchar(60)"),
    )

    assert [(name, size) for _, name, size in wide_columns(case)] == [
        ("note", 4000),
        ("title", 300),
    ]


def test_a_row_holds_its_named_columns_and_as_much_again():
    case = a_case("SELECT id, note FROM sales.orders", ("id", "int8"), ("note", "varchar(100)"))

    assert widest_possible_bytes(case) == OVERHEAD_BYTES + 2 * (16 + 100)


@pytest.mark.parametrize(
    "case",
    [
        a_case("SELECT note FROM sales.orders", ("note", "super")),
        a_case("SELECT listagg(id) FROM sales.orders", ("id", "varchar(9)")),
        a_case("SELECT id FROM sales.orders"),
        a_case("SELECT id FROM a.b", ("id", "int"), table_names=("sales.orders", "a.b")),
        a_case(None, ("id", "int"), table_names=()),
    ],
    ids=["super", "listagg", "columns not known", "a table not known", "statement not known"],
)
def test_where_it_is_not_known_a_row_may_be_as_wide_as_it_likes(case):
    assert widest_possible_bytes(case) == math.inf
