"""Which clauses of a statement may cost time."""

import pytest
from hypothesis import given

from backend.domain.case_file import Clause, ClauseKind
from backend.sql.clauses.read_clauses import MOST_OF_A_KIND, read_clauses
from backend.sql.parse import parse
from backend.sql.read_statement import read_statement
from backend.sql.scrub import scrub
from tests.unit.sql.texts import any_texts


def clauses(text: str, kind: ClauseKind) -> list[Clause]:
    scrubbed = scrub(text).text
    assert scrubbed is not None
    reading = read_statement(scrubbed)
    assert reading is not None
    return [clause for clause in reading.clauses if clause.kind is kind]


def texts(text: str, kind: ClauseKind) -> list[str]:
    return [clause.text for clause in clauses(text, kind)]


def columns(clause: Clause) -> list[tuple[str | None, str]]:
    return [(use.table_name, use.column_name) for use in clause.columns]


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("select a from t", ["FROM t"]),
        ("select count(*) from s.t x join u on x.k = u.k", ["FROM s.t", "FROM u"]),
        ("select a from t, u where t.k = u.k", ["FROM t", "FROM u"]),
        ("select a from t, u where k = l", ["FROM t", "FROM u"]),
        ("with w as (select a from t) select * from w", ["FROM t"]),
        ("select a from t order by a limit 5", ["FROM t"]),
        ("select a from s where b in (select b from t)", ["FROM t"]),
        ("create table x as select a from t", ["FROM t"]),
        ("select a from t where b = 1", []),
        ("select a from t where a > b", []),
        ("select a from t, u where t.k = u.k and u.b = 1", []),
        ("select a from t, u where t.k = u.k and (t.a = 1 or u.b = 2)", []),
        ("select a from t join u on t.k = u.k and u.b = 1", []),
        ("select a from t join (select k from u where b = 1) x on x.k = t.k", []),
        ("select a from (select a from t) x where a > 1", []),
        ("with w as (select a from t) select * from w limit 10", []),
        ("select a from t limit 5", []),
        ("delete from t", []),
        ("select a from s where exists (select 1 from t where t.k = s.k)", []),
    ],
)
def test_tables_that_nothing_restricts(text: str, tables: list[str]) -> None:
    assert texts(text, ClauseKind.UNFILTERED_TABLE) == tables


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("select a from t where b like '%x'", ["b LIKE '%?'"]),
        ("select a from t where b not ilike '%x%'", ["b NOT ILIKE '%?%'"]),
        ("select a from t where b like '%' || 'x'", ["b LIKE '%?%' || ?"]),
        ("select a from t join u on t.k = u.k and u.b like '%x'", ["u.b LIKE '%?'"]),
        ("select a from t where c = 1 and (b like '%x' or b like 'y%')", ["b LIKE '%?'"]),
        ("select a from t where b like 'x%'", []),
        ("select a from t where b like c", []),
        ("select a from t where b like $1", []),
        ("select a from t where b = '%x'", []),
        ("select case when b like '%x' then 1 end from t where c = 1", []),
    ],
)
def test_patterns_that_begin_with_a_wildcard(text: str, found: list[str]) -> None:
    assert texts(text, ClauseKind.LEADING_WILDCARD) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("select a from t where b similar to '%(x|y)%'", ["b SIMILAR TO ?"]),
        ("select a from t where b ~ 'x'", ["b ~ ?"]),
        ("select a from t where b !~* 'x'", ["NOT b ~* ?"]),
        ("select a from t where regexp_count(b, 'x') > 1", ["REGEXP_COUNT(b, ?)"]),
        ("select regexp_replace(b, 'x', 'y') from t where c = 1", []),
        ("select a from t where b like '%x'", []),
    ],
)
def test_regular_expressions_that_filter(text: str, found: list[str]) -> None:
    assert texts(text, ClauseKind.REGULAR_EXPRESSION) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("select a from t where b = 1 or c = 2", ["b = ? OR c = ?"]),
        ("select a from t, u where t.k = u.k and (t.b = 1 or u.c = 2)", ["t.b = ? OR u.c = ?"]),
        ("select a from t join u on t.k = u.k or t.l = u.l", ["t.k = u.k OR t.l = u.l"]),
        ("select a from t where b = 1 or b = 2", []),
        ("select a from t where (b = 1 and c = 2) or (b = 3 and d = 4)", []),
        ("select a from t where b = 1 or 1 = 1", []),
        ("select a from t where b = 1 or exists (select 1 from u where u.k = t.k)", []),
        ("select a from (select b, c from t) x where x.b = 1 or x.c = 2", []),
    ],
)
def test_an_or_over_columns(text: str, found: list[str]) -> None:
    assert texts(text, ClauseKind.OR_ACROSS_COLUMNS) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("select a from t where b = 1 or b = 2", [("b = ? OR b = ?", 2)]),
        ("select a from t where c = 1 and (b = 1 or 2 = B)", [("b = ? OR ? = B", 2)]),
        ("select a from t where b in (1, 2) or b = 3", [("b IN (?, ?) OR b = ?", 3)]),
        (
            "select a from t where b = date '2026-01-01' or b = '2026-01-02'::date",
            [("b = CAST(? AS DATE) OR b = CAST(? AS DATE)", 2)],
        ),
        (
            "select a from t join u on t.k = u.k and (t.b = 1 or t.b = 2)",
            [("t.b = ? OR t.b = ?", 2)],
        ),
        (
            "select a from t left join u on t.k = u.k where t.b = 1 or t.b = 2",
            [("t.b = ? OR t.b = ?", 2)],
        ),
        ("select a from t left join u on t.k = u.k and (t.b = 1 or t.b = 2)", []),
        ("select a from t where b in (1, 2)", []),
        ("select a from t where b = 1 or c = 2", []),
        ("select a from t where b = 1 or b > 2", []),
        ("select a from t where b = 1 or (b = 2 and c = 3)", []),
        ("select a from t where b = 1 or b = c", []),
        ("select a from t where b = 1 or b is null", []),
        ("select a from t where b = 1 or b not in (2, 3)", []),
        ("select a from t where trunc(b) = 1 or trunc(b) = 2", []),
        ("select a from t where b = 1 or b in (select k from u)", []),
        ("select a from t where not (b = 1 or b = 2)", []),
        ("select a from t x, t y where x.k = y.k and (x.b = 1 or y.b = 2)", []),
        ("select a from (select b + 1 as b from t) x where x.b = 1 or x.b = 2", []),
        ("select case when b = 1 or b = 2 then 1 end from t where c = 1", []),
    ],
)
def test_an_or_on_one_column_that_is_compared_with_values(
    text: str, found: list[tuple[str, int]]
) -> None:
    read = clauses(text, ClauseKind.OR_ON_ONE_COLUMN)

    assert [(clause.text, clause.count) for clause in read] == found
    assert {column for clause in read for _, column in columns(clause)} <= {"b"}


