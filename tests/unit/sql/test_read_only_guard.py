"""One query that only reads passes, in many forms; nothing else does, and no text is quoted."""

import re
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.sql import read_only_guard
from backend.sql.allowed_functions import ALLOWED_FUNCTIONS
from backend.sql.read_only_guard import explain_script, guard
from backend.sql.read_only_rejection import Rejection
from tests.unit.sql.guard_bypasses import READS, bypasses, mutations

ALLOWED = [
    "select 1",
    "SELECT 1;",
    "select 1 ; ; ",
    "(select 1)",
    "select a from t union all select b from u order by 1 limit 10",
    "(select a from t) intersect (select b from u) except select 1",
    "with a as (select 1 as n), b(m) as (select n from a) select * from b",
    "with recursive up(n) as (select 1 union all select n + 1 from up where n < 9) select * from up",
    "select ';', '-- no', '/* no */', $$ ; drop table t; $$ from t",
    "select 'it''s', E'a\\nb', 'C:\\\\x' from t",
    'select "weird ""name""", "select" from "my schema"."my table"',
    "select /* why */ a -- because\nfrom t",
    "select größe, straße from läden",
    "select 'привет', '👩‍👩‍👧', '日本' from t",
    "select abort, comment, update_time, into_the_blue, for_sale from t",
    "select top 10 a, pg_catalog.lower(b) from t",
    'select LOWER (a), "upper"(b), count(distinct c), approximate count(distinct d) from t',
    "select listagg(a, ',') within group (order by a) over (partition by b) from t",
    "select sum(a) over (order by b rows between unbounded preceding and current row) from t",
    "select a from t qualify row_number() over (partition by b order by c) = 1",
    "select decode(a, 1, 'x', 'y'), nvl2(a, b, c), a::numeric(12, 2), cast(b as varchar(9)) from t",
    "select dateadd(day, -1, getdate()), date_trunc('month', sysdate), extract(year from d) from t",
    "select trim(both 'x' from a), substring(a from 1 for 2), position('x' in a) from t",
    "select c.orders[0].price, json_extract_path_text(j, 'a', 'b') from t c, c.orders o",
    "select a from t where b between 1 and 2 and c not in (1, 2) and d ilike '%x' escape '!'",
    "select case when exists (select 1 from u) then 1 else 0 end from t",
    "select * from t left join u using (id) cross join v natural join w",
    "select * from (values (1, 'a'), (2, 'b')) x(n, word)",
    "select a, grouping(a) from t group by grouping sets ((a), ()), rollup (b)",
    "select * from t pivot (sum(x) for y in ('a', 'b'))",
    "select d at time zone 'UTC', interval '1 month', date '2024-01-01', timestamp '2024-01-01' from t",
    "select st_distance(st_point(1, 2), p), sha2(a, 256), fnv_hash(b), is_array(s) from t",
    "select * from stl_query where userid > 1 and starttime > current_date - 7",
    "select generate_series(1, 10)",
    "select count(*) filter (where a > 1) from t order by 1 offset 2 rows fetch next 3 rows only",
]

