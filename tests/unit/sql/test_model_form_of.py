"""What a model may see of a statement, and how the literals come back on this machine."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.model_form import LiteralType, Placeholder
from backend.sql import literal_places, model_form_of
from backend.sql.fingerprint import fingerprint_of
from backend.sql.format_sql import format_sql
from backend.sql.like_shape import LIKE_SHAPES
from backend.sql.model_form_of import LiteralsOfText, read_literals
from backend.sql.scanner import TokenKind, scan
from backend.sql.scrub import scrub
from tests.bench.corpus import filled, statements
from tests.unit.sql.texts import any_texts, noise

TEXTS = [
    filled(statement, random.Random(number))  # noqa: S311
    for number, statement in enumerate(statements())
]


def literals(text: str) -> LiteralsOfText:
    found = read_literals(text)
    assert found is not None
    return found


def placeholder(text: str, name: str) -> Placeholder:
    return next(each for each in literals(text).form.placeholders if each.name == name)


def on_one_line(sql: str) -> str:
    return " ".join(sql.split())


def test_every_literal_has_a_typed_name() -> None:
    text = (
        "select a from t where b = 'Zoe Quill' and c > 12.5 and d = 7"
        " and e >= '2026-01-01' and f < timestamp '2026-01-02 10:30:00' and g like '%quill'"
    )

    assert on_one_line(literals(text).form.sql).removeprefix("SELECT a FROM t WHERE ") == (
        "b = :text_1 AND c > :decimal_1 AND d = :integer_1 AND e >= :date_1"
        " AND f < CAST(:timestamp_1 AS TIMESTAMP) AND g LIKE :pattern_1"
    )


def test_equal_literals_share_a_name_and_others_do_not() -> None:
    sql = literals("select a from t where b = 'x' and c = 'y' and d = 'x' and e = 1 and f = '1'")

    assert re.findall(r":\w+", sql.form.sql) == [":text_1", ":text_2", ":text_1", ":integer_1",
                                                 ":text_3"]  # fmt: skip


@pytest.mark.parametrize(
    ("literal", "length_class"),
    [
        ("'abcd'", "1-4 characters"),
        ("'abcde'", "5-16 characters"),
        ("'12345'", "5-16 characters, digits only"),
        ("'" + "x" * 300 + "'", "257 and more characters"),
        ("$$abcdef$$", "5-16 characters"),
    ],
)
def test_of_a_text_the_length_class_is_told(literal: str, length_class: str) -> None:
    told = placeholder(f"select a from t where b = {literal}", "text_1")  # noqa: S608

    assert told.length_class == length_class


def test_a_number_tells_how_many_digits_it_has() -> None:
    assert placeholder("select a from t where b = 48271", "integer_1").length_class == "4-6 digits"


def test_a_list_is_one_placeholder_with_its_size() -> None:
    text = "select a from t where b not in (1, -2, 3, 4, 5) and c in ('x', 'y')"
    found = literals(text)

    told = placeholder(text, "list_1")

    assert "b IN (:list_1)" in found.form.sql
    assert "c IN (:text_1, :text_2)" in on_one_line(found.form.sql)
    assert (told.size, told.positions, told.compared_with) == (5, (1, 2, 3), "b")
    assert told.length_class == "integer, 1-3 digits"
    assert found.by_name["list_1"] == "1, -2, 3, 4, 5"
    assert [found.by_position[number] for number in (1, 2, 3)] == ["1", "-2", "3, 4, 5"]


def test_further_rows_of_values_are_counted() -> None:
    told = placeholder("insert into t values (1, 'a'), (2, 'b'), (3, 'c')", "rows_1")

    assert (told.type, told.size) == (LiteralType.ROWS, 2)


@pytest.mark.parametrize(
    ("pattern", "shape"), [("'%quill'", "%?"), ("'quill%'", "?%"), ("'%q%'", "%?%"), ("'q'", "")]
)
def test_of_a_pattern_the_wildcards_at_its_ends_are_told(pattern: str, shape: str) -> None:
    told = placeholder(f"select a from t where b like {pattern}", "pattern_1")  # noqa: S608

    assert (told.like_shape, told.compared_with) == (shape, "b")


def test_how_far_two_dates_are_apart_is_told_but_not_the_dates() -> None:
    text = "select a from t where b between '2026-01-01' and '2026-01-31 12:00:00'"
    form = literals(text).form

    (distance,) = form.distances

    assert (distance.earlier, distance.later, distance.days) == ("date_1", "timestamp_1", 30.5)
    assert "2026" not in repr(form)


@pytest.mark.parametrize(
    ("text", "name", "column"),
    [
        ("select a from t where t.b = 5", "integer_1", "t.b"),
        ("select a from t where s.t.b <= 5", "integer_1", "s.t.b"),
        ("select a from t where b between 5 and 6", "integer_2", "b"),
        ("select a from t where b in (5, 6)", "integer_2", "b"),
        ("select a from t where b not like '%x'", "pattern_1", "b"),
        ("select a from t where b > date '2026-01-01'", "date_1", "b"),
        ("select a + 5 from t", "integer_1", ""),
        ("select f(b, 5) from t", "integer_1", ""),
        ("select a from t where c = d and 5 = 6", "integer_1", ""),
        ('select a from t where "zoe@mail.example" = 5', "integer_1", '"masked"'),
    ],
)
def test_the_column_beside_a_literal_is_told(text: str, name: str, column: str) -> None:
    assert placeholder(text, name).compared_with == column


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("select date_trunc('month', a) from t", "text_1", "month"),
        ("select a, count(*) from t group by 1", "integer_1", "1"),
        ("select a, b from t order by a desc, 2", "integer_1", "2"),
        ("select a::varchar(40) from t", "integer_1", "40"),
        ("select a::numeric(12, 2) from t", "integer_2", "2"),
        ("select a from t limit 100", "integer_1", "100"),
        ("select a from t limit 100000", "integer_1", ""),
        ("select a from t where age = 47", "integer_1", ""),
        ("select a from t where b = 'monthly'", "text_1", ""),
        ("select f(a, 47) from t order by a", "integer_1", ""),
    ],
)
def test_values_that_belong_to_the_structure_are_told(text: str, name: str, value: str) -> None:
    assert placeholder(text, name).structural == value


@pytest.mark.parametrize(
    "text",
    [
        "alter user u password 'Secr3tWord'",
        "create user u password Secr3tWord",
        "copy t from 's3://b/k' credentials 'aws_access_key_id=AKIAIOSFODNN7EXAMPLE'",
        "copy t from 's3://b/k' iam_role 'arn:aws:iam::123456789012:role/r'",
    ],
)
def test_nothing_is_told_of_a_secret_and_it_never_comes_back(text: str) -> None:
    found = literals(text)
    told = placeholder(text, "secret_1")

    assert (told.length_class, told.size, told.compared_with) == ("", 1, "")
    kept = repr((found.by_name, found.by_position, found.by_shape, found.form))
    assert not re.search("Secr3t|AKIA|arn:", kept)


def test_the_query_of_an_unload_is_named_with_what_is_around_it() -> None:
    found = literals(
        "unload ('select a from t where b = ''Quill''') to 's3://x/y' iam_role default"
    )

    assert on_one_line(found.form.sql) == (
        "unload (' SELECT a FROM t WHERE b = :text_1 ') to :text_2 iam_role default"
    )
    assert found.by_position == {1: "'Quill'", 2: "'s3://x/y'"}


def test_literals_that_formatting_moves_come_back_to_their_own_places() -> None:
    found = literals("select a from t where b = 3 offset 777 limit 55")
    formatted = format_sql(scrub("select a from t where b = 3 offset 777 limit 55").text or "")

    assert formatted.index("LIMIT") < formatted.index("OFFSET")
    assert found.by_position == {1: "3", 2: "55", 3: "777"}


def test_where_formatting_loses_a_place_the_text_stays_as_it_came() -> None:
    found = literals("select top 5 a from t where b = 'Quill'")

    assert found.form.sql == "select top :integer_1 a from t where b = :text_1"
    assert found.by_position == {}
    assert found.by_name == {"integer_1": "5", "text_1": "'Quill'"}


def test_a_withheld_text_has_no_model_form() -> None:
    assert read_literals("select zoe@mail.example from t") is None


@pytest.mark.parametrize("step", ["scrub", "read_segments", "format_sql", "order_of_places"])
def test_a_failing_step_leaves_no_model_form(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RecursionError

    monkeypatch.setattr(model_form_of, step, fail)

    assert read_literals("select a from t where b = 1 and c = 2") is None


def test_a_raw_text_that_does_not_fit_its_scrubbed_one_has_no_model_form(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(literal_places, "shortened", lambda masked: masked + " ")

    assert read_literals("select a from t where b = 1") is None


@pytest.mark.parametrize("text", TEXTS)
def test_the_names_stand_where_the_question_marks_are(text: str) -> None:
    scrubbed = scrub(text).text or ""
    form = literals(text).form

    unnamed = re.sub(r":list_\d+", "?, ?, ?", form.sql)
    unnamed = re.sub(r":[a-z]+_\d+", "?", unnamed)

    assert shape_less(unnamed) in {shape_less(scrubbed), shape_less(format_sql(scrubbed))}


@pytest.mark.parametrize("text", TEXTS)
def test_with_its_literals_back_a_statement_is_the_one_it_was(text: str) -> None:
    found = literals(text)
    scrubbed = format_sql(scrub(text).text or "")
    if not found.by_position or "unload" in text.lower():
        return

    restored = with_originals(scrubbed, found)

    assert fingerprint_of(restored) == fingerprint_of(text)
    again = literals(restored)
    assert again.by_position == found.by_position


@given(any_texts)
def test_any_text_has_a_model_form_or_none(text: str) -> None:
    found = read_literals(text)

    if scrub(text).text is None:
        assert found is None


@given(noise, noise)
def test_no_literal_gets_into_a_model_form_whatever_stands_around_it(
    before: str, after: str
) -> None:
    found = read_literals(f"{before}'Quillfeather'{after}")

    # The noise may end a comment or open a string before it; then it is a name by the text.
    if found and not set("'$\"") & set(before) and "/*" not in before and "--" not in before:
        assert "Quill" not in repr(found.form)


@given(st.sampled_from(TEXTS), st.data())
def test_no_cut_statement_leaks_into_its_model_form(text: str, data: st.DataObject) -> None:
    cut = text[: data.draw(st.integers(0, len(text)))]
    found = read_literals(cut)
    scrubbed = scrub(cut).text

    if found and scrubbed is not None:
        words = set(re.findall(r"[\w@.]{4,}", scrubbed.lower()))
        told = re.sub(r":[a-z]+_\d+", "", found.form.sql).lower()
        assert {word.strip(".") for word in re.findall(r"[\w@.]{4,}", told)} <= {
            word.strip(".")
            for word in words | set(re.findall(r"[\w@.]{4,}", format_sql(scrubbed).lower()))
        }


def shape_less(sql: str) -> str:
    for shape in LIKE_SHAPES:
        sql = sql.replace(shape, "?")
    return sql


def with_originals(scrubbed: str, found: LiteralsOfText) -> str:
    pieces = []
    position = 0
    for token in scan(scrubbed):
        piece = scrubbed[token.start : token.end]
        if token.kind is TokenKind.PLACEHOLDER:
            position += 1
            piece = found.by_position.get(position, "'secret'")
        pieces.append(found.by_shape.get(piece, piece))
    return "".join(pieces)