def test_an_equality_names_both_sides() -> None:
    text = "select a from s.t x join u on x.k = u.k, v where x.l = v.l and x.m = 5"

    assert [columns(clause) for clause in clauses(text, ClauseKind.JOIN_EQUALITY)] == [
        [("s.t", "l"), ("v", "l")],
        [("s.t", "k"), ("u", "k")],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "select a from t join (select k, count(*) as k2 from u group by k) x on x.k2 = t.k",
        "with x as (select count(*) as n from u) select a from t join x on x.n = t.k",
        "select a from t, (select count(*) as n from u) x where k = n",
        "select a from t, (select * from u) x where k = l",
        "select a from s where exists (select 1 from t where t.k = s.k)",
    ],
)
def test_a_column_that_may_be_made_by_a_derived_table_or_the_query_around_joins_nothing(
    text: str,
) -> None:
    assert clauses(text, ClauseKind.JOIN_EQUALITY) == []


def test_a_join_on_an_expression_names_what_stands_inside_it_first() -> None:
    text = "select a from t join u on t.k = trunc(u.k) where lower(t.n) = lower(u.n)"

    lower, trunc = clauses(text, ClauseKind.JOIN_ON_EXPRESSION)

    assert (columns(trunc), trunc.count) == ([("u", "k"), ("t", "k")], 1)
    assert (columns(lower), lower.count) == ([("t", "n"), ("u", "n")], 2)
    assert trunc.columns[0].expression == "TRUNC(u.k)"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("select a from t, u where t.d = u.d and t.d > 5", [("t", "d"), ("u", "d")]),
        ("select a from t join u on u.d = t.d where t.d between 1 and 2", [("t", "d"), ("u", "d")]),
        ("select a from t, u where d = e and d in (1, 2)", [(None, "d"), (None, "e")]),
        ("select a from t, u where t.d = u.d and t.d > 5 and u.d > 5", None),
        ("select a from t, u where t.d = u.d and t.e > 5", None),
        ("select a from t left join u on t.d = u.d where t.d > 5", None),
        ("select a from t, u where t.d = u.d(+) and t.d > 5", None),
        ("select a from t, u where t.d = u.d and trunc(t.d) > 5", None),
        ("select a from t, u where t.d > u.d and t.d > 5", None),
    ],
)
def test_a_filter_whose_twin_has_none(
    text: str, found: list[tuple[str | None, str]] | None
) -> None:
    filters = clauses(text, ClauseKind.ONE_SIDED_FILTER)

    assert [columns(clause) for clause in filters] == ([found] if found else [])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("select a from t, u", ["t and u"]),
        ("select a from t cross join s.u x", ["t and u x"]),
        ("select a from t, u, v where t.k = v.k", ["u and t, v"]),
        ("select a from t, u where t.b = 1 and u.c = 2", ["t and u"]),
        ("select a from t, u where t.k = u.k", []),
        ("select a from t, u where t.k > u.k or t.l = 1", []),
        ("select a from t, u where k = l", []),
        ("select a from t join u using (k)", []),
        ("select a from t natural join u", []),
        ("select a from t, (select max(b) as b from u) x", []),
        ("select a from t, (select 1 as b) x", []),
        ("select o.id from customers c, c.orders o", []),
        ("select a from t, u where t.k in (select k from v where v.l = u.l)", []),
        ("select a from t join (s join u on s.k = u.k) on t.k = s.k", []),
        ("select a from t, u where t.k = u.k ( + )", []),
    ],
)
def test_sources_that_nothing_links(text: str, found: list[str]) -> None:
    assert texts(text, ClauseKind.CROSS_JOIN) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("select a from t where b not in (select c from s.u)",
         [("b NOT IN (SELECT c FROM s.u …)", [("t", "b"), (None, "c")])]),
        ("select a from t where t.b <> all (select u.c from u)",
         [("t.b NOT IN (SELECT u.c FROM u …)", [("t", "b"), ("u", "c")])]),
        ("select a from t where b not in (select max(c) from u)",
         [("b NOT IN (SELECT MAX(c) FROM u …)", [("t", "b")])]),
        ("select a from t where b not in (select c from u where c is not null)", []),
        ("select a from t where b not in (select c from u where c > 5)", []),
        ("select a from t where b not in (select u.c from u join v on u.c = v.c)", []),
        ("select a from t where b in (select c from u)", []),
        ("select a from t where b not in (1, 2)", []),
        ("select a from t where not exists (select c from u)", []),
    ],
)  # fmt: skip
def test_not_in_over_a_subquery(
    text: str, found: list[tuple[str, list[tuple[str | None, str]]]]
) -> None:
    said = clauses(text, ClauseKind.NOT_IN_SUBQUERY)

    assert [(clause.text, columns(clause)) for clause in said] == found


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("select (select max(b) from u where u.k = t.k) from t", ClauseKind.CORRELATED_SUBQUERY,
         ["(SELECT MAX(b) FROM u …)"]),
        ("select a from t where b > (select avg(b) from t x where x.k = t.k)",
         ClauseKind.CORRELATED_SUBQUERY, ["(SELECT AVG(b) FROM t …)"]),
        ("select a from t where b > (select avg(b) from u where k = l)",
         ClauseKind.SCALAR_SUBQUERY, ["(SELECT AVG(b) FROM u …)"]),
        ("select a from t where b > (select avg(b) from u where c > 5)",
         ClauseKind.SCALAR_SUBQUERY, []),
        ("select a from t where exists (select 1 from u where u.k = t.k)",
         ClauseKind.CORRELATED_SUBQUERY, []),
        ("select a from t where b in (select b from u where u.k = t.k)",
         ClauseKind.CORRELATED_SUBQUERY, []),
        ("select a from (select a from t where t.k = t.l) x", ClauseKind.CORRELATED_SUBQUERY, []),
    ],
)  # fmt: skip
def test_subqueries_of_one_value(text: str, kind: ClauseKind, found: list[str]) -> None:
    assert texts(text, kind) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("select a from t union all select b from t", [("FROM t", 2)]),
        ("select a from t where b > (select avg(b) from t)", [("FROM t", 2)]),
        ("with w as (select a from t) select 1 from w x join w y on x.a = y.a",
         [("FROM t through the WITH query w (2 times)", 2)]),
        ("with w as (select a from t), v as (select a from w) select 1 from v, v z, w",
         [("FROM t through the WITH query w (2 times)", 3)]),
        ("with recursive w as (select a from t union all select a + 1 from w) select * from w", []),
        ("select 1 from t x join t y on x.k = y.l", []),
        ("select 1 from t, u", []),
    ],
)  # fmt: skip
def test_tables_that_are_read_in_several_places(text: str, found: list[tuple[str, int]]) -> None:
    said = clauses(text, ClauseKind.REPEATED_TABLE)

    assert [(clause.text, clause.count) for clause in said] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("select a from t union select b from u", [("SELECT a FROM t UNION SELECT b FROM u", 2)]),
        ("(select a from t union select a from u) union select a from v",
         [("SELECT a FROM t UNION SELECT a FROM u", 3)]),
        ("select a from t union all select b from u", []),
        ("select a from t union all select b from u union all select c from v", []),
        ("select a from t intersect select b from u", []),
    ],
)  # fmt: skip
def test_unions_that_look_for_duplicates(text: str, found: list[tuple[str, int]]) -> None:
    said = clauses(text, ClauseKind.UNION_DISTINCT)

    assert [(clause.text, clause.count) for clause in said] == found


