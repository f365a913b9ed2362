"""A condition of a plan keeps columns and operators, and nothing of the values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.sql.plan_predicate import columns_in, predicate_shape, stable_name


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("((paid_on >= '2026-01-02'::date) AND (total > 99.50))", "paid_on >= ? and total > ?"),
        ("((shop = 3) OR (shop = 5))", "shop = ?"),
        ("(shop = ANY ('{3,5}'::integer[]))", "shop = ?"),
        ("(shop = ANY (ARRAY['a'::text, 'b'::text]))", "shop = ?"),
        ("((a <> 1) AND (a <> -2) AND (c <> ALL ('{1}'::integer[])))", "a <> ? and c <> ?"),
        ("((b = 1) AND ((a > 2) OR (c IS NULL)))", "(a > ? or c is null) and b = ?"),
        ("(((a = 1) AND (b > 2)) OR ((a = 3) AND (b > 4)))", "a = ? and b > ?"),
        ("(((a = 1) AND (b > 2)) AND (c = 1))", "a = ? and b > ? and c = ?"),
        ("((name)::text ~~ '%ann%'::text)", "name ~~ ?"),
        ("((amount)::numeric(18,2) > 5.0)", "amount > ?"),
        ("(amount > 5)", "amount > ?"),
        ("(paid_at < '2026-01-02 00:00:00'::timestamp without time zone)", "paid_at < ?"),
        ("((a - 5) > b)", "(a - ?) > b"),
        ("(date_trunc('month'::text, d) = -5)", "date_trunc(?, d) = ?"),
        ("(\"substring\"((phone)::text, 1, 2) = '13'::text)", "substring(phone, ?, ?) = ?"),
        ("(NOT (hashed SubPlan 1))", "not (hashed subplan ?)"),
        ("(CASE WHEN (a = 1) THEN 2 ELSE 3 END = 4)", "case when (a = ?) then ? else ? end = ?"),
        ('(("outer".a)::text = ("inner".b)::text)', "outer.a = inner.b"),
        ("(volt_tt_65f0.x = volt_tt_1.y)", "volt_tt.x = volt_tt.y"),
        ("sum(sold), date_trunc('month'::text, paid_on)", "sum(sold), date_trunc(?, paid_on)"),
        ("", ""),
        ("()", ""),
        (")(", ""),
    ],
)
def test_the_shape_of_a_condition(text: str, shape: str) -> None:
    assert predicate_shape(text).text == shape


def test_what_is_tested_is_told_one_by_one_in_the_order_of_print() -> None:
    shape = predicate_shape("((total > 5) AND ((shop = 1) OR (shop = 2) OR (name IS NULL)))")

    assert shape.parts == ("total > ?", "shop = ?", "name is null")


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ('(("outer".shop_id = "inner".id) AND ("outer".day > 5))', ("shop_id", "id", "day")),
        ("((lower((name)::text) = 'x'::text) AND (s.total IS NOT NULL))", ("name", "total")),
        ("sum(sold) DESC", ("sold",)),
        ("(NOT (hashed SubPlan 1))", ()),
    ],
)
def test_the_columns_that_a_condition_reads(text: str, columns: tuple[str, ...]) -> None:
    assert columns_in(text) == columns


WHOLE = "((shop = ANY ('{1,2,3}'::integer[])) AND (total > 5) AND (day = 7))"


@pytest.mark.parametrize("length", range(8, len(WHOLE)))
def test_a_condition_cut_anywhere_agrees_with_the_whole_one(length: int) -> None:
    cut, whole = predicate_shape(WHOLE[:length]), predicate_shape(WHOLE)

    assert cut.is_cut
    assert cut.agrees_with(whole)
    assert whole.agrees_with(cut)


def test_a_cut_condition_does_not_agree_with_one_that_tests_something_else_first() -> None:
    cut = predicate_shape("((region = 1) AND (total > 5) AND (da")

    assert not cut.agrees_with(predicate_shape(WHOLE))
    assert not predicate_shape(WHOLE).agrees_with(cut)


@pytest.mark.parametrize(
    ("name", "stable"),
    [
        ("volt_tt_65f0c9f3b1", "volt_tt"),
        ("Retail.Sale", "retail.sale"),
        ('"sale"', "sale"),
        ("stage_20260102", "stage_0"),
    ],
)
def test_a_name_without_what_is_made_anew_each_run(name: str, stable: str) -> None:
    assert stable_name(name) == stable


PIECES = st.sampled_from(
    ["(", ")", "[", "]", "AND", "OR", "any", "array", "::", ".", ",", "-", "'x'", "7", "a", '"b"',
     "case", "end", "not", "?", "date", "=", "'"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=40).map(" ".join)))
def test_any_text_has_a_shape(text: str) -> None:
    shape = predicate_shape(text)

    assert shape.agrees_with(shape)
    assert isinstance(columns_in(text), tuple)


@given(st.lists(st.sampled_from(["(a = 1)", "(b > 'x'::text)", "(c IS NULL)"]), min_size=1))
def test_neither_order_nor_repetition_of_tests_counts(tests: list[str]) -> None:
    def joined(parts: list[str]) -> str:
        return f"({' AND '.join(parts)})"

    assert predicate_shape(joined(tests)).text == predicate_shape(joined(sorted(tests) * 2)).text


def test_a_condition_of_thousands_of_brackets_does_not_overflow_the_stack() -> None:
    text = "(" * 5_000 + "a = 1" + ")" * 5_000

    assert predicate_shape(text).text == "a = ?"
