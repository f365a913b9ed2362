import csv
import io
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.recommendation import (
    Recommendation,
    RecommendationFilter,
    TriagedRecommendation,
    TriageState,
)
from backend.services.export_recommendations import (
    COLUMNS,
    formula_safe,
    recommendations_csv,
    recommendations_jsonl,
)
from backend.services.records import recommendation_record
from backend.sql.outgoing_text import outgoing_value
from tests.builders import A_MOMENT, a_recommendation, a_rewrite
from tests.hostile import payloads

EVERYTHING = RecommendationFilter()


class Book:
    """The one question of the port that an export asks."""

    def __init__(self, *advice: Recommendation) -> None:
        self.advice = advice
        self.given_out = 0

    def each_recommendation(self, _wanted: RecommendationFilter) -> Iterator[TriagedRecommendation]:
        for recommendation in self.advice:
            self.given_out += 1
            yield TriagedRecommendation(
                recommendation=recommendation,
                state=TriageState.OPEN,
                raised_first=A_MOMENT,
                raised_last=A_MOMENT,
            )


def rows_of(lines: Iterator[str]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(lines), newline="")))


def test_a_cell_survives_commas_quotes_and_lines():
    text = 'Say "no", then\r\nwait; ｡ Größe'

    (row,) = rows_of(recommendations_csv(Book(a_recommendation(title=text)), EVERYTHING))

    assert row["title"] == text


def test_no_advice_gives_a_header_alone():
    lines = list(recommendations_csv(Book(), EVERYTHING))

    assert lines == [",".join(f'"{name}"' for name in COLUMNS) + "\r\n"]


def test_a_text_stands_in_quotes_and_a_figure_does_not():
    advice = a_recommendation(title="a;=1+1", claimed_saving_seconds=-1.5)

    _, line = recommendations_csv(Book(advice), EVERYTHING)

    assert ',"a;=1+1",' in line
    assert ",-1.5," in line


def test_numbers_stay_numbers_and_fact_ids_share_a_cell():
    advice = a_recommendation(claimed_saving_seconds=-1.5, fact_ids=("F1", "F12"))

    (row,) = rows_of(recommendations_csv(Book(advice), EVERYTHING))

    assert row["claimed_saving_seconds"] == "-1.5"
    assert row["fact_ids"] == "F1 F12"
    assert row["action_sql"] == ""
    assert row["is_still_raised"] == "true"


def test_a_rewrite_is_in_the_cells_of_its_row():
    advice = a_recommendation(rewrite=a_rewrite())

    (row,) = rows_of(recommendations_csv(Book(advice), EVERYTHING))

    assert row["rewrite_sql"] == a_rewrite().sql
    assert row["rewrite_preconditions"] == "The values are written alike (read in the statement)."
    assert row["changes_result"] == "false"


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\rx",
        "\nx",
        "\0x",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM(A1)",
        "  =1",
        "\u00a0=1",
        "\ufeff=1",
        "\u200b=1",
        "\x01=1",
        "﹦1+1",
        "﹣1",
        "\u2003\u3000=1",
        "\u202e=1",
        "\U000e0041=1",
        "\u3164=1",
        "'=1",
        "'quoted'",
    ],
    ids=ascii,
)
def test_text_that_a_spreadsheet_would_run_is_set_off(text: str):
    (row,) = rows_of(recommendations_csv(Book(a_recommendation(title=text)), EVERYTHING))

    assert row["title"] == f"'{text}"


@pytest.mark.parametrize(
    "text", ["", " ", "a = b", "SELECT -1", "  plain", "%1", "−5 %", "a;=1", "\u200b"]
)
def test_harmless_text_is_left_alone(text: str):
    assert formula_safe(text) == text


@given(st.text())
def test_setting_off_only_ever_adds_one_quote(text: str):
    assert formula_safe(text) in {text, f"'{text}"}


@given(st.text(st.sampled_from("'=+-@ \t\r\n\0\ufeff\u00a0;,\"x")))
def test_whoever_takes_one_leading_quote_off_has_the_same_text(text: str):
    assert formula_safe(text).removeprefix("'") == text


@pytest.mark.parametrize("text", tuple(payloads()), ids=lambda text: ascii(text)[:40])
def test_no_hostile_text_starts_a_formula_and_each_can_be_read_back(text: str):
    advice = a_recommendation(title=text, rationale=f" \u00a0{text}", action=f'"{text};')

    (row,) = rows_of(recommendations_csv(Book(advice), EVERYTHING))

    for name, was in (("title", text), ("rationale", f" \u00a0{text}"), ("action", f'"{text};')):
        assert row[name].removeprefix("'") == outgoing_value(was)
        assert row[name].lstrip(" \u00a0\ufeff\t\r\n")[:1] not in set("=+-@＝＋－＠")


def test_the_export_holds_one_recommendation_at_a_time():
    book = Book(a_recommendation(subject="a"), a_recommendation(subject="b"))
    lines = recommendations_csv(book, EVERYTHING)

    next(lines)
    next(lines)

    assert book.given_out == 1


def test_the_columns_are_those_of_the_record():
    triaged = next(Book(a_recommendation()).each_recommendation(EVERYTHING))

    assert tuple(recommendation_record(triaged)) == COLUMNS


def test_json_lines_are_the_records():
    lines = list(recommendations_jsonl(Book(a_recommendation(title="=1")), EVERYTHING))

    assert len(lines) == 1
    assert json.loads(lines[0])["title"] == "=1"