@pytest.mark.parametrize(
    ("text", "is_redundant"),
    [
        ("select distinct a, sum(b) from t group by a", True),
        ("select distinct a as x, sum(b) from t group by x", True),
        ("select distinct a, b, sum(c) from t group by 1, 2", True),
        ("select distinct count(*) from t", True),
        ("select distinct a from t group by a, b", False),
        ("select distinct sum(c) from t group by a", False),
        ("select distinct a, sum(b) over (partition by a) from t group by a, b", False),
        ("select distinct a, b from t group by rollup(a, b)", False),
        ("select distinct a from t", False),
        ("select distinct sum(a) over () from t", False),
    ],
)
def test_a_distinct_that_can_remove_nothing(text: str, is_redundant: bool) -> None:
    assert bool(clauses(text, ClauseKind.REDUNDANT_DISTINCT)) is is_redundant
    assert bool(clauses(text, ClauseKind.SELECT_DISTINCT)) is not is_redundant


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("select a from t order by a, b desc", ["ORDER BY a, b DESC"]),
        ("select a from t union all select b from u order by 1", ["ORDER BY ?"]),
        ("insert into q select a from t order by a", ["ORDER BY a"]),
        ("create table q as (select a from t order by a)", ["ORDER BY a"]),
        ("unload ('select a from t order by a') to 's3://x'", ["ORDER BY a"]),
        ("select a from t order by a limit 10", []),
        ("select top 10 a from t order by a", []),
        ("select a from (select a from t order by a) x", []),
        ("select row_number() over (order by a) from t", []),
    ],
)
def test_an_order_of_the_whole_result(text: str, found: list[str]) -> None:
    assert texts(text, ClauseKind.ORDER_BY_WITHOUT_LIMIT) == found