REJECTED = [
    ("", Rejection.EMPTY),
    (" ;\n/* nothing */ -- at all", Rejection.EMPTY),
    ("select '" + "x" * 65_530 + "'", Rejection.TOO_LONG),
    ("select '" + "ä" * 32_764 + "'", Rejection.TOO_LONG),
    ("select 1\x00", Rejection.CONTROL_CHARACTERS),
    ("select 'a\x1b[31m'", Rejection.CONTROL_CHARACTERS),
    ("\ufeffselect 1", Rejection.CONTROL_CHARACTERS),
    ("select pg\u200b_sleep(1)", Rejection.CONTROL_CHARACTERS),
    ("select '\ud800'", Rejection.CONTROL_CHARACTERS),
    ("select 'abc", Rejection.CUT_OFF),
    ('select "abc', Rejection.CUT_OFF),
    ("select 1 /* abc", Rejection.CUT_OFF),
    ("select $a$ abc $b$", Rejection.CUT_OFF),
    ("select 1 /* a /* b */ c */", Rejection.NESTED_COMMENT),
    ("select 1 /* a /* b */", Rejection.NESTED_COMMENT),
    ("select '\\' , '' from t'", Rejection.BACKSLASH),
    ("select E'\\'' from t --'", Rejection.BACKSLASH),
    ("select U&'\\0061'", Rejection.UNICODE_ESCAPES),
    ('select U&"\\0070g_sleep"(1)', Rejection.UNICODE_ESCAPES),
    ("select a from t where b = ?", Rejection.PLACEHOLDER),
    ("select a from t where b = :text_1", Rejection.PLACEHOLDER),
    ("select a from t where b = $1", Rejection.PLACEHOLDER),
    ("explain select 1", Rejection.EXPLAIN),
    ("/* x */ EXPLAIN VERBOSE select 1", Rejection.EXPLAIN),
    ("select 1; select 2", Rejection.SEVERAL_STATEMENTS),
    ("; select 1", Rejection.SEVERAL_STATEMENTS),
    ("table t", Rejection.NOT_A_SELECT),
    ("values (1)", Rejection.NOT_A_SELECT),
    ("set search_path to public", Rejection.NOT_A_SELECT),
    ("vacuum", Rejection.NOT_A_SELECT),
    ("insert into t select 1", Rejection.NOT_A_SELECT),
    ("select * into u from t", Rejection.INTO),
    ("select 1 as a into #u", Rejection.INTO),
    ("with a as (select 1) update t set b = 1", Rejection.WRITES),
    ("with a as (delete from t returning b) select * from a", Rejection.WRITES),
    ("select * from t for update", Rejection.LOCKS),
    ("select * from t for no key update", Rejection.LOCKS),
    ("select pg_sleep(1)", Rejection.FUNCTION),
    ("select pg_/**/sleep(1)", Rejection.NOT_READ),
    ('select "PG_Sleep" (1)', Rejection.FUNCTION),
    ("select pg_catalog.pg_sleep(1)", Rejection.FUNCTION),
    ("with pg_sleep(a) as (select 1) select pg_sleep(1) from pg_sleep", Rejection.FUNCTION),
    ("select filter(a, b) from t", Rejection.FUNCTION),
    ("select public.lower(a) from t", Rejection.FOREIGN_FUNCTION),
    ("select dev.pg_catalog.lower(a) from t", Rejection.FOREIGN_FUNCTION),
    ("select " + "(" * 61 + "1" + ")" * 61, Rejection.TOO_DEEP),
    ("select " + "not " * 9_000 + "true", Rejection.TOO_DEEP),
    ("select 1 from t " + "join t " * 40, Rejection.TOO_DEEP),
    ("select " + "lower(a limit " * 30 + "1" + ")" * 30, Rejection.TOO_DEEP),
    ("select 1into t", Rejection.NOT_READ),
    ("select a from t where", Rejection.NOT_READ),
    ("select coalesce(a from t", Rejection.NOT_READ),
    ("select `a` from t", Rejection.NOT_READ),
    ("select \uff41 from t", Rejection.NOT_READ),
    ("select a\u00a0from t", Rejection.NOT_READ),
]


@pytest.mark.parametrize("text", [*ALLOWED, *READS])
def test_a_query_that_only_reads_passes(text: str):
    verdict = guard(text)

    assert verdict.is_allowed, verdict.reason
    assert verdict.rejection is None
    assert verdict.reason == ""


@pytest.mark.parametrize(
    ("text", "rejection"), REJECTED, ids=[ascii(text)[:60] for text, _ in REJECTED]
)
def test_what_does_not_only_read_is_rejected_with_its_reason(text: str, rejection: Rejection):
    verdict = guard(text)

    assert verdict.statement is None
    assert verdict.rejection is rejection


def test_no_bypass_gets_through():
    texts = bypasses()

    assert [text for text in texts if guard(text).is_allowed] == []
    assert len(texts) == len(set(texts)) >= 300


