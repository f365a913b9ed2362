"""Personal values and secrets that are put into statements and messages never come out again."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.sql.scrub import mask_text, scrub
from backend.sql.secret_values import SECRET_WORDS
from tests.secret_placements import MORE_PLACEMENTS, PLACEMENTS, Placement, cuts, left_of
from tests.unit.sql.personal_values import passwords, recognised
from tests.unit.sql.texts import any_texts

ALL_PLACEMENTS = {**PLACEMENTS, **MORE_PLACEMENTS}
HIDING = [
    *("string", "line comment", "block comment", "dollar quote", "cut string", "set", "unload"),
    *("escape string", "list", "pattern", "rows", "call", "procedure", "remark", "credentials"),
    *("unload in dollars", "explain", "cursor", "bare set", "user's setting"),
]
"""Where a value is none of the statement's names, so that it need not be recognised."""

placements = st.sampled_from(sorted(ALL_PLACEMENTS)).map(ALL_PLACEMENTS.__getitem__)
hiding_placements = st.sampled_from(HIDING).map(ALL_PLACEMENTS.__getitem__)


def leak_of(value: str, placement: Placement, length: int | None = None) -> str | None:
    carrier = scrub(placement.of("x")).text or ""
    return left_of(value, scrub(placement.of(value)[:length]).text, carrier=carrier)


@given(recognised, placements)
def test_a_personal_value_is_gone_wherever_it_stands(value: str, placement: Placement) -> None:
    assert leak_of(value, placement) is None


@given(recognised, placements, st.data())
def test_a_personal_value_is_gone_wherever_the_text_is_cut(
    value: str, placement: Placement, data: st.DataObject
) -> None:
    length = data.draw(st.integers(0, len(placement.of(value))))

    assert leak_of(value, placement, length) is None


@given(passwords, hiding_placements, st.data())
def test_a_password_is_gone_wherever_values_stand(
    password: str, placement: Placement, data: st.DataObject
) -> None:
    length = data.draw(st.integers(0, len(placement.of(password))) | st.none())

    assert leak_of(password, placement, length) is None


@pytest.mark.parametrize("name", sorted(ALL_PLACEMENTS))
def test_no_cut_of_a_statement_shows_a_card_or_an_address(name: str) -> None:
    for value in ("4929-1234-1234-1232", "zoe.quill@post.example", "2001:db8::8a2e:370:7334"):
        placement = ALL_PLACEMENTS[name]
        carrier = scrub(placement.of("x")).text or ""

        left = [
            cut
            for cut in cuts(placement.of(value))
            if left_of(value, scrub(cut).text, carrier=carrier)
        ]

        assert left == []


