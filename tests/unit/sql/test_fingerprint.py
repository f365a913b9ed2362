"""Which texts are one pattern and which are not."""

import logging
import random
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot.dialects.redshift import Redshift

from backend.domain.pattern import FingerprintMethod
from backend.sql.fingerprint import Fingerprinter, RecentlyUsed, fingerprint_of
from backend.sql.scrub import scrub
from tests.bench.corpus import filled, statements
from tests.unit.sql.texts import any_texts, corpus_texts

SAME = {
    "other literals": ("select a from t where b = 1", "select a from t where b = 2"),
    "a literal of another type": ("select a from t where b = 1", "select a from t where b = 'x'"),
    "a sign": ("select a from t where b = 1", "select a from t where b = -1.5"),
    "a placeholder": ("select a from t where b = 1", "select a from t where b = $1"),
    "date and cast": (
        "select a from t where b >= date '2020-01-01'",
        "select a from t where b >= '2020-01-01'::date",
    ),
    "cast in words": (
        "select a from t where b >= '2020-01-01'",
        "select a from t where b >= cast('2020-01-01' as date)",
    ),
    "an interval": (
        "select a from t where b > c - interval '1 day'",
        "select a from t where b > c - interval '3' month",
    ),
    "the length of a list": (
        "select a from t where b in (1)",
        "select a from t where b in ('x', 'y', 'z')",
    ),
    "a list with casts": (
        "select a from t where b in (1, 2)",
        "select a from t where b in (date '2020-01-01', '2020-01-02'::date)",
    ),
    "any of an array": (
        "select a from t where b in (1, 2)",
        "select a from t where b = any(array[1, 2, 3])",
    ),
    "a list that excludes": (
        "select a from t where b not in (1)",
        "select a from t where b not in (1, 2)",
    ),
    "pairs in a list": (
        "select a from t where (b, c) in ((1, 2))",
        "select a from t where (b, c) in ((1, 2), (3, 4))",
    ),
    "the number of rows": (
        "insert into t (a, b) values (1, 2)",
        "insert into t (a, b) values (1, 2), (3, null), (default, true)",
    ),
    "comments": ("select a from t", "/* x */ select a -- 'y\nfrom t"),
    "case and white space": ("select a from t", "SELECT\n  A\nFROM\tT ;"),
    "quotes that change nothing": ("select a from t", 'select "a" from "t"'),
    "brackets": (
        "select a from t where b = 1 and c = 2 and d = 3",
        "select (a) from t where ((b = 1) and (c = 2 and d = 3))",
    ),
    "a table alias": ("select o.a from t o where o.b = 1", "select x.a from t as x where x.b = 1"),
    "no table alias": ("select o.a from t o where o.b = 1", "select a from t where b = 1"),
    "table aliases in a join": (
        "select l.a, r.b from t l join s r on l.k = r.k",
        "select t.a, s.b from t inner join s on t.k = s.k",
    ),
    "the name of a subquery": (
        "select x.n from (select a as n from t) x where x.n > 1",
        "select y.m from (select a as m from t) as y where m > 1",
    ),
    "the name of a with query": (
        "with x as (select sum(a) as n, b from t group by b) select n from x where b = 1",
        "with y as (select sum(a) as m, b from t group by b) select y.m from y where y.b = 1",
    ),
    "a with query with column names": (
        "with x (n) as (select a from t) select n from x",
        "with x (m) as (select a from t) select m from x",
    ),
    "an output name": ("select sum(a) as total from t", "select sum(a) revenue from t"),
    "an output name that is referred to": (
        "select upper(a) as x, sum(b) as y from t group by x order by y desc",
        "select upper(a) as v, sum(b) as w from t group by v order by w desc",
    ),
    "an output name in qualify": (
        "select a, row_number() over (order by b) as x from t qualify x = 1",
        "select a, row_number() over (order by b) as y from t qualify y = 2",
    ),
    "a star that hands names on": (
        "select n from (select * from (select a as n from t) x) y",
        "select m from (select * from (select a as m from t) v) w",
    ),
    "an alias in a correlated subquery": (
        "select a from t where exists (select 1 from s i where i.k = t.k)",
        "select a from t o where exists (select 1 from s where s.k = o.k)",
    ),
    "an alias in an update": (
        "update t set a = 1 from s where t.k = s.k",
        "update t set a = 1 from s x where t.k = x.k",
    ),
    "an alias of nested data": (
        "select o.id from c, c.orders o where o.n > 1",
        "select x.id from c y, y.orders x where x.n > 2",
    ),
    "top and limit": ("select top 5 a from t", "select a from t limit 10"),
    "outer and as": (
        "select x.a from t x left outer join s on x.k = s.k",
        "select x.a from t as x left join s as y on x.k = y.k",
    ),
    "ascending said": ("select a from t order by a", "select a from t order by a asc"),
    "a day in a table's name": ("select a from t_20210301_x", "select a from t_20210302_x"),
    "an explained query": ("explain select x.a from t x", "EXPLAIN select y.a from t y"),
    "a cursor's name": (
        'declare "SQL_CUR1" cursor with hold for select a from t where b = 1',
        'declare "SQL_CUR04ED" cursor with hold for select a from t where b = 2',
    ),
    "an unload of the same": (
        "unload ('select a from t where b = ''x''') to 's3://a' iam_role 'b'",
        "unload ('select q.a from t q where q.b = ''y''') to 's3://c' iam_role 'd'",
    ),
    "a text that does not parse": ("vacuum t to 5 percent", "VACUUM t TO 99 percent -- x"),
}