OWN_SYNTAX = {
    "cast": "select cast(a as int)",
    "try_cast": "select try_cast(a as int)",
    "convert": "select convert(int, a)",
    "overlay": "select overlay(a placing 'x' from 2)",
    "current_user_id": "select current_user_id",
}


@pytest.mark.parametrize("name", sorted(ALLOWED_FUNCTIONS))
def test_each_allowed_function_can_be_called(name: str):
    arguments = ("a", "a, b", "a, b, c", "day, 1, a", "")
    calls = [f"select {name}({each})" for each in arguments]

    verdicts = [guard(call) for call in (*calls, f"select a::{name}", OWN_SYNTAX.get(name, ""))]

    assert any(verdict.is_allowed for verdict in verdicts)
    # And never for its name, once a reader knows how many arguments it takes.
    assert Rejection.FUNCTION not in {verdict.rejection for verdict in verdicts}


DANGEROUS = """
pg_sleep pg_read_file pg_read_binary_file pg_ls_dir lo_import lo_export pg_terminate_backend
pg_cancel_backend reboot_cluster dblink dblink_exec set_config current_setting setseed nextval
setval currval lastval pg_advisory_lock pg_try_advisory_lock pg_notify explain_model
query_to_xml lo_create pg_reload_conf f_my_udf
"""


@pytest.mark.parametrize(
    "name",
    DANGEROUS.split(),
)
def test_a_function_that_does_more_than_read_is_named(name: str):
    verdict = guard(f"select {name}('x')")

    assert verdict.reason == (
        f"It calls {name}, which is not on the list of functions that only read."
    )


def test_a_name_that_is_no_plain_word_is_not_repeated():
    verdict = guard('select "anna.schmidt@example.com"(1)')

    assert verdict.rejection is Rejection.FUNCTION
    assert "anna" not in verdict.reason


def test_a_reason_quotes_nothing_of_the_statement():
    texts = [*(text for text, _ in REJECTED), *bypasses(), *mutations(seed=3, count=500)]
    known = {rejection.value for rejection in Rejection}

    for reason in (guard(text).reason for text in texts):
        assert (
            reason in known
            or reason == ""
            or re.fullmatch(
                r"It calls [a-z_0-9]+, which is not on the list of functions that only read\.",
                reason,
            )
        )


@given(st.text(alphabet=st.sampled_from("select 1();'\"-/*\\$a,\n\ufeff\x00"), max_size=60))
def test_any_text_gets_a_verdict(text: str):
    verdict = guard(text)

    assert verdict.is_allowed is (verdict.rejection is None)


@given(st.integers(0, 10_000))
def test_what_passes_passes_again_without_its_comments(seed: int):
    for text in mutations(seed, 5):
        statement = guard(text).statement
        if statement is not None:
            assert guard(statement).statement == statement
            assert ";" not in re.sub(r"'[^']*'", "", statement)


def test_a_fault_in_the_guard_rejects(monkeypatch: pytest.MonkeyPatch):
    def fail(_: object) -> None:
        raise ZeroDivisionError("select secret")

    monkeypatch.setattr(read_only_guard, "check_tree", fail)

    verdict = guard("select 1")

    assert verdict.rejection is Rejection.NOT_CHECKED
    assert "secret" not in verdict.reason


def test_something_that_is_no_text_is_rejected():
    assert guard(None).rejection is Rejection.NOT_CHECKED  # type: ignore[arg-type]


def test_the_script_explains_in_a_transaction_that_only_reads_and_is_rolled_back():
    script = explain_script(guard("select a -- why\nfrom t;"), timeout_seconds=30)

    assert list(asdict(script).values()) == [
        "SET statement_timeout TO 30000",
        "BEGIN READ ONLY",
        "EXPLAIN select a  \nfrom t",
        "ROLLBACK",
    ]


def test_no_script_is_made_for_a_rejected_statement():
    with pytest.raises(ValueError, match="rejected"):
        explain_script(guard("drop table t"), timeout_seconds=30)
