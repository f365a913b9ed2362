"""What a statement itself shows."""

import pytest
from hypothesis import given

from backend.sql.read_statement import StatementReading, read_statement
from backend.sql.scrub import scrub
from tests.unit.sql.texts import any_texts


def read(text: str) -> StatementReading:
    reading = read_statement(text)
    assert reading is not None
    return reading


def uses(text: str, which: str) -> list[tuple[str | None, str]]:
    columns = getattr(read(text), which)
    return [(use.table_name, use.column_name) for use in columns]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("select a from Sales.Orders o join items using (id)", ("sales.orders", "items")),
        ("select a from dev.sales.orders", ("dev.sales.orders",)),
        ("with x as (select a from t) select * from x join x y on x.a = y.a", ("t",)),
        ("with t as (select a from s.t) select a from t, u", ("u", "s.t")),
        ("select a from t where b in (select b from s)", ("t", "s")),
        ("select a from (select b from t) x union all select c from s", ("t", "s")),
        ("insert into s.t select a from u", ("s.t", "u")),
        ("update t set a = s.a from s where t.k = s.k", ("t", "s")),
        ("delete from t using s where t.k = s.k", ("t", "s")),
        ("create table q as select a from t", ("q", "t")),
        ("copy s.t from ? iam_role ? csv", ("s.t",)),
        ("unload ('select a from s.t') to ?", ("s.t",)),
        ("explain select a from t", ("t",)),
        ("select o.id from customers c, c.orders o", ("customers",)),
        ("select a from f(?)", ()),
    ],
)
def test_names_the_tables(text: str, names: tuple[str, ...]) -> None:
    assert read(text).table_names == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("select * from t", ("t",)),
        ("select t.*, s.a from t join s on t.k = s.k", ("t",)),
        ("select x.*, y.* from s.t x join u y on x.k = y.k", ("s.t", "u")),
        ("select * from (select * from t) x", ("t",)),
        ("with x as (select * from t) select y.*, s.a from x y join s on s.k = y.k", ("t",)),
        ("with t as (select * from s.t) select * from t", ("s.t",)),
        ("with recursive x as (select * from t union all select * from x) select * from x", ("t",)),
        ("select a from s union all select * from t", ("t",)),
        ("create table q as select * from t", ("t",)),
        ("insert into q with x as (select * from t) select * from x", ("t",)),
        ("unload ('select * from s.t') to ?", ("s.t",)),
    ],
)
def test_a_star_over_a_table_is_seen(text: str, names: tuple[str, ...]) -> None:
    assert read(text).starred_tables == names
    assert read(text).selects_star


@pytest.mark.parametrize(
    "text",
    [
        "select count(*) from t",
        "select a from t where exists (select * from s where s.k = t.k)",
        "select * from (select a from t) x",
        "with x as (select a from t) select * from x",
        "select a from (select * from t) x",
        "with x as (select * from t), y as (select * from x) select a from y",
        "select a * b from t",
    ],
)
def test_other_stars_are_harmless(text: str) -> None:
    assert not read(text).selects_star


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("select a from t", 0),
        ("select a from t join s on t.k = s.k left join u on u.k = t.k", 2),
        ("select a from t, s where t.k = s.k", 1),
        ("select o.id from customers c, c.orders o", 0),
        ("select a from t where b in (select b from s join u on s.k = u.k)", 1),
    ],
)
def test_counts_joins(text: str, count: int) -> None:
    assert read(text).join_count == count


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("select a from t where date_trunc(?, d) = ?", [("t", "d")]),
        ("select a from t where d::date between ? and ?", [("t", "d")]),
        ("select a from s.t x where upper(x.n) like ?", [("s.t", "n")]),
        ("select a from t where b + ? > ?", [("t", "b")]),
        ("select a from t where coalesce(b, c) in (?, ?)", [("t", "b"), ("t", "c")]),
        ("select a from t x join s y on x.k = y.k and trunc(x.d) = ?", [("t", "d")]),
        ("select a from t x left join s y on x.k = y.k and trunc(y.d) = ?", [("s", "d")]),
        ("select a from t x join s y on trunc(x.d) = y.d", []),
        ("select a from t, s where lower(t.n) = lower(s.n)", []),
        ("select a from t, s where lower(n) = ?", [(None, "n")]),
        ("select a from t where exists (select 1 from s where abs(t.b) = ?)", [("t", "b")]),
        ("update t set a = ? from s where t.k = s.k and s.d::date = ?", [("s", "d")]),
        ("select a from (select b from t) x where abs(x.b) > ?", [(None, "b")]),
        ("select a from t where d >= dateadd(day, -?, getdate())", []),
        ("select upper(n) from t where d = ? group by upper(n) having max(b) > ?", []),
        ("select case when upper(n) = ? then 1 end from t where d = ?", []),
        ("select a from t where b = (select max(c) from s)", []),
    ],
)
def test_columns_inside_a_function_or_cast_are_wrapped(
    text: str, columns: list[tuple[str | None, str]]
) -> None:
    assert uses(text, "wrapped_columns") == columns


def test_a_wrapped_column_shows_its_wording() -> None:
    (use,) = read("select a from t where date_trunc(?, d) = ?").wrapped_columns

    assert use.expression == "DATE_TRUNC(?, d)"


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("select a from t where b = ? and c > ? and d between ? and ?",
         [("t", "b"), ("t", "c"), ("t", "d")]),
        ("select a from s.t x join u on x.k = u.k where x.b in (?, ?) and u.c like ?",
         [("s.t", "b"), ("u", "c")]),
        ("select a from t where d >= date ? and d < dateadd(day, -?, getdate())",
         [("t", "d"), ("t", "d")]),
        ("select a from t where ? = b", [("t", "b")]),
        ("select a from t where (b) = ?", [("t", "b")]),
        ("select a from t where b = c", []),
        ("select a from t join s on t.k = ? and s.k = t.k", [("t", "k")]),
        ("select a from t left join s on s.k = t.k and s.d > ?", [("s", "d")]),
        ("select a from t left join s on s.k = t.k and t.d > ?", []),
        ("select a from t full join s on s.k = t.k and s.d > ?", []),
        ("select a from t where upper(b) = ?", []),
        ("delete from t where b < ?", [("t", "b")]),
    ],
)  # fmt: skip
def test_bare_columns_compared_with_a_value_are_filtered(
    text: str, columns: list[tuple[str | None, str]]
) -> None:
    assert uses(text, "filtered_columns") == columns


@pytest.mark.parametrize("text", ["vacuum t", "select ( from", "", "call p(?)"])
def test_what_does_not_parse_is_not_read(text: str) -> None:
    assert read_statement(text) is None


@given(any_texts)
def test_any_scrubbed_text_can_be_read_or_not(text: str) -> None:
    scrubbed = scrub(text).text

    if scrubbed is not None:
        assert isinstance(read_statement(scrubbed), StatementReading | None)