DIFFERENT = """
select a from t
select distinct a from t
select b from t
select a, b from t
select b, a from t
select a from s
select a from x.t
select a from y.t
select * from t
select count(*) from t
select a from t limit 1
select a from t limit 1 offset 1
select a from t order by a
select a from t order by a desc
select a from t order by b
select a from t group by a
select a from t group by a having count(*) > 1
select a from t where a = 1
select a from t where a <> 1
select a from t where a > 1
select a from t where a >= 1
select a from t where b = 1
select a from t where a = b
select a from t where a is null
select a from t where a is not null
select a from t where a is true
select a from t where a is false
select a from t where a like 'x'
select a from t where a not like 'x'
select a from t where a ilike 'x'
select a from t where a between 1 and 2
select a from t where a = 1 and b = 1
select a from t where a = 1 or b = 1
select a from t where a in (select b from s)
select a from t where a in (select c from s)
select a from t where exists (select 1 from s where s.a = t.a)
select a from t where not exists (select 1 from s where s.a = t.a)
select a from t where exists (select 1 from s where s.a = t.b)
select t.a from t join s on t.x = s.x
select s.a from t join s on t.x = s.x
select t.a from t join s on t.x = s.y
select t.a from t join s using (x)
select t.a from t left join s on t.x = s.x
select t.a from t right join s on t.x = s.x
select t.a from t full join s on t.x = s.x
select t.a from t cross join s
select t.a from t natural join s
select t.a from t, s where t.x = s.x
select l.a from t l join t r on l.x = r.y
select r.a from t l join t r on l.x = r.y
select sum(a) from t
select max(a) from t
select sum(distinct a) from t
select a::int from t
select a::bigint from t
select sum(a) over (partition by b) from t
select sum(a) over (order by b) from t
select substring(a, 1) from t
select substring(a, 1, 2) from t
select a from t union select a from s
select a from t union all select a from s
select a from t except select a from s
select x.a from (select a, b from t) x
select x.b from (select a, b from t) x
select upper(name) as name from t where name = 1
select upper(x) as x from t where x = 1
select upper(a) as b, lower(b) from t
select upper(a) as c, lower(c) from t
create table q as select a as b from t
create table q as select a as c from t
create table p as select a as b from t
insert into q select a from t
insert into q (z) select a from t
delete from t
delete from t where a = 1
truncate t
update t set a = 1
update t set b = 1
vacuum t
vacuum s
analyze t
explain select a from t
unload ('select a from t') to 's3://x'
unload ('select a from s') to 's3://x'
copy t from 's3://x' csv
copy s from 's3://x' csv
""".strip().splitlines()


@pytest.mark.parametrize(("left", "right"), SAME.values(), ids=SAME.keys())
def test_differences_that_do_not_matter(left: str, right: str) -> None:
    assert fingerprint_of(left) == fingerprint_of(right)


def test_statements_that_differ_in_what_they_do_are_patterns_of_their_own() -> None:
    by_hash: dict[str, list[str]] = {}
    for text in DIFFERENT:
        by_hash.setdefault(fingerprint_of(text).query_hash, []).append(text)

    assert [texts for texts in by_hash.values() if len(texts) > 1] == []


