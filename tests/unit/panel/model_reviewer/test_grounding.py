"""A sentence stands if the facts that it cites have its figures, and the case its names."""

import pytest

from backend.panel.model_reviewer.grounding import grounded, objection
from backend.panel.model_reviewer.known import KnownNames, all_facts, facts_cited, numbers_of
from backend.panel.outbound.case_lines import case_lines
from tests.model_fakes import a_told_case, its_findings, table_fact
from tests.unit.panel.cases import orders

CASE = a_told_case(tables=(orders(size_mb=30_720, statistics_off_percent=12.5),))
NAMES = KnownNames(CASE, tuple(case_lines(CASE, its_findings(CASE), [])), its_findings(CASE))
NUMBERS = numbers_of(facts_cited(CASE, ("F1", "F2", table_fact(CASE))), its_findings(CASE))


@pytest.mark.parametrize(
    "sentence",
    [
        "The table has 200 million rows.",
        "It holds 200,000,000 rows in 30 GB (30,720 MB).",
        "statistics_off_percent is 12.5 %, or about 13 %.",
        "All of the 1,000 s are execution: 16.7 min, 100 s a run.",
        "About 0.28 h over the window.",
        "Its 2 joins meet on 1 slice.",
        "1. Sort it. 2) Look again.",
        "Sort sales.orders by ordered_at, as `o.order_id` is no range.",
        "Use date_trunc on :date_1 only outside of WHERE, e.g. in the select list.",
        "See svv_table_info and DS_DIST_BOTH in F4.",
        "It is 25 % of all time.",
        "The columns are az64 and zstd.",
    ],
)
def test_stands(sentence):
    assert objection(sentence, NUMBERS, NAMES) is None


@pytest.mark.parametrize(
    "sentence",
    [
        "The table has 250 million rows.",
        "It saves 99 %.",
        "It takes 4,711 s.",
        "It is 17x faster.",
        "About 3.5 GB are moved.",
        "Since 2026-01-01 it is slower.",
        "Call 0800 123456.",
        "Drop sales.customers first.",
        "Sort by customer_key.",
        "Sort `orderz`.",
        'Ask "evil.example" about it.',
        "Set work_mem_limit higher.",
        "It is ٩٩ percent.",
    ],
)
def test_is_struck(sentence):
    assert objection(sentence, NUMBERS, NAMES) is not None


def test_only_the_sentence_that_does_not_stand_is_struck():
    result = grounded("It has 200 million rows. It saves 73 %. Sort it.", NUMBERS, NAMES)

    assert result.text == "It has 200 million rows. Sort it."
    assert [each.sentence for each in result.struck] == ["It saves 73 %."]
    assert result.struck[0].reason == "No fact that it cites has the figure 73 %."


def test_a_figure_of_a_fact_that_is_not_cited_does_not_count():
    of_table = numbers_of(facts_cited(CASE, (table_fact(CASE),)))

    assert objection("100 s a run.", of_table, NAMES) is not None
    assert objection("100 s a run.", numbers_of(all_facts(CASE)), NAMES) is None