def test_counts_of_distinct_values_are_counted_though_scrubbed_they_are_the_same() -> None:
    text = "select count(distinct case when b = 1 then a end), count(distinct case when b = 2 then a end), count(a) from t"

    (clause,) = clauses(text, ClauseKind.COUNT_DISTINCT)

    assert (clause.text, clause.count) == ("COUNT(DISTINCT CASE WHEN b = ? THEN a END)", 2)


def test_an_approximate_count_is_none() -> None:
    assert texts("select approximate count(distinct a) from t", ClauseKind.COUNT_DISTINCT) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("select sum(a) over () from t", [("SUM(a) OVER ()", 1)]),
        ("select rank() over (order by a), sum(a) over (partition by b) from t",
         [("RANK() OVER (ORDER BY a)", 2)]),
        ("select sum(a) over (partition by b) from t", []),
        ("select sum(a) over w from t window w as (partition by b)", []),
    ],
)  # fmt: skip
def test_windows_over_everything(text: str, found: list[tuple[str, int]]) -> None:
    said = clauses(text, ClauseKind.WINDOW_WITHOUT_PARTITION)

    assert [(clause.text, clause.count) for clause in said] == found


@pytest.mark.parametrize(
    ("text", "kind", "is_found"),
    [
        ("insert into s.t values (1, 'x')", ClauseKind.INSERT_VALUES, True),
        ("insert into s.t (a, b) values (1, 'x'), (2, 'y')", ClauseKind.INSERT_VALUES, True),
        ("insert into s.t select 1, 'x'", ClauseKind.INSERT_VALUES, False),
        ("delete from s.t", ClauseKind.DELETE_ALL, True),
        ("delete from s.t where a = 1", ClauseKind.DELETE_ALL, False),
        ("delete from s.t using u where u.a = t.a", ClauseKind.DELETE_ALL, False),
        ("update s.t set a = 1", ClauseKind.UPDATE_ALL, True),
        ("update s.t set a = 1 where b = 2", ClauseKind.UPDATE_ALL, False),
        ("update s.t set a = u.a from u where u.k = t.k", ClauseKind.UPDATE_ALL, False),
    ],
)
def test_writes_of_rows_and_of_whole_tables(text: str, kind: ClauseKind, is_found: bool) -> None:
    said = clauses(text, kind)

    assert [clause.table_names for clause in said] == ([("s.t",)] if is_found else [])