def test_a_hash_names_its_version() -> None:
    query_hash = fingerprint_of("select 1").query_hash

    assert query_hash.startswith("f1-")
    assert len(query_hash) == len("f1-") + 24


@given(any_texts)
def test_any_text_has_a_fingerprint_and_memory_does_not_change_it(text: str) -> None:
    fingerprinter = Fingerprinter(cached_texts=4)

    answers = [fingerprinter.of(text), fingerprinter.of(text), fingerprint_of(text)]

    assert len(set(answers)) == 1


@given(st.sampled_from(statements()), st.integers(0, 2**32))
def test_other_values_are_the_same_pattern(statement: str, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311

    assert fingerprint_of(filled(statement, chance)) == fingerprint_of(filled(statement, chance))


@given(corpus_texts)
def test_scrubbing_does_not_change_the_pattern(text: str) -> None:
    scrubbed = scrub(text).text

    assert scrubbed is not None
    assert fingerprint_of(scrubbed) == fingerprint_of(text)
    assert scrub(scrubbed).text == scrubbed


@given(corpus_texts)
def test_another_layout_is_the_same_pattern(text: str) -> None:
    before = fingerprint_of(text)
    if before.method is FingerprintMethod.TOKENS or before != fingerprint_of(_as_printed(text)):
        return  # sqlglot cannot print every statement that it reads

    assert fingerprint_of(_as_printed(text, pretty=True)) == before


def _as_printed(text: str, *, pretty: bool = False) -> str:
    dialect = Redshift()
    return ";".join(dialect.generate(tree, pretty=pretty) for tree in dialect.parse(text) if tree)


@pytest.mark.parametrize(
    "text",
    [
        "select " + "(" * 5_000 + "1" + ")" * 5_000,
        "select * from " + "(select * from " * 20_000 + "t" + ")" * 20_000,
        "select " + "not " * 5_000 + "a",
        "select " + "date(" * 40 + "a" + ")" * 40,
        "select " + "array[" * 40 + "1" + "]" * 40,
        "select " + "case when " * 2_000 + "a" + " then 1 end" * 2_000,
        "select 1" + " union all select 1" * 5_000,
        "select a" + "||b" * 20_000,
    ],
    ids=["brackets", "subqueries", "not", "types", "arrays", "case", "unions", "operators"],
)
def test_deep_texts_are_told_apart_by_their_tokens(text: str) -> None:
    assert fingerprint_of(text).method is FingerprintMethod.TOKENS


def test_a_long_chain_of_conditions_is_parsed() -> None:
    text = "select a from t where " + " or ".join(f"b = {n}" for n in range(2_000))  # noqa: S608

    assert fingerprint_of(text).method is FingerprintMethod.PARSED


def test_a_list_may_be_long() -> None:
    numbers = ", ".join(map(str, range(200_000)))

    assert fingerprint_of(f"select a from t where b in ({numbers})") == fingerprint_of(  # noqa: S608
        "select a from t where b in (1)"
    )


@pytest.mark.parametrize("text", ["select a from t where b = 'x", 'select "a', "select a /* b"])
def test_a_cut_text_is_not_taken_for_a_whole_one(text: str) -> None:
    assert fingerprint_of(text).method is FingerprintMethod.TOKENS


def test_a_statement_that_the_parser_does_not_know_leaves_no_line_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        fingerprint_of("vacuum secret_table")
        fingerprint_of("alter table secret_table append from other")

    assert caplog.records == []


def test_the_log_of_others_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    fingerprint_of("vacuum t")

    logging.getLogger("sqlglot").warning("of someone else")

    assert [record.getMessage() for record in caplog.records] == ["of someone else"]


def test_threads_share_one_memory() -> None:
    fingerprinter = Fingerprinter(cached_texts=16)
    answers: list[set[str]] = []

    def work() -> None:
        texts = [f"select a from t{n % 40}" for n in range(400)]  # noqa: S608
        answers.append({fingerprinter.of(text).query_hash for text in texts})

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 4
    assert len(set.union(*answers)) == 40


def test_memory_is_bounded_and_keeps_what_is_used() -> None:
    memory: RecentlyUsed[int] = RecentlyUsed(10)

    for number in range(100):
        memory.put(str(number).encode(), number)
        memory.get(b"0")

    assert memory.get(b"0") == 0
    assert memory.get(b"50") is None
    assert len(memory) <= 10