@given(
    passwords,
    st.sampled_from(
        [
            "create user u password {}",
            "create user u with encrypted password {} valid until 'x'",
            "alter user u password {};",
            "create user u identified by {}",
            "copy t from 's3://b' iam_role {} csv",
            "copy t from 's3://b' access_key_id {} secret_access_key {} session_token {}",
            "copy t from 's3://b' credentials {}",
            "create external schema s from postgres database 'd' secret_arn {}",
        ]
    ),
)
@example("Secr3t/w@rd+x!", "create user u password {}")
def test_a_secret_without_quotes_is_masked_to_its_end(password: str, statement: str) -> None:
    masked = scrub(statement.replace("{}", password)).text or ""

    assert left_of(password, masked) is None


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("alter user u password $ecretWord9", "alter user u password ?"),
        ("alter user u password P@ss-w0rd!/x valid until 'x'",
         "alter user u password ? valid until ?"),
        ('create user u password "Secr3tWord"', 'create user u password "masked"'),
        ("create user u password /* who */ Secr3tWord", "create user u password   ?"),
        ("create user u password md5abc0123", "create user u password ?"),
        ("copy t from 's3://b' iam_role arn:aws:iam::123456789012:role/Quill csv",
         "copy t from ? iam_role ? csv"),
        ("copy t from 's3://b' iam_role default csv", "copy t from ? iam_role default csv"),
        ("create model m from t target y function f settings (s3_bucket 'quill', kms_key_id a-b-c)",
         "create model m from t target y function f settings (s3_bucket ?, kms_key_id ?)"),
        ("set query_group to quill feather report", "set query_group to ?"),
        ("set query_group quill", "set query_group ?"),
        ("set session my.label = Quill Feather; select a", "set session my.label = ?; select a"),
        ("set query_group to quill, feather", "set query_group to ?, ?"),
        ("set search_path to quill, public", "set search_path to ?, public"),
        ("set statement_timeout to -1", "set statement_timeout to -?"),
        ("set transaction read only", "set transaction read only"),
        ("alter user u set query_group to quill", "alter user u set query_group to ?"),
        ("update t set a = quill where b = 1", "update t set a = quill where b = ?"),
        ("insert into t values (Quill, Feather), (null, default)",
         "insert into t values (?, ?)"),
        ("insert into t values ((select max(a) from u), quill, f(c, d), g(e))",
         "insert into t values ((select max(a) from u), ?, f(c, d), g(e))"),
        ('insert into t values ("Quill", 5)', 'insert into t values ("masked", ?)'),
        ("merge into t using s on t.a = s.a when not matched then insert values (a, s.b)",
         "merge into t using s on t.a = s.a when not matched then insert values (a, s.b)"),
        ("insert into t values (current_date, getdate(), sysdate, 1::int, cast(2 as numeric))",
         "insert into t values (current_date, getdate(), sysdate, ?::int, cast(? as numeric))"),
        ('a like "%quill%"', 'a like "masked"'),
        ('a like "pattern"', 'a like "pattern"'),
        ('grant select on t to "zoe@mail.example"', 'grant select on t to "masked"'),
        ('fetch 5 from "zoe@mail.example"', 'fetch ? from "masked"'),
        ("select a as card_4111111111111111, b as c36169412374127 from t",
         "select a as card_0, b as masked from t"),
        ("select a as GB29NWBK60161331926819 from t", "select a as masked from t"),
        ('select a as "arn:aws:iam::123456789012:role/q", b as "s3://quill/x" from t',
         'select a as "masked", b as "masked" from t'),
        ('unload ("select a from t where b = \'Quill\'") to \'s3://b\'',
         'unload ("masked") to ?'),
        (r"unload ('select a from t where b = \'Quill\'') to 's3://b'",
         "unload ('select a from t where b = ?') to ?"),
        ("select $q$Quill $$ it's$q$ from t", "select ? from t"),
        ("select N'Quill', U&'\\0051uill' uescape '!', X'ff01' from t",
         "select ?, ? uescape ?, ? from t"),
        ("select 0x51756c6c, 1_000_000, 12ab34, ٤١١١ from t", "select ?, ?, ?, ? from t"),
        ("select a->'Quill', json_extract_path_text(a, 'Quill') from t",
         "select a->?, json_extract_path_text(a, ?) from t"),
        ("select date'2020-01-01', 'a'as b, interval'1 day'", "select date ?, ?as b, interval ?"),
        ("select a -- Quill\rfrom t", "select a  \rfrom t"),
        ("select 'Quill' from t /* Feather /* x */ Quill", "select ? from t"),
    ],
)  # fmt: skip
def test_text_leaks_in_no_other_way_either(text: str, masked: str) -> None:
    assert scrub(text).text == masked
    assert scrub(masked).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "insert into t values ('O'Neil', 'Zoe Quill', 5)",
        "insert into t values (1, Quill's house, 'x')",
        "insert into t values (Zoe Quill, 12)",
        "uill' and b = 'Feather",
        "Quill Feather' and b = 'x'",
        "Feather', 'x', 'y' from t",
        "select q'[Quill]' from t",
        "select 1$$Quill$$ from t",
        'select 5" wide, \'Quill\' from t where x = "y"',
        'select 5 " wide, \'Quill\' from t where x = "y"',
        "Quill */ select 1",
        "where name = ‘Quill’",
        "where name = “Quill”",
        "where name = ＇Quill＇",
        "select $🌊$ Quill $🌊$ from t",
        "select a from t where b = \x00Quill\x00",
        "copy t from s3://quill/key iam_role default",
        "select arn:aws:iam::123456789012:role/Quill",
        "grant select on t to quill@mail.example",
        "select quill@mail",
        "select AKIAQZJVXKQZJVXKQZJV from t",
        "select eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJxdWlsbCJ9.x from t",
        r"select a from t where b like '%\' and c = 'Quill",
        r"select a from t where b like '%\' and c like '% Quill %' and d = 5",
        r"select a from t where b = '\' and c = ' Quill",
    ],
)
def test_a_text_that_may_show_a_literal_is_withheld(text: str) -> None:
    answer = scrub(text)

    assert answer.text is None
    assert answer.withheld_reason
    assert "uill" not in answer.withheld_reason