def test_two_subqueries_are_told_apart() -> None:
    text = "select a from t where b in (select b from u) and c in (select c from v)"

    said = clauses(text, ClauseKind.UNFILTERED_TABLE)

    assert [(clause.text, clause.query_number) for clause in said] == [("FROM u", 1), ("FROM v", 2)]


def test_a_clause_holds_no_literal_and_no_query() -> None:
    text = "select a from t where b not in (select c from u where d = 'Quillfeather') and e like '%Quill%'"
    scrubbed = scrub(text).text or ""
    reading = read_statement(scrubbed)

    assert reading is not None
    assert len(reading.clauses) == 2
    for clause in reading.clauses:
        assert "uill" not in clause.text
        assert "\n" not in clause.text


def test_of_very_many_clauses_of_a_kind_only_some_are_kept() -> None:
    conditions = " and ".join(f"c{number} like '%x'" for number in range(100))

    said = clauses(" ".join(("select a from t where", conditions)), ClauseKind.LEADING_WILDCARD)

    assert len(said) == MOST_OF_A_KIND


def reads_twice(number: int) -> str:
    before = f"w{number - 1}"
    return f"w{number} as (select a from {before} x, {before} y)"  # noqa: S608


@pytest.mark.parametrize(
    "text",
    [
        " union ".join(["select a from t where b = 1 or c = 2"] * 1_500),
        f"select a from t where {' or '.join(f'b{n} = 1' for n in range(8_000))}",  # noqa: S608
        f"select 1 from {', '.join(f't{n}' for n in range(2_000))}",  # noqa: S608
        f"with {', '.join(map(reads_twice, range(1, 400)))} select a from w399",  # noqa: S608
        "select a from t where b in (" * 100 + "select 1" + ")" * 100,
    ],
    ids=["unions", "ors", "tables", "with queries", "nested"],
)  # fmt: skip
def test_a_huge_statement_is_read_to_its_end(text: str) -> None:
    """Were the reading quadratic, the suite's time limit would end it."""
    clauses = read_clauses(parse(text))

    assert all(clause.count >= 1 for clause in clauses)


@given(any_texts)
def test_whatever_is_read_fits_to_be_shown(text: str) -> None:
    scrubbed = scrub(text).text
    reading = read_statement(scrubbed) if scrubbed is not None else None

    for clause in reading.clauses if reading else ():
        assert clause.text.strip()
        assert clause.count >= 1
        assert clause.query_number >= 0
