"""No literal gets out, whatever the text."""

import random
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.sql.fingerprint import fingerprint_of
from backend.sql.scrub import mask_text, scrub
from backend.sql.secret_values import SECRET_WORDS
from tests.bench.corpus import filled, statements
from tests.unit.sql.texts import any_texts, noise

SECRETS = ("Zoe.Quill@mail.example", "4929123412341234", "Quillfeather", "1987-03-14")


def scrubbed(text: str) -> str:
    masked = scrub(text).text
    assert masked is not None
    return masked


def test_structure_and_lines_stay_while_literals_and_comments_go() -> None:
    text = (
        "SELECT a, -- who\n  'x' AS b\nFROM t /* why */\nWHERE c >= 1.5e3 AND d LIKE 'Al%'\nLIMIT 5"
    )

    assert scrubbed(text) == "SELECT a,\n  ? AS b\nFROM t\nWHERE c >= ? AND d LIKE '?%'\nLIMIT ?"


def test_digits_in_names_stay() -> None:
    assert scrubbed("select c1 from t_20210301 x2") == "select c1 from t_20210301 x2"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("a in (1, 2)", "a in (?, ?)"),
        ("a in (1, 2, 3, 4, 5)", "a in (?, ?, ?)"),
        ("a IN ('x',\n'y',\n'z',\n'w')", "a IN (?, ?, ?)"),
        ("insert into t values (1, 'a'), (2, null), (3, 'c')", "insert into t values (?, ?)"),
    ],
)
def test_long_lists_are_shortened(text: str, masked: str) -> None:
    assert scrubbed(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("create user u password Secr3tWord", "create user u password ?"),
        ("alter user u password 'Secr3tWord' valid until '2030-01-01'",
         "alter user u password ? valid until ?"),
        ("alter user u password disable", "alter user u password disable"),
        ("copy t from 's3://b/k' access_key_id 'AKIA' secret_access_key 'x' csv",
         "copy t from ? access_key_id ? secret_access_key ? csv"),
        ("copy t from 's3://b/k' credentials as 'aws_access_key_id=AKIA' csv",
         "copy t from ? credentials as ? csv"),
        ("set query_group to quillfeather", "set query_group to ?"),
        ("set query_group = 'quillfeather'", "set query_group = ?"),
        ("select 1; set x to quillfeather; select a", "select ?; set x to ?; select a"),
        ("create procedure p() as $$ select 'quill' $$ language plpgsql",
         "create procedure p() as ? language plpgsql"),
        (r"select E'it\'s', E'he\'s' from t", "select ?, ? from t"),
        (r"select 'it\'s' from t", "select ? from t"),
    ],
)  # fmt: skip
def test_values_in_unusual_places_are_masked(text: str, masked: str) -> None:
    assert scrubbed(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("a like '%quill'", "a like '%?'"),
        ("a ILIKE '%quill%'", "a ILIKE '%?%'"),
        ("a not like 'quill%'", "a not like '?%'"),
        ("a like '%'", "a like '%?%'"),
        ("a like 'quill'", "a like ?"),
        ("a like '_quill'", "a like ?"),
        (r"a like 'quill\%'", "a like ?"),
        (r"a like 'quill\\%'", "a like '?%'"),
        ("a like E'%quill'", "a like '%?'"),
        ("a like ('%quill')", "a like ('%?')"),
        ("a like /* who */ '%quill'", "a like   '%?'"),
        ("a like '%' || 'quill' || '%'", "a like '%?%' || ? || ?"),
        ("a like '%quill%' escape '^' and b = '%quill'", "a like '%?%' escape ? and b = ?"),
        ("a ~~ '%quill'::text", "a ~~ '%?'::text"),
        ("a like $1 and b = '%quill'", "a like ? and b = ?"),
        ("a like $$%quill$$", "a like ?"),
        ("a similar to '%quill'", "a similar to ?"),
        ("a like '%quill", "a like ?"),
    ],
)
def test_of_a_like_pattern_the_wildcards_at_its_ends_are_kept(text: str, masked: str) -> None:
    assert scrubbed(text) == masked
    assert scrubbed(masked) == masked


@given(noise, st.sampled_from(["%{}", "{}%", "%{}%", "%%{}_%", "{}\\%"]))
def test_a_like_pattern_leaks_nothing_whatever_stands_before_it(before: str, pattern: str) -> None:
    masked = scrub(f"{before} like '{pattern.format('Quillfeather')}'").text or ""

    # The noise may end a comment or open a string before it; then it is a name by the text.
    if not set("'$\"") & set(before) and "/*" not in before and "--" not in before:
        assert "Quill" not in masked


def test_the_shape_of_a_pattern_does_not_tell_patterns_apart() -> None:
    patterns = ["'Al%'", "'%Al'", "'Al'", "'%?'", "?"]

    texts = [" ".join(("select b from t where a like", pattern)) for pattern in patterns]

    assert len({fingerprint_of(text) for text in texts}) == 1


def test_the_query_of_an_unload_is_scrubbed_and_kept() -> None:
    text = "UNLOAD ('select a from t where b = ''Quill''') TO 's3://x' IAM_ROLE 'arn:aws:iam::1:x'"

    assert scrubbed(text) == "UNLOAD ('select a from t where b = ?') TO ? IAM_ROLE ?"


def test_within_the_string_of_an_unload_a_pattern_keeps_no_shape() -> None:
    text = "UNLOAD ('select a from t where b like ''%Quill''') TO 's3://x'"

    assert scrubbed(text) == "UNLOAD ('select a from t where b like ?') TO ?"