@given(st.text(max_size=30), st.text(max_size=30), st.text("qzjvxk' ", min_size=4, max_size=12))
def test_a_string_written_as_redshift_wants_it_is_never_shown(
    before: str, behind: str, value: str
) -> None:
    """Whatever stands around it, unless that opens or ends a string of its own."""
    if set(before + behind) & set("'\"$\\/-*"):
        return
    string = value.replace("'", "''")
    masked = scrub(f"{before} = '{string}' and {behind}").text or ""

    assert left_of(value.strip(), masked, carrier=before + behind) is None


@given(any_texts)
def test_scrubbing_twice_changes_nothing(text: str) -> None:
    once = scrub(text).text
    # What stands behind these is masked whatever it is, also what is left of a value.
    may_hold_secrets = any(word in text.lower() for word in SECRET_WORDS)

    if once is not None and not may_hold_secrets:
        assert scrub(once).text in (once, None)


MESSAGES = [
    'invalid input syntax for integer: "VALUE"',
    "invalid input syntax for integer: 'VALUE'",
    'syntax error at or near "VALUE"',
    "Filter: ((a)::text = 'VALUE'::text)",
    "Filter: ((a)::text = 'VALUE",
    "Key (a, b)=(VALUE) already exists.",
    "Failing row contains (1, VALUE, null).",
    "Raw line: 1,VALUE,2",
    "password = VALUE",
    "iam_role VALUE",
    "api_key: VALUE, x",
    "the value was “VALUE”",
]


@given(recognised, st.sampled_from([*MESSAGES, "load for VALUE from there", "VALUE", "-- VALUE\n"]))
def test_a_personal_value_is_gone_from_every_message(value: str, message: str) -> None:
    assert left_of(value, mask_text(message.replace("VALUE", value)), carrier=message) is None


@given(passwords, st.sampled_from(MESSAGES))
def test_a_secret_where_a_message_has_values_is_gone(password: str, message: str) -> None:
    assert left_of(password, mask_text(message.replace("VALUE", password)), carrier=message) is None


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Key (email)=(Zoe (Quill)) already exists.", "Key (email)=(?)"),
        ("Failing row contains (1, Zoe Quill, null).", "Failing row contains ?"),
        ("raw_field_value: Quill, Zoe", "raw_field_value: ?"),
        ('syntax error at or near "select"', 'syntax error at or near "select"'),
        ("I'm sure the user's table isn't 'Quill'", "I’m sure the user’s table isn’t ?"),
        ("O'Neil is 'Quill'", "O’Neil is ?"),
        ("the users' table 'Quill'", "?"),
        ("Quill' is not valid", "?"),
        (r"(a ~~ '%\'::text) AND (b = 'Quill'::text)", "?"),
        ("Table `sales` not found at `zoe quill`", "Table `sales` not found at ?"),
        ("zo\u200be@mail.example", "?"),
        ("User arn:aws:iam::123456789012:user/zoe may not assume it", "User ? may not assume it"),
        ("Problem reading s3://bucket/zoe/key?X-Amz-Signature=abc", "Problem reading ?"),
        ("copy t credentials 'aws_iam_role=arn:aws:iam::1:role/x' csv", "copy t credentials ? csv"),
        ("authorization: Bearer abc.def-ghi", "authorization: Bearer ?"),
        ("pwd=Quill;x", "pwd=?;x"),
        ("token expired", "token expired"),
        ("((a.value = b.value) AND (token::text = x.secret))",
         "((a.value = b.value) AND (token::text = x.secret))"),
        ("value too long for type character varying(5)",
         "value too long for type character varying(?)"),
        ("from fe80::1%eth0 and 2001:db8::/32", "from ? and ?"),
    ],
)  # fmt: skip
def test_messages_leak_in_no_other_way_either(text: str, masked: str) -> None:
    assert mask_text(text) == masked