def test_names_in_quotes_that_look_like_a_person_are_masked() -> None:
    text = 'select a as "zoe@mail.example", b as "+41 44 668 18 00", c as "net price" from t'

    assert scrubbed(text) == 'select a as "masked", b as "masked", c as "net price" from t'


@pytest.mark.parametrize(
    "text",
    [
        r"select a from t where b like '%x%' escape '\' and c = 'Quill'",
        "select zoe@mail.example from t",
    ],
    ids=["two readings of a backslash", "an address outside quotes"],
)
def test_a_doubtful_text_is_withheld_with_a_reason(text: str) -> None:
    withheld = scrub(text)

    assert withheld.text is None
    assert withheld.withheld_reason
    assert "Quill" not in withheld.withheld_reason


def test_a_literal_that_is_also_a_name_is_no_doubt() -> None:
    assert scrubbed("select status from t where kind = 'status'") == (
        "select status from t where kind = ?"
    )


@pytest.mark.parametrize("text", ["a = 'Quillfe", "a = $$Quillfe", 'a = "Quillfe', "a /* Quillfe"])
def test_a_cut_string_is_masked_to_its_end(text: str) -> None:
    assert "Quill" not in scrubbed(text)


@given(st.sampled_from(statements()), st.data())
def test_no_prefix_of_a_statement_leaks_a_literal(statement: str, data: st.DataObject) -> None:
    secret = data.draw(st.sampled_from(SECRETS))
    text = re.sub(r"\{[wd]\}", secret, statement)
    text = re.sub(r"\{(n|m|ns|ws|rows)\}", "4929123412341234", text).replace("~", "")
    length = data.draw(st.integers(0, len(text)))

    masked = scrub(text[:length]).text or ""

    for value in SECRETS:
        for start in range(len(value) - 5):
            assert value[start : start + 6] not in masked


@given(any_texts)
@example("\x00'")
@example("''''''\\'")
def test_any_text_is_masked_or_withheld(text: str) -> None:
    answer = scrub(text)

    assert (answer.text is None) == (answer.withheld_reason is not None)


@given(noise, noise)
@example("unload (", "")
def test_a_string_leaks_nothing_whatever_stands_around_it(before: str, after: str) -> None:
    text = f"{before}'Quillfeather'{after}"

    masked = scrub(text).text or ""

    # The noise may end a comment or open a string before it; then it is a name by the text.
    if "'" not in before and "$" not in before and '"' not in before and "/*" not in before:
        assert "Quillfeather" not in masked


@given(any_texts)
def test_what_is_scrubbed_once_stays_as_it_is(text: str) -> None:
    once = scrub(text).text
    # What stands behind these is masked whatever it is, a keyword too.
    may_hold_secrets = any(word in text.lower() for word in SECRET_WORDS)

    if once is not None and not may_hold_secrets and fingerprint_of(text).method == "parsed":
        assert fingerprint_of(once) == fingerprint_of(text)


def test_scrubbing_a_large_text_takes_one_pass() -> None:
    rows = ", ".join(f"({n}, 'value {n}', null)" for n in range(20_000))

    assert scrubbed(f"insert into t values {rows}") == "insert into t values (?, ?, null)"  # noqa: S608
    assert scrub("select " + " " * 300_000 + "a").text is not None
    assert scrub("a" * 300_000 + " @ b").text is not None


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("((l_shipdate >= '1995-01-01'::date) AND (l_quantity < 24.00))",
         "((l_shipdate >= ?::date) AND (l_quantity < ?))"),
        ('("outer".c_custkey = "inner".o_custkey)', '("outer".c_custkey = "inner".o_custkey)'),
        ("sum((l1.l_extendedprice * (1::numeric - l1.l_discount)))",
         "sum((l1.l_extendedprice * (?::numeric - l1.l_discount)))"),
        ("Query (12345) cancelled on user's request", "Query (?) cancelled on user’s request"),
        ('invalid input syntax for integer: "Quill"', 'invalid input syntax for integer: "?"'),
        ('relation "sales_2020" does not exist', 'relation "sales_2020" does not exist'),
        ("Key (email)=(Zoe Quill) already exists", "Key (email)=(?) already exists"),
        ("password = Quill and more", "password = ? and more"),
        ("nightly load for zoe@mail.example from 10.1.2.3", "nightly load for ? from ?"),
        ("call +41 44 668 18 00 or 555-123-4567", "call ? or ?"),
        ("Invalid digit, Value 'Q', Pos 0", "Invalid digit, Value ?, Pos ?"),
        ("c = 'Quill", "c = ?"),
        ("-- c = 'Quill'", " c = ?"),
        ("Tables missing statistics: lineitem, orders",
         "Tables missing statistics: lineitem, orders"),
        ("tableau", "tableau"),
        ("", ""),
    ],
)  # fmt: skip
def test_plan_conditions_messages_and_labels_lose_their_values(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@given(any_texts)
def test_any_message_can_be_masked(text: str) -> None:
    assert isinstance(mask_text(text), str)


def test_filled_statements_of_the_corpus_are_never_withheld() -> None:
    chance = random.Random(7)  # noqa: S311
    texts = [filled(statement, chance) for statement in statements()]

    assert [text for text in texts if scrub(text).text is None] == []


def test_a_ruled_line_in_a_message_is_masked_as_far_as_its_end() -> None:
    message = "-" * 20_000 + " c = 'Quill'"

    assert mask_text(message) == " c = ?"
